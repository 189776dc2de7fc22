/**
 * One subscription's reading: records of the partitions this process owns, held until they are done, and the
 * commits of what is done. It never waits for a subscriber: records go into memory and the fetch goes on, until a
 * partition has its share of the bounds or is too far ahead of its commit point; then it pauses that partition.
 *
 * Commits hold the contiguous done prefix alone, and with it attempts and progress of what was tried. What happens
 * to a record of a partition that was lost in between has no effect: whoever owns it now delivers it again.
 */
import type { CloudEvent } from '@afflux/events';
import type { Clock, Logger } from '@afflux/kernel';
import type { DeadLetterReason, ProgressCodec, QueueBounds } from '@afflux/channels';
import { Alarm } from '@afflux/channels/driver';
import type {
  GroupConsumer,
  GroupMember,
  KafkaAdmin,
  KafkaRecord,
  RecordBatch,
} from './client/index.ts';
import { readCommitMetadata, type TriedRecord, writeCommitMetadata } from './commit-metadata.ts';
import { DoneMemory } from './done-memory.ts';
import { GroupPlaces } from './group-places.ts';
import { type HeldRecord, OwnedPartition } from './owned-partition.ts';
import { PartitionTracker } from './partition-tracker.ts';
import { WaitingRecords } from './waiting-records.ts';

const COMMIT_MS = 1_000;
const COMMIT_DONE = 500;
/** Offsets expire in Kafka when nothing is committed for days. */
const RECOMMIT_MS = 6 * 3_600_000;
/** One stuck event can cause no larger replay than this. */
const WINDOW_MAX = 10_000;
const SHARE_MIN = 16;

export interface ReaderHost {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly admin: KafkaAdmin;
  /** The event to deliver, undefined when the record is none or is not wanted. */
  accept(record: KafkaRecord, topic: string, partition: number): CloudEvent | undefined;
  onReadable(): void;
  /** A record that was given up, and released because it could not be written among the dead letters, is due. */
  onGivenUp(record: HeldRecord, reason: DeadLetterReason): void;
  /** Nothing is handed out and unsettled any more. */
  onQuiet(): void;
  /** Records that Kafka no longer had when they were to be read. */
  onLostRecords(count: number): void;
}

export class GroupReader implements GroupMember {
  readonly #host: ReaderHost;
  readonly #group: string;
  readonly #topics: readonly string[];
  readonly #partitions = new Map<string, OwnedPartition>();
  #order: OwnedPartition[] = [];
  #turn = 0;
  #remembered = new Map<string, ReadonlyMap<number, TriedRecord>>();
  readonly #doneBefore = new DoneMemory();
  #loading: Promise<void> = Promise.resolve();
  #committing: Promise<void> = Promise.resolve();
  #doneSince = 0;
  #inFlight = 0;
  #isRebalancing = false;
  readonly #places = new GroupPlaces();
  readonly #commitAlarm: Alarm;
  readonly #waiting: WaitingRecords;
  consumer: GroupConsumer | undefined;
  bounds: QueueBounds;
  codec: ProgressCodec<unknown> | undefined;
  trouble: string | undefined;
  onTroubleChange: () => void = () => undefined;

  constructor(
    host: ReaderHost,
    group: string,
    topics: readonly string[],
    bounds: QueueBounds,
    codec: ProgressCodec<unknown> | undefined,
  ) {
    this.#host = host;
    this.#group = group;
    this.#topics = topics;
    this.bounds = bounds;
    this.codec = codec;
    this.#commitAlarm = new Alarm(host.clock, () => void this.commit().catch(() => undefined));
    this.#waiting = new WaitingRecords(host.clock, (records) => {
      for (const record of records) this.#makeDue(record);
      host.onReadable();
    });
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get partitions(): readonly OwnedPartition[] {
    return this.#order;
  }

  /** The group begins here. */
  standsAt(partition: number, offset: number): void {
    this.#places.set(partition, offset);
  }

  /** Records that were written up to `ends` and that this member has not read. */
  unread(topic: string, ends: ReadonlyMap<number, number>): number {
    const main = this.#order.filter((owned) => owned.topic === topic);
    return this.#places.unread(main, ends);
  }

  owns(topic: string, partition: number): boolean {
    return this.#partitions.has(keyOf({ topic, partition }));
  }

  // What the consumer tells.

  onTrouble(trouble: string | undefined): void {
    this.trouble = trouble;
    this.onTroubleChange();
  }

  onAssigned(
    assignment: Readonly<Record<string, number[]>>,
    isContinued: boolean,
  ): { topic: string; partition: number; offset: number }[] {
    this.#isRebalancing = false;
    if (!isContinued) this.#dropAll();
    const now = Object.entries(assignment).flatMap(([topic, numbers]) =>
      numbers.map((partition) => ({ topic, partition, key: keyOf({ topic, partition }) })),
    );
    const wanted = new Set(now.map(({ key }) => key));
    for (const [key, owned] of this.#partitions) if (!wanted.has(key)) this.#drop(key, owned);
    const seeks: { topic: string; partition: number; offset: number }[] = [];
    const gained: OwnedPartition[] = [];
    for (const { topic, partition, key } of now) {
      const kept = this.#partitions.get(key);
      if (kept?.tracker !== undefined) {
        seeks.push({ topic, partition, offset: kept.fetchedTo });
        if (kept.isPaused) this.consumer?.pause(topic, partition);
      } else {
        const owned = kept ?? new OwnedPartition(topic, partition);
        this.#partitions.set(key, owned);
        gained.push(owned);
        // The client library keeps a pause from the last time that the partition was here.
        this.consumer?.resume(topic, partition);
      }
    }
    this.#order = [...this.#partitions.values()];
    if (gained.length > 0) this.#loading = this.#load(gained);
    if (this.#order.some(({ due }) => due.size > 0)) this.#host.onReadable();
    return seeks;
  }

  async onRecords(batch: RecordBatch): Promise<void> {
    await this.#loading;
    const owned = this.#partitions.get(keyOf(batch));
    if (owned === undefined) return;
    const first = batch.records[0]?.offset ?? batch.nextOffset;
    // The topic was deleted and made again: what is known of the old one counts for nothing. A new leader may say for
    // a while that the partition ends earlier, but it hands out nothing from before.
    const isBack = batch.records.length > 0 && first < owned.fetchedTo;
    if (owned.tracker !== undefined && isBack && batch.endOffset < owned.fetchedTo) {
      for (const record of [...owned.tracker.items()]) this.#forget(record);
      owned.reset();
      this.#doneBefore.forget(keyOf(owned));
    }
    if (owned.tracker === undefined) {
      owned.tracker = new PartitionTracker(first);
      owned.fetchedTo = first;
    }
    if (first > owned.fetchedTo) void this.#countLost(owned, owned.fetchedTo, first);
    for (const record of batch.records)
      if (record.offset >= owned.fetchedTo) owned.raw.push(record);
    owned.fetchedTo = Math.max(owned.fetchedTo, batch.nextOffset);
    owned.endOffset = Math.max(owned.endOffset, batch.endOffset);
    this.#refill(owned);
    this.#pauseIfFull(owned);
    this.#dirty();
  }

  /** From now on what is done cannot be committed here any more: nothing is handed out until it is settled. */
  onRebalancing(): void {
    this.#isRebalancing = true;
    void this.commit().catch(() => undefined);
  }

  onLost(): void {
    this.#isRebalancing = false;
    this.#dropAll();
  }

  // What the subscription asks for.

  /** The lowest due record of the partition whose turn it is. */
  next(): HeldRecord | undefined {
    if (this.#isRebalancing) return undefined;
    for (let tried = 0; tried < this.#order.length; tried++) {
      this.#turn = (this.#turn + 1) % this.#order.length;
      const record = this.#order[this.#turn]?.due.pop();
      if (record === undefined) continue;
      record.state = 'taken';
      record.attempt += 1;
      record.dueMs = 0;
      this.#inFlight += 1;
      this.#dirty();
      return record;
    }
    return undefined;
  }

  done(record: HeldRecord): void {
    if (record.state !== 'taken') return;
    record.owner.finish(record);
    this.#doneSince += 1;
    if (this.#doneSince >= COMMIT_DONE) void this.commit().catch(() => undefined);
    else this.#dirty();
    this.#resumeIfRoom(record.owner);
    this.#settled();
  }

  release(record: HeldRecord, delayMs: number, progress: unknown): void {
    if (record.state !== 'taken') return;
    record.progress = progress;
    if (delayMs > 0) {
      record.dueMs = this.#host.clock.now() + delayMs;
      record.delayMs = delayMs;
      this.#waiting.add(record, delayMs);
    } else {
      this.#makeDue(record);
    }
    this.#dirty();
    this.#settled();
    if (delayMs <= 0) this.#host.onReadable();
  }

  save(record: HeldRecord, progress: unknown): void {
    if (record.state !== 'taken') return;
    record.progress = progress;
    this.#dirty();
  }

  /** Commits what is done, and what is known of the rest. Rejects when that is not possible now. */
  commit(): Promise<void> {
    const committing = this.#committing.then(() => this.#commit());
    this.#committing = committing.catch(() => undefined);
    return committing;
  }

  /** Sees to what time brings: offsets that would expire, partitions that may go on. */
  tick(): void {
    const nowMs = this.#host.clock.monotonicMs();
    for (const owned of this.#order) {
      if (owned.committedMs + RECOMMIT_MS < nowMs) owned.committedOffset = -1;
      this.#resumeIfRoom(owned);
    }
    this.#dirty();
  }

  stop(): void {
    this.#commitAlarm.cancel();
    this.#waiting.stop();
    this.#dropAll();
  }

  async #load(gained: readonly OwnedPartition[]): Promise<void> {
    try {
      const committed = await this.#host.admin.committed(this.#group, this.#topics);
      for (const owned of gained) {
        const found = committed.find(
          ({ topic, partition }) => topic === owned.topic && partition === owned.partition,
        );
        if (found === undefined) this.#doneBefore.forget(keyOf(owned));
        if (found === undefined || owned.tracker !== undefined) continue;
        owned.tracker = new PartitionTracker(found.offset);
        owned.fetchedTo = found.offset;
        owned.committedOffset = found.offset;
        owned.committedMetadata = found.metadata ?? '';
        owned.committedMs = this.#host.clock.monotonicMs();
        const notes = readCommitMetadata(found.offset, found.metadata);
        const wasDoneHere = this.#doneBefore.recall(keyOf(owned));
        owned.wasDone = (offset) => notes.isDone(offset) || wasDoneHere(offset);
        owned.tried = this.#merged(owned, notes.tried);
      }
    } catch {
      this.#host.logger.warn(
        { group: this.#group },
        'attempts of earlier deliveries are not known',
      );
    }
  }

  #merged(owned: OwnedPartition, tried: readonly TriedRecord[]): ReadonlyMap<number, TriedRecord> {
    const merged = new Map(tried.map((each) => [each.offset, each]));
    const key = keyOf(owned);
    for (const [offset, each] of this.#remembered.get(key) ?? []) {
      if ((merged.get(offset)?.attempt ?? 0) <= each.attempt) merged.set(offset, each);
    }
    this.#remembered.delete(key);
    return merged;
  }

  #take(owned: OwnedPartition, tracker: PartitionTracker<HeldRecord>, record: KafkaRecord): void {
    if (!tracker.isNew(record.offset)) return;
    const event = owned.wasDone(record.offset)
      ? undefined
      : this.#host.accept(record, owned.topic, owned.partition);
    if (event === undefined) {
      tracker.passed(record.offset + 1);
      this.#doneSince += 1;
      return;
    }
    const tried = owned.tried.get(record.offset);
    const held: HeldRecord = {
      owner: owned,
      offset: record.offset,
      event,
      acceptedMs: record.timestampMs,
      attempt: tried?.attempt ?? 0,
      progress: this.#decode(tried?.progress),
      state: 'due',
      dueMs: tried?.dueMs ?? 0,
      delayMs: tried?.delayMs ?? 0,
    };
    owned.hold(held);
    const delayMs = Math.min(held.dueMs - this.#host.clock.now(), held.delayMs);
    if (delayMs > 0) this.#waiting.add(held, delayMs);
    else this.#makeDue(held);
  }

  #decode(progress: Uint8Array | undefined): unknown {
    if (progress === undefined) return undefined;
    try {
      return this.codec?.decode(progress);
    } catch {
      return undefined;
    }
  }

  #encode = (progress: unknown): Uint8Array | undefined =>
    progress === undefined ? undefined : this.codec?.encode(progress);

  #makeDue(record: HeldRecord): void {
    if (record.givenUp !== undefined) {
      record.state = 'taken';
      this.#inFlight += 1;
      this.#host.onGivenUp(record, record.givenUp);
      return;
    }
    record.state = 'due';
    record.owner.due.push(record);
  }

  /** Decodes what was fetched, as far as there is room; the rest waits as bytes. */
  #refill(owned: OwnedPartition): void {
    const { tracker, raw } = owned;
    if (tracker === undefined) return;
    let taken = 0;
    while (taken < raw.length && !this.#isHolding(owned, 1)) {
      const record = raw[taken];
      taken += 1;
      if (record !== undefined) this.#take(owned, tracker, record);
    }
    raw.splice(0, taken);
    if (raw.length === 0) tracker.passed(owned.fetchedTo);
    if (owned.due.size > 0) this.#host.onReadable();
  }

  #refillSoon(owned: OwnedPartition): void {
    if (owned.isRefilling || owned.raw.length === 0 || this.#isHolding(owned, 0.5)) return;
    owned.isRefilling = true;
    this.#host.clock.setTimer(0, () => {
      owned.isRefilling = false;
      if (owned.isLost) return;
      this.#refill(owned);
      this.#resumeIfRoom(owned);
    });
  }

  #pauseIfFull(owned: OwnedPartition): void {
    if (owned.isPaused || !this.#isFull(owned, 1)) return;
    owned.isPaused = true;
    this.consumer?.pause(owned.topic, owned.partition);
  }

  #resumeIfRoom(owned: OwnedPartition): void {
    this.#refillSoon(owned);
    if (!owned.isPaused || owned.isLost || this.#isFull(owned, 0.5)) return;
    owned.isPaused = false;
    this.consumer?.resume(owned.topic, owned.partition);
  }

  #isFull(owned: OwnedPartition, ratio: number): boolean {
    return owned.raw.length > 0 || this.#isHolding(owned, ratio);
  }

  #isHolding(owned: OwnedPartition, ratio: number): boolean {
    const parts = Math.max(1, this.#order.length);
    const events = Math.max(SHARE_MIN, Math.floor(this.bounds.eventsMax / parts)) * ratio;
    const bytes = (this.bounds.bytesMax / parts) * ratio;
    const window = owned.tracker?.window ?? 0;
    return owned.events >= events || owned.bytes >= bytes || window >= WINDOW_MAX * ratio;
  }

  #dirty(): void {
    this.#commitAlarm.set(this.#host.clock.monotonicMs() + COMMIT_MS);
  }

  async #commit(): Promise<void> {
    this.#doneSince = 0;
    const changes = this.#order.flatMap((owned) => {
      if (owned.tracker === undefined) return [];
      const offset = owned.tracker.commitPoint;
      const metadata = writeCommitMetadata({
        base: offset,
        tried: owned.triedRecords(this.#encode),
        open: owned.tracker.offsets(),
        readTo: owned.tracker.nextFetch,
      });
      const isOld = offset === owned.committedOffset && metadata === owned.committedMetadata;
      return isOld ? [] : [{ owned, offset, metadata }];
    });
    if (changes.length === 0) return;
    try {
      if (this.consumer === undefined) throw new Error('no member');
      await this.consumer.commit(
        changes.map(({ owned: { topic, partition }, offset, metadata }) => ({
          topic,
          partition,
          offset,
          metadata,
        })),
      );
    } catch (error) {
      this.#dirty();
      throw error;
    }
    for (const { owned, offset, metadata } of changes) {
      owned.committedOffset = offset;
      owned.committedMetadata = metadata;
      owned.committedMs = this.#host.clock.monotonicMs();
      if (owned.topic === this.#topics[0]) this.#places.set(owned.partition, offset);
    }
  }

  async #countLost(owned: OwnedPartition, from: number, first: number): Promise<void> {
    try {
      const ends = await this.#host.admin.ends(owned.topic);
      const low = ends.find(({ partition }) => partition === owned.partition)?.low ?? 0;
      const lost = Math.min(low, first) - from;
      if (lost > 0) this.#host.onLostRecords(lost);
    } catch {
      this.#host.logger.warn({ group: this.#group }, 'a gap in the offsets could not be explained');
    }
  }

  #dropAll(): void {
    for (const [key, owned] of this.#partitions) this.#drop(key, owned);
    this.#order = [];
  }

  #drop(key: string, owned: OwnedPartition): void {
    owned.isLost = true;
    const tried = owned.triedRecords(this.#encode);
    if (tried.length > 0) this.#remembered.set(key, new Map(tried.map((t) => [t.offset, t])));
    const { tracker } = owned;
    if (tracker !== undefined) {
      this.#doneBefore.remember(key, tracker.nextFetch, tracker.offsets());
    }
    for (const record of [...(owned.tracker?.items() ?? [])]) this.#forget(record);
    owned.due.clear();
    this.#partitions.delete(key);
    this.#order = [...this.#partitions.values()];
  }

  #forget(record: HeldRecord): void {
    const wasTaken = record.state === 'taken';
    record.owner.finish(record);
    this.#waiting.delete(record);
    if (wasTaken) this.#settled();
  }

  #settled(): void {
    this.#inFlight -= 1;
    if (this.#inFlight === 0) this.#host.onQuiet();
  }
}

function keyOf({
  topic,
  partition,
}: {
  readonly topic: string;
  readonly partition: number;
}): string {
  return `${topic}/${String(partition)}`;
}
