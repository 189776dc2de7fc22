/**
 * The merge patch (RFC 7396) that brings an object from what was applied last to what is wanted now, and leaves
 * alone what neither of the two speaks of. Lists are replaced whole.
 */
type Fields = Readonly<Record<string, unknown>>;

export function applyPatch(last: unknown, wanted: unknown): unknown {
  if (!isFields(wanted)) return wanted;
  const before: Fields = isFields(last) ? last : {};
  const removed = Object.keys(before).filter((key) => wanted[key] === undefined);
  return {
    ...Object.fromEntries(removed.map((key) => [key, null])),
    ...Object.fromEntries(
      Object.entries(wanted)
        .filter(([, value]) => value !== undefined)
        .map(([key, value]) => [key, applyPatch(before[key], value)]),
    ),
  };
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
