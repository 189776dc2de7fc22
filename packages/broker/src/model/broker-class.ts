/**
 * The classes of Brokers that are served here, and what carries the events of each.
 *
 * A broker of class MTChannelBasedBroker stands on a channel object, which its status names. One of class Kafka,
 * KafkaNamespaced or RabbitMQBroker is its own channel, with a topic or an exchange behind it; its status says
 * when that is there. Whatever the class, the data plane opens the channel by reference and knows no back-end.
 */
import type { ChannelRef } from '@afflux/channels';
import {
  AFFLUX_MAX_IN_FLIGHT,
  BROKER_CHANNEL_STATUS,
  BROKER_CLASS,
  KAFKA_BROKER_CLASS,
  KAFKA_NAMESPACED_BROKER_CLASS,
  KAFKA_STATUS,
  MT_BROKER_CLASS,
  RABBITMQ_BROKER_CLASS,
  type ApiObject,
  type Broker,
  type Trigger,
} from '@afflux/resources';

/** Annotations in the status of a Broker of class RabbitMQBroker, and of its Triggers. */
export const RABBITMQ_STATUS = {
  exchange: 'afflux.dev/rabbitmq-exchange',
  /** Of a Trigger. */
  queue: 'afflux.dev/rabbitmq-queue',
} as const;

/** What carries the events of a broker: a channel object, a topic of its own, an exchange of its own. */
export type BrokerFamily = 'channel' | 'kafka' | 'rabbitmq';

const FAMILY_BY_CLASS: Readonly<Record<string, BrokerFamily>> = {
  [MT_BROKER_CLASS]: 'channel',
  [KAFKA_BROKER_CLASS]: 'kafka',
  [KAFKA_NAMESPACED_BROKER_CLASS]: 'kafka',
  [RABBITMQ_BROKER_CLASS]: 'rabbitmq',
};

/** Undefined for a broker whose class is served elsewhere. */
export function brokerFamily(broker: ApiObject): BrokerFamily | undefined {
  const named = broker.metadata.annotations?.[BROKER_CLASS] ?? '';
  return Object.hasOwn(FAMILY_BY_CLASS, named) ? FAMILY_BY_CLASS[named] : undefined;
}

/** The channel of a broker that is a channel itself. */
export function ownChannelRef(broker: ApiObject): ChannelRef {
  const { namespace = '', name } = broker.metadata;
  return { kind: broker.kind, namespace, name };
}

/** Where the events of a broker go; undefined until its status says that there is such a place. */
export function channelRefOf(broker: Broker): ChannelRef | undefined {
  const family = brokerFamily(broker);
  if (family === undefined) return undefined;
  const annotations = broker.status?.annotations ?? {};
  if (family === 'channel') {
    const kind = annotations[BROKER_CHANNEL_STATUS.kind];
    const name = annotations[BROKER_CHANNEL_STATUS.name];
    if (kind === undefined || name === undefined) return undefined;
    return { kind, name, namespace: broker.metadata.namespace ?? '' };
  }
  const key = family === 'kafka' ? KAFKA_STATUS.topic : RABBITMQ_STATUS.exchange;
  return annotations[key] === undefined ? undefined : ownChannelRef(broker);
}

/** Status annotation of a Trigger that says what the back-end of such a broker calls its subscription. */
export const STORAGE_NAME_STATUS: Readonly<Record<BrokerFamily, string | undefined>> = {
  channel: undefined,
  kafka: KAFKA_STATUS.group,
  rabbitmq: RABBITMQ_STATUS.queue,
};

/** The name of a trigger's subscription in the back-end of its broker, once it is known. */
export function storageNameOf(family: BrokerFamily, trigger: Trigger): string | undefined {
  const key = STORAGE_NAME_STATUS[family];
  return key === undefined ? undefined : trigger.status?.annotations?.[key];
}

/** The lowest layer of flow annotations: what holds for a class where no object says otherwise. */
export function classFlowDefaults(
  family: BrokerFamily | undefined,
): Readonly<Record<string, string>> | undefined {
  // Knative's dispatchers of RabbitMQ have a parallelism of 1.
  return family === 'rabbitmq' ? { [AFFLUX_MAX_IN_FLIGHT]: '1' } : undefined;
}
