/**
 * Time that moves only when a test says so. `advance` runs every timer that comes due, in order of its
 * deadline, and lets promises settle between them, so that code which arms a new timer from a promise
 * callback sees its timer run within the same `advance`.
 */
import { sleepOn, type Clock, type Timer } from '../clock.ts';

interface Entry {
  readonly dueMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** 2026-01-01T00:00:00Z, so that wall times in tests are recognisable. */
const START_MS = Date.UTC(2026, 0, 1);

export class FakeClock implements Clock {
  #elapsedMs = 0;
  #wallOffsetMs: number;
  #order = 0;
  readonly #entries = new Set<Entry>();

  constructor(startMs: number = START_MS) {
    this.#wallOffsetMs = startMs;
  }

  now(): number {
    return Math.floor(this.#wallOffsetMs + this.#elapsedMs);
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  /** Number of armed timers. */
  get pending(): number {
    return this.#entries.size;
  }

  /** Milliseconds until the next timer; undefined when none is armed. */
  get nextDueInMs(): number | undefined {
    const next = this.#next();
    return next === undefined ? undefined : next.dueMs - this.#elapsedMs;
  }

  setTimer(delayMs: number, run: () => void): Timer {
    const entry: Entry = {
      dueMs: this.#elapsedMs + Math.max(0, delayMs),
      order: (this.#order += 1),
      run,
    };
    this.#entries.add(entry);
    return { cancel: () => void this.#entries.delete(entry) };
  }

  sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
    return sleepOn(this, delayMs, signal);
  }

  /** Moves time on by `ms`, running what comes due. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#elapsedMs + ms;
    await settle();
    for (;;) {
      const next = this.#next();
      if (next === undefined || next.dueMs > untilMs) break;
      this.#elapsedMs = Math.max(this.#elapsedMs, next.dueMs);
      this.#entries.delete(next);
      next.run();
      await settle();
    }
    this.#elapsedMs = untilMs;
    await settle();
  }

  /** Moves the wall clock alone, as an operator or NTP would; timers and `monotonicMs` do not notice. */
  jumpWallClock(ms: number): void {
    this.#wallOffsetMs += ms;
  }

  #next(): Entry | undefined {
    let next: Entry | undefined;
    for (const entry of this.#entries) {
      if (
        next === undefined ||
        entry.dueMs < next.dueMs ||
        (entry.dueMs === next.dueMs && entry.order < next.order)
      ) {
        next = entry;
      }
    }
    return next;
  }
}

/** Lets every promise that can settle now do so. One macrotask ends all chained microtasks before it. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
