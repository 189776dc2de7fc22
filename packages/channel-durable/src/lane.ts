/**
 * One of the two queues of a backlog. Events published to all and events published to this subscription alone
 * (redriven, replayed) have entries under different numbers and are read beside each other, so that neither waits
 * for all of the others.
 */
import { Heap } from '@afflux/channels/driver';
import { BacklogReader } from './backlog-reader.ts';
import type { Backlog } from './backlog.ts';
import { EntryChanges } from './changes.ts';
import { type DurableDelivery, isBeforeByPosition } from './delivery.ts';

/** Settlements that are not written: while the disk is full nothing new is read beyond them. */
const CHANGES_MAX = 10_000;

export class Lane {
  /** First part of the keys of its entries. */
  readonly number: number;
  readonly backlog: Backlog;
  readonly changes = new EntryChanges();
  readonly ready = new Heap<DurableDelivery>(isBeforeByPosition);
  readonly reader: BacklogReader;
  /** Events in memory, and their bytes. */
  events = 0;
  bytes = 0;

  constructor(backlog: Backlog, number: number) {
    this.backlog = backlog;
    this.number = number;
    this.reader = new BacklogReader(this);
  }

  /** Whether memory has room for one more event. */
  get hasRoom(): boolean {
    const { eventsMax, bytesMax } = this.backlog.bounds;
    return (
      this.events < eventsMax &&
      this.bytes < bytesMax &&
      this.changes.size < CHANGES_MAX &&
      this.backlog.hasRoomToWait
    );
  }

  /** Whether there is room for a good part of what may be held: reading an event at a time would read most twice. */
  get hasMuchRoom(): boolean {
    const { eventsMax, bytesMax } = this.backlog.bounds;
    return this.hasRoom && this.events <= eventsMax / 2 && this.bytes <= bytesMax / 2;
  }

  /** A durable event that the subscription wants. `isAsked`: its selector was asked. */
  isNext(position: number, isAsked: boolean): boolean {
    const { reader } = this;
    if (reader.isBehind || position <= reader.readTo) return false;
    if (this.backlog.hasReader && isAsked && this.hasRoom) {
      reader.readTo = position;
      return true;
    }
    reader.isBehind = true;
    reader.wake();
    return false;
  }
}
