/** Warnings that may come in floods: one line at once, then at most one a minute with the number left out. */
import type { Clock, LogFields, Logger } from '@afflux/kernel';

const SILENCE_MS = 60_000;

export class RateLimitedLog {
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #silent = new Map<string, { untilMs: number; leftOut: number }>();

  /** For a handful of constant messages: each is remembered. */
  constructor(logger: Logger, clock: Clock) {
    this.#logger = logger;
    this.#clock = clock;
  }

  warn(fields: LogFields, message: string): void {
    const nowMs = this.#clock.monotonicMs();
    const silence = this.#silent.get(message);
    if (silence !== undefined && nowMs < silence.untilMs) {
      silence.leftOut += 1;
      return;
    }
    const leftOut = silence?.leftOut ?? 0;
    this.#silent.set(message, { untilMs: nowMs + SILENCE_MS, leftOut: 0 });
    this.#logger.warn(leftOut === 0 ? fields : { ...fields, leftOut }, message);
  }
}
