import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isUri, isUriReference } from './uri.ts';
import { uriReference } from './testing/arbitrary.ts';

test.each([
  'https://github.com/cloudevents',
  'mailto:cncf-wg-serverless@lists.cncf.io',
  'urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66',
  'https://user:pa%20ss:word@host:8080/p/a/t/h;x=1?q=a/b?c&d=[]'.replace('[]', '%5B%5D'),
  'http://[2001:db8::1]:80/x',
  'http://[v1.x:y]/',
  'http://192.0.2.1:/',
  'http://host:',
  'http://%41%42/',
  'file:///etc/passwd',
  'a:',
  'x+y-z.1:rest',
  'https://x/#fragment?with/slashes',
  'https://x#',
])('%s is a URI', (text) => {
  expect(isUri(text)).toBe(true);
  expect(isUriReference(text)).toBe(true);
});

test.each([
  '',
  '/cloudevents/spec/pull/123',
  '1-555-123-4567',
  'sensors/tn-1234567/alerts',
  '//host/path',
  '?query',
  '#fragment',
  './a:b',
  'a/b:c',
  '..',
])('%j is a reference and no URI', (text) => {
  expect(isUriReference(text)).toBe(true);
  expect(isUri(text)).toBe(false);
});

test.each([
  'a b',
  ' ',
  'é',
  'a%2',
  'a%zz',
  '100%',
  'a"b',
  'a<b>',
  'a\\b',
  'a^b',
  'a`b',
  'a{b}',
  'a|b',
  'a\nb',
  '1a:b',
  ':x',
  '-a:b',
  'a_b:c',
  'a b:c',
  'http://a:b:c/',
  'http://a:8o/',
  'http://a@b@c/',
  'http://[::1',
  'http://[]/',
  'http://[::1]x/',
  'http://[::1]:x/',
  'http://x[::1]/',
  'http://[é]/',
  'http://a]/',
  'http://h/[x]',
  'a#b#c',
  'http://x%/',
])('%j is neither', (text) => {
  expect(isUriReference(text)).toBe(false);
  expect(isUri(text)).toBe(false);
});

/** RFC 3986 as one expression, written from its ABNF: slow, and independent of the recogniser. */
const ORACLE = (() => {
  const pct = '%[0-9A-Fa-f]{2}';
  const reg = `(?:[A-Za-z0-9._~!$&'()*+,;=-]|${pct})`;
  const pchar = `(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|${pct})`;
  const host = `(?:\\[[A-Za-z0-9._~!$&'()*+,;=:-]+\\]|${reg}*)`;
  const authority = `//(?:(?:${reg}|:)*@)?${host}(?::[0-9]*)?`;
  const abempty = `(?:/${pchar}*)*`;
  const absolute = `/(?:${pchar}+${abempty})?`;
  const noColon = `(?:[A-Za-z0-9._~!$&'()*+,;=@-]|${pct})+`;
  const tail = `(?:\\?(?:${pchar}|[/?])*)?(?:#(?:${pchar}|[/?])*)?`;
  const withScheme = `[A-Za-z][A-Za-z0-9+.-]*:(?:${authority}${abempty}|${absolute}|${pchar}+${abempty}|)`;
  const relative = `(?:${authority}${abempty}|${absolute}|${noColon}${abempty}|)`;
  return new RegExp(`^(?:${withScheme}|${relative})${tail}$`);
})();

test('random texts are judged as the grammar of RFC 3986 judges them', () => {
  const pieces = fc.constantFrom(
    ...[
      'a',
      '1',
      ':',
      '/',
      '//',
      '?',
      '#',
      '@',
      '[',
      ']',
      '%41',
      '%',
      '.',
      '+',
      '::',
      ' ',
      'é',
      '_',
    ],
  );
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: pieces, maxLength: 10 }), uriReference), (text) => {
      expect(isUriReference(text)).toBe(ORACLE.test(text));
    }),
    { numRuns: 5000 },
  );
});
