/** What the engines share: their speed, their patience with a back-end, and how they stop. */
import { abortedError, backoffMs, type Clock } from '@afflux/kernel';
import { ChannelError } from '../errors.ts';
import { TokenBucket } from '../flow/token-bucket.ts';

/** Codes after which the same call may succeed. */
const PATIENT = new Set([
  'AFFLUX_CHANNEL_FULL',
  'AFFLUX_CHANNEL_OUTCOME_UNKNOWN',
  'AFFLUX_CHANNEL_UNAVAILABLE',
]);

const BACKOFF = { policy: 'exponential', delayMs: 1_000, delayMsMax: 30_000 } as const;

export interface PaceOptions {
  /** Events per second. Default: as fast as the channel takes them. */
  readonly ratePerSecond?: number;
  readonly clock: Clock;
  /** Ends the run; what was sent stays sent. */
  readonly signal?: AbortSignal;
}

export class Pace {
  readonly #clock: Clock;
  readonly #signal: AbortSignal | undefined;
  readonly #bucket: TokenBucket | undefined;

  constructor({ clock, signal, ratePerSecond }: PaceOptions) {
    this.#clock = clock;
    this.#signal = signal;
    if (ratePerSecond !== undefined) {
      this.#bucket = new TokenBucket(ratePerSecond, clock.monotonicMs());
    }
  }

  throwIfAborted(): void {
    if (this.#signal?.aborted === true) throw abortedError(this.#signal);
  }

  /** Waits until so many events may go. */
  async spend(events: number): Promise<void> {
    if (this.#bucket === undefined) return;
    for (let spent = 0; spent < events; spent += 1) {
      for (;;) {
        const waitMs = this.#bucket.waitMs(this.#clock.monotonicMs());
        if (waitMs === 0) break;
        await this.#clock.sleep(waitMs, this.#signal);
      }
      this.#bucket.spend();
    }
  }

  /** Makes the call until it succeeds, fails for good, or the signal aborts. */
  async patiently<T>(call: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      this.throwIfAborted();
      try {
        return await call();
      } catch (error) {
        if (!(error instanceof ChannelError) || !PATIENT.has(error.code)) throw error;
        const askedMs = Number(error.details['retryAfterMs'] ?? 0);
        await this.#clock.sleep(Math.max(askedMs, backoffMs(attempt, BACKOFF)), this.#signal);
      }
    }
  }
}
