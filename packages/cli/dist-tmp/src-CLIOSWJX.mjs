import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);
import {
  ChannelFull,
  ChannelTelemetry,
  ChannelUnavailable,
  backendRefused,
  channelClosed,
  eventTooLarge,
  outcomeUnknown,
  parseConfig,
  positionInvalid,
  subscriptionUnknown,
  topologyInvalid,
  unsupported
} from "./chunk-L3ZXLJED.mjs";
import {
  decodeAmqp,
  encodeAmqp,
  makeEvent
} from "./chunk-QUSRWZCH.mjs";
import {
  external_exports
} from "./chunk-C4YO6LH5.mjs";
import {
  BaseComponent,
  abortedError,
  backoffMs,
  newUuid,
  untilAborted,
  withJitter
} from "./chunk-ZKZDKWPE.mjs";
import "./chunk-EX44SRZ5.mjs";

// packages/channel-rabbitmq/src/config.ts
var MAX_EVENT_BYTES = 16 * 1024 * 1024;
var addressSchema = external_exports.string().refine(isAddress, "must be amqp://host[:port] or amqps://host[:port], without credentials");
function isAddress(text2) {
  if (!URL.canParse(text2)) return false;
  const { protocol, username, password, hostname } = new URL(text2);
  const isAmqp = protocol === "amqp:" || protocol === "amqps:";
  return isAmqp && username === "" && password === "" && hostname !== "";
}
var tlsSchema = external_exports.strictObject({
  ca: external_exports.string().optional().describe("PEM of the authorities to trust. Default: those of the system."),
  cert: external_exports.string().optional().describe("PEM of the client certificate."),
  key: external_exports.string().optional().describe("PEM of its key.")
}).refine(({ cert, key }) => cert === void 0 === (key === void 0), {
  path: ["key"],
  error: "a client certificate and its key come together"
});
var configSchema = external_exports.strictObject({
  urls: external_exports.array(addressSchema).min(1).describe("Addresses of the nodes, tried in turn. No credentials in them."),
  username: external_exports.string().optional().describe("Absent with a client certificate: mechanism EXTERNAL."),
  password: external_exports.string().optional(),
  vhost: external_exports.string().min(1).max(255).default("/"),
  tls: tlsSchema.optional(),
  exchange: external_exports.string().min(1).max(200).describe("Of kind headers; made when it is missing."),
  queueType: external_exports.enum(["quorum", "classic"]).default("quorum"),
  consumerTimeoutMs: external_exports.int().min(6e4).default(18e5).describe("`consumer_timeout` of the server: how long a message may stay unacknowledged."),
  prefetchMax: external_exports.int().min(32).max(1e3).default(1e3).describe("Most messages that a subscription reads ahead."),
  inFlightMessagesMax: external_exports.int().min(1).default(2e3).describe("Publishes waiting for their confirm."),
  inFlightBytesMax: external_exports.int().min(1).default(64 * 1024 * 1024).describe("The same in bytes."),
  confirmTimeoutMs: external_exports.int().min(100).default(1e4).describe("After so long without a confirm the outcome of a publish counts as unknown."),
  maxEventBytes: external_exports.int().min(1).max(MAX_EVENT_BYTES).default(MAX_EVENT_BYTES).describe("Largest event; must be within the server's `max_message_size`.")
});

// packages/channel-rabbitmq/src/names.ts
import { createHash } from "node:crypto";
var NAME_BYTES_MAX = 255;
var SUFFIX_BYTES_MAX = ".direct".length;
var HASH_LENGTH = 16;
function queueNames(exchange, id, storageName) {
  const main = fit(storageName ?? `${exchange}.${id}`);
  return {
    main,
    retry: `${main}.retry`,
    wait: `${main}.wait`,
    direct: `${main}.direct`,
    dead: `${main}.dead`
  };
}
function registerName(exchange) {
  return fit(`${exchange}.dead`);
}
function fit(name) {
  const bytesMax = NAME_BYTES_MAX - SUFFIX_BYTES_MAX;
  if (Buffer.byteLength(name) <= bytesMax) return name;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, HASH_LENGTH);
  const start = Buffer.from(name).subarray(0, bytesMax - HASH_LENGTH - 4).toString();
  return `${start.replace(/\uFFFD+$/, "")}.${hash}`;
}

// packages/channel-rabbitmq/src/envelope.ts
var KEY = "x-afflux-key";
var AT = "x-afflux-at";
var ATTEMPTS = "x-afflux-attempts";
var PROGRESS = "x-afflux-progress";
var DUE = "x-afflux-due";
var HOP = "x-afflux-hop";
var LETTER = "x-afflux-letter";
var OURS = [KEY, AT, ATTEMPTS, PROGRESS, DUE, HOP, LETTER];
var DELIVERY_COUNT = "x-delivery-count";
function encodeEvent(event, { exchange, queue, mandatory }, envelope, letter) {
  const { properties, headers, content } = encodeAmqp(event);
  addEnvelope(headers, envelope);
  addLetter(headers, letter);
  return {
    exchange,
    routingKey: queue,
    content,
    headers,
    contentType: properties.contentType,
    messageId: properties.messageId,
    mandatory: mandatory ?? exchange === ""
  };
}
function copyMessage(message, queue, letter) {
  const headers = { ...message.properties.headers };
  for (const name of [DELIVERY_COUNT, LETTER]) Reflect.deleteProperty(headers, name);
  addLetter(headers, letter);
  const { contentType, messageId } = message.properties;
  return {
    exchange: "",
    routingKey: queue,
    content: message.content,
    headers,
    contentType: typeof contentType === "string" ? contentType : void 0,
    messageId: typeof messageId === "string" ? messageId : void 0,
    mandatory: true
  };
}
function addEnvelope(headers, envelope) {
  const { key, acceptedMs, attempts, progress, dueMs, hopMs } = envelope;
  if (key !== void 0) headers[KEY] = key;
  if (acceptedMs !== void 0) headers[AT] = String(acceptedMs);
  if (attempts !== void 0) headers[ATTEMPTS] = String(attempts);
  if (progress !== void 0) headers[PROGRESS] = Buffer.from(progress);
  if (dueMs !== void 0) headers[DUE] = String(dueMs);
  if (hopMs !== void 0) headers[HOP] = String(hopMs);
}
function addLetter(headers, letter) {
  if (letter !== void 0) headers[LETTER] = JSON.stringify(letter);
}
function readEvent(message) {
  const { properties, content } = message;
  return decodeAmqp({ properties, headers: properties.headers, content });
}
function readEnvelope({ properties, fields }, nowMs) {
  const headers = properties.headers ?? {};
  const progress = headers[PROGRESS];
  const returned = integer(headers[DELIVERY_COUNT]) ?? (fields.redelivered ? 1 : 0);
  const key = text(headers[KEY]) ?? "";
  const version = [ATTEMPTS, DUE, HOP].map((name) => text(headers[name]) ?? "").join("/");
  return {
    key,
    identity: key === "" ? "" : `${key}/${version}`,
    acceptedMs: integer(headers[AT]) ?? nowMs,
    attempts: (integer(headers[ATTEMPTS]) ?? 0) + returned,
    progress: progress instanceof Uint8Array ? progress : void 0,
    dueMs: integer(headers[DUE]) ?? 0,
    hopMs: integer(headers[HOP]) ?? 0
  };
}
function readLetter({ properties }) {
  const written = text(properties.headers?.[LETTER]);
  if (written === void 0) return void 0;
  try {
    const head = JSON.parse(written);
    const isComplete = typeof head.id === "string" && typeof head.storedMs === "number";
    return isComplete && head.reason !== void 0 ? head : void 0;
  } catch {
    return void 0;
  }
}
function headerBytes(headers) {
  let bytes = 0;
  for (const [name, value] of Object.entries(headers)) {
    if (OURS.includes(name)) continue;
    bytes += 6 + Buffer.byteLength(name) + Buffer.byteLength(String(value));
  }
  return bytes;
}
function text(value) {
  return typeof value === "string" ? value : void 0;
}
function integer(value) {
  const number = typeof value === "string" ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) ? number : void 0;
}

// packages/channel-rabbitmq/src/copies.ts
function encodeCopy({ event, envelope, attempts, progress }, names, { nowMs, dueMs, hopMs }) {
  const { key, acceptedMs } = envelope;
  const isLong = dueMs - nowMs > hopMs;
  const address = { exchange: "", queue: isLong ? names.wait : names.retry };
  return encodeEvent(event, address, {
    key,
    acceptedMs,
    attempts,
    dueMs,
    ...progress === void 0 ? {} : { progress },
    ...isLong ? { hopMs: nowMs + hopMs } : {}
  });
}
function undecodable(queue, atMs) {
  return {
    reason: "undecodable",
    stage: "channel",
    destination: queue,
    code: 0,
    data: "",
    attempts: 0,
    atMs
  };
}
function acknowledge(channel, message) {
  try {
    channel.ack(message);
    return true;
  } catch {
    return false;
  }
}

// packages/channel-rabbitmq/src/expected.ts
var EXPECTED_MAX = 1e4;
var Expected = class {
  #entries = /* @__PURE__ */ new Map();
  #bytes = 0;
  get size() {
    return this.#entries.size;
  }
  get bytes() {
    return this.#bytes;
  }
  get oldestMs() {
    let oldest;
    for (const { acceptedMs } of this.#entries.values()) {
      oldest = oldest === void 0 ? acceptedMs : Math.min(oldest, acceptedMs);
    }
    return oldest;
  }
  add(key, bytes, acceptedMs) {
    if (key === "" || this.#entries.size >= EXPECTED_MAX || this.#entries.has(key)) return;
    this.#entries.set(key, { bytes, acceptedMs });
    this.#bytes += bytes;
  }
  delete(key) {
    const entry = this.#entries.get(key);
    if (entry === void 0) return;
    this.#entries.delete(key);
    this.#bytes -= entry.bytes;
  }
  deleteBefore(acceptedMs) {
    for (const [key, entry] of [...this.#entries]) {
      if (entry.acceptedMs < acceptedMs) this.delete(key);
    }
  }
  clear() {
    this.#entries.clear();
    this.#bytes = 0;
  }
};
function figures(held, expected, nowMs) {
  let oldest = expected.oldestMs ?? nowMs;
  let { bytes } = expected;
  for (const { event, envelope, isCopied } of held) {
    if (isCopied) continue;
    bytes += event.sizeBytes;
    oldest = Math.min(oldest, envelope.acceptedMs);
  }
  return { bytes, oldestMs: Math.max(0, nowMs - oldest) };
}

// packages/channel-rabbitmq/src/held.ts
function end(held) {
  held.state = "gone";
  held.timer?.cancel();
}
function isBefore(left, right) {
  const byTime = left.envelope.acceptedMs - right.envelope.acceptedMs;
  return byTime === 0 ? left.order < right.order : byTime < 0;
}
var DueLine = class {
  #tried = [];
  #fresh = [];
  #direct = [];
  #isDirectNext = false;
  get size() {
    return this.#tried.length + this.#fresh.length + this.#direct.length;
  }
  add(held) {
    const isTried = held.attempts > held.envelope.attempts;
    if (!isTried && (held.origin === "main" || held.origin === "direct")) {
      (held.origin === "main" ? this.#fresh : this.#direct).push(held);
      return;
    }
    let at = this.#tried.length;
    for (; at > 0; at -= 1) {
      const before = this.#tried[at - 1];
      if (before === void 0 || isBefore(before, held)) break;
    }
    this.#tried.splice(at, 0, held);
  }
  next() {
    const tried = this.#tried.shift();
    if (tried !== void 0) return tried;
    this.#isDirectNext = !this.#isDirectNext;
    const [first, second] = this.#isDirectNext ? [this.#direct, this.#fresh] : [this.#fresh, this.#direct];
    return first.shift() ?? second.shift();
  }
  /** Takes out what the predicate names. */
  remove(isGone) {
    for (const line of [this.#tried, this.#fresh, this.#direct]) {
      const kept = line.filter((held) => !isGone(held));
      line.splice(0, line.length, ...kept);
    }
  }
  [Symbol.iterator]() {
    return [...this.#tried, ...this.#fresh, ...this.#direct][Symbol.iterator]();
  }
};

// packages/channel-rabbitmq/src/client/failures.ts
var NOT_FOUND = 404;
var ACCESS_REFUSED = 403;
var PRECONDITION_FAILED = 406;
var NOT_ALLOWED = 530;
function replyCode(error) {
  const code = error?.code;
  return typeof code === "number" ? code : void 0;
}
function isNotFound(error) {
  return replyCode(error) === NOT_FOUND;
}
function connectFailure(error, place, vhost) {
  const message = messageOf(error);
  if (message.includes("ACCESS_REFUSED") || message.includes("ACCESS-REFUSED")) {
    return { kind: "refused", text: `RabbitMQ at ${place} refuses the credentials` };
  }
  if (/ConnectionOpenOk|NOT_ALLOWED|NOT-ALLOWED/.test(message)) {
    const text2 = `RabbitMQ at ${place} has no vhost ${JSON.stringify(vhost)}, or the user may not use it`;
    return { kind: "refused", text: text2 };
  }
  if (/certificate|self.signed|ERR_TLS|EPROTO|SSL|alert/i.test(message)) {
    return {
      kind: "refused",
      text: `no trusted TLS connection with RabbitMQ at ${place}: ${short(message)}`
    };
  }
  return { kind: "away", text: `RabbitMQ at ${place} cannot be reached: ${short(message)}` };
}
function operationFailure(error, subject) {
  const code = replyCode(error);
  const message = short(messageOf(error));
  if (code === PRECONDITION_FAILED) {
    return { kind: "topology", text: `${subject} exists with other settings: ${message}` };
  }
  if (code === ACCESS_REFUSED || code === NOT_ALLOWED) {
    return { kind: "refused", text: `RabbitMQ refuses access to ${subject}: ${message}` };
  }
  return { kind: "away", text: `RabbitMQ failed on ${subject}: ${message}` };
}
function failureError({ kind, text: text2 }, cause) {
  const safe = cause === void 0 ? void 0 : new Error(short(messageOf(cause)));
  switch (kind) {
    case "refused":
      return backendRefused(text2, safe);
    case "topology":
      return topologyInvalid(text2);
    case "away":
      return new ChannelUnavailable(text2, safe === void 0 ? {} : { cause: safe });
  }
}
function unknownOutcome(what) {
  return outcomeUnknown(`RabbitMQ did not confirm: ${what}`);
}
var SHOWN_LENGTH_MAX = 300;
var USER_INFO = /\/\/[^/@\s]*@/g;
function short(message) {
  return message.replace(USER_INFO, "//").slice(0, SHOWN_LENGTH_MAX);
}
function messageOf(error) {
  if (error instanceof AggregateError && error.message === "") {
    return error.errors.map(messageOf).join("; ");
  }
  return error instanceof Error ? error.message || error.name : String(error);
}

// packages/channel-rabbitmq/src/client/waiting.ts
var CLOSE_WAIT_MS = 2e3;
async function within(clock, ms, promise) {
  const limit = new AbortController();
  const settled = promise.then(
    () => void 0,
    () => void 0
  );
  await Promise.race([settled, clock.sleep(ms, limit.signal).catch(() => void 0)]);
  limit.abort();
}

// packages/channel-rabbitmq/src/client/channel-keeper.ts
var RETRY = { policy: "exponential", delayMs: 50, delayMsMax: 1e4 };
var ChannelKeeper = class {
  #options;
  #life = new AbortController();
  #connection;
  #running;
  #opening;
  #channel;
  #failure;
  constructor(options) {
    this.#options = options;
    this.#connection = options.connection;
  }
  start() {
    this.#running ??= this.#run();
  }
  /** The channel when it is open and set up. */
  get channel() {
    return this.#channel;
  }
  /** Why it is not: absent when it is, or when only the connection is away. */
  get failure() {
    return this.#failure;
  }
  /** Gives the channel up and opens another, on another connection if told so. */
  async reset(connection = this.#connection) {
    this.#connection = connection;
    await closeQuietly(this.#opening, this.#options.clock);
  }
  async close() {
    if (!this.#life.signal.aborted) this.#life.abort();
    const { clock } = this.#options;
    await closeQuietly(this.#opening, clock);
    await within(clock, CLOSE_WAIT_MS, this.#running ?? Promise.resolve());
  }
  async #run() {
    const { signal } = this.#life;
    const { clock, random } = this.#options;
    let failures = 0;
    while (!signal.aborted) {
      const connection = this.#connection;
      if (!await this.#connected(connection)) continue;
      const isUsed = await this.#live(connection);
      failures = isUsed ? 0 : failures + 1;
      const waitMs = isUsed ? RETRY.delayMs : backoffMs(failures, RETRY);
      await clock.sleep(withJitter(waitMs, random), signal).catch(() => void 0);
    }
  }
  /** False: stopped, or moved to another connection meanwhile. */
  async #connected(connection) {
    if (connection.isClosed) {
      await this.#options.clock.sleep(RETRY.delayMs, this.#life.signal).catch(() => void 0);
      return false;
    }
    const isThere = await connection.connected(this.#life.signal);
    return isThere && !this.#life.signal.aborted && connection === this.#connection;
  }
  async #live({ model }) {
    const { create, setUp, subject } = this.#options;
    let channel;
    let isSetUp = false;
    if (model === void 0) return false;
    try {
      channel = await create(model);
      const ended = this.#watch(channel);
      this.#opening = channel;
      await Promise.race([setUp(channel), ended.then(throwLoss)]);
      this.#channel = channel;
      this.#failure = void 0;
      isSetUp = true;
      this.#options.onOpen?.();
      const error = await ended;
      if (error !== void 0) this.#fail(operationFailure(error, subject));
    } catch (error) {
      this.#fail(operationFailure(error, subject));
    }
    this.#channel = void 0;
    this.#opening = void 0;
    if (channel !== void 0) {
      await closeQuietly(channel, this.#options.clock);
      this.#options.onLost?.(channel);
    }
    return isSetUp;
  }
  #watch(channel) {
    return new Promise((resolve) => {
      let failure;
      channel.on("error", (error) => failure = error);
      channel.on("handler-error", (error) => {
        const { logger, subject } = this.#options;
        logger.error({ err: error, subject }, "a listener of the rabbitmq channel failed");
      });
      channel.on("close", () => {
        resolve(failure);
      });
    });
  }
  #fail(failure) {
    if (this.#life.signal.aborted) return;
    const isNews = this.#failure?.text !== failure.text;
    this.#failure = failure;
    if (isNews) this.#options.logger.warn({ reason: failure.text }, "rabbitmq channel lost");
  }
};
function throwLoss(error) {
  throw error instanceof Error ? error : new Error("the channel was closed");
}
async function closeQuietly(channel, clock) {
  if (channel === void 0) return;
  const closed = new Promise((resolve) => channel.once("close", resolve));
  await within(clock, CLOSE_WAIT_MS, Promise.race([closed, closeNow(channel)]));
}
async function closeNow(channel) {
  try {
    await channel.close();
  } catch {
  }
}

// packages/channel-rabbitmq/src/topology.ts
var MATCHES_EVERYTHING = { "x-match": "all" };
var DELIVERY_LIMIT = 2 ** 31 - 1;
async function declareExchange(channel, { exchange }) {
  await channel.assertExchange(exchange, "headers", { durable: true });
}
async function declareQueue(channel, queue, { queueType }) {
  const limit = queueType === "quorum" ? { "x-delivery-limit": DELIVERY_LIMIT } : {};
  const { messageCount } = await channel.assertQueue(queue, {
    durable: true,
    arguments: { "x-queue-type": queueType, ...limit }
  });
  return messageCount;
}
async function declareSubscription(channel, names, topology) {
  await declareExchange(channel, topology);
  await declareQueue(channel, names.main, topology);
  const retries = await declareQueue(channel, names.retry, topology);
  await channel.bindQueue(names.main, topology.exchange, "", MATCHES_EVERYTHING);
  return retries;
}
async function unbindQueue(channel, names, exchange) {
  await channel.unbindQueue(names.main, exchange, "", MATCHES_EVERYTHING);
}
async function messagesIn(channel, queue) {
  try {
    const { messageCount } = await channel.checkQueue(queue);
    return messageCount;
  } catch (error) {
    if (isNotFound(error)) return void 0;
    throw error;
  }
}
function assertLatest(type, from) {
  if (from !== void 0 && from !== "latest") {
    throw unsupported(type, "replayable", "begin before now");
  }
}

// packages/channel-rabbitmq/src/wait-for.ts
function waitFor(listeners, isMet, signal) {
  if (isMet() || signal?.aborted === true) return Promise.resolve();
  return new Promise((resolve) => {
    const check = () => {
      if (!isMet() && signal?.aborted !== true) return;
      listeners.delete(check);
      signal?.removeEventListener("abort", check);
      resolve();
    };
    listeners.add(check);
    signal?.addEventListener("abort", check, { once: true });
  });
}
function promiseWithResolvers() {
  let resolve = () => void 0;
  const promise = new Promise((settle) => resolve = settle);
  return { promise, resolve };
}

// packages/channel-rabbitmq/src/intake.ts
var LATE_QUEUES = ["wait", "direct"];
var LATE_PREFETCH = 64;
var RETRIES_FIRST_MS = 1e3;
var OPEN_WAIT_MS = 5e3;
var Intake = class {
  #options;
  #keeper;
  #connection;
  #late = /* @__PURE__ */ new Set();
  #changed = /* @__PURE__ */ new Set();
  #life = new AbortController();
  #awaited = 0;
  #onRetries;
  #declared = promiseWithResolvers();
  #isDeclared = false;
  #isDeclaring = false;
  constructor(options) {
    const { connection, names, owner, clock, random, logger } = options;
    this.#options = options;
    this.#connection = connection;
    this.#keeper = new ChannelKeeper({
      connection,
      subject: `queue ${names.main}`,
      create: (model) => model.createChannel(),
      setUp: (channel) => this.#setUp(channel),
      onOpen: () => {
        for (const listener of [...this.#changed]) listener();
      },
      onLost: (channel) => {
        this.#late.clear();
        this.#isDeclared = false;
        owner.onLost(channel);
      },
      clock,
      random,
      logger
    });
  }
  start() {
    this.#keeper.start();
  }
  get trouble() {
    return this.#keeper.failure?.text;
  }
  /** Resolves when queues and binding are there for the first time, or never will be. */
  get declared() {
    return this.#declared.promise;
  }
  /** Queues and binding are there, as far as the AMQP channel knows. */
  get isDeclared() {
    return this.#isDeclared;
  }
  /** Queues and binding, when no queue took what was published. Never rejects. */
  async declareAgain() {
    const { channel } = this.#keeper;
    if (channel === void 0 || this.#isDeclaring) return;
    const { names, topology, logger } = this.#options;
    this.#isDeclaring = true;
    logger.error(
      { queue: names.main },
      "no queue took an event; queues and binding are declared again"
    );
    await declareSubscription(channel, names, topology).catch(() => void 0);
    this.#isDeclaring = false;
  }
  /** Makes sure that the queue exists and is read. Rejects when that is impossible now. */
  async open(queue) {
    const channel = await this.#opened();
    if (this.#late.has(queue)) return;
    await declareQueue(channel, this.#options.names[queue], this.#options.topology);
    if (this.#late.has(queue)) return;
    await this.#consumeLate(channel, queue);
  }
  /** The AMQP channel, once it is set up. */
  async #opened() {
    const isOpen = () => this.#keeper.channel !== void 0;
    await waitFor(this.#changed, isOpen, AbortSignal.any([this.#life.signal, this.#patience()]));
    const { channel } = this.#keeper;
    if (channel === void 0) throw new ChannelUnavailable("RabbitMQ is being connected");
    return channel;
  }
  #patience() {
    const patience = new AbortController();
    const { clock } = this.#options;
    clock.setTimer(OPEN_WAIT_MS, () => {
      patience.abort();
    });
    return patience.signal;
  }
  async #consumeLate(channel, queue) {
    this.#late.add(queue);
    await channel.prefetch(LATE_PREFETCH);
    await this.#consume(channel, queue);
  }
  /** Opens the AMQP channel again, on another connection if told so. */
  reset(connection = this.#connection) {
    this.#connection = connection;
    return this.#keeper.reset(connection);
  }
  close() {
    this.#life.abort();
    this.#isDeclared = false;
    this.#declared.resolve();
    return this.#keeper.close();
  }
  async #setUp(channel) {
    const { names, topology, prefetch, owner } = this.#options;
    this.#awaited = 0;
    const retries = await declareSubscription(channel, names, topology);
    this.#isDeclared = true;
    this.#declared.resolve();
    owner.onDeclared();
    await channel.prefetch(prefetch());
    await this.#consume(channel, "retry");
    await this.#arrived(Math.min(retries, prefetch()));
    for (const queue of LATE_QUEUES) {
      if (await this.#exists(queue)) await this.#consumeLate(channel, queue);
    }
    await channel.prefetch(prefetch());
    await this.#consume(channel, "main");
  }
  /** Asked on another AMQP channel, because the question is the end of the channel when there is none. */
  async #exists(queue) {
    const asking = await this.#connection.model?.createChannel();
    asking?.on("error", () => void 0);
    try {
      return asking !== void 0 && await messagesIn(asking, this.#options.names[queue]) !== void 0;
    } finally {
      await closeQuietly(asking, this.#options.clock);
    }
  }
  async #consume(channel, origin) {
    const { names, owner } = this.#options;
    await channel.consume(names[origin], (message) => {
      if (message === null) {
        owner.onCancelled(names[origin]);
        void this.reset();
        return;
      }
      owner.onMessage(channel, origin, message);
      if (origin === "retry") this.#countRetry();
    });
  }
  #countRetry() {
    this.#awaited -= 1;
    if (this.#awaited === 0) this.#onRetries?.();
  }
  /** Resolves when so many messages have come from the retry queue, or after a while. */
  #arrived(count) {
    this.#awaited += count;
    if (this.#awaited <= 0) {
      this.#awaited = 0;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const done = () => {
        timer.cancel();
        this.#onRetries = void 0;
        resolve();
      };
      const timer = this.#options.clock.setTimer(RETRIES_FIRST_MS, done);
      this.#onRetries = done;
    });
  }
};

// packages/channel-rabbitmq/src/letter-writer.ts
var LetterWriter = class {
  #id;
  #names;
  #host;
  constructor(id, names, host) {
    this.#id = id;
    this.#names = names;
    this.#host = host;
  }
  /** Resolves when the event is safe among the dead letters. */
  async write(event, reason) {
    await this.#host.openDead(this.#id, this.#names);
    const address = { exchange: "", queue: this.#names.dead };
    await this.#host.writeNow([encodeEvent(event, address, {}, this.#head(reason))]);
  }
  /** The same for a message that is no event, as it came. */
  async copy(message) {
    await this.#host.openDead(this.#id, this.#names);
    const reason = undecodable(this.#names.main, this.#host.clock.now());
    await this.#host.writeNow([copyMessage(message, this.#names.dead, this.#head(reason))]);
  }
  #head(reason) {
    const storedMs = this.#host.clock.now();
    return { id: this.#host.newLetterId(), subscription: this.#id, storedMs, reason };
  }
};

// packages/channel-rabbitmq/src/warnings.ts
var INTERVAL_MS = 1e4;
var Warnings = class {
  #subscription;
  #host;
  #warnedMs = /* @__PURE__ */ new Map();
  constructor(subscription, host) {
    this.#subscription = subscription;
    this.#host = host;
  }
  /** The same message at most once in a while; messages are constants. */
  warn(error, message) {
    const { clock, logger, name } = this.#host;
    const nowMs = clock.monotonicMs();
    if (nowMs - (this.#warnedMs.get(message) ?? -Infinity) < INTERVAL_MS) return;
    this.#warnedMs.set(message, nowMs);
    logger.warn({ channel: name, subscription: this.#subscription, err: error }, message);
  }
};

// packages/channel-rabbitmq/src/delivery.ts
var RabbitmqDelivery = class {
  event;
  position;
  attempt;
  progress;
  #backlog;
  #held;
  #isSettled = false;
  constructor(backlog, held, progress) {
    this.#backlog = backlog;
    this.#held = held;
    this.event = held.event;
    this.position = held.envelope.key;
    this.attempt = held.attempts;
    this.progress = progress;
  }
  ack() {
    if (this.#settle()) this.#backlog.ack(this.#held);
  }
  release({ delayMs, progress }) {
    if (this.#settle()) this.#backlog.release(this.#held, delayMs, progress);
  }
  deadLetter(reason) {
    if (this.#settle()) this.#backlog.deadLetter(this.#held, reason);
  }
  #settle() {
    if (this.#isSettled) return false;
    this.#isSettled = true;
    return true;
  }
};

// packages/channel-rabbitmq/src/backlog.ts
var FALLBACK_WAIT_MS = 1e3;
var PREFETCH_MIN = 32;
var SETTLED_MAX = 1e4;
var Backlog = class {
  id;
  names;
  #host;
  #letters;
  #warnings;
  #due = new DueLine();
  #waiting = /* @__PURE__ */ new Set();
  #inFlight = /* @__PURE__ */ new Set();
  #settling = /* @__PURE__ */ new Set();
  #expected = new Expected();
  /** Of messages whose AMQP channel was lost before they could be acknowledged. */
  #settled = /* @__PURE__ */ new Set();
  #lost = /* @__PURE__ */ new WeakSet();
  #counters;
  #label;
  #selector;
  #codec;
  #prefetch = PREFETCH_MIN;
  #intake;
  #retired = Promise.resolve();
  #wasDeclared = false;
  #isAttached = true;
  #isDropped = false;
  #foundNothing = false;
  #order = 0;
  #readyInQueues = 0;
  #deadLetters;
  #lostEvents = 0;
  onReadable;
  constructor(options, names, host, counters) {
    this.id = options.id;
    this.names = names;
    this.#host = host;
    this.#letters = new LetterWriter(this.id, names, host);
    this.#warnings = new Warnings(this.id, host);
    this.#counters = counters;
    this.#label = options.label ?? options.id;
    this.configure(options, counters);
  }
  configure(options, counters) {
    this.#counters = counters;
    this.#label = options.label ?? options.id;
    this.#selector = options.selector;
    this.#codec = options.codec;
    const wanted = Math.max(PREFETCH_MIN, options.bounds.eventsMax);
    this.#prefetch = Math.min(wanted, this.#host.prefetchMax);
  }
  get selector() {
    return this.#selector;
  }
  get isAttached() {
    return this.#isAttached;
  }
  get isDeclared() {
    return this.#intake?.isDeclared ?? false;
  }
  /** Its queue is there, unless somebody deletes it. */
  get wasDeclared() {
    return this.#wasDeclared;
  }
  get inFlight() {
    return this.#inFlight.size;
  }
  /** Releases and dead letters that are being written. */
  get settling() {
    return this.#settling.size;
  }
  get trouble() {
    return this.#intake?.trouble;
  }
  get depth() {
    const settling = [...this.#settling].filter(({ isCopied }) => !isCopied).length;
    const held = this.#due.size + this.#waiting.size + this.#inFlight.size + settling;
    return held + Math.max(this.#expected.size, this.#readyInQueues);
  }
  /** Begins to read, or goes on; resolves when queues and binding are there. */
  attach(afterwards = Promise.resolve()) {
    this.#isAttached = true;
    if (this.#intake !== void 0) return this.#intake.declared;
    const { consuming, topology, clock, random, logger } = this.#host;
    const intake = new Intake({
      connection: consuming,
      names: this.names,
      topology,
      prefetch: () => this.#prefetch,
      owner: this,
      clock,
      random,
      logger
    });
    this.#intake = intake;
    void Promise.all([this.#retired, afterwards.catch(() => void 0)]).then(() => {
      if (this.#intake === intake) intake.start();
    });
    return intake.declared;
  }
  /** No reader any more. What is in flight may still be settled; then the AMQP channel is given up. */
  detach() {
    this.#isAttached = false;
    this.onReadable = void 0;
    this.#foundNothing = false;
    this.#retireWhenQuiet();
  }
  /** Gives everything up. Resolves when nothing is read any more. */
  async drop() {
    this.#isDropped = true;
    this.#isAttached = false;
    this.onReadable = void 0;
    for (const held of this.#all()) this.#forget(held);
    this.#expected.clear();
    this.#readyInQueues = 0;
    await this.#retire();
  }
  async close() {
    this.#isAttached = false;
    await this.#retire();
  }
  /** Somebody removed what was there. */
  declareAgain() {
    void this.#intake?.declareAgain();
  }
  moveTo(connection) {
    void this.#intake?.reset(connection);
  }
  #retireWhenQuiet() {
    if (this.#isAttached || this.#inFlight.size + this.#settling.size > 0) return;
    void this.#retire();
  }
  #retire() {
    const intake = this.#intake;
    if (intake === void 0) return this.#retired;
    this.#intake = void 0;
    this.#retired = intake.close();
    return this.#retired;
  }
  /**
   * A message for this subscription has been written and will come, also where reading has not begun yet. Should the
   * queue not have been there, `learn` corrects it.
   */
  expect(key, event, acceptedMs) {
    this.#expected.add(key, event.sizeBytes, acceptedMs);
  }
  unexpect(key) {
    this.#expected.delete(key);
  }
  onDeclared() {
    this.#wasDeclared = true;
  }
  onMessage(channel, origin, message) {
    if (this.#isDropped) return;
    const envelope = readEnvelope(message, this.#host.clock.now());
    this.#expected.delete(envelope.key);
    if (envelope.identity !== "" && this.#isKnown(envelope.identity, channel, message)) return;
    let event;
    try {
      event = readEvent(message);
    } catch (error) {
      void this.#setAside(channel, message, error);
      return;
    }
    if (origin === "main" && !this.#host.verdicts.wants(this, envelope.key, event)) {
      acknowledge(channel, message);
      return;
    }
    this.#hold(channel, origin, message, envelope, event);
  }
  /** The message of something that is in flight, or was settled, when its AMQP channel was lost. */
  #isKnown(identity, channel, message) {
    if (this.#settled.delete(identity)) {
      acknowledge(channel, message);
      return true;
    }
    for (const held of [...this.#inFlight, ...this.#settling]) {
      if (held.envelope.identity !== identity || !this.#lost.has(held.channel)) continue;
      held.channel = channel;
      held.message = message;
      return true;
    }
    return false;
  }
  #hold(channel, origin, message, envelope, event) {
    this.#order += 1;
    const held = {
      event,
      envelope,
      origin,
      order: this.#order,
      message,
      channel,
      state: "waiting",
      attempts: envelope.attempts,
      progress: envelope.progress,
      timer: void 0,
      isCopied: false
    };
    const untilMs = origin === "wait" ? envelope.hopMs : envelope.dueMs;
    const waitMs = Math.min(untilMs - this.#host.clock.now(), this.#host.shortWaitMs);
    if (origin !== "wait" && waitMs <= 0) this.#makeDue(held);
    else this.#wait(held, waitMs);
  }
  #wait(held, waitMs) {
    held.state = "waiting";
    this.#waiting.add(held);
    held.timer = this.#host.clock.setTimer(waitMs, () => {
      this.#waiting.delete(held);
      if (held.origin === "wait") void this.#hop(held);
      else this.#makeDue(held);
    });
  }
  #makeDue(held) {
    held.state = "due";
    this.#due.add(held);
    this.#announce();
  }
  #announce() {
    if (!this.#foundNothing || !this.#host.handsOut) return;
    this.#foundNothing = false;
    this.onReadable?.();
  }
  take() {
    const held = this.#isAttached && this.#host.handsOut ? this.#due.next() : void 0;
    if (held === void 0) {
      this.#foundNothing = true;
      return void 0;
    }
    held.state = "in-flight";
    held.attempts += 1;
    this.#inFlight.add(held);
    return new RabbitmqDelivery(this, held, this.#decodeProgress(held));
  }
  #decodeProgress({ progress }) {
    try {
      return progress === void 0 ? void 0 : this.#codec?.decode(progress);
    } catch (error) {
      this.#warnings.warn(error, "progress of an event cannot be read");
      return void 0;
    }
  }
  /** @internal */
  ack(held) {
    if (held.state !== "in-flight") return;
    this.#inFlight.delete(held);
    this.#done(held);
    this.#afterSettlement();
  }
  /** @internal */
  release(held, delayMs, progress) {
    if (held.state !== "in-flight") return;
    if (progress !== void 0 && this.#codec !== void 0) {
      held.progress = this.#codec.encode(progress);
    }
    this.#inFlight.delete(held);
    const nowMs = this.#host.clock.now();
    const dueMs = delayMs > 0 ? nowMs + Math.ceil(delayMs) : 0;
    void this.#settle(held, delayMs, () => this.#write(held, nowMs, dueMs));
  }
  /** @internal */
  deadLetter(held, reason) {
    if (held.state !== "in-flight") return;
    this.#inFlight.delete(held);
    void this.#settle(held, 0, async () => {
      await this.#letters.write(held.event, reason);
      this.#countLetter();
    });
  }
  #countLetter() {
    this.#counters.deadLetters.add(1);
    if (this.#deadLetters !== void 0) this.#deadLetters += 1;
  }
  /** Writes first, then acknowledges. Should the writing fail, the event waits here instead. */
  async #settle(held, delayMs, write) {
    held.state = "settling";
    this.#settling.add(held);
    let isWritten = true;
    try {
      await write();
    } catch (error) {
      isWritten = false;
      this.#warnings.warn(error, "an event could not be written back to rabbitmq");
    }
    this.#settling.delete(held);
    if (!this.#isDropped) {
      if (isWritten) this.#done(held);
      else if (this.#lost.has(held.channel)) this.#forget(held);
      else this.#wait(held, Math.min(Math.max(delayMs, FALLBACK_WAIT_MS), this.#host.shortWaitMs));
    }
    this.#afterSettlement();
  }
  /** The event goes on from the queue for long waits: to itself again, or to where it becomes due. */
  async #hop(held) {
    const nowMs = this.#host.clock.now();
    await this.#settle(held, 0, () => this.#write(held, nowMs, held.envelope.dueMs));
  }
  async #write(held, nowMs, dueMs) {
    const { key, acceptedMs } = held.envelope;
    const hopMs = this.#host.shortWaitMs;
    if (dueMs - nowMs > hopMs) await this.openLate("wait");
    this.expect(key, held.event, acceptedMs);
    held.isCopied = this.isDeclared;
    try {
      await this.#host.writeNow([encodeCopy(held, this.names, { nowMs, dueMs, hopMs })]);
    } catch (error) {
      this.unexpect(key);
      held.isCopied = false;
      throw error;
    }
  }
  /** Makes sure that one of the queues that not every subscription needs is there and read. */
  async openLate(queue) {
    if (this.#intake === void 0) throw new ChannelUnavailable("the subscription is closed");
    await this.#intake.open(queue);
  }
  /** What is no event cannot be delivered: it becomes a dead letter as it is. */
  async #setAside(channel, message, cause) {
    this.#warnings.warn(cause, "a message that is no event became a dead letter");
    try {
      await this.#letters.copy(message);
      this.#countLetter();
      acknowledge(channel, message);
    } catch (error) {
      this.#warnings.warn(error, "a message that is no event could not be set aside");
    }
  }
  /** Acknowledges, now or when the message comes again. */
  #done(held) {
    end(held);
    if (!this.#lost.has(held.channel) && acknowledge(held.channel, held.message)) return;
    const { identity } = held.envelope;
    if (identity !== "" && this.#settled.size < SETTLED_MAX) this.#settled.add(identity);
  }
  #forget(held) {
    end(held);
    this.#waiting.delete(held);
    this.#inFlight.delete(held);
    this.#settling.delete(held);
    this.#due.remove((other) => other === held);
  }
  #afterSettlement() {
    this.#host.onSettled();
    this.#retireWhenQuiet();
  }
  onLost(channel) {
    this.#lost.add(channel);
    for (const held of [...this.#due, ...this.#waiting]) {
      if (held.channel !== channel) continue;
      const { key, acceptedMs } = held.envelope;
      if (key !== "" && !this.#isDropped) {
        this.#expected.add(key, held.event.sizeBytes, acceptedMs);
      }
      end(held);
      this.#waiting.delete(held);
    }
    this.#due.remove(({ state }) => state === "gone");
  }
  onCancelled(queue) {
    const known = this.#expected.size + this.#readyInQueues;
    const { logger, name } = this.#host;
    logger.error(
      { channel: name, subscription: this.id, queue, events: known },
      "a queue was deleted by somebody else; it is declared again"
    );
    if (queue !== this.names.main || known === 0) return;
    this.#lostEvents += known;
    this.#counters.lost.add(known);
    this.#expected.clear();
    this.#readyInQueues = 0;
  }
  /** What the server says is in the queues and in nobody's hands, as of `askedMs`. */
  learn(ready, deadLetters, askedMs) {
    this.#readyInQueues = ready;
    this.#deadLetters = deadLetters;
    if (ready === 0) this.#expected.deleteBefore(askedMs);
  }
  #all() {
    return [...this.#due, ...this.#waiting, ...this.#inFlight, ...this.#settling];
  }
  describe() {
    const nowMs = this.#host.clock.now();
    const { bytes, oldestMs } = figures(this.#all(), this.#expected, nowMs);
    return {
      id: this.id,
      label: this.#label,
      attached: this.#isAttached,
      depth: this.depth,
      overflow: 0,
      bytes,
      oldestMs,
      inFlight: this.#inFlight.size,
      lost: this.#lostEvents,
      ...this.#deadLetters === void 0 ? {} : { deadLetters: this.#deadLetters }
    };
  }
};

// packages/channel-rabbitmq/src/claim.ts
var Claim = class {
  id;
  ready;
  #backlog;
  #host;
  #isOpen = true;
  constructor(backlog, ready, host) {
    this.id = backlog.id;
    this.ready = ready;
    this.#backlog = backlog;
    this.#host = host;
  }
  take() {
    return this.#isOpen ? this.#backlog.take() : void 0;
  }
  onReadable(callback) {
    if (this.#isOpen) this.#backlog.onReadable = callback;
  }
  close(options) {
    if (!this.#isOpen) return { kept: 0, dropped: 0 };
    this.#isOpen = false;
    const { depth } = this.#backlog;
    const drop = options?.drop === true;
    this.#host.detach(this.#backlog, drop);
    return drop ? { kept: 0, dropped: depth } : { kept: depth, dropped: 0 };
  }
  describe() {
    return this.#backlog.describe();
  }
};

// packages/channel-rabbitmq/src/client/confirm-publisher.ts
var PUBLISH_HEADER = "x-afflux-publish";
var BLOCKED_RETRY_AFTER_MS = 5e3;
var NO_QUEUE_RETRY_AFTER_MS = 1e3;
var MESSAGE_ID_MAX = 255;
var ConfirmPublisher = class {
  connection;
  keeper;
  #options;
  #returned = /* @__PURE__ */ new Set();
  #sequence = 0;
  #messages = 0;
  #bytes = 0;
  #groups = 0;
  constructor(options) {
    const { connection, subject, setUp, clock, random, logger } = options;
    this.#options = options;
    this.connection = connection;
    this.keeper = new ChannelKeeper({
      connection,
      subject,
      create: (model) => model.createConfirmChannel(),
      setUp: async (channel) => {
        channel.on("return", (message) => {
          const publish = message.properties.headers?.[PUBLISH_HEADER];
          if (typeof publish === "string") this.#returned.add(publish);
        });
        await setUp(channel);
      },
      clock,
      random,
      logger
    });
    this.keeper.start();
  }
  /** Publishes whose outcome is open. */
  get inFlight() {
    return this.#groups;
  }
  /** Why a publish would be refused now, for people; undefined when it would not. */
  get trouble() {
    const { connection } = this;
    if (connection.blockedReason !== void 0) {
      return `RabbitMQ takes nothing at present: ${connection.blockedReason}`;
    }
    if (this.keeper.channel !== void 0) return void 0;
    return (this.keeper.failure ?? connection.failure)?.text ?? "RabbitMQ is being connected";
  }
  /** Throws {@link ChannelUnavailable} or {@link ChannelFull} when nothing can be published now. */
  assertReady(messages, bytes) {
    const { trouble } = this;
    const { channel } = this.keeper;
    if (trouble !== void 0 || channel === void 0) {
      const isBlocked = this.connection.blockedReason !== void 0;
      throw new ChannelUnavailable(
        trouble ?? "RabbitMQ is being connected",
        isBlocked ? { retryAfterMs: BLOCKED_RETRY_AFTER_MS } : {}
      );
    }
    const { messagesMax, bytesMax } = this.#options.limits;
    const isIdle = this.#messages === 0;
    const isOver = this.#messages + messages > messagesMax || this.#bytes + bytes > bytesMax;
    if (isOver && !isIdle) {
      throw new ChannelFull({ retryAfterMs: 1e3, subscriptions: [], reason: "memory" });
    }
    return channel;
  }
  /**
   * Resolves when all messages are confirmed. Rejects when one is not: those confirmed before stay where they are,
   * so the outcome of the whole is unknown. Throws as {@link assertReady} does, with nothing sent.
   */
  publish(messages) {
    const bytes = messages.reduce((total, { content }) => total + content.length, 0);
    const channel = this.assertReady(messages.length, bytes);
    this.#options.onStep?.("before-write");
    const sent = this.#send(channel, messages, bytes);
    this.#options.onStep?.("after-write");
    return sent;
  }
  #send(channel, messages, bytes) {
    this.#messages += messages.length;
    this.#bytes += bytes;
    this.#groups += 1;
    const { clock, limits, onStep } = this.#options;
    return new Promise((resolve, reject) => {
      let isOver = false;
      const group = {
        messages: messages.length,
        missing: messages.length,
        error: void 0,
        finish: (error) => {
          if (isOver) return;
          isOver = true;
          timer.cancel();
          this.#messages -= messages.length;
          this.#bytes -= bytes;
          this.#groups -= 1;
          if (error === void 0) {
            onStep?.("after-sync");
            resolve();
          } else reject(error);
        }
      };
      const timer = clock.setTimer(limits.confirmTimeoutMs, () => {
        group.finish(unknownOutcome("no answer in time"));
      });
      for (const [index, message] of messages.entries()) {
        this.#sendOne(channel, message, group);
        if (index === 0 && messages.length > 1) onStep?.("mid-batch");
      }
    });
  }
  #sendOne(channel, message, group) {
    this.#sequence += 1;
    const publish = this.#sequence.toString(36);
    const settle = (error) => {
      group.error ??= error;
      group.missing -= 1;
      if (group.missing === 0) group.finish(group.error);
    };
    try {
      channel.publish(
        message.exchange,
        message.routingKey,
        message.content,
        publishOptions(message, publish),
        (error) => {
          if (this.#returned.delete(publish)) {
            this.#options.onNoQueue?.();
            settle(noQueue(message, group));
          } else settle(error === null ? void 0 : unknownOutcome("it was refused or lost"));
        }
      );
    } catch (error) {
      settle(unknownOutcome(error instanceof Error ? error.message : "the channel is closed"));
    }
  }
  /** The error that an attempt to publish would meet now, for administration. */
  unavailable() {
    const { failure } = this.connection;
    if (failure !== void 0) return failureError(failure);
    return new ChannelUnavailable(this.trouble ?? "RabbitMQ is being connected");
  }
  close() {
    return this.keeper.close();
  }
};
function noQueue({ exchange, routingKey }, { messages }) {
  const reason = `no queue ${exchange === "" ? routingKey : `of ${exchange}`} takes it`;
  return messages === 1 ? new ChannelUnavailable(reason, { retryAfterMs: NO_QUEUE_RETRY_AFTER_MS }) : unknownOutcome(reason);
}
function publishOptions(message, publish) {
  const { headers, contentType, messageId, mandatory } = message;
  if (mandatory) headers[PUBLISH_HEADER] = publish;
  return {
    persistent: true,
    mandatory,
    headers,
    contentType,
    messageId: messageId?.slice(0, MESSAGE_ID_MAX)
  };
}

// packages/channel-rabbitmq/src/queue-reading.ts
var GIVEN_BACK_TRIES = 20;
var GIVEN_BACK_PAUSE_MS = 10;
async function lookThrough(channel, queue, limits, clock, look) {
  const kept = [];
  const count = await messagesIn(channel, queue);
  if (count === void 0) return;
  let bytes = 0;
  try {
    for (let looked = 0; looked < Math.min(count, limits.messagesMax); looked += 1) {
      const message = await getOne(channel, queue);
      if (message === void 0 || bytes > limits.bytesMax) return;
      kept.push(message);
      bytes += message.content.length;
      const { isDone, isLast } = await look(message);
      if (isDone === true) {
        channel.ack(message);
        kept.pop();
      }
      if (isLast === true) return;
    }
  } finally {
    await giveBack(channel, queue, kept, clock);
  }
}
async function getOne(channel, queue) {
  try {
    const message = await channel.get(queue);
    return message === false ? void 0 : message;
  } catch (error) {
    if (isNotFound(error)) return void 0;
    throw error;
  }
}
async function giveBack(channel, queue, messages, clock) {
  if (messages.length === 0) return;
  try {
    for (const message of messages) channel.nack(message, false, true);
    for (let tries = 0; tries < GIVEN_BACK_TRIES; tries += 1) {
      const count = await messagesIn(channel, queue);
      if (count === void 0 || count >= messages.length) return;
      await clock.sleep(GIVEN_BACK_PAUSE_MS);
    }
  } catch {
  }
}

// packages/channel-rabbitmq/src/server.ts
import { strict as assert } from "node:assert";
import { createHash as createHash2 } from "node:crypto";

// packages/channel-rabbitmq/src/client/connection.ts
import { connect, credentials } from "amqplib";

// packages/channel-rabbitmq/src/client/endpoint.ts
function placeOf(url) {
  const { hostname, port, protocol } = new URL(url);
  return `${hostname}:${port === "" ? protocol === "amqps:" ? "5671" : "5672" : port}`;
}

// packages/channel-rabbitmq/src/client/connection.ts
var HEARTBEAT_SECONDS = 10;
var CONNECT_TIMEOUT_MS = 1e4;
var RETRY2 = { policy: "exponential", delayMs: 100, delayMsMax: 15e3 };
var REFUSED_RETRY_MS = 1e4;
var AmqpConnection = class {
  purpose;
  #options;
  #listeners = /* @__PURE__ */ new Set();
  #life = new AbortController();
  #running;
  #model;
  #failure;
  #blockedReason;
  #attempts = 0;
  constructor(options) {
    this.#options = options;
    this.purpose = options.purpose;
    this.#running = this.#run();
  }
  /** The connection as it is now; undefined while it is away. */
  get model() {
    return this.#model;
  }
  /** Why it is away: absent while connected and before the first attempt has ended. */
  get failure() {
    return this.#failure;
  }
  /** What the server says while it takes no publishes; undefined while it does. */
  get blockedReason() {
    return this.#blockedReason;
  }
  get isClosed() {
    return this.#life.signal.aborted;
  }
  /** Calls back at each change of what the getters say. Returns the way to stop that. */
  onChange(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  /** Resolves with true when connected, with false when the signal aborts or the connection is closed. */
  async connected(signal) {
    await this.#until(() => this.#model !== void 0, signal);
    return this.#model !== void 0;
  }
  /** Resolves when connected or when every address has been tried once. */
  async attempted(signal) {
    const { length } = this.#options.endpoint.urls;
    await this.#until(() => this.#model !== void 0 || this.#attempts >= length, signal);
  }
  async close() {
    if (!this.#life.signal.aborted) this.#life.abort();
    this.#announce();
    const { clock } = this.#options;
    const model = this.#model;
    if (model !== void 0) await within(clock, CLOSE_WAIT_MS, model.close());
    if (this.#model !== void 0) socketOf(this.#model)?.destroy();
    await within(clock, CLOSE_WAIT_MS, this.#running);
  }
  #until(isMet, signal) {
    const isOver = () => isMet() || this.#life.signal.aborted || signal?.aborted === true;
    if (isOver()) return Promise.resolve();
    return new Promise((resolve) => {
      const check = () => {
        if (!isOver()) return;
        this.#listeners.delete(check);
        signal?.removeEventListener("abort", check);
        resolve();
      };
      this.#listeners.add(check);
      signal?.addEventListener("abort", check, { once: true });
    });
  }
  #announce() {
    for (const listener of [...this.#listeners]) listener();
  }
  async #run() {
    const { urls } = this.#options.endpoint;
    let round = 0;
    while (!this.#life.signal.aborted) {
      const url = urls[this.#attempts % urls.length] ?? "";
      if (await this.#live(url)) round = 0;
      this.#attempts += 1;
      this.#announce();
      if (this.#attempts % urls.length === 0) round += 1;
      await this.#pause(round);
    }
  }
  /** Connects and stays until the connection is lost. Returns whether it was there at all. */
  async #live(url) {
    const { endpoint, logger, purpose } = this.#options;
    let model;
    try {
      model = await connect(connectOptions(url, endpoint), socketOptions(endpoint));
    } catch (error) {
      this.#fail(connectFailure(error, placeOf(url), endpoint.vhost));
      return false;
    }
    const lost = this.#watch(model, url);
    if (this.#life.signal.aborted) {
      await model.close().catch(() => void 0);
      return true;
    }
    this.#failure = void 0;
    this.#model = model;
    logger.info({ place: placeOf(url), purpose }, "connected to rabbitmq");
    this.#announce();
    const reason = await lost;
    this.#model = void 0;
    this.#blockedReason = void 0;
    if (!this.isClosed) {
      this.#fail({
        kind: "away",
        text: `the connection with RabbitMQ at ${placeOf(url)} was lost`
      });
      logger.warn({ place: placeOf(url), purpose, reason }, "connection with rabbitmq lost");
    }
    return true;
  }
  #watch(model, url) {
    const place = placeOf(url);
    return new Promise((resolve) => {
      let reason = "closed";
      model.on("error", (error) => reason = connectFailure(error, place, "").text);
      model.on("handler-error", (error) => {
        this.#options.logger.error({ err: error }, "a listener of the rabbitmq connection failed");
      });
      model.on("blocked", (why) => {
        this.#blockedReason = why;
        this.#options.logger.warn({ place, reason: why }, "rabbitmq blocks publishers");
        this.#announce();
      });
      model.on("unblocked", () => {
        this.#blockedReason = void 0;
        this.#options.logger.info({ place }, "rabbitmq no longer blocks publishers");
        this.#announce();
      });
      model.on("close", () => {
        resolve(reason);
      });
    });
  }
  #fail(failure) {
    const isNews = this.#failure?.text !== failure.text;
    this.#failure = failure;
    if (!isNews || this.#life.signal.aborted) return;
    const { logger, purpose } = this.#options;
    const fields = { purpose, reason: failure.text };
    if (failure.kind === "refused") logger.error(fields, "rabbitmq refuses the connection");
    else logger.warn(fields, "rabbitmq is away");
  }
  async #pause(round) {
    const { clock, random } = this.#options;
    const isRefused = this.#failure?.kind === "refused";
    const waitMs = isRefused ? REFUSED_RETRY_MS : round === 0 ? 0 : backoffMs(round, RETRY2);
    await clock.sleep(withJitter(waitMs, random), this.#life.signal).catch(() => void 0);
  }
};
function socketOf(model) {
  return model.connection.stream;
}
function connectOptions(url, endpoint) {
  const { protocol, hostname, port } = new URL(url);
  return {
    protocol: protocol.slice(0, -1),
    // The brackets of an IPv6 address belong to the URL, not to the address.
    hostname: hostname.replace(/^\[|\]$/g, ""),
    ...port === "" ? {} : { port: Number(port) },
    vhost: encodeURIComponent(endpoint.vhost),
    heartbeat: HEARTBEAT_SECONDS
  };
}
function socketOptions({ username, password, tls }) {
  const isByCertificate = username === void 0 && tls?.cert !== void 0;
  return {
    timeout: CONNECT_TIMEOUT_MS,
    noDelay: true,
    keepAlive: true,
    credentials: isByCertificate ? credentials.external() : credentials.plain(username ?? "guest", password ?? "guest"),
    clientProperties: { connection_name: "afflux" },
    ...tls?.ca === void 0 ? {} : { ca: tls.ca },
    ...tls?.cert === void 0 ? {} : { cert: tls.cert },
    ...tls?.key === void 0 ? {} : { key: tls.key }
  };
}

// packages/channel-rabbitmq/src/server.ts
var ADMIN_TIMEOUT_MS = 15e3;
var Servers = class {
  #entries = /* @__PURE__ */ new Map();
  #work = /* @__PURE__ */ new Map();
  lease(endpoint, tools) {
    const key = keyOf(endpoint);
    const existing = this.#entries.get(key);
    const entry = existing ?? {
      publishing: new AmqpConnection({ endpoint, purpose: "publish", ...tools }),
      consuming: new AmqpConnection({ endpoint, purpose: "consume", ...tools }),
      leases: 0
    };
    this.#entries.set(key, entry);
    entry.leases += 1;
    let released;
    return {
      publishing: entry.publishing,
      consuming: entry.consuming,
      release: () => released ??= this.#release(key, entry)
    };
  }
  async #release(key, entry) {
    entry.leases -= 1;
    assert(entry.leases >= 0, "a lease of a server was released twice");
    if (entry.leases > 0) return;
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
    await Promise.all([entry.publishing.close(), entry.consuming.close()]);
  }
  /** Runs the work on a queue after all earlier work on it, whatever became of that. */
  serially(queue, run) {
    const earlier = this.#work.get(queue) ?? Promise.resolve();
    const work = earlier.then(run, run);
    const tail = work.catch(() => void 0);
    this.#work.set(queue, tail);
    void tail.then(() => {
      if (this.#work.get(queue) === tail) this.#work.delete(queue);
    });
    return work;
  }
  async close() {
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    for (const { publishing, consuming } of entries) {
      await Promise.all([publishing.close(), consuming.close()]);
    }
  }
};
function keyOf(endpoint) {
  return createHash2("sha256").update(JSON.stringify(endpoint)).digest("hex");
}
async function administer(connection, subject, clock, run, signal) {
  const deadline = new AbortController();
  const timer = clock.setTimer(ADMIN_TIMEOUT_MS, () => {
    deadline.abort();
  });
  const signals = signal === void 0 ? [deadline.signal] : [deadline.signal, signal];
  try {
    return await administerUntil(connection, subject, clock, run, AbortSignal.any(signals));
  } finally {
    timer.cancel();
  }
}
async function administerUntil(connection, subject, clock, run, signal) {
  await connection.attempted(signal);
  const { model, failure } = connection;
  if (model === void 0) {
    throw failure === void 0 ? new ChannelUnavailable("RabbitMQ does not answer") : failureError(failure);
  }
  let channel;
  try {
    channel = await model.createChannel();
    channel.on("error", () => void 0);
    return await Promise.race([run(channel), aborted(signal)]);
  } catch (error) {
    if (error.code === "AFFLUX_CHANNEL_UNAVAILABLE") throw error;
    if (isChannelError(error)) throw error;
    throw failureError(operationFailure(error, subject), error);
  } finally {
    await closeQuietly(channel, clock);
  }
}
function isChannelError(error) {
  const code = error?.code;
  return typeof code === "string" && code.startsWith("AFFLUX_");
}
function aborted(signal) {
  return new Promise((_, reject) => {
    const fail = () => {
      reject(new ChannelUnavailable("RabbitMQ does not answer in time"));
    };
    if (signal.aborted) fail();
    else signal.addEventListener("abort", fail, { once: true });
  });
}

// packages/channel-rabbitmq/src/undecodable.ts
var TYPE = "dev.knative.rabbitmq.event";
function wrapUndecodable(message, id, queue) {
  return makeEvent({
    id,
    type: TYPE,
    source: `/rabbitmq/queues/${encodeURIComponent(queue)}`,
    data: message.content
  });
}

// packages/channel-rabbitmq/src/dead-letters.ts
var LIMITS = { messagesMax: 1e4, bytesMax: 64 * 1024 * 1024 };
var RabbitmqDeadLetters = class {
  #host;
  /** Names of queues as the register has them. */
  #queues = /* @__PURE__ */ new Map();
  constructor(host) {
    this.#host = host;
  }
  async list(options) {
    const { subscription, limit, after, signal } = options;
    const all = subscription === void 0 ? await this.#owners() : [subscription];
    const from = after === void 0 ? void 0 : parsePlace(after);
    const ids = from === void 0 ? all : all.filter((id) => id >= from.subscription);
    const letters = [];
    for (const id of ids) {
      const seen = from?.subscription === id ? from.letter : "";
      const isFull = await this.#collect(id, seen, limit, letters, signal);
      const last = letters.at(-1);
      if (isFull && last !== void 0) {
        return { letters, next: formatPlace({ subscription: last.subscription, letter: last.id }) };
      }
    }
    return { letters };
  }
  /** Returns whether there is more than fits. */
  async #collect(subscription, seen, limit, out, signal) {
    const later = [];
    await this.#visit(
      subscription,
      (letter) => {
        if (letter.id > seen) later.push(letter);
        return Promise.resolve({});
      },
      signal
    );
    later.sort((left, right) => left.id < right.id ? -1 : 1);
    const room = limit - out.length;
    out.push(...later.slice(0, room));
    return later.length > room;
  }
  /** Subscriptions that ever had a dead letter, those that are gone included. */
  async #owners() {
    const entries = await this.#host.register.read();
    for (const { subscription, queue } of entries) this.#queues.set(subscription, queue);
    return [...new Set(entries.map(({ subscription }) => subscription))].sort();
  }
  async get(subscription, id) {
    let found;
    await this.#visit(subscription, (letter) => {
      if (letter.id === id) found = letter;
      return Promise.resolve({ isLast: found !== void 0 });
    });
    return found;
  }
  async redrive(subscription, ids) {
    const backlog = this.#host.backlogs.get(subscription);
    if (backlog === void 0) throw subscriptionUnknown(this.#host.name, subscription);
    const to = { exchange: "", queue: backlog.names.direct };
    await backlog.openLate("direct");
    return this.#take(subscription, ids, async ({ event }) => {
      const acceptedMs = this.#host.clock.now();
      await this.#host.writeNow([encodeEvent(event, to, { acceptedMs })]);
    });
  }
  drop(subscription, ids) {
    return this.#take(subscription, ids, () => Promise.resolve());
  }
  /** Acknowledges those that are named, each after the work on it. */
  async #take(subscription, ids, work) {
    const wanted = new Set(ids);
    const { size } = wanted;
    if (size === 0) return 0;
    await this.#visit(subscription, async (letter) => {
      const isDone = wanted.has(letter.id);
      if (isDone) await work(letter);
      wanted.delete(letter.id);
      return { isDone, isLast: wanted.size === 0 };
    });
    return size - wanted.size;
  }
  #visit(subscription, visit, signal) {
    const { servers, consuming, clock } = this.#host;
    const dead = this.#queueOf(subscription);
    return servers.serially(
      dead,
      () => administer(
        consuming,
        `queue ${dead}`,
        clock,
        (channel) => lookThrough(
          channel,
          dead,
          LIMITS,
          clock,
          (message) => visit(readDead(message, subscription, dead))
        ),
        signal
      )
    );
  }
  #queueOf(subscription) {
    const { backlogs, topology } = this.#host;
    return backlogs.get(subscription)?.names.dead ?? this.#queues.get(subscription) ?? queueNames(topology.exchange, subscription).dead;
  }
};
function readDead(message, subscription, queue) {
  const head = readLetter(message);
  const id = head?.id ?? `foreign-${String(message.fields.deliveryTag)}`;
  const storedMs = head?.storedMs ?? 0;
  const reason = head?.reason ?? {
    reason: "foreign",
    stage: "channel",
    destination: queue,
    code: 0,
    data: "",
    attempts: 0,
    atMs: storedMs
  };
  return { id, subscription, event: eventOf(message, id, queue), reason, storedMs };
}
function eventOf(message, id, queue) {
  try {
    return readEvent(message);
  } catch {
    return wrapUndecodable(message, id, queue);
  }
}
function formatPlace({ subscription, letter }) {
  return Buffer.from(JSON.stringify([subscription, letter])).toString("base64url");
}
function parsePlace(text2) {
  try {
    const [subscription, letter] = JSON.parse(
      Buffer.from(text2, "base64url").toString()
    );
    if (typeof subscription === "string" && typeof letter === "string") {
      return { subscription, letter };
    }
  } catch {
  }
  throw positionInvalid("rabbitmq", text2, "the `next` of an earlier page");
}

// packages/channel-rabbitmq/src/removal.ts
var ROUTED_MS = 100;
async function removeQueues(connection, names, exchange, clock, signal) {
  const subject = `queue ${names.main}`;
  await administer(
    connection,
    subject,
    clock,
    async (channel) => {
      await unbindQueue(channel, names, exchange);
      await clock.sleep(ROUTED_MS, signal);
      await channel.deleteQueue(names.main);
      await channel.deleteQueue(names.retry);
      await channel.deleteQueue(names.wait);
      await channel.deleteQueue(names.direct);
    },
    signal
  );
  await removeDeadIfEmpty(connection, names, clock, signal);
}
async function removeDeadIfEmpty(connection, { dead }, clock, signal) {
  const work = administer(
    connection,
    `queue ${dead}`,
    clock,
    async (channel) => {
      const { messageCount } = await channel.checkQueue(dead);
      if (messageCount === 0) await channel.deleteQueue(dead);
    },
    signal
  );
  await work.catch(() => void 0);
}

// packages/channel-rabbitmq/src/sizes.ts
var SURELY_SMALL_BYTES = 8 * 1024;
var HEADER_BYTES_MAX = 48 * 1024;
function assertSizes(events, messages, maxEventBytes) {
  for (const [index, { sizeBytes, data, carried }] of events.entries()) {
    if (sizeBytes > maxEventBytes) {
      throw eventTooLarge(sizeBytes, maxEventBytes, "a rabbitmq channel");
    }
    const isSmall = sizeBytes - (data?.length ?? 0) <= SURELY_SMALL_BYTES;
    if (isSmall && carried === void 0) continue;
    const bytes = headerBytes(messages[index]?.headers ?? {});
    if (bytes > HEADER_BYTES_MAX) {
      throw eventTooLarge(bytes, HEADER_BYTES_MAX, "the header table of a rabbitmq message");
    }
  }
}
function sizeOf(messages) {
  return messages.reduce((total, { content }) => total + content.length, 0);
}

// packages/channel-rabbitmq/src/letter-register.ts
var LIMITS2 = { messagesMax: 1e4, bytesMax: 16 * 1024 * 1024 };
var LetterRegister = class {
  #host;
  #queue;
  constructor(host) {
    this.#host = host;
    this.#queue = registerName(host.topology.exchange);
  }
  /** Resolves when it is written down; two processes may write the same entry, which does no harm. */
  async add(entry) {
    const { topology } = this.#host;
    const known = await this.#look((channel) => declareQueue(channel, this.#queue, topology));
    const isKnown = known.some(
      ({ subscription, queue }) => subscription === entry.subscription && queue === entry.queue
    );
    if (isKnown) return;
    const content = Buffer.from(JSON.stringify(entry));
    const message = { exchange: "", routingKey: this.#queue, content, headers: {} };
    await this.#host.writeNow([{ ...message, mandatory: true }]);
  }
  read() {
    return this.#look(() => Promise.resolve());
  }
  #look(before) {
    const { servers, consuming, clock } = this.#host;
    return servers.serially(
      this.#queue,
      () => administer(consuming, `queue ${this.#queue}`, clock, async (channel) => {
        await before(channel);
        const entries = [];
        await lookThrough(channel, this.#queue, LIMITS2, clock, (message) => {
          entries.push(...readEntry(message));
          return Promise.resolve({});
        });
        return entries;
      })
    );
  }
};
function readEntry({ content }) {
  try {
    const entry = JSON.parse(content.toString());
    const isEntry = typeof entry.subscription === "string" && typeof entry.queue === "string";
    return isEntry ? [entry] : [];
  } catch {
    return [];
  }
}

// packages/channel-rabbitmq/src/poll.ts
var INTERVAL_MS2 = 5e3;
var Poll = class {
  #host;
  #life = new AbortController();
  #running;
  constructor(host) {
    this.#host = host;
  }
  get #isClosed() {
    return this.#life.signal.aborted;
  }
  start() {
    this.#running ??= this.#run();
  }
  async close() {
    this.#life.abort();
    await this.#running;
  }
  async #run() {
    const { signal } = this.#life;
    const { clock, backlogs } = this.#host;
    while (!signal.aborted) {
      await clock.sleep(INTERVAL_MS2, signal).catch(() => void 0);
      for (const backlog of [...backlogs.values()]) {
        if (this.#isClosed || this.#host.consuming.model === void 0) break;
        if (backlog.isDeclared || !backlog.isAttached) await this.#ask(backlog);
      }
    }
  }
  /** A question that fails is asked again next time; what keeps it from an answer is reported elsewhere. */
  async #ask(backlog) {
    const { clock } = this.#host;
    const { main, retry, wait, direct, dead } = backlog.names;
    const askedMs = clock.now();
    try {
      const counts = [];
      for (const queue of [main, retry, wait, direct, dead]) counts.push(await this.#count(queue));
      const inDead = counts.pop() ?? 0;
      backlog.learn(
        counts.reduce((sum, count) => sum + count, 0),
        inDead,
        askedMs
      );
    } catch {
    }
  }
  async #count(queue) {
    const { consuming, clock } = this.#host;
    const { signal } = this.#life;
    const count = await administer(
      consuming,
      `queue ${queue}`,
      clock,
      (channel) => messagesIn(channel, queue),
      signal
    );
    return count ?? 0;
  }
};

// packages/channel-rabbitmq/src/verdicts.ts
var REMEMBERED_MAX = 5e3;
var NOBODY = /* @__PURE__ */ new Set();
var Verdicts = class {
  /** The older generation goes as a whole: taking the first of a map again and again gets slow. */
  #verdicts = /* @__PURE__ */ new Map();
  #older = /* @__PURE__ */ new Map();
  #subscribed = [];
  #ids = /* @__PURE__ */ new Set();
  /** To be called when a subscription came, went, or changed its selector. */
  update(subscribed) {
    this.#subscribed = [...subscribed];
    this.#ids = new Set(subscribed.map(({ id }) => id));
  }
  /** Asks every distinct selector once. Returns the ids that want the event. */
  decide(key, event) {
    if (this.#subscribed.length === 0) return NOBODY;
    const wanted = /* @__PURE__ */ new Set();
    const answers = /* @__PURE__ */ new Map();
    for (const { id, selector } of this.#subscribed) {
      if (selector === void 0 || ask(selector, event, answers).has(id)) wanted.add(id);
    }
    this.#remember(key, { asked: this.#ids, wanted, later: /* @__PURE__ */ new Map() });
    return wanted;
  }
  wants({ id, selector }, key, event) {
    let verdict = this.#verdicts.get(key) ?? this.#older.get(key);
    if (verdict?.asked.has(id) === true) return verdict.wanted.has(id);
    if (selector === void 0) return true;
    if (verdict === void 0 || key === "") {
      verdict = { asked: /* @__PURE__ */ new Set(), wanted: /* @__PURE__ */ new Set(), later: /* @__PURE__ */ new Map() };
      if (key !== "") this.#remember(key, verdict);
    }
    const earlier = verdict.later.get(selector);
    if (earlier?.asked.has(id) === true) return earlier.wanted.has(id);
    const wanted = ask(selector, event, /* @__PURE__ */ new Map());
    verdict.later.set(selector, { asked: this.#ids, wanted });
    return wanted.has(id);
  }
  #remember(key, verdict) {
    if (this.#verdicts.size >= REMEMBERED_MAX) {
      this.#older = this.#verdicts;
      this.#verdicts = /* @__PURE__ */ new Map();
    }
    this.#verdicts.set(key, verdict);
  }
};
function ask(selector, event, answers) {
  const known = answers.get(selector);
  if (known !== void 0) return known;
  const ids = [];
  selector.select(event, ids);
  const answer = new Set(ids);
  answers.set(selector, answer);
  return answer;
}

// packages/channel-rabbitmq/src/rabbitmq-channel.ts
var RABBITMQ_TYPE = "rabbitmq";
var SHORT_WAIT_MS_MAX = 3e4;
var START_WAIT_MS = 1e4;
var CLOSE_WAIT_MS2 = 2e3;
var RabbitmqChannel = class extends BaseComponent {
  name;
  clock;
  random;
  logger;
  topology;
  verdicts = new Verdicts();
  register;
  deadLetters;
  prefetchMax;
  shortWaitMs;
  #context;
  #servers;
  #telemetry;
  #backlogs = /* @__PURE__ */ new Map();
  #claims = /* @__PURE__ */ new Map();
  #openDead = /* @__PURE__ */ new Map();
  #changed = /* @__PURE__ */ new Set();
  #instance = newUuid().slice(0, 8);
  #poll;
  #config;
  #lease;
  #publisher;
  #stopWatching;
  #sequence = 0;
  #publishing = 0;
  #wasUp = false;
  #left;
  constructor(context, servers) {
    super();
    this.#context = context;
    this.#servers = servers;
    this.name = context.name;
    this.clock = context.clock;
    this.random = context.random;
    this.logger = context.logger;
    this.#config = parseConfig(RABBITMQ_TYPE, configSchema, context.config);
    const { exchange, queueType, prefetchMax } = this.#config;
    this.topology = { exchange, queueType };
    this.prefetchMax = prefetchMax;
    this.shortWaitMs = Math.min(SHORT_WAIT_MS_MAX, this.#config.consumerTimeoutMs / 4);
    this.#telemetry = new ChannelTelemetry(context);
    this.register = new LetterRegister(this);
    this.deadLetters = new RabbitmqDeadLetters(this);
    this.#poll = new Poll(this);
  }
  /** @internal */
  get consuming() {
    return this.#started().consuming;
  }
  /** @internal */
  get servers() {
    return this.#servers;
  }
  /** @internal */
  get handsOut() {
    return this.state !== "draining" && this.state !== "closed";
  }
  /** @internal */
  get backlogs() {
    return this.#backlogs;
  }
  #started() {
    this.#lease ??= this.#servers.lease(this.#config, this.#context);
    return this.#lease;
  }
  publish(events, options) {
    if (options?.deduplicateMs !== void 0) {
      throw unsupported(RABBITMQ_TYPE, "deduplicates", "suppress duplicates");
    }
    this.#assertOpen(options?.signal);
    const { exchange } = this.topology;
    const to = { exchange, queue: "", mandatory: this.#hasQueues() };
    const acceptedMs = this.clock.now();
    const keys = events.map(() => this.#newKey());
    const messages = events.map(
      (event, index) => encodeEvent(event, to, { key: keys[index] ?? "", acceptedMs })
    );
    this.#assertSizes(events, messages);
    const publisher = this.#publisherNow();
    publisher.assertReady(messages.length, sizeOf(messages));
    for (const [index, event] of events.entries())
      this.#place(keys[index] ?? "", event, acceptedMs);
    return this.#confirm(publisher, messages, keys, options?.signal);
  }
  /** Whether a queue is there as far as this process knows: then what no queue takes has not been kept. */
  #hasQueues() {
    for (const { wasDeclared } of this.#backlogs.values()) if (wasDeclared) return true;
    return false;
  }
  /** Asks the selectors, and tells the subscriptions of this process what will come. */
  #place(key, event, acceptedMs) {
    const wanted = this.verdicts.decide(key, event);
    for (const id of wanted) this.#backlogs.get(id)?.expect(key, event, acceptedMs);
    for (const backlog of this.#backlogs.values()) {
      if (!backlog.isAttached) backlog.expect(key, event, acceptedMs);
    }
  }
  #confirm(publisher, messages, keys, signal) {
    this.#publishing += 1;
    return untilAborted(this.#send(publisher, messages, keys), signal);
  }
  async #send(publisher, messages, keys) {
    try {
      await publisher.publish(messages);
      this.#telemetry.accepted.add(messages.length);
    } catch (error) {
      for (const key of keys) for (const backlog of this.#backlogs.values()) backlog.unexpect(key);
      throw error;
    } finally {
      this.#publishing -= 1;
      this.#noteChange();
    }
  }
  async publishTo(subscription, events, options) {
    this.#assertOpen(options?.signal);
    const backlog = this.#backlogs.get(subscription);
    if (backlog === void 0) throw subscriptionUnknown(this.name, subscription);
    const acceptedMs = this.clock.now();
    const keys = events.map(() => this.#newKey());
    const to = { exchange: "", queue: backlog.names.direct };
    const messages = events.map(
      (event, index) => encodeEvent(event, to, { key: keys[index] ?? "", acceptedMs })
    );
    this.#assertSizes(events, messages);
    this.#publisherNow().assertReady(messages.length, sizeOf(messages));
    await backlog.openLate("direct");
    for (const [index, event] of events.entries()) {
      backlog.expect(keys[index] ?? "", event, acceptedMs);
    }
    await this.#confirm(this.#publisherNow(), messages, keys, options?.signal);
  }
  #assertOpen(signal) {
    if (this.state !== "running") throw channelClosed(this.name, this.state);
    if (signal?.aborted === true) throw abortedError(signal);
  }
  #assertSizes(events, messages) {
    try {
      assertSizes(events, messages, this.#config.maxEventBytes);
    } catch (error) {
      this.#telemetry.tooLarge.add(1);
      throw error;
    }
  }
  #publisherNow() {
    if (this.#publisher === void 0) throw channelClosed(this.name, this.state);
    return this.#publisher;
  }
  #newKey() {
    this.#sequence += 1;
    return `${this.#instance}-${this.#sequence.toString(36)}`;
  }
  /** @internal Sorts by time. */
  newLetterId() {
    this.#sequence += 1;
    const time = Math.floor(this.clock.now()).toString(36).padStart(9, "0");
    return `${time}-${this.#sequence.toString(36).padStart(6, "0")}-${this.#instance}`;
  }
  /** @internal For backlogs and dead letters: a rejection, never a throw. */
  async writeNow(messages) {
    await this.#publisherNow().publish(messages);
  }
  /** @internal */
  openDead(id, names) {
    const { dead } = names;
    const opened = this.#openDead.get(dead) ?? this.#declareDead(id, names);
    this.#openDead.set(dead, opened);
    opened.catch(() => this.#openDead.delete(dead));
    return opened;
  }
  async #declareDead(id, { dead }) {
    await administer(
      this.consuming,
      `queue ${dead}`,
      this.clock,
      (channel) => declareQueue(channel, dead, this.topology)
    );
    await this.register.add({ subscription: id, queue: dead });
  }
  subscribe(options) {
    if (this.state === "draining" || this.state === "closed") {
      throw channelClosed(this.name, this.state);
    }
    assertLatest(RABBITMQ_TYPE, options.from);
    const counters = this.#telemetry.forSubscription(options.label ?? options.id);
    const untyped = options;
    const existing = this.#backlogs.get(options.id);
    existing?.configure(untyped, counters);
    const open = this.#claims.get(options.id);
    const claim = open ?? this.#claim(existing ?? this.#newBacklog(untyped, counters));
    this.#updateVerdicts();
    return claim;
  }
  #newBacklog(options, counters) {
    const names = queueNames(this.topology.exchange, options.id, options.storageName);
    const backlog = new Backlog(options, names, this, counters);
    this.#backlogs.set(options.id, backlog);
    return backlog;
  }
  #claim(backlog) {
    const ready = backlog.attach(
      this.#servers.serially(backlog.names.main, () => Promise.resolve())
    );
    const claim = new Claim(backlog, ready, this);
    this.#claims.set(backlog.id, claim);
    return claim;
  }
  #updateVerdicts() {
    this.verdicts.update([...this.#backlogs.values()].filter(({ isAttached }) => isAttached));
  }
  /** @internal */
  detach(backlog, drop) {
    this.#claims.delete(backlog.id);
    if (drop) {
      this.#backlogs.delete(backlog.id);
      this.#remove(backlog);
    } else backlog.detach();
    this.#updateVerdicts();
  }
  #remove(backlog) {
    const { names } = backlog;
    this.#openDead.delete(names.dead);
    const stopped = backlog.drop();
    const removed = this.#servers.serially(names.main, async () => {
      await stopped;
      await removeQueues(this.consuming, names, this.topology.exchange, this.clock);
    });
    this.#removals.add(removed);
    removed.catch((error) => {
      const fields = { channel: this.name, queue: names.main, err: error };
      this.logger.error(fields, "the queues of a dropped subscription are still there");
    }).finally(() => this.#removals.delete(removed));
  }
  #removals = /* @__PURE__ */ new Set();
  reconfigure(config) {
    const next = parseConfig(RABBITMQ_TYPE, configSchema, config);
    const { exchange, queueType } = next;
    if (exchange !== this.topology.exchange || queueType !== this.topology.queueType) {
      throw unsupported(RABBITMQ_TYPE, "movable", "change its exchange or the type of its queues");
    }
    this.#config = next;
    const { state } = this;
    if (this.#lease === void 0 || state === "closed") return;
    const [oldLease, oldPublisher] = [this.#lease, this.#publisher];
    this.#lease = this.#servers.lease(next, this.#context);
    if (oldPublisher !== void 0) this.#openPublisher();
    for (const backlog of this.#backlogs.values()) backlog.moveTo(this.consuming);
    void this.#retire(oldLease, oldPublisher);
  }
  /** What was published on the old connection keeps it until it is confirmed or given up. */
  async #retire(lease, publisher) {
    const endMs = this.clock.monotonicMs() + this.#config.confirmTimeoutMs;
    while ((publisher?.inFlight ?? 0) > 0 && this.clock.monotonicMs() < endMs) {
      await this.clock.sleep(50);
    }
    await publisher?.close();
    await lease.release();
  }
  #openPublisher() {
    const lease = this.#started();
    const { inFlightMessagesMax, inFlightBytesMax, confirmTimeoutMs } = this.#config;
    this.#publisher = new ConfirmPublisher({
      connection: lease.publishing,
      subject: `exchange ${this.topology.exchange}`,
      setUp: (channel) => declareExchange(channel, this.topology),
      limits: {
        messagesMax: inFlightMessagesMax,
        bytesMax: inFlightBytesMax,
        confirmTimeoutMs
      },
      clock: this.clock,
      random: this.random,
      logger: this.logger,
      onStep: this.#context.onStep,
      onNoQueue: () => {
        for (const backlog of this.#backlogs.values()) backlog.declareAgain();
      }
    });
    this.#stopWatching?.();
    this.#stopWatching = lease.publishing.onChange(() => {
      this.#watch(lease.publishing);
    });
  }
  #watch(connection) {
    const isUp = connection.model !== void 0 && connection.blockedReason === void 0;
    if (this.#wasUp && !isUp && this.state === "running") this.#telemetry.unavailable.add(1);
    this.#wasUp = isUp;
  }
  describe() {
    return this.#left ?? this.#describe();
  }
  #describe() {
    const subscriptions = [...this.#backlogs.values()].map((backlog) => backlog.describe());
    const trouble = this.#trouble();
    return {
      name: this.name,
      type: RABBITMQ_TYPE,
      events: Math.max(0, ...subscriptions.map(({ depth }) => depth)),
      bytes: Math.max(0, ...subscriptions.map(({ bytes }) => bytes)),
      unsettled: this.#unsettled(),
      subscriptions,
      ...trouble === void 0 ? {} : { trouble }
    };
  }
  #trouble() {
    if (this.#publisher === void 0) return void 0;
    const troubles = [...this.#backlogs.values()].map(({ trouble }) => trouble);
    return this.#publisher.trouble ?? troubles.find((trouble) => trouble !== void 0);
  }
  /** What is being written. What was accepted is safe; what is being released would only come again. */
  #unsettled() {
    let unsettled = this.#publishing;
    for (const { settling } of this.#backlogs.values()) unsettled += settling;
    return unsettled;
  }
  async settled(options) {
    await waitFor(
      this.#changed,
      () => this.#unsettled() === 0 || this.#left !== void 0,
      options?.signal
    );
    return this.#unsettled() === 0;
  }
  /** @internal */
  onSettled() {
    this.#noteChange();
  }
  #noteChange() {
    for (const listener of [...this.#changed]) listener();
  }
  #inFlight() {
    let inFlight = 0;
    for (const backlog of this.#backlogs.values()) inFlight += backlog.inFlight;
    return inFlight;
  }
  async onStart(signal) {
    const { publishing } = this.#started();
    this.#openPublisher();
    const limit = new AbortController();
    const timer = this.clock.setTimer(START_WAIT_MS, () => {
      limit.abort();
    });
    const until = AbortSignal.any([signal, limit.signal]);
    await publishing.attempted(until);
    while (publishing.model !== void 0 && !until.aborted) {
      if (this.#publisher?.keeper.channel !== void 0) break;
      if (this.#publisher?.keeper.failure !== void 0) break;
      await this.clock.sleep(5, until).catch(() => void 0);
    }
    timer.cancel();
    this.#watch(publishing);
    this.#poll.start();
  }
  async onDrain(signal) {
    const isQuiet = () => this.#inFlight() + this.#unsettled() === 0;
    await waitFor(this.#changed, isQuiet, signal);
    if (!isQuiet()) throw abortedError(signal);
  }
  async onClose() {
    if (this.#left === void 0) {
      const limit = new AbortController();
      const timer = this.clock.setTimer(CLOSE_WAIT_MS2, () => {
        limit.abort();
      });
      await waitFor(this.#changed, () => this.#unsettled() === 0, limit.signal);
      timer.cancel();
      this.#left = this.#describe();
    }
    this.#noteChange();
    this.#stopWatching?.();
    await this.#poll.close();
    await Promise.allSettled([...this.#removals]);
    await Promise.all([...this.#backlogs.values()].map((backlog) => backlog.close()));
    await this.#publisher?.close();
    await this.#lease?.release();
  }
};

// packages/channel-rabbitmq/src/provision.ts
var RabbitmqProvision = class {
  #context;
  #servers;
  #config;
  constructor(context, servers) {
    this.#context = context;
    this.#servers = servers;
    this.#config = parseConfig(RABBITMQ_TYPE, configSchema, context.config);
  }
  async ensure(options) {
    const { exchange, queueType, vhost } = this.#config;
    await this.#onChannel(
      `exchange ${exchange}`,
      (channel) => declareExchange(channel, this.#config),
      options
    );
    return { exchange, queueType, vhost };
  }
  async ensureSubscription(subscription, options) {
    assertLatest(RABBITMQ_TYPE, subscription.from);
    const names = this.#names(subscription);
    await this.#servers.serially(
      names.main,
      () => this.#onChannel(
        `queue ${names.main}`,
        (channel) => declareSubscription(channel, names, this.#config),
        options
      )
    );
  }
  async removeSubscription(subscription, options) {
    const names = this.#names(subscription);
    await this.#servers.serially(
      names.main,
      () => this.#leased(
        (connection) => removeQueues(
          connection,
          names,
          this.#config.exchange,
          this.#context.clock,
          options?.signal
        )
      )
    );
  }
  async remove(options) {
    const { exchange } = this.#config;
    await this.#onChannel(
      `exchange ${exchange}`,
      async (channel) => {
        await channel.deleteExchange(exchange);
        await channel.deleteQueue(registerName(exchange));
      },
      options
    );
  }
  #names({ id, storageName }) {
    return queueNames(this.#config.exchange, id, storageName);
  }
  #onChannel(subject, run, options) {
    const { clock } = this.#context;
    return this.#leased(
      (connection) => administer(connection, subject, clock, run, options?.signal)
    );
  }
  async #leased(run) {
    const lease = this.#servers.lease(this.#config, this.#context);
    try {
      return await run(lease.consuming);
    } finally {
      await lease.release();
    }
  }
};

// packages/channel-rabbitmq/src/driver.ts
function rabbitmqDriver() {
  const servers = new Servers();
  return {
    type: RABBITMQ_TYPE,
    configSchema,
    capabilities: {
      durable: true,
      order: "total",
      replayable: false,
      competingConsumers: true,
      delayed: true,
      deadLetters: true,
      deduplicates: false,
      maxEventBytes: MAX_EVENT_BYTES
    },
    create: (context) => new RabbitmqChannel(context, servers),
    provision: (context) => new RabbitmqProvision(context, servers),
    close: () => servers.close()
  };
}
export {
  rabbitmqDriver
};
