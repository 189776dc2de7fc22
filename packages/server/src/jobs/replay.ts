/**
 * Hands events that a channel keeps to one subscription again: those that it would get now, in batches, beside
 * the live traffic.
 */
import type { Channel, ReadOptions } from '@afflux/channels';
import type { CloudEvent } from '@afflux/events';
import type { Clock } from '@afflux/kernel';
import { apiRefused } from '../errors.ts';
import type { JobProgress } from './job-table.ts';
import { Pace } from './pace.ts';

export interface ReplayOptions {
  readonly channel: Channel;
  /** Id of the subscription. */
  readonly subscription: string;
  readonly from: ReadOptions['from'];
  readonly to: ReadOptions['to'];
  readonly passes: ((event: CloudEvent) => boolean) | undefined;
  readonly ratePerSecond: number | undefined;
  readonly clock: Clock;
}

/** Throws a refusal where the channel keeps nothing that could be replayed. */
export function assertReplayable(channel: Channel): void {
  if (channel.read !== undefined && channel.wants !== undefined && channel.publishTo !== undefined)
    return;
  throw apiRefused(
    'Invalid',
    `a channel of type ${channel.describe().type} cannot replay: it keeps no events that were delivered`,
  );
}

export async function replay(
  options: ReplayOptions,
  progress: JobProgress,
  signal: AbortSignal,
): Promise<void> {
  const { channel, subscription, from, to, passes } = options;
  const pace = new Pace(options.clock, options.ratePerSecond);
  let batch: CloudEvent[] = [];
  const flush = async (): Promise<void> => {
    const events = batch;
    if (events.length === 0) return;
    batch = [];
    await pace.take(events.length, signal);
    await channel.publishTo?.(subscription, events, { signal });
    progress.done += events.length;
  };
  const kept = channel.read?.({ from, signal, ...(to === undefined ? {} : { to }) }) ?? [];
  for await (const { event } of kept) {
    signal.throwIfAborted();
    progress.scanned += 1;
    const isWanted = channel.wants?.(subscription, event) ?? false;
    if (!isWanted || passes?.(event) === false) continue;
    progress.matched += 1;
    batch.push(event);
    if (batch.length >= pace.batch) await flush();
  }
  await flush();
}

/** `earliest`, a time in RFC 3339, or a position as the channel writes it. */
export function parseFrom(text: string): ReadOptions['from'] {
  return text === 'earliest' ? text : parseBound(text);
}

/** A time in RFC 3339, or a position. */
export function parseBound(text: string): NonNullable<ReadOptions['to']> {
  const isTime = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/.test(
    text,
  );
  const timeMs = isTime ? Date.parse(text) : Number.NaN;
  return Number.isNaN(timeMs) ? { position: text } : { timeMs };
}
