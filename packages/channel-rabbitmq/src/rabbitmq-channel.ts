/**
 * A channel on RabbitMQ: a headers exchange, and queues of its own for each subscription. A publish is kept once
 * the server has confirmed it. Away, blocked or refused, the channel says so at once and goes on trying.
 *
 * Every queue gets every event; see `verdicts.ts` for who passes over what.
 */
import {
  channelClosed,
  type Channel,
  type ChannelDescription,
  type ChannelSubscription,
  ChannelTelemetry,
  type DeadLetters,
  type DriverContext,
  parseConfig,
  type PublishOptions,
  type SubscribeOptions,
  subscriptionUnknown,
  unsupported,
} from '@afflux/channels';
import type { CloudEvent } from '@afflux/events';
import {
  abortedError,
  BaseComponent,
  type Clock,
  type Logger,
  newUuid,
  type Random,
  untilAborted,
} from '@afflux/kernel';
import { Backlog } from './backlog.ts';
import type { BacklogHost } from './backlog-host.ts';
import { Claim } from './claim.ts';
import type { AmqpConnection } from './client/connection.ts';
import { ConfirmPublisher, type OutgoingMessage } from './client/confirm-publisher.ts';
import { configSchema, type RabbitmqConfig } from './config.ts';
import { RabbitmqDeadLetters } from './dead-letters.ts';
import { encodeEvent } from './envelope.ts';
import { removeQueues } from './removal.ts';
import { assertSizes, sizeOf } from './sizes.ts';
import { type QueueNames, queueNames } from './names.ts';
import { LetterRegister } from './letter-register.ts';
import { Poll } from './poll.ts';
import { administer, type ServerLease, type Servers } from './server.ts';
import { assertLatest, declareExchange, declareQueue, type Topology } from './topology.ts';
import { Verdicts } from './verdicts.ts';
import { waitFor, waitWhile } from './wait-for.ts';

export const RABBITMQ_TYPE = 'rabbitmq';

/** Far below any `consumer_timeout`, so that no wait ends a consumer. */
const SHORT_WAIT_MS_MAX = 30_000;
/** How long `start` waits for the first answer of the server. */
const START_WAIT_MS = 10_000;
/** How long `close` waits for what is being written. */
const CLOSE_WAIT_MS = 2_000;

export class RabbitmqChannel extends BaseComponent implements Channel, BacklogHost {
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly topology: Topology;
  readonly verdicts = new Verdicts();
  readonly register: LetterRegister;
  readonly deadLetters: DeadLetters;
  readonly prefetchMax: number;
  readonly shortWaitMs: number;
  readonly #context: DriverContext;
  readonly #servers: Servers;
  readonly #telemetry: ChannelTelemetry;
  readonly #backlogs = new Map<string, Backlog>();
  readonly #claims = new Map<string, Claim<unknown>>();
  readonly #openDead = new Map<string, Promise<void>>();
  readonly #changed = new Set<() => void>();
  readonly #instance = newUuid().slice(0, 8);
  readonly #poll: Poll;
  #config: RabbitmqConfig;
  #lease: ServerLease | undefined;
  #publisher: ConfirmPublisher | undefined;
  #stopWatching: (() => void) | undefined;
  #sequence = 0;
  #publishing = 0;
  #wasUp = false;
  #left: ChannelDescription | undefined;

  constructor(context: DriverContext, servers: Servers) {
    super();
    this.#context = context;
    this.#servers = servers;
    this.name = context.name;
    this.clock = context.clock;
    this.random = context.random;
    this.logger = context.logger;
    this.#config = parseConfig(RABBITMQ_TYPE, configSchema, context.config);
    const { exchange, queueType, prefetchMax } = this.#config;
    this.topology = { exchange, queueType };
    this.prefetchMax = prefetchMax;
    this.shortWaitMs = Math.min(SHORT_WAIT_MS_MAX, this.#config.consumerTimeoutMs / 4);
    this.#telemetry = new ChannelTelemetry(context);
    this.register = new LetterRegister(this);
    this.deadLetters = new RabbitmqDeadLetters(this);
    this.#poll = new Poll(this);
  }

  /** @internal */
  get consuming(): AmqpConnection {
    return this.#started().consuming;
  }

  /** @internal */
  get servers(): Servers {
    return this.#servers;
  }

  /** @internal */
  get handsOut(): boolean {
    return this.state !== 'draining' && this.state !== 'closed';
  }

  /** @internal */
  get backlogs(): ReadonlyMap<string, Backlog> {
    return this.#backlogs;
  }

  #started(): ServerLease {
    this.#lease ??= this.#servers.lease(this.#config, this.#context);
    return this.#lease;
  }

  publish(events: readonly CloudEvent[], options?: PublishOptions): Promise<void> {
    if (options?.deduplicateMs !== undefined) {
      throw unsupported(RABBITMQ_TYPE, 'deduplicates', 'suppress duplicates');
    }
    this.#assertOpen(options?.signal);
    const { exchange } = this.topology;
    const to = { exchange, queue: '', mandatory: this.#hasQueues() };
    const acceptedMs = this.clock.now();
    const keys = events.map(() => this.#newKey());
    const messages = events.map((event, index) =>
      encodeEvent(event, to, { key: keys[index] ?? '', acceptedMs }),
    );
    this.#assertSizes(events, messages);
    const publisher = this.#publisherNow();
    publisher.assertReady(messages.length, sizeOf(messages));
    for (const [index, event] of events.entries())
      this.#place(keys[index] ?? '', event, acceptedMs);
    return this.#confirm(publisher, messages, keys, options?.signal);
  }

  /** Whether a queue is there as far as this process knows: then what no queue takes has not been kept. */
  #hasQueues(): boolean {
    for (const { wasDeclared } of this.#backlogs.values()) if (wasDeclared) return true;
    return false;
  }

  /** Asks the selectors, and tells the subscriptions of this process what will come. */
  #place(key: string, event: CloudEvent, acceptedMs: number): void {
    const wanted = this.verdicts.decide(key, event);
    for (const id of wanted) this.#backlogs.get(id)?.expect(key, event, acceptedMs);
    for (const backlog of this.#backlogs.values()) {
      if (!backlog.isAttached) backlog.expect(key, event, acceptedMs);
    }
  }

  #confirm(
    publisher: ConfirmPublisher,
    messages: readonly OutgoingMessage[],
    keys: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    this.#publishing += 1;
    return untilAborted(this.#send(publisher, messages, keys), signal);
  }

  async #send(
    publisher: ConfirmPublisher,
    messages: readonly OutgoingMessage[],
    keys: readonly string[],
  ): Promise<void> {
    try {
      await publisher.publish(messages);
      this.#telemetry.accepted.add(messages.length);
    } catch (error) {
      for (const key of keys) for (const backlog of this.#backlogs.values()) backlog.unexpect(key);
      throw error;
    } finally {
      this.#publishing -= 1;
      this.#noteChange();
    }
  }

  async publishTo(
    subscription: string,
    events: readonly CloudEvent[],
    options?: { readonly signal?: AbortSignal },
  ): Promise<void> {
    this.#assertOpen(options?.signal);
    const backlog = this.#backlogs.get(subscription);
    if (backlog === undefined) throw subscriptionUnknown(this.name, subscription);
    const acceptedMs = this.clock.now();
    const keys = events.map(() => this.#newKey());
    const to = { exchange: '', queue: backlog.names.direct };
    const messages = events.map((event, index) =>
      encodeEvent(event, to, { key: keys[index] ?? '', acceptedMs }),
    );
    this.#assertSizes(events, messages);
    this.#publisherNow().assertReady(messages.length, sizeOf(messages));
    await backlog.openLate('direct');
    for (const [index, event] of events.entries()) {
      backlog.expect(keys[index] ?? '', event, acceptedMs);
    }
    await this.#confirm(this.#publisherNow(), messages, keys, options?.signal);
  }

  #assertOpen(signal: AbortSignal | undefined): void {
    if (this.state !== 'running') throw channelClosed(this.name, this.state);
    if (signal?.aborted === true) throw abortedError(signal);
  }

  #assertSizes(events: readonly CloudEvent[], messages: readonly OutgoingMessage[]): void {
    try {
      assertSizes(events, messages, this.#config.maxEventBytes);
    } catch (error) {
      this.#telemetry.tooLarge.add(1);
      throw error;
    }
  }

  #publisherNow(): ConfirmPublisher {
    if (this.#publisher === undefined) throw channelClosed(this.name, this.state);
    return this.#publisher;
  }

  #newKey(): string {
    this.#sequence += 1;
    return `${this.#instance}-${this.#sequence.toString(36)}`;
  }

  /** @internal Sorts by time. */
  newLetterId(): string {
    this.#sequence += 1;
    const time = Math.floor(this.clock.now()).toString(36).padStart(9, '0');
    return `${time}-${this.#sequence.toString(36).padStart(6, '0')}-${this.#instance}`;
  }

  /** @internal For backlogs and dead letters: a rejection, never a throw. */
  async writeNow(messages: readonly OutgoingMessage[]): Promise<void> {
    await this.#publisherNow().publish(messages);
  }

  /** @internal */
  openDead(id: string, names: QueueNames): Promise<void> {
    const { dead } = names;
    const opened = this.#openDead.get(dead) ?? this.#declareDead(id, names);
    this.#openDead.set(dead, opened);
    opened.catch(() => this.#openDead.delete(dead));
    return opened;
  }

  async #declareDead(id: string, { dead }: QueueNames): Promise<void> {
    await administer(this.consuming, `queue ${dead}`, this.clock, (channel) =>
      declareQueue(channel, dead, this.topology),
    );
    await this.register.add({ subscription: id, queue: dead });
  }

  subscribe<P>(options: SubscribeOptions<P>): ChannelSubscription<P> {
    if (this.state === 'draining' || this.state === 'closed') {
      throw channelClosed(this.name, this.state);
    }
    assertLatest(RABBITMQ_TYPE, options.from);
    const counters = this.#telemetry.forSubscription(options.label ?? options.id);
    const untyped = options as SubscribeOptions<unknown>;
    const existing = this.#backlogs.get(options.id);
    existing?.configure(untyped, counters);
    const open = this.#claims.get(options.id);
    const claim = open ?? this.#claim(existing ?? this.#newBacklog(untyped, counters));
    this.#updateVerdicts();
    return claim as Claim<P>;
  }

  #newBacklog(
    options: SubscribeOptions<unknown>,
    counters: ReturnType<ChannelTelemetry['forSubscription']>,
  ): Backlog {
    const names = queueNames(this.topology.exchange, options.id, options.storageName);
    const backlog = new Backlog(options, names, this, counters);
    this.#backlogs.set(options.id, backlog);
    return backlog;
  }

  #claim(backlog: Backlog): Claim<unknown> {
    const claim = new Claim<unknown>(backlog, backlog.attach(), this);
    this.#claims.set(backlog.id, claim);
    return claim;
  }

  #updateVerdicts(): void {
    this.verdicts.update([...this.#backlogs.values()].filter(({ isAttached }) => isAttached));
  }

  /** @internal */
  detach(backlog: Backlog, drop: boolean): void {
    this.#claims.delete(backlog.id);
    if (drop) {
      this.#backlogs.delete(backlog.id);
      this.#remove(backlog);
    } else backlog.detach();
    this.#updateVerdicts();
  }

  #remove(backlog: Backlog): void {
    const { names } = backlog;
    this.#openDead.delete(names.dead);
    const stopped = backlog.drop();
    const removed = this.#servers.serially(names.main, async () => {
      await stopped;
      await removeQueues(this.consuming, names, this.topology.exchange, this.clock);
    });
    this.#removals.add(removed);
    removed
      .catch((error: unknown) => {
        const fields = { channel: this.name, queue: names.main, err: error };
        this.logger.error(fields, 'the queues of a dropped subscription are still there');
      })
      .finally(() => this.#removals.delete(removed));
  }

  readonly #removals = new Set<Promise<unknown>>();

  reconfigure(config: unknown): void {
    const next = parseConfig(RABBITMQ_TYPE, configSchema, config);
    const { exchange, queueType } = next;
    if (exchange !== this.topology.exchange || queueType !== this.topology.queueType) {
      throw unsupported(RABBITMQ_TYPE, 'movable', 'change its exchange or the type of its queues');
    }
    this.#config = next;
    const { state } = this;
    if (this.#lease === undefined || state === 'closed') return;
    const [oldLease, oldPublisher] = [this.#lease, this.#publisher];
    this.#lease = this.#servers.lease(next, this.#context);
    if (oldPublisher !== undefined) this.#openPublisher();
    for (const backlog of this.#backlogs.values()) backlog.moveTo(this.consuming);
    void this.#retire(oldLease, oldPublisher);
  }

  /** What was published on the old connection keeps it until it is confirmed or given up. */
  async #retire(lease: ServerLease, publisher: ConfirmPublisher | undefined): Promise<void> {
    const endMs = this.clock.monotonicMs() + this.#config.confirmTimeoutMs;
    while ((publisher?.inFlight ?? 0) > 0 && this.clock.monotonicMs() < endMs) {
      await this.clock.sleep(50);
    }
    await publisher?.close();
    await lease.release();
  }

  #openPublisher(): void {
    const lease = this.#started();
    const { inFlightMessagesMax, inFlightBytesMax, confirmTimeoutMs } = this.#config;
    this.#publisher = new ConfirmPublisher({
      connection: lease.publishing,
      subject: `exchange ${this.topology.exchange}`,
      setUp: (channel) => declareExchange(channel, this.topology),
      limits: {
        messagesMax: inFlightMessagesMax,
        bytesMax: inFlightBytesMax,
        confirmTimeoutMs,
      },
      clock: this.clock,
      random: this.random,
      logger: this.logger,
      onStep: this.#context.onStep,
      onNoQueue: () => {
        for (const backlog of this.#backlogs.values()) backlog.declareAgain();
      },
    });
    this.#stopWatching?.();
    this.#stopWatching = lease.publishing.onChange(() => {
      this.#watch(lease.publishing);
    });
  }

  #watch(connection: AmqpConnection): void {
    const isUp = connection.model !== undefined && connection.blockedReason === undefined;
    if (this.#wasUp && !isUp && this.state === 'running') this.#telemetry.unavailable.add(1);
    this.#wasUp = isUp;
  }

  describe(): ChannelDescription {
    return this.#left ?? this.#describe();
  }

  #describe(): ChannelDescription {
    const subscriptions = [...this.#backlogs.values()].map((backlog) => backlog.describe());
    const trouble = this.#trouble();
    return {
      name: this.name,
      type: RABBITMQ_TYPE,
      events: Math.max(0, ...subscriptions.map(({ depth }) => depth)),
      bytes: Math.max(0, ...subscriptions.map(({ bytes }) => bytes)),
      unsettled: this.#unsettled(),
      subscriptions,
      ...(trouble === undefined ? {} : { trouble }),
    };
  }

  #trouble(): string | undefined {
    if (this.#publisher === undefined) return undefined;
    const troubles = [...this.#backlogs.values()].map(({ trouble }) => trouble);
    return this.#publisher.trouble ?? troubles.find((trouble) => trouble !== undefined);
  }

  /** What is being written. What was accepted is safe; what is being released would only come again. */
  #unsettled(): number {
    let unsettled = this.#publishing;
    for (const { settling } of this.#backlogs.values()) unsettled += settling;
    return unsettled;
  }

  /** Resolves when new subscriptions have their queues, or cannot have them for the moment. */
  #placed(signal: AbortSignal | undefined): Promise<void> {
    const isUnderWay = (): boolean => {
      if (this.#left !== undefined || this.#publisher === undefined) return false;
      if (this.#trouble() !== undefined) return false;
      return [...this.#backlogs.values()].some((each) => each.isAttached && !each.wasDeclared);
    };
    return waitWhile(this.clock, isUnderWay, signal);
  }

  async settled(options?: { readonly signal?: AbortSignal }): Promise<boolean> {
    await this.#placed(options?.signal);
    await waitFor(
      this.#changed,
      () => this.#unsettled() === 0 || this.#left !== undefined,
      options?.signal,
    );
    return this.#unsettled() === 0;
  }

  /** @internal */
  onSettled(): void {
    this.#noteChange();
  }

  #noteChange(): void {
    for (const listener of [...this.#changed]) listener();
  }

  #inFlight(): number {
    let inFlight = 0;
    for (const backlog of this.#backlogs.values()) inFlight += backlog.inFlight;
    return inFlight;
  }

  protected override async onStart(signal: AbortSignal): Promise<void> {
    const { publishing } = this.#started();
    this.#openPublisher();
    const limit = new AbortController();
    const timer = this.clock.setTimer(START_WAIT_MS, () => {
      limit.abort();
    });
    const until = AbortSignal.any([signal, limit.signal]);
    await publishing.attempted(until);
    const isOpening = (): boolean => {
      const keeper = this.#publisher?.keeper;
      return publishing.model !== undefined && (keeper?.channel ?? keeper?.failure) === undefined;
    };
    await waitWhile(this.clock, isOpening, until);
    timer.cancel();
    this.#watch(publishing);
    this.#poll.start();
  }

  protected override async onDrain(signal: AbortSignal): Promise<void> {
    const isQuiet = (): boolean => this.#inFlight() + this.#unsettled() === 0;
    await waitFor(this.#changed, isQuiet, signal);
    if (!isQuiet()) throw abortedError(signal);
  }

  protected override async onClose(): Promise<void> {
    if (this.#left === undefined) {
      const limit = new AbortController();
      const timer = this.clock.setTimer(CLOSE_WAIT_MS, () => {
        limit.abort();
      });
      await waitFor(this.#changed, () => this.#unsettled() === 0, limit.signal);
      timer.cancel();
      this.#left = this.#describe();
    }
    this.#noteChange();
    this.#stopWatching?.();
    await this.#poll.close();
    await Promise.allSettled([...this.#removals]);
    await Promise.all([...this.#backlogs.values()].map((backlog) => backlog.close()));
    await this.#publisher?.close();
    await this.#lease?.release();
  }
}
