/**
 * The two attributes that a broker adds to every event that enters it.
 *
 * - `knativebrokerttl` counts down with every entry, so that a subscriber whose reply triggers itself ends
 *   (threat T17). An outsider can make it smaller, never larger than the limit. Subscribers do not see it; it
 *   is put back on their replies, and stays on dead letters (design, decision 14).
 * - `knativearrivaltime` says when the event entered, at its last entry.
 *
 * Names and the default limit are Knative's (`pkg/broker/ttl.go`, contract §5.2).
 */
import type { CloudEvent } from '@afflux/events';

export const TTL_ATTRIBUTE = 'knativebrokerttl';
export const ARRIVAL_ATTRIBUTE = 'knativearrivaltime';

/** Entries into a broker that one event and its replies may make. */
export const HOP_LIMIT_DEFAULT = 255;

/** What the attribute holds; undefined when it is absent or no integer. */
export function readTtl(event: CloudEvent): number | undefined {
  const text = event.getText(TTL_ATTRIBUTE);
  if (text === undefined || !/^-?\d{1,10}$/.test(text)) return undefined;
  return Number(text);
}

/** The count after one more entry; 0 means that the event has come to its end. */
export function nextTtl(event: CloudEvent, hopLimit: number): number {
  const ttl = readTtl(event);
  if (ttl === undefined) return hopLimit;
  return Math.max(0, Math.min(ttl - 1, hopLimit));
}
