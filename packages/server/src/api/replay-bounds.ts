/** Where a replay begins and ends, as people write it. */
import type { ReadOptions } from '@afflux/channels';

const TIME = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

/** `earliest`, a time in RFC 3339, or a position as the channel writes it. */
export function parseFrom(text: string): ReadOptions['from'] {
  return text === 'earliest' ? text : parseBound(text);
}

/** A time in RFC 3339, or a position. What looks like a time and is none is a position, and refused as one. */
export function parseBound(text: string): NonNullable<ReadOptions['to']> {
  const timeMs = TIME.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(timeMs) ? { position: text } : { timeMs };
}
