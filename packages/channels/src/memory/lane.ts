/**
 * One bounded lane of a subscription.
 *
 *     enqueue ─▶ fresh ──take──▶ handed out ──ack──▶ gone
 *                                 │      ▲
 *                              release  take
 *                                 ▼      │
 *                     waiting (heap by due time) ─due─▶ ready (heap by position)
 *
 * Invariants: `depth` and `bytes` count every event from its reservation to its end, wherever it is;
 * everything in `ready` is older than everything in `fresh`, so that `take` hands out the lowest due
 * position; the list `first…last` holds what is not fresh, in order of position.
 *
 * `fresh` holds shared records only: an event that waits in a hundred subscriptions costs a hundred
 * references. The object that a reader holds is made when it is taken.
 */
import { strict as assert } from 'node:assert';
import { BoundedQueue } from '@afflux/kernel';
import type { QueueBounds } from '../channel.ts';
import { Heap } from '../heap.ts';
import {
  HANDED_OUT,
  HELD,
  isBeforeByPosition,
  MemoryDelivery,
  SETTLED,
} from './memory-delivery.ts';
import type { StoredEvent } from './stored-event.ts';

/** A queue that once grew beyond this gives its slots back when it runs empty. */
const SLOTS_KEPT = 1024;

/** What a lane reports to the subscription it belongs to. */
export interface LaneOwner {
  /** A claim on the event ended. */
  onFinished(stored: StoredEvent): void;
  /** Something was handed out (+1) or came back (-1, or several at once). */
  onInFlight(change: number): void;
  /** A delivery came back and is due at its `dueMs`. */
  onWaiting(delivery: MemoryDelivery): void;
  /** A reader found the lane empty, and it no longer is. */
  onReadable(): void;
  monotonicMs(): number;
}

export class Lane {
  bounds: QueueBounds;
  depth = 0;
  bytes = 0;
  inFlight = 0;
  /** A reader found nothing due and wants to be told. */
  isAwaited = false;
  readonly #owner: LaneOwner;
  readonly #ready = new Heap<MemoryDelivery>(isBeforeByPosition);
  #fresh: BoundedQueue<StoredEvent>;
  #freshPeak = 0;
  #first: MemoryDelivery | undefined;
  #last: MemoryDelivery | undefined;

  constructor(owner: LaneOwner, bounds: QueueBounds) {
    this.#owner = owner;
    this.bounds = bounds;
    this.#fresh = new BoundedQueue(bounds.eventsMax);
  }

  /** Takes new bounds; what is held stays, even beyond them. */
  resize(bounds: QueueBounds): void {
    this.bounds = bounds;
    if (bounds.eventsMax === this.#fresh.lengthMax) return;
    const resized = new BoundedQueue<StoredEvent>(Math.max(bounds.eventsMax, this.#fresh.length));
    for (let item = this.#fresh.shift(); item !== undefined; item = this.#fresh.shift()) {
      resized.push(item);
    }
    this.#fresh = resized;
  }

  /** Takes room for one event if there is any. Followed by `enqueue…` or by `unreserve`. */
  tryReserve(bytes: number): boolean {
    if (this.depth >= this.bounds.eventsMax || this.bytes + bytes > this.bounds.bytesMax) {
      return false;
    }
    this.depth += 1;
    this.bytes += bytes;
    return true;
  }

  unreserve(bytes: number): void {
    this.depth -= 1;
    this.bytes -= bytes;
  }

  enqueue(stored: StoredEvent): void {
    assert(this.#fresh.push(stored), 'room was reserved');
    if (this.#fresh.length > this.#freshPeak) this.#freshPeak = this.#fresh.length;
  }

  /** For an event that begins with progress. */
  enqueueWith(stored: StoredEvent, progress: unknown): void {
    const delivery = new MemoryDelivery(this, stored, 1, progress, HELD);
    this.#append(delivery);
    this.#ready.push(delivery);
  }

  take(): MemoryDelivery | undefined {
    const delivery = this.#ready.size > 0 ? this.#ready.pop() : this.#takeFresh();
    if (delivery === undefined) {
      this.isAwaited = true;
      return undefined;
    }
    delivery.state = HANDED_OUT;
    this.inFlight += 1;
    this.#owner.onInFlight(1);
    return delivery;
  }

  #takeFresh(): MemoryDelivery | undefined {
    const stored = this.#fresh.shift();
    if (stored === undefined) return undefined;
    const delivery = new MemoryDelivery(this, stored, 1, undefined, HANDED_OUT);
    this.#append(delivery);
    return delivery;
  }

  /** The event's claim ends. */
  finish(delivery: MemoryDelivery): void {
    this.#leaveHands(delivery);
    this.#unlink(delivery);
    this.unreserve(delivery.event.sizeBytes);
    if (this.depth === 0 && this.#freshPeak > SLOTS_KEPT) this.#shrink();
    this.#owner.onFinished(delivery.stored);
  }

  /** The event comes back and waits for its next hand-out. */
  takeBack(delivery: MemoryDelivery, delayMs: number, progress: unknown): void {
    this.#leaveHands(delivery);
    const successor = new MemoryDelivery(
      this,
      delivery.stored,
      delivery.attempt + 1,
      progress,
      HELD,
    );
    this.#replace(delivery, successor);
    if (delayMs > 0) {
      successor.dueMs = this.#owner.monotonicMs() + delayMs;
      this.#owner.onWaiting(successor);
    } else {
      this.makeReady(successor);
    }
  }

  /** A delivery that waited is due. */
  makeReady(delivery: MemoryDelivery): void {
    this.#ready.push(delivery);
    this.announce();
  }

  /** Tells the reader, if one waits, that there is something due. */
  announce(): void {
    if (!this.isAwaited) return;
    this.isAwaited = false;
    this.#owner.onReadable();
  }

  /** Forgets everything; what is in flight can no longer be settled. Returns the number of events. */
  drop(): number {
    const dropped = this.depth;
    this.#owner.onInFlight(-this.inFlight);
    for (let delivery = this.#first; delivery !== undefined; delivery = delivery.next) {
      delivery.state = SETTLED;
      this.#owner.onFinished(delivery.stored);
    }
    for (let stored = this.#fresh.shift(); stored !== undefined; stored = this.#fresh.shift()) {
      this.#owner.onFinished(stored);
    }
    this.#first = this.#last = undefined;
    this.#ready.clear();
    this.#shrink();
    this.depth = this.bytes = this.inFlight = 0;
    return dropped;
  }

  /** Monotonic time at which the oldest event was accepted; undefined when empty. */
  get oldestAcceptedMs(): number | undefined {
    return (this.#first?.stored ?? this.#fresh.peek())?.acceptedMs;
  }

  #leaveHands(delivery: MemoryDelivery): void {
    delivery.state = SETTLED;
    this.inFlight -= 1;
    this.#owner.onInFlight(-1);
  }

  #shrink(): void {
    this.#fresh.clear();
    this.#freshPeak = 0;
  }

  #append(delivery: MemoryDelivery): void {
    delivery.previous = this.#last;
    if (this.#last === undefined) this.#first = delivery;
    else this.#last.next = delivery;
    this.#last = delivery;
  }

  #unlink(delivery: MemoryDelivery): void {
    const { previous, next } = delivery;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    delivery.previous = delivery.next = undefined;
  }

  #replace(delivery: MemoryDelivery, successor: MemoryDelivery): void {
    const { previous, next } = delivery;
    successor.previous = previous;
    successor.next = next;
    if (previous === undefined) this.#first = successor;
    else previous.next = successor;
    if (next === undefined) this.#last = successor;
    else next.previous = successor;
    delivery.previous = delivery.next = undefined;
  }
}
