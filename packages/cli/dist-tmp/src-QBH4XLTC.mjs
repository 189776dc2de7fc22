import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);
import "./chunk-5OLIHV2B.mjs";
import {
  Alarm,
  ChannelError,
  ChannelTelemetry,
  ChannelUnavailable,
  Heap,
  Waiters,
  backendRefused,
  channelClosed,
  eventTooLarge,
  isWanted,
  outcomeUnknown,
  parseConfig,
  positionInvalid,
  subscriptionUnknown,
  topologyInvalid,
  unsupported
} from "./chunk-L3ZXLJED.mjs";
import {
  decodeKafka,
  encodeKafka
} from "./chunk-QUSRWZCH.mjs";
import {
  external_exports
} from "./chunk-C4YO6LH5.mjs";
import {
  BaseComponent,
  abortedError,
  backoffMs,
  untilAborted,
  withJitter
} from "./chunk-ZKZDKWPE.mjs";
import "./chunk-EX44SRZ5.mjs";

// packages/channel-kafka/src/config.ts
var auth = external_exports.strictObject({
  protocol: external_exports.enum(["PLAINTEXT", "SASL_PLAINTEXT", "SSL", "SASL_SSL"]),
  sasl: external_exports.strictObject({
    mechanism: external_exports.enum(["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"]),
    user: external_exports.string().min(1),
    password: external_exports.string()
  }).optional(),
  tls: external_exports.strictObject({
    ca: external_exports.string().optional(),
    cert: external_exports.string().optional(),
    key: external_exports.string().optional()
  }).optional()
}).refine(({ protocol, sasl }) => !protocol.startsWith("SASL") || sasl !== void 0, {
  path: ["sasl"],
  message: "is missing: a SASL protocol needs user and password"
});
var TOPIC_NAME = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,230}$/;
var kafkaConfigSchema = external_exports.strictObject({
  bootstrapServers: external_exports.array(external_exports.string().regex(/^[^\s:@/]+:\d{1,5}$/, "is no host:port")).min(1),
  /** Two more topics take their names from it, so it is shorter than Kafka allows. */
  topic: external_exports.string().regex(TOPIC_NAME, "is no topic name"),
  partitions: external_exports.int().min(1).max(1e4).default(10),
  replicationFactor: external_exports.int().min(1).max(100).default(3),
  topicConfig: external_exports.record(external_exports.string(), external_exports.string()).default({}),
  /** The topic is somebody else's: it is never created, changed or deleted. */
  external: external_exports.boolean().default(false),
  /** Whether there may be topics for dead letters and redelivery. Default: not beside an external topic. */
  helperTopics: external_exports.boolean().optional(),
  contentMode: external_exports.enum(["binary", "structured"]).default("binary"),
  /** Where a subscription begins that does not say it. */
  initialOffset: external_exports.enum(["latest", "earliest"]).default("latest"),
  /** Adds `knativekafkapartition` and `knativekafkaoffset` to what is delivered. */
  addOffsetAttributes: external_exports.boolean().default(true),
  auth: auth.optional(),
  sessionTimeoutMs: external_exports.int().min(1e3).max(6e5).default(1e4),
  heartbeatIntervalMs: external_exports.int().min(100).max(6e4).default(3e3),
  fetchWaitMs: external_exports.int().min(10).max(1e4).default(500)
});
function deadLetterTopic({ topic }) {
  return `${topic}.dead-letters`;
}
function redeliveryTopic({ topic }) {
  return `${topic}.redelivery`;
}
function mayHaveHelpers({ external, helperTopics }) {
  return helperTopics ?? !external;
}

// packages/channel-kafka/src/position.ts
var PART = /^p?(\d{1,5}):(\d{1,16})$/;
function positionOf(partition, offset) {
  return `${String(partition)}:${String(offset)}`;
}
function parsePosition(position) {
  const offsets = /* @__PURE__ */ new Map();
  for (const part of String(position).split(",")) {
    const found = PART.exec(part.trim());
    if (found === null) throw invalid(position);
    const [partition, offset] = [Number(found[1]), Number(found[2])];
    if (!Number.isSafeInteger(offset) || offsets.has(partition)) throw invalid(position);
    offsets.set(partition, offset);
  }
  return offsets;
}
function invalid(position) {
  return positionInvalid("kafka", position, '"partition:offset", several with commas between');
}

// packages/channel-kafka/src/group-offsets.ts
var EMPTY_MS_MAX = 15e3;
var EMPTY_POLL_MS = 250;
async function ensureGroupOffsets(admin, start) {
  const { group, topic, others, from } = start;
  const found = await admin.committed(group, [topic]);
  if (found.length > 0) return found;
  const offsets = await startOffsets(admin, topic, from);
  for (const other of others) offsets.push(...await startOffsets(admin, other, "latest"));
  try {
    await admin.commit(group, offsets);
    return offsets.filter((offset) => offset.topic === topic);
  } catch (error) {
    const theirs = await admin.committed(group, [topic]);
    if (theirs.length === 0) throw error;
    return theirs;
  }
}
async function startOffsets(admin, topic, from) {
  const ends = await admin.ends(topic);
  const at = await wantedOffsets(admin, topic, from);
  return ends.map(({ partition, low, high }) => {
    const wanted = at === void 0 ? high : at.get(partition) ?? low;
    return { topic, partition, offset: Math.min(Math.max(wanted, low), high) };
  });
}
async function wantedOffsets(admin, topic, from) {
  if (from === "latest") return void 0;
  if (from === "earliest") return /* @__PURE__ */ new Map();
  if ("position" in from) return parsePosition(from.position);
  return admin.offsetsAt(topic, from.timeMs);
}
async function removeGroup(admin, clock, group) {
  const deadlineMs = clock.monotonicMs() + EMPTY_MS_MAX;
  for (; ; ) {
    try {
      await admin.deleteGroup(group);
      return;
    } catch (error) {
      if (clock.monotonicMs() >= deadlineMs) throw error;
    }
    await clock.sleep(EMPTY_POLL_MS);
  }
}
var GroupLocks = class {
  #tails = /* @__PURE__ */ new Map();
  run(group, work) {
    const before = this.#tails.get(group) ?? Promise.resolve();
    const result = before.then(work);
    const tail = result.then(
      () => void 0,
      () => void 0
    );
    this.#tails.set(group, tail);
    void tail.then(() => {
      if (this.#tails.get(group) === tail) this.#tails.delete(group);
    });
    return result;
  }
};

// packages/channel-kafka/src/client/admin.ts
import kafkajs2 from "kafkajs";

// packages/channel-kafka/src/client/errors.ts
function rootCause(error) {
  let found = error;
  for (let depth = 0; depth < 5 && found.cause instanceof Error; depth++) {
    found = found.cause;
  }
  return found;
}
function shortReason(error) {
  const cause = rootCause(error);
  if (typeof cause.type === "string") return cause.type;
  const code = typeof cause.code === "string" ? ` (${cause.code})` : "";
  return `${cause.name ?? "Error"}${code}`;
}
var TLS_CODES = /^(ERR_TLS|ERR_SSL|CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|EPROTO)/;
var TLS_WORDS = /certificate|alert|ssl|tls/i;
function isRefusal(error) {
  const cause = rootCause(error);
  if (cause.name === "KafkaJSSASLAuthenticationError") return true;
  const type = cause.type ?? "";
  if (type === "SASL_AUTHENTICATION_FAILED" || type.endsWith("_AUTHORIZATION_FAILED")) return true;
  if (typeof cause.code === "string" && TLS_CODES.test(cause.code)) return true;
  return cause.name === "KafkaJSConnectionError" && TLS_WORDS.test(cause.message ?? "");
}
var NEVER_STORED = /* @__PURE__ */ new Set([
  "KafkaJSConnectionError",
  "KafkaJSSASLAuthenticationError",
  "KafkaJSNoBrokerAvailableError",
  "KafkaJSBrokerNotFound",
  "KafkaJSMetadataNotLoaded",
  "KafkaJSTopicMetadataNotLoaded",
  "KafkaJSNotImplemented"
]);
var REFUSED_BY_LEADER = /* @__PURE__ */ new Set([
  "UNKNOWN_TOPIC_OR_PARTITION",
  "LEADER_NOT_AVAILABLE",
  "NOT_LEADER_FOR_PARTITION",
  "NOT_ENOUGH_REPLICAS",
  "MESSAGE_TOO_LARGE",
  "RECORD_LIST_TOO_LARGE",
  "INVALID_TOPIC_EXCEPTION",
  "TOPIC_AUTHORIZATION_FAILED",
  "CLUSTER_AUTHORIZATION_FAILED"
]);
function mayBeStored(error, leaders) {
  const { name = "", type = "" } = rootCause(error);
  if (leaders > 1) return !(type === "UNKNOWN_TOPIC_OR_PARTITION" || name.includes("Metadata"));
  return !NEVER_STORED.has(name) && !REFUSED_BY_LEADER.has(type);
}
function isTooLarge(error) {
  const { type } = rootCause(error);
  return type === "MESSAGE_TOO_LARGE" || type === "RECORD_LIST_TOO_LARGE";
}
function isUnknownTopic(error) {
  return rootCause(error).type === "UNKNOWN_TOPIC_OR_PARTITION";
}
function administrationError(what, error) {
  if (error instanceof ChannelUnavailable) return error;
  const message = `Kafka cannot ${what}: ${shortReason(error)}`;
  return isRefusal(error) ? backendRefused(message, error) : new ChannelUnavailable(message, { cause: error });
}

// packages/channel-kafka/src/client/library.ts
import { createRequire } from "node:module";
import { Kafka, logLevel } from "kafkajs";

// packages/channel-kafka/src/client/codecs.ts
import kafkajs from "kafkajs";
var { CompressionCodecs, CompressionTypes } = kafkajs;
var BATCH_BYTES_MAX = 256 * 1024 * 1024;
function registerCodecs() {
  register(CompressionTypes.Snappy, "snappy", decompressSnappy);
  register(CompressionTypes.LZ4, "lz4", decompressLz4);
  register(CompressionTypes.ZSTD, "zstd", decompressZstd);
}
function register(type, name, decompress) {
  CompressionCodecs[type] = () => ({
    compress: () => Promise.reject(new TypeError(`nothing is written with ${name}`)),
    decompress
  });
}
var XERIAL_MAGIC = Buffer.from("\x82SNAPPY\0", "latin1");
var XERIAL_HEAD_BYTES = XERIAL_MAGIC.length + 4 + 4;
var LENGTH_BYTES = 4;
async function decompressSnappy(compressed) {
  const { uncompress } = await import("./snappyjs-A5XCZ46W.mjs");
  if (!compressed.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) {
    return uncompress(compressed, BATCH_BYTES_MAX);
  }
  const blocks = [];
  let bytes = 0;
  for (let at = XERIAL_HEAD_BYTES; at < compressed.length; ) {
    const start = at + LENGTH_BYTES;
    const end = start + compressed.readUInt32BE(at);
    if (end > compressed.length) throw new RangeError("a snappy block is cut short");
    const block = uncompress(compressed.subarray(start, end), BATCH_BYTES_MAX - bytes);
    blocks.push(block);
    bytes += block.length;
    at = end;
  }
  return Buffer.concat(blocks, bytes);
}
async function decompressLz4(compressed) {
  const { decompress, decompressBound } = await import("./lz4-ZZIS6GUN.mjs");
  const bytesMax = decompressBound(compressed);
  if (bytesMax > BATCH_BYTES_MAX) throw tooLarge();
  const bytes = decompress(compressed, bytesMax);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
async function decompressZstd(compressed) {
  const { Decompress } = await import("./esm-PKFKYY46.mjs");
  const parts = [];
  let bytes = 0;
  const stream = new Decompress((part) => {
    bytes += part.length;
    if (bytes > BATCH_BYTES_MAX) throw tooLarge();
    parts.push(part);
  });
  stream.push(compressed, true);
  return Buffer.concat(parts, bytes);
}
function tooLarge() {
  return new RangeError(`a batch becomes larger than ${String(BATCH_BYTES_MAX)} bytes`);
}

// packages/channel-kafka/src/client/library.ts
var CONNECT_TIMEOUT_MS = 3e3;
var REQUEST_TIMEOUT_MS = 1e4;
function openLibrary(connection, options) {
  registerCodecs();
  repairRequestQueue();
  const config = {
    clientId: "afflux",
    brokers: [...connection.bootstrapServers],
    connectionTimeout: CONNECT_TIMEOUT_MS,
    authenticationTimeout: CONNECT_TIMEOUT_MS,
    requestTimeout: options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
    enforceRequestTimeout: true,
    retry: { retries: 1, initialRetryTime: 100, maxRetryTime: 1e3 },
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => {
      options.logger.debug({ library: entry.namespace }, "the Kafka client has something to say");
    },
    ...security(connection.auth)
  };
  return new Kafka(config);
}
function security(auth2) {
  if (auth2 === void 0 || auth2.protocol === "PLAINTEXT") return {};
  const usesTls = auth2.protocol === "SSL" || auth2.protocol === "SASL_SSL";
  const usesSasl = auth2.protocol === "SASL_PLAINTEXT" || auth2.protocol === "SASL_SSL";
  const { ca, cert, key } = auth2.tls ?? {};
  const ssl = {
    minVersion: "TLSv1.2",
    ...ca === void 0 ? {} : { ca: [ca] },
    ...cert === void 0 ? {} : { cert },
    ...key === void 0 ? {} : { key }
  };
  const sasl = usesSasl && auth2.sasl !== void 0 ? { sasl: saslOptions(auth2.sasl) } : {};
  return { ...usesTls ? { ssl } : {}, ...sasl };
}
function saslOptions({ mechanism, user, password }) {
  const credentials = { username: user, password };
  switch (mechanism) {
    case "PLAIN":
      return { mechanism: "plain", ...credentials };
    case "SCRAM-SHA-256":
      return { mechanism: "scram-sha-256", ...credentials };
    case "SCRAM-SHA-512":
      return { mechanism: "scram-sha-512", ...credentials };
  }
}
function clusterOf(kafka) {
  let found;
  kafka.consumer({
    groupId: "afflux-none",
    allowAutoTopicCreation: false,
    partitionAssigners: [
      ({ cluster }) => {
        found = cluster;
        const none = { name: "none", metadata: Buffer.alloc(0) };
        return {
          name: "none",
          version: 0,
          assign: () => Promise.resolve([]),
          protocol: () => none
        };
      }
    ]
  });
  if (found === void 0) throw new TypeError("the Kafka client made no assigner");
  return found;
}
var isRepaired = false;
function repairRequestQueue() {
  if (isRepaired) return;
  isRepaired = true;
  const load = createRequire(import.meta.url);
  const { prototype } = load("kafkajs/src/network/requestQueue");
  const schedule = Reflect.get(prototype, "scheduleCheckPendingRequests");
  if (typeof schedule !== "function") return;
  prototype.scheduleCheckPendingRequests = function() {
    if (this.pending.length > 0) Reflect.apply(schedule, this, []);
  };
}

// packages/channel-kafka/src/client/record.ts
function toRecord({ offset, timestamp, key, value, headers }) {
  return {
    offset: Number(offset),
    timestampMs: Number(timestamp),
    key,
    value,
    headers: headers ?? {}
  };
}
function headerText(headers, name) {
  const value = headers[name];
  const first = Array.isArray(value) ? value[0] : value;
  if (first === void 0 || typeof first === "string") return first;
  return Buffer.from(first).toString("utf8");
}

// packages/channel-kafka/src/client/time.ts
var NoAnswer = class extends Error {
  constructor(waitMs) {
    super(`no answer within ${String(waitMs)} ms`);
    this.name = "NoAnswer";
  }
};
function within(clock, waitMs, promise) {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimer(waitMs, () => {
      reject(new NoAnswer(waitMs));
    });
    promise.then(resolve, reject).finally(() => {
      timer.cancel();
    });
  });
}

// packages/channel-kafka/src/client/admin.ts
var CALL_MS_MAX = 2e4;
var KNOWN_MS_MAX = 1e4;
var KNOWN_POLL_MS = 50;
var FETCH_WAIT_MS = 200;
var FETCH_BYTES = 1048576;
var NO_OFFSET = -1;
var KafkaAdmin = class {
  #connection;
  #options;
  #connected;
  constructor(connection, options) {
    this.#connection = connection;
    this.#options = options;
  }
  /** Undefined: there is no such topic. */
  topic(name) {
    return this.#call(async ({ admin }) => {
      try {
        const { topics } = await admin.fetchTopicMetadata({ topics: [name] });
        const partitions = topics[0]?.partitions ?? [];
        if (partitions.length === 0) return void 0;
        return {
          partitions: partitions.length,
          replicationFactor: partitions[0]?.replicas.length ?? 0
        };
      } catch (error) {
        if (isUnknownTopic(error)) return void 0;
        throw error;
      }
    });
  }
  /** False: it was there already. */
  createTopic({ topic, partitions, replicationFactor, config }) {
    const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
    const spec = { topic, numPartitions: partitions, replicationFactor, configEntries };
    return this.#call(async ({ admin }) => {
      const isNew = await admin.createTopics({ topics: [spec], waitForLeaders: false });
      await this.#known(admin, topic);
      return isNew;
    });
  }
  async #known(admin, topic) {
    const { clock } = this.#options;
    const deadlineMs = clock.monotonicMs() + KNOWN_MS_MAX;
    for (; ; ) {
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
  topicConfig(topic, names) {
    const { TOPIC } = kafkajs2.ConfigResourceTypes;
    const resource = { type: TOPIC, name: topic, configNames: [...names] };
    return this.#call(async ({ admin }) => {
      const { resources } = await admin.describeConfigs({
        resources: [resource],
        includeSynonyms: false
      });
      const entries = resources[0]?.configEntries ?? [];
      return new Map(entries.map(({ configName, configValue }) => [configName, configValue]));
    });
  }
  deleteTopic(topic) {
    return this.#call(async ({ admin }) => {
      try {
        await admin.deleteTopics({ topics: [topic] });
      } catch (error) {
        if (!isUnknownTopic(error)) throw error;
      }
    });
  }
  ends(topic) {
    return this.#call(async ({ admin }) => {
      const offsets = await admin.fetchTopicOffsets(topic);
      return offsets.map(({ partition, low, high }) => ({
        partition,
        low: Number(low),
        high: Number(high)
      }));
    });
  }
  /** The first offset at or after a time, for each partition; its end where there is none. */
  offsetsAt(topic, timeMs) {
    return this.#call(async ({ admin }) => {
      const found = await admin.fetchTopicOffsetsByTimestamp(topic, timeMs);
      return new Map(found.map(({ partition, offset }) => [partition, Number(offset)]));
    });
  }
  /** What a group has committed; partitions without anything are left out. */
  committed(group, topics) {
    return this.#call(async ({ admin }) => {
      const found = await admin.fetchOffsets({ groupId: group, topics: [...topics] });
      return found.flatMap(
        ({ topic, partitions }) => partitions.map(({ partition, offset, metadata }) => ({
          topic,
          partition,
          offset: Number(offset),
          metadata: metadata ?? void 0
        })).filter(({ offset }) => offset > NO_OFFSET)
      );
    });
  }
  /** Sets the offsets of a group without members; Kafka refuses it while there are some. */
  commit(group, offsets) {
    return this.#call(async ({ cluster }) => {
      const topics = [...new Set(offsets.map(({ topic }) => topic))].map((topic) => ({
        topic,
        partitions: offsets.filter((offset) => offset.topic === topic).map(({ partition, offset }) => ({ partition, offset: String(offset) }))
      }));
      const coordinator = await cluster.findGroupCoordinator({ groupId: group });
      await coordinator.offsetCommit({
        groupId: group,
        groupGenerationId: -1,
        memberId: "",
        topics
      });
    });
  }
  /** Deleting what is not there is fine. Rejects while the group has members. */
  deleteGroup(group) {
    return this.#call(async ({ admin }) => {
      try {
        await admin.deleteGroups([group]);
      } catch (error) {
        const groups = error.groups ?? [];
        const types = groups.map((failed) => failed.error?.type);
        if (types.length === 0 || types.some((type) => type !== "GROUP_ID_NOT_FOUND")) throw error;
      }
    });
  }
  /** One bounded batch of a partition, without any group. */
  fetch(topic, partition, offset) {
    return this.#call(async ({ cluster }) => {
      await cluster.addTargetTopic(topic);
      await cluster.refreshMetadataIfNecessary();
      const [leader] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
      const broker = await cluster.findBroker({ nodeId: leader ?? "" });
      const wanted = { partition, fetchOffset: String(offset), maxBytes: FETCH_BYTES };
      const answer = await broker.fetch({
        maxWaitTime: FETCH_WAIT_MS,
        minBytes: 1,
        maxBytes: FETCH_BYTES,
        isolationLevel: 1,
        topics: [{ topic, partitions: [wanted] }]
      });
      const found = answer.responses[0]?.partitions[0]?.messages ?? [];
      const last = found.at(-1);
      const nextOffset = last === void 0 ? offset : Number(last.offset) + 1;
      const records = found.filter((record) => record.isControlRecord !== true).map(toRecord);
      return { records: records.filter((record) => record.offset >= offset), nextOffset };
    });
  }
  async close() {
    const connected = this.#connected;
    this.#connected = void 0;
    if (connected !== void 0) await this.#leave(connected);
  }
  async #call(run) {
    this.#connected ??= this.#connect();
    const connected = this.#connected;
    try {
      return await within(this.#options.clock, CALL_MS_MAX, connected.then(run));
    } catch (error) {
      const isAnswer = rootCause(error).type !== void 0;
      if (!isAnswer && this.#connected === connected) {
        this.#connected = void 0;
        void this.#leave(connected);
      }
      throw error;
    }
  }
  async #connect() {
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
  async #leave(connected) {
    const leaving = connected.then(
      ({ admin, cluster }) => Promise.allSettled([admin.disconnect(), cluster.disconnect()])
    );
    await within(this.#options.clock, CALL_MS_MAX, leaving).catch(() => void 0);
  }
};

// packages/channel-kafka/src/client/connection.ts
import { createHash } from "node:crypto";
function connectionKey({ bootstrapServers, auth: auth2 }) {
  const parts = [[...bootstrapServers].sort(), auth2?.protocol, auth2?.sasl, auth2?.tls];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

// packages/channel-kafka/src/client/sticky-assigner.ts
import { AssignerProtocol } from "kafkajs";
var NAME = "afflux-sticky";
var VERSION = 0;
function assignSticky(claims, partitions) {
  const members = [...claims].sort((left, right) => left.memberId < right.memberId ? -1 : 1);
  const shares = new Map(members.map(({ memberId }) => [memberId, []]));
  if (members.length === 0) return shares;
  const free = new Map(partitions.map((each) => [`${each.topic}/${String(each.partition)}`, each]));
  const share = Math.ceil(partitions.length / members.length);
  for (const { memberId, owned } of members) {
    for (const [topic, numbers] of Object.entries(owned)) {
      for (const partition of numbers) {
        const key = `${topic}/${String(partition)}`;
        const kept = shares.get(memberId);
        if (kept === void 0 || kept.length >= share || !free.has(key)) continue;
        kept.push({ topic, partition });
        free.delete(key);
      }
    }
  }
  for (const each of free.values()) smallest(shares).push(each);
  level(shares);
  return shares;
}
function smallest(shares) {
  return [...shares.values()].reduce((least, each) => each.length < least.length ? each : least);
}
function level(shares) {
  for (; ; ) {
    const least = smallest(shares);
    const most = [...shares.values()].reduce((a, b) => b.length > a.length ? b : a);
    if (most.length - least.length < 2) return;
    const moved = most.pop();
    if (moved !== void 0) least.push(moved);
  }
}
function stickyAssigner(owned) {
  return ({ cluster }) => ({
    name: NAME,
    version: VERSION,
    assign: ({ members, topics }) => {
      const partitions = topics.flatMap(
        (topic) => cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => ({ topic, partition: partitionId }))
      );
      const claims = members.map(({ memberId, memberMetadata }) => ({
        memberId,
        owned: readClaim(memberMetadata)
      }));
      const shares = [...assignSticky(claims, partitions)];
      return Promise.resolve(
        shares.map(([memberId, share]) => ({
          memberId,
          memberAssignment: AssignerProtocol.MemberAssignment.encode({
            version: VERSION,
            assignment: byTopic(share),
            userData: Buffer.alloc(0)
          })
        }))
      );
    },
    protocol: ({ topics }) => ({
      name: NAME,
      metadata: AssignerProtocol.MemberMetadata.encode({
        version: VERSION,
        topics,
        userData: Buffer.from(JSON.stringify(owned()))
      })
    })
  });
}
function byTopic(share) {
  const assignment = {};
  for (const { topic, partition } of share) (assignment[topic] ??= []).push(partition);
  return assignment;
}
function readClaim(metadata) {
  try {
    const decoded = AssignerProtocol.MemberMetadata.decode(metadata);
    const claim = JSON.parse(decoded?.userData.toString("utf8") ?? "{}");
    if (typeof claim !== "object" || claim === null) return {};
    const entries = Object.entries(claim).filter(([, numbers]) => Array.isArray(numbers));
    return Object.fromEntries(entries);
  } catch {
    return {};
  }
}

// packages/channel-kafka/src/client/consumer.ts
var BACKOFF = { policy: "exponential", delayMs: 250, delayMsMax: 15e3 };
var REFUSED_MS = 15e3;
var BYTES_PER_PARTITION = 524288;
var LEAVE_MS_MAX = 1e4;
var CONCURRENT_PARTITIONS = 16;
var COMMIT_MS_MAX = 1e4;
var STALL_MARGIN_MS = 15e3;
var GroupConsumer = class {
  #options;
  #closing = new AbortController();
  #consumer;
  #memberId;
  #assignment = {};
  #lastSignMs = 0;
  #living;
  constructor(options) {
    this.#options = options;
  }
  start() {
    this.#living ??= this.#live();
  }
  pause(topic, partition) {
    this.#consumer?.pause([{ topic, partitions: [partition] }]);
  }
  resume(topic, partition) {
    this.#consumer?.resume([{ topic, partitions: [partition] }]);
  }
  /** Rejects when the member is gone or the group moves on; the offsets are then to be committed later. */
  async commit(offsets) {
    const consumer = this.#consumer;
    if (consumer === void 0 || this.#memberId === void 0) throw new Error("no member");
    const committing = consumer.commitOffsets(
      offsets.map((each) => ({ ...each, offset: String(each.offset) }))
    );
    await within(this.#options.clock, COMMIT_MS_MAX, committing);
  }
  /** Leaves the group. */
  async close() {
    this.#closing.abort();
    await this.#living;
  }
  async #live() {
    const { clock, random, member } = this.#options;
    const { signal } = this.#closing;
    for (let failures = 0; !signal.aborted; failures += 1) {
      const beganMs = clock.monotonicMs();
      const failure = await this.#liveOnce();
      if (failure === void 0) return;
      const lastedMs = clock.monotonicMs() - beganMs;
      if (lastedMs > this.#options.times.sessionMs) failures = 0;
      member.onTrouble(`the group cannot be read: ${shortReason(failure)}`);
      const waitMs = isRefusal(failure) ? REFUSED_MS : backoffMs(failures + 1, BACKOFF);
      await clock.sleep(withJitter(waitMs, random), signal).catch(() => void 0);
    }
  }
  /** Resolves with what ended it, undefined when it was closed. */
  async #liveOnce() {
    const { connection, clock, logger, topics, member } = this.#options;
    const kafka = openLibrary(connection, { logger, requestTimeoutMs: STALL_MARGIN_MS });
    const consumer = this.#create(kafka);
    const life = new AbortController();
    const crash = new Promise((resolve) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => {
        resolve(payload.error);
      });
      this.#closing.signal.addEventListener("abort", () => {
        resolve(void 0);
      });
    });
    try {
      this.#lastSignMs = clock.monotonicMs();
      await within(clock, LEAVE_MS_MAX, consumer.connect());
      await within(
        clock,
        LEAVE_MS_MAX,
        consumer.subscribe({ topics: [...topics], fromBeginning: true })
      );
      if (this.#closing.signal.aborted) return void 0;
      this.#consumer = consumer;
      const running = this.#run(consumer);
      return await Promise.race([crash, running.then(() => crash), this.#stall(life.signal)]);
    } catch (error) {
      return error;
    } finally {
      life.abort();
      this.#memberId = void 0;
      this.#assignment = {};
      member.onLost();
      this.#consumer = void 0;
      await within(clock, LEAVE_MS_MAX, consumer.disconnect()).catch(() => void 0);
    }
  }
  #create(kafka) {
    const { group, times } = this.#options;
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
        maxRetryTime: 1e3,
        restartOnFailure: () => Promise.resolve(false)
      }
    });
    const sign = () => {
      this.#lastSignMs = this.#options.clock.monotonicMs();
    };
    consumer.on(consumer.events.HEARTBEAT, sign);
    consumer.on(consumer.events.FETCH, sign);
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
  #joined(consumer, memberId, assignment) {
    const { member } = this.#options;
    const isContinued = this.#memberId === memberId;
    this.#memberId = memberId;
    this.#assignment = assignment;
    member.onTrouble(void 0);
    for (const { topic, partition, offset } of member.onAssigned(assignment, isContinued)) {
      consumer.seek({ topic, partition, offset: String(offset) });
    }
  }
  #run(consumer) {
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
          endOffset: Number(batch.highWatermark)
        });
        payload.resolveOffset(lastOffset);
      }
    });
  }
  /** Resolves once there was no sign of life for too long: brokers that keep connections open and say nothing. */
  async #stall(signal) {
    const { clock, times } = this.#options;
    const limitMs = times.sessionMs + times.rebalanceMs + STALL_MARGIN_MS;
    for (; ; ) {
      const silentMs = clock.monotonicMs() - this.#lastSignMs;
      if (silentMs > limitMs) return new Error("no sign of life");
      try {
        await clock.sleep(limitMs - silentMs + 1, signal);
      } catch {
        return void 0;
      }
    }
  }
};

// packages/channel-kafka/src/client/murmur2.ts
var SEED = 2538058380;
var M = 1540483477;
var R = 24;
function murmur2(bytes) {
  const { length } = bytes;
  let hash = SEED ^ length;
  const words = length >> 2;
  for (let index = 0; index < words; index++) {
    const at = index << 2;
    let word = (bytes[at] ?? 0) | (bytes[at + 1] ?? 0) << 8 | (bytes[at + 2] ?? 0) << 16 | (bytes[at + 3] ?? 0) << 24;
    word = Math.imul(word, M);
    word ^= word >>> R;
    word = Math.imul(word, M);
    hash = Math.imul(hash, M) ^ word;
  }
  const tail = words << 2;
  const rest = length - tail;
  if (rest >= 3) hash ^= (bytes[tail + 2] ?? 0) << 16;
  if (rest >= 2) hash ^= (bytes[tail + 1] ?? 0) << 8;
  if (rest >= 1) hash = Math.imul(hash ^ (bytes[tail] ?? 0), M);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, M);
  return hash ^ hash >>> 15;
}
function partitionOf(key, partitions) {
  return (murmur2(key) & 2147483647) % partitions;
}

// packages/channel-kafka/src/client/producer.ts
var RecordTooLarge = class extends Error {
};
var RECORDS_MAX = 2e4;
var BYTES_MAX = 33554432;
var BATCH_RECORDS = 512;
var BATCH_BYTES = 524288;
var DEADLINE_MS = 1e4;
var CONNECT_MS_MAX = 8e3;
var CLOSE_MS_MAX = 5e3;
var DOUBTS_MAX = 3;
var RETRY = { policy: "exponential", delayMs: 50, delayMsMax: 1e3 };
var RECONNECT = { policy: "exponential", delayMs: 250, delayMsMax: 5e3 };
var REFUSED_MS2 = 15e3;
var ALL_REPLICAS = -1;
var STICKY_BYTES = 16384;
var PARTITIONS_MAX = 1e4;
var NO_ENDS = /* @__PURE__ */ new Map();
var KafkaProducer = class {
  #connection;
  #options;
  #closing = new AbortController();
  #lines = /* @__PURE__ */ new Map();
  #producer;
  #connecting;
  #trouble;
  #records = 0;
  #bytes = 0;
  #idle;
  constructor(connection, options) {
    this.#connection = connection;
    this.#options = options;
  }
  /** What keeps it from sending now. */
  get trouble() {
    return this.#trouble;
  }
  /** Connects in the background. */
  start() {
    if (this.#producer === void 0) this.#connecting ??= this.#connect();
  }
  /**
   * All of the records or, as far as Kafka allows, none: they go in one request unless they are too many. Rejects
   * with {@link RecordTooLarge}, `AFFLUX_CHANNEL_UNAVAILABLE` or `AFFLUX_CHANNEL_OUTCOME_UNKNOWN`.
   */
  send(topic, records, onStep) {
    if (this.#trouble !== void 0) return Promise.reject(this.#unavailable());
    const bytes = records.reduce((total, record) => total + recordBytes(record), 0);
    if (this.#records + records.length > RECORDS_MAX || this.#bytes + bytes > BYTES_MAX) {
      return Promise.reject(new ChannelUnavailable("too many events wait to be written to Kafka"));
    }
    this.start();
    this.#records += records.length;
    this.#bytes += bytes;
    return new Promise((resolve, reject) => {
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
  ends(topic) {
    return this.#lines.get(topic)?.ends ?? NO_ENDS;
  }
  /** The topic was deleted and made again: partitions that end before what was written there. */
  forgetEnds(topic, isOld) {
    const ends = this.#lines.get(topic)?.ends ?? /* @__PURE__ */ new Map();
    for (const partition of ends.keys()) if (isOld(partition)) ends.delete(partition);
  }
  /** Waits for what is under way, which its deadline bounds, and disconnects. */
  async close() {
    if (this.#records > 0) await new Promise((resolve) => this.#idle = resolve);
    this.#closing.abort();
    await this.#connecting;
    const producer = this.#producer;
    this.#producer = void 0;
    if (producer !== void 0) await this.#leave(producer);
  }
  #line(topic) {
    let line = this.#lines.get(topic);
    if (line === void 0) {
      const stickyPartition = Math.floor(this.#options.random.next() * PARTITIONS_MAX);
      line = {
        topic,
        waiting: [],
        isBusy: false,
        leaders: 1,
        partitions: 1,
        stickyPartition,
        stickyBytes: 0,
        sent: /* @__PURE__ */ new Map(),
        ends: /* @__PURE__ */ new Map()
      };
      this.#lines.set(topic, line);
    }
    return line;
  }
  async #flush(line) {
    line.isBusy = true;
    await Promise.resolve();
    while (line.waiting.length > 0) await this.#write(line, takeBatch(line.waiting));
    line.isBusy = false;
  }
  /** Settles every send of the batch. */
  async #write(line, batch) {
    const { clock, random } = this.#options;
    let left = batch;
    let doubts = 0;
    const stored = /* @__PURE__ */ new Set();
    for (let attempt = 1; left.length > 0; attempt += 1) {
      const failure = await this.#attempt(line, left, stored, attempt > 1);
      const [done, open] = split(left, (send) => isStored(send, stored));
      for (const { resolve } of done) resolve();
      if (failure === void 0) return;
      if (isTooLarge(failure.error)) {
        await this.#refuseLarge(line, open);
        return;
      }
      if (failure.isInDoubt) doubts += 1;
      if (needsNewClient(failure.error)) this.#lose(failure.error);
      const waitMs = backoffMs(attempt, RETRY) * (1 + random.next() / 10);
      const nowMs = clock.monotonicMs();
      const isOver = isRefusal(failure.error) || this.#trouble !== void 0 || doubts >= DOUBTS_MAX;
      const [rest, expired] = split(open, (send) => !isOver && nowMs + waitMs < send.deadlineMs);
      for (const { reject } of expired) reject(this.#giveUp(failure.error, doubts > 0));
      left = rest;
      if (left.length > 0) await clock.sleep(waitMs);
    }
  }
  #giveUp(error, isInDoubt) {
    if (isInDoubt) {
      return outcomeUnknown(`Kafka has not confirmed the events: ${shortReason(error)}`, error);
    }
    if (error instanceof ChannelUnavailable) return error;
    return new ChannelUnavailable(`Kafka does not take events: ${shortReason(error)}`, {
      cause: error
    });
  }
  /** Undefined when all records are stored; those that surely are go into `stored`. `isAgain`: in parts. */
  async #attempt(line, sends, stored, isAgain) {
    const { clock } = this.#options;
    try {
      const producer = await this.#connected();
      const deadlineMs = Math.max(...sends.map((send) => send.deadlineMs));
      const records = sends.flatMap((send) => send.records).filter((record) => !stored.has(record));
      const parts = isAgain ? byPartition(records, line.partitions) : [records];
      const writePart = async (part) => {
        for (const [index, chunk] of chunked(part).entries()) {
          for (const { onStep } of sends) onStep?.(index === 0 ? "before-write" : "mid-batch");
          if (!isAgain) line.sent.clear();
          const waitMs = Math.max(1, deadlineMs - clock.monotonicMs());
          const sending = this.#request(producer, line, chunk);
          for (const { onStep } of sends) onStep?.("after-write");
          await within(clock, waitMs, sending);
          for (const record of chunk) stored.add(record);
        }
      };
      const outcomes = await Promise.allSettled(parts.map(writePart));
      const failed = outcomes.filter((outcome) => outcome.status === "rejected");
      const [first] = failed;
      if (first !== void 0) {
        const leaders = isAgain ? 1 : line.leaders;
        const isInDoubt = failed.some(({ reason }) => mayBeStored(reason, leaders));
        return { error: first.reason, isInDoubt };
      }
      for (const { onStep } of sends) onStep?.("after-sync");
      return void 0;
    } catch (error) {
      return { error, isInDoubt: false };
    }
  }
  async #request(producer, line, records) {
    const messages = records.map(({ key, value, headers }) => ({ key, value, headers }));
    const written = await producer.sendBatch({
      acks: ALL_REPLICAS,
      timeout: DEADLINE_MS,
      topicMessages: [{ topic: line.topic, messages }]
    });
    for (const { partition, baseOffset = "-1" } of written) {
      const count = written.length === 1 ? records.length : line.sent.get(partition) ?? 0;
      line.ends.set(partition, Number(baseOffset) + count);
    }
  }
  /** A request was beyond what the topic takes: whichever send it is, the others go through alone. */
  async #refuseLarge(line, sends) {
    const [only] = sends;
    if (sends.length === 1 && only !== void 0) {
      only.reject(new RecordTooLarge("the topic takes no records of this size"));
      return;
    }
    for (const send of sends) await this.#write(line, [send]);
  }
  async #connected() {
    for (; ; ) {
      if (this.#producer !== void 0) return this.#producer;
      if (this.#trouble !== void 0) throw this.#unavailable();
      this.start();
      await this.#firstOutcome();
    }
  }
  /** Resolves when the cluster was reached or could not be. */
  #firstOutcome() {
    return new Promise((resolve) => this.#outcomes.push(resolve));
  }
  #outcomes = [];
  #settleOutcomes() {
    for (const resolve of this.#outcomes.splice(0)) resolve();
  }
  async #connect() {
    const { clock, logger } = this.#options;
    const { signal } = this.#closing;
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      const producer = this.#create();
      try {
        await within(clock, CONNECT_MS_MAX, producer.connect());
        this.#producer = producer;
        this.#say(void 0);
        break;
      } catch (error) {
        void this.#leave(producer);
        this.#say(`Kafka cannot be reached: ${shortReason(error)}`);
        logger.debug({ reason: shortReason(error), attempt }, "cannot connect to kafka");
        const waitMs = isRefusal(error) ? REFUSED_MS2 : backoffMs(attempt, RECONNECT);
        await clock.sleep(waitMs, signal).catch(() => void 0);
      }
    }
    this.#connecting = void 0;
    this.#settleOutcomes();
  }
  #create() {
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
      }
    });
  }
  #lose(error) {
    const lost = this.#producer;
    if (lost === void 0) return;
    this.#producer = void 0;
    void this.#leave(lost);
    this.#options.logger.debug(
      { reason: shortReason(error) },
      "the connection to kafka is renewed"
    );
    this.start();
  }
  #say(trouble) {
    const isNews = this.#trouble !== trouble;
    this.#trouble = trouble;
    this.#settleOutcomes();
    if (isNews) this.#options.onTrouble(trouble);
  }
  #unavailable() {
    return new ChannelUnavailable(this.#trouble ?? "Kafka cannot be reached");
  }
  async #leave(producer) {
    await within(this.#options.clock, CLOSE_MS_MAX, producer.disconnect()).catch(() => void 0);
  }
};
function choosePartition(line, { key, value }, partitions) {
  if (Buffer.isBuffer(key)) return partitionOf(key, partitions.length);
  line.stickyBytes += value?.length ?? 0;
  if (line.stickyBytes > STICKY_BYTES) {
    line.stickyPartition += 1;
    line.stickyBytes = 0;
  }
  return partitions[line.stickyPartition % partitions.length]?.partitionId ?? 0;
}
function byPartition(records, partitions) {
  const parts = /* @__PURE__ */ new Map();
  for (const record of records) {
    const partition = record.key === null ? -1 : partitionOf(record.key, partitions);
    const part = parts.get(partition);
    if (part === void 0) parts.set(partition, [record]);
    else part.push(record);
  }
  return [...parts.values()];
}
function isStored({ records }, stored) {
  return records.every((record) => stored.has(record));
}
function recordBytes({ key, value, headers }) {
  let bytes = (key?.length ?? 0) + (value?.length ?? 0);
  for (const [name, header] of Object.entries(headers)) bytes += name.length + header.length;
  return bytes;
}
function takeBatch(waiting) {
  const batch = [];
  let records = 0;
  let bytes = 0;
  for (const send of waiting) {
    const isRoom = records + send.records.length <= BATCH_RECORDS && bytes + send.bytes <= BATCH_BYTES;
    if (batch.length > 0 && !isRoom) break;
    batch.push(send);
    records += send.records.length;
    bytes += send.bytes;
  }
  waiting.splice(0, batch.length);
  return batch;
}
function chunked(records) {
  const chunks = [];
  let chunk = [];
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
function split(items, isFirst) {
  const [first, second] = [[], []];
  for (const item of items) (isFirst(item) ? first : second).push(item);
  return [first, second];
}
function needsNewClient(error) {
  if (error instanceof NoAnswer) return true;
  const { name = "" } = rootCause(error);
  return /^KafkaJS(Connection|RequestTimeout|NoBroker|Broker)/.test(name);
}

// packages/channel-kafka/src/dead-letters.ts
var REASON_HEADER = "afflux-reason";
var STORED_HEADER = "afflux-stored";
var LETTERS_MAX = 1e6;
var KafkaDeadLetters = class {
  #host;
  /** Key to offset, oldest first. */
  #index = /* @__PURE__ */ new Map();
  #nextOffset;
  #refreshing = Promise.resolve();
  #page = [];
  constructor(host) {
    this.#host = host;
  }
  /** Writes one, durably. */
  write(subscription, record, reason, isMain) {
    const { owner, offset, event } = record;
    const id = `${isMain ? "p" : "r"}${String(owner.partition)}-${String(offset)}`;
    const { value, headers } = encodeKafka(event, { mode: "structured" });
    const marked = {
      ...headers,
      [REASON_HEADER]: Buffer.from(JSON.stringify(reason)),
      [STORED_HEADER]: Buffer.from(String(this.#host.now()))
    };
    const key = Buffer.from(keyOf(subscription, id));
    return this.#host.producer.send(this.#host.topic, [{ key, value, headers: marked }]);
  }
  list(options) {
    return this.#answer(async () => {
      const { subscription, limit, after, signal } = options;
      const begin = after === void 0 ? -1 : Number(after);
      const letters = [];
      let last = begin;
      for (const [key, offset] of this.#index) {
        if (offset <= begin) continue;
        if (subscription !== void 0 && ownerOf(key) !== subscription) continue;
        if (letters.length >= limit) return { letters, next: String(last) };
        if (signal?.aborted === true) throw abortedError(signal);
        const letter = await this.#read(key, offset);
        if (letter !== void 0) letters.push(letter);
        last = offset;
      }
      return { letters };
    });
  }
  get(subscription, id) {
    return this.#answer(() => this.#find(subscription, id));
  }
  redrive(subscription, ids) {
    return this.#answer(async () => {
      this.#host.hasSubscription(subscription);
      const found = await this.#findAll(subscription, ids);
      if (found.length === 0) return 0;
      await this.#host.republish(subscription, found);
      await this.#bury(
        subscription,
        found.map((letter) => letter.id)
      );
      return found.length;
    });
  }
  drop(subscription, ids) {
    return this.#answer(async () => {
      const there = [...new Set(ids)].filter((id) => this.#index.has(keyOf(subscription, id)));
      await this.#bury(subscription, there);
      return there.length;
    });
  }
  async #findAll(subscription, ids) {
    const found = [];
    for (const id of new Set(ids)) {
      const letter = await this.#find(subscription, id);
      if (letter !== void 0) found.push(letter);
    }
    return found;
  }
  async #find(subscription, id) {
    const key = keyOf(subscription, id);
    const offset = this.#index.get(key);
    return offset === void 0 ? void 0 : this.#read(key, offset);
  }
  async #bury(subscription, ids) {
    if (ids.length === 0) return;
    const keys = ids.map((id) => keyOf(subscription, id));
    const records = keys.map((key) => ({ key: Buffer.from(key), value: null, headers: {} }));
    await this.#host.producer.send(this.#host.topic, records);
    for (const key of keys) this.#index.delete(key);
  }
  async #answer(run) {
    try {
      const refreshing = this.#refreshing.then(() => this.#refresh());
      this.#refreshing = refreshing.catch(() => void 0);
      await refreshing;
      return await run();
    } catch (error) {
      if (error instanceof ChannelError || error.code === "AFFLUX_KERNEL_ABORTED") {
        throw error;
      }
      throw administrationError("read the dead letters", error);
    }
  }
  async #refresh() {
    const { topic, admin } = this.#host;
    const [ends] = await admin.ends(topic);
    if (ends === void 0) return;
    let next = Math.max(this.#nextOffset ?? 0, ends.low);
    while (next < ends.high) {
      const { records, nextOffset } = await admin.fetch(topic, 0, next);
      for (const record of records) this.#enter(record);
      next = nextOffset > next ? nextOffset : next + 1;
      this.#nextOffset = next;
    }
  }
  #enter({ key, value, offset }) {
    if (key === null) return;
    const name = key.toString("utf8");
    if (value === null) {
      this.#index.delete(name);
      return;
    }
    if (this.#index.size >= LETTERS_MAX)
      throw backendRefused("there are too many dead letters to list");
    this.#index.delete(name);
    this.#index.set(name, offset);
  }
  async #read(key, offset) {
    let record = this.#page.find((each) => each.offset === offset);
    if (record === void 0) {
      this.#page = (await this.#host.admin.fetch(this.#host.topic, 0, offset)).records;
      record = this.#page.find((each) => each.offset === offset);
    }
    return record === void 0 ? void 0 : letterOf(key, record);
  }
};
function letterOf(key, record) {
  try {
    const event = decodeKafka(record);
    if (event === void 0) return void 0;
    return {
      id: key.slice(key.lastIndexOf("/") + 1),
      subscription: ownerOf(key),
      event,
      reason: JSON.parse(headerText(record.headers, REASON_HEADER) ?? "{}"),
      storedMs: Number(headerText(record.headers, STORED_HEADER) ?? record.timestampMs)
    };
  } catch {
    return void 0;
  }
}
function keyOf(subscription, id) {
  return `${subscription}/${id}`;
}
function ownerOf(key) {
  return key.slice(0, key.lastIndexOf("/"));
}

// packages/channel-kafka/src/commit-metadata.ts
var VERSION2 = 1;
var TRIED_TEXT_MAX = 2500;
var OPEN_TEXT_MAX = 1e3;
function writeCommitMetadata({ base, tried, open, readTo }) {
  if (readTo <= base) return "";
  const { runs, to } = openRuns(base, open, readTo);
  return `{"v":${String(VERSION2)},"to":${String(to)},"o":${JSON.stringify(runs)},"r":[${rows(base, tried).join(",")}]}`;
}
function rows(base, tried) {
  const found = [];
  let length = 0;
  for (const { offset, attempt, progress, dueMs } of tried) {
    const row = [offset - base, attempt, Math.ceil(dueMs)];
    if (progress !== void 0) row.push(Buffer.from(progress).toString("base64"));
    const text = JSON.stringify(row);
    length += text.length + 1;
    if (length > TRIED_TEXT_MAX) break;
    found.push(text);
  }
  return found;
}
function openRuns(base, open, readTo) {
  const runs = [];
  let length = 0;
  for (const offset of open) {
    const last = runs.at(-1);
    const start = offset - base;
    if (last !== void 0 && last[0] + last[1] === start) {
      last[1] += 1;
      continue;
    }
    length += String(start).length + 8;
    if (length > OPEN_TEXT_MAX) return { runs, to: start };
    runs.push([start, 1]);
  }
  return { runs, to: readTo - base };
}
var NO_NOTES = { tried: [], isDone: () => false };
function readCommitMetadata(base, text) {
  if (text === void 0 || text === "") return NO_NOTES;
  try {
    const parsed = JSON.parse(text);
    const { to, o: runs, r } = parsed;
    if (parsed.v !== VERSION2 || !Number.isSafeInteger(to)) return NO_NOTES;
    if (!Array.isArray(runs) || !runs.every(isRun) || !Array.isArray(r)) return NO_NOTES;
    const tried = r.filter(isRow).map(([offset, attempt, dueMs, progress]) => ({
      offset: base + offset,
      attempt,
      dueMs,
      progress: progress === void 0 ? void 0 : Buffer.from(progress, "base64")
    }));
    const isDone = (offset) => {
      const at = offset - base;
      if (at < 0 || at >= to) return false;
      return !runs.some(([start, length]) => at >= start && at < start + length);
    };
    return { tried, isDone };
  } catch {
    return NO_NOTES;
  }
}
function isRun(run) {
  return Array.isArray(run) && run.length === 2 && run.every((each) => Number.isSafeInteger(each));
}
function isRow(row) {
  if (!Array.isArray(row)) return false;
  const [offset, attempt, dueMs, progress] = row;
  const areNumbers = [offset, attempt, dueMs].every((value) => Number.isSafeInteger(value));
  return areNumbers && (progress === void 0 || typeof progress === "string");
}

// packages/channel-kafka/src/done-memory.ts
var DoneMemory = class {
  #notes = /* @__PURE__ */ new Map();
  /** A partition goes: `open` are the offsets below `readTo` that are not finished. */
  remember(key, readTo, open) {
    const before = this.#notes.get(key);
    const notFinished = new Set(open);
    if (before === void 0 || before.readTo <= readTo) {
      this.#notes.set(key, { readTo, open: notFinished });
      return;
    }
    for (const offset of before.open) if (offset >= readTo) notFinished.add(offset);
    this.#notes.set(key, { readTo: before.readTo, open: notFinished });
  }
  /** For a partition that came back: whether a record was finished here. */
  recall(key) {
    const notes = this.#notes.get(key);
    if (notes === void 0) return () => false;
    return (offset) => offset < notes.readTo && !notes.open.has(offset);
  }
  forget(key) {
    this.#notes.delete(key);
  }
};

// packages/channel-kafka/src/group-places.ts
var GroupPlaces = class {
  #places = /* @__PURE__ */ new Map();
  set(partition, offset) {
    this.#places.set(partition, offset);
  }
  /**
   * Records that were written up to `ends` and that this member has not read: of the partitions it owns, and of all
   * of them while it has none, as before it has joined.
   */
  unread(owned, ends) {
    let total = 0;
    for (const { partition, endOffset, tracker } of owned) {
      const end = Math.max(endOffset, ends.get(partition) ?? 0);
      total += Math.max(0, end - (tracker?.nextFetch ?? this.#of(partition, end)));
    }
    if (owned.length > 0) return total;
    for (const [partition, end] of ends) total += Math.max(0, end - this.#of(partition, end));
    return total;
  }
  #of(partition, otherwise) {
    return this.#places.get(partition) ?? otherwise;
  }
};

// packages/channel-kafka/src/owned-partition.ts
function isBefore(left, right) {
  return left.offset < right.offset;
}
var OwnedPartition = class {
  topic;
  partition;
  tracker;
  due = new Heap(isBefore);
  /** Attempts and progress that were committed, or remembered, before the records themselves are here. */
  tried = /* @__PURE__ */ new Map();
  /** What was done behind the committed offset before this process owned the partition. */
  wasDone = () => false;
  /** Fetched and not decoded: there was no room. */
  raw = [];
  /** Where the next fetch begins. */
  fetchedTo = 0;
  isRefilling = false;
  bytes = 0;
  isPaused = false;
  isLost = false;
  endOffset = 0;
  committedOffset = -1;
  committedMetadata = "";
  committedMs = 0;
  constructor(topic, partition) {
    this.topic = topic;
    this.partition = partition;
  }
  get events() {
    return this.tracker?.size ?? 0;
  }
  /** Nothing is known of it any more. */
  reset() {
    this.due.clear();
    this.raw.length = 0;
    this.fetchedTo = 0;
    this.endOffset = 0;
    this.committedOffset = -1;
    this.tried = /* @__PURE__ */ new Map();
    this.wasDone = () => false;
    this.tracker = void 0;
  }
  hold(record) {
    this.tracker?.hold(record.offset, record);
    this.bytes += record.event.sizeBytes;
  }
  finish(record) {
    record.state = "gone";
    if (this.tracker?.done(record.offset) === true) this.bytes -= record.event.sizeBytes;
  }
  /** Those that were handed out at least once, for the commit's metadata. */
  triedRecords(encode) {
    const found = [];
    for (const { offset, attempt, progress, dueMs } of this.tracker?.items() ?? []) {
      if (attempt > 0) found.push({ offset, attempt, progress: encode(progress), dueMs });
    }
    return found;
  }
};

// packages/channel-kafka/src/partition-tracker.ts
var PartitionTracker = class {
  /** By offset, lowest first: records arrive in that order. */
  #held = /* @__PURE__ */ new Map();
  #nextFetch;
  constructor(nextFetch) {
    this.#nextFetch = nextFetch;
  }
  get nextFetch() {
    return this.#nextFetch;
  }
  get commitPoint() {
    for (const offset of this.#held.keys()) return offset;
    return this.#nextFetch;
  }
  get size() {
    return this.#held.size;
  }
  /** How far the reading is ahead of the commit point. */
  get window() {
    return this.#nextFetch - this.commitPoint;
  }
  /** Whether the record is new here; one that was read before is ignored. */
  isNew(offset) {
    return offset >= this.#nextFetch;
  }
  hold(offset, item) {
    this.#held.set(offset, item);
    this.#nextFetch = offset + 1;
  }
  /** Everything before this offset has been read. */
  passed(nextFetch) {
    this.#nextFetch = Math.max(this.#nextFetch, nextFetch);
  }
  /** False: it was not held. */
  done(offset) {
    return this.#held.delete(offset);
  }
  get(offset) {
    return this.#held.get(offset);
  }
  /** Of what is held, lowest first. */
  offsets() {
    return this.#held.keys();
  }
  /** Lowest offset first. */
  items() {
    return this.#held.values();
  }
};

// packages/channel-kafka/src/waiting-records.ts
var WaitingRecords = class {
  #clock;
  #onDue;
  /** By the monotonic time at which each is due. */
  #dueAt = /* @__PURE__ */ new Map();
  #alarm;
  constructor(clock, onDue) {
    this.#clock = clock;
    this.#onDue = onDue;
    this.#alarm = new Alarm(clock, () => {
      this.#wake();
    });
  }
  add(record, delayMs) {
    const atMs = this.#clock.monotonicMs() + delayMs;
    record.state = "waiting";
    this.#dueAt.set(record, atMs);
    this.#alarm.set(atMs);
  }
  delete(record) {
    this.#dueAt.delete(record);
  }
  stop() {
    this.#alarm.cancel();
  }
  #wake() {
    const nowMs = this.#clock.monotonicMs();
    let nextMs = Infinity;
    const due = [];
    for (const [record, atMs] of this.#dueAt) {
      if (atMs > nowMs) {
        nextMs = Math.min(nextMs, atMs);
        continue;
      }
      this.#dueAt.delete(record);
      due.push(record);
    }
    if (nextMs < Infinity) this.#alarm.set(nextMs);
    if (due.length > 0) this.#onDue(due);
  }
};

// packages/channel-kafka/src/group-reader.ts
var COMMIT_MS = 1e3;
var COMMIT_DONE = 500;
var RECOMMIT_MS = 6 * 36e5;
var WINDOW_MAX = 1e4;
var SHARE_MIN = 16;
var GroupReader = class {
  #host;
  #group;
  #topics;
  #partitions = /* @__PURE__ */ new Map();
  #order = [];
  #turn = 0;
  #remembered = /* @__PURE__ */ new Map();
  #doneBefore = new DoneMemory();
  #loading = Promise.resolve();
  #committing = Promise.resolve();
  #doneSince = 0;
  #inFlight = 0;
  #isRebalancing = false;
  #places = new GroupPlaces();
  #commitAlarm;
  #waiting;
  consumer;
  bounds;
  codec;
  trouble;
  onTroubleChange = () => void 0;
  constructor(host, group, topics, bounds, codec) {
    this.#host = host;
    this.#group = group;
    this.#topics = topics;
    this.bounds = bounds;
    this.codec = codec;
    this.#commitAlarm = new Alarm(host.clock, () => void this.commit().catch(() => void 0));
    this.#waiting = new WaitingRecords(host.clock, (records) => {
      for (const record of records) this.#makeDue(record);
      host.onReadable();
    });
  }
  get inFlight() {
    return this.#inFlight;
  }
  get partitions() {
    return this.#order;
  }
  /** The group begins here. */
  standsAt(partition, offset) {
    this.#places.set(partition, offset);
  }
  /** Records that were written up to `ends` and that this member has not read. */
  unread(topic, ends) {
    const main = this.#order.filter((owned) => owned.topic === topic);
    return this.#places.unread(main, ends);
  }
  owns(topic, partition) {
    return this.#partitions.has(keyOf2({ topic, partition }));
  }
  // What the consumer tells.
  onTrouble(trouble) {
    this.trouble = trouble;
    this.onTroubleChange();
  }
  onAssigned(assignment, isContinued) {
    this.#isRebalancing = false;
    if (!isContinued) this.#dropAll();
    const now = Object.entries(assignment).flatMap(
      ([topic, numbers]) => numbers.map((partition) => ({ topic, partition, key: keyOf2({ topic, partition }) }))
    );
    const wanted = new Set(now.map(({ key }) => key));
    for (const [key, owned] of this.#partitions) if (!wanted.has(key)) this.#drop(key, owned);
    const seeks = [];
    const gained = [];
    for (const { topic, partition, key } of now) {
      const kept = this.#partitions.get(key);
      if (kept?.tracker !== void 0) {
        seeks.push({ topic, partition, offset: kept.fetchedTo });
        if (kept.isPaused) this.consumer?.pause(topic, partition);
      } else {
        const owned = kept ?? new OwnedPartition(topic, partition);
        this.#partitions.set(key, owned);
        gained.push(owned);
        this.consumer?.resume(topic, partition);
      }
    }
    this.#order = [...this.#partitions.values()];
    if (gained.length > 0) this.#loading = this.#load(gained);
    if (this.#order.some(({ due }) => due.size > 0)) this.#host.onReadable();
    return seeks;
  }
  async onRecords(batch) {
    await this.#loading;
    const owned = this.#partitions.get(keyOf2(batch));
    if (owned === void 0) return;
    const first = batch.records[0]?.offset ?? batch.nextOffset;
    const isBack = batch.records.length > 0 && first < owned.fetchedTo;
    if (owned.tracker !== void 0 && isBack && batch.endOffset < owned.fetchedTo) {
      for (const record of [...owned.tracker.items()]) this.#forget(record);
      owned.reset();
      this.#doneBefore.forget(keyOf2(owned));
    }
    if (owned.tracker === void 0) {
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
  onRebalancing() {
    this.#isRebalancing = true;
    void this.commit().catch(() => void 0);
  }
  onLost() {
    this.#isRebalancing = false;
    this.#dropAll();
  }
  // What the subscription asks for.
  /** The lowest due record of the partition whose turn it is. */
  next() {
    if (this.#isRebalancing) return void 0;
    for (let tried = 0; tried < this.#order.length; tried++) {
      this.#turn = (this.#turn + 1) % this.#order.length;
      const record = this.#order[this.#turn]?.due.pop();
      if (record === void 0) continue;
      record.state = "taken";
      record.attempt += 1;
      record.dueMs = 0;
      this.#inFlight += 1;
      this.#dirty();
      return record;
    }
    return void 0;
  }
  done(record) {
    if (record.state !== "taken") return;
    record.owner.finish(record);
    this.#doneSince += 1;
    if (this.#doneSince >= COMMIT_DONE) void this.commit().catch(() => void 0);
    else this.#dirty();
    this.#resumeIfRoom(record.owner);
    this.#settled();
  }
  release(record, delayMs, progress) {
    if (record.state !== "taken") return;
    record.progress = progress;
    if (delayMs > 0) {
      record.dueMs = this.#host.clock.now() + delayMs;
      this.#waiting.add(record, delayMs);
    } else {
      this.#makeDue(record);
    }
    this.#dirty();
    this.#settled();
    if (delayMs <= 0) this.#host.onReadable();
  }
  save(record, progress) {
    if (record.state !== "taken") return;
    record.progress = progress;
    this.#dirty();
  }
  /** Commits what is done, and what is known of the rest. Rejects when that is not possible now. */
  commit() {
    const committing = this.#committing.then(() => this.#commit());
    this.#committing = committing.catch(() => void 0);
    return committing;
  }
  /** Sees to what time brings: offsets that would expire, partitions that may go on. */
  tick() {
    const nowMs = this.#host.clock.monotonicMs();
    for (const owned of this.#order) {
      if (owned.committedMs + RECOMMIT_MS < nowMs) owned.committedOffset = -1;
      this.#resumeIfRoom(owned);
    }
    this.#dirty();
  }
  stop() {
    this.#commitAlarm.cancel();
    this.#waiting.stop();
    this.#dropAll();
  }
  async #load(gained) {
    try {
      const committed = await this.#host.admin.committed(this.#group, this.#topics);
      for (const owned of gained) {
        const found = committed.find(
          ({ topic, partition }) => topic === owned.topic && partition === owned.partition
        );
        if (found === void 0) this.#doneBefore.forget(keyOf2(owned));
        if (found === void 0 || owned.tracker !== void 0) continue;
        owned.tracker = new PartitionTracker(found.offset);
        owned.fetchedTo = found.offset;
        owned.committedOffset = found.offset;
        owned.committedMetadata = found.metadata ?? "";
        owned.committedMs = this.#host.clock.monotonicMs();
        const notes = readCommitMetadata(found.offset, found.metadata);
        const wasDoneHere = this.#doneBefore.recall(keyOf2(owned));
        owned.wasDone = (offset) => notes.isDone(offset) || wasDoneHere(offset);
        owned.tried = this.#merged(owned, notes.tried);
      }
    } catch {
      this.#host.logger.warn(
        { group: this.#group },
        "attempts of earlier deliveries are not known"
      );
    }
  }
  #merged(owned, tried) {
    const merged = new Map(tried.map((each) => [each.offset, each]));
    const key = keyOf2(owned);
    for (const [offset, each] of this.#remembered.get(key) ?? []) {
      if ((merged.get(offset)?.attempt ?? 0) <= each.attempt) merged.set(offset, each);
    }
    this.#remembered.delete(key);
    return merged;
  }
  #take(owned, tracker, record) {
    if (!tracker.isNew(record.offset)) return;
    const event = owned.wasDone(record.offset) ? void 0 : this.#host.accept(record, owned.topic, owned.partition);
    if (event === void 0) {
      tracker.passed(record.offset + 1);
      this.#doneSince += 1;
      return;
    }
    const tried = owned.tried.get(record.offset);
    const held = {
      owner: owned,
      offset: record.offset,
      event,
      acceptedMs: record.timestampMs,
      attempt: tried?.attempt ?? 0,
      progress: this.#decode(tried?.progress),
      state: "due",
      dueMs: tried?.dueMs ?? 0
    };
    owned.hold(held);
    const delayMs = held.dueMs - this.#host.clock.now();
    if (delayMs > 0) this.#waiting.add(held, delayMs);
    else this.#makeDue(held);
  }
  #decode(progress) {
    if (progress === void 0) return void 0;
    try {
      return this.codec?.decode(progress);
    } catch {
      return void 0;
    }
  }
  #encode = (progress) => progress === void 0 ? void 0 : this.codec?.encode(progress);
  #makeDue(record) {
    record.state = "due";
    record.owner.due.push(record);
  }
  /** Decodes what was fetched, as far as there is room; the rest waits as bytes. */
  #refill(owned) {
    const { tracker, raw } = owned;
    if (tracker === void 0) return;
    let taken = 0;
    while (taken < raw.length && !this.#isHolding(owned, 1)) {
      const record = raw[taken];
      taken += 1;
      if (record !== void 0) this.#take(owned, tracker, record);
    }
    raw.splice(0, taken);
    if (raw.length === 0) tracker.passed(owned.fetchedTo);
    if (owned.due.size > 0) this.#host.onReadable();
  }
  #refillSoon(owned) {
    if (owned.isRefilling || owned.raw.length === 0 || this.#isHolding(owned, 0.5)) return;
    owned.isRefilling = true;
    this.#host.clock.setTimer(0, () => {
      owned.isRefilling = false;
      if (owned.isLost) return;
      this.#refill(owned);
      this.#resumeIfRoom(owned);
    });
  }
  #pauseIfFull(owned) {
    if (owned.isPaused || !this.#isFull(owned, 1)) return;
    owned.isPaused = true;
    this.consumer?.pause(owned.topic, owned.partition);
  }
  #resumeIfRoom(owned) {
    this.#refillSoon(owned);
    if (!owned.isPaused || owned.isLost || this.#isFull(owned, 0.5)) return;
    owned.isPaused = false;
    this.consumer?.resume(owned.topic, owned.partition);
  }
  #isFull(owned, ratio) {
    return owned.raw.length > 0 || this.#isHolding(owned, ratio);
  }
  #isHolding(owned, ratio) {
    const parts = Math.max(1, this.#order.length);
    const events = Math.max(SHARE_MIN, Math.floor(this.bounds.eventsMax / parts)) * ratio;
    const bytes = this.bounds.bytesMax / parts * ratio;
    const window = owned.tracker?.window ?? 0;
    return owned.events >= events || owned.bytes >= bytes || window >= WINDOW_MAX * ratio;
  }
  #dirty() {
    this.#commitAlarm.set(this.#host.clock.monotonicMs() + COMMIT_MS);
  }
  async #commit() {
    this.#doneSince = 0;
    const changes = this.#order.flatMap((owned) => {
      if (owned.tracker === void 0) return [];
      const offset = owned.tracker.commitPoint;
      const metadata = writeCommitMetadata({
        base: offset,
        tried: owned.triedRecords(this.#encode),
        open: owned.tracker.offsets(),
        readTo: owned.tracker.nextFetch
      });
      const isOld = offset === owned.committedOffset && metadata === owned.committedMetadata;
      return isOld ? [] : [{ owned, offset, metadata }];
    });
    if (changes.length === 0) return;
    try {
      if (this.consumer === void 0) throw new Error("no member");
      await this.consumer.commit(
        changes.map(({ owned: { topic, partition }, offset, metadata }) => ({
          topic,
          partition,
          offset,
          metadata
        }))
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
  async #countLost(owned, from, first) {
    try {
      const ends = await this.#host.admin.ends(owned.topic);
      const low = ends.find(({ partition }) => partition === owned.partition)?.low ?? 0;
      const lost = Math.min(low, first) - from;
      if (lost > 0) this.#host.onLostRecords(lost);
    } catch {
      this.#host.logger.warn({ group: this.#group }, "a gap in the offsets could not be explained");
    }
  }
  #dropAll() {
    for (const [key, owned] of this.#partitions) this.#drop(key, owned);
    this.#order = [];
  }
  #drop(key, owned) {
    owned.isLost = true;
    const tried = owned.triedRecords(this.#encode);
    if (tried.length > 0) this.#remembered.set(key, new Map(tried.map((t) => [t.offset, t])));
    const { tracker } = owned;
    if (tracker !== void 0) {
      this.#doneBefore.remember(key, tracker.nextFetch, tracker.offsets());
    }
    for (const record of [...owned.tracker?.items() ?? []]) this.#forget(record);
    owned.due.clear();
    this.#partitions.delete(key);
    this.#order = [...this.#partitions.values()];
  }
  #forget(record) {
    const wasTaken = record.state === "taken";
    record.owner.finish(record);
    this.#waiting.delete(record);
    if (wasTaken) this.#settled();
  }
  #settled() {
    this.#inFlight -= 1;
    if (this.#inFlight === 0) this.#host.onQuiet();
  }
};
function keyOf2({
  topic,
  partition
}) {
  return `${topic}/${String(partition)}`;
}

// packages/channel-kafka/src/wire.ts
var SUBSCRIPTION_HEADER = "afflux-subscription";
function encodeRecord(event, mode) {
  return encodeKafka(event, { mode });
}
function encodeRedelivery(event, subscription) {
  const { key, value, headers } = encodeKafka(event);
  const named = { ...headers, [SUBSCRIPTION_HEADER]: Buffer.from(subscription) };
  return { key, value, headers: named };
}
function decodeRecord(record, origin) {
  try {
    const event = decodeKafka(record);
    if (event === void 0 || origin === void 0) return { event };
    return { event: event.with(offsetAttributes(origin)) };
  } catch (error) {
    return { event: void 0, error };
  }
}
var INTEGER_MAX = 2 ** 31 - 1;
function offsetAttributes({ partition, offset }) {
  return {
    knativekafkapartition: partition,
    knativekafkaoffset: offset <= INTEGER_MAX ? offset : String(offset)
  };
}

// packages/channel-kafka/src/kafka-subscription.ts
var SETUP_RETRY = { policy: "exponential", delayMs: 250, delayMsMax: 1e4 };
var DEAD_LETTER_RETRY_MS = 1e3;
var KafkaSubscription = class {
  id;
  group;
  ready;
  #host;
  #reader;
  #stopping = new AbortController();
  #options;
  #handle;
  #consumer;
  #setup;
  #stopped;
  #setReady = () => void 0;
  #trouble;
  #lost = 0;
  /** What members elsewhere have still to do, as of the last look. */
  elsewhere = 0;
  constructor(host, group, options) {
    this.#host = host;
    this.group = group;
    this.id = options.id;
    this.#options = options;
    this.ready = new Promise((resolve) => this.#setReady = resolve);
    this.#reader = new GroupReader(
      {
        clock: host.clock,
        logger: host.logger,
        get admin() {
          return host.admin;
        },
        accept: (record, topic, partition) => this.#accept(record, topic, partition),
        onReadable: () => {
          this.#handle?.announce();
        },
        onQuiet: () => {
          host.onQuiet();
          if (this.#handle === void 0) void this.stop();
        },
        onLostRecords: (count) => {
          this.#countLost(count);
        }
      },
      group,
      this.#topics(),
      options.bounds,
      options.codec
    );
    this.#reader.onTroubleChange = () => {
      host.onTrouble();
    };
  }
  get label() {
    return this.#options.label ?? this.id;
  }
  get isStopping() {
    return this.#stopped !== void 0;
  }
  get inFlight() {
    return this.#reader.inFlight;
  }
  get trouble() {
    return this.#trouble ?? this.#reader.trouble;
  }
  get handle() {
    return this.#handle;
  }
  get reader() {
    return this.#reader;
  }
  attach() {
    this.#handle ??= new SubscriptionHandle(this);
    return this.#handle;
  }
  configure(options) {
    this.#options = options;
    this.#reader.bounds = options.bounds;
    this.#reader.codec = options.codec;
    this.#reader.tick();
  }
  wants(event) {
    return this.#handle !== void 0 && isWanted(this.id, this.#options.selector, event);
  }
  /** Sets the group up and joins it, in the background. */
  start() {
    this.#setup ??= this.#run();
  }
  take() {
    if (!this.#host.handsOut) return void 0;
    const record = this.#reader.next();
    return record === void 0 ? void 0 : new KafkaDelivery(record, this);
  }
  done(record) {
    this.#reader.done(record);
  }
  release(record, delayMs, progress) {
    this.#reader.release(record, delayMs, progress);
  }
  save(record, progress) {
    this.#reader.save(record, progress);
  }
  get keepsDeadLetters() {
    return this.#host.writeDeadLetter !== void 0;
  }
  deadLetter(record, reason) {
    const writing = this.#host.writeDeadLetter?.(this.id, record, reason);
    writing?.then(
      () => {
        this.#host.counters(this.label).deadLetters.add();
        this.#reader.done(record);
      },
      (error) => {
        this.#host.logger.warn({ reason: shortReason(error) }, "a dead letter was not written");
        this.#reader.release(record, DEAD_LETTER_RETRY_MS, record.progress);
      }
    );
  }
  close(drop) {
    const count = this.#depth();
    this.#handle = void 0;
    if (drop || this.#reader.inFlight === 0) void this.stop(drop);
    this.#host.onClosed(this);
    return drop ? { kept: 0, dropped: count } : { kept: count, dropped: 0 };
  }
  /** Commits, leaves the group, and with `drop` deletes it. */
  stop(drop = false) {
    this.#stopped ??= this.#stop(drop);
    return this.#stopped;
  }
  /** Everything that was settled so far is committed, as far as Kafka can be reached. */
  async flush() {
    await this.#reader.commit().catch(() => void 0);
  }
  /** The member leaves and another one, with the connection of now, takes its place. */
  async reconnect() {
    const old = this.#consumer;
    if (old === void 0 || this.isStopping) return;
    await this.flush();
    await old.close();
    this.#join();
  }
  describe() {
    const nowMs = this.#host.clock.now();
    let bytes = 0;
    let oldest = nowMs;
    for (const owned of this.#reader.partitions) {
      bytes += owned.bytes;
      for (const record of owned.tracker?.items() ?? []) {
        oldest = Math.min(oldest, record.acceptedMs);
        break;
      }
    }
    return {
      id: this.id,
      label: this.label,
      attached: this.#handle !== void 0,
      depth: this.#depth(),
      overflow: 0,
      bytes,
      oldestMs: nowMs - oldest,
      inFlight: this.#reader.inFlight,
      lost: this.#lost
    };
  }
  #depth() {
    const held = this.#reader.partitions.reduce((total, owned) => total + owned.events, 0);
    const unread = this.#reader.unread(this.#host.config.topic, this.#host.written);
    return this.#reader.partitions.length === 0 ? Math.max(this.elsewhere, unread) : held + unread + this.elsewhere;
  }
  #topics() {
    const { config } = this.#host;
    return mayHaveHelpers(config) ? [config.topic, redeliveryTopic(config)] : [config.topic];
  }
  async #run() {
    const { signal } = this.#stopping;
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      try {
        const [topic = "", ...others] = this.#topics();
        const from = this.#options.from ?? this.#host.config.initialOffset;
        const start = { group: this.group, topic, others, from };
        const places = await this.#host.locks.run(
          this.group,
          () => ensureGroupOffsets(this.#host.admin, start)
        );
        for (const { partition, offset } of places) this.#reader.standsAt(partition, offset);
        this.#say(void 0);
        break;
      } catch (error) {
        this.#say(`the group cannot be set up: ${shortReason(error)}`);
        await this.#host.clock.sleep(backoffMs(attempt, SETUP_RETRY), signal).catch(() => void 0);
      }
    }
    this.#setReady();
    if (!signal.aborted) this.#join();
  }
  #join() {
    const { config, connection, clock, random, logger } = this.#host;
    this.#consumer = new GroupConsumer({
      connection,
      group: this.group,
      topics: this.#topics(),
      times: {
        sessionMs: config.sessionTimeoutMs,
        rebalanceMs: Math.max(config.sessionTimeoutMs, 2 * config.sessionTimeoutMs),
        heartbeatMs: config.heartbeatIntervalMs,
        fetchWaitMs: config.fetchWaitMs
      },
      member: this.#reader,
      clock,
      random,
      logger
    });
    this.#reader.consumer = this.#consumer;
    this.#consumer.start();
  }
  #stop(drop) {
    this.#stopping.abort();
    const { clock, admin, locks, logger } = this.#host;
    const setup = this.#setup;
    return locks.run(this.group, async () => {
      await setup;
      if (!drop) await this.flush();
      await this.#consumer?.close();
      this.#reader.stop();
      if (!drop) return;
      await removeGroup(admin, clock, this.group).catch((error) => {
        logger.warn({ group: this.group, reason: shortReason(error) }, "a group was not removed");
      });
    });
  }
  #accept(record, topic, partition) {
    const { config } = this.#host;
    const isMain = topic === config.topic;
    if (!isMain && headerText(record.headers, SUBSCRIPTION_HEADER) !== this.id) return void 0;
    const origin = config.addOffsetAttributes && isMain ? { partition, offset: record.offset } : void 0;
    const decoded = decodeRecord(record, origin);
    if (decoded.event === void 0) {
      this.#host.onNoEvent(decoded.error);
      return void 0;
    }
    const { event } = decoded;
    return !isMain || isWanted(this.id, this.#options.selector, event) ? event : void 0;
  }
  #say(trouble) {
    this.#trouble = trouble;
    this.#host.onTrouble();
  }
  #countLost(count) {
    this.#lost += count;
    this.#host.counters(this.label).lost.add(count);
    this.#host.logger.warn(
      { subscription: this.label, events: count },
      "retention took events that were not delivered"
    );
  }
};
var SubscriptionHandle = class {
  #subscription;
  #isOpen = true;
  #isHungry = false;
  #callback = () => void 0;
  constructor(subscription) {
    this.#subscription = subscription;
  }
  get id() {
    return this.#subscription.id;
  }
  get ready() {
    return this.#subscription.ready;
  }
  take() {
    const delivery = this.#isOpen ? this.#subscription.take() : void 0;
    if (delivery === void 0) this.#isHungry = true;
    return delivery;
  }
  onReadable(callback) {
    this.#callback = callback;
  }
  close(options) {
    if (!this.#isOpen) return { kept: 0, dropped: 0 };
    this.#isOpen = false;
    return this.#subscription.close(options?.drop === true);
  }
  describe() {
    return this.#subscription.describe();
  }
  /** @internal */
  announce() {
    if (!this.#isHungry || !this.#isOpen) return;
    this.#isHungry = false;
    this.#callback();
  }
};
var KafkaDelivery = class {
  event;
  position;
  attempt;
  progress;
  deadLetter;
  #record;
  #subscription;
  #isSettled = false;
  constructor(record, subscription) {
    this.event = record.event;
    this.position = positionOf(record.owner.partition, record.offset);
    this.attempt = record.attempt;
    this.progress = record.progress;
    this.#record = record;
    this.#subscription = subscription;
    if (subscription.keepsDeadLetters) {
      this.deadLetter = (reason) => {
        if (this.#settle()) subscription.deadLetter(record, reason);
      };
    }
  }
  ack() {
    if (this.#settle()) this.#subscription.done(this.#record);
  }
  release({ delayMs, progress }) {
    if (!this.#settle()) return;
    this.#subscription.release(this.#record, delayMs, progress ?? this.progress);
  }
  save(progress) {
    if (!this.#isSettled) this.#subscription.save(this.#record, progress);
  }
  #settle() {
    const isFirst = !this.#isSettled;
    this.#isSettled = true;
    return isFirst;
  }
};

// packages/channel-kafka/src/topology.ts
var SAFE_COPIES = 3;
function safeConfig(config) {
  const safety = { "unclean.leader.election.enable": "false" };
  if (config.replicationFactor >= SAFE_COPIES) safety["min.insync.replicas"] = "2";
  return safety;
}
function helperSpecs(config) {
  if (!mayHaveHelpers(config)) return [];
  const { replicationFactor } = config;
  const safety = safeConfig(config);
  const letters = { ...safety, "cleanup.policy": "compact" };
  return [
    { topic: redeliveryTopic(config), partitions: 1, replicationFactor, config: safety },
    { topic: deadLetterTopic(config), partitions: 1, replicationFactor, config: letters }
  ];
}
async function ensureTopics(admin, config) {
  const { topic, partitions, replicationFactor, topicConfig, external } = config;
  const wanted = {
    ...replicationFactor >= SAFE_COPIES ? safeConfig(config) : {},
    ...topicConfig
  };
  const spec = { topic, partitions, replicationFactor, config: wanted };
  const found = await admin.topic(topic);
  if (external) {
    if (found === void 0 || topic.startsWith("__")) {
      throw topologyInvalid(`the topic ${topic} is not present or invalid`, { topic });
    }
  } else if (found === void 0) {
    await create(admin, spec);
  } else {
    await compare(admin, { ...spec, config: topicConfig }, found.partitions);
  }
  for (const helper of helperSpecs(config)) {
    if (await admin.topic(helper.topic) === void 0) await create(admin, helper);
  }
  return external ? found?.partitions ?? 0 : partitions;
}
async function create(admin, spec) {
  try {
    await admin.createTopic(spec);
  } catch (error) {
    const types = ["INVALID_REPLICATION_FACTOR", "INVALID_CONFIG", "INVALID_PARTITIONS"];
    const causes = JSON.stringify(errorTypes(error));
    const type = types.find((each) => causes.includes(each));
    if (type === void 0) throw error;
    throw topologyInvalid(`Kafka does not make the topic ${spec.topic}: ${type}`, {
      topic: spec.topic
    });
  }
}
function errorTypes(error) {
  const { type, errors, cause } = error;
  const inner = [...errors ?? [], ...cause instanceof Error ? [cause] : []];
  return [type, ...inner.flatMap((each) => errorTypes(each))];
}
async function compare(admin, spec, partitions) {
  const { topic, config } = spec;
  if (partitions !== spec.partitions) {
    throw topologyInvalid(
      `the topic ${topic} has ${String(partitions)} partitions, not ${String(spec.partitions)}`,
      { topic, partitions, wanted: spec.partitions }
    );
  }
  const names = Object.keys(config);
  if (names.length === 0) return;
  const actual = await admin.topicConfig(topic, names);
  for (const [name, wanted] of Object.entries(config)) {
    const value = actual.get(name);
    if (value === wanted) continue;
    throw topologyInvalid(`the topic ${topic} has ${name} = ${String(value)}, not ${wanted}`, {
      topic,
      setting: name
    });
  }
}

// packages/channel-kafka/src/provision.ts
function groupName({ topic }, { id, storageName }) {
  return storageName ?? `afflux.${topic}.${id}`;
}
var KafkaProvision = class {
  #context;
  #config;
  #locks;
  constructor(context, config, locks) {
    this.#context = context;
    this.#config = config;
    this.#locks = locks;
  }
  ensure(options) {
    return this.#with("provide the topic", options?.signal, async (admin) => {
      const partitions = await ensureTopics(admin, this.#config);
      const facts = await admin.topic(this.#config.topic);
      return {
        topic: this.#config.topic,
        partitions: String(facts?.partitions ?? partitions),
        replicationFactor: String(facts?.replicationFactor ?? this.#config.replicationFactor)
      };
    });
  }
  async ensureSubscription(subscription, options) {
    const from = subscription.from ?? this.#config.initialOffset;
    if (typeof from === "object" && "position" in from) parsePosition(from.position);
    const group = groupName(this.#config, subscription);
    await this.#with(
      "set the subscription up",
      options?.signal,
      (admin) => this.#locks.run(group, async () => {
        const others = mayHaveHelpers(this.#config) ? [redeliveryTopic(this.#config)] : [];
        await ensureGroupOffsets(admin, { group, topic: this.#config.topic, others, from });
      })
    );
  }
  async removeSubscription(subscription, options) {
    const group = groupName(this.#config, subscription);
    await this.#with(
      "remove the subscription",
      options?.signal,
      (admin) => this.#locks.run(group, () => removeGroup(admin, this.#context.clock, group))
    );
  }
  async remove(options) {
    await this.#with("remove the topic", options?.signal, async (admin) => {
      if (mayHaveHelpers(this.#config)) {
        await admin.deleteTopic(redeliveryTopic(this.#config));
        await admin.deleteTopic(deadLetterTopic(this.#config));
      }
      if (!this.#config.external) await admin.deleteTopic(this.#config.topic);
    });
  }
  async #with(what, signal, run) {
    if (signal?.aborted === true) throw abortedError(signal);
    const { clock, logger } = this.#context;
    const admin = new KafkaAdmin(this.#config, { clock, logger });
    try {
      return await run(admin);
    } catch (error) {
      if (error instanceof ChannelError) throw error;
      throw administrationError(what, error);
    } finally {
      await admin.close();
    }
  }
};

// packages/channel-kafka/src/read-kept.ts
async function* readKept(source, options) {
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
function isOpen(span) {
  return span.next < span.end;
}
async function* readSpan(admin, { topic, addOffsetAttributes }, span) {
  const { partition } = span;
  const { records, nextOffset } = await answered(admin.fetch(topic, partition, span.next));
  for (const record of records) {
    if (record.offset >= span.end) break;
    const { offset, timestampMs } = record;
    const { event } = decodeRecord(record, addOffsetAttributes ? { partition, offset } : void 0);
    if (event === void 0) continue;
    yield { event, position: positionOf(partition, offset), acceptedMs: timestampMs };
  }
  span.next = nextOffset > span.next ? nextOffset : span.next + 1;
}
async function spansOf(admin, topic, options) {
  const { from, to } = options;
  const ends = await admin.ends(topic);
  const begins = await wantedOffsets(admin, topic, from);
  const stops = to === void 0 ? void 0 : await wantedOffsets(admin, topic, to);
  return ends.map(({ partition, low, high }) => ({
    partition,
    next: Math.max(begins?.get(partition) ?? low, low),
    end: Math.min(stops?.get(partition) ?? high, high)
  }));
}
async function answered(promise) {
  try {
    return await promise;
  } catch (error) {
    const { code } = error;
    if (typeof code === "string" && code.startsWith("AFFLUX_")) throw error;
    throw administrationError("be read", error);
  }
}
function checkAborted(signal) {
  if (signal?.aborted === true) throw abortedError(signal);
}

// packages/channel-kafka/src/kafka-channel.ts
var KAFKA_TYPE = "kafka";
var EVENT_BYTES_MAX = 1e6;
var RECORD_OVERHEAD_BYTES = 48576;
var REFRESH_MS = 5e3;
var CLOSE_MS_MAX2 = 15e3;
var POISON_LOG_MS = 1e4;
var KafkaChannel = class extends BaseComponent {
  name;
  deadLetters;
  #context;
  #connections;
  #locks;
  #telemetry;
  #subscriptions = /* @__PURE__ */ new Map();
  #leaving = /* @__PURE__ */ new Set();
  #quiet = new Waiters();
  #counters = /* @__PURE__ */ new Map();
  #life = new AbortController();
  #config;
  #lease;
  #pending = 0;
  #eventBytesMax = EVENT_BYTES_MAX;
  #clusterTrouble;
  #topicTrouble;
  #saidTrouble;
  #poisoned = 0;
  #poisonSaidMs = -Infinity;
  constructor(context, connections, locks) {
    super();
    this.name = context.name;
    this.#context = context;
    this.#config = parseConfig(KAFKA_TYPE, kafkaConfigSchema, context.config);
    this.#connections = connections;
    this.#locks = locks;
    this.#telemetry = new ChannelTelemetry(context);
    this.#lease = this.#newLease();
    if (mayHaveHelpers(this.#config)) this.deadLetters = this.#openLetters();
  }
  publish(events, options) {
    if (this.state !== "running") throw channelClosed(this.name, this.state);
    if (options?.signal?.aborted === true) throw abortedError(options.signal);
    if (options?.deduplicateMs !== void 0) {
      throw unsupported(KAFKA_TYPE, "deduplicates", "suppress duplicates");
    }
    this.#checkSizes(events);
    const { topic, contentMode } = this.#config;
    const records = events.map((event) => encodeRecord(event, contentMode));
    return this.#send(topic, records, events, options?.signal);
  }
  subscribe(options) {
    if (!this.handsOut) throw channelClosed(this.name, this.state);
    const { from } = options;
    if (typeof from === "object" && "position" in from) parsePosition(from.position);
    return this.#subscribe(options);
  }
  #subscribe(options) {
    const open = this.#subscriptions.get(options.id);
    if (open !== void 0 && !open.isStopping) {
      open.configure(options);
      return open.attach();
    }
    const group = groupName(this.#config, options);
    const subscription = new KafkaSubscription(this.#host(), group, options);
    this.#subscriptions.set(options.id, subscription);
    const handle = subscription.attach();
    if (this.state !== "idle") subscription.start();
    return handle;
  }
  async publishTo(subscription, events, options) {
    if (this.state !== "running") throw channelClosed(this.name, this.state);
    if (!mayHaveHelpers(this.#config)) {
      throw unsupported(KAFKA_TYPE, "helperTopics", "publish to one subscription");
    }
    this.#known(subscription);
    this.#checkSizes(events);
    const records = events.map((event) => encodeRedelivery(event, subscription));
    await this.#send(redeliveryTopic(this.#config), records, events, options?.signal, false);
  }
  read(options) {
    const { clock, logger } = this.#context;
    for (const place of [options.from, options.to]) {
      if (typeof place === "object" && "position" in place) parsePosition(place.position);
    }
    const { topic, addOffsetAttributes } = this.#config;
    const openAdmin = () => new KafkaAdmin(this.#config, { clock, logger });
    return readKept({ openAdmin, topic, addOffsetAttributes }, options);
  }
  wants(subscription, event) {
    return this.#subscriptions.get(subscription)?.wants(event) ?? false;
  }
  describe() {
    const subscriptions = [...this.#subscriptions.values()].map((each) => each.describe());
    const trouble = this.#trouble();
    return {
      name: this.name,
      type: KAFKA_TYPE,
      events: Math.max(0, ...subscriptions.map(({ depth }) => depth)),
      bytes: Math.max(0, ...subscriptions.map(({ bytes }) => bytes)),
      unsettled: this.#pending,
      subscriptions,
      ...trouble === void 0 ? {} : { trouble }
    };
  }
  async settled(options) {
    const { signal } = options ?? {};
    if (signal?.aborted === true) return false;
    await Promise.all(
      [...this.#all()].map((each) => each.isStopping ? each.stop() : each.flush())
    );
    if (this.#pending === 0) return true;
    return this.#quiet.wait(signal);
  }
  reconfigure(config) {
    const next = parseConfig(KAFKA_TYPE, kafkaConfigSchema, config);
    if (next.topic !== this.#config.topic) {
      throw unsupported(KAFKA_TYPE, "movable", "change its topic");
    }
    this.#config = next;
    const old = this.#lease;
    this.#clusterTrouble = void 0;
    this.#lease = this.#newLease();
    if (this.#lease.producer === old.producer) {
      void old.release();
      return;
    }
    this.#lease.producer.start();
    const moving = [...this.#subscriptions.values()].map((each) => each.reconnect());
    void Promise.allSettled(moving).then(() => old.release());
  }
  /** @internal */
  get handsOut() {
    return this.state !== "draining" && this.state !== "closed";
  }
  onStart() {
    this.#lease.producer.start();
    for (const subscription of this.#subscriptions.values()) subscription.start();
    void this.#refresh();
    return Promise.resolve();
  }
  async onDrain(signal) {
    while (this.#busy() > 0) {
      if (!await this.#quiet.wait(signal)) throw abortedError(signal);
    }
  }
  async onClose() {
    this.#life.abort();
    this.#quiet.resolve(false);
    const { clock } = this.#context;
    const leaving = Promise.all([...this.#all()].map((each) => each.stop()));
    await Promise.race([leaving, clock.sleep(CLOSE_MS_MAX2)]);
    await this.#lease.release();
  }
  #all() {
    return /* @__PURE__ */ new Set([...this.#subscriptions.values(), ...this.#leaving]);
  }
  #busy() {
    return [...this.#all()].reduce((total, { inFlight }) => total + inFlight, this.#pending);
  }
  #checkSizes(events) {
    for (const { sizeBytes } of events) {
      if (sizeBytes <= this.#eventBytesMax) continue;
      this.#telemetry.tooLarge.add(events.length);
      throw eventTooLarge(sizeBytes, this.#eventBytesMax, "the topic");
    }
  }
  async #send(topic, records, events, signal, isCounted = true) {
    this.#pending += 1;
    const sending = this.#lease.producer.send(topic, records, this.#context.onStep).then(() => {
      if (isCounted) this.#telemetry.accepted.add(events.length);
    }).finally(() => {
      this.#pending -= 1;
      this.#whenQuiet();
    });
    try {
      await untilAborted(sending, signal);
    } catch (error) {
      if (!(error instanceof RecordTooLarge)) throw error;
      this.#telemetry.tooLarge.add(events.length);
      const largest = Math.max(...events.map(({ sizeBytes }) => sizeBytes));
      throw eventTooLarge(largest, this.#eventBytesMax, "the topic");
    }
  }
  #known(id) {
    const found = this.#subscriptions.get(id);
    if (found === void 0) throw subscriptionUnknown(this.name, id);
    return found;
  }
  #host() {
    const channel = this;
    const { clock, random, logger } = this.#context;
    const letters = this.deadLetters;
    return {
      clock,
      random,
      logger,
      locks: this.#locks,
      get admin() {
        return channel.#lease.admin;
      },
      get connection() {
        return channel.#config;
      },
      get config() {
        return channel.#config;
      },
      get handsOut() {
        return channel.handsOut;
      },
      get written() {
        return channel.#lease.producer.ends(channel.#config.topic);
      },
      counters: (label) => this.#countersOf(label),
      onQuiet: () => {
        this.#whenQuiet();
      },
      onTrouble: () => {
        this.#sayTrouble();
      },
      onNoEvent: (error) => {
        this.#countPoison(error);
      },
      onClosed: (subscription) => {
        this.#detach(subscription);
      },
      writeDeadLetter: letters === void 0 ? void 0 : async (subscription, record, reason) => {
        const isMain = record.owner.topic === this.#config.topic;
        await letters.write(subscription, record, reason, isMain);
      }
    };
  }
  #detach(subscription) {
    if (subscription.inFlight > 0 && !subscription.isStopping) {
      return;
    }
    if (this.#subscriptions.get(subscription.id) === subscription) {
      this.#subscriptions.delete(subscription.id);
    }
    this.#leaving.add(subscription);
    void subscription.stop().finally(() => this.#leaving.delete(subscription));
  }
  #countersOf(label) {
    let counters = this.#counters.get(label);
    if (counters === void 0) {
      counters = this.#telemetry.forSubscription(label);
      this.#counters.set(label, counters);
    }
    return counters;
  }
  #whenQuiet() {
    for (const subscription of this.#subscriptions.values()) {
      if (subscription.handle === void 0 && subscription.inFlight === 0) {
        this.#detach(subscription);
      }
    }
    if (this.#busy() === 0) this.#quiet.resolve(true);
  }
  #openLetters() {
    const channel = this;
    return new KafkaDeadLetters({
      topic: deadLetterTopic(this.#config),
      get producer() {
        return channel.#lease.producer;
      },
      get admin() {
        return channel.#lease.admin;
      },
      now: () => this.#context.clock.now(),
      hasSubscription: (id) => void this.#known(id),
      republish: (id, letters) => this.publishTo(
        id,
        letters.map(({ event }) => event)
      )
    });
  }
  #newLease() {
    return this.#connections.lease(this.#config, this.#context, (trouble) => {
      this.#clusterTrouble = trouble;
      this.#sayTrouble();
    });
  }
  #trouble() {
    if (this.state !== "running") return void 0;
    const found = [...this.#subscriptions.values()].map(({ trouble }) => trouble);
    return this.#clusterTrouble ?? this.#topicTrouble ?? found.find((each) => each !== void 0);
  }
  /** One line and one count for each loss. */
  #sayTrouble() {
    const trouble = this.#trouble();
    const { logger } = this.#context;
    if (trouble === void 0 !== (this.#saidTrouble === void 0)) {
      if (trouble === void 0) {
        logger.info({ channel: this.name }, "kafka is available again");
      } else {
        this.#telemetry.unavailable.add();
        logger.warn({ channel: this.name, trouble }, "kafka is not available");
      }
    }
    this.#saidTrouble = trouble;
  }
  #countPoison(error) {
    const { clock, logger } = this.#context;
    this.#poisoned += 1;
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#poisonSaidMs < POISON_LOG_MS) return;
    this.#poisonSaidMs = nowMs;
    const code = error?.code ?? "not a CloudEvent";
    const fields = { channel: this.name, records: this.#poisoned, reason: code };
    logger.warn(fields, "records in the topic are no events and were passed over");
    this.#poisoned = 0;
  }
  /** Ends of the partitions and bounds of the topic, again and again. */
  async #refresh() {
    const { signal } = this.#life;
    const { clock } = this.#context;
    while (!signal.aborted) {
      try {
        await this.#look();
        this.#topicTrouble = void 0;
      } catch (error) {
        this.#topicTrouble = `the topic cannot be read: ${shortReason(error)}`;
      }
      this.#sayTrouble();
      await clock.sleep(REFRESH_MS, signal).catch(() => void 0);
    }
  }
  async #look() {
    const { topic } = this.#config;
    const { admin, producer } = this.#lease;
    const written = new Map(producer.ends(topic));
    const ends = await admin.ends(topic);
    producer.forgetEnds(topic, (partition) => {
      const high = ends.find((each) => each.partition === partition)?.high ?? 0;
      return high < (written.get(partition) ?? 0);
    });
    const settings = await admin.topicConfig(topic, ["max.message.bytes"]);
    const recordMax = Number(settings.get("max.message.bytes") ?? Infinity);
    this.#eventBytesMax = Math.max(
      1,
      Math.min(EVENT_BYTES_MAX, recordMax - Math.min(RECORD_OVERHEAD_BYTES, recordMax / 2))
    );
    for (const subscription of this.#subscriptions.values()) {
      await this.#lookAt(subscription, topic, ends);
    }
  }
  async #lookAt(subscription, topic, ends) {
    const { reader, group } = subscription;
    for (const owned of reader.partitions) {
      const end = ends.find(({ partition }) => partition === owned.partition);
      if (owned.topic === topic && end !== void 0) owned.endOffset = end.high;
    }
    const foreign = ends.filter(({ partition }) => !reader.owns(topic, partition));
    if (foreign.length === 0) subscription.elsewhere = 0;
    else {
      const committed = await this.#lease.admin.committed(group, [topic]);
      const done = new Map(committed.map(({ partition, offset }) => [partition, offset]));
      subscription.elsewhere = foreign.reduce(
        (total, { partition, low, high }) => total + (reader.owns(topic, partition) ? 0 : high - (done.get(partition) ?? low)),
        0
      );
    }
    reader.tick();
  }
};

// packages/channel-kafka/src/shared-connections.ts
var SharedConnections = class {
  #shared = /* @__PURE__ */ new Map();
  /** `watch` is told when the cluster is lost and found again. Does no I/O. */
  lease(connection, context, watch) {
    const key = connectionKey(connection);
    const shared = this.#shared.get(key) ?? this.#open(key, connection, context);
    shared.watchers.add(watch);
    let isReleased = false;
    return {
      producer: shared.producer,
      admin: shared.admin,
      release: async () => {
        if (isReleased) return;
        isReleased = true;
        shared.watchers.delete(watch);
        if (shared.watchers.size > 0) return;
        if (this.#shared.get(key) === shared) this.#shared.delete(key);
        await Promise.all([shared.producer.close(), shared.admin.close()]);
      }
    };
  }
  #open(key, connection, context) {
    const watchers = /* @__PURE__ */ new Set();
    const { clock, random, logger } = context;
    const onTrouble = (trouble) => {
      for (const watch of [...watchers]) watch(trouble);
    };
    const shared = {
      producer: new KafkaProducer(connection, { clock, random, logger, onTrouble }),
      admin: new KafkaAdmin(connection, { clock, logger }),
      watchers
    };
    this.#shared.set(key, shared);
    return shared;
  }
};

// packages/channel-kafka/src/driver.ts
var KAFKA_CAPABILITIES = {
  durable: true,
  order: "key",
  replayable: true,
  competingConsumers: true,
  delayed: false,
  deadLetters: true,
  deduplicates: false,
  maxEventBytes: EVENT_BYTES_MAX
};
function kafkaDriver() {
  const connections = new SharedConnections();
  const locks = new GroupLocks();
  return {
    type: KAFKA_TYPE,
    configSchema: kafkaConfigSchema,
    capabilities: KAFKA_CAPABILITIES,
    create: (context) => new KafkaChannel(context, connections, locks),
    provision: (context) => new KafkaProvision(
      context,
      parseConfig(KAFKA_TYPE, kafkaConfigSchema, context.config),
      locks
    )
  };
}
export {
  KAFKA_CAPABILITIES,
  kafkaConfigSchema,
  kafkaDriver
};
