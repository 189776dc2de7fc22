/** A count of permits; those who find none wait in order of arrival. */
import { strict as assert } from 'node:assert';
import { abortedError } from './errors.ts';

interface Waiter {
  grant(): void;
}

export class Semaphore {
  readonly permits: number;
  #free: number;
  readonly #waiters: Waiter[] = [];

  constructor(permits: number) {
    assert(Number.isInteger(permits) && permits > 0, 'permits must be a positive integer');
    this.permits = permits;
    this.#free = permits;
  }

  get free(): number {
    return this.#free;
  }

  get waiting(): number {
    return this.#waiters.length;
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
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        if (signal !== undefined) reject(abortedError(signal));
      };
      const waiter: Waiter = {
        grant: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      this.#waiters.push(waiter);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Gives one permit back, to the longest waiter if there is one. */
  release(): void {
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) {
      waiter.grant();
      return;
    }
    assert(this.#free < this.permits, 'released more permits than were taken');
    this.#free += 1;
  }
}
