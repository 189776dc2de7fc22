/**
 * Entries for a subscription that begins before now: the events that were there when it was made are gone through
 * in small steps, each of which writes its entries and how far it has come in one transaction.
 */
import { type Batch, type Pair, pairs, type Work } from '@afflux/data-directory';
import type { Backlog } from './backlog.ts';
import { positionKey, positionOf, positionRange } from './keys.ts';
import {
  decodeEvent,
  eventHead,
  NEW_ENTRY,
  type SubscriptionRecord,
  UNASKED_ENTRY,
} from './records.ts';

const STEP_EVENTS_MAX = 256;

/** The end of a history that no transaction has seen yet. */
export const UNKNOWN_END = 0;

export class HistoryFill implements Work {
  readonly bytes = 0;
  readonly isKept = true;
  readonly #backlog: Backlog;
  #before: SubscriptionRecord;
  /** The first entries are there, or cannot be made now. */
  readonly begun: Promise<void>;
  #begin: () => void = () => undefined;
  #events = 0;
  #eventBytes = 0;

  constructor(backlog: Backlog) {
    this.#backlog = backlog;
    this.#before = backlog.record;
    this.begun = new Promise((resolve) => {
      this.#begin = resolve;
    });
  }

  submit(): void {
    this.#backlog.owner.channelState.directory.writer.submit(this);
  }

  write(batch: Batch): void {
    const backlog = this.#backlog;
    this.#before = backlog.record;
    this.#events = this.#eventBytes = 0;
    const { history, ...rest } = this.#before;
    if (history === undefined || backlog.isDropped) return;
    batch.touch(backlog);
    if (history.end === UNKNOWN_END) {
      this.#fixEnd(rest, history.next);
      return;
    }
    const { tables, number } = backlog.owner.channelState;
    const range = positionRange(number, history.next, history.end);
    const found = pairs(tables.events, range, STEP_EVENTS_MAX);
    for (const pair of found) this.#enter(pair);
    const last = found.at(-1);
    const isDone = found.length < STEP_EVENTS_MAX || last === undefined;
    backlog.record = isDone
      ? rest
      : { ...rest, history: { ...history, next: positionOf(last.key) + 1 } };
    backlog.count(this.#events, this.#eventBytes);
    backlog.writeRecord();
  }

  /**
   * Everything that was published before the subscription was made has its position by now, and what is published
   * since is matched with it. What stands in this transaction cannot be read before the next.
   */
  #fixEnd(rest: SubscriptionRecord, next: number): void {
    const end = this.#backlog.owner.channelState.counters.nextPosition;
    this.#backlog.record = { ...rest, history: { next, end } };
    this.#backlog.writeRecord();
  }

  #enter({ key, value }: Pair): void {
    const backlog = this.#backlog;
    const { tables } = backlog.owner.channelState;
    const { isAddressed, sizeBytes } = eventHead(value);
    if (isAddressed) return;
    if (backlog.hasReader && !this.#isWanted(value)) return;
    const entry = backlog.hasReader ? NEW_ENTRY : UNASKED_ENTRY;
    void tables.entries.put(positionKey(backlog.main.number, positionOf(key)), entry);
    this.#events += 1;
    this.#eventBytes += sizeBytes;
  }

  /** What is damaged is wanted: whoever reads it says so. */
  #isWanted(record: Buffer): boolean {
    try {
      return this.#backlog.wants(decodeEvent(record));
    } catch {
      return true;
    }
  }

  committed(): void {
    const { record, isDropped } = this.#backlog;
    this.#backlog.look();
    if (this.#before.history?.end !== UNKNOWN_END) this.#begin();
    if (record.history !== undefined && !isDropped) this.submit();
  }

  failed(): void {
    this.#begin();
    this.#backlog.record = this.#before;
    this.#backlog.count(-this.#events, -this.#eventBytes);
  }
}
