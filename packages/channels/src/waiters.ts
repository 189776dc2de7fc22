/** Callers that wait for a condition, each until its own signal aborts. */

interface Waiter {
  settle(isMet: boolean): void;
}

export class Waiters {
  readonly #waiters = new Set<Waiter>();

  /** Resolves with what {@link resolve} is given, or with false when the signal aborts first. */
  wait(signal?: AbortSignal): Promise<boolean> {
    if (signal?.aborted === true) return Promise.resolve(false);
    return new Promise((resolve) => {
      const onAbort = (): void => {
        waiter.settle(false);
      };
      const waiter: Waiter = {
        settle: (isMet) => {
          this.#waiters.delete(waiter);
          signal?.removeEventListener('abort', onAbort);
          resolve(isMet);
        },
      };
      this.#waiters.add(waiter);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Ends every wait that is going on. */
  resolve(isMet: boolean): void {
    if (this.#waiters.size === 0) return;
    for (const waiter of [...this.#waiters]) waiter.settle(isMet);
  }
}
