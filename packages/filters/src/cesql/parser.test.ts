import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { CesqlParseError } from '../errors.ts';
import { eventWith } from '../testing.ts';
import { evaluateCesql, parseCesql } from './expression.ts';
import { DEPTH_MAX, parseText, TEXT_CHARS_MAX } from './parser.ts';
import type { CesqlNode } from './syntax-tree.ts';

/** The tree with every grouping made visible. */
function show(node: CesqlNode): string {
  switch (node.kind) {
    case 'literal':
      return JSON.stringify(node.value);
    case 'attribute':
      return node.name;
    case 'exists':
      return `(EXISTS ${node.name})`;
    case 'not':
      return `(NOT ${show(node.operand)})`;
    case 'negate':
      return `(- ${show(node.operand)})`;
    case 'like':
      return `(${show(node.operand)}${node.negated ? ' NOT' : ''} LIKE)`;
    case 'in':
      return `(${show(node.operand)}${node.negated ? ' NOT' : ''} IN ${node.items.map(show).join()})`;
    case 'call':
      return `${node.name}(${node.args.map(show).join()})`;
    default:
      return `(${show(node.left)} ${node.operator} ${show(node.right)})`;
  }
}

function parseError(text: string): CesqlParseError {
  try {
    parseCesql(text);
  } catch (error) {
    if (error instanceof CesqlParseError) return error;
    throw error;
  }
  throw new Error(`${text} is accepted`);
}

describe('words, numbers and strings', () => {
  it.each([
    ['white space of every kind is skipped', ' \t\r\n 1 \n', '1'],
    ['a keyword in any letter case', 'tRuE aNd FALSE', '(true AND false)'],
    ['NOT, LIKE, IN and EXISTS in lower case', "not a like 'x'", '((NOT a) LIKE)'],
    ['an attribute name is taken in lower case', 'exists SOURCE', '(EXISTS source)'],
    ['a name may begin with a digit', '1abc', '1abc'],
    ['a name may contain a keyword', 'android', 'android'],
    ['digits alone are a number', '007', '7'],
    ['a plus sign belongs to a number', '+5', '5'],
    ['the smallest integer', '-2147483648', '-2147483648'],
    ['the largest integer', '2147483647', '2147483647'],
    ['minus zero is zero', '-0', '0'],
    ['a sign apart from the digits is an operator', '- 5', '(- 5)'],
    ['a minus before a number before a minus', '--10', '(- -10)'],
    ['a string in single quotes', "'abc'", '"abc"'],
    ['a string in double quotes', '"abc"', '"abc"'],
    ['the empty string', "''", '""'],
    ['an escaped single quote', String.raw`'a\'b'`, '"a\'b"'],
    ['an escaped double quote', String.raw`"a\"b"`, String.raw`"a\"b"`],
    ['the other quote needs no escape', `'a"b'`, String.raw`"a\"b"`],
    ['the escape of the other quote stays', String.raw`'a\"b'`, String.raw`"a\\\"b"`],
    ['any other backslash stays', String.raw`'ab\c'`, String.raw`"ab\\c"`],
    ['two backslashes stay two', String.raw`'a\\'`, String.raw`"a\\\\"`],
    ['a string goes over lines', "'a\nb'", String.raw`"a\nb"`],
    ['a function in any letter case', "concat_ws(',')", 'CONCAT_WS(",")'],
    ['space between a function and its arguments', "LENGTH ('a')", 'LENGTH("a")'],
    ['no arguments', 'CONCAT()', 'CONCAT()'],
  ])('%s', (_rule, text, tree) => {
    expect(show(parseText(text).root)).toBe(tree);
  });
});

describe('precedence', () => {
  it.each([
    ['NOT binds to the next operand only', "NOT type = 'x'", '((NOT type) = "x")'],
    ['also before LIKE', "NOT x LIKE 'a%'", '((NOT x) LIKE)'],
    ['NOT EXISTS', 'NOT EXISTS x', '(NOT (EXISTS x))'],
    ['minus binds to the next operand only', '-a * b', '((- a) * b)'],
    ['LIKE before IN', "a LIKE 'x' IN (TRUE)", '((a LIKE) IN true)'],
    ['IN before multiplication', '2 * a IN (1)', '(2 * (a IN 1))'],
    ['multiplication before addition', '1 + 2 * 3', '(1 + (2 * 3))'],
    ['multiplication from left to right', '8 / 4 % 3 * 2', '(((8 / 4) % 3) * 2)'],
    ['addition from left to right', '1 - 2 + 3', '((1 - 2) + 3)'],
    ['addition before comparison', 'a + 1 < b', '((a + 1) < b)'],
    ['comparison from left to right', '1 < 2 < 3', '((1 < 2) < 3)'],
    ['comparison and equality share a level', '1 = 2 < 3', '((1 = 2) < 3)'],
    ['comparison before logic', 'a = 1 AND b = 2', '((a = 1) AND (b = 2))'],
    ['AND and OR share a level, from the right', 'a OR b AND c', '(a OR (b AND c))'],
    ['also the other way round', 'a AND b OR c', '(a AND (b OR c))'],
    ['and XOR', 'a XOR b OR c XOR d', '(a XOR (b OR (c XOR d)))'],
    ['parentheses first', '(a OR b) AND c', '((a OR b) AND c)'],
    ['<> is !=', 'a <> b', '(a != b)'],
    ['NOT IN', 'a NOT IN (1, 2)', '(a NOT IN 1,2)'],
    ['NOT LIKE', "a NOT LIKE 'x'", '(a NOT LIKE)'],
    ['a sign behind an operand is an operator', '4-1', '(4 - 1)'],
    ['with and without space', 'a -1', '(a - 1)'],
    ['a signed number behind an operator', '4 + -1', '(4 + -1)'],
    [
      'logic inside of a call and a list',
      'BOOL(a OR b) IN (c AND d)',
      '(BOOL((a OR b)) IN (c AND d))',
    ],
  ])('%s', (_rule, text, tree) => {
    expect(show(parseText(text).root)).toBe(tree);
  });
});

describe('what is not CESQL, and where', () => {
  it.each([
    ['', 1, 1, 'expected a value'],
    ['   ', 1, 4, 'expected a value'],
    ['ABC(', 1, 5, 'expected a value'],
    ['(1', 1, 3, 'expected )'],
    ['1)', 1, 2, 'no ( for this )'],
    ['1 2', 1, 3, 'expected an operator'],
    ["type = 't' #", 1, 12, '"#"'],
    ['a = \n  b = = c', 2, 7, 'found ='],
    ['a\r\n= $', 2, 3, '"$"'],
    ["'😀' = €", 1, 7, '"€"'],
    ["type = 'abc", 1, 8, "no closing '"],
    [String.raw`'abc\'`, 1, 1, 'no closing'],
    ["'it''s'", 1, 5, String.raw`written \'`],
    ["x LIKE 'it''s'", 1, 12, String.raw`written \'`],
    ['2147483648', 1, 1, '32 bits'],
    ['1 + -2147483649', 1, 5, '32 bits'],
    ['x LIKE 123', 1, 8, 'string literal'],
    ['x LIKE y', 1, 8, 'string literal'],
    ['x IN ()', 1, 7, 'at least one'],
    ['x IN 1', 1, 6, 'expected ('],
    ['x NOT = 1', 1, 3, 'expected an operator'],
    ['EXISTS (x)', 1, 8, 'attribute name'],
    ["EXISTS 'x'", 1, 8, 'attribute name'],
    ['EXISTS in', 1, 8, 'attribute name'],
    ['EXISTS 12', 1, 8, 'attribute name'],
    ['in = 1', 1, 1, 'keyword IN'],
    ['a AND', 1, 6, 'end of the expression'],
    ['my_attr = 1', 1, 1, 'attribute name'],
    ['fn1(2)', 1, 1, 'function name'],
    ['LENGTH(1 2)', 1, 10, 'expected , or )'],
    ['LENGTH(1,)', 1, 10, 'expected a value'],
    ['+ 5', 1, 1, 'found +'],
    ['+a', 1, 1, 'found +'],
    ['!a', 1, 1, '"!"'],
    ['ä = 1', 1, 1, '"ä"'],
    ['a == 1', 1, 4, 'found ='],
  ])('%j', (text, line, column, reason) => {
    const error = parseError(text);
    expect(error).toMatchObject({
      code: 'AFFLUX_FILTERS_CESQL_PARSE',
      fault: 'user',
      line,
      column,
    });
    expect(error.reason).toContain(reason);
    expect(error.message).toBe(`line ${String(line)}, column ${String(column)}: ${error.reason}`);
  });
});

describe('warnings', () => {
  it.each([
    ['a OR b AND c', 8, 'without parentheses'],
    ['EXISTS a AND EXISTS b XOR a', 23, 'without parentheses'],
    ['UNKNOWN(1) = 1', 1, 'no function UNKNOWN with 1 argument'],
    ['LEFT(type) = 1', 1, 'no function LEFT with 1 argument'],
    ['1 + 2', 3, 'does not make a Boolean'],
    ["'true'", 1, 'does not make a Boolean'],
    ['LENGTH(type)', 1, 'does not make a Boolean'],
  ])('%s', (text, column, message) => {
    const { warnings } = parseCesql(text);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatchObject({ line: 1, column });
    expect(warnings[0]?.message).toContain(message);
  });

  it.each(['a AND b AND c', '(a OR b) AND c', 'a OR (b AND c)', 'type', 'BOOL(a)', 'TRUE'])(
    'there is none for %s',
    (text) => {
      expect(parseCesql(text).warnings).toEqual([]);
    },
  );
});

describe('bounds', () => {
  const nested = (depth: number): string => '('.repeat(depth) + '1' + ')'.repeat(depth);

  it('takes the longest text and refuses one character more', () => {
    const longest = `1${' '.repeat(TEXT_CHARS_MAX - 1)}`;
    expect(evaluateCesql(parseCesql(longest), eventWith()).value).toBe(1);
    expect(parseError(`${longest} `).reason).toContain('longer than 4096');
  });

  it('takes the deepest nesting and refuses one level more', () => {
    expect(evaluateCesql(parseCesql(nested(DEPTH_MAX - 1)), eventWith()).value).toBe(1);
    expect(parseError(nested(DEPTH_MAX)).reason).toContain('nested deeper than 100');
  });

  it.each([
    ['prefix operators', 'NOT '.repeat(DEPTH_MAX) + 'TRUE'],
    ['minus signs', '-'.repeat(2000) + '1'],
    ['calls', 'ABS('.repeat(DEPTH_MAX) + '1' + ')'.repeat(DEPTH_MAX)],
    ['lists', '1 IN ('.repeat(DEPTH_MAX) + '1' + ')'.repeat(DEPTH_MAX)],
    ['parentheses that are never closed', '('.repeat(4000)],
  ])('refuses %s nested too deep', (_what, text) => {
    expect(parseError(text).reason).toContain('nested deeper than 100');
  });

  it.each([
    ['a chain of ANDs', Array.from({ length: 680 }, () => '1').join(' AND '), true],
    ['a chain of ORs', Array.from({ length: 815 }, () => '0').join(' OR '), false],
    ['a sum', Array.from({ length: 2000 }, () => '1').join('+'), 2000],
    ['a comparison', Array.from({ length: 2000 }, () => '1').join('='), true],
  ])('needs no depth for %s of the greatest length', (_what, text, value) => {
    expect(evaluateCesql(parseCesql(text), eventWith())).toEqual({ value, error: null });
  });

  it('T15 refuses an expression of a million nodes at once', () => {
    expect(parseError('1+'.repeat(500_000) + '1').reason).toContain('longer than 4096');
    expect(parseError('('.repeat(1_000_000)).reason).toContain('longer than 4096');
  });
});

/** Pieces of the language in any order: far more of it parses than of arbitrary text. */
const almostCesql = fc
  .array(
    fc.constantFrom(
      ...["'a%_'", '"b"', "'", '"', '\\', '1', '-', '+', '2147483648', 'type', 'missing', '1a'],
      ...['NOT', 'AND', 'OR', 'XOR', 'LIKE', 'IN', 'EXISTS', 'TRUE', 'false', '(', ')', ',', '*'],
      ...[
        '/',
        '%',
        '=',
        '!=',
        '<>',
        '<',
        '>=',
        'LEFT(',
        'CONCAT(',
        'ABS(',
        'NONE(',
        '_',
        '#',
        '😀',
      ],
    ),
    { maxLength: 24 },
  )
  .chain((pieces) => fc.constantFrom(pieces.join(' '), pieces.join('')));

describe('whatever the text is', () => {
  test.prop([fc.oneof(almostCesql, fc.string({ unit: 'binary', maxLength: 200 }))], {
    numRuns: 1500,
  })('parsing ends with an expression or a CesqlParseError inside of the text', (text) => {
    try {
      const { value, error } = evaluateCesql(parseCesql(text), eventWith());
      expect(['string', 'number', 'boolean']).toContain(typeof value);
      expect(Object.is(value, -0)).toBe(false);
      expect(error?.kind).not.toBe('parse');
    } catch (error) {
      expect(error).toBeInstanceOf(CesqlParseError);
      const { line, column } = error as CesqlParseError;
      const lines = text.split(/\r\n|\r|\n/);
      expect(line).toBeGreaterThanOrEqual(1);
      expect(line).toBeLessThanOrEqual(lines.length);
      expect(column).toBeLessThanOrEqual((lines[line - 1] ?? '').length + 1);
    }
  });
});
