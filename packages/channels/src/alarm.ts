/** One timer that stands for the earliest of many deadlines on the monotonic clock. */
import type { Clock, Timer } from '@afflux/kernel';

/**
 * Deadlines are sums of fractions of milliseconds: a timer may run this much before the deadline it was
 * armed for, and the deadline counts as reached.
 */
export const DEADLINE_TOLERANCE_MS = 0.001;

export class Alarm {
  readonly #clock: Clock;
  readonly #ring: () => void;
  readonly #fire: () => void;
  #timer: Timer | undefined;
  #atMs = Infinity;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
    this.#fire = () => {
      this.#timer = undefined;
      this.#atMs = Infinity;
      this.#ring();
    };
  }

  /** Rings at `atMs` (monotonic) at the latest; does nothing when it rings earlier anyway. */
  set(atMs: number): void {
    if (atMs >= this.#atMs) return;
    this.#timer?.cancel();
    this.#atMs = atMs;
    this.#timer = this.#clock.setTimer(atMs - this.#clock.monotonicMs(), this.#fire);
  }

  cancel(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#atMs = Infinity;
  }
}
