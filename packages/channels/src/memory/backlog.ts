/**
 * What a memory channel keeps for one subscription id: the two lanes, the deliveries that wait for their
 * retry, and the one timer that wakes them. It outlives the subscriptions that read it: closing one without
 * `drop` leaves the backlog for the next.
 */
import type { CloudEvent } from '@afflux/events';
import type { Clock } from '@afflux/kernel';
import { Alarm, DEADLINE_TOLERANCE_MS } from '../alarm.ts';
import type {
  OverflowPolicy,
  Selector,
  SubscribeOptions,
  SubscriptionDescription,
} from '../channel.ts';
import { Heap } from '../heap.ts';
import type { ChannelTelemetry, SubscriptionCounters } from '../telemetry.ts';
import { Lane, type LaneOwner } from './lane.ts';
import { isBeforeByDue, type MemoryDelivery } from './memory-delivery.ts';
import type { StoredEvent } from './stored-event.ts';

/** Where a publish found room. */
export const NO_ROOM = 0;
export const MAIN = 1;
export const OVERFLOW = 2;
export type Room = typeof NO_ROOM | typeof MAIN | typeof OVERFLOW;

/** The overflow lane of a subscription whose policy is backpressure: never used, so any bound will do. */
const UNUSED_BOUNDS = { eventsMax: 1, bytesMax: 0 };

/** What a backlog reports to its channel. */
export interface BacklogOwner {
  readonly telemetry: ChannelTelemetry;
  onFinished(stored: StoredEvent): void;
  onInFlight(change: number): void;
}

export class Backlog implements LaneOwner {
  readonly id: string;
  readonly main: Lane;
  readonly overflow: Lane;
  selector: Selector | undefined;
  counters: SubscriptionCounters;
  /** A subscription reads it; otherwise no event matches. */
  isAttached = false;
  /** Told when an awaited lane has something due. */
  onReadableCallback: (() => void) | undefined;
  /** Number of the last event that was matched against it: guards against a selector that repeats an id. */
  lastMatch = 0;
  /** Monotonic time of the first refusal since an event last found room here. */
  fullSinceMs: number | undefined;
  #label: string;
  #policy: OverflowPolicy<unknown>;
  readonly #owner: BacklogOwner;
  readonly #clock: Clock;
  readonly #waiting = new Heap<MemoryDelivery>(isBeforeByDue);
  readonly #alarm: Alarm;

  constructor(options: SubscribeOptions<unknown>, owner: BacklogOwner, clock: Clock) {
    this.id = options.id;
    this.#label = options.label ?? options.id;
    this.counters = owner.telemetry.forSubscription(this.#label);
    this.selector = options.selector;
    this.#policy = options.overflow;
    this.#owner = owner;
    this.#clock = clock;
    this.main = new Lane(this, options.bounds);
    this.overflow = new Lane(this, overflowBounds(options));
    this.#alarm = new Alarm(clock, () => {
      this.#wakeDue();
    });
  }

  configure(options: SubscribeOptions<unknown>): void {
    this.#label = options.label ?? options.id;
    this.counters = this.#owner.telemetry.forSubscription(this.#label);
    this.selector = options.selector;
    this.#policy = options.overflow;
    this.main.resize(options.bounds);
    this.overflow.resize(overflowBounds(options));
  }

  /** Takes room for one event in the lane that is to get it. */
  reserve(bytes: number): Room {
    if (this.main.tryReserve(bytes)) return MAIN;
    return this.#policy !== 'backpressure' && this.overflow.tryReserve(bytes) ? OVERFLOW : NO_ROOM;
  }

  unreserve(room: Room, bytes: number): void {
    if (room === MAIN) this.main.unreserve(bytes);
    else if (room === OVERFLOW) this.overflow.unreserve(bytes);
  }

  /** Progress that a copy in the overflow lane begins with. */
  overflowProgress(event: CloudEvent): unknown {
    return this.#policy === 'backpressure' ? undefined : this.#policy.deadLetter(event);
  }

  /** The most this backlog can ever hold. */
  get eventsMax(): number {
    return this.main.bounds.eventsMax + this.#overflowBounds.eventsMax;
  }

  get bytesMax(): number {
    return this.main.bounds.bytesMax + this.#overflowBounds.bytesMax;
  }

  /** The largest event that fits at all. */
  get eventBytesMax(): number {
    return Math.max(this.main.bounds.bytesMax, this.#overflowBounds.bytesMax);
  }

  get #overflowBounds(): { eventsMax: number; bytesMax: number } {
    return this.#policy === 'backpressure' ? { eventsMax: 0, bytesMax: 0 } : this.overflow.bounds;
  }

  /** Forgets everything. Returns the number of events. */
  drop(): number {
    this.#alarm.cancel();
    this.#waiting.clear();
    this.fullSinceMs = undefined;
    return this.main.drop() + this.overflow.drop();
  }

  get depth(): number {
    return this.main.depth + this.overflow.depth;
  }

  describe(): SubscriptionDescription {
    const { main, overflow } = this;
    const oldestMs = Math.min(
      main.oldestAcceptedMs ?? Infinity,
      overflow.oldestAcceptedMs ?? Infinity,
    );
    return {
      id: this.id,
      label: this.#label,
      attached: this.isAttached,
      depth: main.depth,
      overflow: overflow.depth,
      bytes: main.bytes + overflow.bytes,
      oldestMs: oldestMs === Infinity ? 0 : this.monotonicMs() - oldestMs,
      inFlight: main.inFlight + overflow.inFlight,
    };
  }

  onFinished(stored: StoredEvent): void {
    this.#owner.onFinished(stored);
  }

  onInFlight(change: number): void {
    this.#owner.onInFlight(change);
  }

  onReadable(): void {
    this.onReadableCallback?.();
  }

  onWaiting(delivery: MemoryDelivery): void {
    this.#waiting.push(delivery);
    this.#alarm.set(delivery.dueMs);
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs();
  }

  #wakeDue(): void {
    const reachedMs = this.monotonicMs() + DEADLINE_TOLERANCE_MS;
    let next = this.#waiting.peek();
    while (next !== undefined && next.dueMs <= reachedMs) {
      this.#waiting.pop();
      next.lane.makeReady(next);
      next = this.#waiting.peek();
    }
    if (next !== undefined) this.#alarm.set(next.dueMs);
  }
}

function overflowBounds({ overflow, bounds }: SubscribeOptions<unknown>) {
  if (overflow === 'backpressure') return UNUSED_BOUNDS;
  return { eventsMax: overflow.eventsMax, bytesMax: overflow.bytesMax ?? bounds.bytesMax };
}
