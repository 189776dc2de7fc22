/**
 * What differs between channel kinds, as a table: which driver carries a channel and with which configuration,
 * what a subscription is called in the back-end, and the order of deliveries that a kind promises. Everything
 * else about channels is one code for all kinds.
 */
import type { ChannelBacking } from '@afflux/channels';
import {
  AFFLUX_ORDER,
  type ApiObject,
  type DurableChannel,
  kafkaSubscriptionGroup,
  rabbitmqSubscriptionQueue,
  retentionBytes,
  retentionMs,
} from '@afflux/resources';
import type { BackingReference, BackingSources, Found } from './backing-sources.ts';
import {
  kafkaChannelAnnotations,
  kafkaChannelBacking,
  kafkaChannelReferences,
} from './kafka-channel-backing.ts';
import {
  rabbitmqChannelAnnotations,
  rabbitmqChannelBacking,
  rabbitmqChannelReferences,
} from './rabbitmq-channel-backing.ts';

type Annotations = Readonly<Record<string, string>>;

/** Names one subscription of one channel. */
export interface SubscriptionName {
  readonly namespace: string;
  readonly channel: string;
  readonly subscription: string;
}

interface ChannelKind {
  readonly backing: (object: ApiObject, sources: BackingSources) => Found<ChannelBacking>;
  readonly references?: (object: ApiObject, sources: BackingSources) => readonly BackingReference[];
  readonly annotations?: (object: ApiObject, sources: BackingSources) => Annotations;
  readonly storageName?: (name: SubscriptionName) => string;
  /** Flow annotations that hold where neither Subscription nor channel says otherwise. */
  readonly flowDefaults?: (object: ApiObject) => Annotations | undefined;
}

const ORDERED: Annotations = { [AFFLUX_ORDER]: 'ordered' };

const KINDS: Readonly<Record<string, ChannelKind>> = {
  InMemoryChannel: { backing: () => ({ value: { type: 'memory', config: {} } }) },
  DurableChannel: {
    backing: (object) => ({ value: durableBacking(object as DurableChannel) }),
    flowDefaults: (object) =>
      (object as DurableChannel).spec.ordering === 'ordered' ? ORDERED : undefined,
  },
  KafkaChannel: {
    backing: kafkaChannelBacking,
    references: kafkaChannelReferences,
    annotations: kafkaChannelAnnotations,
    storageName: kafkaSubscriptionGroup,
    // Knative's KafkaChannels have no other order.
    flowDefaults: () => ORDERED,
  },
  RabbitmqChannel: {
    backing: rabbitmqChannelBacking,
    references: rabbitmqChannelReferences,
    annotations: rabbitmqChannelAnnotations,
    storageName: rabbitmqSubscriptionQueue,
  },
};

function durableBacking({ spec }: DurableChannel): ChannelBacking {
  const ms = spec.retentionDuration === undefined ? undefined : retentionMs(spec.retentionDuration);
  const bytes = spec.retentionBytes === undefined ? undefined : retentionBytes(spec.retentionBytes);
  return {
    type: 'durable',
    config: {
      ...(ms === undefined ? {} : { retentionMs: ms }),
      ...(bytes === undefined ? {} : { retentionBytes: bytes }),
    },
  };
}

function kindOf({ kind }: { readonly kind: string }): ChannelKind | undefined {
  return Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
}

/**
 * What carries a channel object, by the objects of this moment. Pure. A problem says which condition is False
 * and why; it passes when one of {@link channelReferences} changes.
 */
export function channelBacking(object: ApiObject, sources: BackingSources): Found<ChannelBacking> {
  const kind = kindOf(object);
  if (kind !== undefined) return kind.backing(object, sources);
  const message = `${object.kind} is not a channel kind that is served here`;
  return { problem: { condition: 'Ready', reason: 'ChannelKindUnknown', message } };
}

/** Objects whose change may change what {@link channelBacking} says, whether they exist or not. */
export function channelReferences(
  object: ApiObject,
  sources: BackingSources,
): readonly BackingReference[] {
  return kindOf(object)?.references?.(object, sources) ?? [];
}

/** What the status keeps about the back-end, so that the channel is found again when its settings are gone. */
export function channelAnnotations(object: ApiObject, sources: BackingSources): Annotations {
  return kindOf(object)?.annotations?.(object, sources) ?? {};
}

/** What the back-end calls a subscription; undefined: whatever its driver makes of the id. */
export function channelStorageName(kind: string, name: SubscriptionName): string | undefined {
  return kindOf({ kind })?.storageName?.(name);
}

/** Flow annotations that a kind has by nature; the farthest layer. */
export function channelFlowDefaults(object: ApiObject): Annotations | undefined {
  return kindOf(object)?.flowDefaults?.(object);
}
