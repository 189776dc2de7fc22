import { describe, expect, it } from 'vitest';
import { StoreError } from '../errors.ts';
import type { SelectorRequirement } from './resource-store.ts';
import { labelSelectorText, matchesLabels } from './selectors.ts';
import { parseLabelSelector } from './selectors-of-labels.ts';

/** What is refused, with the status that clients see. */
function refusal(text: string): string {
  try {
    parseLabelSelector(text);
  } catch (error) {
    if (error instanceof StoreError) return `${String(error.status)} ${error.message}`;
    throw error;
  }
  return '';
}

function matches(text: string, labels?: Record<string, string>): boolean {
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', labels } };
  return matchesLabels(
    labels === undefined ? { ...object, metadata: { name: 'a' } } : (object as never),
    parseLabelSelector(text),
  );
}

const condition = (
  key: string,
  operator: SelectorRequirement['operator'],
  ...values: string[]
): SelectorRequirement =>
  operator === 'Exists' || operator === 'DoesNotExist'
    ? { key, operator }
    : { key, operator, values };

describe('a label selector', () => {
  it.each<readonly [string, readonly SelectorRequirement[]]>([
    ['', []],
    ['  ', []],
    ['a', [condition('a', 'Exists')]],
    ['!a', [condition('a', 'DoesNotExist')]],
    ['! example.com/a', [condition('example.com/a', 'DoesNotExist')]],
    ['a=b', [condition('a', 'In', 'b')]],
    ['a==b', [condition('a', 'In', 'b')]],
    ['a!=b', [condition('a', 'NotIn', 'b')]],
    ['  a \t= b\n, c ', [condition('a', 'In', 'b'), condition('c', 'Exists')]],
    ['a=', [condition('a', 'In', '')]],
    ['a=,b', [condition('a', 'In', ''), condition('b', 'Exists')]],
    ['a in (c, b,c)', [condition('a', 'In', 'b', 'c')]],
    ['a notin(b)', [condition('a', 'NotIn', 'b')]],
    ['a in ()', [condition('a', 'In', '')]],
    ['a in (,b)', [condition('a', 'In', '', 'b')]],
    ['a in (b,)', [condition('a', 'In', '', 'b')]],
    ['a>1', [condition('a', 'Gt', '1')]],
    ['a < 5,b', [condition('a', 'Lt', '5'), condition('b', 'Exists')]],
    ['in in (in)', [condition('in', 'In', 'in')]],
    ['a=notin', [condition('a', 'In', 'notin')]],
  ])('%j', (text, requirements) => {
    expect(parseLabelSelector(text)).toEqual(requirements);
    expect(parseLabelSelector(labelSelectorText(requirements))).toEqual(requirements);
  });

  it.each([
    [',', "found ',', expected: !, identifier, or 'end of string'"],
    ['=b', "found '=', expected: !, identifier, or 'end of string'"],
    ['a,', "found '', expected: identifier after ','"],
    ['a,,b', "found ',', expected: identifier after ','"],
    ['a=b=c', "found '=', expected: ',' or 'end of string'"],
    ['!a=b', "found '=', expected: ',' or 'end of string'"],
    ['a in (b)c', "found 'c', expected: ',' or 'end of string'"],
    ['!', "unable to parse requirement: found '', expected: identifier"],
    ['!!a', "unable to parse requirement: found '!', expected: identifier"],
    ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
    [
      'a toString b',
      "unable to parse requirement: found 'toString', expected: in, notin, =, ==, !=, gt, lt",
    ],
    ['a in b', "unable to parse requirement: found 'b' expected: '('"],
    ['a in (b', "unable to parse requirement: found '', expected: ',' or ')'"],
    ['a in (b c)', "unable to parse requirement: found 'c', expected: ',' or ')'"],
    ['a=(b)', "unable to parse requirement: found '(', expected: identifier"],
    ['a>=1', "unable to parse requirement: found '=', expected: identifier"],
    [
      'a>x',
      "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer",
    ],
    [
      'a>9223372036854775808',
      "unable to parse requirement: values[0]: Invalid value: \"9223372036854775808\": for 'Gt', 'Lt' operators, the value must be an integer",
    ],
  ])('%j is refused as kube-apiserver refuses it', (text, words) => {
    expect(refusal(text)).toBe(`400 ${words}`);
  });

  it.each([
    ['a=-b', 'values[0][a]: Invalid value: "-b": a valid label must be'],
    ['a in (b, c-)', 'values[1][a]: Invalid value: "c-": a valid label must be'],
    [`a=${'x'.repeat(64)}`, 'must be no more than 63 characters'],
    ['x/y/z=b', 'Invalid value: "x/y/z": a qualified name must'],
    ['UPPER/y=b', 'Invalid value: "UPPER/y": prefix part a lowercase RFC 1123 subdomain must'],
    ['/a', 'Invalid value: "/a": prefix part must be non-empty'],
    ['a/', 'Invalid value: "a/": name part must be non-empty; name part must consist'],
    ['-a', 'Invalid value: "-a": name part must consist'],
    ['ä', 'Invalid value: "ä": name part must consist'],
    [`!${'x'.repeat(64)}`, 'name part must be no more than 63 characters'],
    ['a>-', 'values[0]: Invalid value: "-": for'],
  ])('%j is refused, because no label is so', (text, words) => {
    expect(refusal(text)).toMatch(/^400 unable to parse requirement: /);
    expect(refusal(text)).toContain(words);
  });

  it('has at most 100 conditions', () => {
    const text = (count: number) => Array.from({ length: count }, () => 'a').join(',');
    expect(refusal(text(100))).toBe('');
    expect(refusal(text(101))).toBe('400 a selector may have at most 100 conditions');
  });

  it('compares integers', () => {
    expect(matches('n>1', { n: '2' })).toBe(true);
    expect(matches('n>1', { n: '1' })).toBe(false);
    expect(matches('n>9', { n: '10' })).toBe(true);
    expect(matches('n<2', { n: '01' })).toBe(true);
    expect(matches('n<2', { n: '2' })).toBe(false);
    expect(matches('n>1', { n: 'x' })).toBe(false);
    expect(matches('n<1', { n: '99999999999999999999' })).toBe(false);
    expect(matches('n<1', {})).toBe(false);
    expect(matches('n<1')).toBe(false);
  });
});
