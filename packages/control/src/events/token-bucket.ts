/**
 * So many at once, then one every so often: a bucket that holds up to `burst` tokens and gets a new one every
 * `refillMs`. Knows no clock: the caller says what time it is, by a clock that never goes back.
 *
 * What it holds is kept as the time that it took to fill in, so that whole milliseconds stay exact.
 */
export interface TokenBucketOptions {
  readonly burst: number;
  readonly refillMs: number;
}

export class TokenBucket {
  readonly #refillMs: number;
  readonly #filledMsMax: number;
  #filledMs: number;
  #seenMs: number;

  /** Full at first. */
  constructor({ burst, refillMs }: TokenBucketOptions, nowMs: number) {
    this.#refillMs = refillMs;
    this.#filledMsMax = burst * refillMs;
    this.#filledMs = this.#filledMsMax;
    this.#seenMs = nowMs;
  }

  /** Takes a token; false when there is none. */
  take(nowMs: number): boolean {
    if (this.waitMs(nowMs) > 0) return false;
    this.#filledMs -= this.#refillMs;
    return true;
  }

  /** How long until there is a token; 0 when there is one. */
  waitMs(nowMs: number): number {
    const elapsedMs = Math.max(0, nowMs - this.#seenMs);
    this.#filledMs = Math.min(this.#filledMsMax, this.#filledMs + elapsedMs);
    this.#seenMs += elapsedMs;
    return Math.max(0, this.#refillMs - this.#filledMs);
  }
}
