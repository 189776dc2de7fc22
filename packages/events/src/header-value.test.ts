import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeHeaderValue, encodeHeaderValue, isPlainHeader } from './header-value.ts';
import { attributeText } from './testing/arbitrary.ts';

function decoded(text: string): string | undefined {
  const { text: value, reason } = decodeHeaderValue(text, 'spec');
  return reason === undefined ? value : undefined;
}

test.each([
  ['Euro € 😀', 'Euro%20%E2%82%AC%20%F0%9F%98%80'],
  ['100%', '100%25'],
  ['say "hi"', 'say%20%22hi%22'],
  ['a%20b', 'a%2520b'],
  ["~!#$&'()*+,/:;=?@[]\\^_{}|`", "~!#$&'()*+,/:;=?@[]\\^_{}|`"],
  ['\u007f', '%7F'],
  ['héllo', 'h%C3%A9llo'],
  ['', ''],
])('%j is sent as %s', (value, header) => {
  expect(encodeHeaderValue(value, 'spec')).toBe(header);
});

test.each([
  ['"a b"', 'a b'],
  ['"a\\"b\\\\c\\d"', 'a"b\\cd'],
  ['"%41"', 'A'],
  ['""', ''],
  ['"', '"'],
  ['"abc', '"abc'],
  ['abc"', 'abc"'],
  ['"abc\\"', '"abc\\"'],
  ['"a" and "b"', '"a" and "b"'],
  ['a\\b', 'a\\b'],
  ['(comment)', '(comment)'],
  ['%', '%'],
  ['%2', '%2'],
  ['%zz', '%zz'],
  ['%4', '%4'],
  ['%%41', '%A'],
  ['%G1%41%1G', '%G1A%1G'],
  ['%25%32%35', '%25'],
  ['+', '+'],
])('%s received means %s', (header, value) => {
  expect(decoded(header)).toBe(value);
});

test.each([
  '%C0%A0',
  '%ED%A0%80',
  '%80',
  '%E2%82',
  '%F4%90%80%80',
  '%FF',
  '\xe9',
  '%0A',
  '%C2%80',
  'Ā',
])('%s received is refused', (header) => {
  expect(decodeHeaderValue(header, 'spec').reason).toBeDefined();
});

test('every value is decoded to what was encoded, which the platform agrees with', () => {
  fc.assert(
    fc.property(attributeText, (value) => {
      const header = encodeHeaderValue(value, 'spec');
      expect(decoded(header)).toBe(value);
      expect(decodeURIComponent(header)).toBe(value);
      expect(header).toMatch(/^[!#$&-~]*(%[0-9A-F]{2}[!#$&-~]*)*$/);
    }),
  );
});

test('the quick way is taken only where the slow way changes nothing', () => {
  const byte = fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code));
  fc.assert(
    fc.property(fc.string({ unit: byte, maxLength: 6 }), (header) => {
      if (isPlainHeader(header)) expect(decoded(header)).toBe(header);
    }),
    { numRuns: 2000 },
  );
  expect(isPlainHeader('com.example.order/1 created "x"')).toBe(true);
});
