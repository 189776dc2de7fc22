import { describe, expect, test } from 'vitest';
import { ResourcesError } from '../errors.ts';
import { compilePattern, Pattern } from './pattern.ts';

function matches(pattern: string, text: string, steps = 4_000_000): boolean {
  const compiled = compilePattern(pattern);
  if (compiled instanceof ResourcesError) throw compiled;
  return compiled.test(text, { steps });
}

describe('a pattern', () => {
  test.each([
    ['^a+$', 'aaa', true],
    ['^a+$', 'aab', false],
    ['b', 'abc', true],
    ['^$', '', true],
    ['^$', 'a', false],
    ['', 'anything', true],
    ['^(a|bc)*$', 'abcbca', true],
    ['^(a|bc)*$', 'abca', true],
    ['^(a|bc)*$', 'abb', false],
    ['^[a-z0-9]([-a-z0-9]*[a-z0-9])?$', 'my-name-1', true],
    ['^[a-z0-9]([-a-z0-9]*[a-z0-9])?$', 'my-name-', false],
    ['^\\d{2,3}$', '12', true],
    ['^\\d{2,3}$', '1234', false],
    ['^\\d{2}$', '12', true],
    ['^a{2,}$', 'a', false],
    ['^a{2,}$', 'aaaa', true],
    ['^a{0}$', '', true],
    ['^a{,2}$', 'a{,2}', true],
    ['^x{y$', 'x{y', true],
    ['^[^/]+$', 'a/b', false],
    ['^[]a]+$', ']a', true],
    ['^[a-]+$', 'a-a', true],
    ['^[\\w.-]+@[\\w-]+\\.\\w+$', 'a.b@c-d.org', true],
    ['^[[:alpha:]_]+$', 'Ab_', true],
    ['^[[:alpha:]_]+$', 'Ab1', false],
    ['^\\S+$', 'a b', false],
    ['^[\\S]+$', 'ab', true],
    ['^[\\S]+$', 'a b', false],
    ['^\\p{Lu}\\pL+$', 'Äpfel', true],
    ['^\\p{Greek}+$', 'αβγ', true],
    ['^.$', '😀', true],
    ['^.$', '\n', false],
    ['^(?:a|b)?c$', 'bc', true],
    ['^(?P<year>\\d+)-(?<month>\\d+)$', '2026-11', true],
    ['(?i)^abc$', 'aBC', true],
    ['\\bcat\\b', 'a cat!', true],
    ['\\bcat\\b', 'concat', false],
    ['^\\x41\\x{1F600}$', 'A😀', true],
    ['^a+?b*?$', 'aab', true],
    ['^((a{0,2}){2}){2}$', 'aaaaaaaa', true],
    ['^((a{0,2}){2}){2}$', 'aaaaaaaaa', false],
    ['\\.$', 'a.', true],
    ['(?s)^a.b$', 'a\nb', true],
    ['^[[:^digit:]]+$', 'ab', true],
    ['^\\Qa.b\\E$', 'axb', false],
    ['^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE])?$', '1.5Gi', true],
  ])('%j against %j is %s', (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected);
  });

  test.each([
    ['(', 'error parsing regexp: missing closing ): `(`'],
    ['a)', 'error parsing regexp: unexpected ): `a)`'],
    ['*a', 'error parsing regexp: missing argument to repetition operator: `*`'],
    ['a**', 'error parsing regexp: invalid nested repetition operator: `**`'],
    ['[z-a]', 'error parsing regexp: invalid character class range: `z-a`'],
    ['[a', 'error parsing regexp: missing closing ]: `[a`'],
    ['a{2,1}', 'error parsing regexp: invalid repeat count: `{2,1}`'],
    ['a{1001}', 'error parsing regexp: invalid repeat count: `{1001}`'],
    ['(?=a)', 'error parsing regexp: invalid or unsupported Perl syntax: `(?=`'],
    ['(?<=a)b', 'error parsing regexp: invalid named capture: `(?<=a)b`'],
    ['^(a{0,500}){10}b$', 'error parsing regexp: invalid repeat count: `{10}`'],
    ['(a)\\1', 'error parsing regexp: invalid escape sequence: `\\1`'],
    ['\\q', 'error parsing regexp: invalid escape sequence: `\\q`'],
    ['((a{1000}){1000})', 'error parsing regexp: invalid repeat count: `{1000}`'],
    ['[a-z]{1000}'.repeat(20), 'expression too large'],
    ['a'.repeat(5000), 'expression too long'],
  ])('%j is refused', (pattern, why) => {
    const compiled = compilePattern(pattern);
    expect(compiled).toBeInstanceOf(ResourcesError);
    expect(compiled instanceof Pattern ? '' : compiled.message).toBe(why);
  });

  test('T12 matches in time linear in the text, where going back would take years', () => {
    const text = `${'a'.repeat(20_000)}!`;
    expect(matches('^(a+)+$', text)).toBe(false);
    expect(matches('^(a|a)*$', text)).toBe(false);
    expect(matches('^(a*)*b$', text)).toBe(false);
  });

  test('T12 that may take more than its budget does not match', () => {
    const text = `${'a'.repeat(1_000)}b`;
    expect(matches('^a*b$', text, 100_000)).toBe(true);
    expect(matches('^a*b$', text, 1_000)).toBe(false);
    expect(matches('^[ab]{1000}', 'a'.repeat(1_000_000))).toBe(false);
  });

  test('T12 shares its budget with the others of an object', () => {
    const pattern = compilePattern('^a*b$') as Pattern;
    const budget = { steps: 10_000 };
    const text = `${'a'.repeat(500)}b`;
    const verdicts = Array.from({ length: 4 }, () => pattern.test(text, budget));
    expect([verdicts[0], verdicts.at(-1)]).toEqual([true, false]);
  });
});
