/**
 * One producer for all who write to a cluster. The client library makes one request of each send; here sends to
 * one topic that come while a request is under way are gathered into the next one (natural batching): an idle
 * producer adds no wait, a busy one sends large batches.
 *
 * - One request per topic at a time keeps the order in each partition, also over retries, without the library's
 *   idempotence.
 * - A send is done when all replicas in sync have it. It is tried again until its deadline, partition by partition,
 *   so that one whose leader is gone does not have the others store their part again and again; then it is
 *   `unavailable` when nothing of it can have been stored, `unknown` otherwise.
 * - What waits is bounded in records and bytes. While the cluster is away, sends are refused at once, and a
 *   background loop connects again for ever.
 */
import { ChannelUnavailable, outcomeUnknown } from '@afflux/channels';
import { backoffMs, type Clock, type Logger, type OnStep, type Random } from '@afflux/kernel';
import type { Message, PartitionMetadata, Producer } from 'kafkajs';
import type { KafkaConnection } from './connection.ts';
import { isRefusal, isTooLarge, mayBeStored, rootCause, shortReason } from './errors.ts';
import { openLibrary } from './library.ts';
import { partitionOf } from './murmur2.ts';
import { NoAnswer, within } from './time.ts';

export interface OutgoingRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer>>;
}

export interface ProducerOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Called when the cluster was lost or found again. */
  readonly onTrouble: (trouble: string | undefined) => void;
}

/** A record that the cluster will never take. */
export class RecordTooLarge extends Error {}

const RECORDS_MAX = 20_000;
const BYTES_MAX = 33_554_432;
const BATCH_RECORDS = 512;
const BATCH_BYTES = 524_288;
const DEADLINE_MS = 10_000;
const CONNECT_MS_MAX = 8_000;
const CLOSE_MS_MAX = 5_000;
/** Requests of which nobody knows what became: each of them may have stored a copy. */
const DOUBTS_MAX = 3;
const RETRY = { policy: 'exponential', delayMs: 50, delayMsMax: 1_000 } as const;
const RECONNECT = { policy: 'exponential', delayMs: 250, delayMsMax: 5_000 } as const;
const REFUSED_MS = 15_000;
const ALL_REPLICAS = -1;
const STICKY_BYTES = 16_384;
const PARTITIONS_MAX = 10_000;
const NO_ENDS: ReadonlyMap<number, number> = new Map();

interface Send {
  readonly records: readonly OutgoingRecord[];
  readonly bytes: number;
  readonly deadlineMs: number;
  readonly onStep: OnStep | undefined;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

interface TopicLine {
  readonly topic: string;
  readonly waiting: Send[];
  isBusy: boolean;
  /** Brokers that lead partitions of the topic, as of the last request. */
  leaders: number;
  /** Partitions of the topic, likewise. */
  partitions: number;
  /** Where records without a key go, until so many bytes went there: large batches, and an even share over time. */
  stickyPartition: number;
  stickyBytes: number;
  /** Records by partition in the request that is under way. */
  readonly sent: Map<number, number>;
  /** By partition, the offset after the last record that was written from here. */
  readonly ends: Map<number, number>;
}

export class KafkaProducer {
  readonly #connection: KafkaConnection;
  readonly #options: ProducerOptions;
  readonly #closing = new AbortController();
  readonly #lines = new Map<string, TopicLine>();
  #producer: Producer | undefined;
  #connecting: Promise<void> | undefined;
  #trouble: string | undefined;
  #records = 0;
  #bytes = 0;
  #idle: (() => void) | undefined;

  constructor(connection: KafkaConnection, options: ProducerOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  /** What keeps it from sending now. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Connects in the background. */
  start(): void {
    if (this.#producer === undefined) this.#connecting ??= this.#connect();
  }

  /**
   * All of the records or, as far as Kafka allows, none: they go in one request unless they are too many. Rejects
   * with {@link RecordTooLarge}, `AFFLUX_CHANNEL_UNAVAILABLE` or `AFFLUX_CHANNEL_OUTCOME_UNKNOWN`.
   */
  send(topic: string, records: readonly OutgoingRecord[], onStep?: OnStep): Promise<void> {
    if (this.#trouble !== undefined) return Promise.reject(this.#unavailable());
    const bytes = records.reduce((total, record) => total + recordBytes(record), 0);
    if (this.#records + records.length > RECORDS_MAX || this.#bytes + bytes > BYTES_MAX) {
      return Promise.reject(new ChannelUnavailable('too many events wait to be written to Kafka'));
    }
    this.start();
    this.#records += records.length;
    this.#bytes += bytes;
    return new Promise<void>((resolve, reject) => {
      const deadlineMs = this.#options.clock.monotonicMs() + DEADLINE_MS;
      const line = this.#line(topic);
      line.waiting.push({ records, bytes, deadlineMs, onStep, resolve, reject });
      if (!line.isBusy) void this.#flush(line);
    }).finally(() => {
      this.#records -= records.length;
      this.#bytes -= bytes;
      if (this.#records === 0) this.#idle?.();
    });
  }

  /** By partition, the offset after the last record that this producer wrote to a topic. */
  ends(topic: string): ReadonlyMap<number, number> {
    return this.#lines.get(topic)?.ends ?? NO_ENDS;
  }

  /** The topic was deleted and made again: partitions that end before what was written there. */
  forgetEnds(topic: string, isOld: (partition: number) => boolean): void {
    const ends = this.#lines.get(topic)?.ends ?? new Map<number, number>();
    for (const partition of ends.keys()) if (isOld(partition)) ends.delete(partition);
  }

  /** Waits for what is under way, which its deadline bounds, and disconnects. */
  async close(): Promise<void> {
    if (this.#records > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
    this.#closing.abort();
    await this.#connecting;
    const producer = this.#producer;
    this.#producer = undefined;
    if (producer !== undefined) await this.#leave(producer);
  }

  #line(topic: string): TopicLine {
    let line = this.#lines.get(topic);
    if (line === undefined) {
      const stickyPartition = Math.floor(this.#options.random.next() * PARTITIONS_MAX);
      line = {
        topic,
        waiting: [],
        isBusy: false,
        leaders: 1,
        partitions: 1,
        stickyPartition,
        stickyBytes: 0,
        sent: new Map(),
        ends: new Map(),
      };
      this.#lines.set(topic, line);
    }
    return line;
  }

  async #flush(line: TopicLine): Promise<void> {
    line.isBusy = true;
    // Whatever else is published in this turn of the event loop goes along.
    await Promise.resolve();
    while (line.waiting.length > 0) await this.#write(line, takeBatch(line.waiting));
    line.isBusy = false;
  }

  /** Settles every send of the batch. */
  async #write(line: TopicLine, batch: readonly Send[]): Promise<void> {
    const { clock, random } = this.#options;
    let left = batch;
    let doubts = 0;
    const stored = new Set<OutgoingRecord>();
    for (let attempt = 1; left.length > 0; attempt += 1) {
      const failure = await this.#attempt(line, left, stored, attempt > 1);
      const [done, open] = split(left, (send) => isStored(send, stored));
      for (const { resolve } of done) resolve();
      if (failure === undefined) return;
      if (isTooLarge(failure.error)) {
        await this.#refuseLarge(line, open);
        return;
      }
      if (failure.isInDoubt) doubts += 1;
      if (needsNewClient(failure.error)) this.#lose(failure.error);
      const waitMs = backoffMs(attempt, RETRY) * (1 + random.next() / 10);
      const nowMs = clock.monotonicMs();
      const isOver =
        isRefusal(failure.error) || this.#trouble !== undefined || doubts >= DOUBTS_MAX;
      const [rest, expired] = split(open, (send) => !isOver && nowMs + waitMs < send.deadlineMs);
      for (const { reject } of expired) reject(this.#giveUp(failure.error, doubts > 0));
      left = rest;
      if (left.length > 0) await clock.sleep(waitMs);
    }
  }

  #giveUp(error: unknown, isInDoubt: boolean): Error {
    if (isInDoubt) {
      return outcomeUnknown(`Kafka has not confirmed the events: ${shortReason(error)}`, error);
    }
    if (error instanceof ChannelUnavailable) return error;
    return new ChannelUnavailable(`Kafka does not take events: ${shortReason(error)}`, {
      cause: error,
    });
  }

  /** Undefined when all records are stored; those that surely are go into `stored`. `isAgain`: in parts. */
  async #attempt(
    line: TopicLine,
    sends: readonly Send[],
    stored: Set<OutgoingRecord>,
    isAgain: boolean,
  ): Promise<{ readonly error: unknown; readonly isInDoubt: boolean } | undefined> {
    const { clock } = this.#options;
    try {
      const producer = await this.#connected();
      const deadlineMs = Math.max(...sends.map((send) => send.deadlineMs));
      const records = sends.flatMap((send) => send.records).filter((record) => !stored.has(record));
      const parts = isAgain ? byPartition(records, line.partitions) : [records];
      const writePart = async (part: readonly OutgoingRecord[]): Promise<void> => {
        for (const [index, chunk] of chunked(part).entries()) {
          for (const { onStep } of sends) onStep?.(index === 0 ? 'before-write' : 'mid-batch');
          if (!isAgain) line.sent.clear();
          const waitMs = Math.max(1, deadlineMs - clock.monotonicMs());
          const sending = this.#request(producer, line, chunk);
          for (const { onStep } of sends) onStep?.('after-write');
          await within(clock, waitMs, sending);
          for (const record of chunk) stored.add(record);
        }
      };
      const outcomes = await Promise.allSettled(parts.map(writePart));
      const failed = outcomes.filter((outcome) => outcome.status === 'rejected');
      const [first] = failed;
      if (first !== undefined) {
        const leaders = isAgain ? 1 : line.leaders;
        const isInDoubt = failed.some(({ reason }) => mayBeStored(reason, leaders));
        return { error: first.reason as unknown, isInDoubt };
      }
      for (const { onStep } of sends) onStep?.('after-sync');
      return undefined;
    } catch (error) {
      return { error, isInDoubt: false };
    }
  }

  async #request(
    producer: Producer,
    line: TopicLine,
    records: readonly OutgoingRecord[],
  ): Promise<void> {
    const messages = records.map(({ key, value, headers }) => ({ key, value, headers }));
    const written = await producer.sendBatch({
      acks: ALL_REPLICAS,
      timeout: DEADLINE_MS,
      topicMessages: [{ topic: line.topic, messages }],
    });
    for (const { partition, baseOffset = '-1' } of written) {
      const count = written.length === 1 ? records.length : (line.sent.get(partition) ?? 0);
      line.ends.set(partition, Number(baseOffset) + count);
    }
  }

  /** A request was beyond what the topic takes: whichever send it is, the others go through alone. */
  async #refuseLarge(line: TopicLine, sends: readonly Send[]): Promise<void> {
    const [only] = sends;
    if (sends.length === 1 && only !== undefined) {
      only.reject(new RecordTooLarge('the topic takes no records of this size'));
      return;
    }
    for (const send of sends) await this.#write(line, [send]);
  }

  async #connected(): Promise<Producer> {
    for (;;) {
      if (this.#producer !== undefined) return this.#producer;
      if (this.#trouble !== undefined) throw this.#unavailable();
      this.start();
      await this.#firstOutcome();
    }
  }

  /** Resolves when the cluster was reached or could not be. */
  #firstOutcome(): Promise<void> {
    return new Promise((resolve) => this.#outcomes.push(resolve));
  }
  #outcomes: (() => void)[] = [];

  #settleOutcomes(): void {
    for (const resolve of this.#outcomes.splice(0)) resolve();
  }

  async #connect(): Promise<void> {
    const { clock, logger } = this.#options;
    const { signal } = this.#closing;
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      const producer = this.#create();
      try {
        await within(clock, CONNECT_MS_MAX, producer.connect());
        this.#producer = producer;
        this.#say(undefined);
        break;
      } catch (error) {
        void this.#leave(producer);
        this.#say(`Kafka cannot be reached: ${shortReason(error)}`);
        logger.debug({ reason: shortReason(error), attempt }, 'cannot connect to kafka');
        const waitMs = isRefusal(error) ? REFUSED_MS : backoffMs(attempt, RECONNECT);
        await clock.sleep(waitMs, signal).catch(() => undefined);
      }
    }
    this.#connecting = undefined;
    this.#settleOutcomes();
  }

  #create(): Producer {
    const kafka = openLibrary(this.#connection, this.#options);
    return kafka.producer({
      allowAutoTopicCreation: false,
      idempotent: false,
      retry: { retries: 0 },
      createPartitioner: () => (input) => {
        const { topic, partitionMetadata, message } = input;
        const line = this.#line(topic);
        line.leaders = new Set(partitionMetadata.map(({ leader }) => leader)).size;
        line.partitions = partitionMetadata.length;
        const partition = choosePartition(line, message, partitionMetadata);
        line.sent.set(partition, (line.sent.get(partition) ?? 0) + 1);
        return partition;
      },
    });
  }

  #lose(error: unknown): void {
    const lost = this.#producer;
    if (lost === undefined) return;
    this.#producer = undefined;
    void this.#leave(lost);
    this.#options.logger.debug(
      { reason: shortReason(error) },
      'the connection to kafka is renewed',
    );
    this.start();
  }

  #say(trouble: string | undefined): void {
    const isNews = this.#trouble !== trouble;
    this.#trouble = trouble;
    this.#settleOutcomes();
    if (isNews) this.#options.onTrouble(trouble);
  }

  #unavailable(): ChannelUnavailable {
    return new ChannelUnavailable(this.#trouble ?? 'Kafka cannot be reached');
  }

  async #leave(producer: Producer): Promise<void> {
    await within(this.#options.clock, CLOSE_MS_MAX, producer.disconnect()).catch(() => undefined);
  }
}

function choosePartition(
  line: TopicLine,
  { key, value }: Pick<Message, 'key' | 'value'>,
  partitions: readonly PartitionMetadata[],
): number {
  if (Buffer.isBuffer(key)) return partitionOf(key, partitions.length);
  line.stickyBytes += value?.length ?? 0;
  if (line.stickyBytes > STICKY_BYTES) {
    line.stickyPartition += 1;
    line.stickyBytes = 0;
  }
  return partitions[line.stickyPartition % partitions.length]?.partitionId ?? 0;
}

/** In parts of one partition each; records without a key are a part of their own. */
export function byPartition(
  records: readonly OutgoingRecord[],
  partitions: number,
): OutgoingRecord[][] {
  const parts = new Map<number, OutgoingRecord[]>();
  for (const record of records) {
    const partition = record.key === null ? -1 : partitionOf(record.key, partitions);
    const part = parts.get(partition);
    if (part === undefined) parts.set(partition, [record]);
    else part.push(record);
  }
  return [...parts.values()];
}

function isStored({ records }: Send, stored: ReadonlySet<OutgoingRecord>): boolean {
  return records.every((record) => stored.has(record));
}

function recordBytes({ key, value, headers }: OutgoingRecord): number {
  let bytes = (key?.length ?? 0) + (value?.length ?? 0);
  for (const [name, header] of Object.entries(headers)) bytes += name.length + header.length;
  return bytes;
}

function takeBatch(waiting: Send[]): Send[] {
  const batch: Send[] = [];
  let records = 0;
  let bytes = 0;
  for (const send of waiting) {
    const isRoom =
      records + send.records.length <= BATCH_RECORDS && bytes + send.bytes <= BATCH_BYTES;
    if (batch.length > 0 && !isRoom) break;
    batch.push(send);
    records += send.records.length;
    bytes += send.bytes;
  }
  waiting.splice(0, batch.length);
  return batch;
}

/** One request holds what a broker surely takes; only one send that is larger is split. */
function chunked(records: readonly OutgoingRecord[]): OutgoingRecord[][] {
  const chunks: OutgoingRecord[][] = [];
  let chunk: OutgoingRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    const size = recordBytes(record);
    if (chunk.length > 0 && (chunk.length >= BATCH_RECORDS * 4 || bytes + size > BATCH_BYTES)) {
      chunks.push(chunk);
      chunk = [];
      bytes = 0;
    }
    chunk.push(record);
    bytes += size;
  }
  if (chunk.length > 0) chunks.push(chunk);
  return chunks;
}

function split<T>(items: readonly T[], isFirst: (item: T) => boolean): [T[], T[]] {
  const [first, second]: [T[], T[]] = [[], []];
  for (const item of items) (isFirst(item) ? first : second).push(item);
  return [first, second];
}

/** The library goes on with connections that are of no use: it gets new ones. */
function needsNewClient(error: unknown): boolean {
  if (error instanceof NoAnswer) return true;
  const { name = '' } = rootCause(error);
  return /^KafkaJS(Connection|RequestTimeout|NoBroker|Broker)/.test(name);
}
