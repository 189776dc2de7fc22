/** Lists that are filled and emptied with every publish. */

/** Keeps the storage of a short list, which setting its length to 0 would give away at each publish. */
export function empty(list: unknown[]): void {
  while (list.length > 0) list.pop();
}
