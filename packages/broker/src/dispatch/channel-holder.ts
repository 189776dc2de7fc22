/**
 * Holds the channel of one broker or sink: opens it, and tries again for as long as it cannot be opened.
 *
 *     opening ── ready ──▶ open ── close ──▶ closed
 *       ▲  │ failed
 *       └──┴─ after 1 s, 2 s, … 30 s, or with `retryNow`
 *
 * A failure is logged with the time of the next try. Nothing here judges failures: a wrong setting is put right
 * while the process runs, as a back-end comes back.
 */
import { type ChannelLease, type ChannelRef, ChannelUnavailable } from '@afflux/channels';
import { backoffMs, withJitter, type Timer } from '@afflux/kernel';
import type { DispatchDeps } from './deps.ts';

/** First wait before a channel that could not be opened is opened again; doubles up to the bound. */
const REOPEN_MS = 1_000;
const REOPEN_MS_MAX = 30_000;

export interface ChannelHolderOptions {
  readonly deps: Pick<DispatchDeps, 'openChannel' | 'clock' | 'random' | 'logger'>;
  /** Log fields that say whose channel it is. */
  readonly owner: Readonly<Record<string, string>>;
  readonly ref: ChannelRef;
  /** Called once, with the lease of a started channel. */
  readonly onOpen: (lease: ChannelLease) => void;
}

export class ChannelHolder {
  readonly ref: ChannelRef;
  readonly #options: ChannelHolderOptions;
  #lease: ChannelLease | undefined;
  #timer: Timer | undefined;
  #failures = 0;
  #isClosed = false;

  /** Begins to open the channel. */
  constructor(options: ChannelHolderOptions) {
    this.ref = options.ref;
    this.#options = options;
    this.#open();
  }

  /** Something changed that may help: does not wait for the next try, where one is due. */
  retryNow(): void {
    if (this.#timer === undefined) return;
    this.#timer.cancel();
    this.#timer = undefined;
    this.#open();
  }

  /** Resolves when the channel is let go of, and closed if nobody else holds it. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#timer?.cancel();
    await this.#lease?.release();
  }

  #open(): void {
    let lease: ChannelLease;
    try {
      lease = this.#options.deps.openChannel(this.ref);
    } catch (error) {
      this.#onFailure(error);
      return;
    }
    this.#lease = lease;
    // Both ways are dealt with in there.
    void lease.ready.then(
      () => {
        if (this.#isClosed) return;
        this.#failures = 0;
        this.#options.onOpen(lease);
      },
      (error: unknown) => {
        this.#lease = undefined;
        // The hub observes the end of a channel that could not start.
        void lease.release().catch(() => undefined);
        this.#onFailure(error);
      },
    );
  }

  #onFailure(error: unknown): void {
    if (this.#isClosed) return;
    this.#timer = this.#options.deps.clock.setTimer(this.#retryDelayMs(error), () => {
      this.#timer = undefined;
      this.#open();
    });
  }

  /** A channel that only has to wait a moment (its driver is being loaded) has not failed. */
  #retryDelayMs(error: unknown): number {
    if (error instanceof ChannelUnavailable && error.retryAfterMs < REOPEN_MS) {
      return error.retryAfterMs;
    }
    const { random, logger } = this.#options.deps;
    this.#failures += 1;
    const policy = {
      policy: 'exponential',
      delayMs: REOPEN_MS,
      delayMsMax: REOPEN_MS_MAX,
    } as const;
    const retryInMs = Math.round(withJitter(backoffMs(this.#failures, policy), random));
    logger.warn({ err: error, ...this.#options.owner, retryInMs }, 'channel cannot be opened');
    return retryInMs;
  }
}
