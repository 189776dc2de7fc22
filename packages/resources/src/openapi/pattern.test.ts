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
    ['^(\\+|-)?(([0-9]+(\\.[0-9]*)?)|(\\.[0-9]+))(([KMGTPE]i)|[numkMGTPE])?$', '1.5Gi', true],
  ])('%j against %j is %s', (pattern, text, expected) => {
    expect(matches(pattern, text)).toBe(expected);
  });

  test.each([
    ['(', 'unexpected end|missing closing'],
    ['a)', 'unexpected'],
    ['*a', 'missing argument'],
    ['a**', 'invalid nested repetition'],
    ['[z-a]', 'invalid character class'],
    ['[a', 'unexpected end'],
    ['a{2,1}', 'invalid repeat count'],
    ['a{1001}', 'invalid repeat count'],
    ['(?=a)', 'unsupported group'],
    ['(?<=a)b', 'unsupported group'],
    ['(a)\\1', 'invalid escape'],
    ['\\q', 'invalid escape'],
    ['((a{1000}){1000})', 'too large'],
    ['a'.repeat(5000), 'too long'],
  ])('%j is refused', (pattern, why) => {
    const compiled = compilePattern(pattern);
    expect(compiled).toBeInstanceOf(ResourcesError);
    expect(compiled instanceof Pattern ? '' : compiled.message).toMatch(new RegExp(why));
  });

  test('T12 matches in time linear in the text, where going back would take years', () => {
    const text = `${'a'.repeat(20_000)}!`;
    expect(matches('^(a+)+$', text)).toBe(false);
    expect(matches('^(a|a)*$', text)).toBe(false);
    expect(matches('^(a*)*b$', text)).toBe(false);
  });

  test('T12 that would take more than its budget does not match', () => {
    expect(matches('^a*b$', `${'a'.repeat(1_000)}b`, 100_000)).toBe(true);
    expect(matches('^a*b$', `${'a'.repeat(1_000)}b`, 1_000)).toBe(false);
    expect(matches('^(a{0,500}){10}b$', 'a'.repeat(1_000_000))).toBe(false);
  });
});
