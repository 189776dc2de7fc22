/**
 * Looks at a data directory while no process uses it, and checks it: the channels in it, and with them what others
 * keep there. Both take the same lock as a running server and refuse the same things.
 */
import {
  type DataDirectory,
  type DataProblem,
  fileBytes,
  type KeyRange,
  pairs,
  readTables,
  type Table,
  type TableStats,
  withStoppedDirectory,
} from '@afflux/data-directory';
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
import { hasChannels, openTables, type Tables } from './tables.ts';

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
  /** What is kept beside the channels. */
  readonly tables: readonly TableStats[];
}

export interface DataCheck {
  readonly directory: string;
  /** Events, entries, dead letters and records of tables that were read. */
  readonly checked: number;
  readonly tables: readonly TableStats[];
  readonly problems: readonly DataProblem[];
}

interface StoredChannel {
  readonly title: string;
  readonly identity: ReturnType<typeof channelOf>;
  readonly number: number;
  readonly counters: ChannelCounters;
  readonly subscriptions: readonly StoredSubscription[];
}

/** What is stored: of the channels from their counters, which is quick, however much it is. */
export function dataStats(directory: string): Promise<DataStats> {
  return withStoppedDirectory(directory, (open) => {
    const tables = channelTables(open);
    return {
      directory,
      fileBytes: fileBytes(directory),
      channels:
        tables === undefined ? [] : channelsOf(tables).map((channel) => statsOf(tables, channel)),
      tables: readTables(open),
    };
  });
}

/** Reads everything and compares it with its checksums and with the counters. Changes nothing. */
export function checkData(directory: string): Promise<DataCheck> {
  return withStoppedDirectory(directory, (open) => {
    let problems: DataProblem[] = [];
    const tables = readTables(open, (problem) => problems.push(problem));
    let checked = tables.reduce((total, { records }) => total + records, 0);
    const ofChannels = channelTables(open);
    if (ofChannels !== undefined) {
      const check = new Check(ofChannels);
      for (const channel of channelsOf(ofChannels)) check.channel(channel);
      checked += check.checked;
      problems = [...problems, ...check.problems];
    }
    return { directory, checked, tables, problems };
  });
}

/** Undefined when no channel was ever opened: looking makes no tables. */
function channelTables(directory: DataDirectory): Tables | undefined {
  return hasChannels(directory) ? openTables(directory) : undefined;
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
    range: KeyRange,
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
