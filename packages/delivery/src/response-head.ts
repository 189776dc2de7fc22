/**
 * What is read from the head of a response. Headers come as the parser's buffers, `name, value, …`, and stay
 * buffers unless somebody needs them: most responses are an empty 2xx of which only the status matters.
 */

/** Whether a response without a body is worth a look by the event decoder. */
export function mayCarryEvent(head: readonly Buffer[]): boolean {
  return indexOfHeader(head, 'ce-specversion') !== -1 || indexOfHeader(head, 'content-type') !== -1;
}

/**
 * Milliseconds until the moment that `Retry-After` names: seconds or an HTTP date (RFC 9110 §10.2.3).
 * Undefined when the header is missing or malformed; never negative.
 */
export function retryAfterMs(head: readonly Buffer[], nowMs: number): number | undefined {
  const index = indexOfHeader(head, 'retry-after');
  const value = head[index + 1]?.toString('latin1').trim();
  if (index === -1 || value === undefined) return undefined;
  if (/^\d{1,10}$/.test(value)) return Number(value) * 1000;
  const date = value.endsWith('GMT') ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

/** The flat list of strings that the event decoder takes. */
export function headStrings(head: readonly Buffer[]): string[] {
  return head.map((part) => part.toString('latin1'));
}

/** The length is compared first: nearly every header is told apart by it. */
function indexOfHeader(head: readonly Buffer[], lowerName: string): number {
  for (let index = 0; index + 1 < head.length; index += 2) {
    const name = head[index];
    if (name?.length !== lowerName.length) continue;
    if (name.toString('latin1').toLowerCase() === lowerName) return index;
  }
  return -1;
}
