/**
 * Text by key that survives a crash, for what is small enough to be held in memory by its user, and read as a whole
 * when that starts.
 *
 *     table     key             value
 *     kv:NAME   key (UTF-8)     crc:4 text (UTF-8)
 *
 * The checksum is one of key and text: it finds a record under a key that is not its own, too. Nothing is read back
 * while the table is written, so there is no cache, and no order of its own: writes go to the writer of the directory
 * in the order of the calls, each of them one work, and so one part of one transaction.
 */
import { strict as assert } from 'node:assert';
// Experimental by its documentation on Node 20, there since 20.15, and plain CRC-32.
// eslint-disable-next-line n/no-unsupported-features/node-builtins
import { crc32 } from 'node:zlib';
import { type DataDirectory, readable } from './directory.ts';
import type { Table } from './environment.ts';
import { busy, directoryClosed, notWritten, tooLarge } from './errors.ts';
import type { Trouble, Work } from './writer.ts';

/** Of a key, as UTF-8. LMDB takes no more than 1,978. */
const KEY_BYTES_MAX = 1_024;

/** Of a value, as UTF-8. */
export const VALUE_BYTES_MAX = 4 * 2 ** 20;

/** Of all keys and values of one write. */
const WRITE_BYTES_MAX = 64 * 2 ** 20;

/** Of all writes to a table that are on their way to the disk. */
export const WAITING_BYTES_MAX = 64 * 2 ** 20;

const CRC_BYTES = 4;

/** What a change takes beside its bytes: what a transaction is measured by. */
const OVERHEAD_BYTES = 64;

export const KEY_VALUE_PREFIX = 'kv:';

export interface KeyValueChange {
  readonly key: string;
  /** Undefined removes. */
  readonly value: string | undefined;
}

/** Text by key that survives a crash. Keys and values are well-formed text. */
export interface KeyValueTable {
  /**
   * Every pair, in order of the bytes of the keys, as of one moment. A damaged record is reported to `onDamaged` and
   * left out; it stays in the file until its key is written again. To be read in one go, without waiting in between.
   */
  entries(
    onDamaged: (key: string, why: string) => void,
  ): Iterable<readonly [key: string, value: string]>;

  /**
   * Makes all of the changes, or none. Resolves after they were synced to the disk. Calls may overlap; they take
   * effect in their order, and changes of one call in theirs.
   *
   * Rejects with a {@link DataError}, and nothing was written:
   * - `AFFLUX_DATA_DISK_FULL`, retryable: later, when there is space;
   * - `AFFLUX_DATA_BUSY`, retryable: too much waits already;
   * - `AFFLUX_DATA_TOO_LARGE`: a value, or the whole write;
   * - `AFFLUX_DATA_DISK_FAILED`: from now on every write is refused. With `details.isOutcomeKnown` false the changes
   *   may be there all the same when the directory is opened anew;
   * - `AFFLUX_DATA_DIRECTORY_CLOSED`.
   */
  write(changes: readonly KeyValueChange[]): Promise<void>;
}

/** The table of this name (lower-case letters, digits and hyphens), made when it is not there. */
export function openKeyValueTable(directory: DataDirectory, name: string): KeyValueTable {
  assert(/^[a-z][a-z0-9-]{0,62}$/.test(name), `no name for a table: ${name}`);
  return new StoredTable(directory, directory.table(KEY_VALUE_PREFIX + name));
}

class StoredTable implements KeyValueTable {
  readonly #directory: DataDirectory;
  readonly #table: Table;
  #waitingBytes = 0;

  constructor(directory: DataDirectory, table: Table) {
    this.#directory = directory;
    this.#table = table;
  }

  *entries(
    onDamaged: (key: string, why: string) => void,
  ): Generator<readonly [key: string, value: string]> {
    const { path } = this.#directory;
    if (this.#directory.isClosing) throw directoryClosed(path);
    const found = readable(path, () => this.#table.getRange({})[Symbol.iterator]());
    try {
      for (;;) {
        const next = readable(path, () => found.next());
        if (next.done === true) return;
        const { key, value } = next.value;
        const problem = problemOf(key, value);
        if (problem === undefined) yield [key.toString(), value.toString('utf8', CRC_BYTES)];
        else onDamaged(key.toString(), problem);
      }
    } finally {
      found.return?.();
    }
  }

  write(changes: readonly KeyValueChange[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const records = changes.map(recordOf);
      const bytes = records.reduce((total, { key, value }) => {
        return total + key.length + (value?.length ?? 0) + OVERHEAD_BYTES;
      }, 0);
      this.#assertCanWrite(bytes);
      this.#waitingBytes += bytes;
      const settle = (): void => {
        this.#waitingBytes -= bytes;
      };
      this.#directory.writer.submit(
        new Changes({
          table: this.#table,
          records,
          bytes,
          committed: () => {
            settle();
            resolve();
          },
          failed: (trouble) => {
            settle();
            reject(notWritten(this.#directory.path, trouble));
          },
        }),
      );
    });
  }

  #assertCanWrite(bytes: number): void {
    const { path, isClosing, writer } = this.#directory;
    if (isClosing) throw directoryClosed(path);
    // What is refused without being tried was not written, whatever became of the write that failed.
    if (writer.trouble !== undefined) {
      throw notWritten(path, { ...writer.trouble, isOutcomeKnown: true });
    }
    if (bytes > WRITE_BYTES_MAX) throw tooLarge('the write', bytes, WRITE_BYTES_MAX);
    if (this.#waitingBytes > 0 && this.#waitingBytes + bytes > WAITING_BYTES_MAX) {
      throw busy(path, WAITING_BYTES_MAX);
    }
  }
}

interface StoredPair {
  readonly key: Buffer;
  /** With its checksum; undefined: removed. */
  readonly value: Buffer | undefined;
}

function recordOf({ key: name, value }: KeyValueChange): StoredPair {
  const key = Buffer.from(name);
  assert(key.length > 0 && key.length <= KEY_BYTES_MAX, `a key of ${String(key.length)} bytes`);
  assert(key.toString() === name, 'a key that is no well-formed text');
  if (value === undefined) return { key, value: undefined };
  const bytes = Buffer.byteLength(value);
  if (bytes > VALUE_BYTES_MAX) throw tooLarge(`the value of ${name}`, bytes, VALUE_BYTES_MAX);
  const record = Buffer.allocUnsafe(CRC_BYTES + bytes);
  record.write(value, CRC_BYTES);
  record.writeUInt32BE(checksum(key, record), 0);
  return { key, value: record };
}

function checksum(key: Buffer, record: Buffer): number {
  return crc32(record.subarray(CRC_BYTES), crc32(key));
}

/** Why a record is not what was written; undefined when it is. */
export function problemOf(key: Buffer, record: Buffer): string | undefined {
  if (record.length < CRC_BYTES) return 'the record is too short';
  if (record.readUInt32BE(0) !== checksum(key, record)) return 'the checksum does not match';
  return undefined;
}

interface ChangesOptions {
  readonly table: Table;
  readonly records: readonly StoredPair[];
  readonly bytes: number;
  readonly committed: () => void;
  readonly failed: (trouble: Trouble) => void;
}

class Changes implements Work {
  readonly bytes: number;
  readonly isKept = false;
  readonly #options: ChangesOptions;

  constructor(options: ChangesOptions) {
    this.#options = options;
    this.bytes = options.bytes;
  }

  write(): void {
    const { table, records } = this.#options;
    for (const { key, value } of records) {
      if (value === undefined) void table.remove(key);
      else void table.put(key, value);
    }
  }

  committed(): void {
    this.#options.committed();
  }

  failed(trouble: Trouble): void {
    this.#options.failed(trouble);
  }
}
