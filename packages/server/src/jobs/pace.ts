/** Holds work down to a rate: so many units a second from the beginning, without bursts to catch up. */
import type { Clock } from '@afflux/kernel';

/** Units handed over at once where nothing limits the rate. */
export const BATCH_MAX = 100;

export class Pace {
  readonly #clock: Clock;
  readonly #perSecond: number | undefined;
  #dueMs: number;

  constructor(clock: Clock, perSecond: number | undefined) {
    this.#clock = clock;
    this.#perSecond = perSecond;
    this.#dueMs = clock.monotonicMs();
  }

  /** Small enough that a batch takes no longer than a tenth of a second at the rate. */
  get batch(): number {
    if (this.#perSecond === undefined) return BATCH_MAX;
    return Math.min(BATCH_MAX, Math.max(1, Math.floor(this.#perSecond / 10)));
  }

  /** Resolves when so many units may go; rejects when the signal aborts first. */
  async take(units: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#perSecond === undefined) return;
    const nowMs = this.#clock.monotonicMs();
    const startMs = Math.max(this.#dueMs, nowMs);
    this.#dueMs = startMs + (units * 1_000) / this.#perSecond;
    if (startMs > nowMs) await this.#clock.sleep(startMs - nowMs, signal);
  }
}
