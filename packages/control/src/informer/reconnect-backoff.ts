/**
 * How long an informer waits before it tries again: client-go's reflector (0.8 s doubling to 30 s, each wait
 * stretched by up to its own length, forgotten after two quiet minutes).
 */
import { backoffMs, type Clock, type Random } from '@afflux/kernel';

const DELAY_MS = 800;
const DELAY_MS_MAX = 30_000;
const FORGET_AFTER_MS = 120_000;

export class ReconnectBackoff {
  readonly #clock: Clock;
  readonly #random: Random;
  #failures = 0;
  #lastMs = 0;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  /** The wait after one more failure. */
  nextMs(): number {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#lastMs > FORGET_AFTER_MS) this.#failures = 0;
    this.#failures += 1;
    const delayMs = backoffMs(this.#failures, {
      policy: 'exponential',
      delayMs: DELAY_MS,
      delayMsMax: DELAY_MS_MAX,
    });
    const waitMs = delayMs * (1 + this.#random.next());
    this.#lastMs = nowMs + waitMs;
    return waitMs;
  }
}
