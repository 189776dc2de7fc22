/**
 * What can be done with a data directory while no process uses it: look at it, check it, make it smaller. They take
 * the same lock as a running server and refuse the same things.
 */
import { noopLogger, systemClock } from '@afflux/kernel';
import { renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type DataDirectory, openDataDirectory } from './directory.ts';
import {
  addressedNumber,
  channelCountersKey,
  channelOf,
  CHANNELS,
  letterOf,
  letterRange,
  positionKey,
  positionOf,
  positionRange,
} from './keys.ts';
import { readSubscriptions, type StoredSubscription } from './open-channel.ts';
import {
  type ChannelCounters,
  decodeCounters,
  decodeEntry,
  decodeEvent,
  decodeJson,
  decodeLetter,
  eventHead,
  NEW_CHANNEL,
} from './records.ts';
import { pairs, type Table, type Tables } from './tables.ts';

const STEP = 1_024;

export interface SubscriptionStats {
  readonly id: string;
  readonly label: string;
  readonly depth: number;
  readonly bytes: number;
  readonly deadLetters: number;
  readonly lost: number;
}

export interface ChannelStats {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly events: number;
  readonly bytes: number;
  /** Wall clock at which the oldest event was accepted; absent when there is none. */
  readonly oldestMs?: number;
  readonly deadLetters: number;
  /** Events taken out because they were damaged. */
  readonly damaged: number;
  readonly subscriptions: readonly SubscriptionStats[];
}

export interface DataStats {
  readonly directory: string;
  readonly fileBytes: number;
  readonly channels: readonly ChannelStats[];
}

/** Something that is not as it was written. */
export interface DataProblem {
  /** `Broker shop/orders`, with the position, subscription or dead letter it is about. */
  readonly place: string;
  readonly problem: string;
}

export interface DataCheck {
  readonly directory: string;
  /** Events, entries and dead letters that were read. */
  readonly checked: number;
  readonly problems: readonly DataProblem[];
}

export interface DataCompaction {
  readonly directory: string;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
}

interface StoredChannel {
  readonly title: string;
  readonly identity: ReturnType<typeof channelOf>;
  readonly number: number;
  readonly counters: ChannelCounters;
  readonly subscriptions: readonly StoredSubscription[];
}

/** What is stored, from the counters: quick, however much it is. */
export function dataStats(directory: string): Promise<DataStats> {
  return withDirectory(directory, (open) => ({
    directory,
    fileBytes: fileBytes(directory),
    channels: channelsOf(open.tables).map((channel) => statsOf(open.tables, channel)),
  }));
}

/** Reads everything and compares it with its checksums and with the counters. Changes nothing. */
export function checkData(directory: string): Promise<DataCheck> {
  return withDirectory(directory, ({ tables }) => {
    const check = new Check(tables);
    for (const channel of channelsOf(tables)) check.channel(channel);
    return { directory, checked: check.checked, problems: check.problems };
  });
}

/**
 * Writes the directory anew without its free pages and puts the copy in its place. Needs as much space beside it
 * as is in use. A crash leaves the one or the other.
 */
export function compactData(directory: string): Promise<DataCompaction> {
  const copy = join(directory, 'compacted.mdb');
  return withDirectory(directory, async ({ tables, closeTables }) => {
    const bytesBefore = fileBytes(directory);
    rmSync(copy, { force: true });
    await tables.root.backup(copy, true);
    await closeTables();
    renameSync(copy, join(directory, 'data.mdb'));
    return { directory, bytesBefore, bytesAfter: fileBytes(directory) };
  });
}

interface Opened {
  readonly tables: Tables;
  readonly closeTables: () => Promise<void>;
}

async function withDirectory<T>(path: string, use: (opened: Opened) => T | Promise<T>): Promise<T> {
  const directory: DataDirectory = openDataDirectory(path, {
    clock: systemClock,
    logger: noopLogger,
    mustExist: true,
  });
  try {
    return await use({ tables: directory.tables, closeTables: () => directory.closeTables() });
  } finally {
    await directory.close();
  }
}

function fileBytes(directory: string): number {
  return statSync(join(directory, 'data.mdb')).size;
}

function channelsOf(tables: Tables): StoredChannel[] {
  return pairs(tables.meta, CHANNELS, Infinity).map(({ key, value }) => {
    const identity = channelOf(key);
    const { number } = decodeJson<{ number: number }>(value);
    const { kind, namespace, name } = identity;
    return {
      title: `${kind} ${namespace === '' ? name : `${namespace}/${name}`}`,
      identity,
      number,
      counters: decodeCounters(tables.meta.get(channelCountersKey(number)), NEW_CHANNEL),
      subscriptions: readSubscriptions({ tables, number }),
    };
  });
}

function statsOf({ events }: Tables, channel: StoredChannel): ChannelStats {
  const { identity, number, counters, subscriptions } = channel;
  const [first] = pairs(events, positionRange(number, counters.firstPosition), 1);
  return {
    ...identity,
    events: counters.events,
    bytes: counters.bytes,
    ...(first === undefined ? {} : { oldestMs: eventHead(first.value).acceptedMs }),
    deadLetters: counters.letters,
    damaged: counters.damaged,
    subscriptions: subscriptions.map(({ record, counters: { depth, bytes, letters, lost } }) => ({
      id: record.id,
      label: record.label,
      depth,
      bytes,
      deadLetters: letters,
      lost,
    })),
  };
}

class Check {
  readonly problems: DataProblem[] = [];
  checked = 0;
  readonly #tables: Tables;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  channel(channel: StoredChannel): void {
    const { title, number, counters, subscriptions } = channel;
    const { events, letters } = this.#tables;
    let count = 0;
    this.#each(events, positionRange(number, 0), title, (key, value) => {
      count += 1;
      this.#try(`${title}, position ${String(positionOf(key))}`, () => decodeEvent(value));
    });
    this.#compare(title, 'events', counters.events, count);
    count = 0;
    this.#each(letters, letterRange(number), title, (key, value) => {
      count += 1;
      const { subscription, sequence } = letterOf(key);
      const place = `${title}, dead letter ${String(sequence)} of ${subscription}`;
      this.#try(place, () => decodeLetter(value));
    });
    this.#compare(title, 'dead letters', counters.letters, count);
    for (const subscription of subscriptions) this.#subscription(channel, subscription);
  }

  #subscription(channel: StoredChannel, { number, record, counters }: StoredSubscription): void {
    const title = `${channel.title}, subscription ${record.id}`;
    let count = 0;
    for (const lane of [number, addressedNumber(number)]) {
      this.#each(this.#tables.entries, positionRange(lane, 0), title, (key, value) => {
        count += 1;
        const position = positionOf(key);
        const place = `${title}, position ${String(position)}`;
        this.#try(place, () => decodeEntry(value));
        const event = this.#tables.events.get(positionKey(channel.number, position));
        if (event === undefined) this.problems.push({ place, problem: 'its event is missing' });
      });
    }
    this.#compare(title, 'events to do', counters.depth, count);
  }

  #each(
    table: Table,
    range: { readonly start: Buffer; readonly end: Buffer },
    title: string,
    visit: (key: Buffer, value: Buffer) => void,
  ): void {
    let { start } = range;
    try {
      for (;;) {
        const found = pairs(table, { start, end: range.end }, STEP);
        for (const { key, value } of found) {
          this.checked += 1;
          visit(key, value);
        }
        const last = found.at(-1);
        if (last === undefined || found.length < STEP) return;
        start = Buffer.concat([last.key, Buffer.of(0)]);
      }
    } catch (error) {
      this.problems.push({ place: title, problem: `cannot be read: ${messageOf(error)}` });
    }
  }

  #try(place: string, read: () => unknown): void {
    try {
      read();
    } catch (error) {
      this.problems.push({ place, problem: messageOf(error) });
    }
  }

  #compare(place: string, what: string, counted: number, found: number): void {
    if (counted === found) return;
    const problem = `${String(found)} ${what} are there, and ${String(counted)} are counted`;
    this.problems.push({ place, problem });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
