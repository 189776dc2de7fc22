/**
 * JSON as Go's encoder writes it: keys of objects in order, and `<`, `>`, `&` and the line separators escaped. For
 * texts that must be the same to the byte as Kubernetes' own.
 */
import { isRecord } from './json-record.ts';

function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([key, item]) => [key, sortedKeys(item)]));
}

/** A JSON value as text. */
export function goJson(value: unknown): string {
  return JSON.stringify(sortedKeys(value)).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
