/**
 * About how much memory an object takes: the lengths of its texts, and something for each value. Cheap, because it
 * is asked with every change; good enough to bound what is kept of the past. Pure.
 */

/** For each value of an object: what a field and its key take beside the text. */
const VALUE_BYTES = 32;

/** Bytes, roughly. What two objects share counts for both. */
export function roughBytes(value: unknown): number {
  if (typeof value === 'string') return VALUE_BYTES + value.length;
  if (typeof value !== 'object' || value === null) return VALUE_BYTES;
  let bytes = VALUE_BYTES;
  // No entries made on the way: this is done for each change of every object.
  for (const key in value) bytes += roughBytes((value as Record<string, unknown>)[key]);
  return bytes;
}
