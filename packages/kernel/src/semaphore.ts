/**
 * A count of permits; those who find none wait in order of arrival. A permit given back goes straight to the
 * longest waiter, so that nobody who comes later can take it first. The line itself has no bound: who lets
 * outsiders wait here must refuse them by looking at `waiting`.
 */
import { strict as assert } from 'node:assert';
import { abortedError } from './errors.ts';

interface Waiter {
  grant(): void;
}

/** Permits for a bounded number of holders at a time. */
export class Semaphore {
  readonly permits: number;
  #free: number;
  /** In order of arrival; a set, so that leaving the line costs the same wherever one stands. */
  readonly #waiters = new Set<Waiter>();

  constructor(permits: number) {
    assert(Number.isInteger(permits) && permits > 0, 'permits must be a positive integer');
    this.permits = permits;
    this.#free = permits;
  }

  /** Permits that can be taken now. */
  get free(): number {
    return this.#free;
  }

  /** How many wait in line. */
  get waiting(): number {
    return this.#waiters.size;
  }

  /** Takes a permit if one is free now. */
  tryAcquire(): boolean {
    if (this.#free === 0) return false;
    this.#free -= 1;
    return true;
  }

  /** Resolves with a permit taken. On abort it leaves the line and rejects with `AFFLUX_KERNEL_ABORTED`. */
  async acquire(signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) throw abortedError(signal);
    if (this.tryAcquire()) return;
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => {
        this.#waiters.delete(waiter);
        if (signal !== undefined) reject(abortedError(signal));
      };
      const waiter: Waiter = {
        grant: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      this.#waiters.add(waiter);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Gives one permit back, to the longest waiter if there is one. */
  release(): void {
    for (const waiter of this.#waiters) {
      this.#waiters.delete(waiter);
      waiter.grant();
      return;
    }
    assert(this.#free < this.permits, 'released more permits than were taken');
    this.#free += 1;
  }
}
