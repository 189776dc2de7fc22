/** JSON pointer, RFC 6901: `/spec/filters/0` names a place in a document; `~1` is a slash, `~0` a tilde. */

/** The steps of a pointer; undefined when it is not one. The empty pointer names the whole document. */
export function parsePointer(text: string): string[] | undefined {
  if (text === '') return [];
  if (!text.startsWith('/') || /~(?![01])/.test(text)) return undefined;
  return text
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The place in a list that a step names: an existing index, without leading zeros. */
export function listIndex(step: string, length: number): number | undefined {
  if (!/^(?:0|[1-9]\d{0,9})$/.test(step)) return undefined;
  const index = Number(step);
  return index < length ? index : undefined;
}
