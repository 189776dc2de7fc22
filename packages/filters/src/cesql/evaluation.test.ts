/** The rules of evaluation, construct by construct: value and kind of error, null where there is none. */
import { describe, expect, it } from 'vitest';
import { evaluateText, eventWith } from '../testing.ts';
import type { Attributes } from '../testing.ts';
import { evaluateCesql, parseCesql } from './expression.ts';
import type { CesqlValue } from './syntax-tree.ts';

/** Expression, value, kind of error (none: null). */
type Row = readonly [text: string, value: CesqlValue, error?: string];

function check(rows: readonly Row[], attributes?: Attributes): void {
  const cases = rows.map(([text, value, kind]) => ({ text, expected: { value, kind } }));
  it.each(cases)('$text', ({ text, expected }) => {
    const { value, error } = evaluateText(text, attributes);
    expect({ value, kind: error?.kind }).toEqual(expected);
  });
}

describe('attributes', () => {
  check(
    [
      ['type', 't'],
      ['TYPE', 't'],
      ['specversion', '1.0'],
      ['time', '2018-04-05T17:31:00.10+02:00'],
      ['myint', 10],
      ['mybool', true],
      ['mytext', '010'],
      ['mybytes', 'AQID'],
      ['empty', ''],
      ['missing', false, 'missingAttribute'],
      ['subject', false, 'missingAttribute'],
      ['data', false, 'missingAttribute'],
      ['constructor', false, 'missingAttribute'],
      ['myint > 5', true],
      ['myint = 10', true],
      ["myint = '10'", true],
      ["myint = '010'", false],
      ['mytext = 10', true],
      ['mybool', true],
      ['mybool = TRUE', true],
      ["mybool = 'true'", true],
      ["mybytes = 'AQID'", true],
      ["time < '2019'", false, 'cast'],
      ['EXISTS myint', true],
      ['EXISTS empty', true],
      ['EXISTS missing', false],
      ['EXISTS id AND EXISTS SOURCE AND EXISTS specversion AND EXISTS type', true],
      ['NOT EXISTS missing', true],
    ],
    {
      time: '2018-04-05T17:31:00.10+02:00',
      myint: 10,
      mybool: true,
      mytext: '010',
      mybytes: new Uint8Array([1, 2, 3]),
      empty: '',
    },
  );

  it('keeps the type that the event arrived with', () => {
    expect(evaluateText('mybool', { mybool: 'true' })).toEqual({ value: 'true', error: null });
    expect(evaluateText('mybool = TRUE', { mybool: 'true' })).toEqual({ value: true, error: null });
  });

  it('reaches an attribute named like a property of every object only if the event has it', () => {
    expect(evaluateText('EXISTS constructor').value).toBe(false);
    expect(evaluateText('constructor', { constructor: 'x' }).value).toBe('x');
  });
});

describe('casts', () => {
  check([
    ["INT('007')", 7],
    ["INT('+7')", 7],
    ["INT('-0')", 0],
    ["INT('2147483647')", 2147483647],
    ["INT('-2147483648')", -2147483648],
    ["INT('2147483648')", 0, 'cast'],
    ["INT('-2147483649')", 0, 'cast'],
    [`INT('${'9'.repeat(400)}')`, 0, 'cast'],
    ["INT(' 5')", 0, 'cast'],
    ["INT('5 ')", 0, 'cast'],
    ["INT('1.0')", 0, 'cast'],
    ["INT('1e3')", 0, 'cast'],
    ["INT('0x1')", 0, 'cast'],
    ["INT('')", 0, 'cast'],
    ["INT('-')", 0, 'cast'],
    ["INT('--1')", 0, 'cast'],
    ['INT(TRUE)', 1],
    ['INT(FALSE)', 0],
    ["BOOL('TrUe')", true],
    ["BOOL('FALSE')", false],
    ["BOOL('1')", false, 'cast'],
    ["BOOL(' true')", false, 'cast'],
    ["BOOL('')", false, 'cast'],
    ['BOOL(0)', false],
    ['BOOL(-1)', true],
    ['STRING(TRUE)', 'true'],
    ['STRING(-12)', '-12'],
    ['STRING(007)', '7'],
    ["IS_INT('12')", true],
    ["IS_INT('x')", false],
    ['IS_INT(TRUE)', true],
    ["IS_BOOL('TRUE')", true],
    ["IS_BOOL('yes')", false],
    ['IS_BOOL(3)', true],
    ['IS_INT(missing)', false, 'missingAttribute'],
  ]);
});

describe('equality casts the left side to the type of the right side', () => {
  check([
    ["TRUE = 'TRUE'", false],
    ["TRUE = 'true'", true],
    ["'TRUE' = TRUE", true],
    ["'abc' = 123", false, 'cast'],
    ["123 = 'abc'", false],
    ["'abc' != 123", false, 'cast'],
    ["'abc' <> 123", false, 'cast'],
    ["'abc' = TRUE", false, 'cast'],
    ['2 = TRUE', true],
    ['0 = FALSE', true],
    ['TRUE = 1', true],
    ['TRUE = 2', false],
    ["5 != '5'", false],
    ["'a' = 'A'", false],
    ["'a' <> 'b'", true],
    ['1 < 2 < 3', true],
    ['missing = missing', false, 'missingAttribute'],
    ["missing != 'x'", false, 'missingAttribute'],
    ["'x' != missing", false, 'missingAttribute'],
  ]);
});

describe('order', () => {
  check([
    ['1 < 2', true],
    ['2 < 2', false],
    ['2 <= 2', true],
    ['3 > 2', true],
    ['2 > 2', false],
    ['2 >= 2', true],
    ['1 >= 2', false],
    ["'10' > '9'", true],
    ['TRUE > FALSE', true],
    ["'b' > 'a'", false, 'cast'],
    ["1 > 'a'", false, 'cast'],
    ['1 > missing', false, 'missingAttribute'],
  ]);
});

describe('arithmetic in 32 bits', () => {
  check([
    ['4-1', 3],
    ['-4 + -1', -5],
    ["'5' + '3'", 8],
    ['5 + TRUE', 6],
    ['2147483647 + 1', 0, 'math'],
    ['-2147483648 - 1', 0, 'math'],
    ['65536 * 65536', 0, 'math'],
    ['2147483647 * 2147483647', 0, 'math'],
    ['-2147483648 * -1', 0, 'math'],
    ['46341 * -46341', 0, 'math'],
    ['65536 * -32768', -2147483648],
    ['-2147483648 / -1', 0, 'math'],
    ['-(-2147483648)', 0, 'math'],
    ['-7 / 2', -3],
    ['7 / -2', -3],
    ['-1 / 2', 0],
    ['-7 % 2', -1],
    ['7 % -2', 1],
    ['-4 % 2', 0],
    ['0 * -1', 0],
    ['-0', 0],
    ['-(0)', 0],
    ['1 / 0', 0, 'math'],
    ['1 % 0', 0, 'math'],
    ['missing / 0', 0, 'missingAttribute'],
    ['1 / missing', 0, 'missingAttribute'],
    ["1 + 'x'", 0, 'cast'],
    ["'x' / 0", 0, 'cast'],
    ['-missing', 0, 'missingAttribute'],
    ["-'x'", 0, 'cast'],
    ['-TRUE', -1],
  ]);
});

describe('logic', () => {
  check([
    ["NOT 'TRUE'", false],
    ['NOT 10', false],
    ['NOT 0', true],
    ["NOT 'x'", false, 'cast'],
    ['NOT missing', false, 'missingAttribute'],
    ['FALSE AND missing', false],
    ['TRUE AND missing', false, 'missingAttribute'],
    ['missing AND FALSE', false, 'missingAttribute'],
    ['TRUE OR missing', true],
    ['FALSE OR missing', false, 'missingAttribute'],
    ['missing OR TRUE', false, 'missingAttribute'],
    ['TRUE XOR missing', false, 'missingAttribute'],
    ['missing XOR TRUE', false, 'missingAttribute'],
    ['TRUE XOR FALSE', true],
    ['TRUE XOR TRUE', false],
    ["'true' AND 1", true],
    ["'false' OR 0", false],
    ["'x' OR TRUE", false, 'cast'],
    ["TRUE AND 'x'", false, 'cast'],
    ['TRUE AND (1 != 1 / 0)', false, 'math'],
    ['TRUE OR TRUE AND FALSE', true],
    ['TRUE AND FALSE OR TRUE', true],
    ['FALSE AND TRUE OR TRUE', false],
  ]);
});

describe('IN casts each element to the type of the left side', () => {
  check([
    ["'TRUE' IN (TRUE, 'false')", false],
    ["'true' IN (TRUE)", true],
    ["1 IN ('1')", true],
    ["1 IN ('01')", true],
    ["'1' IN (01)", true],
    ["TRUE IN ('true')", true],
    ['1 IN (TRUE)', true],
    ['2 NOT IN (1, 3)', true],
    ['2 NOT IN (1, 2)', false],
    ["1 IN ('x', '1')", false, 'cast'],
    ["1 IN ('1', 'x')", true],
    ["1 NOT IN ('x', '1')", false, 'cast'],
    ["1 NOT IN ('1', 'x')", false],
    ['missing IN (1)', false, 'missingAttribute'],
    ['missing NOT IN (1)', false, 'missingAttribute'],
    ['1 IN (1, missing)', true],
    ['1 IN (missing, 1)', false, 'missingAttribute'],
    ['1 NOT IN (2, missing)', false, 'missingAttribute'],
    ['1 IN (2, 1 / 0)', false, 'math'],
    ["type IN ('s', LOWER('T'))", true],
  ]);
});

describe('functions', () => {
  check([
    ["LENGTH('')", 0],
    ["LENGTH('é')", 1],
    ["LENGTH('😀')", 1],
    ["LENGTH('a😀b😀')", 4],
    ['LENGTH(-12)', 3],
    ['CONCAT()', ''],
    ["CONCAT('a', 1, TRUE)", 'a1true'],
    ["CONCAT_WS('-', 'a')", 'a'],
    ["CONCAT_WS('-', 'a', '', 'b')", 'a--b'],
    ["CONCAT_WS(',')", ''],
    ['CONCAT_WS()', false, 'missingFunction'],
    ["CONCAT(missing, 'a')", '', 'missingAttribute'],
    ["LOWER('ÀB')", 'àb'],
    ["UPPER('straße')", 'STRASSE'],
    ["UPPER('i')", 'I'],
    ["TRIM(' \t\n a b \r ')", 'a b'],
    ["TRIM('\u0085\u00a0\u1680\u2003\u2028\u3000a\u202f\u205f')", 'a'],
    ["TRIM('\ufeffa\u200b')", '\ufeffa\u200b'],
    ["TRIM('\u001fa')", '\u001fa'],
    ["TRIM('  ')", ''],
    ["LEFT('abc', 0)", ''],
    ["LEFT('abc', 3)", 'abc'],
    ["LEFT('abc', 2147483647)", 'abc'],
    ["LEFT('😀😀', 1)", '😀'],
    ["LEFT('abc', -1)", 'abc', 'functionEvaluation'],
    ["RIGHT('abc', 2)", 'bc'],
    ["RIGHT('abc', 0)", ''],
    ["RIGHT('a😀', 1)", '😀'],
    ["RIGHT('abc', 9)", 'abc'],
    ["RIGHT('abc', -1)", 'abc', 'functionEvaluation'],
    ["LEFT('abc', 'x')", '', 'cast'],
    ["LEFT(123, '2')", '12'],
    ["SUBSTRING('abc', 1)", 'abc'],
    ["SUBSTRING('abc', 3)", 'c'],
    ["SUBSTRING('abc', 4)", '', 'functionEvaluation'],
    ["SUBSTRING('abc', -3)", 'abc'],
    ["SUBSTRING('abc', -4)", '', 'functionEvaluation'],
    ["SUBSTRING('abc', 0)", ''],
    ["SUBSTRING('abc', -2147483648)", '', 'functionEvaluation'],
    ["SUBSTRING('', 1)", '', 'functionEvaluation'],
    ["SUBSTRING('a😀b', 2, 1)", '😀'],
    ["SUBSTRING('a😀b', -2, 1)", '😀'],
    ["SUBSTRING('abc', 2, 0)", ''],
    ["SUBSTRING('abc', 2, 9)", 'bc'],
    ["SUBSTRING('abc', 1, -1)", '', 'functionEvaluation'],
    ['ABS(-3)', 3],
    ["ABS('-3')", 3],
    ['ABS(-2147483648)', 2147483647, 'math'],
    ["ABS('x')", 0, 'cast'],
    ['UNKNOWN(1)', false, 'missingFunction'],
    ['UNKNOWN(missing)', false, 'missingFunction'],
    ['ABS()', false, 'missingFunction'],
    ['ABS(1, 2)', false, 'missingFunction'],
    ["LEFT('abc')", false, 'missingFunction'],
    ['TOSTRING(1)', false, 'missingFunction'],
    ["abs('-3')", 3],
    ['IS_INT(CONCAT(1, 2))', true],
  ]);
});

describe('an error inside makes the zero value of what is around it', () => {
  check([
    ["CONCAT(LEFT('abc', -1))", '', 'functionEvaluation'],
    ["LENGTH(LEFT('abc', -1))", 0, 'functionEvaluation'],
    ["LEFT('abc', -1) = 'abc'", false, 'functionEvaluation'],
    ["LEFT('abc', -1) LIKE 'abc'", false, 'functionEvaluation'],
    ["LEFT('abc', -1) NOT LIKE 'x'", false, 'functionEvaluation'],
    ['ABS(-2147483648) = 2147483647', false, 'math'],
    ['ABS(-2147483648) + 1', 0, 'math'],
    ['BOOL(ABS(-2147483648))', false, 'math'],
    ['UNKNOWN(1) + 1', 0, 'missingFunction'],
    ['NOT UNKNOWN(1)', false, 'missingFunction'],
    ['-(1 / 0)', 0, 'math'],
    ['(1 / 0) IN (0)', false, 'math'],
    ["missing LIKE '%'", false, 'missingAttribute'],
    ["missing NOT LIKE 'a'", false, 'missingAttribute'],
    ['missing - 1 > 0', false, 'missingAttribute'],
  ]);

  it('reports the first error, in words and with its place', () => {
    expect(evaluateText('1 = 1 AND\n missing = 1 / 0').error).toEqual({
      kind: 'missingAttribute',
      message: 'the event has no attribute missing',
      line: 2,
      column: 2,
    });
    expect(evaluateText("'abc' > 1").error).toMatchObject({
      message: '"abc" cannot be cast to Integer',
      column: 1,
    });
    expect(evaluateText("INT(CONCAT('x', subject))", { subject: 'y'.repeat(500) }).error).toEqual({
      kind: 'cast',
      message: `"x${'y'.repeat(59)}…" cannot be cast to Integer`,
      line: 1,
      column: 5,
    });
  });

  it('leaves nothing behind for the next event', () => {
    const expression = parseCesql("a = 'x'");
    expect(evaluateCesql(expression, eventWith()).error?.kind).toBe('missingAttribute');
    expect(evaluateCesql(expression, eventWith({ a: 'x' }))).toEqual({ value: true, error: null });
    expect(expression.passes(eventWith())).toBe(false);
    expect(expression.passes(eventWith({ a: 'x' }))).toBe(true);
  });
});

describe('choices and clarifications for an event with id 1, source /s, type t', () => {
  check([
    ["NOT type = 't'", false, 'cast'],
    ["NOT (type = 't')", false],
    ["missing = 'a' OR type = 't'", false, 'missingAttribute'],
    ["EXISTS missing AND missing = 'a' OR type = 't'", false],
    ["(EXISTS missing AND missing = 'a') OR type = 't'", true],
    ["type = 't' OR missing = 'a'", true],
    ["'é' LIKE '_'", true],
    [String.raw`'a\b' LIKE 'a\b'`, true],
    [String.raw`'a%' LIKE 'a\%'`, true],
    [String.raw`'ab' LIKE 'a\%'`, false],
    ['type', 't'],
  ]);

  it('passes only the Boolean true without an error', () => {
    const passing = ["type = 't'", 'EXISTS id', 'TRUE', "missing = 'a' OR TRUE = FALSE"].map(
      (text) => parseCesql(text).passes(eventWith()),
    );
    expect(passing).toEqual([true, true, true, false]);
    for (const text of ['type', '1', "'true'", 'missing', 'UNKNOWN(1)', 'ABS(-2147483648)']) {
      expect(parseCesql(text).passes(eventWith({ type: 'true' }))).toBe(false);
    }
  });
});

describe('the budget', () => {
  const big = eventWith({ subject: 'a'.repeat(60_000) });

  it('ends an evaluation with an error of kind generic', () => {
    const expression = parseCesql("LENGTH(subject) = 60000 AND subject LIKE '%a'");
    const steps = 2 * 60_000 + 7;
    const within = evaluateCesql(expression, big, { budget: { stepsMax: steps } });
    expect(within).toEqual({ value: true, error: null });
    const beyond = evaluateCesql(expression, big, { budget: { stepsMax: steps - 1 } });
    expect(beyond).toMatchObject({ value: false, error: { kind: 'generic' } });
    expect(beyond.error?.message).toContain('too many steps');
  });

  it('counts the nodes of the expression before it starts', () => {
    const budget = { stepsMax: 2 };
    const result = evaluateCesql(parseCesql('1 + 1'), big, { budget });
    expect(result).toMatchObject({ value: false, error: { kind: 'generic' } });
  });

  it('bounds the strings that functions make', () => {
    const join = parseCesql('CONCAT(subject, subject)');
    const within = evaluateCesql(join, big, { budget: { resultCharsMax: 120_000 } });
    expect(within.error).toBeNull();
    const beyond = evaluateCesql(join, big, { budget: { resultCharsMax: 119_999 } });
    expect(beyond).toMatchObject({ value: '', error: { kind: 'generic' } });
    const upper = parseCesql("UPPER('ßß')");
    const grown = evaluateCesql(upper, big, { budget: { resultCharsMax: 3 } });
    expect(grown).toMatchObject({ value: '', error: { kind: 'generic' } });
  });

  it('T15 bounds what an expression can make of a large attribute by default', () => {
    const all = Array.from({ length: 400 }, () => 'subject').join(',');
    const doubled = evaluateCesql(parseCesql(`LENGTH(CONCAT(${all}))`), big);
    expect(doubled).toMatchObject({ value: 0, error: { kind: 'generic' } });
    const repeated = Array.from({ length: 160 }, () => 'LENGTH(subject) > 0').join(' AND ');
    expect(evaluateCesql(parseCesql(repeated), big).error?.message).toContain('too many steps');
    expect(parseCesql(repeated).passes(big)).toBe(false);
  });
});
