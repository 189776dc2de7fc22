/**
 * The dead letters of a channel: a queue for each subscription that has some. They are read by taking them without
 * acknowledgement on an AMQP channel of their own and giving it up, after which the server has them again in their
 * old order. One look at a queue at a time in this process; two processes that look at once each see a part.
 */
import {
  type DeadLetter,
  type DeadLetterListOptions,
  type DeadLetterPage,
  type DeadLetters,
  positionInvalid,
  subscriptionUnknown,
} from '@afflux/channels';
import type { Clock } from '@afflux/kernel';
import type { Channel, GetMessage } from 'amqplib';
import type { Backlog } from './backlog.ts';
import type { AmqpConnection } from './client/connection.ts';
import { isNotFound } from './client/failures.ts';
import type { OutgoingMessage } from './client/confirm-publisher.ts';
import { encodeEvent, readEvent, readLetter } from './envelope.ts';
import { type QueueNames, queueNames } from './names.ts';
import { administer, type Servers } from './server.ts';
import type { Topology } from './topology.ts';
import { wrapUndecodable } from './undecodable.ts';

/** One look goes this deep at most. */
const LOOKED_AT_MAX = 10_000;
const LOOKED_AT_BYTES_MAX = 64 * 1024 * 1024;

export interface DeadLettersHost {
  readonly name: string;
  readonly topology: Topology;
  readonly clock: Clock;
  readonly consuming: AmqpConnection;
  readonly servers: Servers;
  readonly backlogs: ReadonlyMap<string, Backlog>;
  writeNow(messages: readonly OutgoingMessage[]): Promise<void>;
}

/** What to do with a letter: go on, or stop after it. */
type Visit = (letter: DeadLetter, message: GetMessage, channel: Channel) => Promise<'on' | 'stop'>;

export class RabbitmqDeadLetters implements DeadLetters {
  readonly #host: DeadLettersHost;

  constructor(host: DeadLettersHost) {
    this.#host = host;
  }

  async list(options: DeadLetterListOptions): Promise<DeadLetterPage> {
    const { subscription, limit, after, signal } = options;
    const known = [...this.#host.backlogs.keys()].sort();
    const all = subscription === undefined ? known : [subscription];
    const from = after === undefined ? undefined : parsePlace(after);
    const ids = from === undefined ? all : all.filter((id) => id >= from.subscription);
    const letters: DeadLetter[] = [];
    for (const id of ids) {
      const seen = from?.subscription === id ? from.letter : '';
      const isFull = await this.#collect(id, seen, limit, letters, signal);
      const last = letters.at(-1);
      if (isFull && last !== undefined) {
        return { letters, next: formatPlace({ subscription: last.subscription, letter: last.id }) };
      }
    }
    return { letters };
  }

  /** Returns whether there is more than fits. */
  async #collect(
    subscription: string,
    seen: string,
    limit: number,
    out: DeadLetter[],
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    let isFull = false;
    await this.#visit(
      subscription,
      (letter) => {
        if (letter.id <= seen) return Promise.resolve('on');
        isFull = out.length >= limit;
        if (!isFull) out.push(letter);
        return Promise.resolve(isFull ? 'stop' : 'on');
      },
      signal,
    );
    return isFull;
  }

  async get(subscription: string, id: string): Promise<DeadLetter | undefined> {
    let found: DeadLetter | undefined;
    await this.#visit(subscription, (letter) => {
      if (letter.id === id) found = letter;
      return Promise.resolve(found === undefined ? 'on' : 'stop');
    });
    return found;
  }

  async redrive(subscription: string, ids: readonly string[]): Promise<number> {
    const backlog = this.#host.backlogs.get(subscription);
    if (backlog === undefined) throw subscriptionUnknown(this.#host.name, subscription);
    const to = { exchange: '', queue: backlog.names.main };
    return this.#take(subscription, ids, async ({ event }) => {
      const acceptedMs = this.#host.clock.now();
      await this.#host.writeNow([encodeEvent(event, to, { acceptedMs, isDirect: true })]);
    });
  }

  drop(subscription: string, ids: readonly string[]): Promise<number> {
    return this.#take(subscription, ids, () => Promise.resolve());
  }

  /** Acknowledges those that are named, each after the work on it. */
  async #take(
    subscription: string,
    ids: readonly string[],
    work: (letter: DeadLetter) => Promise<void>,
  ): Promise<number> {
    const wanted = new Set(ids);
    const { size } = wanted;
    if (size === 0) return 0;
    await this.#visit(subscription, async (letter, message, channel) => {
      if (wanted.has(letter.id)) {
        await work(letter);
        channel.ack(message);
        wanted.delete(letter.id);
      }
      return wanted.size === 0 ? 'stop' : 'on';
    });
    return size - wanted.size;
  }

  #visit(subscription: string, visit: Visit, signal?: AbortSignal): Promise<void> {
    const { servers, consuming, clock } = this.#host;
    const { dead } = this.#names(subscription);
    return servers.serially(dead, () =>
      administer(
        consuming,
        `queue ${dead}`,
        clock,
        (channel) => this.#look(channel, subscription, dead, visit),
        signal,
      ),
    );
  }

  async #look(channel: Channel, subscription: string, dead: string, visit: Visit): Promise<void> {
    let bytes = 0;
    for (let looked = 0; looked < LOOKED_AT_MAX && bytes < LOOKED_AT_BYTES_MAX; looked += 1) {
      const message = await getOne(channel, dead);
      if (message === undefined) return;
      bytes += message.content.length;
      const letter = readDead(message, subscription, dead);
      if ((await visit(letter, message, channel)) === 'stop') return;
    }
  }

  #names(subscription: string): QueueNames {
    const { backlogs, topology } = this.#host;
    return backlogs.get(subscription)?.names ?? queueNames(topology.exchange, subscription);
  }
}

/** Undefined when there is none, or no such queue. */
async function getOne(channel: Channel, queue: string): Promise<GetMessage | undefined> {
  try {
    const message = await channel.get(queue);
    return message === false ? undefined : message;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

function readDead(message: GetMessage, subscription: string, queue: string): DeadLetter {
  const head = readLetter(message);
  const id = head?.id ?? `foreign-${String(message.fields.deliveryTag)}`;
  const storedMs = head?.storedMs ?? 0;
  const reason = head?.reason ?? {
    reason: 'foreign',
    stage: 'channel',
    destination: queue,
    code: 0,
    data: '',
    attempts: 0,
    atMs: storedMs,
  };
  return { id, subscription, event: eventOf(message, id, queue), reason, storedMs };
}

function eventOf(message: GetMessage, id: string, queue: string): DeadLetter['event'] {
  try {
    return readEvent(message);
  } catch {
    return wrapUndecodable(message, id, queue);
  }
}

interface Place {
  readonly subscription: string;
  readonly letter: string;
}

function formatPlace({ subscription, letter }: Place): string {
  return Buffer.from(JSON.stringify([subscription, letter])).toString('base64url');
}

function parsePlace(text: string): Place {
  try {
    const [subscription, letter] = JSON.parse(
      Buffer.from(text, 'base64url').toString(),
    ) as unknown[];
    if (typeof subscription === 'string' && typeof letter === 'string') {
      return { subscription, letter };
    }
  } catch {
    // Refused below, like everything else that is not `next` of a page.
  }
  throw positionInvalid('rabbitmq', text, 'the `next` of an earlier page');
}
