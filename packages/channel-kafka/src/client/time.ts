/** Bounded waits: a frozen broker keeps its connections open and never answers. */
import type { Clock } from '@afflux/kernel';

export class NoAnswer extends Error {
  constructor(waitMs: number) {
    super(`no answer within ${String(waitMs)} ms`);
    this.name = 'NoAnswer';
  }
}

/** The promise's outcome, or a {@link NoAnswer} after so long; what comes later is dropped. */
export function within<T>(clock: Clock, waitMs: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimer(waitMs, () => {
      reject(new NoAnswer(waitMs));
    });
    promise.then(resolve, reject).finally(() => {
      timer.cancel();
    });
  });
}
