/** The RabbitMQ channel as a driver. */
import type { ChannelDriver } from '@afflux/channels';
import { configSchema, MAX_EVENT_BYTES } from './config.ts';
import { RabbitmqProvision } from './provision.ts';
import { RABBITMQ_TYPE, RabbitmqChannel } from './rabbitmq-channel.ts';
import { Servers } from './server.ts';

/** A driver for channels on RabbitMQ. Channels of one configuration share two connections. */
export function rabbitmqDriver(): ChannelDriver {
  const servers = new Servers();
  return {
    type: RABBITMQ_TYPE,
    configSchema,
    capabilities: {
      durable: true,
      order: 'total',
      replayable: false,
      competingConsumers: true,
      delayed: true,
      deadLetters: true,
      deduplicates: false,
      maxEventBytes: MAX_EVENT_BYTES,
    },
    create: (context) => new RabbitmqChannel(context, servers),
    provision: (context) => new RabbitmqProvision(context, servers),
    close: () => servers.close(),
  };
}
