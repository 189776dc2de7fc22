/** An event as a memory channel holds it: one object, shared by all subscriptions that want the event. */
import type { CloudEvent } from '@afflux/events';

/**
 * Counted against the memory budget for each event beside its `sizeBytes`: the event object with its
 * attribute table and cached header list, its buffer's object, this record and one delivery. Measured with
 * six attributes over HTTP: 1.1 to 1.4 KiB.
 */
export const EVENT_OVERHEAD_BYTES = 1536;

export class StoredEvent {
  readonly event: CloudEvent;
  /** Order of acceptance within the channel, from 1. */
  readonly position: number;
  /** Monotonic time of acceptance. */
  readonly acceptedMs: number;
  /** Subscriptions that have not done with the event. */
  claims: number;

  constructor(event: CloudEvent, position: number, acceptedMs: number, claims: number) {
    this.event = event;
    this.position = position;
    this.acceptedMs = acceptedMs;
    this.claims = claims;
  }
}

/** What an event takes from the memory budget. */
export function budgetBytes(event: CloudEvent): number {
  return event.sizeBytes + EVENT_OVERHEAD_BYTES;
}
