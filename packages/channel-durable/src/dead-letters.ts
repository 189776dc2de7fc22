/** The dead letters of a durable channel. A redrive publishes the event anew, to the subscription that failed alone. */
import {
  ChannelUnavailable,
  type DeadLetter,
  type DeadLetterListOptions,
  type DeadLetterPage,
  type DeadLetters,
  subscriptionUnknown,
} from '@afflux/channels';
import { type Batch, pairs } from '@afflux/data-directory';
import { abortedError } from '@afflux/kernel';
import type { Backlog } from './backlog.ts';
import type { ChannelState } from './channel-state.ts';
import { Note } from './fence.ts';
import { letterKey, letterOf, letterRange, positionKey } from './keys.ts';
import { decodeLetter, encodeEvent, NEW_ENTRY } from './records.ts';

/** Letters are numbered over the whole channel; their ids are these numbers. */
const ID = /^[0-9]{1,15}$/;

/** Letters in one page at most, whatever is asked for. */
const PAGE_MAX = 1_000;

export interface DeadLettersHost {
  readonly name: string;
  /** Throws unless the channel is started and not closed. */
  opened(): ChannelState;
  backlogOf(id: string): Backlog | undefined;
}

/** A letter in the hands of a work. */
interface Found {
  readonly key: Buffer;
  readonly record: Buffer;
}

export class DurableDeadLetters implements DeadLetters {
  readonly #host: DeadLettersHost;

  constructor(host: DeadLettersHost) {
    this.#host = host;
  }

  // A promise in every case: what is thrown here is rejected.
  // eslint-disable-next-line @typescript-eslint/require-await
  async list(options: DeadLetterListOptions): Promise<DeadLetterPage> {
    const { subscription, limit, after, signal } = options;
    if (signal?.aborted === true) throw abortedError(signal);
    const { tables, number, logger } = this.#host.opened();
    const range = letterRange(number, subscription);
    const start = after === undefined ? range.start : following(Buffer.from(after, 'base64url'));
    const wanted = Math.min(Math.max(1, limit), PAGE_MAX);
    const found = pairs(
      tables.letters,
      { start: later(start, range.start), end: range.end },
      wanted + 1,
    );
    const page = found.slice(0, wanted);
    const letters = page.map(({ key, value }) => letterFrom(key, value));
    const damaged = page.filter((_, index) => letters[index] === undefined);
    if (damaged.length > 0) {
      const ids = damaged.map(({ key }) => String(letterOf(key).sequence));
      logger.error(
        { channel: this.#host.name, ids },
        'damaged dead letters cannot be read: `afflux data check` names them, drop them by their ids',
      );
    }
    const last = found.length > wanted ? page.at(-1) : undefined;
    return {
      letters: letters.filter((letter) => letter !== undefined),
      ...(last === undefined ? {} : { next: last.key.toString('base64url') }),
    };
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async get(subscription: string, id: string): Promise<DeadLetter | undefined> {
    const { tables, number } = this.#host.opened();
    const key = keyOf(number, subscription, id);
    const record = key === undefined ? undefined : tables.letters.get(key);
    return key === undefined || record === undefined ? undefined : letterFrom(key, record);
  }

  async redrive(subscription: string, ids: readonly string[]): Promise<number> {
    const state = this.#host.opened();
    const backlog = this.#host.backlogOf(subscription);
    if (backlog === undefined) throw subscriptionUnknown(this.#host.name, subscription);
    return await this.#submit(
      state,
      new Removal({ state, subscription, ids, backlog, isRedrive: true }),
    );
  }

  async drop(subscription: string, ids: readonly string[]): Promise<number> {
    const state = this.#host.opened();
    const backlog = this.#host.backlogOf(subscription);
    return await this.#submit(
      state,
      new Removal({ state, subscription, ids, backlog, isRedrive: false }),
    );
  }

  async #submit(state: ChannelState, removal: Removal): Promise<number> {
    const { writer } = state.directory;
    if (writer.trouble !== undefined) throw new ChannelUnavailable(writer.trouble.message);
    return await new Promise((resolve) => {
      writer.submit(
        new Note({
          write: (batch) => {
            removal.write(batch);
          },
          committed: () => {
            resolve(removal.committed());
          },
          failed: () => {
            removal.failed();
          },
        }),
      );
    });
  }
}

interface RemovalOptions {
  readonly state: ChannelState;
  readonly subscription: string;
  readonly ids: readonly string[];
  readonly backlog: Backlog | undefined;
  readonly isRedrive: boolean;
}

/** Takes letters out; with a redrive their events enter the backlog in the same transaction. */
class Removal {
  readonly #options: RemovalOptions;
  #found: Found[] = [];
  #bytes = 0;
  #redriven: { readonly position: number; readonly record: Buffer; readonly sizeBytes: number }[] =
    [];

  constructor(options: RemovalOptions) {
    this.#options = options;
  }

  write(batch: Batch): void {
    const { state, subscription, ids, backlog } = this.#options;
    this.#found = [];
    this.#redriven = [];
    this.#bytes = 0;
    if (state.isClosed) return;
    for (const id of new Set(ids)) {
      const key = keyOf(state.number, subscription, id);
      const record = key === undefined ? undefined : state.tables.letters.get(key);
      if (key === undefined || record === undefined) continue;
      if (this.#options.isRedrive && !this.#redrive(key, record)) continue;
      void state.tables.letters.remove(key);
      this.#found.push({ key, record });
      this.#bytes += record.length;
    }
    this.#count(-1);
    batch.touch(state);
    if (backlog !== undefined) batch.touch(backlog);
  }

  /** False: the letter cannot be read, or there is nobody to get it. It stays. */
  #redrive(key: Buffer, letter: Buffer): boolean {
    const { state, backlog } = this.#options;
    const { tables } = state;
    const event = letterFrom(key, letter)?.event;
    if (event === undefined || backlog === undefined || backlog.isDropped) return false;
    const position = state.counters.nextPosition;
    state.counters.nextPosition += 1;
    const record = encodeEvent(event, state.acceptTime(), true);
    void tables.events.put(positionKey(state.number, position), record);
    void tables.entries.put(positionKey(backlog.addressed.number, position), NEW_ENTRY);
    state.counters.events += 1;
    state.counters.bytes += record.length;
    backlog.count(1, event.sizeBytes);
    this.#redriven.push({ position, record, sizeBytes: event.sizeBytes });
    return true;
  }

  #count(sign: 1 | -1): void {
    const { state, backlog } = this.#options;
    state.counters.letters += sign * this.#found.length;
    state.counters.letterBytes += sign * this.#bytes;
    if (backlog !== undefined) backlog.counters.letters += sign * this.#found.length;
  }

  committed(): number {
    const { backlog } = this.#options;
    if (backlog !== undefined && this.#redriven.length > 0) {
      // They are read from the disk with whatever else is there.
      backlog.look();
    }
    return this.#found.length;
  }

  failed(): void {
    const { state, backlog } = this.#options;
    this.#count(1);
    for (const { record, sizeBytes } of this.#redriven) {
      state.counters.events -= 1;
      state.counters.bytes -= record.length;
      backlog?.count(-1, -sizeBytes);
    }
  }
}

function keyOf(channel: number, subscription: string, id: string): Buffer | undefined {
  return ID.test(id) ? letterKey(channel, subscription, Number(id)) : undefined;
}

/** Undefined when it is damaged; it is then as good as gone, and stays for whoever looks into it. */
function letterFrom(key: Buffer, record: Buffer): DeadLetter | undefined {
  const { subscription, sequence } = letterOf(key);
  try {
    return { id: String(sequence), subscription, ...decodeLetter(record) };
  } catch {
    return undefined;
  }
}

/** How many letters there are for an id that had a subscription before. */
export function countLetters({ tables, number, counters }: ChannelState, id: string): number {
  return counters.letters === 0 ? 0 : tables.letters.getKeysCount(letterRange(number, id));
}

function following(key: Buffer): Buffer {
  return Buffer.concat([key, Buffer.of(0)]);
}

function later(left: Buffer, right: Buffer): Buffer {
  return Buffer.compare(left, right) > 0 ? left : right;
}
