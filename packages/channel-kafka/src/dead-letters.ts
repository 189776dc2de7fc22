/**
 * Dead letters in a compacted topic of one partition: key `subscription/id`, value the event in structured mode,
 * a null value when it was dropped or redriven. The id is made of the record's place, so that writing one twice
 * (a crash between writing and committing) leaves one.
 *
 * The letters there are, by key and offset, are kept in memory once somebody asked for them; the events stay in
 * Kafka. Every call first reads what came since, so that it sees what other processes wrote.
 */
import {
  backendRefused,
  ChannelError,
  type DeadLetter,
  type DeadLetterListOptions,
  type DeadLetterPage,
  type DeadLetterReason,
  type DeadLetters,
} from '@afflux/channels';
import { decodeKafka, encodeKafka } from '@afflux/events';
import { abortedError } from '@afflux/kernel';
import { administrationError } from './client/errors.ts';
import {
  headerText,
  type KafkaAdmin,
  type KafkaProducer,
  type KafkaRecord,
} from './client/index.ts';
import type { HeldRecord } from './owned-partition.ts';

const REASON_HEADER = 'afflux-reason';
const STORED_HEADER = 'afflux-stored';
const LETTERS_MAX = 1_000_000;

export interface LetterHost {
  readonly topic: string;
  readonly producer: KafkaProducer;
  readonly admin: KafkaAdmin;
  now(): number;
  /** Rejects when there is no such subscription. */
  republish(subscription: string, letters: readonly DeadLetter[]): Promise<void>;
  hasSubscription(subscription: string): void;
}

export class KafkaDeadLetters implements DeadLetters {
  readonly #host: LetterHost;
  /** Key to offset, oldest first. */
  readonly #index = new Map<string, number>();
  #nextOffset: number | undefined;
  #refreshing: Promise<void> = Promise.resolve();
  #page: readonly KafkaRecord[] = [];

  constructor(host: LetterHost) {
    this.#host = host;
  }

  /** Writes one, durably. */
  write(
    subscription: string,
    record: HeldRecord,
    reason: DeadLetterReason,
    isMain: boolean,
  ): Promise<void> {
    const { owner, offset, event } = record;
    const id = `${isMain ? 'p' : 'r'}${String(owner.partition)}-${String(offset)}`;
    const { value, headers } = encodeKafka(event, { mode: 'structured' });
    const marked = {
      ...headers,
      [REASON_HEADER]: Buffer.from(JSON.stringify(reason)),
      [STORED_HEADER]: Buffer.from(String(this.#host.now())),
    };
    const key = Buffer.from(keyOf(subscription, id));
    return this.#host.producer.send(this.#host.topic, [{ key, value, headers: marked }]);
  }

  list(options: DeadLetterListOptions): Promise<DeadLetterPage> {
    return this.#answer(async () => {
      const { subscription, limit, after, signal } = options;
      const begin = after === undefined ? -1 : Number(after);
      const letters: DeadLetter[] = [];
      let last = begin;
      for (const [key, offset] of this.#index) {
        if (offset <= begin) continue;
        if (subscription !== undefined && ownerOf(key) !== subscription) continue;
        if (letters.length >= limit) return { letters, next: String(last) };
        if (signal?.aborted === true) throw abortedError(signal);
        const letter = await this.#read(key, offset);
        if (letter !== undefined) letters.push(letter);
        last = offset;
      }
      return { letters };
    });
  }

  get(subscription: string, id: string): Promise<DeadLetter | undefined> {
    return this.#answer(() => this.#find(subscription, id));
  }

  redrive(subscription: string, ids: readonly string[]): Promise<number> {
    return this.#answer(async () => {
      this.#host.hasSubscription(subscription);
      const found = await this.#findAll(subscription, ids);
      if (found.length === 0) return 0;
      await this.#host.republish(subscription, found);
      await this.#bury(
        subscription,
        found.map((letter) => letter.id),
      );
      return found.length;
    });
  }

  drop(subscription: string, ids: readonly string[]): Promise<number> {
    return this.#answer(async () => {
      const there = [...new Set(ids)].filter((id) => this.#index.has(keyOf(subscription, id)));
      await this.#bury(subscription, there);
      return there.length;
    });
  }

  async #findAll(subscription: string, ids: readonly string[]): Promise<DeadLetter[]> {
    const found: DeadLetter[] = [];
    for (const id of new Set(ids)) {
      const letter = await this.#find(subscription, id);
      if (letter !== undefined) found.push(letter);
    }
    return found;
  }

  async #find(subscription: string, id: string): Promise<DeadLetter | undefined> {
    const key = keyOf(subscription, id);
    const offset = this.#index.get(key);
    return offset === undefined ? undefined : this.#read(key, offset);
  }

  async #bury(subscription: string, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return;
    const keys = ids.map((id) => keyOf(subscription, id));
    const records = keys.map((key) => ({ key: Buffer.from(key), value: null, headers: {} }));
    await this.#host.producer.send(this.#host.topic, records);
    for (const key of keys) this.#index.delete(key);
  }

  async #answer<T>(run: () => Promise<T>): Promise<T> {
    try {
      const refreshing = this.#refreshing.then(() => this.#refresh());
      this.#refreshing = refreshing.catch(() => undefined);
      await refreshing;
      return await run();
    } catch (error) {
      if (
        error instanceof ChannelError ||
        (error as { code?: unknown }).code === 'AFFLUX_KERNEL_ABORTED'
      ) {
        throw error;
      }
      throw administrationError('read the dead letters', error);
    }
  }

  async #refresh(): Promise<void> {
    const { topic, admin } = this.#host;
    const [ends] = await admin.ends(topic);
    if (ends === undefined) return;
    let next = Math.max(this.#nextOffset ?? 0, ends.low);
    while (next < ends.high) {
      const { records, nextOffset } = await admin.fetch(topic, 0, next);
      for (const record of records) this.#enter(record);
      // Nothing came though there is something: only markers, which are passed one by one.
      next = nextOffset > next ? nextOffset : next + 1;
      this.#nextOffset = next;
    }
  }

  #enter({ key, value, offset }: KafkaRecord): void {
    if (key === null) return;
    const name = key.toString('utf8');
    if (value === null) {
      this.#index.delete(name);
      return;
    }
    if (this.#index.size >= LETTERS_MAX)
      throw backendRefused('there are too many dead letters to list');
    this.#index.delete(name);
    this.#index.set(name, offset);
  }

  async #read(key: string, offset: number): Promise<DeadLetter | undefined> {
    let record = this.#page.find((each) => each.offset === offset);
    if (record === undefined) {
      this.#page = (await this.#host.admin.fetch(this.#host.topic, 0, offset)).records;
      record = this.#page.find((each) => each.offset === offset);
    }
    return record === undefined ? undefined : letterOf(key, record);
  }
}

function letterOf(key: string, record: KafkaRecord): DeadLetter | undefined {
  try {
    const event = decodeKafka(record);
    if (event === undefined) return undefined;
    return {
      id: key.slice(key.lastIndexOf('/') + 1),
      subscription: ownerOf(key),
      event,
      reason: JSON.parse(headerText(record.headers, REASON_HEADER) ?? '{}') as DeadLetterReason,
      storedMs: Number(headerText(record.headers, STORED_HEADER) ?? record.timestampMs),
    };
  } catch {
    return undefined;
  }
}

function keyOf(subscription: string, id: string): string {
  return `${subscription}/${id}`;
}

function ownerOf(key: string): string {
  return key.slice(0, key.lastIndexOf('/'));
}
