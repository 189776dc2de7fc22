/**
 * How long a key that failed has to wait: 5 ms, doubling with each failure, at most 1000 s (client-go's and
 * controller-runtime's per-item limiter). Keeps one number per failing key; `forget` drops it.
 */
import { backoffMs } from '@afflux/kernel';

const DELAY_MS = 5;
const DELAY_MS_MAX = 1_000_000;

export class RateLimiter {
  readonly #failures = new Map<string, number>();

  /** Counts one more failure and returns the wait that it calls for. */
  when(key: string): number {
    const failures = this.failures(key) + 1;
    this.#failures.set(key, failures);
    return backoffMs(failures, {
      policy: 'exponential',
      delayMs: DELAY_MS,
      delayMsMax: DELAY_MS_MAX,
    });
  }

  /** Failures since the key was last forgotten. */
  failures(key: string): number {
    return this.#failures.get(key) ?? 0;
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }
}
