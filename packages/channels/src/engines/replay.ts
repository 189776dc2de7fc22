/**
 * Delivers kept events to one subscription once more: reads the channel beside its live traffic, keeps what the
 * subscription would get and the caller accepts, and publishes that to the subscription alone, in small batches.
 * Live events and these take turns in the channel.
 *
 * Its progress says where it stands: a run that was stopped goes on from `position`, whose event it may send
 * again. An event sent whose answer was lost is sent again too.
 */
import type { CloudEvent } from '@afflux/events';
import type { Clock } from '@afflux/kernel';
import type { Channel, Position, ReadOptions } from '../channel.ts';
import { subscriptionUnknown, unsupported } from '../errors.ts';
import { Pace } from './pace.ts';

/** Events published at once, and read between two words about the progress. */
const BATCH = 50;
const REPORT_EVERY = 1_000;

export interface ReplayProgress {
  readonly seen: number;
  /** Those that the subscription wants and `accepts` does. */
  readonly matched: number;
  readonly sent: number;
  /** Of the last event that is dealt with: sent, or not wanted. Absent before the first. */
  readonly position?: Position;
}

export interface ReplayOptions {
  readonly channel: Channel;
  readonly subscription: string;
  readonly from: ReadOptions['from'];
  /** Default: what was accepted before the run began. */
  readonly to?: ReadOptions['to'];
  /** Default: all that the subscription wants. */
  readonly accepts?: (event: CloudEvent) => boolean;
  readonly ratePerSecond?: number;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ReplayProgress) => void;
}

/**
 * Rejects with `AFFLUX_CHANNEL_UNSUPPORTED` where the channel cannot replay, with
 * `AFFLUX_CHANNEL_SUBSCRIPTION_UNKNOWN`, with `AFFLUX_CHANNEL_POSITION_INVALID`, and with
 * `AFFLUX_KERNEL_ABORTED` when stopped. While the channel is full or its back-end away it waits with what it has
 * read; a read that breaks off rejects, and can be gone on with from the position last told.
 */
export async function replay(options: ReplayOptions): Promise<ReplayProgress> {
  const { channel, subscription } = options;
  if (!canReplay(channel))
    throw unsupported(channel.describe().type, 'replayable', 'replay events');
  if (!channel.describe().subscriptions.some(({ id }) => id === subscription)) {
    throw subscriptionUnknown(channel.name, subscription);
  }
  const run = new ReplayRun(channel, options);
  return run.run();
}

type ReplayableChannel = Channel & Required<Pick<Channel, 'read' | 'wants' | 'publishTo'>>;

function canReplay(channel: Channel): channel is ReplayableChannel {
  const { read, wants, publishTo } = channel as Partial<ReplayableChannel>;
  return [read, wants, publishTo].every((method) => method !== undefined);
}

class ReplayRun {
  readonly #channel: ReplayableChannel;
  readonly #options: ReplayOptions;
  readonly #pace: Pace;
  #progress: ReplayProgress = { seen: 0, matched: 0, sent: 0 };
  /** Read and not yet dealt with. */
  #batch: CloudEvent[] = [];
  #unreported = 0;

  constructor(channel: ReplayableChannel, options: ReplayOptions) {
    this.#channel = channel;
    this.#options = options;
    this.#pace = new Pace(options);
  }

  async run(): Promise<ReplayProgress> {
    const { from, to, signal } = this.#options;
    const read: ReadOptions = {
      from,
      ...(to === undefined ? {} : { to }),
      ...(signal === undefined ? {} : { signal }),
    };
    let last: Position | undefined;
    for await (const { event, position } of this.#channel.read(read)) {
      this.#pace.throwIfAborted();
      last = position;
      this.#see(event);
      if (this.#batch.length >= this.#batchMax) await this.#flush(last);
      else if (this.#unreported >= REPORT_EVERY) await this.#flush(last);
    }
    await this.#flush(last);
    return this.#progress;
  }

  /** A batch takes about a second at most, so that a slow rate is kept evenly and an abort comes through. */
  get #batchMax(): number {
    const { ratePerSecond = BATCH } = this.#options;
    return Math.max(1, Math.min(BATCH, Math.floor(ratePerSecond)));
  }

  #see(event: CloudEvent): void {
    const { subscription, accepts } = this.#options;
    const { seen, matched } = this.#progress;
    const isWanted = this.#channel.wants(subscription, event) && (accepts?.(event) ?? true);
    if (isWanted) this.#batch.push(event);
    this.#unreported += 1;
    this.#progress = { ...this.#progress, seen: seen + 1, matched: matched + (isWanted ? 1 : 0) };
  }

  async #flush(position: Position | undefined): Promise<void> {
    const { subscription, signal, onProgress } = this.#options;
    const events = this.#batch;
    this.#batch = [];
    this.#unreported = 0;
    if (events.length > 0) {
      await this.#pace.spend(events.length);
      const publishOptions = signal === undefined ? {} : { signal };
      await this.#pace.patiently(() =>
        this.#channel.publishTo(subscription, events, publishOptions),
      );
    }
    this.#progress = {
      ...this.#progress,
      sent: this.#progress.sent + events.length,
      ...(position === undefined ? {} : { position }),
    };
    onProgress?.(this.#progress);
  }
}
