/** Administration of a channel's topics and groups for control planes. Every call brings its own connection. */
import type { DriverContext, Provision, StartAt } from '@afflux/channels';
import { ChannelError } from '@afflux/channels';
import { abortedError } from '@afflux/kernel';
import { KafkaAdmin } from './client/index.ts';
import { administrationError } from './client/errors.ts';
import { deadLetterTopic, type KafkaConfig, mayHaveHelpers, redeliveryTopic } from './config.ts';
import { ensureGroupOffsets, type GroupLocks, removeGroup } from './group-offsets.ts';
import { parsePosition } from './position.ts';
import { ensureTopics } from './topology.ts';

interface Named {
  readonly id: string;
  readonly storageName?: string;
}

/** The consumer group of a subscription. */
/** The topic is part of it: products that share a cluster and use other topics do not meet in one group. */
export function groupName({ topic }: KafkaConfig, { id, storageName }: Named): string {
  return storageName ?? `afflux.${topic}.${id}`;
}

export class KafkaProvision implements Provision {
  readonly #context: DriverContext;
  readonly #config: KafkaConfig;
  readonly #locks: GroupLocks;

  constructor(context: DriverContext, config: KafkaConfig, locks: GroupLocks) {
    this.#context = context;
    this.#config = config;
    this.#locks = locks;
  }

  ensure(options?: { readonly signal?: AbortSignal }): Promise<Readonly<Record<string, string>>> {
    return this.#with('provide the topic', options?.signal, async (admin) => {
      const partitions = await ensureTopics(admin, this.#config);
      const facts = await admin.topic(this.#config.topic);
      return {
        topic: this.#config.topic,
        partitions: String(facts?.partitions ?? partitions),
        replicationFactor: String(facts?.replicationFactor ?? this.#config.replicationFactor),
      };
    });
  }

  async ensureSubscription(
    subscription: Named & { readonly from?: StartAt },
    options?: { readonly signal?: AbortSignal },
  ): Promise<void> {
    const from = subscription.from ?? this.#config.initialOffset;
    if (typeof from === 'object' && 'position' in from) parsePosition(from.position);
    const group = groupName(this.#config, subscription);
    await this.#with('set the subscription up', options?.signal, (admin) =>
      this.#locks.run(group, async () => {
        const others = mayHaveHelpers(this.#config) ? [redeliveryTopic(this.#config)] : [];
        await ensureGroupOffsets(admin, { group, topic: this.#config.topic, others, from });
      }),
    );
  }

  async removeSubscription(
    subscription: Named,
    options?: { readonly signal?: AbortSignal },
  ): Promise<void> {
    const group = groupName(this.#config, subscription);
    await this.#with('remove the subscription', options?.signal, (admin) =>
      this.#locks.run(group, () => removeGroup(admin, this.#context.clock, group)),
    );
  }

  async remove(options?: { readonly signal?: AbortSignal }): Promise<void> {
    await this.#with('remove the topic', options?.signal, async (admin) => {
      if (mayHaveHelpers(this.#config)) {
        await admin.deleteTopic(redeliveryTopic(this.#config));
        await admin.deleteTopic(deadLetterTopic(this.#config));
      }
      if (!this.#config.external) await admin.deleteTopic(this.#config.topic);
    });
  }

  async #with<T>(
    what: string,
    signal: AbortSignal | undefined,
    run: (admin: KafkaAdmin) => Promise<T>,
  ): Promise<T> {
    if (signal?.aborted === true) throw abortedError(signal);
    const { clock, logger } = this.#context;
    const admin = new KafkaAdmin(this.#config, { clock, logger });
    try {
      return await run(admin);
    } catch (error) {
      if (error instanceof ChannelError) throw error;
      throw administrationError(what, error);
    } finally {
      await admin.close();
    }
  }
}
