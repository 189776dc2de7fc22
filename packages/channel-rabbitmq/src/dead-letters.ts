/**
 * The dead letters of a channel: a queue for each subscription that has some. They are read by taking them without
 * acknowledgement on an AMQP channel of their own and giving them back. Their ids are in the order of time. One look at a queue at a time in this process; two processes that look at once each see a part.
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
import type { GetMessage } from 'amqplib';
import type { Backlog } from './backlog.ts';
import type { AmqpConnection } from './client/connection.ts';
import type { OutgoingMessage } from './client/confirm-publisher.ts';
import { encodeEvent, readEvent, readLetter } from './envelope.ts';
import type { LetterRegister } from './letter-register.ts';
import { queueNames } from './names.ts';
import { lookThrough, type Verdict } from './queue-reading.ts';
import { administer, type Servers } from './server.ts';
import type { Topology } from './topology.ts';
import { wrapUndecodable } from './undecodable.ts';

/** One look goes this deep at most. */
const LIMITS = { messagesMax: 10_000, bytesMax: 64 * 1024 * 1024 };

export interface DeadLettersHost {
  readonly name: string;
  readonly topology: Topology;
  readonly clock: Clock;
  readonly consuming: AmqpConnection;
  readonly servers: Servers;
  readonly backlogs: ReadonlyMap<string, Backlog>;
  readonly register: LetterRegister;
  writeNow(messages: readonly OutgoingMessage[]): Promise<void>;
}

export class RabbitmqDeadLetters implements DeadLetters {
  readonly #host: DeadLettersHost;
  /** Names of queues as the register has them. */
  readonly #queues = new Map<string, string>();

  constructor(host: DeadLettersHost) {
    this.#host = host;
  }

  async list(options: DeadLetterListOptions): Promise<DeadLetterPage> {
    const { subscription, limit, after, signal } = options;
    const all = subscription === undefined ? await this.#owners() : [subscription];
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
    const later: DeadLetter[] = [];
    await this.#visit(
      subscription,
      (letter) => {
        if (letter.id > seen) later.push(letter);
        return Promise.resolve({});
      },
      signal,
    );
    // A quorum queue puts what was looked at behind what was not: the ids have the order.
    later.sort((left, right) => (left.id < right.id ? -1 : 1));
    const room = limit - out.length;
    out.push(...later.slice(0, room));
    return later.length > room;
  }

  /** Subscriptions that ever had a dead letter, those that are gone included. */
  async #owners(): Promise<string[]> {
    const entries = await this.#host.register.read();
    for (const { subscription, queue } of entries) this.#queues.set(subscription, queue);
    return [...new Set(entries.map(({ subscription }) => subscription))].sort();
  }

  async get(subscription: string, id: string): Promise<DeadLetter | undefined> {
    let found: DeadLetter | undefined;
    await this.#visit(subscription, (letter) => {
      if (letter.id === id) found = letter;
      return Promise.resolve({ isLast: found !== undefined });
    });
    return found;
  }

  async redrive(subscription: string, ids: readonly string[]): Promise<number> {
    const backlog = this.#host.backlogs.get(subscription);
    if (backlog === undefined) throw subscriptionUnknown(this.#host.name, subscription);
    const to = { exchange: '', queue: backlog.names.direct };
    await backlog.openLate('direct');
    return this.#take(subscription, ids, async ({ event }) => {
      const acceptedMs = this.#host.clock.now();
      await this.#host.writeNow([encodeEvent(event, to, { acceptedMs })]);
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
    await this.#visit(subscription, async (letter) => {
      const isDone = wanted.has(letter.id);
      if (isDone) await work(letter);
      wanted.delete(letter.id);
      return { isDone, isLast: wanted.size === 0 };
    });
    return size - wanted.size;
  }

  #visit(
    subscription: string,
    visit: (letter: DeadLetter) => Promise<Verdict>,
    signal?: AbortSignal,
  ): Promise<void> {
    const { servers, consuming, clock } = this.#host;
    const dead = this.#queueOf(subscription);
    return servers.serially(dead, () =>
      administer(
        consuming,
        `queue ${dead}`,
        clock,
        (channel) =>
          lookThrough(channel, dead, LIMITS, clock, (message) =>
            visit(readDead(message, subscription, dead)),
          ),
        signal,
      ),
    );
  }

  #queueOf(subscription: string): string {
    const { backlogs, topology } = this.#host;
    return (
      backlogs.get(subscription)?.names.dead ??
      this.#queues.get(subscription) ??
      queueNames(topology.exchange, subscription).dead
    );
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
