/** Warnings of one subscription, so few that a failing server cannot fill the log. */
import type { BacklogHost } from './backlog-host.ts';

const INTERVAL_MS = 10_000;

export class Warnings {
  readonly #subscription: string;
  readonly #host: BacklogHost;
  readonly #warnedMs = new Map<string, number>();

  constructor(subscription: string, host: BacklogHost) {
    this.#subscription = subscription;
    this.#host = host;
  }

  /** The same message at most once in a while; messages are constants. */
  warn(error: unknown, message: string): void {
    const { clock, logger, name } = this.#host;
    const nowMs = clock.monotonicMs();
    if (nowMs - (this.#warnedMs.get(message) ?? -Infinity) < INTERVAL_MS) return;
    this.#warnedMs.set(message, nowMs);
    logger.warn({ channel: name, subscription: this.#subscription, err: error }, message);
  }
}
