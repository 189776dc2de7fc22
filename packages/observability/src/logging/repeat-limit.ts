/**
 * The same warning of the same component is written a few times per interval; the rest is counted, and the
 * count is told when the interval ends. A broken subscriber must not fill a disk.
 */
import type { Clock, LogFields, Timer } from '@afflux/kernel';

/** Different warnings that are counted at the same time; the longest known one is told and forgotten first. */
const KEYS_MAX = 1000;

interface Count {
  readonly message: string;
  readonly component: unknown;
  readonly timer: Timer;
  written: number;
  leftOut: number;
}

export interface RepeatLimitOptions {
  readonly repeatsMax: number;
  readonly repeatIntervalMs: number;
  readonly clock: Clock;
  /** Called with the line that says how many were left out. */
  readonly tell: (fields: LogFields, message: string) => void;
}

export class RepeatLimit {
  readonly #options: RepeatLimitOptions;
  readonly #counts = new Map<string, Count>();

  constructor(options: RepeatLimitOptions) {
    this.#options = options;
  }

  /** Whether this one may be written; counts it either way. */
  allows(component: unknown, message: string): boolean {
    const key = `${typeof component === 'string' ? component : ''}\n${message}`;
    const count = this.#counts.get(key) ?? this.#begin(key, component, message);
    if (count.written < this.#options.repeatsMax) {
      count.written += 1;
      return true;
    }
    count.leftOut += 1;
    return false;
  }

  /** Tells what was left out so far and starts afresh. */
  flush(): void {
    for (const key of [...this.#counts.keys()]) this.#end(key);
  }

  #begin(key: string, component: unknown, message: string): Count {
    const [oldest] = this.#counts.keys();
    if (this.#counts.size >= KEYS_MAX && oldest !== undefined) this.#end(oldest);
    const timer = this.#options.clock.setTimer(this.#options.repeatIntervalMs, () => {
      this.#end(key);
    });
    const count: Count = { message, component, timer, written: 0, leftOut: 0 };
    this.#counts.set(key, count);
    return count;
  }

  #end(key: string): void {
    const count = this.#counts.get(key);
    if (count === undefined) return;
    this.#counts.delete(key);
    count.timer.cancel();
    if (count.leftOut === 0) return;
    this.#options.tell(
      { component: count.component, repeated: count.message, leftOut: count.leftOut },
      'repeated warnings left out',
    );
  }
}
