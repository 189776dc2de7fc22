/**
 * One event's place in one backlog while it is in memory. Each hand-out is an object of its own, so that a stale
 * reference can do nothing: settling marks it, and a release puts a successor in its place.
 */
import type { DeadLetterReason, Delivery, ReleaseOptions } from '@afflux/channels';
import type { CloudEvent } from '@afflux/events';
import type { Lane } from './lane.ts';

/** In memory, due or waiting; handed out; on its way to the dead letters; settled or dropped. */
export const HELD = 0;
export const HANDED_OUT = 1;
export const BURYING = 2;
export const SETTLED = 3;

/** What a delivery asks of the backlog it belongs to. */
export interface DeliveryOwner {
  finish(delivery: DurableDelivery): void;
  takeBack(delivery: DurableDelivery, options: ReleaseOptions<unknown>): void;
  save(delivery: DurableDelivery, progress: unknown): void;
  bury(delivery: DurableDelivery, reason: DeadLetterReason): void;
}

export class DurableDelivery implements Delivery<unknown> {
  readonly lane: Lane;
  readonly position: number;
  readonly attempt: number;
  readonly sizeBytes: number;
  progress: unknown;
  state: typeof HELD | typeof HANDED_OUT | typeof BURYING | typeof SETTLED = HELD;
  /** Monotonic time from which it may be handed out. */
  dueMs = 0;
  /** Undefined while it waits long enough for its event to be read again. */
  held: CloudEvent | undefined;
  readonly #owner: DeliveryOwner;

  constructor(
    owner: DeliveryOwner,
    lane: Lane,
    position: number,
    event: CloudEvent,
    attempt: number,
    progress: unknown,
  ) {
    this.#owner = owner;
    this.lane = lane;
    this.position = position;
    this.held = event;
    this.sizeBytes = event.sizeBytes;
    this.attempt = attempt;
    this.progress = progress;
  }

  get event(): CloudEvent {
    return this.held as CloudEvent;
  }

  ack(): void {
    if (this.state === HANDED_OUT) this.#owner.finish(this);
  }

  release(options: ReleaseOptions<unknown>): void {
    if (this.state === HANDED_OUT) this.#owner.takeBack(this, options);
  }

  save(progress: unknown): void {
    if (this.state === HANDED_OUT) this.#owner.save(this, progress);
  }

  deadLetter(reason: DeadLetterReason): void {
    if (this.state === HANDED_OUT) this.#owner.bury(this, reason);
  }
}

export function isBeforeByPosition(left: DurableDelivery, right: DurableDelivery): boolean {
  return left.position < right.position;
}

export function isBeforeByDue(left: DurableDelivery, right: DurableDelivery): boolean {
  return left.dueMs < right.dueMs || (left.dueMs === right.dueMs && left.position < right.position);
}
