import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { eventWith } from '../testing.ts';
import { evaluateCesql, parseCesql } from './expression.ts';
import { LikePattern } from './like.ts';

const unlimited = { spend: () => true };

/** Counts what a match costs. */
function costOf(pattern: string, text: string): { matched: boolean; steps: number } {
  let steps = 0;
  const meter = {
    spend(count: number): boolean {
      steps += count;
      return true;
    },
  };
  return { matched: new LikePattern(pattern).matches(text, meter), steps };
}

describe('LIKE', () => {
  it.each([
    ['', '', true],
    ['', 'a', false],
    ['%', '', true],
    ['%%', 'abc', true],
    ['_', '', false],
    ['_', 'a', true],
    ['_', 'ab', false],
    ['_', '😀', true],
    ['__', '😀', false],
    ['_😀_', 'a😀b', true],
    ['%_', '😀', true],
    ['_%', '', false],
    ['%__%', 'a', false],
    ['%__%', 'a😀', true],
    ['abc', 'abc', true],
    ['abc', 'ABC', false],
    ['abc', 'abcd', false],
    ['a%', 'a', true],
    ['a%', 'ba', false],
    ['%a', 'ba', true],
    ['%a', 'ab', false],
    ['a%a', 'a', false],
    ['a%a', 'aa', true],
    ['ab%ba', 'aba', false],
    ['ab%ba', 'abba', true],
    ['%b%', 'abc', true],
    ['%b%b%', 'abc', false],
    ['%b%b%', 'abcb', true],
    ['a_c%x_z', 'abcxyz', true],
    ['a_c%x_z', 'abcyz', false],
    ['%a_c%', 'aabcc', true],
    ['%a_c%', 'aabbc', false],
    ['%a__d%', 'abadabcd', true],
    ['%_b_%', 'bbb', true],
    ['%_b_%', 'ba', false],
    ['%ab_%_ba', 'abxyba', true],
    ['%ab_%_ba', 'abxba', false],
    [String.raw`a\%b`, 'a%b', true],
    [String.raw`a\%b`, 'axb', false],
    [String.raw`a\_b`, 'a_b', true],
    [String.raw`a\_b`, 'axb', false],
    [String.raw`\%%`, '%x', true],
    [String.raw`%\%`, 'x%', true],
    [String.raw`%\%`, 'x', false],
    [String.raw`a\b`, String.raw`a\b`, true],
    [String.raw`a\\%`, String.raw`a\%`, true],
    [String.raw`a\\%`, String.raw`a\x`, false],
    ['a\\', 'a\\', true],
    ['.*', 'xx', false],
    ['a.c', 'abc', false],
    ['[a]', 'a', false],
    ['%\n%', 'a\nb', true],
  ])('%j on %j: %j', (pattern, text, expected) => {
    expect(new LikePattern(pattern).matches(text, unlimited)).toBe(expected);
  });

  it.each([
    ['abc', { kind: 'exact', text: 'abc' }],
    ['', { kind: 'exact', text: '' }],
    ['abc%', { kind: 'prefix', text: 'abc' }],
    [String.raw`a\%c%`, { kind: 'prefix', text: 'a%c' }],
    ['%abc', { kind: 'suffix', text: 'abc' }],
    ['%', { kind: 'prefix', text: '' }],
    ['%%', undefined],
    ['%a%', undefined],
    ['a%b', undefined],
    ['a_', undefined],
    ['_', undefined],
    ['_%', undefined],
    ['%a_', undefined],
  ])('%j is simple: %j', (pattern, simple) => {
    expect(new LikePattern(pattern).simple).toEqual(simple);
  });
});

/** The definition, by recursion over code points. */
function naive(pattern: readonly string[], text: readonly string[]): boolean {
  const [first, ...rest] = pattern;
  if (first === undefined) return text.length === 0;
  if (first === '%') return text.some((_c, at) => naive(rest, text.slice(at))) || naive(rest, []);
  if (text.length === 0) return false;
  if (first === '_') return naive(rest, text.slice(1));
  if (first === '\\' && (rest[0] === '%' || rest[0] === '_')) {
    return rest[0] === text[0] && naive(rest.slice(1), text.slice(1));
  }
  return first === text[0] && naive(rest, text.slice(1));
}

const characters = (...all: string[]): fc.Arbitrary<string[]> =>
  fc.array(fc.constantFrom(...all), { maxLength: 9 });

describe('any pattern on any text', () => {
  test.prop([characters('a', 'b', '%', '_', '😀', '\\'), characters('a', 'b', '😀', '%', '\\')], {
    numRuns: 2000,
  })('says what the definition says', (pattern, text) => {
    const compiled = new LikePattern(pattern.join(''));
    expect(compiled.matches(text.join(''), unlimited)).toBe(naive(pattern, text));
  });
});

describe('T15 patterns that are catastrophic for a backtracking matcher', () => {
  const text = 'a'.repeat(60_000);

  it.each([
    ['many wildcards', '%a'.repeat(2000) + '%b'],
    ['wildcards between long pieces', `%${'aaaaaaaaa%'.repeat(400)}b`],
    ['a long piece that almost fits everywhere', `%${'a'.repeat(4000)}b%`],
    ['the same from the other side', `%b${'a'.repeat(4000)}%`],
    ['only wildcards', '%_'.repeat(2000) + '%b'],
    ['an anchored end', `${'%a'.repeat(2000)}%a_b`],
  ])('%s: one pass over the text', (_what, pattern) => {
    const { matched, steps } = costOf(pattern, text);
    expect(matched).toBe(false);
    expect(steps).toBeLessThanOrEqual(2 * text.length);
  });

  it('a long piece made to defeat a skipping search costs no more than others', () => {
    // 60 ms each with `indexOf` alone: the time limit of the test would be long over.
    const long = 'a'.repeat(1900);
    const expression = parseCesql(`subject LIKE '%${long}b${long}%'`);
    const event = eventWith({ subject: text });
    for (let round = 0; round < 500; round += 1) expect(expression.passes(event)).toBe(false);
  });

  it('a long piece with a gap is given up when the budget is spent', () => {
    const pattern = `%a_${'a'.repeat(2000)}b%`;
    const event = eventWith({ subject: text });
    const { value, error } = evaluateCesql(parseCesql(`subject LIKE '${pattern}'`), event);
    expect(value).toBe(false);
    expect(error?.kind).toBe('generic');
  });

  it('a gap that almost fits everywhere costs what it compares', () => {
    const { matched, steps } = costOf('%a_ab%', text);
    expect(matched).toBe(false);
    expect(steps).toBeLessThanOrEqual(5 * text.length);
  });
});
