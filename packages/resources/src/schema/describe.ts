/** Words for what was found and what was expected, as they stand in messages about fields. */

import { nearestName } from '../nearest-name.ts';

/** More known names than this are not listed in a message. */
const LISTED_NAMES_MAX = 16;

/** Longer texts are cut in messages. */
const SHOWN_LENGTH_MAX = 60;

/** Longer values are cut in the causes that machines read. */
const CAUSE_LENGTH_MAX = 1024;

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'an integer',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'a map',
};

/** `expected` of a zod issue in words. */
export function expectedWords(type: string): string {
  return EXPECTED[type] ?? type;
}

function shortText(text: string): string {
  return JSON.stringify(
    text.length <= SHOWN_LENGTH_MAX ? text : `${text.slice(0, SHOWN_LENGTH_MAX)}…`,
  );
}

/** What kind of value it is, with the value itself when it is short and may be shown. */
export function foundWords(value: unknown, mayShow: boolean): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'string':
      return mayShow ? `the string ${shortText(value)}` : 'a string';
    case 'number':
      return mayShow ? `the number ${String(value)}` : 'a number';
    case 'boolean':
      return mayShow ? `the boolean ${String(value)}` : 'a boolean';
    case 'object':
      return 'an object';
    default:
      return `a ${typeof value}`;
  }
}

/** A value as it stands in `invalid value: …`. */
export function valueText(value: unknown, mayShow: boolean): string {
  if (!mayShow) return '(not shown)';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length <= SHOWN_LENGTH_MAX ? text : `${text.slice(0, SHOWN_LENGTH_MAX)}…`;
}

/** A value as JSON, as it stands in the causes of kube-apiserver. */
export function causeText(value: unknown, mayShow: boolean): string {
  if (!mayShow) return '"(not shown)"';
  const text = JSON.stringify(value);
  return text.length <= CAUSE_LENGTH_MAX ? text : `${text.slice(0, CAUSE_LENGTH_MAX)}…`;
}

/** `a number of at least 3`, `at least 3 entries`, `at least 3 characters`. */
export function amountWords(bound: 'at least' | 'at most', amount: string, origin: string): string {
  switch (origin) {
    case 'string':
      return `${bound} ${amount} characters`;
    case 'array':
    case 'object':
    case 'record':
      return `${bound} ${amount} entries`;
    default:
      return `a number of ${bound} ${amount}`;
  }
}

/** `"a", "b" or "c"`. */
export function alternatives(values: readonly unknown[]): string {
  const words = values.map((value) => JSON.stringify(value));
  const last = words.pop() ?? '';
  return words.length === 0 ? last : `${words.join(', ')} or ${last}`;
}

/** Says that nobody knows a field, and which was probably meant. */
export function unknownFieldWords(name: string, known: readonly string[]): string {
  const near = nearestName(name, known);
  const words = `unknown field ${JSON.stringify(name)}`;
  if (near !== undefined) return `${words}, did you mean ${JSON.stringify(near)}?`;
  if (known.length === 0 || known.length > LISTED_NAMES_MAX) return words;
  return `${words}, expected ${alternatives(known)}`;
}
