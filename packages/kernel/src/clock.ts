/**
 * Time as a parameter. Everything that reads the time or waits is handed a {@link Clock}, so that tests move
 * time by hand and nothing in them sleeps. This file is the only place in the product that touches the real
 * timers.
 */
import { strict as assert } from 'node:assert';
import { abortedError } from './errors.ts';

/** A pending call. Cancelling one that has run or was cancelled does nothing. */
export interface Timer {
  cancel(): void;
}

export interface Clock {
  /** Wall clock in milliseconds since 1970, as `Date.now()`. May jump; never use it for durations. */
  now(): number;
  /** Milliseconds since an arbitrary start, with fractions; never goes back. For durations and deadlines. */
  monotonicMs(): number;
  /**
   * Calls `run` once, `delayMs` from now (at least; a negative delay counts as 0, and delays beyond the
   * platform's 2^31-1 ms are honoured). The timer does not keep the process alive.
   */
  setTimer(delayMs: number, run: () => void): Timer;
  /** Resolves after `delayMs`; rejects with `AFFLUX_KERNEL_ABORTED` when the signal aborts first. */
  sleep(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/** The longest delay `setTimeout` takes; beyond it Node fires at once. */
const PLATFORM_DELAY_MS_MAX = 2 ** 31 - 1;

class SystemTimer implements Timer {
  #handle: NodeJS.Timeout;

  constructor(delayMs: number, run: () => void) {
    assert(!Number.isNaN(delayMs), 'a delay must be a number');
    this.#handle = this.#arm(Math.max(0, delayMs), run);
  }

  #arm(remainingMs: number, run: () => void): NodeJS.Timeout {
    const stepMs = Math.min(remainingMs, PLATFORM_DELAY_MS_MAX);
    const handle = setTimeout(() => {
      if (remainingMs > stepMs) this.#handle = this.#arm(remainingMs - stepMs, run);
      else run();
    }, stepMs);
    handle.unref();
    return handle;
  }

  cancel(): void {
    clearTimeout(this.#handle);
  }
}

/** Shared by the real and the fake clock: a sleep is a timer and a signal, whichever comes first. */
export function sleepOn(
  clock: Pick<Clock, 'setTimer'>,
  delayMs: number,
  signal?: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(abortedError(signal));
      return;
    }
    const onAbort = (): void => {
      timer.cancel();
      if (signal !== undefined) reject(abortedError(signal));
    };
    const timer = clock.setTimer(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** The real clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => performance.now(),
  setTimer: (delayMs, run) => new SystemTimer(delayMs, run),
  sleep: (delayMs, signal) => sleepOn(systemClock, delayMs, signal),
};
