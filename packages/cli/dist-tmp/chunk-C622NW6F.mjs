import { createRequire as createRequireOfBundle } from 'node:module';const require = createRequireOfBundle(import.meta.url);
import {
  AffluxError,
  newUuid,
  noopLogger,
  systemClock
} from "./chunk-ZKZDKWPE.mjs";

// packages/data-directory/src/directory.ts
import { accessSync, chmodSync, closeSync as closeSync2, fsyncSync, mkdirSync, openSync as openSync2 } from "node:fs";
import { dirname, join as join3, resolve } from "node:path";

// packages/data-directory/src/data-file.ts
import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from "node:fs";
import { endianness } from "node:os";

// packages/data-directory/src/errors.ts
var DataError = class extends AffluxError {
};
function directoryInUse(directory, pid2) {
  const who = pid2 === void 0 ? "another process" : `the process ${String(pid2)}`;
  return userError(
    "AFFLUX_DATA_DIRECTORY_IN_USE",
    `the data directory ${directory} is in use by ${who}: stop it, or give this one a directory of its own`,
    { directory, ...pid2 === void 0 ? {} : { pid: pid2 } }
  );
}
function formatNewer(directory, format, known) {
  return userError(
    "AFFLUX_DATA_FORMAT_NEWER",
    `the data directory ${directory} has format ${String(format)}, and this version reads up to ${String(known)}: use the version that wrote it, or a later one`,
    { directory, format, known }
  );
}
function directoryDamaged(directory, what, cause) {
  return new DataError(
    `the data directory ${directory} is damaged (${what}): restore it from a copy, or move it away and start with an empty one`,
    {
      code: "AFFLUX_DATA_DIRECTORY_DAMAGED",
      ...cause === void 0 ? {} : { cause },
      details: { directory }
    }
  );
}
function directoryUnusable(directory, cause) {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new DataError(`the data directory ${directory} cannot be used: ${reason}`, {
    code: "AFFLUX_DATA_DIRECTORY_UNUSABLE",
    fault: "user",
    cause,
    details: { directory }
  });
}
function directoryClosed(directory) {
  return new DataError(`the data directory ${directory} is closed`, {
    code: "AFFLUX_DATA_DIRECTORY_CLOSED",
    details: { directory }
  });
}
function notWritten(directory, trouble) {
  const { message, isFinal, isOutcomeKnown, cause } = trouble;
  const unknown = isOutcomeKnown ? "" : "; whether the last change was written shows then";
  return new DataError(`nothing can be written to ${directory}: ${message}${unknown}`, {
    code: isFinal ? "AFFLUX_DATA_DISK_FAILED" : "AFFLUX_DATA_DISK_FULL",
    retryable: !isFinal,
    cause,
    isRoutine: true,
    details: { directory, isOutcomeKnown }
  });
}
function tooLarge(what, bytes, bytesMax) {
  return userError(
    "AFFLUX_DATA_TOO_LARGE",
    `${what} has ${String(bytes)} bytes, and ${String(bytesMax)} may be`,
    { bytes, bytesMax }
  );
}
function busy(directory, bytesMax) {
  return new DataError(
    `${String(bytesMax)} bytes wait to be written to ${directory} already: try again in a moment`,
    {
      code: "AFFLUX_DATA_BUSY",
      retryable: true,
      isRoutine: true,
      details: { directory, bytesMax }
    }
  );
}
function userError(code, message, details) {
  return new DataError(message, { code, fault: "user", details });
}

// packages/data-directory/src/data-file.ts
var MAGIC = 3203383518;
var MAGIC_AT = 24;
var PAGE_SIZE_AT = 48;
var LAST_PAGE_AT = 144;
var TRANSACTION_AT = 152;
var ROOT_BYTES = 168;
var PAGE_BYTES_MIN = 512;
var PAGE_BYTES_MAX = 65536;
function prepareDataFile(directory, path) {
  const file = openExisting(path);
  if (file === void 0) return true;
  try {
    const { size } = fstatSync(file);
    if (size === 0) return true;
    const wanted = lengthOf(file);
    if (wanted === void 0)
      throw directoryDamaged(directory, "it does not begin as a data file does");
    if (size < wanted) ftruncateSync(file, wanted);
    return false;
  } finally {
    closeSync(file);
  }
}
function openExisting(path) {
  try {
    return openSync(path, "r+");
  } catch (error) {
    if (error.code === "ENOENT") return void 0;
    throw error;
  }
}
function lengthOf(file) {
  const first = rootAt(file, 0);
  const second = first === void 0 ? void 0 : rootAt(file, first.pageBytes);
  if (first === void 0 || second === void 0) return void 0;
  const { lastPage, pageBytes } = second.transaction > first.transaction ? second : first;
  return (lastPage + 1) * pageBytes;
}
function rootAt(file, at) {
  const root = Buffer.alloc(ROOT_BYTES);
  if (readSync(file, root, 0, ROOT_BYTES, at) < ROOT_BYTES) return void 0;
  const isLittle = endianness() === "LE";
  const uint32 = (offset) => isLittle ? root.readUInt32LE(offset) : root.readUInt32BE(offset);
  const uint64 = (offset) => Number(isLittle ? root.readBigUInt64LE(offset) : root.readBigUInt64BE(offset));
  const pageBytes = uint32(PAGE_SIZE_AT);
  if (uint32(MAGIC_AT) !== MAGIC) return void 0;
  if (pageBytes < PAGE_BYTES_MIN || pageBytes > PAGE_BYTES_MAX) return void 0;
  return { pageBytes, lastPage: uint64(LAST_PAGE_AT), transaction: uint64(TRANSACTION_AT) };
}

// packages/data-directory/src/directory-lock.ts
import { open } from "lmdb";
import { join } from "node:path";
import { pid } from "node:process";
var OWNER_KEY = "owner";
var PROCESS_TOKEN = newUuid();
function lockDirectory(directory) {
  const database = openOwner(directory);
  const reading = database.useReadTransaction();
  let isHeld = true;
  const close = async () => {
    reading.done();
    await database.close();
  };
  try {
    database.readerCheck();
    const living = livingReaders(database);
    const holder = database.transactionSync(() => takeOver(database, living));
    if (holder !== void 0) throw directoryInUse(directory, holder.pid);
  } catch (error) {
    void close();
    throw error;
  }
  return {
    release: async () => {
      if (!isHeld) return;
      isHeld = false;
      try {
        database.removeSync(OWNER_KEY);
      } catch {
      }
      await close();
    }
  };
}
function openOwner(directory) {
  const path = join(directory, "owner.mdb");
  try {
    return open({
      path,
      encoding: "json",
      overlappingSync: false,
      mapSize: 2 ** 20
    });
  } catch (error) {
    const { code } = error;
    if (code === 11 || code === 13 || code === 35) throw directoryInUse(directory, void 0);
    throw error;
  }
}
function takeOver(database, living) {
  const owner = database.get(OWNER_KEY);
  if (owner !== void 0) {
    const isAlive = owner.pid === pid ? owner.token === PROCESS_TOKEN : living.has(owner.pid);
    if (isAlive) return owner;
  }
  void database.put(OWNER_KEY, { pid, token: PROCESS_TOKEN });
  return void 0;
}
function livingReaders(database) {
  const rows = database.readerList();
  return new Set(rows.split("\n").map((row) => Number.parseInt(row, 10)));
}

// packages/data-directory/src/environment.ts
import { open as open2 } from "lmdb";
import { join as join2 } from "node:path";
var DATA_FILE = "data.mdb";
var TABLES_MAX = 32;
var BINARY = { encoding: "binary", keyEncoding: "binary" };
function openEnvironment(directory) {
  return open2({
    path: join2(directory, DATA_FILE),
    overlappingSync: false,
    // The writer makes the batches. LMDB-js's own would each leave a promise that nobody observes.
    eventTurnBatching: false,
    // Pages are mapped in small pieces of which a bounded number is kept, so that reading through a large backlog
    // does not leave all of it in the resident size of the process. The size of the file is not limited by it.
    remapChunks: true,
    maxDbs: TABLES_MAX,
    ...BINARY
  });
}
function openTable(environment, name) {
  return environment.openDB({ name, ...BINARY });
}
function tableNames(environment) {
  return [...environment.getKeys({})].map((name) => name.toString().replace(/\0$/, ""));
}
function pairs(table, range, limit) {
  return [...table.getRange({ ...range, limit })];
}
function keys(table, range, limit) {
  return [...table.getKeys({ ...range, limit })];
}

// packages/data-directory/src/writer.ts
import { statfsSync } from "node:fs";

// packages/data-directory/src/turn.ts
function nextTurn() {
  return new Promise((resolve2) => {
    setImmediate(resolve2);
  });
}

// packages/data-directory/src/writer.ts
var BATCH_BYTES_MAX = 16 * 2 ** 20;
var BATCH_WORKS_MAX = 8192;
var PATIENCE_MS = 10;
var RETRY_MS = 1e3;
var PROBE_KEY = Buffer.from("p");
var PROBE_BYTES = 16384;
var PASSING_CODES = /* @__PURE__ */ new Set([
  12,
  // ENOMEM
  27,
  // EFBIG
  28,
  // ENOSPC
  69,
  // EDQUOT on macOS
  122,
  // EDQUOT
  -30792,
  // MDB_MAP_FULL
  -30788
  // MDB_TXN_FULL
]);
var EIO = 5;
var SPACE_BYTES_MIN = 2 ** 20;
var Writer = class {
  #options;
  #pending = [];
  #pendingBytes = 0;
  /** Of what is pending, somebody waits for something. */
  #isAwaited = false;
  #patience;
  #isRunning = false;
  #isClosed = false;
  #trouble;
  constructor(options) {
    this.#options = options;
  }
  get trouble() {
    return this.#trouble;
  }
  /** Bytes of works that are not durable yet. */
  get pendingBytes() {
    return this.#pendingBytes;
  }
  /**
   * While there is {@link trouble}, or after {@link close}, the work waits without being told: whoever does not want
   * that asks first.
   */
  submit(work) {
    this.#pending.push(work);
    this.#pendingBytes += work.bytes;
    this.#isAwaited ||= work.isPatient !== true;
    if (!this.#isRunning && this.#trouble === void 0) this.#schedule();
  }
  /** Resolves when what was submitted before is durable, or cannot become so now. */
  async close() {
    while (this.#isRunning || this.#patience !== void 0) {
      if (!this.#isRunning) void this.#run();
      await nextTurn();
    }
    this.#isClosed = true;
  }
  #schedule() {
    if (this.#isClosed) return;
    if (this.#isAwaited) void this.#run();
    else if (this.#pending.length > 0) {
      this.#patience ??= this.#options.clock.setTimer(PATIENCE_MS, () => void this.#run());
    }
  }
  /** Never rejects: failures go to the works. */
  async #run() {
    this.#isRunning = true;
    this.#patience?.cancel();
    this.#patience = void 0;
    do {
      await nextTurn();
      await this.#commit(this.#takeBatch());
    } while (this.#isAwaited && this.#trouble === void 0);
    this.#isRunning = false;
    if (this.#trouble === void 0) this.#schedule();
  }
  #takeBatch() {
    const pending = this.#pending;
    let count = 0;
    let bytes = 0;
    while (count < pending.length && count < BATCH_WORKS_MAX) {
      bytes += pending[count]?.bytes ?? 0;
      if (count > 0 && bytes > BATCH_BYTES_MAX) break;
      count += 1;
    }
    if (count === pending.length) {
      this.#pending = [];
      this.#isAwaited = false;
      return pending;
    }
    return pending.splice(0, count);
  }
  async #commit(works) {
    const steps = /* @__PURE__ */ new Set();
    for (const { onStep } of works) if (onStep !== void 0) steps.add(onStep);
    const reach = (step) => {
      for (const onStep of steps) onStep(step);
    };
    reach("before-write");
    const failure = await this.#write(works, reach);
    if (failure !== void 0) {
      this.#fail(works, failure);
      return;
    }
    reach("after-sync");
    for (const work of works) {
      this.#pendingBytes -= work.bytes;
      work.committed();
    }
  }
  async #write(works, reach) {
    const participants = /* @__PURE__ */ new Set();
    const batch = { touch: (participant) => void participants.add(participant) };
    const middle = works.length >> 1;
    try {
      const committed = this.#options.environment.batch(() => {
        for (const [index, work] of works.entries()) {
          if (index === middle) reach("mid-batch");
          work.write(batch);
        }
        for (const participant of participants) participant.writeCounters();
      });
      reach("after-write");
      await committed;
      return void 0;
    } catch (error) {
      const bytes = works.reduce((total, work) => total + work.bytes, 0);
      return await troubleOf(
        error,
        (free) => free < SPACE_BYTES_MIN + 4 * bytes,
        this.#options.path
      );
    }
  }
  #fail(works, trouble) {
    const kept = [];
    for (const work of works) {
      if (work.isKept) kept.push(work);
      else this.#pendingBytes -= work.bytes;
      work.failed(trouble);
    }
    this.#enter(trouble);
    for (const work of this.#pending) {
      if (work.isKept) kept.push(work);
      else {
        this.#pendingBytes -= work.bytes;
        work.failed(trouble);
      }
    }
    this.#pending = kept;
    this.#isAwaited = kept.length > 0;
  }
  #enter(trouble) {
    const isNew = this.#trouble === void 0;
    this.#trouble = trouble;
    if (isNew) {
      this.#options.logger.error({ err: trouble.cause }, "data directory cannot be written");
      this.#options.onTrouble(trouble);
    }
    if (trouble.isFinal) return;
    this.#options.clock.setTimer(RETRY_MS, () => void this.#probe());
  }
  /** Finds out whether there is space again. */
  async #probe() {
    if (this.#isClosed || this.#isRunning) return;
    this.#isRunning = true;
    const failure = await this.#write([new Probe(this.#options.meta)], () => void 0);
    this.#isRunning = false;
    if (failure !== void 0) {
      this.#enter(failure);
      return;
    }
    this.#trouble = void 0;
    this.#options.logger.info({}, "data directory can be written again");
    this.#options.onTrouble(void 0);
    this.#schedule();
  }
};
var Probe = class {
  bytes = 0;
  isKept = false;
  #meta;
  constructor(meta) {
    this.#meta = meta;
  }
  write() {
    void this.#meta.put(PROBE_KEY, Buffer.alloc(PROBE_BYTES));
  }
  committed() {
  }
  failed() {
  }
};
function freeBytes(path) {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  } catch {
    return Infinity;
  }
}
async function troubleOf(error, isScarce, path) {
  const { commitError } = error;
  const cause = await Promise.resolve(commitError).then(
    () => error,
    (reason2) => reason2
  );
  const { code } = cause;
  const isShort = code === EIO && isScarce(freeBytes(path));
  const isPassing = isShort || typeof code === "number" && PASSING_CODES.has(code);
  const reason = cause instanceof Error ? cause.message : String(cause);
  return {
    message: isPassing ? `the disk has no space (${reason})` : `the disk failed, and nothing more is written until the data directory is opened anew: ${reason}`,
    isFinal: !isPassing,
    isOutcomeKnown: isPassing,
    cause
  };
}

// packages/data-directory/src/directory.ts
var FORMAT = 1;
var META_TABLE = "meta";
var FORMAT_KEY = Buffer.from("f");
var DIRECTORY_MODE = 448;
var DataDirectory = class {
  path;
  writer;
  #environment;
  #lock;
  #tables;
  #shared = /* @__PURE__ */ new Map();
  #listeners = /* @__PURE__ */ new Set();
  #closing;
  #closingFile;
  /** @internal By {@link openDataDirectory}. */
  constructor(path, { environment, meta }, lock, { clock, logger }) {
    this.path = path;
    this.#environment = environment;
    this.#tables = /* @__PURE__ */ new Map([[META_TABLE, meta]]);
    this.#lock = lock;
    this.writer = new Writer({
      path,
      environment,
      meta,
      clock,
      logger,
      onTrouble: (trouble) => {
        for (const listener of this.#listeners) listener(trouble);
      }
    });
  }
  /**
   * The table of this name, made when it is not there. Whoever uses it first decides what it holds.
   *
   * @throws DataError when it cannot be made.
   */
  table(name) {
    let table = this.#tables.get(name);
    if (table === void 0) {
      table = readable(this.path, () => openTable(this.#environment, name));
      this.#tables.set(name, table);
    }
    return table;
  }
  /** Names of the tables that are there. */
  tableNames() {
    return readable(this.path, () => tableNames(this.#environment));
  }
  /**
   * What all that stand on the directory in the same way have in common, for as long as it is open: the first that
   * asks with a function makes it, the others get the same.
   */
  shared(make) {
    if (!this.#shared.has(make)) this.#shared.set(make, make(this));
    return this.#shared.get(make);
  }
  /** For what goes on in the background: the directory can be written, and nobody is closing it. */
  get isUsable() {
    return !this.isClosing && this.writer.trouble === void 0;
  }
  /** Nothing new is to be written: it is closed, or will be as soon as what waits is written. */
  get isClosing() {
    return this.#closing !== void 0;
  }
  listen(listener) {
    this.#listeners.add(listener);
  }
  unlisten(listener) {
    this.#listeners.delete(listener);
  }
  /** Writes what waits and lets go of the directory; after the last of its users is closed. Idempotent. */
  close() {
    this.#closing ??= this.#close();
    return this.#closing;
  }
  async #close() {
    await this.writer.close();
    await this.closeFile();
    await this.#lock.release();
  }
  /** @internal The lock stays. */
  closeFile() {
    this.#closingFile ??= this.#environment.close();
    return this.#closingFile;
  }
  /** @internal Writes a copy without free pages. */
  async copyTo(file) {
    await this.#environment.backup(file, true);
  }
};
function openDataDirectory(path, options) {
  const { lock, made } = prepare(path, options.mustExist ?? false);
  let environment;
  try {
    const isNew = prepareDataFile(path, join3(path, DATA_FILE));
    const opened = readable(path, () => environment = openEnvironment(path));
    return readable(path, () => {
      const meta = openTable(opened, META_TABLE);
      assertFormat(path, meta);
      if (isNew) syncNames(path, made);
      return new DataDirectory(path, { environment: opened, meta }, lock, options);
    });
  } catch (error) {
    void (environment?.close() ?? Promise.resolve()).then(() => lock.release());
    throw error;
  }
}
function prepare(path, mustExist) {
  try {
    if (mustExist) accessSync(join3(path, DATA_FILE));
    const made = mkdirSync(path, { recursive: true, mode: DIRECTORY_MODE });
    chmodSync(path, DIRECTORY_MODE);
    return { lock: lockDirectory(path), made };
  } catch (error) {
    throw error instanceof DataError ? error : directoryUnusable(path, error);
  }
}
function syncNames(path, made) {
  const last = made === void 0 ? resolve(path) : dirname(resolve(made));
  let directory = resolve(path);
  syncDirectory(directory);
  while (directory !== last) {
    directory = dirname(directory);
    syncDirectory(directory);
  }
}
function syncDirectory(path) {
  let descriptor;
  try {
    descriptor = openSync2(path, "r");
  } catch {
    return;
  }
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync2(descriptor);
  }
}
var DAMAGE_CODES = /* @__PURE__ */ new Set([
  -30797,
  -30796,
  -30795,
  -30794,
  -30793,
  22
]);
function readable(path, read) {
  try {
    return read();
  } catch (error) {
    if (error instanceof DataError) throw error;
    const { code, message } = error;
    if (DAMAGE_CODES.has(code)) throw directoryDamaged(path, message ?? "", error);
    throw directoryUnusable(path, error);
  }
}
function assertFormat(path, meta) {
  const record = meta.get(FORMAT_KEY);
  if (record === void 0) {
    meta.putSync(FORMAT_KEY, Buffer.from(JSON.stringify({ format: FORMAT })));
    return;
  }
  let format;
  try {
    ({ format } = JSON.parse(record.toString()));
  } catch (error) {
    throw directoryDamaged(path, "its format cannot be read", error);
  }
  if (typeof format !== "number") throw directoryDamaged(path, "its format is no number");
  if (format > FORMAT) throw formatNewer(path, format, FORMAT);
}

// packages/data-directory/src/key-value-table.ts
import { strict as assert } from "node:assert";
import { crc32 } from "node:zlib";
var KEY_BYTES_MAX = 1024;
var VALUE_BYTES_MAX = 4 * 2 ** 20;
var WRITE_BYTES_MAX = 64 * 2 ** 20;
var WAITING_BYTES_MAX = 64 * 2 ** 20;
var CRC_BYTES = 4;
var OVERHEAD_BYTES = 64;
var KEY_VALUE_PREFIX = "kv:";
function openKeyValueTable(directory, name) {
  assert(/^[a-z][a-z0-9-]{0,62}$/.test(name), `no name for a table: ${name}`);
  return new StoredTable(directory, directory.table(KEY_VALUE_PREFIX + name));
}
var StoredTable = class {
  #directory;
  #table;
  #waitingBytes = 0;
  constructor(directory, table) {
    this.#directory = directory;
    this.#table = table;
  }
  *entries(onDamaged) {
    const { path } = this.#directory;
    if (this.#directory.isClosing) throw directoryClosed(path);
    const found = readable(path, () => this.#table.getRange({})[Symbol.iterator]());
    try {
      for (; ; ) {
        const next = readable(path, () => found.next());
        if (next.done === true) return;
        const { key, value } = next.value;
        const problem = problemOf(key, value);
        if (problem === void 0) yield [key.toString(), value.toString("utf8", CRC_BYTES)];
        else onDamaged(key.toString(), problem);
      }
    } finally {
      found.return?.();
    }
  }
  write(changes) {
    return new Promise((resolve2, reject) => {
      const records = changes.map(recordOf);
      const bytes = records.reduce((total, { key, value }) => {
        return total + key.length + (value?.length ?? 0) + OVERHEAD_BYTES;
      }, 0);
      this.#assertCanWrite(bytes);
      this.#waitingBytes += bytes;
      const settle = () => {
        this.#waitingBytes -= bytes;
      };
      this.#directory.writer.submit(
        new Changes({
          table: this.#table,
          records,
          bytes,
          committed: () => {
            settle();
            resolve2();
          },
          failed: (trouble) => {
            settle();
            reject(notWritten(this.#directory.path, trouble));
          }
        })
      );
    });
  }
  #assertCanWrite(bytes) {
    const { path, isClosing, writer } = this.#directory;
    if (isClosing) throw directoryClosed(path);
    if (writer.trouble !== void 0) {
      throw notWritten(path, { ...writer.trouble, isOutcomeKnown: true });
    }
    if (bytes > WRITE_BYTES_MAX) throw tooLarge("the write", bytes, WRITE_BYTES_MAX);
    if (this.#waitingBytes > 0 && this.#waitingBytes + bytes > WAITING_BYTES_MAX) {
      throw busy(path, WAITING_BYTES_MAX);
    }
  }
};
function recordOf({ key: name, value }) {
  const key = Buffer.from(name);
  assert(key.length > 0 && key.length <= KEY_BYTES_MAX, `a key of ${String(key.length)} bytes`);
  assert(key.toString() === name, "a key that is no well-formed text");
  if (value === void 0) return { key, value: void 0 };
  const bytes = Buffer.byteLength(value);
  if (bytes > VALUE_BYTES_MAX) throw tooLarge(`the value of ${name}`, bytes, VALUE_BYTES_MAX);
  const record = Buffer.allocUnsafe(CRC_BYTES + bytes);
  record.write(value, CRC_BYTES);
  record.writeUInt32BE(checksum(key, record), 0);
  return { key, value: record };
}
function checksum(key, record) {
  return crc32(record.subarray(CRC_BYTES), crc32(key));
}
function problemOf(key, record) {
  if (record.length < CRC_BYTES) return "the record is too short";
  if (record.readUInt32BE(0) !== checksum(key, record)) return "the checksum does not match";
  return void 0;
}
var Changes = class {
  bytes;
  isKept = false;
  #options;
  constructor(options) {
    this.#options = options;
    this.bytes = options.bytes;
  }
  write() {
    const { table, records } = this.#options;
    for (const { key, value } of records) {
      if (value === void 0) void table.remove(key);
      else void table.put(key, value);
    }
  }
  committed() {
    this.#options.committed();
  }
  failed(trouble) {
    this.#options.failed(trouble);
  }
};

// packages/data-directory/src/stopped-directory.ts
import { closeSync as closeSync3, fsyncSync as fsyncSync2, openSync as openSync3, renameSync, rmSync, statSync } from "node:fs";
import { join as join4 } from "node:path";
async function withStoppedDirectory(path, use) {
  const directory = openDataDirectory(path, {
    clock: systemClock,
    logger: noopLogger,
    mustExist: true
  });
  try {
    return await use(directory);
  } finally {
    await directory.close();
  }
}
function fileBytes(path) {
  return statSync(join4(path, DATA_FILE)).size;
}
function readTables(directory, onProblem = () => void 0) {
  const names = directory.tableNames().filter((name) => name.startsWith(KEY_VALUE_PREFIX));
  return names.map((tableName) => {
    const name = tableName.slice(KEY_VALUE_PREFIX.length);
    let records = 0;
    let bytes = 0;
    try {
      for (const { key, value } of directory.table(tableName).getRange({})) {
        records += 1;
        bytes += key.length + value.length;
        const problem = problemOf(key, value);
        if (problem !== void 0) onProblem({ place: `${name}, ${key.toString()}`, problem });
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      onProblem({ place: name, problem: `cannot be read: ${reason}` });
    }
    return { name, records, bytes };
  });
}
function compactData(path) {
  const copy = join4(path, "compacted.mdb");
  return withStoppedDirectory(path, async (directory) => {
    const tables = readTables(directory);
    const bytesBefore = fileBytes(path);
    rmSync(copy, { force: true });
    await directory.copyTo(copy);
    syncFile(copy);
    await directory.closeFile();
    renameSync(copy, join4(path, DATA_FILE));
    syncDirectory(path);
    return { directory: path, bytesBefore, bytesAfter: fileBytes(path), tables };
  });
}
function syncFile(path) {
  const file = openSync3(path, "r+");
  try {
    fsyncSync2(file);
  } finally {
    closeSync3(file);
  }
}

export {
  DataError,
  pairs,
  keys,
  nextTurn,
  META_TABLE,
  DataDirectory,
  openDataDirectory,
  openKeyValueTable,
  withStoppedDirectory,
  fileBytes,
  readTables,
  compactData
};
