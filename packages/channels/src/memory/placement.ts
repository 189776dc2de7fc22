/**
 * One publish, from selection to queues, in two steps that make it all or none:
 *
 * 1. *plan*: ask the selectors, take room in every queue concerned and in the memory budget. If there is no
 *    room somewhere, give all of it back and say where.
 * 2. *commit*: nothing in it can fail. Each event is stored once, and each queue gets a reference.
 *
 * The lists are reused from publish to publish: `targets[ends[i-1] … ends[i])` are the backlogs of event i,
 * `rooms` and `progress` run beside `targets`.
 */
import type { CloudEvent } from '@afflux/events';
import type { ChannelError } from '../errors.ts';
import { batchTooLarge, ChannelFull, eventTooLarge } from '../errors.ts';
import type { ChannelTelemetry } from '../telemetry.ts';
import { type Backlog, MAIN, NO_ROOM, OVERFLOW, type Room } from './backlog.ts';
import type { BudgetAccount } from './budget.ts';
import type { Lane } from './lane.ts';
import type { Matcher } from '../matcher.ts';
import { empty } from '../scratch.ts';
import { budgetBytes, StoredEvent } from './stored-event.ts';

/** Bounds on the wait that a refused producer is told. */
export interface RetryAfterBounds {
  readonly retryAfterMsMin: number;
  readonly retryAfterMsMax: number;
}

export interface PlacementOptions {
  readonly matcher: Matcher<Backlog>;
  readonly account: BudgetAccount;
  readonly telemetry: ChannelTelemetry;
  readonly retryAfter: RetryAfterBounds;
}

export class Placement {
  readonly #matcher: Matcher<Backlog>;
  readonly #account: BudgetAccount;
  readonly #telemetry: ChannelTelemetry;
  readonly #retryAfter: RetryAfterBounds;
  readonly #targets: Backlog[] = [];
  readonly #rooms: Room[] = [];
  readonly #ends: number[] = [];
  readonly #progress: unknown[] = [];
  readonly #awaited: Lane[] = [];
  #hasOverflow = false;
  #hasRefusal = false;

  constructor(options: PlacementOptions) {
    this.#matcher = options.matcher;
    this.#account = options.account;
    this.#telemetry = options.telemetry;
    this.#retryAfter = options.retryAfter;
  }

  /** Takes room for all events everywhere, or throws and leaves everything as it was. */
  plan(events: readonly CloudEvent[], nowMs: number): void {
    try {
      for (const event of events) this.#reserve(event);
      if (this.#hasRefusal) throw this.#refusal(events, nowMs);
      if (this.#hasOverflow) this.#prepareOverflow(events);
      this.#takeBudget(events);
    } catch (error) {
      this.#giveBack(events);
      this.#clear();
      throw error;
    }
  }

  /**
   * Puts the planned events into their queues. `store` is called for each event that somebody wants and
   * returns its position.
   */
  commit(events: readonly CloudEvent[], nowMs: number, store: (event: CloudEvent) => number): void {
    let index = 0;
    for (let at = 0; at < events.length; at += 1) {
      const end = this.#ends[at] as number;
      if (end === index) continue;
      const event = events[at] as CloudEvent;
      const stored = new StoredEvent(event, store(event), nowMs, end - index);
      for (; index < end; index += 1) this.#enqueue(stored, index);
    }
    this.#clear();
  }

  /** Tells the readers that waited. Last, because what they do is not ours to foresee. */
  announce(): void {
    for (const lane of this.#awaited) lane.announce();
    empty(this.#awaited);
  }

  #reserve(event: CloudEvent): void {
    const targets = this.#targets;
    const from = targets.length;
    this.#matcher.match(event, targets);
    this.#ends.push(targets.length);
    for (let index = from; index < targets.length; index += 1) {
      const room = (targets[index] as Backlog).reserve(event.sizeBytes);
      this.#rooms.push(room);
      if (room === OVERFLOW) this.#hasOverflow = true;
      else if (room === NO_ROOM) this.#hasRefusal = true;
    }
  }

  #enqueue(stored: StoredEvent, index: number): void {
    const backlog = this.#targets[index] as Backlog;
    backlog.fullSinceMs = undefined;
    const isMain = this.#rooms[index] === MAIN;
    const lane = isMain ? backlog.main : backlog.overflow;
    if (isMain) {
      lane.enqueue(stored);
    } else {
      lane.enqueueWith(stored, this.#progress[index]);
      backlog.counters.overflow.add(1);
    }
    if (lane.isAwaited) this.#awaited.push(lane);
  }

  #prepareOverflow(events: readonly CloudEvent[]): void {
    this.#forEachTarget(events, (backlog, event, index) => {
      if (this.#rooms[index] === OVERFLOW) this.#progress[index] = backlog.overflowProgress(event);
    });
  }

  #takeBudget(events: readonly CloudEvent[]): void {
    let bytes = 0;
    let start = 0;
    for (let at = 0; at < events.length; at += 1) {
      const end = this.#ends[at] as number;
      if (end > start) bytes += budgetBytes(events[at] as CloudEvent);
      start = end;
    }
    if (bytes === 0 || this.#account.tryTake(bytes)) return;
    throw this.#budgetRefusal(events, bytes);
  }

  #giveBack(events: readonly CloudEvent[]): void {
    this.#forEachTarget(events, (backlog, event, index) => {
      // A selector that threw leaves targets for which no room was taken yet.
      backlog.unreserve(this.#rooms[index] ?? NO_ROOM, event.sizeBytes);
    });
  }

  /** For the paths that are not hot. */
  #forEachTarget(
    events: readonly CloudEvent[],
    visit: (backlog: Backlog, event: CloudEvent, index: number) => void,
  ): void {
    let index = 0;
    for (const [at, end] of this.#ends.entries()) {
      for (; index < end; index += 1) {
        visit(this.#targets[index] as Backlog, events[at] as CloudEvent, index);
      }
    }
  }

  #refusal(events: readonly CloudEvent[], nowMs: number): ChannelError {
    const full = new Set<Backlog>();
    this.#forEachTarget(events, (backlog, _event, index) => {
      if (this.#rooms[index] === NO_ROOM) full.add(backlog);
    });
    for (const backlog of full) {
      const never = this.#neverFits(events, backlog);
      if (never === undefined) continue;
      backlog.counters.tooLarge.add(events.length);
      return never;
    }
    return this.#fullFor([...full], events.length, nowMs);
  }

  #fullFor(full: readonly Backlog[], events: number, nowMs: number): ChannelFull {
    const { retryAfterMsMin, retryAfterMsMax } = this.#retryAfter;
    let retryAfterMs = retryAfterMsMin;
    for (const backlog of full) {
      backlog.fullSinceMs ??= nowMs;
      // As long as it has been full already: what is stuck is asked ever less often.
      retryAfterMs = Math.max(retryAfterMs, nowMs - backlog.fullSinceMs);
      backlog.counters.refused.add(events);
    }
    return new ChannelFull({
      reason: 'full',
      retryAfterMs: Math.ceil(Math.min(retryAfterMs, retryAfterMsMax)),
      subscriptions: full.map(({ id }) => id),
    });
  }

  /** Why these events could not enter the backlog even if it were empty; undefined when they could. */
  #neverFits(events: readonly CloudEvent[], target: Backlog): ChannelError | undefined {
    let count = 0;
    let bytes = 0;
    let largest = 0;
    this.#forEachTarget(events, (backlog, { sizeBytes }) => {
      if (backlog !== target) return;
      count += 1;
      bytes += sizeBytes;
      largest = Math.max(largest, sizeBytes);
    });
    const bound = `the queue of ${target.id}`;
    if (largest > target.eventBytesMax) return eventTooLarge(largest, target.eventBytesMax, bound);
    const isTooMuch = count > target.eventsMax || bytes > target.bytesMax;
    return isTooMuch ? batchTooLarge(count, bytes, bound) : undefined;
  }

  #budgetRefusal(events: readonly CloudEvent[], bytes: number): ChannelError {
    const { bytesMax } = this.#account;
    if (bytes > bytesMax) {
      this.#telemetry.tooLarge.add(events.length);
      const bound = 'the memory budget of one namespace';
      return events.length === 1
        ? eventTooLarge(bytes, bytesMax, bound)
        : batchTooLarge(events.length, bytes, bound);
    }
    this.#telemetry.refusedForMemory.add(events.length);
    const retryAfterMs = this.#retryAfter.retryAfterMsMin;
    return new ChannelFull({ reason: 'memory', retryAfterMs, subscriptions: [] });
  }

  #clear(): void {
    empty(this.#targets);
    empty(this.#rooms);
    empty(this.#ends);
    empty(this.#progress);
    this.#hasOverflow = false;
    this.#hasRefusal = false;
  }
}
