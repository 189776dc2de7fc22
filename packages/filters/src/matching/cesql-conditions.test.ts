import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { parseCesql } from '../cesql/expression.ts';
import type { Predicate } from '../predicate.ts';
import { eventWith } from '../testing.ts';
import type { Attributes } from '../testing.ts';
import { equivalent, necessary } from './cesql-conditions.ts';

function show(predicate: Predicate | undefined): string {
  if (predicate === undefined) return 'unknown';
  switch (predicate.kind) {
    case 'all':
    case 'any':
      return `${predicate.kind}(${predicate.parts.map(show).join(', ')})`;
    case 'present':
      return `present ${predicate.reader.name}`;
    case 'cesql':
    case 'not':
      return predicate.kind;
    default:
      return `${predicate.kind} ${predicate.reader.name} ${JSON.stringify(predicate.value)}`;
  }
}

describe('an expression that is exactly a set of look-ups', () => {
  it.each([
    ["type = 'a'", 'exact type "a"'],
    ["ext = ''", 'exact ext ""'],
    ["type LIKE 'a%'", 'prefix type "a"'],
    ["ext LIKE '%a'", 'suffix ext "a"'],
    [String.raw`ext LIKE 'a\%'`, 'exact ext "a%"'],
    ["ext LIKE '%'", 'present ext'],
    ['EXISTS ext', 'present ext'],
    ["type IN ('a', 1)", 'any(exact type "a", exact type "1")'],
    ["a = 'x' AND b = 'y' AND c = 'z'", 'all(exact a "x", exact b "y", exact c "z")'],
    ["type = 'a' OR source = 's'", 'any(exact type "a", exact source "s")'],
    ["type = 'a' OR ext = 'x'", 'any(exact type "a", exact ext "x")'],
    [
      "(EXISTS a AND a = 'x') OR (EXISTS b AND b = 'y')",
      'any(all(present a, exact a "x"), all(present b, exact b "y"))',
    ],
  ])('%s', (text, expected) => {
    expect(show(equivalent(parseCesql(text).root))).toBe(expected);
  });

  it.each([
    "ext = 'x' OR type = 'a'",
    "'a' = type",
    'type = 5',
    'ext = TRUE',
    "ext IN ('a')",
    "type NOT IN ('a')",
    "type NOT LIKE 'a%'",
    "type LIKE 'a_'",
    "type LIKE '%a%'",
    "type != 'a'",
    "NOT (type = 'a')",
    "type = 'a' XOR source = 's'",
    "LOWER(type) = 'a'",
    'type',
    'TRUE',
  ])('%s is none', (text) => {
    expect(equivalent(parseCesql(text).root)).toBeUndefined();
  });
});

describe('what must hold for an expression to pass', () => {
  it.each([
    ["type = 'a' AND INT(ext) > 5", 'all(exact type "a", present ext)'],
    ["NOT (a = 'x') AND type = 'a'", 'all(present a, exact type "a")'],
    ["LENGTH(type) > 3 AND source = 's'", 'exact source "s"'],
    ["a = 'x' OR b = 'y'", 'any(exact a "x", exact b "y")'],
    ["a = 'x' OR LENGTH(type) > 3", 'unknown'],
    ['a > b', 'all(present a, present b)'],
    ['a IN (b, c)', 'all(present a, present b)'],
    ['(a XOR b) = TRUE', 'all(present a, present b)'],
    ['(a OR b) = TRUE', 'present a'],
    ['LENGTH(type) > 3', 'unknown'],
    ["type != 'a'", 'unknown'],
    ['ext', 'present ext'],
    ['TRUE', 'unknown'],
  ])('%s', (text, expected) => {
    expect(show(necessary(parseCesql(text).root))).toBe(expected);
  });
});

const names = fc.constantFrom('type', 'source', 'subject', 'a', 'b');
const texts = fc.constantFrom("'x'", "'y'", "'10'", "'010'", "'true'", "''");
const patterns = fc.constantFrom("'x%'", "'%x'", "'%'", "'1_'", "'10'");
const leaves = fc.oneof(
  fc.tuple(names, fc.constantFrom('=', '!='), texts).map((parts) => parts.join(' ')),
  fc.tuple(names, fc.constantFrom('LIKE', 'NOT LIKE'), patterns).map((parts) => parts.join(' ')),
  fc.tuple(names, texts, texts).map(([name, one, two]) => `${name} IN (${one}, ${two})`),
  names.map((name) => `EXISTS ${name}`),
  names.map((name) => `${name} > 9`),
  names,
);
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaves,
    fc
      .tuple(tie('expression'), fc.constantFrom('AND', 'OR', 'XOR', '='), tie('expression'))
      .map(([left, operator, right]) => `(${left}) ${operator} (${right})`),
    tie('expression').map((inner) => `NOT (${inner})`),
    tie('expression').map((inner) => `BOOL(${inner})`),
  ),
}));

const values = fc.constantFrom('x', 'y', 'xx', '10', '010', 'true', '', 10, 1, true, false);
const stringValues = fc.constantFrom('x', 'y', 'xx', '10', '010', 'true');
const attributes = fc.record(
  { type: stringValues, source: stringValues, subject: stringValues, a: values, b: values },
  { requiredKeys: ['type', 'source'] },
) as fc.Arbitrary<Attributes>;

describe('any expression and any event', () => {
  test.prop([expression, attributes], { numRuns: 2000 })(
    'the equivalent accepts the same, the necessary at least that',
    (text, given) => {
      const compiled = parseCesql(text);
      const event = eventWith(given);
      const passes = compiled.passes(event);
      const same = equivalent(compiled.root);
      if (same !== undefined) expect(same.test(event)).toBe(passes);
      if (passes) expect(necessary(compiled.root)?.test(event) ?? true).toBe(true);
    },
  );
});
