/**
 * The AMQP side of one subscription: an AMQP channel that consumes its queues, declared anew each time the channel
 * is opened. Retried events come from their own queue, and that one is read first, so that after a restart what was
 * tried before is ahead of what was not.
 */
import { ChannelUnavailable } from '@afflux/channels';
import type { Clock, Logger, Random } from '@afflux/kernel';
import type { Channel, ConsumeMessage } from 'amqplib';
import { ChannelKeeper, closeQuietly } from './client/channel-keeper.ts';
import type { AmqpConnection } from './client/connection.ts';
import type { QueueNames } from './names.ts';
import { declareQueue, declareSubscription, messagesIn, type Topology } from './topology.ts';
import { promiseWithResolvers, waitFor } from './wait-for.ts';

export type Origin = 'main' | 'retry' | 'wait' | 'direct';
/** Queues that are made when they are first needed. */
export type LateQueue = 'wait' | 'direct';

const LATE_QUEUES = ['wait', 'direct'] as const;
const LATE_PREFETCH = 64;
/** Longest wait for what the retry queue said it holds; another reader may have taken it. */
const RETRIES_FIRST_MS = 1_000;
/** How long a queue that is needed waits for the AMQP channel to be set up. */
const OPEN_WAIT_MS = 5_000;

export interface IntakeOwner {
  onMessage(channel: Channel, origin: Origin, message: ConsumeMessage): void;
  /** Queues and binding are there. */
  onDeclared(): void;
  onLost(channel: Channel): void;
  /** Somebody deleted a queue, or the server gave it up. */
  onCancelled(queue: string): void;
}

export interface IntakeOptions {
  readonly connection: AmqpConnection;
  readonly names: QueueNames;
  readonly topology: Topology;
  readonly prefetch: () => number;
  /** Runs work on the queues when no other work on them is under way in this process. */
  readonly serially: <T>(run: () => Promise<T>) => Promise<T>;
  readonly owner: IntakeOwner;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

export class Intake {
  readonly #options: IntakeOptions;
  readonly #keeper: ChannelKeeper<Channel>;
  #connection: AmqpConnection;
  readonly #late = new Set<LateQueue>();
  readonly #changed = new Set<() => void>();
  readonly #life = new AbortController();
  #awaited = 0;
  #onRetries: (() => void) | undefined;
  readonly #declared = promiseWithResolvers();
  #isDeclared = false;
  #isDeclaring = false;

  constructor(options: IntakeOptions) {
    const { connection, names, owner, clock, random, logger } = options;
    this.#options = options;
    this.#connection = connection;
    this.#keeper = new ChannelKeeper({
      connection,
      subject: `queue ${names.main}`,
      create: (model) => model.createChannel(),
      setUp: (channel) => this.#setUp(channel),
      onOpen: () => {
        for (const listener of [...this.#changed]) listener();
      },
      onLost: (channel) => {
        this.#late.clear();
        this.#isDeclared = false;
        owner.onLost(channel);
      },
      clock,
      random,
      logger,
    });
  }

  start(): void {
    this.#keeper.start();
  }

  get trouble(): string | undefined {
    return this.#keeper.failure?.text;
  }

  /** Resolves when queues and binding are there for the first time, or never will be. */
  get declared(): Promise<void> {
    return this.#declared.promise;
  }

  /** Queues and binding are there, as far as the AMQP channel knows. */
  get isDeclared(): boolean {
    return this.#isDeclared;
  }

  /** Queues and binding, when no queue took what was published. Never rejects. */
  async declareAgain(): Promise<void> {
    const { channel } = this.#keeper;
    if (channel === undefined || this.#isDeclaring) return;
    const { names, logger } = this.#options;
    this.#isDeclaring = true;
    logger.error(
      { queue: names.main },
      'no queue took an event; queues and binding are declared again',
    );
    // When it fails the AMQP channel is closed, and opens anew with all of it.
    await this.#declare(channel).catch(() => undefined);
    this.#isDeclaring = false;
  }

  /** Makes sure that the queue exists and is read. Rejects when that is impossible now. */
  async open(queue: LateQueue): Promise<void> {
    const channel = await this.#opened();
    if (this.#late.has(queue)) return;
    await declareQueue(channel, this.#options.names[queue], this.#options.topology);
    if (this.#late.has(queue)) return;
    await this.#consumeLate(channel, queue);
  }

  /** The AMQP channel, once it is set up. */
  async #opened(): Promise<Channel> {
    const isOpen = (): boolean => this.#keeper.channel !== undefined;
    await waitFor(this.#changed, isOpen, AbortSignal.any([this.#life.signal, this.#patience()]));
    const { channel } = this.#keeper;
    if (channel === undefined) throw new ChannelUnavailable('RabbitMQ is being connected');
    return channel;
  }

  #patience(): AbortSignal {
    const patience = new AbortController();
    const { clock } = this.#options;
    clock.setTimer(OPEN_WAIT_MS, () => {
      patience.abort();
    });
    return patience.signal;
  }

  async #consumeLate(channel: Channel, queue: LateQueue): Promise<void> {
    this.#late.add(queue);
    await channel.prefetch(LATE_PREFETCH);
    await this.#consume(channel, queue);
  }

  /** Opens the AMQP channel again, on another connection if told so. */
  reset(connection = this.#connection): Promise<void> {
    this.#connection = connection;
    return this.#keeper.reset(connection);
  }

  close(): Promise<void> {
    this.#life.abort();
    this.#isDeclared = false;
    this.#declared.resolve();
    return this.#keeper.close();
  }

  async #setUp(channel: Channel): Promise<void> {
    const { prefetch, owner } = this.#options;
    this.#awaited = 0;
    const retries = await this.#declare(channel);
    this.#isDeclared = true;
    this.#declared.resolve();
    owner.onDeclared();
    await channel.prefetch(prefetch());
    await this.#consume(channel, 'retry');
    await this.#arrived(Math.min(retries, prefetch()));
    for (const queue of LATE_QUEUES) {
      if (await this.#exists(queue)) await this.#consumeLate(channel, queue);
    }
    await channel.prefetch(prefetch());
    await this.#consume(channel, 'main');
  }

  /**
   * Returns how many messages are ready in the retry queue. Comes after a deletion of the same queues that is under
   * way, and never beside another declaration: of two that come at once, the server (3.10) answers the second while
   * the queue is still starting, and ends the connection of who consumes from it then.
   */
  #declare(channel: Channel): Promise<number> {
    const { names, topology, serially } = this.#options;
    return serially(async () => {
      // What was closed before its turn came may have been removed, and must not come back.
      if (this.#life.signal.aborted) throw new ChannelUnavailable('the subscription is closed');
      return declareSubscription(channel, names, topology);
    });
  }

  /** Asked on another AMQP channel, because the question is the end of the channel when there is none. */
  async #exists(queue: LateQueue): Promise<boolean> {
    const asking = await this.#connection.model?.createChannel();
    asking?.on('error', () => undefined);
    try {
      return (
        asking !== undefined && (await messagesIn(asking, this.#options.names[queue])) !== undefined
      );
    } finally {
      await closeQuietly(asking, this.#options.clock);
    }
  }

  async #consume(channel: Channel, origin: Origin): Promise<void> {
    const { names, owner } = this.#options;
    await channel.consume(names[origin], (message) => {
      if (message === null) {
        owner.onCancelled(names[origin]);
        void this.reset();
        return;
      }
      owner.onMessage(channel, origin, message);
      if (origin === 'retry') this.#countRetry();
    });
  }

  #countRetry(): void {
    this.#awaited -= 1;
    if (this.#awaited === 0) this.#onRetries?.();
  }

  /** Resolves when so many messages have come from the retry queue, or after a while. */
  #arrived(count: number): Promise<void> {
    // Some may have come with the answer to the consume already.
    this.#awaited += count;
    if (this.#awaited <= 0) {
      this.#awaited = 0;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const done = (): void => {
        timer.cancel();
        this.#onRetries = undefined;
        resolve();
      };
      const timer = this.#options.clock.setTimer(RETRIES_FIRST_MS, done);
      this.#onRetries = done;
    });
  }
}
