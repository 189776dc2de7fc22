/**
 * A data directory while it is open: one LMDB environment for all durable channels of the process.
 *
 * Opening it takes the lock, refuses what a later version wrote and what cannot be read, and reads nothing else: how
 * long it takes does not depend on how much is stored.
 */
import type { Clock, Logger } from '@afflux/kernel';
import { accessSync, chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { prepareDataFile } from './data-file.ts';
import { type DirectoryLock, lockDirectory } from './directory-lock.ts';
import { directoryDamaged, directoryUnusable, DurableError, formatNewer } from './errors.ts';
import { FORMAT_KEY, NEXT_NUMBER_KEY } from './keys.ts';
import { decodeCounters, decodeJson, encodeCounters, encodeJson } from './records.ts';
import { DATA_FILE, openTables, type Tables } from './tables.ts';
import { type Trouble, Writer } from './writer.ts';

/** What this version writes, and the latest it reads. */
const FORMAT = 1;

/** For the owner alone: events are nobody else's business. */
const DIRECTORY_MODE = 0o700;

export interface DirectoryOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** A directory that is not there is refused instead of made. Default false. */
  readonly mustExist?: boolean;
}

/** Is told when nothing can be written, and when that is over. */
export type TroubleListener = (trouble: Trouble | undefined) => void;

export class DataDirectory {
  readonly path: string;
  readonly tables: Tables;
  readonly writer: Writer;
  readonly #lock: DirectoryLock;
  readonly #listeners = new Set<TroubleListener>();
  readonly #numbers: { next: number };
  /** Numbers of channels that somebody has open. */
  readonly #open = new Set<number>();
  /** Numbers of channels that are being forgotten, or are. */
  readonly #forgotten = new Set<number>();
  #lookedMs = -Infinity;
  #closing: Promise<void> | undefined;
  #closingTables: Promise<void> | undefined;

  /** @internal By {@link openDataDirectory}. */
  constructor(path: string, tables: Tables, lock: DirectoryLock, options: DirectoryOptions) {
    this.path = path;
    this.tables = tables;
    this.#lock = lock;
    this.#numbers = decodeCounters(tables.meta.get(NEXT_NUMBER_KEY), { next: 1 });
    this.writer = new Writer({
      ...options,
      path,
      tables,
      onTrouble: (trouble) => {
        for (const listener of this.#listeners) listener(trouble);
      },
    });
  }

  /** The first of two numbers that nothing ever had. To be written with {@link writeNumbers}. */
  newNumber(): number {
    const number = this.#numbers.next;
    this.#numbers.next += 2;
    return number;
  }

  /** In the transaction that writes something under a new number. */
  writeNumbers(tables: Tables): void {
    void tables.meta.put(NEXT_NUMBER_KEY, encodeCounters(this.#numbers));
  }

  /** For what goes on in the background: the directory can be written, and nobody is closing it. */
  get isUsable(): boolean {
    return this.#closing === undefined && this.writer.trouble === undefined;
  }

  /** One of the open channels looks after all others: true once in so long, for whoever asks first. */
  isLookDue(monotonicMs: number, everyMs: number): boolean {
    if (monotonicMs - this.#lookedMs < everyMs) return false;
    this.#lookedMs = monotonicMs;
    return true;
  }

  /** Channels that are open are neither swept nor given up. */
  isOpen(channel: number): boolean {
    return this.#open.has(channel);
  }

  setOpen(channel: number, isOpen: boolean): void {
    if (isOpen) this.#open.add(channel);
    else this.#open.delete(channel);
  }

  /** Whoever opens a channel under the name of a forgotten one gets a number of its own. */
  isForgotten(channel: number): boolean {
    return this.#forgotten.has(channel);
  }

  setForgotten(channel: number, isForgotten: boolean): void {
    if (isForgotten) this.#forgotten.add(channel);
    else this.#forgotten.delete(channel);
  }

  listen(listener: TroubleListener): void {
    this.#listeners.add(listener);
  }

  unlisten(listener: TroubleListener): void {
    this.#listeners.delete(listener);
  }

  /** After the last channel is closed. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.writer.close();
    await this.closeTables();
    await this.#lock.release();
  }

  /** @internal The lock stays. */
  closeTables(): Promise<void> {
    this.#closingTables ??= this.tables.root.close();
    return this.#closingTables;
  }
}

/**
 * Opens a data directory, making it when it is not there. Synchronous work, some milliseconds.
 *
 * @throws DurableError with each of its codes.
 */
export function openDataDirectory(path: string, options: DirectoryOptions): DataDirectory {
  const lock = prepare(path, options.mustExist ?? false);
  let tables: Tables | undefined;
  try {
    prepareDataFile(path, join(path, DATA_FILE));
    tables = readable(path, () => openTables(path));
    return readable(path, () => made(path, tables as Tables, lock, options));
  } catch (error) {
    void (tables?.root.close() ?? Promise.resolve()).then(() => lock.release());
    throw error;
  }
}

function made(
  path: string,
  tables: Tables,
  lock: DirectoryLock,
  options: DirectoryOptions,
): DataDirectory {
  assertFormat(path, tables);
  return new DataDirectory(path, tables, lock, options);
}

function prepare(path: string, mustExist: boolean): DirectoryLock {
  try {
    if (mustExist) accessSync(join(path, DATA_FILE));
    mkdirSync(path, { recursive: true, mode: DIRECTORY_MODE });
    chmodSync(path, DIRECTORY_MODE);
    return lockDirectory(path);
  } catch (error) {
    throw error instanceof DurableError ? error : directoryUnusable(path, error);
  }
}

/** Errors of LMDB that say what it found is not what it wrote. */
const DAMAGE_CODES: ReadonlySet<unknown> = new Set([
  -30_797, -30_796, -30_795, -30_794, -30_793, 22,
]);

function readable<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof DurableError) throw error;
    const { code, message } = error as { code?: unknown; message?: string };
    if (DAMAGE_CODES.has(code)) throw directoryDamaged(path, message ?? '', error);
    throw directoryUnusable(path, error);
  }
}

/** A new directory gets its format; what a later version wrote is left alone. */
function assertFormat(path: string, { meta }: Tables): void {
  const record = meta.get(FORMAT_KEY);
  if (record === undefined) {
    meta.putSync(FORMAT_KEY, encodeJson({ format: FORMAT }));
    return;
  }
  let format: unknown;
  try {
    ({ format } = decodeJson<{ format: unknown }>(record));
  } catch (error) {
    throw directoryDamaged(path, 'its format cannot be read', error);
  }
  if (typeof format !== 'number') throw directoryDamaged(path, 'its format is no number');
  if (format > FORMAT) throw formatNewer(path, format, FORMAT);
}
