/**
 * The values of a data directory as bytes. Whatever carries data of users or state of deliveries begins with a
 * checksum of the rest, which is looked at with every read: a disk that changes a byte is found out.
 *
 *     event     crc:4 flags:1 accepted:6 size:4 stored-form…
 *     entry     (empty): new     0: new, nobody has asked the selector yet
 *               crc:4 attempts:4 due:6 delay:6 progress…
 *     letter    crc:4 stored:6 length:4 reason(JSON) stored-form…
 *     counters  8-byte numbers in the order of their interface
 */
import { type CloudEvent, decodeStored, encodeStored } from '@afflux/events';
// Experimental by its documentation on Node 20, there since 20.15, and plain CRC-32.
// eslint-disable-next-line n/no-unsupported-features/node-builtins
import { crc32 } from 'node:zlib';
import type { DeadLetterReason } from '@afflux/channels';

const CRC_BYTES = 4;
const TIME_BYTES = 6;

/** What stands before an event's stored form. */
const EVENT_HEAD_BYTES = CRC_BYTES + 1 + TIME_BYTES + 4;
const ENTRY_HEAD_BYTES = CRC_BYTES + 4 + 2 * TIME_BYTES;
const LETTER_HEAD_BYTES = CRC_BYTES + TIME_BYTES + 4;

/** A record that is not what was written. */
class DamagedRecord extends Error {}

function seal(record: Buffer): Buffer {
  record.writeUInt32BE(crc32(record.subarray(CRC_BYTES)), 0);
  return record;
}

function assertWhole(record: Buffer, headBytes: number): void {
  if (record.length >= headBytes && record.readUInt32BE(0) === crc32(record.subarray(CRC_BYTES)))
    return;
  throw new DamagedRecord('the checksum does not match');
}

export interface EventHead {
  /** Published to one subscription: no part of the channel's history. */
  readonly isAddressed: boolean;
  readonly acceptedMs: number;
  readonly sizeBytes: number;
}

const ADDRESSED = 1;

export function encodeEvent(event: CloudEvent, acceptedMs: number, isAddressed: boolean): Buffer {
  const record = encodeStored(event, EVENT_HEAD_BYTES);
  record[CRC_BYTES] = isAddressed ? ADDRESSED : 0;
  record.writeUIntBE(acceptedMs, CRC_BYTES + 1, TIME_BYTES);
  record.writeUInt32BE(event.sizeBytes, CRC_BYTES + 1 + TIME_BYTES);
  return seal(record);
}

/** What a record says of itself, without looking whether it is whole. */
export function eventHead(record: Buffer): EventHead {
  if (record.length < EVENT_HEAD_BYTES) throw new DamagedRecord('the record is too short');
  return {
    isAddressed: record[CRC_BYTES] === ADDRESSED,
    acceptedMs: record.readUIntBE(CRC_BYTES + 1, TIME_BYTES),
    sizeBytes: record.readUInt32BE(CRC_BYTES + 1 + TIME_BYTES),
  };
}

/** Whether an event's record is what was written. */
export function isWholeEvent(record: Buffer): boolean {
  try {
    assertWhole(record, EVENT_HEAD_BYTES);
    return true;
  } catch {
    return false;
  }
}

export function decodeEvent(record: Buffer): CloudEvent {
  assertWhole(record, EVENT_HEAD_BYTES);
  return decodeStored(record.subarray(EVENT_HEAD_BYTES));
}

/** What an entry remembers between two deliveries. */
export interface EntryState {
  /** Times the event was handed out, as far as that was recorded. */
  readonly attempts: number;
  /** Wall clock from which it may be handed out again; 0 = at once. */
  readonly dueMs: number;
  /** The wait that `dueMs` came from: after a jump of the clock nobody waits longer than this. */
  readonly delayMs: number;
  readonly progress: Uint8Array | undefined;
}

/** The value of a new entry that the selector has asked for. */
export const NEW_ENTRY = Buffer.alloc(0);
/** The value of a new entry whose subscription had no reader, and no selector. */
export const UNASKED_ENTRY = Buffer.of(0);
export const UNTRIED: EntryState = { attempts: 0, dueMs: 0, delayMs: 0, progress: undefined };

export function isUnasked(record: Buffer): boolean {
  return record.length === 1;
}

const HAS_PROGRESS = 2 ** 31;

export function encodeEntry({ attempts, dueMs, delayMs, progress }: EntryState): Buffer {
  const record = Buffer.allocUnsafe(ENTRY_HEAD_BYTES + (progress?.length ?? 0));
  record.writeUInt32BE(attempts + (progress === undefined ? 0 : HAS_PROGRESS), CRC_BYTES);
  record.writeUIntBE(Math.ceil(dueMs), CRC_BYTES + 4, TIME_BYTES);
  record.writeUIntBE(Math.ceil(delayMs), CRC_BYTES + 4 + TIME_BYTES, TIME_BYTES);
  if (progress !== undefined) record.set(progress, ENTRY_HEAD_BYTES);
  return seal(record);
}

export function decodeEntry(record: Buffer): EntryState {
  if (record.length <= UNASKED_ENTRY.length) return UNTRIED;
  assertWhole(record, ENTRY_HEAD_BYTES);
  const attempts = record.readUInt32BE(CRC_BYTES);
  return {
    attempts: attempts % HAS_PROGRESS,
    dueMs: record.readUIntBE(CRC_BYTES + 4, TIME_BYTES),
    delayMs: record.readUIntBE(CRC_BYTES + 4 + TIME_BYTES, TIME_BYTES),
    progress: attempts >= HAS_PROGRESS ? record.subarray(ENTRY_HEAD_BYTES) : undefined,
  };
}

export interface StoredLetter {
  readonly event: CloudEvent;
  readonly reason: DeadLetterReason;
  readonly storedMs: number;
}

export function encodeLetter({ event, reason, storedMs }: StoredLetter): Buffer {
  const reasonBytes = Buffer.from(JSON.stringify(reason));
  const record = encodeStored(event, LETTER_HEAD_BYTES + reasonBytes.length);
  record.writeUIntBE(storedMs, CRC_BYTES, TIME_BYTES);
  record.writeUInt32BE(reasonBytes.length, CRC_BYTES + TIME_BYTES);
  reasonBytes.copy(record, LETTER_HEAD_BYTES);
  return seal(record);
}

export function letterStoredMs(record: Buffer): number {
  return record.length < LETTER_HEAD_BYTES ? 0 : record.readUIntBE(CRC_BYTES, TIME_BYTES);
}

export function decodeLetter(record: Buffer): StoredLetter {
  assertWhole(record, LETTER_HEAD_BYTES);
  const end = LETTER_HEAD_BYTES + record.readUInt32BE(CRC_BYTES + TIME_BYTES);
  const reason = JSON.parse(record.toString('utf8', LETTER_HEAD_BYTES, end)) as DeadLetterReason;
  return {
    event: decodeStored(record.subarray(end)),
    reason,
    storedMs: record.readUIntBE(CRC_BYTES, TIME_BYTES),
  };
}

export interface ChannelCounters {
  nextPosition: number;
  /** No event is stored below it. */
  firstPosition: number;
  events: number;
  /** Of the records, as they are on the disk. */
  bytes: number;
  /** Wall clock given to the event accepted last. */
  lastAcceptedMs: number;
  /** Of the next dead letter. */
  nextLetter: number;
  letters: number;
  letterBytes: number;
  /** Events taken out because they were damaged. */
  damaged: number;
}

export const NEW_CHANNEL: Readonly<ChannelCounters> = {
  nextPosition: 1,
  firstPosition: 1,
  events: 0,
  bytes: 0,
  lastAcceptedMs: 0,
  nextLetter: 1,
  letters: 0,
  letterBytes: 0,
  damaged: 0,
};

export interface SubscriptionCounters {
  /** Entries. */
  depth: number;
  /** Sum of the `sizeBytes` of their events. */
  bytes: number;
  lost: number;
  letters: number;
}

export const NEW_SUBSCRIPTION: Readonly<SubscriptionCounters> = {
  depth: 0,
  bytes: 0,
  lost: 0,
  letters: 0,
};

/** A channel as `meta` keeps it. */
export interface ChannelRecord {
  readonly number: number;
  /** How long the last of what it holds is kept, by its settings when it was opened last. */
  readonly keptMs?: number;
  /** Since when nobody has it open. Absent: somebody does, or nobody has seen that yet. */
  readonly closedMs?: number;
}

/** A subscription as `meta` keeps it. */
export interface SubscriptionRecord {
  readonly id: string;
  readonly label: string;
  readonly createdMs: number;
  /** Since when nobody reads it. Absent: somebody does, or the process ended while somebody did. */
  readonly detachedMs?: number;
  /** It began before now: entries for the events of these positions are still being made. */
  readonly history?: { readonly next: number; readonly end: number };
}

/** Writes the numbers of a record of counters in the order of their keys. */
export function encodeCounters(counters: object): Buffer {
  const values = Object.values(counters) as number[];
  const record = Buffer.allocUnsafe(8 * values.length);
  for (const [index, value] of values.entries()) record.writeDoubleBE(value, 8 * index);
  return record;
}

/** Reads them back; a number that the record does not have yet keeps its value in `zero`. */
export function decodeCounters<T extends object>(record: Buffer | undefined, zero: T): T {
  const counters = { ...zero } as Record<string, number>;
  if (record === undefined) return counters as T;
  for (const [index, name] of Object.keys(zero).entries()) {
    if (8 * index < record.length) counters[name] = record.readDoubleBE(8 * index);
  }
  return counters as T;
}

export function encodeJson(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

// The caller says what it wrote.
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
export function decodeJson<T>(record: Buffer): T {
  return JSON.parse(record.toString()) as T;
}
