/**
 * One event's place in one lane, from its first `take` until its `ack`.
 *
 * Each hand-out is an object of its own, so that a stale reference can do nothing: settling marks it, and a
 * release puts a successor in its place. The objects of a lane form a list in order of position, which makes
 * the oldest one and the dropping of all of them cheap.
 */
import type { CloudEvent } from '@afflux/events';
import type { Delivery, ReleaseOptions } from '../channel.ts';
import type { Lane } from './lane.ts';
import type { StoredEvent } from './stored-event.ts';

/** In the lane, due or waiting; handed out; settled or dropped. */
export const HELD = 0;
export const HANDED_OUT = 1;
export const SETTLED = 2;

export class MemoryDelivery implements Delivery<unknown> {
  readonly event: CloudEvent;
  readonly position: number;
  readonly attempt: number;
  readonly progress: unknown;
  readonly stored: StoredEvent;
  readonly lane: Lane;
  state: typeof HELD | typeof HANDED_OUT | typeof SETTLED;
  /** Monotonic time from which it may be handed out; 0 = now. */
  dueMs = 0;
  previous: MemoryDelivery | undefined = undefined;
  next: MemoryDelivery | undefined = undefined;

  constructor(
    lane: Lane,
    stored: StoredEvent,
    attempt: number,
    progress: unknown,
    state: typeof HELD | typeof HANDED_OUT,
  ) {
    this.event = stored.event;
    this.position = stored.position;
    this.attempt = attempt;
    this.progress = progress;
    this.stored = stored;
    this.lane = lane;
    this.state = state;
  }

  ack(): void {
    if (this.state === HANDED_OUT) this.lane.finish(this);
  }

  release(options: ReleaseOptions<unknown>): void {
    if (this.state !== HANDED_OUT) return;
    this.lane.takeBack(
      this,
      options.delayMs,
      options.progress === undefined ? this.progress : options.progress,
    );
  }
}

export function isBeforeByPosition(left: MemoryDelivery, right: MemoryDelivery): boolean {
  return left.position < right.position;
}

export function isBeforeByDue(left: MemoryDelivery, right: MemoryDelivery): boolean {
  return left.dueMs < right.dueMs || (left.dueMs === right.dueMs && left.position < right.position);
}
