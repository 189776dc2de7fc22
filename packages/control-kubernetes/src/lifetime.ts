/**
 * How long one exchange with a server may last: as long as its caller wants, and no longer than a deadline that can
 * be moved. A signal of its own for each exchange, so that a caller's long-lived signal collects no listeners.
 */
import { abortedError, type Clock, type Timer } from '@afflux/kernel';

export class Lifetime {
  readonly #clock: Clock;
  readonly #controller = new AbortController();
  readonly #callerSignal: AbortSignal | undefined;
  #timer: Timer | undefined;

  constructor(clock: Clock, callerSignal: AbortSignal | undefined) {
    this.#clock = clock;
    this.#callerSignal = callerSignal;
    if (callerSignal?.aborted === true) this.#onCallerAbort();
    else callerSignal?.addEventListener('abort', this.#onCallerAbort, { once: true });
  }

  /** Aborts with what the exchange is to fail with. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Ends the exchange with an error unless it is disarmed or armed anew before. */
  arm(delayMs: number, makeError: () => Error): void {
    this.disarm();
    this.#timer = this.#clock.setTimer(delayMs, () => {
      this.#controller.abort(makeError());
    });
  }

  disarm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Ends the exchange; the error is what a wait for it fails with. */
  abort(error: Error): void {
    this.#controller.abort(error);
    this.end();
  }

  /** The exchange is over: no timer, no listener. */
  end(): void {
    this.disarm();
    this.#callerSignal?.removeEventListener('abort', this.#onCallerAbort);
  }

  readonly #onCallerAbort = (): void => {
    if (this.#callerSignal !== undefined) this.#controller.abort(abortedError(this.#callerSignal));
  };
}
