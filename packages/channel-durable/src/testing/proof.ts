/** What the event of this number carries: to be found again in what a process writes. */
export function proof(number: number): string {
  return `durable-proof-${String(number)}.`;
}
