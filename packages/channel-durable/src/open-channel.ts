/** Finds a channel and its subscriptions in a data directory, or gives a new one its number. */
import type { DriverContext } from '@afflux/channels';
import type { ChannelTelemetry } from '@afflux/channels/driver';
import { ChannelState } from './channel-state.ts';
import type { DurableConfig } from './config.ts';
import type { ChannelDirectory } from './channel-directory.ts';
import { Note } from './fence.ts';
import {
  channelCountersKey,
  channelKey,
  numberOf,
  subscriptionCountersKey,
  subscriptionRange,
} from './keys.ts';
import {
  type ChannelRecord,
  decodeCounters,
  decodeJson,
  encodeJson,
  NEW_CHANNEL,
  NEW_SUBSCRIPTION,
  type SubscriptionCounters,
  type SubscriptionRecord,
} from './records.ts';

export interface OpenChannelOptions {
  readonly context: DriverContext;
  readonly config: DurableConfig;
  readonly directory: ChannelDirectory;
  readonly telemetry: ChannelTelemetry;
}

export function openChannelState(options: OpenChannelOptions): ChannelState {
  const { context, config, directory, telemetry } = options;
  const { meta } = directory.tables;
  const key = channelKeyOf(context);
  const stored = meta.get(key);
  const found = stored && decodeJson<ChannelRecord>(stored).number;
  const number =
    found === undefined || directory.isForgotten(found) ? directory.newNumber() : found;
  const keptMs = Math.max(config.retentionMs, config.deadLetterRetentionMs);
  directory.setOpen(number, true);
  // Written before, or with, the first thing under the number.
  directory.writer.submit(
    new Note({
      write: () => {
        void meta.put(key, encodeJson({ number, keptMs } satisfies ChannelRecord));
        directory.writeNumbers();
      },
    }),
  );
  return new ChannelState({
    name: context.name,
    number,
    directory,
    counters: decodeCounters(meta.get(channelCountersKey(number)), NEW_CHANNEL),
    config,
    clock: context.clock,
    random: context.random,
    logger: context.logger,
    telemetry,
    onStep: context.onStep,
  });
}

export function channelKeyOf({ kind, namespace, name }: DriverContext): Buffer {
  return channelKey(kind ?? 'Channel', namespace ?? '', name);
}

export interface StoredSubscription {
  readonly number: number;
  readonly record: SubscriptionRecord;
  readonly counters: SubscriptionCounters;
}

export function readSubscriptions({ tables, number }: Pick<ChannelState, 'tables' | 'number'>) {
  const found: StoredSubscription[] = [];
  for (const { key, value } of tables.meta.getRange(subscriptionRange(number))) {
    const subscription = numberOf(key);
    found.push({
      number: subscription,
      record: decodeJson<SubscriptionRecord>(value),
      counters: decodeCounters(
        tables.meta.get(subscriptionCountersKey(subscription)),
        NEW_SUBSCRIPTION,
      ),
    });
  }
  return found;
}
