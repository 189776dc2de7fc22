/** The driver of type `kafka`: channels in topics of a Kafka cluster, by any number of processes. */
import type { Capabilities, ChannelDriver } from '@afflux/channels';
import { parseConfig } from '@afflux/channels/driver';
import { kafkaConfigSchema } from './config.ts';
import { GroupLocks } from './group-offsets.ts';
import { EVENT_BYTES_MAX, KAFKA_TYPE, KafkaChannel } from './kafka-channel.ts';
import { KafkaProvision } from './provision.ts';
import { SharedConnections } from './shared-connections.ts';

export const KAFKA_CAPABILITIES: Capabilities = {
  durable: true,
  order: 'key',
  replayable: true,
  competingConsumers: true,
  delayed: false,
  deadLetters: true,
  deduplicates: false,
  maxEventBytes: EVENT_BYTES_MAX,
};

/** Connections are shared by the channels of one driver and end with the last of them. */
export function kafkaDriver(): ChannelDriver {
  const connections = new SharedConnections();
  const locks = new GroupLocks();
  return {
    type: KAFKA_TYPE,
    configSchema: kafkaConfigSchema,
    capabilities: KAFKA_CAPABILITIES,
    create: (context) => new KafkaChannel(context, connections, locks),
    provision: (context) =>
      new KafkaProvision(
        context,
        parseConfig(KAFKA_TYPE, kafkaConfigSchema, context.config),
        locks,
      ),
  };
}
