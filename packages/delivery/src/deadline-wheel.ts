/**
 * One timer for all attempts. A hashed wheel: entries hang in the bucket of the tick they are due in, as an
 * intrusive doubly linked list, so that arming and disarming a deadline allocates nothing and costs a few
 * assignments. The timer runs only while there are entries.
 *
 * - An entry fires at its time or up to one tick later, never earlier.
 * - After the event loop stood still (more than `STALL_TICKS` late) one tick passes without firing anything,
 *   so that responses which already wait in the sockets are read before their attempts are called late.
 */
import { strict as assert } from 'node:assert';
import type { Clock, Timer } from '@afflux/kernel';

/** What the wheel keeps in the entry itself; only the wheel writes these fields, except `onDue`. */
export interface WheelEntry {
  dueMs: number;
  /** -1 while not armed. */
  bucket: number;
  previousEntry: WheelEntry | undefined;
  nextEntry: WheelEntry | undefined;
  /** Called once, disarmed. May arm the entry again. Must not throw. */
  onDue(nowMs: number): void;
}

const TICK_MS = 20;
/** A power of two. Deadlines beyond one turn (10 s) are met once per turn and left alone. */
const BUCKETS = 512;
const STALL_TICKS = 10;

export class DeadlineWheel {
  readonly #clock: Clock;
  readonly #buckets: (WheelEntry | undefined)[] = new Array<WheelEntry | undefined>(BUCKETS).fill(
    undefined,
  );
  #size = 0;
  #nowMs: number;
  /** Ticks up to this one have been fired. */
  #firedTick: number;
  #timer: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#nowMs = clock.monotonicMs();
    this.#firedTick = Math.floor(this.#nowMs / TICK_MS);
  }

  /** Armed entries. */
  get size(): number {
    return this.#size;
  }

  /** Monotonic time of the last tick: cheap, and at most a tick behind while entries are armed. */
  get coarseNowMs(): number {
    return this.#nowMs;
  }

  /** Arms an entry, or moves an armed one. A time that has passed fires with the next tick. */
  arm(entry: WheelEntry, dueMs: number): void {
    this.disarm(entry);
    if (this.#timer === undefined) this.#begin();
    const tick = Math.max(Math.ceil(dueMs / TICK_MS), this.#firedTick + 1);
    const bucket = tick & (BUCKETS - 1);
    const head = this.#buckets[bucket];
    entry.dueMs = dueMs;
    entry.bucket = bucket;
    entry.nextEntry = head;
    if (head !== undefined) head.previousEntry = entry;
    this.#buckets[bucket] = entry;
    this.#size += 1;
  }

  /** Does nothing when the entry is not armed. */
  disarm(entry: WheelEntry): void {
    if (entry.bucket === -1) return;
    const { previousEntry, nextEntry } = entry;
    if (previousEntry === undefined) this.#buckets[entry.bucket] = nextEntry;
    else previousEntry.nextEntry = nextEntry;
    if (nextEntry !== undefined) nextEntry.previousEntry = previousEntry;
    entry.previousEntry = undefined;
    entry.nextEntry = undefined;
    entry.bucket = -1;
    this.#size -= 1;
  }

  /** Every armed entry, in no order. Entries may be disarmed by the visitor. */
  visit(visitor: (entry: WheelEntry) => void): void {
    for (const head of this.#buckets.slice()) {
      for (const entry of chain(head)) visitor(entry);
    }
  }

  /** Stops the timer; the wheel is not used afterwards. */
  close(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #begin(): void {
    this.#nowMs = this.#clock.monotonicMs();
    this.#firedTick = Math.floor(this.#nowMs / TICK_MS);
    this.#schedule();
  }

  #schedule(): void {
    this.#timer = this.#clock.setTimer(TICK_MS, this.#onTick);
  }

  readonly #onTick = (): void => {
    this.#timer = undefined;
    if (this.#size === 0) return;
    const lateTicks = (this.#clock.monotonicMs() - this.#nowMs) / TICK_MS - 1;
    this.#nowMs = this.#clock.monotonicMs();
    if (lateTicks <= STALL_TICKS) this.#fire(Math.floor(this.#nowMs / TICK_MS));
    this.#schedule();
  };

  /** Fires everything due up to `tick`; each bucket is looked at once, however many turns have passed. */
  #fire(tick: number): void {
    assert(tick >= this.#firedTick, 'the monotonic clock went back');
    const first = Math.max(this.#firedTick + 1, tick - BUCKETS + 1);
    this.#firedTick = tick;
    for (let each = first; each <= tick; each += 1) {
      for (const entry of chain(this.#buckets[each & (BUCKETS - 1)])) {
        if (entry.bucket === -1 || entry.dueMs > this.#nowMs) continue;
        this.disarm(entry);
        entry.onDue(this.#nowMs);
      }
    }
  }
}

/** The entries of one bucket as they are now: firing one may disarm or arm others. */
function chain(head: WheelEntry | undefined): WheelEntry[] {
  const entries: WheelEntry[] = [];
  for (let entry = head; entry !== undefined; entry = entry.nextEntry) entries.push(entry);
  return entries;
}
