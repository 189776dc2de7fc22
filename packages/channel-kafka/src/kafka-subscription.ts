/**
 * One subscription of a channel: a consumer group, the member of this process in it, and the handle that readers
 * pull from.
 *
 * `close()` detaches: nothing more is handed out, what is in flight may still be settled, then the member commits
 * and leaves. Whoever subscribes with the id meanwhile waits for that, so that it begins behind what was settled.
 */
import type {
  ChannelSubscription,
  DeadLetterReason,
  Delivery,
  ReleaseOptions,
  SubscribeOptions,
  SubscriptionClosed,
  SubscriptionCounters,
  SubscriptionDescription,
} from '@afflux/channels';
import { isWanted } from '@afflux/channels/driver';
import type { CloudEvent } from '@afflux/events';
import { backoffMs, type Clock, type Logger, type Random } from '@afflux/kernel';
import {
  GroupConsumer,
  headerText,
  type KafkaAdmin,
  type KafkaConnection,
  type KafkaRecord,
  shortReason,
} from './client/index.ts';
import { type KafkaConfig, mayHaveHelpers, redeliveryTopic } from './config.ts';
import { ensureGroupOffsets, type GroupLocks, removeGroup } from './group-offsets.ts';
import { GroupReader } from './group-reader.ts';
import type { HeldRecord } from './owned-partition.ts';
import { positionOf } from './position.ts';
import { decodeRecord, SUBSCRIPTION_HEADER } from './wire.ts';

const SETUP_RETRY = { policy: 'exponential', delayMs: 250, delayMsMax: 10_000 } as const;
const DEAD_LETTER_RETRY_MS = 1_000;

export interface SubscriptionHost {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly admin: KafkaAdmin;
  readonly connection: KafkaConnection;
  readonly config: KafkaConfig;
  readonly locks: GroupLocks;
  readonly handsOut: boolean;
  /** By partition, the offset after the last event that was published from here. */
  readonly written: ReadonlyMap<number, number>;
  counters(label: string): SubscriptionCounters;
  onQuiet(): void;
  onTrouble(): void;
  onNoEvent(error: unknown): void;
  /** Undefined: the channel keeps no dead letters. */
  readonly writeDeadLetter:
    | ((subscription: string, record: HeldRecord, reason: DeadLetterReason) => Promise<void>)
    | undefined;
  onClosed(subscription: KafkaSubscription): void;
}

export class KafkaSubscription {
  readonly id: string;
  readonly group: string;
  readonly ready: Promise<void>;
  readonly #host: SubscriptionHost;
  readonly #reader: GroupReader;
  readonly #stopping = new AbortController();
  #options: SubscribeOptions<unknown>;
  #handle: SubscriptionHandle | undefined;
  #consumer: GroupConsumer | undefined;
  #setup: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;
  #setReady: () => void = () => undefined;
  /** Its group was set up, or cannot be for the moment. */
  readonly #tried: Promise<void>;
  #setTried: () => void = () => undefined;
  #trouble: string | undefined;
  #lost = 0;
  /** What members elsewhere have still to do, as of the last look. */
  elsewhere = 0;

  constructor(host: SubscriptionHost, group: string, options: SubscribeOptions<unknown>) {
    this.#host = host;
    this.group = group;
    this.id = options.id;
    this.#options = options;
    this.ready = new Promise((resolve) => (this.#setReady = resolve));
    this.#tried = new Promise((resolve) => (this.#setTried = resolve));
    this.#reader = new GroupReader(
      {
        clock: host.clock,
        logger: host.logger,
        get admin() {
          return host.admin;
        },
        accept: (record, topic, partition) => this.#accept(record, topic, partition),
        onReadable: () => {
          this.#handle?.announce();
        },
        onGivenUp: (record, reason) => {
          this.#writeDeadLetter(record, reason);
        },
        onQuiet: () => {
          host.onQuiet();
          if (this.#handle === undefined) void this.stop();
        },
        onLostRecords: (count) => {
          this.#countLost(count);
        },
      },
      group,
      this.#topics(),
      options.bounds,
      options.codec,
    );
    this.#reader.onTroubleChange = () => {
      host.onTrouble();
    };
  }

  get label(): string {
    return this.#options.label ?? this.id;
  }

  get isStopping(): boolean {
    return this.#stopped !== undefined;
  }

  get inFlight(): number {
    return this.#reader.inFlight;
  }

  get trouble(): string | undefined {
    return this.#trouble ?? this.#reader.trouble;
  }

  get handle(): SubscriptionHandle | undefined {
    return this.#handle;
  }

  get reader(): GroupReader {
    return this.#reader;
  }

  attach(): SubscriptionHandle {
    this.#handle ??= new SubscriptionHandle(this);
    return this.#handle;
  }

  configure(options: SubscribeOptions<unknown>): void {
    this.#options = options;
    this.#reader.bounds = options.bounds;
    this.#reader.codec = options.codec;
    this.#reader.tick();
  }

  wants(event: CloudEvent): boolean {
    return this.#handle !== undefined && isWanted(this.id, this.#options.selector, event);
  }

  /** Sets the group up and joins it, in the background. */
  start(): void {
    this.#setup ??= this.#run();
  }

  take(): Delivery<unknown> | undefined {
    if (!this.#host.handsOut) return undefined;
    const record = this.#reader.next();
    return record === undefined ? undefined : new KafkaDelivery(record, this);
  }

  done(record: HeldRecord): void {
    this.#reader.done(record);
  }

  release(record: HeldRecord, delayMs: number, progress: unknown): void {
    this.#reader.release(record, delayMs, progress);
  }

  save(record: HeldRecord, progress: unknown): void {
    this.#reader.save(record, progress);
  }

  get keepsDeadLetters(): boolean {
    return this.#host.writeDeadLetter !== undefined;
  }

  deadLetter(record: HeldRecord, reason: DeadLetterReason): void {
    record.givenUp = reason;
    this.#writeDeadLetter(record, reason);
  }

  /** Again and again until it is written: an event that was given up is not tried once more for want of a place. */
  #writeDeadLetter(record: HeldRecord, reason: DeadLetterReason): void {
    const writing = this.#host.writeDeadLetter?.(this.id, record, reason);
    writing?.then(
      () => {
        this.#host.counters(this.label).deadLetters.add();
        this.#reader.done(record);
      },
      (error: unknown) => {
        this.#host.logger.warn({ reason: shortReason(error) }, 'a dead letter was not written');
        this.#reader.release(record, DEAD_LETTER_RETRY_MS, record.progress);
      },
    );
  }

  close(drop: boolean): SubscriptionClosed {
    const count = this.#depth();
    this.#handle = undefined;
    if (drop || this.#reader.inFlight === 0) void this.stop(drop);
    this.#host.onClosed(this);
    return drop ? { kept: 0, dropped: count } : { kept: count, dropped: 0 };
  }

  /** Commits, leaves the group, and with `drop` deletes it. */
  stop(drop = false): Promise<void> {
    this.#stopped ??= this.#stop(drop);
    return this.#stopped;
  }

  /** Its place in the channel and everything that was settled so far is committed, as far as Kafka can be reached. */
  async recorded(): Promise<void> {
    if (this.#setup !== undefined) await this.#tried;
    await this.flush();
  }

  /** Everything that was settled so far is committed, as far as Kafka can be reached. */
  async flush(): Promise<void> {
    await this.#reader.commit().catch(() => undefined);
  }

  /** The member leaves and another one, with the connection of now, takes its place. */
  async reconnect(): Promise<void> {
    const old = this.#consumer;
    if (old === undefined || this.isStopping) return;
    await this.flush();
    await old.close();
    this.#join();
  }

  describe(): SubscriptionDescription {
    const nowMs = this.#host.clock.now();
    let bytes = 0;
    let oldest = nowMs;
    for (const owned of this.#reader.partitions) {
      bytes += owned.bytes;
      for (const record of owned.tracker?.items() ?? []) {
        oldest = Math.min(oldest, record.acceptedMs);
        break;
      }
    }
    return {
      id: this.id,
      label: this.label,
      attached: this.#handle !== undefined,
      depth: this.#depth(),
      overflow: 0,
      bytes,
      oldestMs: nowMs - oldest,
      inFlight: this.#reader.inFlight,
      lost: this.#lost,
    };
  }

  #depth(): number {
    const held = this.#reader.partitions.reduce((total, owned) => total + owned.events, 0);
    const unread = this.#reader.unread(this.#host.config.topic, this.#host.written);
    // Before it has joined, what the last look saw and what was written since are the same records.
    return this.#reader.partitions.length === 0
      ? Math.max(this.elsewhere, unread)
      : held + unread + this.elsewhere;
  }

  #topics(): string[] {
    const { config } = this.#host;
    return mayHaveHelpers(config) ? [config.topic, redeliveryTopic(config)] : [config.topic];
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      try {
        const [topic = '', ...others] = this.#topics();
        const from = this.#options.from ?? this.#host.config.initialOffset;
        const start = { group: this.group, topic, others, from };
        const places = await this.#host.locks.run(this.group, () =>
          ensureGroupOffsets(this.#host.admin, start),
        );
        for (const { partition, offset } of places) this.#reader.standsAt(partition, offset);
        this.#say(undefined);
        break;
      } catch (error) {
        this.#say(`the group cannot be set up: ${shortReason(error)}`);
        this.#setTried();
        await this.#host.clock
          .sleep(backoffMs(attempt, SETUP_RETRY), signal)
          .catch(() => undefined);
      }
    }
    this.#setReady();
    this.#setTried();
    if (!signal.aborted) this.#join();
  }

  #join(): void {
    const { config, connection, clock, random, logger } = this.#host;
    this.#consumer = new GroupConsumer({
      connection,
      group: this.group,
      topics: this.#topics(),
      times: {
        sessionMs: config.sessionTimeoutMs,
        rebalanceMs: Math.max(config.sessionTimeoutMs, 2 * config.sessionTimeoutMs),
        heartbeatMs: config.heartbeatIntervalMs,
        fetchWaitMs: config.fetchWaitMs,
      },
      member: this.#reader,
      clock,
      random,
      logger,
    });
    this.#reader.consumer = this.#consumer;
    this.#consumer.start();
  }

  #stop(drop: boolean): Promise<void> {
    this.#stopping.abort();
    const { clock, admin, locks, logger } = this.#host;
    const setup = this.#setup;
    return locks.run(this.group, async () => {
      await setup;
      if (!drop) await this.flush();
      await this.#consumer?.close();
      this.#reader.stop();
      if (!drop) return;
      await removeGroup(admin, clock, this.group).catch((error: unknown) => {
        logger.warn({ group: this.group, reason: shortReason(error) }, 'a group was not removed');
      });
    });
  }

  #accept(record: KafkaRecord, topic: string, partition: number): CloudEvent | undefined {
    const { config } = this.#host;
    const isMain = topic === config.topic;
    if (!isMain && headerText(record.headers, SUBSCRIPTION_HEADER) !== this.id) return undefined;
    const origin =
      config.addOffsetAttributes && isMain ? { partition, offset: record.offset } : undefined;
    const decoded = decodeRecord(record, origin);
    if (decoded.event === undefined) {
      this.#host.onNoEvent(decoded.error);
      return undefined;
    }
    const { event } = decoded;
    return !isMain || isWanted(this.id, this.#options.selector, event) ? event : undefined;
  }

  #say(trouble: string | undefined): void {
    this.#trouble = trouble;
    this.#host.onTrouble();
  }

  #countLost(count: number): void {
    this.#lost += count;
    this.#host.counters(this.label).lost.add(count);
    this.#host.logger.warn(
      { subscription: this.label, events: count },
      'retention took events that were not delivered',
    );
  }
}

/** What a caller of `subscribe` holds. After `close` it is of no use any more. */
export class SubscriptionHandle implements ChannelSubscription<unknown> {
  readonly #subscription: KafkaSubscription;
  #isOpen = true;
  #isHungry = false;
  #callback: () => void = () => undefined;

  constructor(subscription: KafkaSubscription) {
    this.#subscription = subscription;
  }

  get id(): string {
    return this.#subscription.id;
  }

  get ready(): Promise<void> {
    return this.#subscription.ready;
  }

  take(): Delivery<unknown> | undefined {
    const delivery = this.#isOpen ? this.#subscription.take() : undefined;
    if (delivery === undefined) this.#isHungry = true;
    return delivery;
  }

  onReadable(callback: () => void): void {
    this.#callback = callback;
  }

  close(options?: { readonly drop?: boolean }): SubscriptionClosed {
    if (!this.#isOpen) return { kept: 0, dropped: 0 };
    this.#isOpen = false;
    return this.#subscription.close(options?.drop === true);
  }

  describe(): SubscriptionDescription {
    return this.#subscription.describe();
  }

  /** @internal */
  announce(): void {
    if (!this.#isHungry || !this.#isOpen) return;
    this.#isHungry = false;
    this.#callback();
  }
}

class KafkaDelivery implements Delivery<unknown> {
  readonly event: CloudEvent;
  readonly position: string;
  readonly attempt: number;
  readonly progress: unknown;
  readonly deadLetter?: (reason: DeadLetterReason) => void;
  readonly #record: HeldRecord;
  readonly #subscription: KafkaSubscription;
  #isSettled = false;

  constructor(record: HeldRecord, subscription: KafkaSubscription) {
    this.event = record.event;
    this.position = positionOf(record.owner.partition, record.offset);
    this.attempt = record.attempt;
    this.progress = record.progress;
    this.#record = record;
    this.#subscription = subscription;
    if (subscription.keepsDeadLetters) {
      this.deadLetter = (reason) => {
        if (this.#settle()) subscription.deadLetter(record, reason);
      };
    }
  }

  ack(): void {
    if (this.#settle()) this.#subscription.done(this.#record);
  }

  release({ delayMs, progress }: ReleaseOptions<unknown>): void {
    if (!this.#settle()) return;
    this.#subscription.release(this.#record, delayMs, progress ?? this.progress);
  }

  save(progress: unknown): void {
    if (!this.#isSettled) this.#subscription.save(this.#record, progress);
  }

  #settle(): boolean {
    const isFirst = !this.#isSettled;
    this.#isSettled = true;
    return isFirst;
  }
}
