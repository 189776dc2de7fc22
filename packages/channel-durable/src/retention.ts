/**
 * Retention: the oldest events go when they are too old, or when the channel holds too much. In small steps between
 * other transactions. What a subscription still had to do with them is counted as lost for it, in the same
 * transaction, logged once for each run and subscription, and shown in its description.
 */
import { type Batch, keys, type Pair, pairs } from '@afflux/data-directory';
import type { Backlog } from './backlog.ts';
import type { ChannelState } from './channel-state.ts';
import { Note } from './fence.ts';
import { positionOf, positionRange } from './keys.ts';
import { eventHead, isWholeEvent } from './records.ts';

const STEP_EVENTS_MAX = 256;

export class Retention {
  readonly #state: ChannelState;
  readonly #backlogs: ReadonlyMap<string, Backlog>;
  /** By subscription, in this run. */
  readonly #lost = new Map<Backlog, number>();

  constructor(state: ChannelState, backlogs: ReadonlyMap<string, Backlog>) {
    this.#state = state;
    this.#backlogs = backlogs;
  }

  /** Whether something has to go. */
  get isDue(): boolean {
    const { counters, config, clock } = this.#state;
    if (counters.events === 0) return false;
    if (counters.bytes > config.retentionBytes) return true;
    const [first] = this.#oldest(1);
    const beforeMs = clock.now() - config.retentionMs;
    return first !== undefined && isOld(first.value, beforeMs, counters.lastAcceptedMs);
  }

  /** Takes out what has to go, and says for whom it was lost. */
  async run(mayGoOn: () => boolean): Promise<void> {
    while (mayGoOn() && this.isDue) await this.#step();
    for (const [backlog, events] of this.#lost) {
      this.#state.logger.warn(
        { channel: this.#state.name, subscription: backlog.id, events },
        'retention removed events that a subscription had not done with',
      );
    }
    this.#lost.clear();
  }

  #oldest(limit: number): Pair[] {
    const { tables, number, counters } = this.#state;
    return pairs(tables.events, positionRange(number, counters.firstPosition), limit);
  }

  #step(): Promise<void> {
    return new Promise((resolve) => {
      const step = new Step(this.#state, this.#backlogs);
      const note = new Note({
        write: (batch) => {
          step.write(batch, this.#oldest(STEP_EVENTS_MAX));
        },
        committed: () => {
          step.committed(this.#lost);
          resolve();
        },
        failed: () => {
          step.failed();
        },
      });
      this.#state.directory.writer.submit(note);
    });
  }
}

/** A record with a damaged time can hold nobody up: it is delivered to no one any more. */
function isOld(record: Buffer, beforeMs: number, lastMs: number): boolean {
  const { acceptedMs } = eventHead(record);
  return acceptedMs < beforeMs || (acceptedMs > lastMs && !isWholeEvent(record));
}

/** What one step takes from a subscription. */
interface Loss {
  readonly backlog: Backlog;
  readonly events: number;
  readonly bytes: number;
}

class Step {
  readonly #state: ChannelState;
  readonly #backlogs: ReadonlyMap<string, Backlog>;
  #firstBefore = 0;
  #sizes = new Map<number, number>();
  #bytes = 0;
  #losses: Loss[] = [];

  constructor(state: ChannelState, backlogs: ReadonlyMap<string, Backlog>) {
    this.#state = state;
    this.#backlogs = backlogs;
  }

  write(batch: Batch, oldest: readonly Pair[]): void {
    const { counters, isClosed } = this.#state;
    this.#firstBefore = counters.firstPosition;
    this.#sizes = new Map();
    this.#losses = [];
    this.#bytes = 0;
    if (isClosed) return;
    for (const pair of oldest) if (!this.#remove(pair)) break;
    counters.events -= this.#sizes.size;
    counters.bytes -= this.#bytes;
    batch.touch(this.#state);
    for (const backlog of this.#backlogs.values()) this.#take(batch, backlog);
  }

  /** False: this event stays, and so do all after it. */
  #remove({ key, value }: Pair): boolean {
    const { counters, config, clock, tables } = this.#state;
    const isTooMuch = counters.bytes - this.#bytes > config.retentionBytes;
    const beforeMs = clock.now() - config.retentionMs;
    if (!isTooMuch && !isOld(value, beforeMs, counters.lastAcceptedMs)) return false;
    const position = positionOf(key);
    void tables.events.remove(key);
    this.#sizes.set(position, eventHead(value).sizeBytes);
    this.#bytes += value.length;
    counters.firstPosition = position + 1;
    return true;
  }

  /** Removes the entries of one subscription for what is gone. */
  #take(batch: Batch, backlog: Backlog): void {
    const { depth } = backlog.counters;
    const { firstPosition } = this.#state.counters;
    if (depth === 0 || firstPosition === this.#firstBefore) return;
    const { entries } = this.#state.tables;
    let events = 0;
    let bytes = 0;
    for (const { number, changes } of backlog.lanes) {
      for (const key of keys(entries, positionRange(number, 0, firstPosition), Infinity)) {
        void entries.remove(key);
        const position = positionOf(key);
        if (changes.isRemoved(position)) continue;
        changes.forget(position);
        events += 1;
        bytes += this.#sizes.get(position) ?? 0;
      }
    }
    if (events === 0) return;
    backlog.count(-events, -bytes);
    backlog.counters.lost += events;
    backlog.unsyncedLost += events;
    batch.touch(backlog);
    this.#losses.push({ backlog, events, bytes });
  }

  committed(lost: Map<Backlog, number>): void {
    for (const { backlog, events } of this.#losses) {
      backlog.unsyncedLost -= events;
      backlog.telemetry.lost.add(events);
      backlog.forgetBelow(this.#state.counters.firstPosition);
      lost.set(backlog, (lost.get(backlog) ?? 0) + events);
    }
  }

  failed(): void {
    const { counters } = this.#state;
    counters.firstPosition = this.#firstBefore;
    counters.events += this.#sizes.size;
    counters.bytes += this.#bytes;
    for (const { backlog, events, bytes } of this.#losses) {
      backlog.count(events, bytes);
      backlog.counters.lost -= events;
      backlog.unsyncedLost -= events;
    }
  }
}
