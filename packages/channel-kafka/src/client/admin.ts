/**
 * Administration of a cluster and reading without a group. Connects with the first call; after a failure the next
 * call begins with new connections, so that a broker which stopped answering is left behind. Every call is
 * bounded in time.
 */
import kafkajs, { type Admin, type Cluster } from 'kafkajs';
import type { Clock, Logger } from '@afflux/kernel';
import type { KafkaConnection } from './connection.ts';
import { isUnknownTopic, rootCause } from './errors.ts';
import { clusterOf, openLibrary } from './library.ts';
import { toRecord, type KafkaRecord, type LibraryRecord } from './record.ts';
import { within } from './time.ts';

const CALL_MS_MAX = 20_000;
const KNOWN_MS_MAX = 10_000;
const KNOWN_POLL_MS = 50;
const FETCH_WAIT_MS = 200;
const FETCH_BYTES = 1_048_576;
const NO_OFFSET = -1;

export interface TopicFacts {
  readonly partitions: number;
  readonly replicationFactor: number;
}

export interface TopicSpec extends TopicFacts {
  readonly topic: string;
  readonly config: Readonly<Record<string, string>>;
}

export interface PartitionEnds {
  readonly partition: number;
  /** First offset kept. */
  readonly low: number;
  /** Offset of the next record. */
  readonly high: number;
}

export interface PartitionOffset {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly metadata?: string | undefined;
}

export interface FetchedRecords {
  readonly records: readonly KafkaRecord[];
  /** Where to go on. */
  readonly nextOffset: number;
}

interface Connected {
  readonly admin: Admin;
  readonly cluster: Cluster;
}

export interface KafkaAdminOptions {
  readonly clock: Clock;
  readonly logger: Logger;
}

export class KafkaAdmin {
  readonly #connection: KafkaConnection;
  readonly #options: KafkaAdminOptions;
  #connected: Promise<Connected> | undefined;

  constructor(connection: KafkaConnection, options: KafkaAdminOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  /** Undefined: there is no such topic. */
  topic(name: string): Promise<TopicFacts | undefined> {
    return this.#call(async ({ admin }) => {
      try {
        const { topics } = await admin.fetchTopicMetadata({ topics: [name] });
        const partitions = topics[0]?.partitions ?? [];
        if (partitions.length === 0) return undefined;
        return {
          partitions: partitions.length,
          replicationFactor: partitions[0]?.replicas.length ?? 0,
        };
      } catch (error) {
        if (isUnknownTopic(error)) return undefined;
        throw error;
      }
    });
  }

  /** False: it was there already. */
  createTopic({ topic, partitions, replicationFactor, config }: TopicSpec): Promise<boolean> {
    const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
    const spec = { topic, numPartitions: partitions, replicationFactor, configEntries };
    return this.#call(async ({ admin }) => {
      const isNew = await admin.createTopics({ topics: [spec], waitForLeaders: false });
      // A broker may not know yet what the controller has made.
      await this.#known(admin, topic);
      return isNew;
    });
  }

  async #known(admin: Admin, topic: string): Promise<void> {
    const { clock } = this.#options;
    const deadlineMs = clock.monotonicMs() + KNOWN_MS_MAX;
    for (;;) {
      try {
        const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
        if (topics[0]?.partitions.every(({ leader }) => leader >= 0) === true) return;
      } catch (error) {
        if (!isUnknownTopic(error) || clock.monotonicMs() >= deadlineMs) throw error;
      }
      if (clock.monotonicMs() >= deadlineMs) return;
      await clock.sleep(KNOWN_POLL_MS);
    }
  }

  topicConfig(topic: string, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
    // Node finds no export of that name by itself: the library is CommonJS.
    const { TOPIC } = kafkajs.ConfigResourceTypes;
    const resource = { type: TOPIC, name: topic, configNames: [...names] };
    return this.#call(async ({ admin }) => {
      const { resources } = await admin.describeConfigs({
        resources: [resource],
        includeSynonyms: false,
      });
      const entries = resources[0]?.configEntries ?? [];
      return new Map(entries.map(({ configName, configValue }) => [configName, configValue]));
    });
  }

  deleteTopic(topic: string): Promise<void> {
    return this.#call(async ({ admin }) => {
      try {
        await admin.deleteTopics({ topics: [topic] });
      } catch (error) {
        if (!isUnknownTopic(error)) throw error;
      }
    });
  }

  ends(topic: string): Promise<readonly PartitionEnds[]> {
    return this.#call(async ({ admin }) => {
      const offsets = await admin.fetchTopicOffsets(topic);
      return offsets.map(({ partition, low, high }) => ({
        partition,
        low: Number(low),
        high: Number(high),
      }));
    });
  }

  /** The first offset at or after a time, for each partition; its end where there is none. */
  offsetsAt(topic: string, timeMs: number): Promise<ReadonlyMap<number, number>> {
    return this.#call(async ({ admin }) => {
      const found = await admin.fetchTopicOffsetsByTimestamp(topic, timeMs);
      return new Map(found.map(({ partition, offset }) => [partition, Number(offset)]));
    });
  }

  /** What a group has committed; partitions without anything are left out. */
  committed(group: string, topics: readonly string[]): Promise<readonly PartitionOffset[]> {
    return this.#call(async ({ admin }) => {
      const found = await admin.fetchOffsets({ groupId: group, topics: [...topics] });
      return found.flatMap(({ topic, partitions }) =>
        partitions
          .map(({ partition, offset, metadata }) => ({
            topic,
            partition,
            offset: Number(offset),
            metadata: metadata ?? undefined,
          }))
          .filter(({ offset }) => offset > NO_OFFSET),
      );
    });
  }

  /** Sets the offsets of a group without members; Kafka refuses it while there are some. */
  commit(group: string, offsets: readonly PartitionOffset[]): Promise<void> {
    return this.#call(async ({ cluster }) => {
      const topics = [...new Set(offsets.map(({ topic }) => topic))].map((topic) => ({
        topic,
        partitions: offsets
          .filter((offset) => offset.topic === topic)
          .map(({ partition, offset }) => ({ partition, offset: String(offset) })),
      }));
      const coordinator = await cluster.findGroupCoordinator({ groupId: group });
      await coordinator.offsetCommit({
        groupId: group,
        groupGenerationId: -1,
        memberId: '',
        topics,
      });
    });
  }

  /** Deleting what is not there is fine. Rejects while the group has members. */
  deleteGroup(group: string): Promise<void> {
    return this.#call(async ({ admin }) => {
      try {
        await admin.deleteGroups([group]);
      } catch (error) {
        const groups = (error as { groups?: { error?: { type?: string } }[] }).groups ?? [];
        const types = groups.map((failed) => failed.error?.type);
        if (types.length === 0 || types.some((type) => type !== 'GROUP_ID_NOT_FOUND')) throw error;
      }
    });
  }

  /** One bounded batch of a partition, without any group. */
  fetch(topic: string, partition: number, offset: number): Promise<FetchedRecords> {
    return this.#call(async ({ cluster }) => {
      await cluster.addTargetTopic(topic);
      await cluster.refreshMetadataIfNecessary();
      const [leader] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
      const broker = await cluster.findBroker({ nodeId: leader ?? '' });
      const wanted = { partition, fetchOffset: String(offset), maxBytes: FETCH_BYTES };
      const answer = (await broker.fetch({
        maxWaitTime: FETCH_WAIT_MS,
        minBytes: 1,
        maxBytes: FETCH_BYTES,
        isolationLevel: 1,
        topics: [{ topic, partitions: [wanted] }],
      })) as FetchAnswer;
      const found = answer.responses[0]?.partitions[0]?.messages ?? [];
      const last = found.at(-1);
      const nextOffset = last === undefined ? offset : Number(last.offset) + 1;
      const records = found.filter((record) => record.isControlRecord !== true).map(toRecord);
      return { records: records.filter((record) => record.offset >= offset), nextOffset };
    });
  }

  async close(): Promise<void> {
    const connected = this.#connected;
    this.#connected = undefined;
    if (connected !== undefined) await this.#leave(connected);
  }

  async #call<T>(run: (connected: Connected) => Promise<T>): Promise<T> {
    this.#connected ??= this.#connect();
    const connected = this.#connected;
    try {
      return await within(this.#options.clock, CALL_MS_MAX, connected.then(run));
    } catch (error) {
      const isAnswer = rootCause(error).type !== undefined;
      if (!isAnswer && this.#connected === connected) {
        this.#connected = undefined;
        void this.#leave(connected);
      }
      throw error;
    }
  }

  async #connect(): Promise<Connected> {
    const kafka = openLibrary(this.#connection, this.#options);
    const [admin, cluster] = [kafka.admin(), clusterOf(kafka)];
    try {
      await Promise.all([admin.connect(), cluster.connect()]);
    } catch (error) {
      await Promise.allSettled([admin.disconnect(), cluster.disconnect()]);
      throw error;
    }
    return { admin, cluster };
  }

  async #leave(connected: Promise<Connected>): Promise<void> {
    const leaving = connected.then(({ admin, cluster }) =>
      Promise.allSettled([admin.disconnect(), cluster.disconnect()]),
    );
    await within(this.#options.clock, CALL_MS_MAX, leaving).catch(() => undefined);
  }
}

interface FetchAnswer {
  readonly responses: readonly {
    readonly partitions: readonly {
      readonly messages: readonly (LibraryRecord & { readonly isControlRecord?: boolean })[];
    }[];
  }[];
}
