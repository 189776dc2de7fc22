/**
 * Which subscriptions of a channel have had dead letters, kept in the server: a queue with one small message for
 * each. Dead letters outlive their subscription and the process, and AMQP cannot list queues.
 */
import type { Clock } from '@afflux/kernel';
import type { Channel, GetMessage } from 'amqplib';
import type { AmqpConnection } from './client/connection.ts';
import type { OutgoingMessage } from './client/confirm-publisher.ts';
import { lookThrough } from './queue-reading.ts';
import { registerName } from './names.ts';
import { administer, type Servers } from './server.ts';
import { declareQueue, type Topology } from './topology.ts';

/** Subscriptions beyond this are not listed together; each can still be asked for. */
const LIMITS = { messagesMax: 10_000, bytesMax: 16 * 1024 * 1024 };

export interface RegisterEntry {
  readonly subscription: string;
  /** The queue of its dead letters. */
  readonly queue: string;
}

export interface RegisterHost {
  readonly topology: Topology;
  readonly clock: Clock;
  readonly consuming: AmqpConnection;
  readonly servers: Servers;
  writeNow(messages: readonly OutgoingMessage[]): Promise<void>;
}

export class LetterRegister {
  readonly #host: RegisterHost;
  readonly #queue: string;

  constructor(host: RegisterHost) {
    this.#host = host;
    this.#queue = registerName(host.topology.exchange);
  }

  /** Resolves when it is written down; two processes may write the same entry, which does no harm. */
  async add(entry: RegisterEntry): Promise<void> {
    const { topology } = this.#host;
    const known = await this.#look((channel) => declareQueue(channel, this.#queue, topology));
    const isKnown = known.some(
      ({ subscription, queue }) => subscription === entry.subscription && queue === entry.queue,
    );
    if (isKnown) return;
    const content = Buffer.from(JSON.stringify(entry));
    const message = { exchange: '', routingKey: this.#queue, content, headers: {} };
    await this.#host.writeNow([{ ...message, mandatory: true }]);
  }

  read(): Promise<readonly RegisterEntry[]> {
    return this.#look(() => Promise.resolve());
  }

  #look(before: (channel: Channel) => Promise<unknown>): Promise<readonly RegisterEntry[]> {
    const { servers, consuming, clock } = this.#host;
    return servers.serially(this.#queue, () =>
      administer(consuming, `queue ${this.#queue}`, clock, async (channel) => {
        await before(channel);
        const entries: RegisterEntry[] = [];
        await lookThrough(channel, this.#queue, LIMITS, clock, (message) => {
          entries.push(...readEntry(message));
          return Promise.resolve({});
        });
        return entries;
      }),
    );
  }
}

function readEntry({ content }: GetMessage): RegisterEntry[] {
  try {
    const entry = JSON.parse(content.toString()) as Partial<RegisterEntry>;
    const isEntry = typeof entry.subscription === 'string' && typeof entry.queue === 'string';
    return isEntry ? [entry as RegisterEntry] : [];
  } catch {
    return [];
  }
}
