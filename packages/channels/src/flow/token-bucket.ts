/**
 * A rate as tokens: each start takes one, they come back at the rate, and a pause saves up at most
 * {@link BURST_SECONDS} worth of them. Pure: time is handed in.
 */

/** How much of a pause may be made up for at once, in seconds of the rate; always at least one token. */
const BURST_SECONDS = 0.1;

/** Sums of fractions: this much less than a token counts as one. */
const TOLERANCE = 1e-6;

export class TokenBucket {
  readonly ratePerSecond: number;
  readonly #tokensMax: number;
  #tokens: number;
  #filledMs: number;

  /** Starts full. */
  constructor(ratePerSecond: number, nowMs: number) {
    this.ratePerSecond = ratePerSecond;
    this.#tokensMax = Math.max(1, ratePerSecond * BURST_SECONDS);
    this.#tokens = this.#tokensMax;
    this.#filledMs = nowMs;
  }

  /** Milliseconds until a token is there; 0 = now. */
  waitMs(nowMs: number): number {
    const gained = ((nowMs - this.#filledMs) * this.ratePerSecond) / 1000;
    this.#tokens = Math.min(this.#tokensMax, this.#tokens + gained);
    this.#filledMs = nowMs;
    if (this.#tokens >= 1 - TOLERANCE) return 0;
    return ((1 - this.#tokens) * 1000) / this.ratePerSecond;
  }

  /** Takes a token; only after `waitMs` returned 0. */
  spend(): void {
    this.#tokens -= 1;
  }
}
