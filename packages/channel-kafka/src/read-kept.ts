/**
 * Reads what the topic keeps, without a group and beside the live traffic: one bounded batch of one partition at a
 * time, the partitions in turn, each from its beginning to the end it had when the read began.
 */
import type { KeptEvent, ReadOptions } from '@afflux/channels';
import { abortedError } from '@afflux/kernel';
import { administrationError } from './client/errors.ts';
import type { KafkaAdmin, PartitionEnds } from './client/index.ts';
import { wantedOffsets } from './group-offsets.ts';
import { positionOf } from './position.ts';
import { decodeRecord } from './wire.ts';

export interface KeptSource {
  /** For this read alone; closed when it ends. */
  openAdmin(): KafkaAdmin;
  readonly topic: string;
  readonly addOffsetAttributes: boolean;
}

interface Span {
  readonly partition: number;
  next: number;
  readonly end: number;
}

export async function* readKept(
  source: KeptSource,
  options: ReadOptions,
): AsyncGenerator<KeptEvent, void, undefined> {
  const { signal } = options;
  checkAborted(signal);
  const admin = source.openAdmin();
  try {
    const spans = await answered(spansOf(admin, source.topic, options));
    while (spans.some(isOpen)) {
      for (const span of spans.filter(isOpen)) {
        checkAborted(signal);
        yield* readSpan(admin, source, span);
      }
    }
  } finally {
    await admin.close();
  }
}

function isOpen(span: Span): boolean {
  return span.next < span.end;
}

async function* readSpan(
  admin: KafkaAdmin,
  { topic, addOffsetAttributes }: KeptSource,
  span: Span,
): AsyncGenerator<KeptEvent, void, undefined> {
  const { partition } = span;
  const { records, nextOffset } = await answered(admin.fetch(topic, partition, span.next));
  for (const record of records) {
    if (record.offset >= span.end) break;
    const { offset, timestampMs } = record;
    const { event } = decodeRecord(record, addOffsetAttributes ? { partition, offset } : undefined);
    if (event === undefined) continue;
    yield { event, position: positionOf(partition, offset), acceptedMs: timestampMs };
  }
  span.next = nextOffset > span.next ? nextOffset : span.next + 1;
}

async function spansOf(admin: KafkaAdmin, topic: string, options: ReadOptions): Promise<Span[]> {
  const { from, to } = options;
  const ends = await admin.ends(topic);
  const begins = await wantedOffsets(admin, topic, from);
  const stops = to === undefined ? undefined : await wantedOffsets(admin, topic, to);
  return ends.map(({ partition, low, high }: PartitionEnds) => ({
    partition,
    next: Math.max(begins?.get(partition) ?? low, low),
    end: Math.min(stops?.get(partition) ?? high, high),
  }));
}

async function answered<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (typeof code === 'string' && code.startsWith('AFFLUX_')) throw error;
    throw administrationError('be read', error);
  }
}

function checkAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw abortedError(signal);
}
