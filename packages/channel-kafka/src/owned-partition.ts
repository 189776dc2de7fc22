/** One partition while this process owns it: what was read of it, what is due, and what is committed. */
import type { DeadLetterReason } from '@afflux/channels';
import type { CloudEvent } from '@afflux/events';
import { Heap } from '@afflux/channels/driver';
import type { KafkaRecord } from './client/index.ts';
import type { PartitionTracker } from './partition-tracker.ts';
import type { TriedRecord } from './commit-metadata.ts';

export interface HeldRecord {
  readonly owner: OwnedPartition;
  readonly offset: number;
  readonly event: CloudEvent;
  readonly acceptedMs: number;
  /** Hand-outs so far. */
  attempt: number;
  progress: unknown;
  state: 'due' | 'waiting' | 'taken' | 'gone';
  /** Wall clock from which it is due again; 0 = at once. */
  dueMs: number;
  /** The wait that `dueMs` came from. */
  delayMs: number;
  /** It was given up, for this: from now on it is written among the dead letters, and handed out to nobody. */
  givenUp?: DeadLetterReason;
}

function isBefore(left: HeldRecord, right: HeldRecord): boolean {
  return left.offset < right.offset;
}

export class OwnedPartition {
  readonly topic: string;
  readonly partition: number;
  tracker: PartitionTracker<HeldRecord> | undefined;
  readonly due = new Heap<HeldRecord>(isBefore);
  /** Attempts and progress that were committed, or remembered, before the records themselves are here. */
  tried: ReadonlyMap<number, TriedRecord> = new Map();
  /** What was done behind the committed offset before this process owned the partition. */
  wasDone: (offset: number) => boolean = () => false;
  /** Fetched and not decoded: there was no room. */
  readonly raw: KafkaRecord[] = [];
  /** Where the next fetch begins. */
  fetchedTo = 0;
  isRefilling = false;
  bytes = 0;
  isPaused = false;
  isLost = false;
  endOffset = 0;
  committedOffset = -1;
  committedMetadata = '';
  committedMs = 0;

  constructor(topic: string, partition: number) {
    this.topic = topic;
    this.partition = partition;
  }

  get events(): number {
    return this.tracker?.size ?? 0;
  }

  /** Nothing is known of it any more. */
  reset(): void {
    this.due.clear();
    this.raw.length = 0;
    this.fetchedTo = 0;
    this.endOffset = 0;
    this.committedOffset = -1;
    this.tried = new Map();
    this.wasDone = () => false;
    this.tracker = undefined;
  }

  hold(record: HeldRecord): void {
    this.tracker?.hold(record.offset, record);
    this.bytes += record.event.sizeBytes;
  }

  finish(record: HeldRecord): void {
    record.state = 'gone';
    if (this.tracker?.done(record.offset) === true) this.bytes -= record.event.sizeBytes;
  }

  /** Those that were handed out at least once, for the commit's metadata. */
  triedRecords(encode: (progress: unknown) => Uint8Array | undefined): TriedRecord[] {
    const found: TriedRecord[] = [];
    for (const { offset, attempt, progress, dueMs, delayMs } of this.tracker?.items() ?? []) {
      if (attempt === 0) continue;
      found.push({ offset, attempt, progress: encode(progress), dueMs, delayMs });
    }
    return found;
  }
}
