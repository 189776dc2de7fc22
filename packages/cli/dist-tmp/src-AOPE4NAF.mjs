import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);
import {
  META_TABLE,
  fileBytes,
  keys,
  nextTurn,
  openDataDirectory,
  pairs,
  readTables,
  withStoppedDirectory
} from "./chunk-C622NW6F.mjs";
import "./chunk-5OLIHV2B.mjs";
import {
  Alarm,
  ChannelFull,
  ChannelTelemetry,
  ChannelUnavailable,
  DEADLINE_TOLERANCE_MS,
  Heap,
  Matcher,
  Waiters,
  batchTooLarge,
  channelClosed,
  eventTooLarge,
  isWanted,
  outcomeUnknown,
  parseConfig,
  positionInvalid,
  subscriptionUnknown
} from "./chunk-L3ZXLJED.mjs";
import {
  decodeStored,
  encodeStored
} from "./chunk-QUSRWZCH.mjs";
import {
  external_exports
} from "./chunk-C4YO6LH5.mjs";
import {
  BaseComponent,
  abortedError,
  untilAborted
} from "./chunk-ZKZDKWPE.mjs";
import "./chunk-EX44SRZ5.mjs";

// packages/channel-durable/src/config.ts
var DURABLE_TYPE = "durable";
var DAY_MS = 864e5;
var GIBIBYTE = 2 ** 30;
var durableConfigSchema = external_exports.strictObject({
  retentionMs: external_exports.int().min(1e3).default(7 * DAY_MS).describe("How long an event is kept, delivered or not, in milliseconds."),
  retentionBytes: external_exports.int().min(2 ** 20).default(8 * GIBIBYTE).describe("How much the channel keeps on the disk, in bytes: beyond it the oldest events go."),
  deadLetterRetentionMs: external_exports.int().min(1e3).default(30 * DAY_MS).describe("How long a dead letter is kept, in milliseconds."),
  detachedMsMax: external_exports.int().min(1e3).default(7 * DAY_MS).describe(
    "How long a subscription that nobody reads is kept with its backlog, in milliseconds."
  )
});

// packages/channel-durable/src/keys.ts
var NUMBER_BYTES = 4;
var POSITION_BYTES = 6;
var HASH_BYTES = 16;
var POSITION_END = 2 ** 48 - 1;
var NEXT_NUMBER_KEY = Buffer.from("N");
function addressedNumber(subscription) {
  return subscription + 1;
}
function positionKey(number, position) {
  const key = Buffer.allocUnsafe(NUMBER_BYTES + POSITION_BYTES);
  key.writeUInt32BE(number, 0);
  key.writeUIntBE(position, NUMBER_BYTES, POSITION_BYTES);
  return key;
}
function positionOf(key) {
  return key.readUIntBE(key.length - POSITION_BYTES, POSITION_BYTES);
}
function positionRange(number, from, to = POSITION_END) {
  return { start: positionKey(number, from), end: positionKey(number, to) };
}
function channelKey(kind, namespace, name) {
  return Buffer.from(`c${[kind, namespace, name].join("\0")}`);
}
function channelOf(key) {
  const [kind = "", namespace = "", name = ""] = key.toString("utf8", 1).split("\0");
  return { kind, namespace, name };
}
var CHANNELS = { start: Buffer.from("c"), end: Buffer.from("d") };
var REMOVED = { start: Buffer.from("r"), end: Buffer.from("s") };
var DROPPED = { start: Buffer.from("x"), end: Buffer.from("y") };
function removedKey(channel) {
  return numbered("r", channel);
}
function channelCountersKey(channel) {
  return numbered("n", channel);
}
function subscriptionKey(channel, subscription) {
  return Buffer.concat([numbered("s", channel), numberBytes(subscription)]);
}
function subscriptionRange(channel) {
  return { start: numbered("s", channel), end: numbered("s", channel + 1) };
}
function subscriptionCountersKey(subscription) {
  return numbered("d", subscription);
}
function droppedKey(subscription) {
  return numbered("x", subscription);
}
function numberOf(key) {
  return key.readUInt32BE(key.length - NUMBER_BYTES);
}
function letterKey(channel, id, sequence) {
  const tail = Buffer.alloc(1 + POSITION_BYTES);
  tail.writeUIntBE(sequence, 1, POSITION_BYTES);
  return Buffer.concat([numberBytes(channel), Buffer.from(id), tail]);
}
function letterOf(key) {
  const end = key.length - POSITION_BYTES - 1;
  return { subscription: key.toString("utf8", NUMBER_BYTES, end), sequence: positionOf(key) };
}
function letterRange(channel, id) {
  if (id === void 0) return { start: numberBytes(channel), end: numberBytes(channel + 1) };
  return { start: letterKey(channel, id, 0), end: afterLetters(channel, id) };
}
function afterLetters(channel, id) {
  return Buffer.concat([numberBytes(channel), Buffer.from(`${id}`)]);
}
function seenKey(channel, hash) {
  return Buffer.concat([Buffer.of(1), numberBytes(channel), hash]);
}
function seenRanges(channel) {
  return [1, 2].map((kind) => ({
    start: Buffer.concat([Buffer.of(kind), numberBytes(channel)]),
    end: Buffer.concat([Buffer.of(kind), numberBytes(channel + 1)])
  }));
}
function seenUntilKey(channel, untilMs, hash) {
  const key = Buffer.allocUnsafe(1 + NUMBER_BYTES + POSITION_BYTES + HASH_BYTES);
  key[0] = 2;
  key.writeUInt32BE(channel, 1);
  key.writeUIntBE(untilMs, 1 + NUMBER_BYTES, POSITION_BYTES);
  hash.copy(key, 1 + NUMBER_BYTES + POSITION_BYTES);
  return key;
}
function hashOfSeenUntil(key) {
  return key.subarray(1 + NUMBER_BYTES + POSITION_BYTES);
}
function forgottenRange(channel, untilMs) {
  const first = Buffer.alloc(HASH_BYTES);
  return { start: seenUntilKey(channel, 0, first), end: seenUntilKey(channel, untilMs, first) };
}
function numbered(letter, number) {
  const key = Buffer.allocUnsafe(1 + NUMBER_BYTES);
  key[0] = letter.charCodeAt(0);
  key.writeUInt32BE(number, 1);
  return key;
}
function numberBytes(number) {
  const bytes = Buffer.allocUnsafe(NUMBER_BYTES);
  bytes.writeUInt32BE(number, 0);
  return bytes;
}

// packages/channel-durable/src/records.ts
import { crc32 } from "node:zlib";
var CRC_BYTES = 4;
var TIME_BYTES = 6;
var EVENT_HEAD_BYTES = CRC_BYTES + 1 + TIME_BYTES + 4;
var ENTRY_HEAD_BYTES = CRC_BYTES + 4 + 2 * TIME_BYTES;
var LETTER_HEAD_BYTES = CRC_BYTES + TIME_BYTES + 4;
var DamagedRecord = class extends Error {
};
function seal(record) {
  record.writeUInt32BE(crc32(record.subarray(CRC_BYTES)), 0);
  return record;
}
function assertWhole(record, headBytes) {
  if (record.length >= headBytes && record.readUInt32BE(0) === crc32(record.subarray(CRC_BYTES)))
    return;
  throw new DamagedRecord("the checksum does not match");
}
var ADDRESSED = 1;
function encodeEvent(event, acceptedMs, isAddressed) {
  const record = encodeStored(event, EVENT_HEAD_BYTES);
  record[CRC_BYTES] = isAddressed ? ADDRESSED : 0;
  record.writeUIntBE(acceptedMs, CRC_BYTES + 1, TIME_BYTES);
  record.writeUInt32BE(event.sizeBytes, CRC_BYTES + 1 + TIME_BYTES);
  return seal(record);
}
function eventHead(record) {
  if (record.length < EVENT_HEAD_BYTES) throw new DamagedRecord("the record is too short");
  return {
    isAddressed: record[CRC_BYTES] === ADDRESSED,
    acceptedMs: record.readUIntBE(CRC_BYTES + 1, TIME_BYTES),
    sizeBytes: record.readUInt32BE(CRC_BYTES + 1 + TIME_BYTES)
  };
}
function isWholeEvent(record) {
  try {
    assertWhole(record, EVENT_HEAD_BYTES);
    return true;
  } catch {
    return false;
  }
}
function decodeEvent(record) {
  assertWhole(record, EVENT_HEAD_BYTES);
  return decodeStored(record.subarray(EVENT_HEAD_BYTES));
}
var NEW_ENTRY = Buffer.alloc(0);
var UNASKED_ENTRY = Buffer.of(0);
var UNTRIED = { attempts: 0, dueMs: 0, delayMs: 0, progress: void 0 };
function isUnasked(record) {
  return record.length === 1;
}
var HAS_PROGRESS = 2 ** 31;
function encodeEntry({ attempts, dueMs, delayMs, progress }) {
  const record = Buffer.allocUnsafe(ENTRY_HEAD_BYTES + (progress?.length ?? 0));
  record.writeUInt32BE(attempts + (progress === void 0 ? 0 : HAS_PROGRESS), CRC_BYTES);
  record.writeUIntBE(Math.ceil(dueMs), CRC_BYTES + 4, TIME_BYTES);
  record.writeUIntBE(Math.ceil(delayMs), CRC_BYTES + 4 + TIME_BYTES, TIME_BYTES);
  if (progress !== void 0) record.set(progress, ENTRY_HEAD_BYTES);
  return seal(record);
}
function decodeEntry(record) {
  if (record.length <= UNASKED_ENTRY.length) return UNTRIED;
  assertWhole(record, ENTRY_HEAD_BYTES);
  const attempts = record.readUInt32BE(CRC_BYTES);
  return {
    attempts: attempts % HAS_PROGRESS,
    dueMs: record.readUIntBE(CRC_BYTES + 4, TIME_BYTES),
    delayMs: record.readUIntBE(CRC_BYTES + 4 + TIME_BYTES, TIME_BYTES),
    progress: attempts >= HAS_PROGRESS ? record.subarray(ENTRY_HEAD_BYTES) : void 0
  };
}
function encodeLetter({ event, reason, storedMs }) {
  const reasonBytes = Buffer.from(JSON.stringify(reason));
  const record = encodeStored(event, LETTER_HEAD_BYTES + reasonBytes.length);
  record.writeUIntBE(storedMs, CRC_BYTES, TIME_BYTES);
  record.writeUInt32BE(reasonBytes.length, CRC_BYTES + TIME_BYTES);
  reasonBytes.copy(record, LETTER_HEAD_BYTES);
  return seal(record);
}
function letterStoredMs(record) {
  return record.length < LETTER_HEAD_BYTES ? 0 : record.readUIntBE(CRC_BYTES, TIME_BYTES);
}
function decodeLetter(record) {
  assertWhole(record, LETTER_HEAD_BYTES);
  const end = LETTER_HEAD_BYTES + record.readUInt32BE(CRC_BYTES + TIME_BYTES);
  const reason = JSON.parse(record.toString("utf8", LETTER_HEAD_BYTES, end));
  return {
    event: decodeStored(record.subarray(end)),
    reason,
    storedMs: record.readUIntBE(CRC_BYTES, TIME_BYTES)
  };
}
var NEW_CHANNEL = {
  nextPosition: 1,
  firstPosition: 1,
  events: 0,
  bytes: 0,
  lastAcceptedMs: 0,
  nextLetter: 1,
  letters: 0,
  letterBytes: 0,
  damaged: 0
};
var NEW_SUBSCRIPTION = {
  depth: 0,
  bytes: 0,
  lost: 0,
  letters: 0
};
function encodeCounters(counters) {
  const values = Object.values(counters);
  const record = Buffer.allocUnsafe(8 * values.length);
  for (const [index, value] of values.entries()) record.writeDoubleBE(value, 8 * index);
  return record;
}
function decodeCounters(record, zero) {
  const counters = { ...zero };
  if (record === void 0) return counters;
  for (const [index, name] of Object.keys(zero).entries()) {
    if (8 * index < record.length) counters[name] = record.readDoubleBE(8 * index);
  }
  return counters;
}
function encodeJson(value) {
  return Buffer.from(JSON.stringify(value));
}
function decodeJson(record) {
  return JSON.parse(record.toString());
}

// packages/channel-durable/src/channel-state.ts
var BACKWARDS_MS_MAX = 24 * 36e5;
var ChannelState = class {
  name;
  number;
  directory;
  counters;
  config;
  clock;
  random;
  logger;
  telemetry;
  onStep;
  /** What was not written by then is done again by the next channel of this name. */
  isClosed = false;
  constructor(options) {
    this.name = options.name;
    this.number = options.number;
    this.directory = options.directory;
    this.counters = options.counters;
    this.config = options.config;
    this.clock = options.clock;
    this.random = options.random;
    this.logger = options.logger;
    this.telemetry = options.telemetry;
    this.onStep = options.onStep;
  }
  get tables() {
    return this.directory.tables;
  }
  /** The time given to an event accepted now: it never goes back with the positions, so that both can be searched. */
  acceptTime() {
    const { counters } = this;
    const nowMs = this.clock.now();
    const lastMs = counters.lastAcceptedMs;
    counters.lastAcceptedMs = lastMs - nowMs < BACKWARDS_MS_MAX ? Math.max(lastMs, nowMs) : nowMs;
    return counters.lastAcceptedMs;
  }
  writeCounters() {
    if (this.isClosed) return;
    void this.tables.meta.put(channelCountersKey(this.number), encodeCounters(this.counters));
  }
};

// packages/channel-durable/src/fence.ts
var Fence = class {
  bytes = 0;
  isKept = true;
  #passed;
  #failed;
  /** `failed`: what was before it could not be written now. It may be passed all the same, later. */
  constructor(passed, failed) {
    this.#passed = passed;
    this.#failed = failed;
  }
  write() {
  }
  committed() {
    this.#passed();
  }
  failed() {
    this.#failed?.();
  }
};
var Note = class {
  bytes = 0;
  isKept = true;
  #options;
  constructor(options) {
    this.#options = options;
  }
  write(batch) {
    this.#options.write(batch);
  }
  committed() {
    this.#options.committed?.();
  }
  failed() {
    this.#options.failed?.();
  }
};
function written(writer, step) {
  return new Promise((resolve) => {
    let result;
    const write = (batch) => {
      result = step(batch);
    };
    const committed = () => {
      resolve(result);
    };
    writer.submit(new Note({ write, committed }));
  });
}

// packages/channel-durable/src/open-channel.ts
function openChannelState(options) {
  const { context, config, directory, telemetry } = options;
  const { meta } = directory.tables;
  const key = channelKeyOf(context);
  const stored = meta.get(key);
  const found = stored && decodeJson(stored).number;
  const number = found === void 0 || directory.isForgotten(found) ? directory.newNumber() : found;
  const keptMs = Math.max(config.retentionMs, config.deadLetterRetentionMs);
  directory.setOpen(number, true);
  directory.writer.submit(
    new Note({
      write: () => {
        void meta.put(key, encodeJson({ number, keptMs }));
        directory.writeNumbers();
      }
    })
  );
  return new ChannelState({
    name: context.name,
    number,
    directory,
    counters: decodeCounters(meta.get(channelCountersKey(number)), NEW_CHANNEL),
    config,
    clock: context.clock,
    random: context.random,
    logger: context.logger,
    telemetry,
    onStep: context.onStep
  });
}
function channelKeyOf({ kind, namespace, name }) {
  return channelKey(kind ?? "Channel", namespace ?? "", name);
}
function readSubscriptions({ tables, number }) {
  const found = [];
  for (const { key, value } of tables.meta.getRange(subscriptionRange(number))) {
    const subscription = numberOf(key);
    found.push({
      number: subscription,
      record: decodeJson(value),
      counters: decodeCounters(
        tables.meta.get(subscriptionCountersKey(subscription)),
        NEW_SUBSCRIPTION
      )
    });
  }
  return found;
}

// packages/channel-durable/src/tables.ts
function openTables(directory) {
  return {
    meta: directory.table(META_TABLE),
    events: directory.table("events"),
    entries: directory.table("entries"),
    letters: directory.table("letters"),
    seen: directory.table("seen"),
    damaged: directory.table("damaged")
  };
}
function hasChannels(directory) {
  return directory.tableNames().includes("events");
}

// packages/channel-durable/src/data-tools.ts
var STEP = 1024;
function dataStats(directory) {
  return withStoppedDirectory(directory, (open) => {
    const tables = channelTables(open);
    return {
      directory,
      fileBytes: fileBytes(directory),
      channels: tables === void 0 ? [] : channelsOf(tables).map((channel) => statsOf(tables, channel)),
      tables: readTables(open)
    };
  });
}
function checkData(directory) {
  return withStoppedDirectory(directory, (open) => {
    let problems = [];
    const tables = readTables(open, (problem) => problems.push(problem));
    let checked = tables.reduce((total, { records }) => total + records, 0);
    const ofChannels = channelTables(open);
    if (ofChannels !== void 0) {
      const check = new Check(ofChannels);
      for (const channel of channelsOf(ofChannels)) check.channel(channel);
      checked += check.checked;
      problems = [...problems, ...check.problems];
    }
    return { directory, checked, tables, problems };
  });
}
function channelTables(directory) {
  return hasChannels(directory) ? openTables(directory) : void 0;
}
function channelsOf(tables) {
  return pairs(tables.meta, CHANNELS, Infinity).map(({ key, value }) => {
    const identity = channelOf(key);
    const { number } = decodeJson(value);
    const { kind, namespace, name } = identity;
    return {
      title: `${kind} ${namespace === "" ? name : `${namespace}/${name}`}`,
      identity,
      number,
      counters: decodeCounters(tables.meta.get(channelCountersKey(number)), NEW_CHANNEL),
      subscriptions: readSubscriptions({ tables, number })
    };
  });
}
function statsOf({ events }, channel) {
  const { identity, number, counters, subscriptions } = channel;
  const [first] = pairs(events, positionRange(number, counters.firstPosition), 1);
  return {
    ...identity,
    events: counters.events,
    bytes: counters.bytes,
    ...first === void 0 ? {} : { oldestMs: eventHead(first.value).acceptedMs },
    deadLetters: counters.letters,
    damaged: counters.damaged,
    subscriptions: subscriptions.map(({ record, counters: { depth, bytes, letters, lost } }) => ({
      id: record.id,
      label: record.label,
      depth,
      bytes,
      deadLetters: letters,
      lost
    }))
  };
}
var Check = class {
  problems = [];
  checked = 0;
  #tables;
  constructor(tables) {
    this.#tables = tables;
  }
  channel(channel) {
    const { title, number, counters, subscriptions } = channel;
    const { events, letters } = this.#tables;
    let count = 0;
    this.#each(events, positionRange(number, 0), title, (key, value) => {
      count += 1;
      this.#try(`${title}, position ${String(positionOf(key))}`, () => decodeEvent(value));
    });
    this.#compare(title, "events", counters.events, count);
    count = 0;
    this.#each(letters, letterRange(number), title, (key, value) => {
      count += 1;
      const { subscription, sequence } = letterOf(key);
      const place = `${title}, dead letter ${String(sequence)} of ${subscription}`;
      this.#try(place, () => decodeLetter(value));
    });
    this.#compare(title, "dead letters", counters.letters, count);
    for (const subscription of subscriptions) this.#subscription(channel, subscription);
  }
  #subscription(channel, { number, record, counters }) {
    const title = `${channel.title}, subscription ${record.id}`;
    let count = 0;
    for (const lane of [number, addressedNumber(number)]) {
      this.#each(this.#tables.entries, positionRange(lane, 0), title, (key, value) => {
        count += 1;
        const position = positionOf(key);
        const place = `${title}, position ${String(position)}`;
        this.#try(place, () => decodeEntry(value));
        const event = this.#tables.events.get(positionKey(channel.number, position));
        if (event === void 0) this.problems.push({ place, problem: "its event is missing" });
      });
    }
    this.#compare(title, "events to do", counters.depth, count);
  }
  #each(table, range, title, visit) {
    let { start } = range;
    try {
      for (; ; ) {
        const found = pairs(table, { start, end: range.end }, STEP);
        for (const { key, value } of found) {
          this.checked += 1;
          visit(key, value);
        }
        const last = found.at(-1);
        if (last === void 0 || found.length < STEP) return;
        start = Buffer.concat([last.key, Buffer.of(0)]);
      }
    } catch (error) {
      this.problems.push({ place: title, problem: `cannot be read: ${messageOf(error)}` });
    }
  }
  #try(place, read) {
    try {
      read();
    } catch (error) {
      this.problems.push({ place, problem: messageOf(error) });
    }
  }
  #compare(place, what, counted, found) {
    if (counted === found) return;
    const problem = `${String(found)} ${what} are there, and ${String(counted)} are counted`;
    this.problems.push({ place, problem });
  }
};
function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}

// packages/channel-durable/src/channel-directory.ts
var ChannelDirectory = class {
  tables;
  writer;
  #directory;
  #numbers;
  /** Numbers of channels that somebody has open. */
  #open = /* @__PURE__ */ new Set();
  /** Numbers of channels that are being forgotten, or are. */
  #forgotten = /* @__PURE__ */ new Set();
  #lookedMs = -Infinity;
  /** By {@link channelDirectory}. */
  constructor(directory) {
    this.#directory = directory;
    this.writer = directory.writer;
    this.tables = openTables(directory);
    this.#numbers = decodeCounters(this.tables.meta.get(NEXT_NUMBER_KEY), { next: 1 });
  }
  /** The first of two numbers that nothing ever had. To be written with {@link writeNumbers}. */
  newNumber() {
    const number = this.#numbers.next;
    this.#numbers.next += 2;
    return number;
  }
  /** In the transaction that writes something under a new number. */
  writeNumbers() {
    void this.tables.meta.put(NEXT_NUMBER_KEY, encodeCounters(this.#numbers));
  }
  /** For what goes on in the background: the directory can be written, and nobody is closing it. */
  get isUsable() {
    return this.#directory.isUsable;
  }
  /** One of the open channels looks after all others: true once in so long, for whoever asks first. */
  isLookDue(monotonicMs, everyMs) {
    if (monotonicMs - this.#lookedMs < everyMs) return false;
    this.#lookedMs = monotonicMs;
    return true;
  }
  /** Channels that are open are neither swept nor given up. */
  isOpen(channel) {
    return this.#open.has(channel);
  }
  setOpen(channel, isOpen) {
    if (isOpen) this.#open.add(channel);
    else this.#open.delete(channel);
  }
  /** Whoever opens a channel under the name of a forgotten one gets a number of its own. */
  isForgotten(channel) {
    return this.#forgotten.has(channel);
  }
  setForgotten(channel, isForgotten) {
    if (isForgotten) this.#forgotten.add(channel);
    else this.#forgotten.delete(channel);
  }
  listen(listener) {
    this.#directory.listen(listener);
  }
  unlisten(listener) {
    this.#directory.unlisten(listener);
  }
};
function channelDirectory(directory) {
  return directory.shared(make);
}
function make(directory) {
  return new ChannelDirectory(directory);
}

// packages/channel-durable/src/removed-channels.ts
var STEP_MAX = 512;
function forgetChannel(directory, key) {
  const record = directory.tables.meta.get(key);
  if (record === void 0) return Promise.resolve(true);
  const { number } = decodeJson(record);
  directory.setForgotten(number, true);
  return new Promise((resolve) => {
    directory.writer.submit({
      bytes: 0,
      isKept: false,
      write: () => {
        const { meta } = directory.tables;
        void meta.remove(key);
        void meta.put(removedKey(number), Buffer.alloc(0));
      },
      committed: () => {
        resolve(true);
      },
      failed: () => {
        directory.setForgotten(number, false);
        resolve(false);
      }
    });
  });
}
async function sweepRemoved(directory, mayGoOn) {
  if (!mayGoOn()) return;
  for (const key of keys(directory.tables.meta, REMOVED, STEP_MAX)) {
    const number = numberOf(key);
    if (directory.isOpen(number)) continue;
    let isLeft = true;
    while (isLeft && mayGoOn()) {
      isLeft = await written(directory.writer, () => removeSome(directory.tables, number));
    }
  }
}
async function forgetAbandoned(directory, nowMs, logger, mayGoOn) {
  if (!mayGoOn()) return;
  for (const { key, value } of pairs(directory.tables.meta, CHANNELS, Infinity)) {
    if (!mayGoOn()) return;
    const record = decodeJson(value);
    const { number, keptMs, closedMs } = record;
    if (directory.isOpen(number)) continue;
    if (closedMs === void 0 || closedMs > nowMs) {
      await written(directory.writer, () => {
        if (directory.isOpen(number)) return;
        void directory.tables.meta.put(key, encodeJson({ ...record, closedMs: nowMs }));
      });
    } else if (keptMs !== void 0 && nowMs - closedMs > keptMs) {
      const counters = decodeCounters(
        directory.tables.meta.get(channelCountersKey(number)),
        NEW_CHANNEL
      );
      if (!await forgetChannel(directory, key)) return;
      logger.warn(
        { ...channelOf(key), events: counters.events, deadLetters: counters.letters },
        "a channel that nobody opens any more was removed, with what it still held"
      );
    }
  }
}
function removeSome(tables, channel) {
  const { meta, events, entries, letters, seen, damaged } = tables;
  const [first] = keys(meta, subscriptionRange(channel), 1);
  if (first !== void 0) {
    const subscription = numberOf(first);
    for (const number of [subscription, addressedNumber(subscription)]) {
      if (removeRange(entries, positionRange(number, 0)) > 0) return true;
    }
    void meta.remove(first);
    void meta.remove(subscriptionCountersKey(subscription));
    return true;
  }
  const all = [
    [events, positionRange(channel, 0)],
    [letters, letterRange(channel)],
    [damaged, positionRange(channel, 0)],
    ...seenRanges(channel).map((range) => [seen, range])
  ];
  for (const [table, range] of all) if (removeRange(table, range) > 0) return true;
  void meta.remove(channelCountersKey(channel));
  void meta.remove(removedKey(channel));
  return false;
}
function removeRange(table, range) {
  const found = keys(table, range, STEP_MAX);
  for (const key of found) void table.remove(key);
  return found.length;
}

// packages/channel-durable/src/provision.ts
var DurableProvision = class {
  #context;
  #openDirectory;
  constructor(context, openDirectory) {
    this.#context = context;
    this.#openDirectory = openDirectory;
  }
  ensure() {
    return Promise.resolve({});
  }
  ensureSubscription() {
    return Promise.resolve();
  }
  /** Whoever has the channel open drops it; of a channel that is removed everything goes. */
  removeSubscription() {
    return Promise.resolve();
  }
  /** Resolves when the channel is forgotten; what it held goes in the background. */
  async remove() {
    const directory = this.#openDirectory();
    const { trouble } = directory.writer;
    if (trouble !== void 0) throw new ChannelUnavailable(trouble.message);
    if (!await forgetChannel(directory, channelKeyOf(this.#context))) {
      throw new ChannelUnavailable("the data directory cannot be written");
    }
    const { logger } = this.#context;
    void sweepRemoved(directory, () => directory.isUsable).catch((error) => {
      logger.error({ err: error }, "what a removed channel held is still there");
    });
  }
};

// packages/channel-durable/src/durable-channel.ts
import { strict as assert } from "node:assert";

// packages/channel-durable/src/delivery.ts
var HELD = 0;
var HANDED_OUT = 1;
var BURYING = 2;
var SETTLED = 3;
var DurableDelivery = class {
  lane;
  position;
  attempt;
  sizeBytes;
  progress;
  state = HELD;
  /** Monotonic time from which it may be handed out. */
  dueMs = 0;
  /** Undefined while it waits long enough for its event to be read again. */
  held;
  #owner;
  constructor(owner, lane, position, event, attempt, progress) {
    this.#owner = owner;
    this.lane = lane;
    this.position = position;
    this.held = event;
    this.sizeBytes = event.sizeBytes;
    this.attempt = attempt;
    this.progress = progress;
  }
  get event() {
    return this.held;
  }
  ack() {
    if (this.state === HANDED_OUT) this.#owner.finish(this);
  }
  release(options) {
    if (this.state === HANDED_OUT) this.#owner.takeBack(this, options);
  }
  save(progress) {
    if (this.state === HANDED_OUT) this.#owner.save(this, progress);
  }
  deadLetter(reason) {
    if (this.state === HANDED_OUT) this.#owner.bury(this, reason);
  }
};
function isBeforeByPosition(left, right) {
  return left.position < right.position;
}
function isBeforeByDue(left, right) {
  return left.dueMs < right.dueMs || left.dueMs === right.dueMs && left.position < right.position;
}

// packages/channel-durable/src/burial.ts
var Burial = class {
  bytes;
  isKept = true;
  #backlog;
  #delivery;
  #reason;
  #letterBytes = 0;
  /** Not when retention or a drop was quicker. */
  #isEntryTaken = false;
  constructor(backlog, delivery, reason) {
    this.#backlog = backlog;
    this.#delivery = delivery;
    this.#reason = reason;
    this.bytes = delivery.sizeBytes;
  }
  write(batch) {
    const { channelState: state } = this.#backlog.owner;
    if (state.isClosed) return;
    const { lane, position, event, sizeBytes } = this.#delivery;
    const record = encodeLetter({ event, reason: this.#reason, storedMs: state.clock.now() });
    this.#letterBytes = record.length;
    const key = letterKey(state.number, this.#backlog.id, state.counters.nextLetter);
    state.counters.nextLetter += 1;
    state.counters.letters += 1;
    state.counters.letterBytes += record.length;
    void state.tables.letters.put(key, record);
    batch.touch(state);
    this.#isEntryTaken = !this.#backlog.isDropped && this.#delivery.state === BURYING;
    if (!this.#isEntryTaken) return;
    lane.changes.forget(position);
    void state.tables.entries.remove(positionKey(lane.number, position));
    this.#backlog.counters.letters += 1;
    this.#backlog.unsyncedLetters += 1;
    this.#backlog.count(-1, -sizeBytes, position);
    batch.touch(this.#backlog);
  }
  committed() {
    if (this.#isEntryTaken) this.#backlog.unsyncedLetters -= 1;
    this.#backlog.buried(this.#delivery);
  }
  failed() {
    const { channelState: state } = this.#backlog.owner;
    state.counters.letters -= 1;
    state.counters.letterBytes -= this.#letterBytes;
    if (!this.#isEntryTaken) return;
    this.#backlog.counters.letters -= 1;
    this.#backlog.unsyncedLetters -= 1;
    this.#backlog.count(1, this.#delivery.sizeBytes);
  }
};

// packages/channel-durable/src/quarantine.ts
var Quarantine = class {
  bytes = 0;
  isKept = true;
  #state;
  #position;
  #record;
  #isWritten = false;
  constructor(state, position, record, cause) {
    this.#state = state;
    this.#position = position;
    this.#record = record ?? Buffer.alloc(0);
    state.logger.error(
      { err: cause, channel: state.name, position },
      "damaged event taken out of a channel"
    );
  }
  write(batch) {
    if (this.#state.isClosed) return;
    const { events, damaged } = this.#state.tables;
    const key = positionKey(this.#state.number, this.#position);
    if (events.get(key) === void 0) return;
    this.#isWritten = true;
    void damaged.put(key, this.#record);
    void events.remove(key);
    this.#count(1);
    batch.touch(this.#state);
  }
  committed() {
    this.#isWritten = false;
  }
  failed() {
    if (this.#isWritten) this.#count(-1);
    this.#isWritten = false;
  }
  #count(sign) {
    const { counters } = this.#state;
    counters.damaged += sign;
    counters.events -= sign;
    counters.bytes -= sign * this.#record.length;
  }
};

// packages/channel-durable/src/backlog-reader.ts
var BATCH_ENTRIES_MAX = 64;
var OLDEST_STEP = 256;
var BacklogReader = class {
  /** Every entry up to here is in memory or finished. */
  readTo = 0;
  /** There may be entries above `readTo`. */
  isBehind = false;
  #lane;
  #reading;
  constructor(lane) {
    this.#lane = lane;
  }
  /** Resolves when nothing more can be read now. Does not reject. */
  get idle() {
    return this.#reading ?? Promise.resolve();
  }
  /** Reads on if there is something to read and room for it. */
  wake() {
    if (!this.isBehind || this.#reading !== void 0 || !this.#lane.hasMuchRoom) return;
    if (!this.#mayRead) return;
    this.#reading = this.#read().finally(() => {
      this.#reading = void 0;
    });
  }
  get #mayRead() {
    const { hasReader, isDropped, owner } = this.#lane.backlog;
    return hasReader && !isDropped && this.#lane.hasRoom && owner.isReadable;
  }
  async #read() {
    await Promise.resolve();
    try {
      while (this.isBehind && this.#mayRead) {
        if (!this.#readBatch()) return;
        await nextTurn();
      }
    } catch (error) {
      this.#lane.backlog.owner.onReadFailure(error);
    }
  }
  /** False: what can be read now has been. */
  #readBatch() {
    const { number, backlog } = this.#lane;
    const { owner } = backlog;
    const history = this.#lane === backlog.main ? backlog.record.history : void 0;
    const end = history?.next ?? POSITION_END;
    const range = positionRange(number, this.readTo + 1, end);
    const limit = Math.min(BATCH_ENTRIES_MAX, backlog.bounds.eventsMax - this.#lane.events);
    const found = pairs(owner.channelState.tables.entries, range, limit);
    for (const pair of found) {
      if (!this.#lane.hasRoom) return false;
      this.#load(pair);
    }
    if (found.length === limit) return true;
    this.isBehind = history !== void 0;
    return false;
  }
  #load({ key, value }) {
    const { backlog, changes } = this.#lane;
    const position = positionOf(key);
    this.readTo = position;
    if (changes.isRemoved(position)) return;
    const event = this.readEvent(position);
    if (event === void 0) return;
    if (isUnasked(value) && !backlog.wants(event)) {
      backlog.removeEntry(this.#lane, position, event.sizeBytes);
      return;
    }
    const state = this.#stateOf(value, position);
    const attempt = state.attempts + 1;
    const delivery = new DurableDelivery(
      backlog,
      this.#lane,
      position,
      event,
      attempt,
      this.#progressOf(state)
    );
    const remainingMs = state.dueMs - backlog.owner.channelState.clock.now();
    backlog.load(delivery, Math.min(remainingMs, state.delayMs));
  }
  /** An event from the disk. Undefined when it cannot be read: the subscription has lost it then, and that is said. */
  readEvent(position, sizeBytes) {
    const { channelState: state } = this.#lane.backlog.owner;
    const record = state.tables.events.get(positionKey(state.number, position));
    try {
      if (record !== void 0) return decodeEvent(record);
    } catch (error) {
      state.directory.writer.submit(new Quarantine(state, position, record, error));
    }
    this.#lose(position, sizeBytes ?? sizeOf(record));
    return void 0;
  }
  #lose(position, sizeBytes) {
    const { counters, telemetry, owner, id } = this.#lane.backlog;
    counters.lost += 1;
    telemetry.lost.add(1);
    this.#lane.backlog.removeEntry(this.#lane, position, sizeBytes);
    owner.channelState.logger.error(
      { channel: owner.channelState.name, subscription: id, position },
      "event of a subscription is damaged or missing"
    );
  }
  /** An entry that is damaged still says that the event is not finished: it begins anew. */
  #stateOf(value, position) {
    try {
      return decodeEntry(value);
    } catch (error) {
      const { owner, id } = this.#lane.backlog;
      owner.channelState.logger.error(
        { err: error, channel: owner.channelState.name, subscription: id, position },
        "attempts and progress of an event are damaged and begin anew"
      );
      return UNTRIED;
    }
  }
  #progressOf({ progress }) {
    if (progress === void 0) return void 0;
    try {
      return this.#lane.backlog.codec?.decode(progress);
    } catch {
      return void 0;
    }
  }
  /** The first entry that is not finished. */
  findOldest() {
    const { number, changes, backlog } = this.#lane;
    const { owner } = backlog;
    const { tables, number: channel, counters } = owner.channelState;
    let from = counters.firstPosition;
    for (; ; ) {
      const found = keys(tables.entries, positionRange(number, from), OLDEST_STEP);
      for (const key of found) {
        const position = positionOf(key);
        from = position + 1;
        if (changes.isRemoved(position)) continue;
        const record = tables.events.get(positionKey(channel, position));
        if (record !== void 0) return { position, acceptedMs: eventHead(record).acceptedMs };
      }
      if (found.length < OLDEST_STEP) return void 0;
    }
  }
};
function sizeOf(record) {
  try {
    return record === void 0 ? 0 : eventHead(record).sizeBytes;
  } catch {
    return 0;
  }
}

// packages/channel-durable/src/changes.ts
var EntryChanges = class {
  #next = /* @__PURE__ */ new Map();
  #writing = /* @__PURE__ */ new Map();
  /** Not durable yet. */
  get size() {
    return this.#next.size + this.#writing.size;
  }
  set(position, value) {
    this.#next.set(position, value);
  }
  remove(position) {
    this.#next.set(position, void 0);
  }
  /** Nothing is left to be said of the entry: another work removes it. */
  forget(position) {
    this.#next.delete(position);
  }
  /** Whether the entry is gone as soon as what was said of it is written. */
  isRemoved(position) {
    for (const changes of [this.#next, this.#writing]) {
      if (changes.has(position)) return changes.get(position) === void 0;
    }
    return false;
  }
  write(entries, subscription) {
    this.#writing = this.#next;
    this.#next = /* @__PURE__ */ new Map();
    for (const [position, value] of this.#writing) {
      const key = positionKey(subscription, position);
      if (value === void 0) void entries.remove(key);
      else void entries.put(key, value);
    }
  }
  committed() {
    this.#writing.clear();
  }
  failed() {
    for (const [position, value] of this.#writing) {
      if (!this.#next.has(position)) this.#next.set(position, value);
    }
    this.#writing = /* @__PURE__ */ new Map();
  }
  clear() {
    this.#next.clear();
  }
};

// packages/channel-durable/src/lane.ts
var CHANGES_MAX = 1e4;
var Lane = class {
  /** First part of the keys of its entries. */
  number;
  backlog;
  changes = new EntryChanges();
  ready = new Heap(isBeforeByPosition);
  reader;
  /** Events in memory, and their bytes. */
  events = 0;
  bytes = 0;
  constructor(backlog, number) {
    this.backlog = backlog;
    this.number = number;
    this.reader = new BacklogReader(this);
  }
  /** Whether memory has room for one more event. */
  get hasRoom() {
    const { eventsMax, bytesMax } = this.backlog.bounds;
    return this.events < eventsMax && this.bytes < bytesMax && this.changes.size < CHANGES_MAX && this.backlog.hasRoomToWait;
  }
  /** Whether there is room for a good part of what may be held: reading an event at a time would read most twice. */
  get hasMuchRoom() {
    const { eventsMax, bytesMax } = this.backlog.bounds;
    return this.hasRoom && this.events <= eventsMax / 2 && this.bytes <= bytesMax / 2;
  }
  /** A durable event that the subscription wants. `isAsked`: its selector was asked. */
  isNext(position, isAsked) {
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
};

// packages/channel-durable/src/backlog.ts
var KEPT_WAIT_MS = 1e3;
var WAITING_MAX = 1e5;
var Backlog = class {
  bytes = 0;
  isKept = true;
  number;
  owner;
  counters;
  /** Events published to all. */
  main;
  /** Events published to this subscription alone. */
  addressed;
  record;
  telemetry;
  codec;
  lastMatch = 0;
  hasReader = false;
  /** Forgotten, with everything that is stored for it. */
  isDropped = false;
  inFlight = 0;
  /** Dead letters and losses in the transaction under way: not yet to be spoken of. */
  unsyncedLetters = 0;
  unsyncedLost = 0;
  onReadableCallback;
  /** Its entries from before it was made are in the making. */
  fill;
  bounds = { eventsMax: 1, bytesMax: 1 };
  #selector;
  #isAwaited = false;
  #isSubmitted = false;
  /** The lane that was served last. */
  #served;
  #oldest;
  #held = /* @__PURE__ */ new Set();
  #waiting = new Heap(isBeforeByDue);
  #alarm;
  constructor(owner, number, record, counters) {
    this.owner = owner;
    this.number = number;
    this.record = record;
    this.counters = counters;
    this.telemetry = owner.channelState.telemetry.forSubscription(record.label);
    this.main = new Lane(this, number);
    this.addressed = new Lane(this, addressedNumber(number));
    this.#served = this.addressed;
    this.#alarm = new Alarm(owner.channelState.clock, () => {
      this.#wakeDue();
    });
  }
  get id() {
    return this.record.id;
  }
  /** While nobody reads it every event is kept; the selector of whoever comes is asked then. */
  get selector() {
    return this.hasReader ? this.#selector : void 0;
  }
  /** For the matcher: events are kept for it, with a reader and without. */
  get isAttached() {
    return !this.isDropped;
  }
  /** Whether the subscription would get this event now. */
  wants(event) {
    return isWanted(this.id, this.#selector, event);
  }
  attach(options) {
    const { detachedMs, ...record } = this.record;
    const label = options.label ?? options.id;
    this.#selector = options.selector;
    this.bounds = options.bounds;
    this.codec = options.codec;
    this.hasReader = true;
    if (label !== record.label || detachedMs !== void 0) this.setRecord({ ...record, label });
    this.telemetry = this.owner.channelState.telemetry.forSubscription(label);
    this.wake();
  }
  /** Reads on in both lanes. */
  wake() {
    this.main.reader.wake();
    this.addressed.reader.wake();
  }
  /** Looks for entries again, from where each lane has come to. */
  look() {
    this.main.reader.isBehind = true;
    this.addressed.reader.isBehind = true;
    this.wake();
  }
  /** Nothing more can be read now. */
  async idle() {
    await this.main.reader.idle;
    await this.addressed.reader.idle;
  }
  detach() {
    this.hasReader = false;
    this.onReadableCallback = void 0;
    this.setRecord({ ...this.record, detachedMs: this.owner.channelState.clock.now() });
  }
  /** Forgets what is in memory: nothing of it can be settled any more. */
  clear() {
    this.#alarm.cancel();
    for (const delivery of this.#held) this.#forget(delivery);
    this.#waiting.clear();
    for (const lane of this.lanes) {
      lane.ready.clear();
      lane.changes.clear();
    }
  }
  get lanes() {
    return [this.main, this.addressed];
  }
  /** A durable event that the subscription wants. `isAsked`: its selector was asked. */
  offer(lane, position, event, isAsked) {
    if (!lane.isNext(position, isAsked)) return;
    this.load(new DurableDelivery(this, lane, position, event, 1, void 0), 0);
  }
  /** Whether memory has room for one more event that waits. */
  get hasRoomToWait() {
    return this.#waiting.size < WAITING_MAX;
  }
  /** Takes an entry into memory. */
  load(delivery, waitMs) {
    this.#held.add(delivery);
    delivery.lane.events += 1;
    delivery.lane.bytes += delivery.sizeBytes;
    this.#place(delivery, waitMs);
  }
  /** The lanes take turns as long as both have something due. */
  take() {
    const first = this.#served === this.main ? this.addressed : this.main;
    const taken = this.#takeFrom(first) ?? this.#takeFrom(this.#served);
    if (taken === void 0) {
      this.#isAwaited = true;
      this.wake();
      return void 0;
    }
    this.#served = taken.lane;
    taken.state = HANDED_OUT;
    this.inFlight += 1;
    this.owner.onInFlight(1);
    return taken;
  }
  #takeFrom({ ready }) {
    for (let next = ready.pop(); next !== void 0; next = ready.pop()) {
      if (next.state === HELD && (next.held !== void 0 || this.#readAgain(next))) return next;
    }
    return void 0;
  }
  finish(delivery) {
    this.#forget(delivery);
    this.removeEntry(delivery.lane, delivery.position, delivery.sizeBytes);
    delivery.lane.reader.wake();
  }
  takeBack(delivery, { delayMs, progress }) {
    this.#forget(delivery);
    const next = progress === void 0 ? delivery.progress : progress;
    this.#write(delivery, delayMs, next);
    const { lane, position, event, attempt } = delivery;
    this.load(new DurableDelivery(this, lane, position, event, attempt + 1, next), delayMs);
    lane.reader.wake();
  }
  save(delivery, progress) {
    delivery.progress = progress;
    this.#write(delivery, 0, progress);
  }
  bury(delivery, reason) {
    delivery.state = BURYING;
    this.owner.channelState.directory.writer.submit(new Burial(this, delivery, reason));
  }
  /** The event has become a dead letter. */
  buried(delivery) {
    this.telemetry.deadLetters.add(1);
    if (delivery.state !== BURYING) return;
    this.#forget(delivery);
    delivery.lane.reader.wake();
  }
  /** The subscription has nothing more to do with an event. */
  removeEntry(lane, position, sizeBytes) {
    lane.changes.remove(position);
    this.count(-1, -sizeBytes, position);
    this.submit();
  }
  /** Changes depth and bytes; of one position, or of several. */
  count(events, bytes, position = this.#oldest?.position) {
    const { counters } = this;
    counters.depth += events;
    counters.bytes = counters.depth === 0 ? 0 : Math.max(0, counters.bytes + bytes);
    if (events < 0 && position === this.#oldest?.position) this.#oldest = void 0;
  }
  /** Events below this position are gone from the channel: whoever still had them in memory gives them up. */
  forgetBelow(position) {
    for (const delivery of this.#held) {
      if (delivery.position < position) this.#forget(delivery);
    }
    for (const { reader } of this.lanes) reader.readTo = Math.max(reader.readTo, position - 1);
  }
  setRecord(record) {
    this.record = record;
    this.#isRecordNew = true;
    this.submit();
  }
  #isRecordNew = false;
  /** Acknowledgements; a subscription that is new is waited for. */
  get isPatient() {
    return !this.#isRecordNew;
  }
  /** Has what changed written with the next transaction. */
  submit() {
    if (this.#isSubmitted || this.isDropped) return;
    this.#isSubmitted = true;
    this.owner.channelState.directory.writer.submit(this);
  }
  write(batch) {
    this.#isSubmitted = false;
    if (this.isDropped) return;
    const { tables } = this.owner.channelState;
    for (const { changes, number } of this.lanes) changes.write(tables.entries, number);
    if (this.#isRecordNew) this.writeRecord();
    batch.touch(this);
  }
  writeRecord() {
    const { tables, number } = this.owner.channelState;
    const key = subscriptionKey(number, this.number);
    void tables.meta.put(key, encodeJson(this.record));
  }
  committed() {
    this.#isRecordNew = false;
    for (const { changes } of this.lanes) changes.committed();
    this.wake();
  }
  failed() {
    this.#isSubmitted = true;
    for (const { changes } of this.lanes) changes.failed();
  }
  writeCounters() {
    if (this.isDropped) return;
    const { tables } = this.owner.channelState;
    void tables.meta.put(subscriptionCountersKey(this.number), encodeCounters(this.counters));
  }
  describe() {
    const { counters, record } = this;
    const oldest = this.#findOldest();
    const { clock } = this.owner.channelState;
    return {
      id: record.id,
      label: record.label,
      attached: this.hasReader,
      depth: counters.depth,
      overflow: 0,
      bytes: counters.bytes,
      oldestMs: oldest === void 0 ? 0 : Math.max(0, clock.now() - oldest.acceptedMs),
      inFlight: this.inFlight,
      deadLetters: counters.letters - this.unsyncedLetters,
      lost: counters.lost - this.unsyncedLost
    };
  }
  /** Position and time of the first event that is not finished; looked up once for each cursor. */
  #findOldest() {
    if (this.counters.depth === 0) this.#oldest = void 0;
    else if (this.#oldest === void 0) {
      const [main, addressed] = this.lanes.map(({ reader }) => reader.findOldest());
      const isMain = (main?.position ?? Infinity) < (addressed?.position ?? Infinity);
      this.#oldest = isMain ? main : addressed;
    }
    return this.#oldest;
  }
  #place(delivery, waitMs) {
    if (waitMs <= 0) {
      delivery.lane.ready.push(delivery);
      this.#announce();
      return;
    }
    if (waitMs > KEPT_WAIT_MS) this.#unload(delivery);
    delivery.dueMs = this.owner.channelState.clock.monotonicMs() + waitMs;
    this.#waiting.push(delivery);
    this.#alarm.set(delivery.dueMs);
  }
  /** The event gives its memory back and is read again when it is due. */
  #unload(delivery) {
    if (delivery.held === void 0) return;
    delivery.held = void 0;
    delivery.lane.events -= 1;
    delivery.lane.bytes -= delivery.sizeBytes;
  }
  #readAgain(delivery) {
    const event = delivery.lane.reader.readEvent(delivery.position, delivery.sizeBytes);
    if (event === void 0) {
      this.#forget(delivery);
      return false;
    }
    delivery.held = event;
    delivery.lane.events += 1;
    delivery.lane.bytes += delivery.sizeBytes;
    return true;
  }
  #wakeDue() {
    const reachedMs = this.owner.channelState.clock.monotonicMs() + DEADLINE_TOLERANCE_MS;
    let next = this.#waiting.peek();
    while (next !== void 0 && (next.dueMs <= reachedMs || next.state !== HELD)) {
      this.#waiting.pop();
      if (next.state === HELD) this.#place(next, 0);
      next = this.#waiting.peek();
    }
    if (next !== void 0) this.#alarm.set(next.dueMs);
  }
  #announce() {
    if (!this.#isAwaited) return;
    this.#isAwaited = false;
    this.onReadableCallback?.();
  }
  /** Out of memory, wherever it was. */
  #forget(delivery) {
    const { state } = delivery;
    if (state === SETTLED) return;
    delivery.state = SETTLED;
    this.#held.delete(delivery);
    if (delivery.held !== void 0) {
      delivery.lane.events -= 1;
      delivery.lane.bytes -= delivery.sizeBytes;
    }
    if (state === HELD) return;
    this.inFlight -= 1;
    this.owner.onInFlight(-1);
  }
  #write(delivery, delayMs, progress) {
    const dueMs = delayMs > 0 ? this.owner.channelState.clock.now() + delayMs : 0;
    const bytes = progress === void 0 ? void 0 : this.codec?.encode(progress);
    const { lane, position, attempt } = delivery;
    lane.changes.set(position, encodeEntry({ attempts: attempt, dueMs, delayMs, progress: bytes }));
    this.submit();
  }
};

// packages/channel-durable/src/dead-letters.ts
var ID = /^[0-9]{1,15}$/;
var PAGE_MAX = 1e3;
var DurableDeadLetters = class {
  #host;
  constructor(host) {
    this.#host = host;
  }
  // A promise in every case: what is thrown here is rejected.
  // eslint-disable-next-line @typescript-eslint/require-await
  async list(options) {
    const { subscription, limit, after, signal } = options;
    if (signal?.aborted === true) throw abortedError(signal);
    const { tables, number, logger } = this.#host.opened();
    const range = letterRange(number, subscription);
    const start = after === void 0 ? range.start : following(Buffer.from(after, "base64url"));
    const wanted = Math.min(Math.max(1, limit), PAGE_MAX);
    const found = pairs(
      tables.letters,
      { start: later(start, range.start), end: range.end },
      wanted + 1
    );
    const page = found.slice(0, wanted);
    const letters = page.map(({ key, value }) => letterFrom(key, value));
    const damaged = page.filter((_, index) => letters[index] === void 0);
    if (damaged.length > 0) {
      const ids = damaged.map(({ key }) => String(letterOf(key).sequence));
      logger.error(
        { channel: this.#host.name, ids },
        "damaged dead letters cannot be read: `afflux data check` names them, drop them by their ids"
      );
    }
    const last = found.length > wanted ? page.at(-1) : void 0;
    return {
      letters: letters.filter((letter) => letter !== void 0),
      ...last === void 0 ? {} : { next: last.key.toString("base64url") }
    };
  }
  // eslint-disable-next-line @typescript-eslint/require-await
  async get(subscription, id) {
    const { tables, number } = this.#host.opened();
    const key = keyOf(number, subscription, id);
    const record = key === void 0 ? void 0 : tables.letters.get(key);
    return key === void 0 || record === void 0 ? void 0 : letterFrom(key, record);
  }
  async redrive(subscription, ids) {
    const state = this.#host.opened();
    const backlog = this.#host.backlogOf(subscription);
    if (backlog === void 0) throw subscriptionUnknown(this.#host.name, subscription);
    return await this.#submit(
      state,
      new Removal({ state, subscription, ids, backlog, isRedrive: true })
    );
  }
  async drop(subscription, ids) {
    const state = this.#host.opened();
    const backlog = this.#host.backlogOf(subscription);
    return await this.#submit(
      state,
      new Removal({ state, subscription, ids, backlog, isRedrive: false })
    );
  }
  async #submit(state, removal) {
    const { writer } = state.directory;
    if (writer.trouble !== void 0) throw new ChannelUnavailable(writer.trouble.message);
    return await new Promise((resolve) => {
      writer.submit(
        new Note({
          write: (batch) => {
            removal.write(batch);
          },
          committed: () => {
            resolve(removal.committed());
          },
          failed: () => {
            removal.failed();
          }
        })
      );
    });
  }
};
var Removal = class {
  #options;
  #found = [];
  #bytes = 0;
  #redriven = [];
  constructor(options) {
    this.#options = options;
  }
  write(batch) {
    const { state, subscription, ids, backlog } = this.#options;
    this.#found = [];
    this.#redriven = [];
    this.#bytes = 0;
    if (state.isClosed) return;
    for (const id of new Set(ids)) {
      const key = keyOf(state.number, subscription, id);
      const record = key === void 0 ? void 0 : state.tables.letters.get(key);
      if (key === void 0 || record === void 0) continue;
      if (this.#options.isRedrive && !this.#redrive(key, record)) continue;
      void state.tables.letters.remove(key);
      this.#found.push({ key, record });
      this.#bytes += record.length;
    }
    this.#count(-1);
    batch.touch(state);
    if (backlog !== void 0) batch.touch(backlog);
  }
  /** False: the letter cannot be read, or there is nobody to get it. It stays. */
  #redrive(key, letter) {
    const { state, backlog } = this.#options;
    const { tables } = state;
    const event = letterFrom(key, letter)?.event;
    if (event === void 0 || backlog === void 0 || backlog.isDropped) return false;
    const position = state.counters.nextPosition;
    state.counters.nextPosition += 1;
    const record = encodeEvent(event, state.acceptTime(), true);
    void tables.events.put(positionKey(state.number, position), record);
    void tables.entries.put(positionKey(backlog.addressed.number, position), NEW_ENTRY);
    state.counters.events += 1;
    state.counters.bytes += record.length;
    backlog.count(1, event.sizeBytes);
    this.#redriven.push({ position, record, sizeBytes: event.sizeBytes });
    return true;
  }
  #count(sign) {
    const { state, backlog } = this.#options;
    state.counters.letters += sign * this.#found.length;
    state.counters.letterBytes += sign * this.#bytes;
    if (backlog !== void 0) backlog.counters.letters += sign * this.#found.length;
  }
  committed() {
    const { backlog } = this.#options;
    if (backlog !== void 0 && this.#redriven.length > 0) {
      backlog.look();
    }
    return this.#found.length;
  }
  failed() {
    const { state, backlog } = this.#options;
    this.#count(1);
    for (const { record, sizeBytes } of this.#redriven) {
      state.counters.events -= 1;
      state.counters.bytes -= record.length;
      backlog?.count(-1, -sizeBytes);
    }
  }
};
function keyOf(channel, subscription, id) {
  return ID.test(id) ? letterKey(channel, subscription, Number(id)) : void 0;
}
function letterFrom(key, record) {
  const { subscription, sequence } = letterOf(key);
  try {
    return { id: String(sequence), subscription, ...decodeLetter(record) };
  } catch {
    return void 0;
  }
}
function countLetters({ tables, number, counters }, id) {
  return counters.letters === 0 ? 0 : tables.letters.getKeysCount(letterRange(number, id));
}
function following(key) {
  return Buffer.concat([key, Buffer.of(0)]);
}
function later(left, right) {
  return Buffer.compare(left, right) > 0 ? left : right;
}

// packages/channel-durable/src/history.ts
var BATCH_EVENTS_MAX = 64;
var History = class {
  #state;
  constructor(state) {
    this.#state = state;
  }
  /** The first position that is wanted. Throws `AFFLUX_CHANNEL_POSITION_INVALID`. */
  positionOf(from) {
    const { firstPosition } = this.#state.counters;
    if (from === "earliest") return firstPosition;
    if ("timeMs" in from) return this.#firstAt(from.timeMs);
    return Math.max(firstPosition, parsePosition(from.position));
  }
  /** Times never go back with the positions: so the first one that is late enough is found by halving. */
  #firstAt(timeMs) {
    let { firstPosition: low, nextPosition: high } = this.#state.counters;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const [found] = this.#from(middle, 1, high);
      if (found === void 0) high = middle;
      else if (eventHead(found.value).acceptedMs >= timeMs) high = middle;
      else low = positionOf(found.key) + 1;
    }
    return low;
  }
  #from(position, limit, end = POSITION_END) {
    return pairs(
      this.#state.tables.events,
      positionRange(this.#state.number, position, end),
      limit
    );
  }
  async *read({ from, to, signal }, closed) {
    let position = this.positionOf(from);
    const end = to === void 0 ? this.#state.counters.nextPosition : this.positionOf(to);
    while (position < end) {
      if (signal?.aborted === true) throw abortedError(signal);
      if (closed.aborted) return;
      const found = this.#from(position, BATCH_EVENTS_MAX, end);
      for (const pair of found) {
        position = positionOf(pair.key) + 1;
        const kept = this.#kept(pair);
        if (kept !== void 0) yield kept;
      }
      if (found.length < BATCH_EVENTS_MAX) return;
      await nextTurn();
    }
  }
  #kept({ key, value }) {
    const position = positionOf(key);
    try {
      const { isAddressed, acceptedMs } = eventHead(value);
      return isAddressed ? void 0 : { event: decodeEvent(value), position, acceptedMs };
    } catch (error) {
      this.#state.directory.writer.submit(new Quarantine(this.#state, position, value, error));
      return void 0;
    }
  }
};
function parsePosition(position) {
  const parsed = typeof position === "number" ? position : Number(position.trim() || Number.NaN);
  if (Number.isSafeInteger(parsed) && parsed >= 0 && parsed < POSITION_END) return parsed;
  throw positionInvalid(
    DURABLE_TYPE,
    position,
    "a whole number, as a delivery or a kept event has one"
  );
}

// packages/channel-durable/src/history-fill.ts
var STEP_EVENTS_MAX = 256;
var UNKNOWN_END = 0;
var HistoryFill = class {
  bytes = 0;
  isKept = true;
  #backlog;
  #before;
  /** The first entries are there, or cannot be made now. */
  begun;
  #begin = () => void 0;
  #events = 0;
  #eventBytes = 0;
  constructor(backlog) {
    this.#backlog = backlog;
    this.#before = backlog.record;
    this.begun = new Promise((resolve) => {
      this.#begin = resolve;
    });
  }
  submit() {
    this.#backlog.owner.channelState.directory.writer.submit(this);
  }
  write(batch) {
    const backlog = this.#backlog;
    this.#before = backlog.record;
    this.#events = this.#eventBytes = 0;
    const { history, ...rest } = this.#before;
    if (history === void 0 || backlog.isDropped) return;
    batch.touch(backlog);
    if (history.end === UNKNOWN_END) {
      this.#fixEnd(rest, history.next);
      return;
    }
    const { tables, number } = backlog.owner.channelState;
    const range = positionRange(number, history.next, history.end);
    const found = pairs(tables.events, range, STEP_EVENTS_MAX);
    for (const pair of found) this.#enter(pair);
    const last = found.at(-1);
    const isDone = found.length < STEP_EVENTS_MAX || last === void 0;
    backlog.record = isDone ? rest : { ...rest, history: { ...history, next: positionOf(last.key) + 1 } };
    backlog.count(this.#events, this.#eventBytes);
    backlog.writeRecord();
  }
  /**
   * Everything that was published before the subscription was made has its position by now, and what is published
   * since is matched with it. What stands in this transaction cannot be read before the next.
   */
  #fixEnd(rest, next) {
    const end = this.#backlog.owner.channelState.counters.nextPosition;
    this.#backlog.record = { ...rest, history: { next, end } };
    this.#backlog.writeRecord();
  }
  #enter({ key, value }) {
    const backlog = this.#backlog;
    const { tables } = backlog.owner.channelState;
    const { isAddressed, sizeBytes } = eventHead(value);
    if (isAddressed) return;
    if (backlog.hasReader && !this.#isWanted(value)) return;
    const entry = backlog.hasReader ? NEW_ENTRY : UNASKED_ENTRY;
    void tables.entries.put(positionKey(backlog.main.number, positionOf(key)), entry);
    this.#events += 1;
    this.#eventBytes += sizeBytes;
  }
  /** What is damaged is wanted: whoever reads it says so. */
  #isWanted(record) {
    try {
      return this.#backlog.wants(decodeEvent(record));
    } catch {
      return true;
    }
  }
  committed() {
    const { record, isDropped } = this.#backlog;
    this.#backlog.look();
    if (this.#before.history?.end !== UNKNOWN_END) this.#begin();
    if (record.history !== void 0 && !isDropped) this.submit();
  }
  failed() {
    this.#begin();
    this.#backlog.record = this.#before;
    this.#backlog.count(-this.#events, -this.#eventBytes);
  }
};

// packages/channel-durable/src/retention.ts
var STEP_EVENTS_MAX2 = 256;
var Retention = class {
  #state;
  #backlogs;
  /** By subscription, in this run. */
  #lost = /* @__PURE__ */ new Map();
  constructor(state, backlogs) {
    this.#state = state;
    this.#backlogs = backlogs;
  }
  /** Whether something has to go. */
  get isDue() {
    const { counters, config, clock } = this.#state;
    if (counters.events === 0) return false;
    if (counters.bytes > config.retentionBytes) return true;
    const [first] = this.#oldest(1);
    const beforeMs = clock.now() - config.retentionMs;
    return first !== void 0 && isOld(first.value, beforeMs, counters.lastAcceptedMs);
  }
  /** Takes out what has to go, and says for whom it was lost. */
  async run(mayGoOn) {
    while (mayGoOn() && this.isDue) await this.#step();
    for (const [backlog, events] of this.#lost) {
      this.#state.logger.warn(
        { channel: this.#state.name, subscription: backlog.id, events },
        "retention removed events that a subscription had not done with"
      );
    }
    this.#lost.clear();
  }
  #oldest(limit) {
    const { tables, number, counters } = this.#state;
    return pairs(tables.events, positionRange(number, counters.firstPosition), limit);
  }
  #step() {
    return new Promise((resolve) => {
      const step = new Step(this.#state, this.#backlogs);
      const note = new Note({
        write: (batch) => {
          step.write(batch, this.#oldest(STEP_EVENTS_MAX2));
        },
        committed: () => {
          step.committed(this.#lost);
          resolve();
        },
        failed: () => {
          step.failed();
        }
      });
      this.#state.directory.writer.submit(note);
    });
  }
};
function isOld(record, beforeMs, lastMs) {
  const { acceptedMs } = eventHead(record);
  return acceptedMs < beforeMs || acceptedMs > lastMs && !isWholeEvent(record);
}
var Step = class {
  #state;
  #backlogs;
  #firstBefore = 0;
  #sizes = /* @__PURE__ */ new Map();
  #bytes = 0;
  #losses = [];
  constructor(state, backlogs) {
    this.#state = state;
    this.#backlogs = backlogs;
  }
  write(batch, oldest) {
    const { counters, isClosed } = this.#state;
    this.#firstBefore = counters.firstPosition;
    this.#sizes = /* @__PURE__ */ new Map();
    this.#losses = [];
    this.#bytes = 0;
    if (isClosed) return;
    for (const pair of oldest) if (!this.#remove(pair)) break;
    counters.events -= this.#sizes.size;
    counters.bytes -= this.#bytes;
    batch.touch(this.#state);
    for (const backlog of this.#backlogs.values()) this.#take(batch, backlog);
  }
  /** False: this event stays, and so do all after it. */
  #remove({ key, value }) {
    const { counters, config, clock, tables } = this.#state;
    const isTooMuch = counters.bytes - this.#bytes > config.retentionBytes;
    const beforeMs = clock.now() - config.retentionMs;
    if (!isTooMuch && !isOld(value, beforeMs, counters.lastAcceptedMs)) return false;
    const position = positionOf(key);
    void tables.events.remove(key);
    this.#sizes.set(position, eventHead(value).sizeBytes);
    this.#bytes += value.length;
    counters.firstPosition = position + 1;
    return true;
  }
  /** Removes the entries of one subscription for what is gone. */
  #take(batch, backlog) {
    const { depth } = backlog.counters;
    const { firstPosition } = this.#state.counters;
    if (depth === 0 || firstPosition === this.#firstBefore) return;
    const { entries } = this.#state.tables;
    let events = 0;
    let bytes = 0;
    for (const { number, changes } of backlog.lanes) {
      for (const key of keys(entries, positionRange(number, 0, firstPosition), Infinity)) {
        void entries.remove(key);
        const position = positionOf(key);
        if (changes.isRemoved(position)) continue;
        changes.forget(position);
        events += 1;
        bytes += this.#sizes.get(position) ?? 0;
      }
    }
    if (events === 0) return;
    backlog.count(-events, -bytes);
    backlog.counters.lost += events;
    backlog.unsyncedLost += events;
    batch.touch(backlog);
    this.#losses.push({ backlog, events, bytes });
  }
  committed(lost) {
    for (const { backlog, events } of this.#losses) {
      backlog.unsyncedLost -= events;
      backlog.telemetry.lost.add(events);
      backlog.forgetBelow(this.#state.counters.firstPosition);
      lost.set(backlog, (lost.get(backlog) ?? 0) + events);
    }
  }
  failed() {
    const { counters } = this.#state;
    counters.firstPosition = this.#firstBefore;
    counters.events += this.#sizes.size;
    counters.bytes += this.#bytes;
    for (const { backlog, events, bytes } of this.#losses) {
      backlog.count(events, bytes);
      backlog.counters.lost -= events;
      backlog.unsyncedLost -= events;
    }
  }
};

// packages/channel-durable/src/housekeeping.ts
var ROUND_MS = 1e4;
var STEP_MAX2 = 512;
var Housekeeping = class {
  #state;
  #host;
  #retention;
  #timer;
  #isStopped = false;
  #isRunning = false;
  constructor(state, host) {
    this.#state = state;
    this.#host = host;
    this.#retention = new Retention(state, host.backlogs);
  }
  start() {
    this.#timer = this.#state.clock.setTimer(ROUND_MS, () => {
      void this.#round();
    });
  }
  stop() {
    this.#isStopped = true;
    this.#timer?.cancel();
  }
  /** Something may be due before the next round. Cheap: for every publish. */
  look() {
    const { counters, config } = this.#state;
    if (counters.bytes > config.retentionBytes) void this.#round();
  }
  /** Never rejects. */
  async #round() {
    if (this.#isRunning || !this.#mayGoOn()) return;
    this.#isRunning = true;
    this.#timer?.cancel();
    try {
      do {
        await this.#retention.run(() => this.#mayGoOn());
        await this.#each(() => this.#expireSeen());
        await this.#expireLetters();
        await this.#removeDropped();
        await this.#removeChannels();
        if (this.#mayGoOn()) this.#dropAbandoned();
      } while (this.#mayGoOn() && this.#retention.isDue);
    } catch (error) {
      const { logger, name } = this.#state;
      logger.error({ err: error, channel: name }, "housekeeping of a channel failed");
    }
    this.#isRunning = false;
    if (!this.#isStopped) this.start();
  }
  #mayGoOn() {
    return !this.#isStopped && this.#state.directory.isUsable;
  }
  /** Steps, each in a transaction of its own, until one has nothing left to do. */
  async #each(step) {
    let done = STEP_MAX2;
    while (done >= STEP_MAX2 && this.#mayGoOn()) {
      done = await written(
        this.#state.directory.writer,
        (batch) => this.#state.isClosed ? 0 : step(batch)
      );
    }
  }
  #expireSeen() {
    const { tables, clock } = this.#state;
    return this.#host.seen.expire(tables, clock.now(), STEP_MAX2);
  }
  /** Subscription by subscription: within one, letters are in order of time. */
  async #expireLetters() {
    const { tables, number, counters } = this.#state;
    if (counters.letters === 0 || !this.#mayGoOn()) return;
    let { start } = letterRange(number);
    const { end } = letterRange(number);
    for (; ; ) {
      const [first] = keys(tables.letters, { start, end }, 1);
      if (first === void 0) return;
      const { subscription } = letterOf(first);
      await this.#each((batch) => this.#expireLettersOf(batch, subscription));
      if (!this.#mayGoOn()) return;
      start = afterLetters(number, subscription);
    }
  }
  #expireLettersOf(batch, subscription) {
    const { clock, config, number, counters, tables } = this.#state;
    const beforeMs = clock.now() - config.deadLetterRetentionMs;
    const backlog = this.#host.backlogs.get(subscription);
    let count = 0;
    for (const { key, value } of pairs(
      tables.letters,
      letterRange(number, subscription),
      STEP_MAX2
    )) {
      if (letterStoredMs(value) >= beforeMs) break;
      void tables.letters.remove(key);
      count += 1;
      counters.letters -= 1;
      counters.letterBytes -= value.length;
    }
    if (count === 0) return 0;
    batch.touch(this.#state);
    if (backlog !== void 0) {
      backlog.counters.letters -= count;
      batch.touch(backlog);
    }
    this.#state.logger.info(
      { channel: this.#state.name, subscription, events: count },
      "dead letters removed by their retention"
    );
    return count;
  }
  /** Entries of subscriptions that were dropped; of any channel of the directory. */
  async #removeDropped() {
    if (!this.#mayGoOn()) return;
    const { meta, entries } = this.#state.tables;
    for (const dropped of keys(meta, DROPPED, STEP_MAX2)) {
      const number = numberOf(dropped);
      await this.#each(() => {
        const found = keys(entries, positionRange(number, 0), STEP_MAX2);
        for (const key of found) void entries.remove(key);
        if (found.length < STEP_MAX2) void meta.remove(droppedKey(number));
        return found.length;
      });
    }
  }
  /** Those of the directory that were removed, or that nobody opens. */
  async #removeChannels() {
    const { directory, clock, logger } = this.#state;
    if (!directory.isLookDue(clock.monotonicMs(), ROUND_MS)) return;
    const mayGoOn = () => this.#mayGoOn();
    await forgetAbandoned(directory, clock.now(), logger, mayGoOn);
    await sweepRemoved(directory, mayGoOn);
  }
  #dropAbandoned() {
    const { clock, config, logger, name } = this.#state;
    const nowMs = clock.now();
    for (const backlog of this.#host.backlogs.values()) {
      if (backlog.hasReader) continue;
      const { detachedMs } = backlog.record;
      if (detachedMs === void 0) backlog.setRecord({ ...backlog.record, detachedMs: nowMs });
      else if (nowMs - detachedMs > config.detachedMsMax) {
        const { id } = backlog;
        const events = this.#host.drop(id);
        backlog.telemetry.lost.add(events);
        logger.warn(
          { channel: name, subscription: id, events },
          "subscription that nobody reads was removed"
        );
      }
    }
  }
};

// packages/channel-durable/src/publication.ts
var OVERHEAD_BYTES = 64;
var Publication = class {
  bytes;
  isKept = false;
  onStep;
  #options;
  #placed = [];
  #storedBytes = 0;
  #duplicates = 0;
  constructor(options) {
    this.#options = options;
    this.bytes = options.bytes + OVERHEAD_BYTES * options.events.length;
    this.onStep = options.state.onStep;
  }
  write(batch) {
    const { state, events, targets } = this.#options;
    for (let index = 0; index < events.length; index++) {
      this.#place(batch, events[index], targets[index] ?? []);
    }
    batch.touch(state);
  }
  #place(batch, event, targets) {
    const { state, isAddressed = false, deduplicate } = this.#options;
    const { tables, counters } = state;
    const acceptedMs = state.acceptTime();
    if (deduplicate?.seen.isRepeated(tables, event, state.clock.now(), deduplicate.windowMs)) {
      this.#duplicates += 1;
      return;
    }
    const position = counters.nextPosition;
    counters.nextPosition += 1;
    const record = encodeEvent(event, acceptedMs, isAddressed);
    void tables.events.put(positionKey(state.number, position), record);
    counters.events += 1;
    counters.bytes += record.length;
    this.#storedBytes += record.length;
    const placed = targets.filter(({ backlog }) => !backlog.isDropped);
    for (const { backlog, isAsked } of placed) {
      const lane = isAddressed ? backlog.addressed : backlog.main;
      const key = positionKey(lane.number, position);
      void tables.entries.put(key, isAsked ? NEW_ENTRY : UNASKED_ENTRY);
      backlog.count(1, event.sizeBytes);
      batch.touch(backlog);
    }
    this.#placed.push({ position, event, targets: placed });
  }
  committed() {
    const { state, deduplicate, isAddressed = false, resolve } = this.#options;
    deduplicate?.seen.settle();
    for (const { position, event, targets } of this.#placed) {
      for (const { backlog, isAsked } of targets) {
        const lane = isAddressed ? backlog.addressed : backlog.main;
        if (!backlog.isDropped) backlog.offer(lane, position, event, isAsked);
      }
    }
    state.telemetry.accepted.add(this.#placed.length);
    if (this.#duplicates > 0) state.telemetry.duplicates.add(this.#duplicates);
    resolve();
  }
  /** Positions stay used: nothing was ever there. */
  failed(trouble) {
    const { state, deduplicate, reject } = this.#options;
    deduplicate?.seen.settle();
    state.counters.events -= this.#placed.length;
    state.counters.bytes -= this.#storedBytes;
    for (const { event, targets } of this.#placed) {
      for (const { backlog } of targets) backlog.count(-1, -event.sizeBytes);
    }
    this.#placed = [];
    reject(unavailable(trouble));
  }
};
function unavailable({ message, cause, isOutcomeKnown }) {
  return isOutcomeKnown ? new ChannelUnavailable(message, { cause }) : outcomeUnknown(message, cause);
}

// packages/channel-durable/src/seen.ts
import { createHash } from "node:crypto";
var TIME_BYTES2 = 6;
var HASH_BYTES2 = 16;
var Seen = class {
  #channel;
  /** Told in the transaction that is being written. */
  #unwritten = /* @__PURE__ */ new Map();
  constructor(channel) {
    this.#channel = channel;
  }
  /** True when it was accepted within the window before `nowMs`; otherwise it counts as accepted now. */
  isRepeated(tables, event, nowMs, windowMs) {
    const hash = hashOf(event);
    const text = hash.toString("latin1");
    const key = seenKey(this.#channel, hash);
    const beforeMs = this.#unwritten.get(text) ?? tables.seen.get(key)?.readUIntBE(0, TIME_BYTES2);
    if (beforeMs !== void 0 && nowMs - beforeMs < windowMs) return true;
    const untilMs = nowMs + windowMs;
    this.#unwritten.set(text, nowMs);
    void tables.seen.put(key, times(nowMs, untilMs));
    void tables.seen.put(seenUntilKey(this.#channel, untilMs, hash), Buffer.of(1));
    return false;
  }
  /** The transaction is over, one way or the other. */
  settle() {
    this.#unwritten.clear();
  }
  /** Removes what is forgotten by now, at most `limit`; returns how many. For a work that writes. */
  expire(tables, nowMs, limit) {
    const expired = keys(tables.seen, forgottenRange(this.#channel, nowMs), limit);
    for (const key of expired) {
      void tables.seen.remove(key);
      const byHash = seenKey(this.#channel, hashOfSeenUntil(key));
      const untilMs = tables.seen.get(byHash)?.readUIntBE(TIME_BYTES2, TIME_BYTES2);
      if (untilMs !== void 0 && untilMs < nowMs) void tables.seen.remove(byHash);
    }
    return expired.length;
  }
  hasExpired(tables, nowMs) {
    return keys(tables.seen, forgottenRange(this.#channel, nowMs), 1).length > 0;
  }
};
function hashOf({ source, id }) {
  const digest = createHash("sha256").update(source).update("\0").update(id).digest();
  return digest.subarray(0, HASH_BYTES2);
}
function times(nowMs, untilMs) {
  const record = Buffer.allocUnsafe(2 * TIME_BYTES2);
  record.writeUIntBE(nowMs, 0, TIME_BYTES2);
  record.writeUIntBE(untilMs, TIME_BYTES2, TIME_BYTES2);
  return record;
}

// packages/channel-durable/src/subscription.ts
var NOTHING = { kept: 0, dropped: 0 };
var DurableSubscription = class {
  id;
  ready;
  #host;
  #isClosed = false;
  #callback;
  constructor(id, host, ready) {
    this.id = id;
    this.#host = host;
    this.ready = ready;
  }
  take() {
    if (this.#isClosed || !this.#host.handsOut) return void 0;
    return this.#host.backlogOf(this.id)?.take();
  }
  onReadable(callback) {
    if (this.#isClosed) return;
    this.#callback = callback;
    this.bind();
  }
  /** @internal Gives the callback to the backlog, once there is one. */
  bind() {
    const backlog = this.#host.backlogOf(this.id);
    if (backlog !== void 0 && this.#callback !== void 0) {
      backlog.onReadableCallback = this.#callback;
    }
  }
  close(options) {
    if (this.#isClosed) return NOTHING;
    this.#isClosed = true;
    return this.#host.detach(this.id, options?.drop ?? false);
  }
  describe() {
    const backlog = this.#host.backlogOf(this.id);
    return backlog === void 0 ? this.#host.describeIdle(this.id) : backlog.describe();
  }
};

// packages/channel-durable/src/durable-channel.ts
var EVENT_BYTES_MAX = 16 * 2 ** 20;
var PENDING_BYTES_MAX = 64 * 2 ** 20;
var RETRY_AFTER_MS = 1e3;
var DurableChannel = class extends BaseComponent {
  name;
  deadLetters;
  #options;
  #telemetry;
  #backlogs = /* @__PURE__ */ new Map();
  #subscriptions = /* @__PURE__ */ new Map();
  /** Wishes of subscriptions made before the start. */
  #wishes = /* @__PURE__ */ new Map();
  #matcher = new Matcher(this.#backlogs);
  #matched = [];
  #opened = new Waiters();
  #quiet = new Waiters();
  #closed = new AbortController();
  #parts;
  #readTrouble;
  #inFlight = 0;
  #unsettled = 0;
  #left;
  #onTrouble = (trouble) => {
    if (trouble !== void 0) this.#telemetry.unavailable.add(1);
  };
  constructor(options) {
    super();
    this.name = options.context.name;
    this.#options = options;
    this.#telemetry = new ChannelTelemetry(options.context);
    this.deadLetters = new DurableDeadLetters(this);
  }
  /** @internal Throws unless the channel is started and not closed. */
  opened() {
    if (this.#parts === void 0 || this.state === "closed") {
      throw channelClosed(this.name, this.state);
    }
    return this.#parts.state;
  }
  get channelState() {
    assert(this.#parts !== void 0, "the channel was started");
    return this.#parts.state;
  }
  onStart() {
    const { context, config, openDirectory } = this.#options;
    const directory = openDirectory();
    directory.listen(this.#onTrouble);
    const state = openChannelState({ context, config, directory, telemetry: this.#telemetry });
    const seen = new Seen(state.number);
    const housekeeping = new Housekeeping(state, {
      backlogs: this.#backlogs,
      seen,
      drop: (id) => this.#drop(id)
    });
    this.#parts = { state, seen, history: new History(state), housekeeping };
    for (const { number, record, counters } of readSubscriptions(state)) {
      const backlog = new Backlog(this, number, record, counters);
      backlog.look();
      this.#backlogs.set(record.id, backlog);
      if (record.history !== void 0) this.#fill(backlog);
    }
    for (const options of this.#wishes.values()) this.#attach(options);
    this.#wishes.clear();
    for (const subscription of this.#subscriptions.values()) subscription.bind();
    this.#matcher.invalidate();
    housekeeping.start();
    this.#opened.resolve(true);
    return Promise.resolve();
  }
  publish(events, options = {}) {
    if (this.state !== "running") throw channelClosed(this.name, this.state);
    const { signal, deduplicateMs } = options;
    if (signal?.aborted === true) throw abortedError(signal);
    if (events.length === 0) return void 0;
    const { seen } = this.#parts;
    const deduplicate = deduplicateMs === void 0 ? void 0 : { seen, windowMs: deduplicateMs };
    const targets = events.map((event) => this.#match(event));
    return this.#submit({ events, targets, deduplicate }, signal);
  }
  async publishTo(subscription, events, options = {}) {
    if (this.state !== "running") throw channelClosed(this.name, this.state);
    if (options.signal?.aborted === true) throw abortedError(options.signal);
    const backlog = this.#backlogs.get(subscription);
    if (backlog === void 0) throw subscriptionUnknown(this.name, subscription);
    if (events.length === 0) return;
    const targets = events.map(() => [{ backlog, isAsked: true }]);
    await this.#submit({ events, targets, isAddressed: true }, options.signal);
  }
  #match(event) {
    const matched = this.#matched;
    this.#matcher.match(event, matched);
    const targets = matched.map((backlog) => ({ backlog, isAsked: backlog.hasReader }));
    matched.length = 0;
    return targets;
  }
  #submit(publication, signal) {
    const { state } = this.#parts;
    const { writer } = state.directory;
    if (writer.trouble !== void 0) throw unavailable(writer.trouble);
    const { events } = publication;
    const bytes = this.#bytesOf(events);
    if (writer.pendingBytes + bytes > PENDING_BYTES_MAX && writer.pendingBytes > 0) {
      this.#telemetry.refusedForMemory.add(events.length);
      throw new ChannelFull({ reason: "memory", retryAfterMs: RETRY_AFTER_MS, subscriptions: [] });
    }
    this.#unsettled += events.length;
    const stored = new Promise((resolve, reject) => {
      writer.submit(new Publication({ ...publication, state, bytes, resolve, reject }));
    }).finally(() => {
      this.#unsettled -= events.length;
      this.#parts?.housekeeping.look();
    });
    return untilAborted(stored, signal);
  }
  /** Their size together; throws when one of them, or all together, can never be stored. */
  #bytesOf(events) {
    let bytes = 0;
    for (const { sizeBytes } of events) {
      bytes += sizeBytes;
      if (sizeBytes <= EVENT_BYTES_MAX) continue;
      this.#telemetry.tooLarge.add(events.length);
      throw eventTooLarge(sizeBytes, EVENT_BYTES_MAX, "a durable channel");
    }
    if (bytes <= PENDING_BYTES_MAX) return bytes;
    this.#telemetry.tooLarge.add(events.length);
    throw batchTooLarge(events.length, bytes, "a durable channel");
  }
  subscribe(options) {
    if (this.state === "draining" || this.state === "closed") {
      throw channelClosed(this.name, this.state);
    }
    return this.#subscribe(options);
  }
  #subscribe(options) {
    const { id } = options;
    if (this.#parts === void 0) this.#wishes.set(id, options);
    else this.#attach(options);
    this.#matcher.invalidate();
    const open = this.#subscriptions.get(id);
    if (open !== void 0) return open;
    const subscription = new DurableSubscription(id, this, this.#whenReady(id));
    this.#subscriptions.set(id, subscription);
    return subscription;
  }
  /** Events wait for the subscription from the first moment; what it has is read a moment later. */
  async #whenReady(id) {
    if (this.#parts === void 0) await this.#opened.wait();
    const backlog = this.#backlogs.get(id);
    await backlog?.fill?.begun;
    await backlog?.idle();
  }
  #attach(options) {
    const backlog = this.#backlogs.get(options.id) ?? this.#newBacklog(options);
    backlog.attach(options);
  }
  #newBacklog(options) {
    const { state, history } = this.#parts;
    const { id, from = "latest" } = options;
    const next = from === "latest" ? void 0 : history.positionOf(from);
    const number = state.directory.newNumber();
    const record = {
      id,
      label: options.label ?? id,
      createdMs: state.clock.now(),
      ...next === void 0 ? {} : { history: { next, end: UNKNOWN_END } }
    };
    const letters = countLetters(state, id);
    const backlog = new Backlog(this, number, record, { ...NEW_SUBSCRIPTION, letters });
    this.#backlogs.set(id, backlog);
    const { writer } = state.directory;
    writer.submit(
      new Note({
        write: () => {
          state.directory.writeNumbers();
        }
      })
    );
    backlog.setRecord(record);
    if (next !== void 0) {
      backlog.look();
      this.#fill(backlog);
    }
    return backlog;
  }
  #fill(backlog) {
    backlog.fill = new HistoryFill(backlog);
    backlog.fill.submit();
  }
  backlogOf(id) {
    return this.#backlogs.get(id);
  }
  detach(id, drop) {
    this.#subscriptions.delete(id);
    this.#wishes.delete(id);
    const backlog = this.#backlogs.get(id);
    if (backlog === void 0) return { kept: 0, dropped: 0 };
    if (drop) return { kept: 0, dropped: this.#drop(id) };
    backlog.detach();
    this.#matcher.invalidate();
    return { kept: backlog.counters.depth, dropped: 0 };
  }
  #drop(id) {
    const backlog = this.#backlogs.get(id);
    if (backlog === void 0) return 0;
    const { state, housekeeping } = this.#parts;
    const { depth } = backlog.counters;
    backlog.isDropped = true;
    backlog.clear();
    this.#backlogs.delete(id);
    this.#matcher.invalidate();
    const { number } = backlog;
    state.directory.writer.submit(
      new Note({
        write: () => {
          const { meta } = state.tables;
          void meta.remove(subscriptionKey(state.number, number));
          void meta.remove(subscriptionCountersKey(number));
          for (const { number: entries } of backlog.lanes) {
            void meta.put(droppedKey(entries), Buffer.of(1));
          }
        },
        committed: () => {
          housekeeping.look();
        }
      })
    );
    return depth;
  }
  read(options) {
    this.opened();
    return this.#parts.history.read(options, this.#closed.signal);
  }
  wants(subscription, event) {
    return this.#backlogs.get(subscription)?.wants(event) ?? false;
  }
  reconfigure(config) {
    const parsed = parseConfig(DURABLE_TYPE, durableConfigSchema, config);
    if (this.#parts === void 0) return;
    this.#parts.state.config = parsed;
    this.#parts.housekeeping.look();
  }
  describe() {
    return this.#left ?? this.#describe();
  }
  #describe() {
    const counters = this.#parts?.state.counters;
    const trouble = this.#trouble();
    return {
      name: this.name,
      type: DURABLE_TYPE,
      events: counters?.events ?? 0,
      bytes: counters?.bytes ?? 0,
      unsettled: this.#unsettled,
      subscriptions: this.#parts === void 0 ? [...this.#wishes.keys()].map((id) => this.describeIdle(id)) : [...this.#backlogs.values()].map((backlog) => backlog.describe()),
      ...trouble === void 0 ? {} : { trouble }
    };
  }
  #trouble() {
    if (this.#parts === void 0) return void 0;
    const { directory, counters } = this.#parts.state;
    const { trouble } = directory.writer;
    if (trouble !== void 0) return trouble.message;
    if (this.#readTrouble !== void 0) return this.#readTrouble;
    if (counters.damaged === 0) return void 0;
    return `${String(counters.damaged)} damaged event(s) were taken out and kept aside: look at the disk`;
  }
  /** @internal A subscription of a channel that is not started. */
  describeIdle(id) {
    const label = this.#wishes.get(id)?.label ?? id;
    const none = { depth: 0, overflow: 0, bytes: 0, oldestMs: 0, inFlight: 0 };
    return { id, label, attached: this.#wishes.has(id), ...none };
  }
  settled(options = {}) {
    if (this.state === "closed" || this.#parts === void 0) {
      return Promise.resolve(this.#unsettled === 0);
    }
    const signals = [
      this.#closed.signal,
      ...options.signal === void 0 ? [] : [options.signal]
    ];
    const written2 = new Waiters();
    const answer = written2.wait(AbortSignal.any(signals));
    const fence = new Fence(() => {
      written2.resolve(true);
    });
    this.#parts.state.directory.writer.submit(fence);
    return answer;
  }
  /** @internal */
  get handsOut() {
    return this.state !== "draining" && this.state !== "closed";
  }
  /** @internal */
  get isReadable() {
    return this.state !== "closed";
  }
  /** @internal */
  onInFlight(change) {
    this.#inFlight += change;
    if (this.#inFlight === 0) this.#quiet.resolve(true);
  }
  /** @internal */
  onReadFailure(error) {
    const reason = error instanceof Error ? error.message : String(error);
    this.#readTrouble = `the disk cannot be read: ${reason}`;
    this.#telemetry.unavailable.add(1);
    this.#options.context.logger.error({ err: error, channel: this.name }, "disk cannot be read");
  }
  async onDrain(signal) {
    if (this.#inFlight === 0) return;
    if (!await this.#quiet.wait(signal)) throw abortedError(signal);
  }
  async onClose() {
    this.#opened.resolve(false);
    if (this.#parts === void 0 || this.#left !== void 0) return;
    const { state, housekeeping } = this.#parts;
    this.#left = this.#describe();
    housekeeping.stop();
    await flushed(state.directory.writer);
    this.#closed.abort();
    state.isClosed = true;
    state.directory.setOpen(state.number, false);
    state.directory.unlisten(this.#onTrouble);
    for (const backlog of this.#backlogs.values()) {
      backlog.isDropped = true;
      backlog.clear();
    }
    this.#quiet.resolve(true);
  }
};
function flushed(writer) {
  if (writer.trouble !== void 0) return Promise.resolve();
  return new Promise((resolve) => {
    writer.submit(new Fence(resolve, resolve));
  });
}

// packages/channel-durable/src/driver.ts
function durableDriver(options) {
  let opened;
  const open = (context) => {
    const { directory, clock = context.clock, logger = context.logger } = options;
    if (typeof directory !== "string") return channelDirectory(directory);
    opened ??= openDataDirectory(directory, { clock, logger });
    return channelDirectory(opened);
  };
  return {
    type: DURABLE_TYPE,
    configSchema: durableConfigSchema,
    capabilities: {
      durable: true,
      order: "total",
      replayable: true,
      competingConsumers: false,
      delayed: true,
      deadLetters: true,
      deduplicates: true,
      maxEventBytes: EVENT_BYTES_MAX
    },
    create: (context) => new DurableChannel({
      context,
      config: parseConfig(DURABLE_TYPE, durableConfigSchema, context.config),
      openDirectory: () => open(context)
    }),
    provision: (context) => new DurableProvision(context, () => open(context)),
    close: async () => {
      const closing = opened;
      opened = void 0;
      await closing?.close();
    }
  };
}
export {
  DURABLE_TYPE,
  checkData,
  dataStats,
  durableDriver
};
