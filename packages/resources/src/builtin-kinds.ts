/** Every kind that this package defines. */
import { customResourceDefinitionKind } from './kinds/apiextensions/custom-resource-definition.ts';
import { configMapKind } from './kinds/core/config-map.ts';
import { eventKind } from './kinds/core/event.ts';
import { newerEventKind } from './kinds/core/newer-event.ts';
import { leaseKind } from './kinds/core/lease.ts';
import { namespaceKind } from './kinds/core/namespace.ts';
import { podKind } from './kinds/core/pod.ts';
import { secretKind } from './kinds/core/secret.ts';
import { serviceAccountKind } from './kinds/core/service-account.ts';
import { serviceKind } from './kinds/core/service.ts';
import { brokerKind } from './kinds/eventing/broker.ts';
import { kafkaSinkKind } from './kinds/eventing/kafka-sink.ts';
import {
  rabbitmqBrokerConfigKind,
  rabbitmqClusterKind,
} from './kinds/eventing/rabbitmq-broker-config.ts';
import { eventTypeKind, olderEventTypeKinds } from './kinds/eventing/event-type.ts';
import { triggerKind } from './kinds/eventing/trigger.ts';
import { parallelKind } from './kinds/flows/parallel.ts';
import { sequenceKind } from './kinds/flows/sequence.ts';
import { channelKind } from './kinds/messaging/channel.ts';
import { durableChannelKind } from './kinds/messaging/durable-channel.ts';
import { kafkaChannelKinds } from './kinds/messaging/kafka-channel.ts';
import { rabbitmqChannelKind } from './kinds/messaging/rabbitmq-channel.ts';
import { inMemoryChannelKind } from './kinds/messaging/in-memory-channel.ts';
import { subscriptionKind } from './kinds/messaging/subscription.ts';
import type { KindDefinition } from './kind.ts';
import { KindRegistry } from './kind.ts';

/** A new registry with the kinds of eventing and those of Kubernetes that they need; more may be added to it. */
export function builtinKinds(): KindRegistry {
  const definitions: readonly KindDefinition[] = [
    namespaceKind,
    configMapKind,
    secretKind,
    serviceKind,
    serviceAccountKind,
    podKind,
    eventKind,
    newerEventKind,
    leaseKind,
    customResourceDefinitionKind,
    brokerKind,
    triggerKind,
    eventTypeKind,
    ...olderEventTypeKinds,
    channelKind,
    inMemoryChannelKind,
    durableChannelKind,
    ...kafkaChannelKinds,
    rabbitmqChannelKind,
    subscriptionKind,
    sequenceKind,
    parallelKind,
    kafkaSinkKind,
    rabbitmqBrokerConfigKind,
    rabbitmqClusterKind,
  ];
  return new KindRegistry(definitions);
}
