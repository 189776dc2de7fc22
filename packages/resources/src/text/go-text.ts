/**
 * Values as text the way Go writes them. Scripts compare these texts, and some must be Kubernetes' own to the byte:
 * keys of objects in order, floats from a million on with an exponent, `<`, `>` and `&` escaped in JSON. Pure.
 */

/** From here on an integer is no 64-bit integer any more, and is written as a float. */
const INT64_END = 2 ** 63;

/** Exponent from which on a float is written with it, whether it is whole or not. */
const FLOAT_EXPONENT_MIN = 6;

/** As `%v`: `map[a:1 b:x]`, `[a b]`, `<nil>`, and texts and numbers as they are. */
export function goText(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(goText).join(' ')}]`;
  if (typeof value === 'object') {
    const entries = Object.entries(inKeyOrder(value) as object);
    return `map[${entries.map(([key, item]) => `${key}:${goText(item)}`).join(' ')}]`;
  }
  if (typeof value === 'number') return numberText(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function numberText(value: number): string {
  const isInt64 = Number.isInteger(value) && Math.abs(value) < INT64_END;
  return isInt64 ? BigInt(value).toString() : floatText(value);
}

function floatText(value: number): string {
  const [digits = '0', exponentText = '0'] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < FLOAT_EXPONENT_MIN) return String(value);
  const sign = exponent < 0 ? '-' : '+';
  return `${digits}e${sign}${String(Math.abs(exponent)).padStart(2, '0')}`;
}

/** As Go's encoder of JSON. */
export function goJson(value: unknown, indent?: number): string {
  return JSON.stringify(inKeyOrder(value), undefined, indent).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A copy with the keys of all objects in order. */
export function inKeyOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inKeyOrder);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, inKeyOrder(item)]));
}
