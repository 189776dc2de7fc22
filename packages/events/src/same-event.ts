/** Equality of events, for tests and checkers. */
import type { CloudEvent } from './cloud-event.ts';

function sameData(left: Buffer | undefined, right: Buffer | undefined): boolean {
  return Buffer.compare(left ?? Buffer.alloc(0), right ?? Buffer.alloc(0)) === 0;
}

/**
 * Whether two events have the same attributes and the same data. Attributes compare by their canonical text,
 * because binary mode loses types, and in any order; no data and empty data are the same, because binary
 * mode cannot tell them apart.
 */
export function sameEvent(left: CloudEvent, right: CloudEvent): boolean {
  const names = left.names();
  if (names.length !== right.names().length) return false;
  const sameAttributes = names.every((name) => left.getText(name) === right.getText(name));
  return sameAttributes && sameData(left.data, right.data);
}
