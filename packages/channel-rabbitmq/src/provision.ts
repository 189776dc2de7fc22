/** Administration of one channel: the exchange, the queues of its subscriptions, and their removal. */
import {
  type DriverContext,
  parseConfig,
  type Provision,
  type SubscribeOptions,
} from '@afflux/channels';
import type { Channel } from 'amqplib';
import type { AmqpConnection } from './client/connection.ts';
import { configSchema, type RabbitmqConfig } from './config.ts';
import { queueNames, registerName } from './names.ts';
import { RABBITMQ_TYPE } from './rabbitmq-channel.ts';
import { removeQueues } from './removal.ts';
import { administer, type Servers } from './server.ts';
import { assertLatest, declareExchange, declareSubscription } from './topology.ts';

type Subscription = Pick<SubscribeOptions<unknown>, 'id' | 'from' | 'storageName'>;
interface CallOptions {
  readonly signal?: AbortSignal;
}

export class RabbitmqProvision implements Provision {
  readonly #context: DriverContext;
  readonly #servers: Servers;
  readonly #config: RabbitmqConfig;

  constructor(context: DriverContext, servers: Servers) {
    this.#context = context;
    this.#servers = servers;
    this.#config = parseConfig(RABBITMQ_TYPE, configSchema, context.config);
  }

  async ensure(options?: CallOptions): Promise<Readonly<Record<string, string>>> {
    const { exchange, queueType, vhost } = this.#config;
    await this.#onChannel(
      `exchange ${exchange}`,
      (channel) => declareExchange(channel, this.#config),
      options,
    );
    return { exchange, queueType, vhost };
  }

  async ensureSubscription(subscription: Subscription, options?: CallOptions): Promise<void> {
    assertLatest(RABBITMQ_TYPE, subscription.from);
    const names = this.#names(subscription);
    await this.#servers.serially(names.main, () =>
      this.#onChannel(
        `queue ${names.main}`,
        (channel) => declareSubscription(channel, names, this.#config),
        options,
      ),
    );
  }

  async removeSubscription(subscription: Subscription, options?: CallOptions): Promise<void> {
    const names = this.#names(subscription);
    await this.#servers.serially(names.main, () =>
      this.#leased((connection) =>
        removeQueues(
          connection,
          names,
          this.#config.exchange,
          this.#context.clock,
          options?.signal,
        ),
      ),
    );
  }

  async remove(options?: CallOptions): Promise<void> {
    const { exchange } = this.#config;
    await this.#onChannel(
      `exchange ${exchange}`,
      async (channel) => {
        await channel.deleteExchange(exchange);
        await channel.deleteQueue(registerName(exchange));
      },
      options,
    );
  }

  #names({ id, storageName }: Subscription) {
    return queueNames(this.#config.exchange, id, storageName);
  }

  #onChannel<T>(
    subject: string,
    run: (channel: Channel) => Promise<T>,
    options: CallOptions | undefined,
  ): Promise<T> {
    const { clock } = this.#context;
    return this.#leased((connection) =>
      administer(connection, subject, clock, run, options?.signal),
    );
  }

  async #leased<T>(run: (connection: AmqpConnection) => Promise<T>): Promise<T> {
    const lease = this.#servers.lease(this.#config, this.#context);
    try {
      return await run(lease.consuming);
    } finally {
      await lease.release();
    }
  }
}
