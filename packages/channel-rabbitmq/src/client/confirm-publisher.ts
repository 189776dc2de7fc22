/**
 * Publishes with confirms: a promise per message that is kept when the server has it safe. What is in flight is
 * bounded in count and bytes. A message whose connection is lost, or whose confirm takes too long, has an unknown
 * outcome; it is never sent again from here, because its publisher has been answered.
 *
 * A `mandatory` message that no queue takes comes back before its confirm, and fails.
 */
import { ChannelFull, ChannelUnavailable } from '@afflux/channels';
import type { Clock, Logger, OnStep, Random } from '@afflux/kernel';
import type { ConfirmChannel, Message, Options } from 'amqplib';
import { ChannelKeeper } from './channel-keeper.ts';
import type { AmqpConnection } from './connection.ts';
import { failureError, unknownOutcome } from './failures.ts';

/** Identifies a message among those in flight; travels in this header, so that a returned one is recognised. */
const PUBLISH_HEADER = 'x-afflux-publish';
const BLOCKED_RETRY_AFTER_MS = 5_000;
/** A queue that somebody deleted is soon declared again. */
const NO_QUEUE_RETRY_AFTER_MS = 1_000;
/** Bytes of a short string of the protocol. */
const MESSAGE_ID_MAX = 255;

export interface OutgoingMessage {
  /** '' publishes to the queue that the routing key names. */
  readonly exchange: string;
  readonly routingKey: string;
  readonly content: Buffer;
  /** The publisher's own from then on. */
  readonly headers: Record<string, unknown>;
  readonly contentType?: string | undefined;
  readonly messageId?: string | undefined;
  /** Fails when no queue takes it: one alone with {@link ChannelUnavailable}, and nothing is anywhere. */
  readonly mandatory: boolean;
}

export interface PublisherLimits {
  readonly messagesMax: number;
  readonly bytesMax: number;
  readonly confirmTimeoutMs: number;
}

export interface PublisherOptions {
  readonly connection: AmqpConnection;
  readonly subject: string;
  /** Declares what is published to, each time the channel is opened. */
  readonly setUp: (channel: ConfirmChannel) => Promise<void>;
  readonly limits: PublisherLimits;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly onStep?: OnStep | undefined;
  /** No queue took a message that was to be taken. */
  readonly onNoQueue?: () => void;
}

interface Group {
  readonly messages: number;
  missing: number;
  error: Error | undefined;
  readonly finish: (error: Error | undefined) => void;
}

export class ConfirmPublisher {
  readonly connection: AmqpConnection;
  readonly keeper: ChannelKeeper<ConfirmChannel>;
  readonly #options: PublisherOptions;
  readonly #returned = new Set<string>();
  #sequence = 0;
  #messages = 0;
  #bytes = 0;
  #groups = 0;

  constructor(options: PublisherOptions) {
    const { connection, subject, setUp, clock, random, logger } = options;
    this.#options = options;
    this.connection = connection;
    this.keeper = new ChannelKeeper({
      connection,
      subject,
      create: (model) => model.createConfirmChannel(),
      setUp: async (channel) => {
        channel.on('return', (message: Message) => {
          const publish: unknown = message.properties.headers?.[PUBLISH_HEADER];
          if (typeof publish === 'string') this.#returned.add(publish);
        });
        await setUp(channel);
      },
      clock,
      random,
      logger,
    });
    this.keeper.start();
  }

  /** Publishes whose outcome is open. */
  get inFlight(): number {
    return this.#groups;
  }

  /** Why a publish would be refused now, for people; undefined when it would not. */
  get trouble(): string | undefined {
    const { connection } = this;
    if (connection.blockedReason !== undefined) {
      return `RabbitMQ takes nothing at present: ${connection.blockedReason}`;
    }
    if (this.keeper.channel !== undefined) return undefined;
    return (this.keeper.failure ?? connection.failure)?.text ?? 'RabbitMQ is being connected';
  }

  /** Throws {@link ChannelUnavailable} or {@link ChannelFull} when nothing can be published now. */
  assertReady(messages: number, bytes: number): ConfirmChannel {
    const { trouble } = this;
    const { channel } = this.keeper;
    if (trouble !== undefined || channel === undefined) {
      const isBlocked = this.connection.blockedReason !== undefined;
      throw new ChannelUnavailable(
        trouble ?? 'RabbitMQ is being connected',
        isBlocked ? { retryAfterMs: BLOCKED_RETRY_AFTER_MS } : {},
      );
    }
    const { messagesMax, bytesMax } = this.#options.limits;
    const isIdle = this.#messages === 0;
    const isOver = this.#messages + messages > messagesMax || this.#bytes + bytes > bytesMax;
    if (isOver && !isIdle) {
      throw new ChannelFull({ retryAfterMs: 1_000, subscriptions: [], reason: 'memory' });
    }
    return channel;
  }

  /**
   * Resolves when all messages are confirmed. Rejects when one is not: those confirmed before stay where they are,
   * so the outcome of the whole is unknown. Throws as {@link assertReady} does, with nothing sent.
   */
  publish(messages: readonly OutgoingMessage[]): Promise<void> {
    const bytes = messages.reduce((total, { content }) => total + content.length, 0);
    const channel = this.assertReady(messages.length, bytes);
    this.#options.onStep?.('before-write');
    const sent = this.#send(channel, messages, bytes);
    this.#options.onStep?.('after-write');
    return sent;
  }

  #send(
    channel: ConfirmChannel,
    messages: readonly OutgoingMessage[],
    bytes: number,
  ): Promise<void> {
    this.#messages += messages.length;
    this.#bytes += bytes;
    this.#groups += 1;
    const { clock, limits, onStep } = this.#options;
    return new Promise((resolve, reject) => {
      let isOver = false;
      const group: Group = {
        messages: messages.length,
        missing: messages.length,
        error: undefined,
        finish: (error) => {
          if (isOver) return;
          isOver = true;
          timer.cancel();
          this.#messages -= messages.length;
          this.#bytes -= bytes;
          this.#groups -= 1;
          if (error === undefined) {
            onStep?.('after-sync');
            resolve();
          } else reject(error);
        },
      };
      const timer = clock.setTimer(limits.confirmTimeoutMs, () => {
        group.finish(unknownOutcome('no answer in time'));
      });
      for (const [index, message] of messages.entries()) {
        this.#sendOne(channel, message, group);
        if (index === 0 && messages.length > 1) onStep?.('mid-batch');
      }
    });
  }

  #sendOne(channel: ConfirmChannel, message: OutgoingMessage, group: Group): void {
    this.#sequence += 1;
    const publish = this.#sequence.toString(36);
    const settle = (error: Error | undefined): void => {
      group.error ??= error;
      group.missing -= 1;
      if (group.missing === 0) group.finish(group.error);
    };
    try {
      channel.publish(
        message.exchange,
        message.routingKey,
        message.content,
        publishOptions(message, publish),
        (error: unknown) => {
          if (this.#returned.delete(publish)) {
            this.#options.onNoQueue?.();
            settle(noQueue(message, group));
          } else settle(error === null ? undefined : unknownOutcome('it was refused or lost'));
        },
      );
    } catch (error) {
      // The channel was closed between the look at it and the write.
      settle(unknownOutcome(error instanceof Error ? error.message : 'the channel is closed'));
    }
  }

  /** The error that an attempt to publish would meet now, for administration. */
  unavailable(): Error {
    const { failure } = this.connection;
    if (failure !== undefined) return failureError(failure);
    return new ChannelUnavailable(this.trouble ?? 'RabbitMQ is being connected');
  }

  close(): Promise<void> {
    return this.keeper.close();
  }
}

/** Of several messages, others may have been taken. */
function noQueue({ exchange, routingKey }: OutgoingMessage, { messages }: Group): Error {
  const reason = `no queue ${exchange === '' ? routingKey : `of ${exchange}`} takes it`;
  return messages === 1
    ? new ChannelUnavailable(reason, { retryAfterMs: NO_QUEUE_RETRY_AFTER_MS })
    : unknownOutcome(reason);
}

/** Absent properties are undefined, which the client library does not write. */
function publishOptions(message: OutgoingMessage, publish: string): Options.Publish {
  const { headers, contentType, messageId, mandatory } = message;
  if (mandatory) headers[PUBLISH_HEADER] = publish;
  return {
    persistent: true,
    mandatory,
    headers,
    contentType,
    messageId: messageId?.slice(0, MESSAGE_ID_MAX),
  } as Options.Publish;
}
