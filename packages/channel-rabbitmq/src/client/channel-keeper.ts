/**
 * One AMQP channel that is opened again whenever it or its connection is lost, and set up anew each time. An
 * AMQP channel dies of any mistake on it (a queue that is missing or different, an acknowledgement that came
 * too late), which the connection survives; both end here in the same way.
 */
import { backoffMs, type Clock, type Logger, type Random, withJitter } from '@afflux/kernel';
import type { Channel, ChannelModel } from 'amqplib';
import type { AmqpConnection } from './connection.ts';
import { type Failure, operationFailure } from './failures.ts';
import { CLOSE_WAIT_MS, within } from './waiting.ts';

const RETRY = { policy: 'exponential', delayMs: 50, delayMsMax: 10_000 } as const;

export interface KeeperOptions<C extends Channel> {
  readonly connection: AmqpConnection;
  /** What the channel is for: `queue orders`. In failures and logs. */
  readonly subject: string;
  readonly create: (model: ChannelModel) => Promise<C>;
  /** Declares and consumes. A rejection closes the channel and tries again later. */
  readonly setUp: (channel: C) => Promise<void>;
  /** Told that the channel is set up. */
  readonly onOpen?: () => void;
  /** Told of the end of a channel that had been created; it cannot be used any more. */
  readonly onLost?: (channel: C) => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

export class ChannelKeeper<C extends Channel> {
  readonly #options: KeeperOptions<C>;
  readonly #life = new AbortController();
  #connection: AmqpConnection;
  #running: Promise<void> | undefined;
  #opening: C | undefined;
  #channel: C | undefined;
  #failure: Failure | undefined;

  constructor(options: KeeperOptions<C>) {
    this.#options = options;
    this.#connection = options.connection;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** The channel when it is open and set up. */
  get channel(): C | undefined {
    return this.#channel;
  }

  /** Why it is not: absent when it is, or when only the connection is away. */
  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** Gives the channel up and opens another, on another connection if told so. */
  async reset(connection = this.#connection): Promise<void> {
    this.#connection = connection;
    await closeQuietly(this.#opening, this.#options.clock);
  }

  async close(): Promise<void> {
    if (!this.#life.signal.aborted) this.#life.abort();
    const { clock } = this.#options;
    await closeQuietly(this.#opening, clock);
    await within(clock, CLOSE_WAIT_MS, this.#running ?? Promise.resolve());
  }

  async #run(): Promise<void> {
    const { signal } = this.#life;
    const { clock, random } = this.#options;
    let failures = 0;
    while (!signal.aborted) {
      const connection = this.#connection;
      if (!(await this.#connected(connection))) continue;
      const isUsed = await this.#live(connection);
      failures = isUsed ? 0 : failures + 1;
      const waitMs = isUsed ? RETRY.delayMs : backoffMs(failures, RETRY);
      await clock.sleep(withJitter(waitMs, random), signal).catch(() => undefined);
    }
  }

  /** False: stopped, or moved to another connection meanwhile. */
  async #connected(connection: AmqpConnection): Promise<boolean> {
    if (connection.isClosed) {
      await this.#options.clock.sleep(RETRY.delayMs, this.#life.signal).catch(() => undefined);
      return false;
    }
    const isThere = await connection.connected(this.#life.signal);
    return isThere && !this.#life.signal.aborted && connection === this.#connection;
  }

  async #live(connection: AmqpConnection): Promise<boolean> {
    const { create, setUp, subject } = this.#options;
    const { model } = connection;
    let channel: C | undefined;
    let isSetUp = false;
    if (model === undefined) return false;
    try {
      channel = await create(model);
      const ended = this.#watch(channel);
      // Who closed or moved this while the channel was being created did not know of it.
      if (this.#life.signal.aborted || connection !== this.#connection) {
        await closeQuietly(channel, this.#options.clock);
        return false;
      }
      this.#opening = channel;
      await Promise.race([setUp(channel), ended.then(throwLoss)]);
      this.#channel = channel;
      this.#failure = undefined;
      isSetUp = true;
      this.#options.onOpen?.();
      const error = await ended;
      if (error !== undefined) this.#fail(operationFailure(error, subject));
    } catch (error) {
      this.#fail(operationFailure(error, subject));
    }
    this.#channel = undefined;
    this.#opening = undefined;
    if (channel !== undefined) {
      await closeQuietly(channel, this.#options.clock);
      this.#options.onLost?.(channel);
    }
    return isSetUp;
  }

  #watch(channel: C): Promise<unknown> {
    return new Promise((resolve) => {
      let failure: unknown;
      channel.on('error', (error) => (failure = error));
      channel.on('handler-error', (error: Error) => {
        const { logger, subject } = this.#options;
        logger.error({ err: error, subject }, 'a listener of the rabbitmq channel failed');
      });
      channel.on('close', () => {
        resolve(failure);
      });
    });
  }

  #fail(failure: Failure): void {
    if (this.#life.signal.aborted) return;
    const isNews = this.#failure?.text !== failure.text;
    this.#failure = failure;
    if (isNews) this.#options.logger.warn({ reason: failure.text }, 'rabbitmq channel lost');
  }
}

function throwLoss(error: unknown): never {
  throw error instanceof Error ? error : new Error('the channel was closed');
}

/**
 * Closing may fail in every way a closed thing can, and its answer may never come when the connection is lost
 * meanwhile; there is nothing to do about either.
 */
export async function closeQuietly(channel: Channel | undefined, clock: Clock): Promise<void> {
  if (channel === undefined) return;
  const closed = new Promise<void>((resolve) => channel.once('close', resolve));
  await within(clock, CLOSE_WAIT_MS, Promise.race([closed, closeNow(channel)]));
}

async function closeNow(channel: Channel): Promise<void> {
  try {
    await channel.close();
  } catch {
    // Closed already, or with its connection.
  }
}
