/**
 * Brings the entries of a backlog into memory, in order of position, a bounded batch per turn of the event loop,
 * while there is room. Damage is met here: an event that is not what was written is taken out, kept aside and
 * counted as lost for each subscription that wanted it; it never stops what comes after it, and never goes silently.
 */
import { keys, nextTurn, type Pair, pairs } from '@afflux/data-directory';
import type { CloudEvent } from '@afflux/events';
import { DurableDelivery } from './delivery.ts';
import { POSITION_END, positionKey, positionOf, positionRange } from './keys.ts';
import { Quarantine } from './quarantine.ts';
import type { Lane } from './lane.ts';
import {
  decodeEntry,
  decodeEvent,
  type EntryState,
  eventHead,
  isUnasked,
  UNTRIED,
} from './records.ts';

/** Entries read in one go: some hundred microseconds. */
const BATCH_ENTRIES_MAX = 64;

/** Entries looked at to find the oldest: those before it are finished and still to be removed. */
const OLDEST_STEP = 256;

export class BacklogReader {
  /** Every entry up to here is in memory or finished. */
  readTo = 0;
  /** There may be entries above `readTo`. */
  isBehind = false;
  readonly #lane: Lane;
  #reading: Promise<void> | undefined;

  constructor(lane: Lane) {
    this.#lane = lane;
  }

  /** Resolves when nothing more can be read now. Does not reject. */
  get idle(): Promise<void> {
    return this.#reading ?? Promise.resolve();
  }

  /** Reads on if there is something to read and room for it. */
  wake(): void {
    if (!this.isBehind || this.#reading !== undefined || !this.#lane.hasMuchRoom) return;
    if (!this.#mayRead) return;
    this.#reading = this.#read().finally(() => {
      this.#reading = undefined;
    });
  }

  get #mayRead(): boolean {
    const { hasReader, isDropped, owner } = this.#lane.backlog;
    return hasReader && !isDropped && this.#lane.hasRoom && owner.isReadable;
  }

  async #read(): Promise<void> {
    // Readers that were called from a callback are told in a later one.
    await Promise.resolve();
    try {
      while (this.isBehind && this.#mayRead) {
        if (!this.#readBatch()) return;
        await nextTurn();
      }
    } catch (error) {
      this.#lane.backlog.owner.onReadFailure(error);
    }
  }

  /** False: what can be read now has been. */
  #readBatch(): boolean {
    const { number, backlog } = this.#lane;
    const { owner } = backlog;
    // Entries below the end of a history are still being made, in the main lane.
    const history = this.#lane === backlog.main ? backlog.record.history : undefined;
    const end = history?.next ?? POSITION_END;
    const range = positionRange(number, this.readTo + 1, end);
    const limit = Math.min(BATCH_ENTRIES_MAX, backlog.bounds.eventsMax - this.#lane.events);
    const found = pairs(owner.channelState.tables.entries, range, limit);
    for (const pair of found) {
      if (!this.#lane.hasRoom) return false;
      this.#load(pair);
    }
    if (found.length === limit) return true;
    this.isBehind = history !== undefined;
    return false;
  }

  #load({ key, value }: Pair): void {
    const { backlog, changes } = this.#lane;
    const position = positionOf(key);
    this.readTo = position;
    if (changes.isRemoved(position)) return;
    const event = this.readEvent(position);
    if (event === undefined) return;
    if (isUnasked(value) && !backlog.wants(event)) {
      backlog.removeEntry(this.#lane, position, event.sizeBytes);
      return;
    }
    const state = this.#stateOf(value, position);
    const attempt = state.attempts + 1;
    const delivery = new DurableDelivery(
      backlog,
      this.#lane,
      position,
      event,
      attempt,
      this.#progressOf(state),
    );
    const remainingMs = state.dueMs - backlog.owner.channelState.clock.now();
    backlog.load(delivery, Math.min(remainingMs, state.delayMs));
  }

  /** An event from the disk. Undefined when it cannot be read: the subscription has lost it then, and that is said. */
  readEvent(position: number, sizeBytes?: number): CloudEvent | undefined {
    const { channelState: state } = this.#lane.backlog.owner;
    const record = state.tables.events.get(positionKey(state.number, position));
    try {
      if (record !== undefined) return decodeEvent(record);
    } catch (error) {
      state.directory.writer.submit(new Quarantine(state, position, record, error));
    }
    this.#lose(position, sizeBytes ?? sizeOf(record));
    return undefined;
  }

  #lose(position: number, sizeBytes: number): void {
    const { counters, telemetry, owner, id } = this.#lane.backlog;
    counters.lost += 1;
    telemetry.lost.add(1);
    this.#lane.backlog.removeEntry(this.#lane, position, sizeBytes);
    owner.channelState.logger.error(
      { channel: owner.channelState.name, subscription: id, position },
      'event of a subscription is damaged or missing',
    );
  }

  /** An entry that is damaged still says that the event is not finished: it begins anew. */
  #stateOf(value: Buffer, position: number): EntryState {
    try {
      return decodeEntry(value);
    } catch (error) {
      const { owner, id } = this.#lane.backlog;
      owner.channelState.logger.error(
        { err: error, channel: owner.channelState.name, subscription: id, position },
        'attempts and progress of an event are damaged and begin anew',
      );
      return UNTRIED;
    }
  }

  #progressOf({ progress }: EntryState): unknown {
    if (progress === undefined) return undefined;
    try {
      return this.#lane.backlog.codec?.decode(progress);
    } catch {
      // By the contract of the codec: the event is delivered without.
      return undefined;
    }
  }

  /** The first entry that is not finished. */
  findOldest(): { position: number; acceptedMs: number } | undefined {
    const { number, changes, backlog } = this.#lane;
    const { owner } = backlog;
    const { tables, number: channel, counters } = owner.channelState;
    let from = counters.firstPosition;
    for (;;) {
      const found = keys(tables.entries, positionRange(number, from), OLDEST_STEP);
      for (const key of found) {
        const position = positionOf(key);
        from = position + 1;
        if (changes.isRemoved(position)) continue;
        const record = tables.events.get(positionKey(channel, position));
        if (record !== undefined) return { position, acceptedMs: eventHead(record).acceptedMs };
      }
      if (found.length < OLDEST_STEP) return undefined;
    }
  }
}

function sizeOf(record: Buffer | undefined): number {
  try {
    return record === undefined ? 0 : eventHead(record).sizeBytes;
  } catch {
    return 0;
  }
}
