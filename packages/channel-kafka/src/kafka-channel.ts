/**
 * A channel in a Kafka topic. What it promises with a publish is that all replicas in sync have the events; what is
 * accepted stays in the topic until its retention takes it. Each subscription is a consumer group.
 *
 * Kafka may be away at any time, also at the start: the channel runs, refuses publishes and says so, and works by
 * itself once Kafka is there.
 */
import {
  type Channel,
  channelClosed,
  type ChannelDescription,
  type ChannelSubscription,
  ChannelTelemetry,
  type DriverContext,
  eventTooLarge,
  type KeptEvent,
  type PublishOptions,
  type ReadOptions,
  type SubscribeOptions,
  type SubscriptionCounters,
  subscriptionUnknown,
  unsupported,
} from '@afflux/channels';
import { parseConfig, Waiters } from '@afflux/channels/driver';
import type { CloudEvent } from '@afflux/events';
import { abortedError, BaseComponent, untilAborted } from '@afflux/kernel';
import { KafkaAdmin, type OutgoingRecord, RecordTooLarge, shortReason } from './client/index.ts';
import {
  deadLetterTopic,
  type KafkaConfig,
  kafkaConfigSchema,
  mayHaveHelpers,
  redeliveryTopic,
} from './config.ts';
import { KafkaDeadLetters } from './dead-letters.ts';
import type { GroupLocks } from './group-offsets.ts';
import { KafkaSubscription, type SubscriptionHost } from './kafka-subscription.ts';
import { parsePosition } from './position.ts';
import { groupName } from './provision.ts';
import { readKept } from './read-kept.ts';
import type { ConnectionLease, SharedConnections } from './shared-connections.ts';
import { encodeRecord, encodeRedelivery } from './wire.ts';

export const KAFKA_TYPE = 'kafka';
/** Below the 1 MiB that a topic takes by default, with room for what the record adds to the event. */
export const EVENT_BYTES_MAX = 1_000_000;

const RECORD_OVERHEAD_BYTES = 48_576;
const REFRESH_MS = 5_000;
const CLOSE_MS_MAX = 15_000;
const POISON_LOG_MS = 10_000;

export class KafkaChannel extends BaseComponent implements Channel {
  readonly name: string;
  readonly deadLetters?: KafkaDeadLetters;
  readonly #context: DriverContext;
  readonly #connections: SharedConnections;
  readonly #locks: GroupLocks;
  readonly #telemetry: ChannelTelemetry;
  readonly #subscriptions = new Map<string, KafkaSubscription>();
  readonly #leaving = new Set<KafkaSubscription>();
  readonly #quiet = new Waiters();
  readonly #counters = new Map<string, SubscriptionCounters>();
  readonly #life = new AbortController();
  #config: KafkaConfig;
  #lease: ConnectionLease;
  #pending = 0;
  #eventBytesMax = EVENT_BYTES_MAX;
  #clusterTrouble: string | undefined;
  #topicTrouble: string | undefined;
  #saidTrouble: string | undefined;
  #poisoned = 0;
  #poisonSaidMs = -Infinity;

  constructor(context: DriverContext, connections: SharedConnections, locks: GroupLocks) {
    super();
    this.name = context.name;
    this.#context = context;
    this.#config = parseConfig(KAFKA_TYPE, kafkaConfigSchema, context.config);
    this.#connections = connections;
    this.#locks = locks;
    this.#telemetry = new ChannelTelemetry(context);
    this.#lease = this.#newLease();
    if (mayHaveHelpers(this.#config)) this.deadLetters = this.#openLetters();
  }

  publish(events: readonly CloudEvent[], options?: PublishOptions): Promise<void> {
    if (this.state !== 'running') throw channelClosed(this.name, this.state);
    if (options?.signal?.aborted === true) throw abortedError(options.signal);
    if (options?.deduplicateMs !== undefined) {
      throw unsupported(KAFKA_TYPE, 'deduplicates', 'suppress duplicates');
    }
    this.#checkSizes(events);
    const { topic, contentMode } = this.#config;
    const records = events.map((event) => encodeRecord(event, contentMode));
    return this.#send(topic, records, events, options?.signal);
  }

  subscribe<P>(options: SubscribeOptions<P>): ChannelSubscription<P> {
    if (!this.handsOut) throw channelClosed(this.name, this.state);
    const { from } = options;
    if (typeof from === 'object' && 'position' in from) parsePosition(from.position);
    // Progress goes in and out through the codec of whoever subscribes.
    return this.#subscribe(options) as ChannelSubscription<P>;
  }

  #subscribe(options: SubscribeOptions<unknown>): ChannelSubscription<unknown> {
    const open = this.#subscriptions.get(options.id);
    if (open !== undefined && !open.isStopping) {
      open.configure(options);
      return open.attach();
    }
    const group = groupName(this.#config, options);
    const subscription = new KafkaSubscription(this.#host(), group, options);
    this.#subscriptions.set(options.id, subscription);
    const handle = subscription.attach();
    if (this.state !== 'idle') subscription.start();
    return handle;
  }

  async publishTo(
    subscription: string,
    events: readonly CloudEvent[],
    options?: { readonly signal?: AbortSignal },
  ): Promise<void> {
    if (this.state !== 'running') throw channelClosed(this.name, this.state);
    if (!mayHaveHelpers(this.#config)) {
      throw unsupported(KAFKA_TYPE, 'helperTopics', 'publish to one subscription');
    }
    this.#known(subscription);
    this.#checkSizes(events);
    const records = events.map((event) => encodeRedelivery(event, subscription));
    await this.#send(redeliveryTopic(this.#config), records, events, options?.signal, false);
  }

  read(options: ReadOptions): AsyncIterable<KeptEvent> {
    const { clock, logger } = this.#context;
    for (const place of [options.from, options.to]) {
      if (typeof place === 'object' && 'position' in place) parsePosition(place.position);
    }
    const { topic, addOffsetAttributes } = this.#config;
    const openAdmin = (): KafkaAdmin => new KafkaAdmin(this.#config, { clock, logger });
    return readKept({ openAdmin, topic, addOffsetAttributes }, options);
  }

  wants(subscription: string, event: CloudEvent): boolean {
    return this.#subscriptions.get(subscription)?.wants(event) ?? false;
  }

  describe(): ChannelDescription {
    const subscriptions = [...this.#subscriptions.values()].map((each) => each.describe());
    const trouble = this.#trouble();
    return {
      name: this.name,
      type: KAFKA_TYPE,
      events: Math.max(0, ...subscriptions.map(({ depth }) => depth)),
      bytes: Math.max(0, ...subscriptions.map(({ bytes }) => bytes)),
      unsettled: this.#pending,
      subscriptions,
      ...(trouble === undefined ? {} : { trouble }),
    };
  }

  async settled(options?: { readonly signal?: AbortSignal }): Promise<boolean> {
    const { signal } = options ?? {};
    if (signal?.aborted === true) return false;
    const written = [...this.#all()].map((each) =>
      each.isStopping ? each.stop() : each.recorded(),
    );
    try {
      await untilAborted(Promise.all(written), signal);
    } catch {
      return false;
    }
    if (this.#pending === 0) return true;
    return this.#quiet.wait(signal);
  }

  reconfigure(config: unknown): void {
    const next = parseConfig(KAFKA_TYPE, kafkaConfigSchema, config);
    if (next.topic !== this.#config.topic) {
      throw unsupported(KAFKA_TYPE, 'movable', 'change its topic');
    }
    this.#config = next;
    const old = this.#lease;
    this.#clusterTrouble = undefined;
    this.#lease = this.#newLease();
    if (this.#lease.producer === old.producer) {
      void old.release();
      return;
    }
    this.#lease.producer.start();
    const moving = [...this.#subscriptions.values()].map((each) => each.reconnect());
    void Promise.allSettled(moving).then(() => old.release());
  }

  /** @internal */
  get handsOut(): boolean {
    return this.state !== 'draining' && this.state !== 'closed';
  }

  protected override onStart(): Promise<void> {
    this.#lease.producer.start();
    for (const subscription of this.#subscriptions.values()) subscription.start();
    void this.#refresh();
    return Promise.resolve();
  }

  protected override async onDrain(signal: AbortSignal): Promise<void> {
    while (this.#busy() > 0) {
      if (!(await this.#quiet.wait(signal))) throw abortedError(signal);
    }
  }

  protected override async onClose(): Promise<void> {
    this.#life.abort();
    this.#quiet.resolve(false);
    const { clock } = this.#context;
    const leaving = Promise.all([...this.#all()].map((each) => each.stop()));
    await Promise.race([leaving, clock.sleep(CLOSE_MS_MAX)]);
    await this.#lease.release();
  }

  #all(): Set<KafkaSubscription> {
    return new Set([...this.#subscriptions.values(), ...this.#leaving]);
  }

  #busy(): number {
    return [...this.#all()].reduce((total, { inFlight }) => total + inFlight, this.#pending);
  }

  #checkSizes(events: readonly CloudEvent[]): void {
    for (const { sizeBytes } of events) {
      if (sizeBytes <= this.#eventBytesMax) continue;
      this.#telemetry.tooLarge.add(events.length);
      throw eventTooLarge(sizeBytes, this.#eventBytesMax, 'the topic');
    }
  }

  async #send(
    topic: string,
    records: readonly OutgoingRecord[],
    events: readonly CloudEvent[],
    signal: AbortSignal | undefined,
    isCounted = true,
  ): Promise<void> {
    this.#pending += 1;
    const sending = this.#lease.producer
      .send(topic, records, this.#context.onStep)
      .then(() => {
        if (isCounted) this.#telemetry.accepted.add(events.length);
      })
      .finally(() => {
        this.#pending -= 1;
        this.#whenQuiet();
      });
    try {
      await untilAborted(sending, signal);
    } catch (error) {
      if (!(error instanceof RecordTooLarge)) throw error;
      this.#telemetry.tooLarge.add(events.length);
      const largest = Math.max(...events.map(({ sizeBytes }) => sizeBytes));
      throw eventTooLarge(largest, this.#eventBytesMax, 'the topic');
    }
  }

  #known(id: string): KafkaSubscription {
    const found = this.#subscriptions.get(id);
    if (found === undefined) throw subscriptionUnknown(this.name, id);
    return found;
  }

  #host(): SubscriptionHost {
    // Members that may change with `reconfigure` are asked for each time.
    // eslint-disable-next-line @typescript-eslint/no-this-alias
    const channel = this;
    const { clock, random, logger } = this.#context;
    const letters = this.deadLetters;
    return {
      clock,
      random,
      logger,
      locks: this.#locks,
      get admin() {
        return channel.#lease.admin;
      },
      get connection() {
        return channel.#config;
      },
      get config() {
        return channel.#config;
      },
      get handsOut() {
        return channel.handsOut;
      },
      get written() {
        return channel.#lease.producer.ends(channel.#config.topic);
      },
      counters: (label) => this.#countersOf(label),
      onQuiet: () => {
        this.#whenQuiet();
      },
      onTrouble: () => {
        this.#sayTrouble();
      },
      onNoEvent: (error) => {
        this.#countPoison(error);
      },
      onClosed: (subscription) => {
        this.#detach(subscription);
      },
      writeDeadLetter:
        letters === undefined
          ? undefined
          : async (subscription, record, reason) => {
              const isMain = record.owner.topic === this.#config.topic;
              await letters.write(subscription, record, reason, isMain);
            },
    };
  }

  #detach(subscription: KafkaSubscription): void {
    if (subscription.inFlight > 0 && !subscription.isStopping) {
      // What is in flight may still be settled; whoever subscribes meanwhile takes this one over.
      return;
    }
    if (this.#subscriptions.get(subscription.id) === subscription) {
      this.#subscriptions.delete(subscription.id);
    }
    this.#leaving.add(subscription);
    void subscription.stop().finally(() => this.#leaving.delete(subscription));
  }

  #countersOf(label: string): SubscriptionCounters {
    let counters = this.#counters.get(label);
    if (counters === undefined) {
      counters = this.#telemetry.forSubscription(label);
      this.#counters.set(label, counters);
    }
    return counters;
  }

  #whenQuiet(): void {
    for (const subscription of this.#subscriptions.values()) {
      if (subscription.handle === undefined && subscription.inFlight === 0) {
        this.#detach(subscription);
      }
    }
    if (this.#busy() === 0) this.#quiet.resolve(true);
  }

  #openLetters(): KafkaDeadLetters {
    // eslint-disable-next-line @typescript-eslint/no-this-alias
    const channel = this;
    return new KafkaDeadLetters({
      topic: deadLetterTopic(this.#config),
      get producer() {
        return channel.#lease.producer;
      },
      get admin() {
        return channel.#lease.admin;
      },
      now: () => this.#context.clock.now(),
      hasSubscription: (id) => void this.#known(id),
      republish: (id, letters) =>
        this.publishTo(
          id,
          letters.map(({ event }) => event),
        ),
    });
  }

  #newLease(): ConnectionLease {
    return this.#connections.lease(this.#config, this.#context, (trouble) => {
      this.#clusterTrouble = trouble;
      this.#sayTrouble();
    });
  }

  #trouble(): string | undefined {
    if (this.state !== 'running') return undefined;
    const found = [...this.#subscriptions.values()].map(({ trouble }) => trouble);
    return this.#clusterTrouble ?? this.#topicTrouble ?? found.find((each) => each !== undefined);
  }

  /** One line and one count for each loss. */
  #sayTrouble(): void {
    const trouble = this.#trouble();
    const { logger } = this.#context;
    if ((trouble === undefined) !== (this.#saidTrouble === undefined)) {
      if (trouble === undefined) {
        logger.info({ channel: this.name }, 'kafka is available again');
      } else {
        this.#telemetry.unavailable.add();
        logger.warn({ channel: this.name, trouble }, 'kafka is not available');
      }
    }
    this.#saidTrouble = trouble;
  }

  #countPoison(error: unknown): void {
    const { clock, logger } = this.#context;
    this.#poisoned += 1;
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#poisonSaidMs < POISON_LOG_MS) return;
    this.#poisonSaidMs = nowMs;
    const code = (error as { code?: unknown } | undefined)?.code ?? 'not a CloudEvent';
    const fields = { channel: this.name, records: this.#poisoned, reason: code };
    logger.warn(fields, 'records in the topic are no events and were passed over');
    this.#poisoned = 0;
  }

  /** Ends of the partitions and bounds of the topic, again and again. */
  async #refresh(): Promise<void> {
    const { signal } = this.#life;
    const { clock } = this.#context;
    while (!signal.aborted) {
      try {
        await this.#look();
        this.#topicTrouble = undefined;
      } catch (error) {
        this.#topicTrouble = `the topic cannot be read: ${shortReason(error)}`;
      }
      this.#sayTrouble();
      await clock.sleep(REFRESH_MS, signal).catch(() => undefined);
    }
  }

  async #look(): Promise<void> {
    const { topic } = this.#config;
    const { admin, producer } = this.#lease;
    const written = new Map(producer.ends(topic));
    const ends = await admin.ends(topic);
    producer.forgetEnds(topic, (partition) => {
      const high = ends.find((each) => each.partition === partition)?.high ?? 0;
      return high < (written.get(partition) ?? 0);
    });
    const settings = await admin.topicConfig(topic, ['max.message.bytes']);
    const recordMax = Number(settings.get('max.message.bytes') ?? Infinity);
    this.#eventBytesMax = Math.max(
      1,
      Math.min(EVENT_BYTES_MAX, recordMax - Math.min(RECORD_OVERHEAD_BYTES, recordMax / 2)),
    );
    for (const subscription of this.#subscriptions.values()) {
      await this.#lookAt(subscription, topic, ends);
    }
  }

  async #lookAt(
    subscription: KafkaSubscription,
    topic: string,
    ends: Awaited<ReturnType<KafkaAdmin['ends']>>,
  ): Promise<void> {
    const { reader, group } = subscription;
    for (const owned of reader.partitions) {
      const end = ends.find(({ partition }) => partition === owned.partition);
      if (owned.topic === topic && end !== undefined) owned.endOffset = end.high;
    }
    const foreign = ends.filter(({ partition }) => !reader.owns(topic, partition));
    if (foreign.length === 0) subscription.elsewhere = 0;
    else {
      const committed = await this.#lease.admin.committed(group, [topic]);
      const done = new Map(committed.map(({ partition, offset }) => [partition, offset]));
      subscription.elsewhere = foreign.reduce(
        (total, { partition, low, high }) =>
          total + (reader.owns(topic, partition) ? 0 : high - (done.get(partition) ?? low)),
        0,
      );
    }
    reader.tick();
  }
}
