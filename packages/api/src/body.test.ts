import { seededRandom } from '@afflux/kernel';
import { describe, expect, it } from 'vitest';
import { parseJson } from './body.ts';

const parse = (text: string): unknown => parseJson(Buffer.from(text));

describe('whole numbers that a parser would change', () => {
  it.each([
    '9007199254740993',
    '-9007199254740993',
    '9223372036854775807',
    '{"a":[1,{"b": 1234567890123456789}]}',
    `1${'0'.repeat(400)}1`,
  ])('are refused: %s', (text) => {
    expect(() => parse(text)).toThrow('cannot be kept exactly');
  });

  it.each([
    '9007199254740991',
    '-9007199254740991',
    '9007199254740992',
    '4611686018427387904',
    '1.2345678901234567890123',
    '12345678901234567890.5',
    '1e300',
    '12345678901234567e3',
    '1e0000000000000000012',
    '1E+0000000000000000012',
    '"12345678901234567890"',
    '{"9007199254740993":1}',
    '"a\\"9007199254740993"',
  ])('others are read: %s', (text) => {
    expect(parse(text)).toEqual(JSON.parse(text));
  });

  it('never lets one through that comes out as another', () => {
    const random = seededRandom(7);
    for (let round = 0; round < 2_000; round += 1) {
      const length = 14 + Math.floor(random.next() * 8);
      const digits = Array.from({ length }, () => Math.floor(random.next() * 10)).join('');
      const text = digits.replace(/^0+(?=\d)/, '');
      let parsed: unknown;
      try {
        parsed = parse(`[-${text}]`);
      } catch {
        continue;
      }
      expect(BigInt((parsed as number[])[0] ?? 0)).toBe(-BigInt(text));
    }
  });
});

it('refuses nesting before a parser meets it, and brackets in texts are none', () => {
  expect(() => parse('['.repeat(101))).toThrow('nested deeper than 100');
  expect(parse(`"${'['.repeat(200)}"`)).toBe('['.repeat(200));
});
