/** At most so many log lines per period; what was held back is counted and told with the next line. */
import type { Clock, LogFields } from '@afflux/kernel';

const PERIOD_MS = 10_000;

export class BoundedLog {
  readonly #clock: Clock;
  readonly #write: (fields: LogFields, message: string) => void;
  readonly #linesMax: number;
  #periodStartedMs = -Infinity;
  #lines = 0;
  #suppressed = 0;

  constructor(clock: Clock, linesMax: number, write: (fields: LogFields, message: string) => void) {
    this.#clock = clock;
    this.#linesMax = linesMax;
    this.#write = write;
  }

  write(fields: LogFields, message: string): void {
    const nowMs = this.#clock.monotonicMs();
    if (nowMs - this.#periodStartedMs >= PERIOD_MS) {
      this.#periodStartedMs = nowMs;
      this.#lines = 0;
    }
    if (this.#lines === this.#linesMax) {
      this.#suppressed += 1;
      return;
    }
    this.#lines += 1;
    const suppressed = this.#suppressed;
    this.#suppressed = 0;
    this.#write(suppressed === 0 ? fields : { ...fields, suppressed }, message);
  }
}
