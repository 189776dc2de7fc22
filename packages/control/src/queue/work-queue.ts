/**
 * Keys to be worked on, each at most once at a time (the semantics of client-go's work queue).
 *
 *     add ─▶ waiting ─take─▶ processing ─done─▶ (gone, or waiting again if it was added meanwhile)
 *
 * Invariants: a key is never in processing twice; a key added n times while it waits is taken once; a key
 * added while it is in processing is taken once more afterwards; no key added before `shutDown` is lost.
 *
 * Two lanes: `fast` for what happened, `slow` for looking at everything again. The fast lane goes first, but
 * every `FAST_RUN_MAX` keys the slow one gets a turn. A key waits in one lane only; the fast one wins.
 * The number of keys is bounded by the number of objects they name, so the queue has no bound of its own.
 */
import { noopMeter, type Clock, type Meter } from '@afflux/kernel';
import { DelayedKeys } from './delayed-keys.ts';
import { Fifo } from './fifo.ts';
import { QueueMetrics } from './queue-metrics.ts';
import { RateLimiter } from './rate-limiter.ts';

/** Which keys go first. */
export type Lane = 'fast' | 'slow';

/** Keys from the fast lane in a row while the slow lane waits. */
const FAST_RUN_MAX = 16;

/** Failures in a row up to which a key is owed: the waits add up to 1.3 s. */
const OWED_FAILURES_MAX = 8;

export interface WorkQueueOptions {
  /** Label of the metrics. */
  readonly name: string;
  readonly clock: Clock;
  readonly meter?: Meter;
}

interface Waiting {
  lane: Lane;
  readonly addedMs: number;
}

export class WorkQueue {
  readonly #clock: Clock;
  readonly #metrics: QueueMetrics;
  readonly #limiter = new RateLimiter();
  readonly #delayed: DelayedKeys;
  /** Every key that is to be taken: in a lane, or again after its processing. */
  readonly #dirty = new Map<string, Waiting>();
  /** When the processing of each key began. */
  readonly #processing = new Map<string, number>();
  /** Keys that will be added soon and count as work until then. */
  readonly #owed = new Set<string>();
  readonly #lanes: Readonly<Record<Lane, Fifo<string>>> = { fast: new Fifo(), slow: new Fifo() };
  #takers: ((key: string | undefined) => void)[] = [];
  #idleWaiters: (() => void)[] = [];
  #fastRun = 0;
  #isShutDown = false;

  constructor({ name, clock, meter = noopMeter }: WorkQueueOptions) {
    this.#clock = clock;
    this.#delayed = new DelayedKeys(clock, (key) => {
      this.add(key);
    });
    this.#metrics = new QueueMetrics(name, meter, clock, {
      depth: () => this.length,
      startedMs: () => this.#processing.values(),
    });
  }

  /** Keys to be taken, those included that are in processing now and due again. */
  get length(): number {
    return this.#dirty.size;
  }

  /** Keys that will be added later. */
  get delayedCount(): number {
    return this.#delayed.size;
  }

  /** Nothing waits, is in processing or is owed. Other keys that will be added later do not count. */
  get isIdle(): boolean {
    return this.#dirty.size === 0 && this.#processing.size === 0 && this.#owed.size === 0;
  }

  get isShutDown(): boolean {
    return this.#isShutDown;
  }

  add(key: string, lane: Lane = 'fast'): void {
    if (this.#isShutDown) return;
    this.#owed.delete(key);
    const waiting = this.#dirty.get(key);
    if (waiting !== undefined) {
      if (lane === 'fast' && waiting.lane === 'slow') this.#promote(key, waiting);
      return;
    }
    this.#metrics.added();
    this.#dirty.set(key, { lane, addedMs: this.#clock.monotonicMs() });
    if (!this.#processing.has(key)) this.#enqueue(key, lane);
  }

  /** Adds the key when `delayMs` has passed; of several delays for one key the earliest counts. */
  addAfter(key: string, delayMs: number): void {
    if (this.#isShutDown) return;
    if (delayMs <= 0) this.add(key);
    else this.#delayed.add(key, delayMs);
  }

  /** Adds the key after a wait that grows with its failures; returns the wait. */
  addRateLimited(key: string): number {
    const delayMs = this.#limiter.when(key);
    this.#metrics.retried();
    this.addAfter(key, delayMs);
    return delayMs;
  }

  /**
   * The same for a key that waits for nothing but its turn: until then the queue is not idle. One that goes on
   * failing does not keep it from being so for longer than about a second.
   */
  oweRateLimited(key: string): void {
    if (this.#isShutDown) return;
    if (this.failures(key) < OWED_FAILURES_MAX) this.#owed.add(key);
    this.addRateLimited(key);
  }

  /** The key is well: its next failure is its first. */
  forget(key: string): void {
    this.#limiter.forget(key);
  }

  /** Failures of the key since it was last forgotten. */
  failures(key: string): number {
    return this.#limiter.failures(key);
  }

  /** The next key, to be given back with {@link done}; undefined after the shutdown when none is left. */
  take(): Promise<string | undefined> {
    const key = this.#next();
    if (key !== undefined || this.#isShutDown) return Promise.resolve(key);
    return new Promise((resolve) => {
      this.#takers.push(resolve);
    });
  }

  /** Ends the processing of a key that was taken. */
  done(key: string): void {
    const startedMs = this.#processing.get(key);
    if (startedMs === undefined) return;
    this.#processing.delete(key);
    this.#metrics.done(startedMs, this.#clock.monotonicMs());
    const waiting = this.#dirty.get(key);
    if (waiting !== undefined) this.#enqueue(key, waiting.lane);
    else if (this.isIdle) this.#tellIdle();
  }

  /** Takes no more keys; those that wait may still be taken, those for later are forgotten. */
  shutDown(): void {
    this.#isShutDown = true;
    this.#delayed.clear();
    this.#owed.clear();
    for (const taker of this.#takers) taker(undefined);
    this.#takers = [];
    if (this.isIdle) this.#tellIdle();
  }

  /** Shuts down and drops the keys that wait as well. */
  close(): void {
    this.shutDown();
    this.#dirty.clear();
    this.#metrics.close();
    if (this.isIdle) this.#tellIdle();
  }

  /** Resolves when {@link isIdle}. */
  idle(): Promise<void> {
    if (this.isIdle) return Promise.resolve();
    return new Promise((resolve) => {
      this.#idleWaiters.push(resolve);
    });
  }

  #tellIdle(): void {
    const waiters = this.#idleWaiters;
    this.#idleWaiters = [];
    for (const waiter of waiters) waiter();
  }

  #promote(key: string, waiting: Waiting): void {
    waiting.lane = 'fast';
    if (!this.#processing.has(key)) this.#enqueue(key, 'fast');
  }

  #enqueue(key: string, lane: Lane): void {
    this.#lanes[lane].push(key);
    const taker = this.#takers.shift();
    if (taker !== undefined) taker(this.#next());
  }

  #next(): string | undefined {
    const slowIsDue = this.#fastRun >= FAST_RUN_MAX && this.#lanes.slow.length > 0;
    const key = slowIsDue
      ? (this.#shift('slow') ?? this.#shift('fast'))
      : (this.#shift('fast') ?? this.#shift('slow'));
    if (key === undefined) return undefined;
    const waiting = this.#dirty.get(key);
    this.#fastRun = waiting?.lane === 'fast' ? this.#fastRun + 1 : 0;
    const nowMs = this.#clock.monotonicMs();
    if (waiting !== undefined) this.#metrics.taken(waiting.addedMs, nowMs);
    this.#dirty.delete(key);
    this.#processing.set(key, nowMs);
    return key;
  }

  /** The first key of a lane that still waits there; keys that were promoted or dropped are skipped. */
  #shift(lane: Lane): string | undefined {
    for (;;) {
      const key = this.#lanes[lane].shift();
      if (key === undefined) return undefined;
      if (this.#dirty.get(key)?.lane === lane && !this.#processing.has(key)) return key;
    }
  }
}
