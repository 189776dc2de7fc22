import { describe, expect, test } from 'vitest';
import { decode } from '../../decode.ts';
import { statusCauses } from '../../status-causes.ts';
import {
  admitProblems,
  admitted,
  contextWith,
  decodeProblems,
  manifest,
  REGISTRY,
} from '../../testing.ts';
import type { ConfigMap } from './config-map.ts';
import { DATA_BYTES_MAX } from './data-rules.ts';
import type { Secret } from './secret.ts';
import type { Service } from './service.ts';

const IMMUTABLE = 'field is immutable when `immutable` is set';

describe('ConfigMap', () => {
  test.each([
    [{ data: { 'a-b_c.D1': '' }, binaryData: { x: 'AAE=' } }, ''],
    [{}, ''],
    [
      { data: { 'a b': '' } },
      "invalid key name \"a b\": data[a b]\nexpected letters, digits, '-', '_' and '.'",
    ],
    [
      { data: { '..': '' } },
      "invalid key name \"..\": data[..]\nexpected letters, digits, '-', '_' and '.'",
    ],
    [{ binaryData: { x: 'A' } }, 'expected base64 text: binaryData[x]'],
    [
      { data: { x: '' }, binaryData: { x: '' } },
      'expected exactly one, got both: binaryData[x], data[x]',
    ],
  ])('%j', (fields, problems) => {
    expect(admitProblems(manifest('ConfigMap', fields))).toBe(problems);
  });

  test('null is the empty text, in data and in metadata', () => {
    const metadata = { name: 'mine', namespace: 'ns' };
    const nulls = { data: { a: null }, binaryData: { b: null } };
    const value = manifest('ConfigMap', {
      metadata: { labels: { l: null }, annotations: { n: null } },
      ...nulls,
    });
    expect(admitted(value)).toEqual({
      ...manifest('ConfigMap'),
      metadata: { ...metadata, labels: { l: '' }, annotations: { n: '' } },
      data: { a: '' },
      binaryData: { b: '' },
    });
    expect(nulls.data.a).toBeNull();
  });

  test('what is no text in data is named', () => {
    const value = manifest('ConfigMap', { data: { a: 1 } });
    expect(decodeProblems(value)).toBe('expected a string, found the number 1: data[a]');
    const causes = statusCauses(decode(REGISTRY, value).errors);
    expect(causes[0]?.message).toContain('must be of type string');
  });

  test('__proto__ among the data is named', () => {
    const value = manifest('ConfigMap', { data: JSON.parse('{"__proto__":"x"}') as object });
    expect(decodeProblems(value)).toBe('unknown field "__proto__": data[__proto__]');
  });

  test.each([
    ['x-', ''],
    ['x'.repeat(248), ''],
    ['x.', 'metadata.generateName'],
    ['BAD_', 'metadata.generateName'],
    ['x'.repeat(300), 'metadata.generateName'],
  ])('generateName %s', (generateName, problem) => {
    const problems = admitProblems(manifest('ConfigMap', { metadata: { name: '', generateName } }));
    if (problem === '') expect(problems).toBe('');
    else expect(problems).toContain(problem);
  });

  test('generateName is looked at beside a name, and says nothing when it is empty', () => {
    const problems = (metadata: Record<string, unknown>) =>
      admitProblems(manifest('ConfigMap', { metadata }));
    expect(problems({ generateName: 'x.' })).toContain('metadata.generateName');
    expect(problems({ name: '', generateName: '' })).toBe('missing field(s): metadata.name');
  });

  test('has a size limit', () => {
    const data = { a: 'x'.repeat(DATA_BYTES_MAX), b: 'y' };
    expect(admitProblems(manifest('ConfigMap', { data }))).toBe(
      'expected at most 1048576 bytes, found 1048577: data',
    );
  });

  test('that is immutable stays as it is', () => {
    const old = admitted<ConfigMap>(manifest('ConfigMap', { data: { a: '1' }, immutable: true }));
    const changed = manifest('ConfigMap', { data: { a: '2' } });
    expect(admitProblems(changed, contextWith(), old)).toBe(`${IMMUTABLE}: data, immutable`);
    const labelled = { ...old, metadata: { ...old.metadata, labels: { a: 'b' } } };
    expect(admitProblems(labelled, contextWith(), old)).toBe('');
  });

  test('that is not may change', () => {
    const old = admitted<ConfigMap>(manifest('ConfigMap', { data: { a: '1' } }));
    const changed = manifest('ConfigMap', { data: { a: '2' }, immutable: true });
    expect(admitProblems(changed, contextWith(), old)).toBe('');
  });
});

describe('Secret', () => {
  test('stringData goes into data, and the type is Opaque by default', () => {
    const value = manifest('Secret', { data: { a: 'AA==', b: 'AA==' }, stringData: { b: 'täxt' } });
    expect(admitted<Secret>(value)).toEqual({
      ...manifest('Secret'),
      type: 'Opaque',
      data: { a: 'AA==', b: Buffer.from('täxt').toString('base64') },
    });
  });

  test('null is the empty text', () => {
    const value = manifest('Secret', { data: { a: null }, stringData: { b: null } });
    expect(admitted<Secret>(value).data).toEqual({ a: '', b: '' });
  });

  test('T30 a value that is no base64 is not in the message', () => {
    expect(admitProblems(manifest('Secret', { data: { password: 'hunter2!' } }))).toBe(
      'expected base64 text: data[password]',
    );
  });

  test('base64 may have line breaks', () => {
    expect(admitProblems(manifest('Secret', { data: { a: 'AAEC\nAwQF\n' } }))).toBe('');
  });

  test('T30 that is immutable stays as it is, and its value is not in the message', () => {
    const old = admitted<Secret>(
      manifest('Secret', { stringData: { a: 'hunter2' }, immutable: true }),
    );
    const changed = manifest('Secret', { stringData: { a: 'hunter3' }, immutable: true });
    expect(admitProblems(changed, contextWith(), old)).toBe(`${IMMUTABLE}: data`);
  });

  test('keeps its type', () => {
    const old = admitted<Secret>(manifest('Secret'));
    const changed = manifest('Secret', { type: 'kubernetes.io/tls' });
    expect(admitProblems(changed, contextWith(), old)).toBe('field is immutable: type');
  });
});

describe('Service', () => {
  test('defaults are those of Kubernetes', () => {
    const value = manifest('Service', {
      spec: { ports: [{ port: 80 }, { name: 'b', port: 81, protocol: 'UDP', targetPort: 'http' }] },
    });
    const zero = { port: 81, name: 'b', targetPort: 0 };
    const spec = { ports: [{ port: 80, name: 'a' }, zero] };
    expect(admitted<Service>(manifest('Service', { spec })).spec).toEqual({
      type: 'ClusterIP',
      sessionAffinity: 'None',
      ports: [
        { name: 'a', port: 80, protocol: 'TCP', targetPort: 80 },
        { name: 'b', port: 81, protocol: 'TCP', targetPort: 81 },
      ],
    });
    expect(admitProblems(value)).toBe('missing field(s): spec.ports[0].name');
  });

  test.each([
    [{ type: 'ExternalName', externalName: 'localhost' }, ''],
    [{ type: 'ExternalName', externalName: 'Example.com.' }, ''],
    [{ type: 'ExternalName' }, 'missing field(s): spec.externalName'],
    [
      { type: 'ExternalName', externalName: 'http://x' },
      'invalid value: http://x: spec.externalName\nexpected a host name',
    ],
    [{}, 'missing field(s): spec.ports'],
    [{ clusterIP: 'None' }, ''],
    [
      {
        ports: [
          { name: 'a', port: 1 },
          { name: 'a', port: 2 },
        ],
      },
      'invalid value: a: spec.ports[1].name\nexpected a different name for every port',
    ],
  ])('%j', (spec, problems) => {
    expect(admitProblems(manifest('Service', { spec }))).toBe(problems);
  });

  test.each([
    [
      { ports: [{ port: 0 }] },
      'invalid value: 0: spec.ports[0].port\nexpected a number of at least 1',
    ],
    [{ ports: [{}] }, 'missing field(s): spec.ports[0].port'],
    [
      { type: 'Magic' },
      'invalid value: Magic: spec.type\nexpected "ClusterIP", "ExternalName", "LoadBalancer" or "NodePort"',
    ],
  ])('%j has the wrong shape', (spec, problems) => {
    expect(decodeProblems(manifest('Service', { spec }))).toBe(problems);
  });

  test('is called by a DNS-1035 label', () => {
    const spec = { ports: [{ port: 80 }] };
    for (const name of ['0rders', 'a.b']) {
      expect(admitProblems(manifest('Service', { metadata: { name }, spec }))).toContain(
        `invalid value: ${name}: metadata.name`,
      );
    }
  });
});

describe('Namespace', () => {
  const namespace = (metadata: object) => ({ apiVersion: 'v1', kind: 'Namespace', metadata });

  test('has its name as a label', () => {
    expect(admitted(namespace({ name: 'team-a' })).metadata.labels).toEqual({
      'kubernetes.io/metadata.name': 'team-a',
    });
  });

  test('is called by a DNS label; its namespace is left to the store', () => {
    expect(admitProblems(namespace({ name: 'a.b' }))).toContain(
      'invalid value: a.b: metadata.name',
    );
    expect(admitProblems(namespace({ name: 'a', namespace: 'b' }))).toBe('');
  });
});
