/**
 * One member of a consumer group, kept alive for ever: whatever ends it (a crash of the library, a broker that
 * stopped answering, wrong credentials), a new one takes its place after a capped wait.
 *
 * Records are handed to the owner, who keeps them and returns at once: the library fetches nothing from a broker
 * while a batch of it is being worked on, and heartbeats run only between batches. It commits nothing by itself.
 * When the assignment changes, the owner is told before anything of the new one is fetched.
 */
import type { Assignment, Consumer } from 'kafkajs';
import { type Clock, type Logger, type Random, backoffMs, withJitter } from '@afflux/kernel';
import type { KafkaConnection } from './connection.ts';
import { ClientUnfit, isRefusal, shortReason } from './errors.ts';
import { openLibrary } from './library.ts';
import { type KafkaRecord, toRecord } from './record.ts';
import { stickyAssigner } from './sticky-assigner.ts';
import { within } from './time.ts';

export interface RecordBatch {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly KafkaRecord[];
  /** Where the next fetch begins; also passes records that are never handed out (markers, compacted). */
  readonly nextOffset: number;
  /** The partition's end when it was fetched. */
  readonly endOffset: number;
}

export interface GroupMember {
  /**
   * The partitions from now on. `isContinued`: this member had the earlier ones without a break, so what is in
   * both is still its own. Returns where to fetch those on.
   */
  onAssigned(
    assignment: Assignment,
    isContinued: boolean,
  ): readonly { readonly topic: string; readonly partition: number; readonly offset: number }[];
  onRecords(batch: RecordBatch): Promise<void>;
  /** The assignment is about to change: the last moment to commit. */
  onRebalancing(): void;
  /** Nothing is assigned any more. */
  onLost(): void;
  /** What keeps it from working, undefined when nothing does. */
  onTrouble(trouble: string | undefined): void;
}

export interface GroupTimes {
  readonly sessionMs: number;
  readonly rebalanceMs: number;
  readonly heartbeatMs: number;
  readonly fetchWaitMs: number;
}

export const GROUP_TIMES: GroupTimes = {
  sessionMs: 30_000,
  rebalanceMs: 60_000,
  heartbeatMs: 3_000,
  fetchWaitMs: 500,
};

export interface GroupConsumerOptions {
  readonly connection: KafkaConnection;
  readonly group: string;
  readonly topics: readonly string[];
  readonly times: GroupTimes;
  readonly member: GroupMember;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

const BACKOFF = { policy: 'exponential', delayMs: 250, delayMsMax: 15_000 } as const;
const REFUSED_MS = 15_000;
const BYTES_PER_PARTITION = 524_288;
const LEAVE_MS_MAX = 10_000;
const CONCURRENT_PARTITIONS = 16;
const COMMIT_MS_MAX = 10_000;
/** Without any sign of life for this much longer than a session, the client is replaced. */
const STALL_MARGIN_MS = 15_000;
/** The wall clock may be set back by so much, less than the shortest session; then the client is replaced. */
const SET_BACK_MS_MAX = 5_000;

export interface CommitOffset {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly metadata: string;
}

export class GroupConsumer {
  readonly #options: GroupConsumerOptions;
  readonly #closing = new AbortController();
  #consumer: Consumer | undefined;
  #memberId: string | undefined;
  #assignment: Assignment = {};
  #lastSignMs = 0;
  /** Of the wall clock over the monotonic one when the library last noted the time. */
  #wallAheadMs = 0;
  #living: Promise<void> | undefined;

  constructor(options: GroupConsumerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#living ??= this.#live();
  }

  pause(topic: string, partition: number): void {
    this.#consumer?.pause([{ topic, partitions: [partition] }]);
  }

  resume(topic: string, partition: number): void {
    this.#consumer?.resume([{ topic, partitions: [partition] }]);
  }

  /** Rejects when the member is gone or the group moves on; the offsets are then to be committed later. */
  async commit(offsets: readonly CommitOffset[]): Promise<void> {
    const consumer = this.#consumer;
    if (consumer === undefined || this.#memberId === undefined) throw new Error('no member');
    const committing = consumer.commitOffsets(
      offsets.map((each) => ({ ...each, offset: String(each.offset) })),
    );
    await within(this.#options.clock, COMMIT_MS_MAX, committing);
  }

  /** Leaves the group. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#living;
  }

  async #live(): Promise<void> {
    const { clock, random, member } = this.#options;
    const { signal } = this.#closing;
    for (let failures = 0; !signal.aborted; failures += 1) {
      const beganMs = clock.monotonicMs();
      const failure = await this.#liveOnce();
      // Closed.
      if (failure === undefined) return;
      const lastedMs = clock.monotonicMs() - beganMs;
      if (lastedMs > this.#options.times.sessionMs) failures = 0;
      member.onTrouble(`the group cannot be read: ${shortReason(failure)}`);
      const waitMs = isRefusal(failure) ? REFUSED_MS : backoffMs(failures + 1, BACKOFF);
      await clock.sleep(withJitter(waitMs, random), signal).catch(() => undefined);
    }
  }

  /** Resolves with what ended it, undefined when it was closed. */
  async #liveOnce(): Promise<unknown> {
    const { connection, clock, logger, topics, member } = this.#options;
    const kafka = openLibrary(connection, { logger, requestTimeoutMs: STALL_MARGIN_MS });
    this.#wallAheadMs = wallAheadMs(clock);
    const life = new AbortController();
    let end: (failure: unknown) => void = () => undefined;
    const ended = new Promise<unknown>((resolve) => (end = resolve));
    const consumer = this.#create(kafka, end);
    const onClose = (): void => {
      end(undefined);
    };
    this.#closing.signal.addEventListener('abort', onClose, { signal: life.signal });
    try {
      this.#lastSignMs = clock.monotonicMs();
      await within(clock, LEAVE_MS_MAX, consumer.connect());
      await within(
        clock,
        LEAVE_MS_MAX,
        consumer.subscribe({ topics: [...topics], fromBeginning: true }),
      );
      // Whoever joins and leaves at once stays in the group until its session ends.
      if (this.#closing.signal.aborted) return undefined;
      this.#consumer = consumer;
      const running = this.#run(consumer);
      return await Promise.race([ended, running.then(() => ended), this.#stall(life.signal)]);
    } catch (error) {
      return error;
    } finally {
      life.abort();
      this.#memberId = undefined;
      this.#assignment = {};
      member.onLost();
      this.#consumer = undefined;
      await within(clock, LEAVE_MS_MAX, consumer.disconnect()).catch(() => undefined);
    }
  }

  /** `end` is told what ends its life. */
  #create(kafka: ReturnType<typeof openLibrary>, end: (failure: unknown) => void): Consumer {
    const { group, times, clock } = this.#options;
    const consumer = kafka.consumer({
      groupId: group,
      sessionTimeout: times.sessionMs,
      rebalanceTimeout: times.rebalanceMs,
      heartbeatInterval: times.heartbeatMs,
      maxWaitTimeInMs: times.fetchWaitMs,
      maxBytesPerPartition: BYTES_PER_PARTITION,
      allowAutoTopicCreation: false,
      partitionAssigners: [stickyAssigner(() => this.#assignment)],
      retry: {
        retries: 5,
        initialRetryTime: 100,
        maxRetryTime: 1_000,
        restartOnFailure: () => Promise.resolve(false),
      },
    });
    const sign = (): void => {
      this.#lastSignMs = clock.monotonicMs();
    };
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      end(payload.error);
    });
    consumer.on(consumer.events.HEARTBEAT, () => {
      sign();
      this.#wallAheadMs = wallAheadMs(clock);
    });
    consumer.on(consumer.events.FETCH, () => {
      sign();
      // The next heartbeat of the library is due when the wall clock is past the last one: it would not hear of a
      // rebalance for as long as the clock was set back, and what it does not have would be read by nobody.
      if (wallAheadMs(clock) < this.#wallAheadMs - SET_BACK_MS_MAX) {
        end(new ClientUnfit('the clock was set back'));
      }
    });
    consumer.on(consumer.events.REBALANCING, () => {
      sign();
      this.#options.member.onRebalancing();
    });
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      sign();
      this.#joined(consumer, payload.memberId, payload.memberAssignment);
    });
    return consumer;
  }

  #joined(consumer: Consumer, memberId: string, assignment: Assignment): void {
    const { member } = this.#options;
    const isContinued = this.#memberId === memberId;
    this.#memberId = memberId;
    this.#assignment = assignment;
    member.onTrouble(undefined);
    for (const { topic, partition, offset } of member.onAssigned(assignment, isContinued)) {
      consumer.seek({ topic, partition, offset: String(offset) });
    }
  }

  #run(consumer: Consumer): Promise<void> {
    return consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: CONCURRENT_PARTITIONS,
      eachBatch: async (payload) => {
        const { batch } = payload;
        if (payload.isStale() || this.#assignment[batch.topic]?.includes(batch.partition) !== true)
          return;
        const lastOffset = batch.lastOffset();
        await this.#options.member.onRecords({
          topic: batch.topic,
          partition: batch.partition,
          records: batch.messages.map((message) => toRecord(message)),
          nextOffset: Number(lastOffset) + 1,
          endOffset: Number(batch.highWatermark),
        });
        payload.resolveOffset(lastOffset);
      },
    });
  }

  /** Resolves once there was no sign of life for too long: brokers that keep connections open and say nothing. */
  async #stall(signal: AbortSignal): Promise<unknown> {
    const { clock, times } = this.#options;
    const limitMs = times.sessionMs + times.rebalanceMs + STALL_MARGIN_MS;
    for (;;) {
      const silentMs = clock.monotonicMs() - this.#lastSignMs;
      if (silentMs > limitMs) return new ClientUnfit('no sign of life');
      try {
        await clock.sleep(limitMs - silentMs + 1, signal);
      } catch {
        return undefined;
      }
    }
  }
}

function wallAheadMs(clock: Clock): number {
  return clock.now() - clock.monotonicMs();
}
