import { describe, expect, test } from 'vitest';
import { CERTIFICATE, featuresWith } from '../testing.ts';
import type { Destination, KReference } from './reference.ts';
import { defaultReferenceNamespace, validateDestination, validateReference } from './reference.ts';

const FEATURES = featuresWith({});
const GROUPS = featuresWith({ 'kreference-group': 'Enabled' });
const REF: KReference = { apiVersion: 'v1', kind: 'Service', name: 'orders' };

function destinationProblems(destination: Destination, features = FEATURES): string {
  return validateDestination(destination, { features }).toString();
}

describe('KReference', () => {
  test.each<[string, KReference, string]>([
    ['complete', REF, ''],
    ['with an address name', { ...REF, address: 'https' }, ''],
    ['nothing', { kind: '', name: '' }, 'missing field(s): apiVersion, kind, name'],
    ['no version', { kind: 'Service', name: 'a' }, 'missing field(s): apiVersion'],
    ['group without the feature', { ...REF, group: 'x' }, 'must not set the field(s): group'],
  ])('%s', (_title, reference, problems) => {
    expect(validateReference(reference, { features: FEATURES }).toString()).toBe(problems);
  });

  test.each<[string, KReference, string]>([
    [
      'group instead of a version',
      { kind: 'Broker', name: 'a', group: 'eventing.knative.dev' },
      '',
    ],
    ['neither', { kind: 'Broker', name: 'a' }, 'missing field(s): apiVersion, group'],
    [
      'both, of the same group',
      {
        kind: 'Broker',
        name: 'a',
        group: 'eventing.knative.dev',
        apiVersion: 'eventing.knative.dev/v1',
      },
      '',
    ],
    [
      'both, of different groups',
      {
        kind: 'Broker',
        name: 'a',
        group: 'messaging.knative.dev',
        apiVersion: 'eventing.knative.dev/v1',
      },
      'both apiVersion and group are specified and they refer to different API groups: apiVersion, group\nset one of them',
    ],
  ])('with kreference-group: %s', (_title, reference, problems) => {
    expect(validateReference(reference, { features: GROUPS }).toString()).toBe(problems);
  });

  test('may be kept in a namespace', () => {
    const rules = { features: FEATURES, onlyNamespace: 'a' };
    expect(validateReference({ ...REF, namespace: 'a' }, rules).isEmpty).toBe(true);
    expect(validateReference(REF, rules).isEmpty).toBe(true);
    expect(validateReference({ ...REF, namespace: 'b' }, rules).toString()).toBe(
      'mismatched namespaces: namespace\nparent namespace: "a" does not match ref: "b"',
    );
  });

  test('gets the namespace of its holder only where it has none', () => {
    const references = [{ ...REF }, { ...REF, namespace: '' }, { ...REF, namespace: 'other' }];
    for (const reference of references) defaultReferenceNamespace(reference, 'mine');
    expect(references.map(({ namespace }) => namespace)).toEqual(['mine', 'mine', 'other']);
    defaultReferenceNamespace(undefined, 'mine');
  });
});

const ABSOLUTE_WITH_REF =
  'Absolute URI is not allowed when Ref or [apiVersion, kind, name] is present: [apiVersion, kind, name], ref, uri';
const RELATIVE_ALONE =
  'invalid value: Relative URI is not allowed when Ref and [apiVersion, kind, name] is absent: uri';

describe('Destination', () => {
  test.each<[string, Destination, string]>([
    ['ref', { ref: REF }, ''],
    ['uri', { uri: 'http://example.com/path?x=1' }, ''],
    ['uri with a port and IPv6', { uri: 'https://[::1]:9000' }, ''],
    ['ref and relative path', { ref: REF, uri: '/extra' }, ''],
    ['ref and relative query', { ref: REF, uri: 'extra?x=1' }, ''],
    ['ref and empty uri', { ref: REF, uri: '' }, ''],
    ['nothing', {}, 'expected at least one, got none: ref, uri'],
    ['only an audience', { audience: 'a' }, 'expected at least one, got none: ref, uri'],
    ['ref and absolute uri', { ref: REF, uri: 'http://example.com' }, ABSOLUTE_WITH_REF],
    ['ref and a uri with only a host', { ref: REF, uri: '//example.com/x' }, ABSOLUTE_WITH_REF],
    ['ref and a uri with backslashes', { ref: REF, uri: '\\\\example.com' }, ABSOLUTE_WITH_REF],
    ['relative uri alone', { uri: '/path' }, RELATIVE_ALONE],
    ['empty uri alone', { uri: '' }, RELATIVE_ALONE],
    ['host without a scheme', { uri: 'example.com' }, RELATIVE_ALONE],
    ['invalid ref', { ref: { kind: 'a', name: 'b' } }, 'missing field(s): ref.apiVersion'],
    [
      'invalid ref beside a relative uri',
      { ref: { kind: 'a', name: 'b' }, uri: '/x' },
      'missing field(s): ref.apiVersion',
    ],
  ])('%s', (_title, destination, problems) => {
    expect(destinationProblems(destination)).toBe(problems);
  });

  test.each([
    'ftp://example.com',
    'file:///etc/passwd',
    'http:example.com',
    'http:///path',
    'http://',
    'javascript:alert(1)',
    'http://[::1',
    'http://exa<mple.com',
  ])('T06 refuses the address %s', (uri) => {
    expect(destinationProblems({ uri })).toMatch(/^invalid value: .*: uri\nexpected /);
  });

  test.each(['http://user@example.com', 'http://user:hunter2@example.com', 'http://:hunter2@h'])(
    'T06 T30 refuses credentials in %s, and does not repeat them',
    (uri) => {
      expect(destinationProblems({ uri })).toBe('must not carry a user name or password: uri');
    },
  );

  test.each([
    'http://example.com/a b',
    'http://exam\tple.com',
    'http://example.com\r\nX: y',
    ' http://h',
  ])('T10 refuses spaces and control characters in %j', (uri) => {
    expect(destinationProblems({ uri })).toBe('must not contain spaces or control characters: uri');
  });
});

const KEY = CERTIFICATE.replaceAll('CERTIFICATE', 'PRIVATE KEY');

describe('CACerts', () => {
  test.each<[string, string, string]>([
    ['one certificate', CERTIFICATE, ''],
    ['a bundle with text around', `# ours\n${CERTIFICATE}\n# theirs\n${CERTIFICATE}`, ''],
    [
      'no PEM',
      'trust me',
      'invalid value: CA Cert provided is invalid: CACerts\nexpected certificates in PEM',
    ],
    [
      'nothing',
      '',
      'invalid value: CA Cert provided is invalid: CACerts\nexpected certificates in PEM',
    ],
    ['a key', KEY, 'invalid value: CA Cert provided is not a certificate: CACerts'],
    [
      'a key after a certificate',
      CERTIFICATE + KEY,
      'invalid value: CA Cert provided is not a certificate: CACerts',
    ],
    [
      'a damaged certificate',
      CERTIFICATE.replace('MIIB', 'AAAA'),
      'invalid value: CA Cert provided is invalid: CACerts\na certificate cannot be read',
    ],
  ])('%s', (_title, CACerts, problems) => {
    expect(destinationProblems({ ref: REF, CACerts })).toBe(problems);
    expect(destinationProblems({ uri: 'https://example.com', CACerts })).toBe(problems);
  });
});
