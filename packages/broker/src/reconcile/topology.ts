/**
 * What a reconciler wants of a back-end: topics, exchanges, queues and positions that are there before an object
 * is Ready, and gone after it is deleted. The `Provision` behind it does the work; here its failures become words
 * for conditions and times to look again.
 *
 * - Making is tried for ever: waits double from 1 s to 30 s, so that an object is Ready soon after its back-end
 *   is, and a back-end that is away is not asked by every object every second. Who must act does not change
 *   that: a topic that was put right tells nobody.
 * - Removing is tried 5 times more, every 5 s (as Knative's controllers do), and then given up with a log line:
 *   a back-end that never comes back must not keep objects from going.
 */
import { ChannelError, type ChannelRef, type Provision } from '@afflux/channels';
import { RequeueAfter } from '@afflux/control';
import { backoffMs, type Logger } from '@afflux/kernel';

const RETRY_MS = 1_000;
const RETRY_MS_MAX = 30_000;
const REMOVAL_RETRIES = 5;
const REMOVAL_RETRY_MS = 5_000;

/** The administration of a channel; undefined where the channel needs nothing but itself, or cannot be had now. */
export type ProvisionFor = (ref: ChannelRef) => Provision | undefined;

/** Why something is not there, for a condition. */
export interface TopologyFailure {
  readonly reason: string;
  readonly message: string;
  readonly retryInMs: number;
}

export type Made<T> = { readonly value: T } | { readonly failure: TopologyFailure };

export interface Removal {
  /** Of the object: failures are counted for it. */
  readonly key: string;
  /** What is left behind if it cannot be removed. Log field. */
  readonly what: string;
  /** Undefined: there is no way to the back-end now. */
  readonly run: (() => Promise<void>) | undefined;
  readonly logger: Logger;
}

const REASONS: Readonly<Record<string, string>> = {
  AFFLUX_CHANNEL_UNAVAILABLE: 'BackEndUnavailable',
  AFFLUX_CHANNEL_BACKEND_REFUSED: 'BackEndRefused',
  AFFLUX_CHANNEL_TOPOLOGY_INVALID: 'TopologyInvalid',
  AFFLUX_CHANNEL_CONFIG_INVALID: 'ConfigInvalid',
  AFFLUX_CHANNEL_UNSUPPORTED: 'Unsupported',
};

export class Topology {
  readonly #failures = new Map<string, number>();

  /** One try. Rejects with what is no failure of a back-end: a defect, or the end of the run. */
  async make<T>(key: string, work: () => Promise<T>): Promise<Made<T>> {
    try {
      const value = await work();
      this.#failures.delete(key);
      return { value };
    } catch (error) {
      const reason = reasonOf(error);
      if (reason === undefined || !(error instanceof Error)) throw error;
      return { failure: this.fail(key, reason, error.message) };
    }
  }

  /** A failure that did not come from a `Provision`, counted like one. */
  fail(key: string, reason: string, message: string): TopologyFailure {
    const retry = this.#count(key);
    const policy = { policy: 'exponential', delayMs: RETRY_MS, delayMsMax: RETRY_MS_MAX } as const;
    return { reason, message, retryInMs: backoffMs(retry, policy) };
  }

  /** Resolves when it is gone or given up; rejects with `RequeueAfter` when it is to be tried again. */
  async remove({ key, what, run, logger }: Removal): Promise<void> {
    let err: unknown;
    try {
      if (run !== undefined) {
        await run();
        this.#failures.delete(key);
        return;
      }
    } catch (error) {
      if (reasonOf(error) === undefined) throw error;
      err = error;
    }
    if (this.#count(key) <= REMOVAL_RETRIES) throw new RequeueAfter(REMOVAL_RETRY_MS);
    this.#failures.delete(key);
    logger.error({ err, what }, 'left behind in the back-end: it cannot be removed');
  }

  /** The object is gone. */
  forget(key: string): void {
    this.#failures.delete(key);
  }

  #count(key: string): number {
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    return failures;
  }
}

/** Undefined for what does not come from a back-end. */
function reasonOf(error: unknown): string | undefined {
  if (!(error instanceof ChannelError)) return undefined;
  return (Object.hasOwn(REASONS, error.code) ? REASONS[error.code] : undefined) ?? 'BackEndFailed';
}
