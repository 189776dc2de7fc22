/**
 * The built-in functions, as data: name, parameter types, zero value of the result type, and what to compute.
 *
 * A function is found by name and number of arguments. Arguments arrive cast to the parameter types, so the
 * bodies only compute. `IS_INT` and `IS_BOOL` are not in the text of CESQL 1.0.0; the Go and Java
 * implementations have them, so expressions out there use them.
 */
import { INT_MAX, INT_MIN, toBoolean, toInteger, toText } from './cast.ts';
import { backward, characterCount, forward, trimWhiteSpace } from './characters.ts';
import type { CesqlErrorKind } from './run.ts';
import type { CesqlValue } from './syntax-tree.ts';

/** `any` takes every value as it is. */
export type ParameterType = 'string' | 'integer' | 'boolean' | 'any';

/** What a function body can say besides its result. */
export interface CallContext {
  /** The call fails; what the body returns is the value the language designates for it. */
  fail(kind: CesqlErrorKind, reason: string): void;
  /** Asked before a string that can be longer than the arguments; false: give up and return ''. */
  allowResult(chars: number): boolean;
}

export interface CesqlFunction {
  readonly parameters: readonly ParameterType[];
  /** The type of any number of further arguments. */
  readonly rest?: ParameterType;
  /** The result when an argument has failed; its type is the result type. */
  readonly zero: CesqlValue;
  readonly call: (context: CallContext, args: readonly CesqlValue[]) => CesqlValue;
}

interface ValueOfType {
  string: string;
  integer: number;
  boolean: boolean;
  any: CesqlValue;
}

type ValuesOf<P extends readonly ParameterType[]> = { [I in keyof P]: ValueOfType[P[I]] };

/** Gives a body the argument types its parameter list states; the evaluator has cast them. */
function define<const P extends readonly ParameterType[]>(
  parameters: P,
  zero: CesqlValue,
  body: (context: CallContext, ...args: ValuesOf<P>) => CesqlValue,
): CesqlFunction {
  return {
    parameters,
    zero,
    call: (context, args) => body(context, ...(args as ValuesOf<P>)),
  };
}

function defineVariadic(
  parameters: readonly ParameterType[],
  join: (texts: readonly string[]) => { delimiter: string; parts: readonly string[] },
): CesqlFunction {
  return {
    parameters,
    rest: 'string',
    zero: '',
    call: (context, args) => {
      const { delimiter, parts } = join(args.map(toText));
      const gaps = Math.max(0, parts.length - 1) * delimiter.length;
      const chars = parts.reduce((sum, part) => sum + part.length, gaps);
      return context.allowResult(chars) ? parts.join(delimiter) : '';
    },
  };
}

/** One character can become up to three in the other case (`ΐ`), so the result is what is measured. */
function changeCase(change: (text: string) => string): CesqlFunction {
  return define(['string'], '', (context, text) => {
    const changed = change(text);
    return context.allowResult(changed.length) ? changed : '';
  });
}

const FUNCTIONS: ReadonlyMap<string, readonly CesqlFunction[]> = new Map([
  ['INT', [define(['integer'], 0, (_context, value) => value)]],
  ['BOOL', [define(['boolean'], false, (_context, value) => value)]],
  ['STRING', [define(['string'], '', (_context, value) => value)]],
  ['IS_INT', [define(['any'], false, (_context, value) => toInteger(value) !== undefined)]],
  ['IS_BOOL', [define(['any'], false, (_context, value) => toBoolean(value) !== undefined)]],
  ['ABS', [define(['integer'], 0, absolute)]],
  ['LENGTH', [define(['string'], 0, (_context, text) => characterCount(text))]],
  ['CONCAT', [defineVariadic([], (parts) => ({ delimiter: '', parts }))]],
  ['CONCAT_WS', [defineVariadic(['string'], withDelimiter)]],
  ['LOWER', [changeCase((text) => text.toLowerCase())]],
  ['UPPER', [changeCase((text) => text.toUpperCase())]],
  ['TRIM', [define(['string'], '', (_context, text) => trimWhiteSpace(text))]],
  ['LEFT', [define(['string', 'integer'], '', left)]],
  ['RIGHT', [define(['string', 'integer'], '', right)]],
  [
    'SUBSTRING',
    [
      define(['string', 'integer'], '', substring),
      define(['string', 'integer', 'integer'], '', substring),
    ],
  ],
]);

/** The function of this name (upper case) that takes so many arguments. */
export function findFunction(name: string, argumentCount: number): CesqlFunction | undefined {
  return FUNCTIONS.get(name)?.find(({ parameters, rest }) =>
    rest === undefined ? parameters.length === argumentCount : parameters.length <= argumentCount,
  );
}

function withDelimiter([delimiter = '', ...parts]: readonly string[]): {
  delimiter: string;
  parts: readonly string[];
} {
  return { delimiter, parts };
}

function absolute(context: CallContext, value: number): number {
  if (value !== INT_MIN) return Math.abs(value);
  context.fail('math', `the absolute value of ${String(INT_MIN)} is out of range`);
  return INT_MAX;
}

function left(context: CallContext, text: string, count: number): string {
  if (count < 0) return negativeCount(context, text, count);
  const end = forward(text, 0, count);
  return end < 0 ? text : text.slice(0, end);
}

function right(context: CallContext, text: string, count: number): string {
  if (count < 0) return negativeCount(context, text, count);
  const start = backward(text, text.length, count);
  return start < 0 ? text : text.slice(start);
}

function negativeCount(context: CallContext, text: string, count: number): string {
  context.fail('functionEvaluation', `the number of characters is negative: ${String(count)}`);
  return text;
}

/** Positions count from 1; a negative one counts from the end; 0 is no position and gives ''. */
function substring(context: CallContext, text: string, position: number, count?: number): string {
  if (count !== undefined && count < 0) {
    negativeCount(context, text, count);
    return '';
  }
  if (position === 0) return '';
  const start =
    position > 0 ? forward(text, 0, position - 1) : backward(text, text.length, -position);
  if (start < 0 || start === text.length) {
    const reason = `position ${String(position)} is outside of the string`;
    context.fail('functionEvaluation', reason);
    return '';
  }
  const end = count === undefined ? -1 : forward(text, start, count);
  return end < 0 ? text.slice(start) : text.slice(start, end);
}
