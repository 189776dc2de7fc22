/**
 * Values as text, the way kube-apiserver writes them into a column of type `string`. Scripts compare these cells, so
 * numbers and objects must look as they do there: floats from a million on with an exponent, keys in order, `<`, `>`
 * and `&` escaped in JSON.
 */

/** From here on an integer is no 64-bit integer any more, and is written as a float. */
const INT64_END = 2 ** 63;
const ESCAPED = /[<>&\u2028\u2029]/gu;

/** Whether the API takes the number for an integer. */
function isInt64(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) < INT64_END;
}

function floatText(value: number): string {
  const [digits = '0', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < FLOAT_EXPONENT_MIN) return String(value);
  const sign = exponent < 0 ? '-' : '+';
  return `${digits}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** Exponent from which on a float is written with it, whether it is whole or not. */
const FLOAT_EXPONENT_MIN = 6;

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function inKeyOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries);
}

/** A value as it stands in a cell. */
export function cellText(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'boolean':
      return String(value);
    case 'number':
      return isInt64(value) ? BigInt(value).toString() : floatText(value);
    default:
      if (value === null || value === undefined) return '<no value>';
      return JSON.stringify(value, inKeyOrder).replace(ESCAPED, escaped);
  }
}
