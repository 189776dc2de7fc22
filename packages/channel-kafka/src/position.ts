/**
 * Positions: `partition:offset` of one event, or several of them with commas for a place in the whole topic.
 * Partitions that are not named begin with the earliest event kept, and end with the last one.
 */
import { type Position, positionInvalid } from '@afflux/channels';

const PART = /^p?(\d{1,5}):(\d{1,16})$/;

export function positionOf(partition: number, offset: number): string {
  return `${String(partition)}:${String(offset)}`;
}

/** Offsets by partition. Throws `AFFLUX_CHANNEL_POSITION_INVALID`. */
export function parsePosition(position: Position): ReadonlyMap<number, number> {
  const offsets = new Map<number, number>();
  for (const part of String(position).split(',')) {
    const found = PART.exec(part.trim());
    if (found === null) throw invalid(position);
    const [partition, offset] = [Number(found[1]), Number(found[2])];
    if (!Number.isSafeInteger(offset) || offsets.has(partition)) throw invalid(position);
    offsets.set(partition, offset);
  }
  return offsets;
}

function invalid(position: Position): Error {
  return positionInvalid('kafka', position, '"partition:offset", several with commas between');
}
