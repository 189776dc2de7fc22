/**
 * A data directory while it is open: one LMDB environment for everything in this process that is to survive it.
 *
 * Opening it takes the lock, refuses what a later version wrote and what cannot be read, and reads nothing else: how
 * long it takes does not depend on how much is stored. All users of the directory have tables of their own and one
 * writer, so that what they write at the same time shares a sync.
 *
 * The table `meta` is common: the keys `f` (format of the directory, JSON) and `p` (written to find out whether
 * writing works again) are the directory's.
 */
import type { Clock, Logger } from '@afflux/kernel';
import { accessSync, chmodSync, closeSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { prepareDataFile } from './data-file.ts';
import { type DirectoryLock, lockDirectory } from './directory-lock.ts';
import {
  DATA_FILE,
  type Environment,
  openEnvironment,
  openTable,
  type Table,
  tableNames,
} from './environment.ts';
import { DataError, directoryDamaged, directoryUnusable, formatNewer } from './errors.ts';
import { type Trouble, Writer } from './writer.ts';

/** What this version writes, and the latest it reads. */
const FORMAT = 1;

export const META_TABLE = 'meta';
const FORMAT_KEY = Buffer.from('f');

/** For the owner alone: what is in it is nobody else's business. */
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
  readonly writer: Writer;
  readonly #environment: Environment;
  readonly #lock: DirectoryLock;
  readonly #tables: Map<string, Table>;
  readonly #shared = new Map<unknown, unknown>();
  readonly #listeners = new Set<TroubleListener>();
  #closing: Promise<void> | undefined;
  #closingFile: Promise<void> | undefined;

  /** @internal By {@link openDataDirectory}. */
  constructor(
    path: string,
    { environment, meta }: { readonly environment: Environment; readonly meta: Table },
    lock: DirectoryLock,
    { clock, logger }: DirectoryOptions,
  ) {
    this.path = path;
    this.#environment = environment;
    this.#tables = new Map([[META_TABLE, meta]]);
    this.#lock = lock;
    this.writer = new Writer({
      path,
      environment,
      meta,
      clock,
      logger,
      onTrouble: (trouble) => {
        for (const listener of this.#listeners) listener(trouble);
      },
    });
  }

  /**
   * The table of this name, made when it is not there. Whoever uses it first decides what it holds.
   *
   * @throws DataError when it cannot be made.
   */
  table(name: string): Table {
    let table = this.#tables.get(name);
    if (table === undefined) {
      table = readable(this.path, () => openTable(this.#environment, name));
      this.#tables.set(name, table);
    }
    return table;
  }

  /** Names of the tables that are there. */
  tableNames(): string[] {
    return readable(this.path, () => tableNames(this.#environment));
  }

  /**
   * What all that stand on the directory in the same way have in common, for as long as it is open: the first that
   * asks with a function makes it, the others get the same.
   */
  shared<T>(make: (directory: DataDirectory) => T): T {
    if (!this.#shared.has(make)) this.#shared.set(make, make(this));
    return this.#shared.get(make) as T;
  }

  /** For what goes on in the background: the directory can be written, and nobody is closing it. */
  get isUsable(): boolean {
    return !this.isClosing && this.writer.trouble === undefined;
  }

  /** Nothing new is to be written: it is closed, or will be as soon as what waits is written. */
  get isClosing(): boolean {
    return this.#closing !== undefined;
  }

  listen(listener: TroubleListener): void {
    this.#listeners.add(listener);
  }

  unlisten(listener: TroubleListener): void {
    this.#listeners.delete(listener);
  }

  /** Writes what waits and lets go of the directory; after the last of its users is closed. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.writer.close();
    await this.closeFile();
    await this.#lock.release();
  }

  /** @internal The lock stays. */
  closeFile(): Promise<void> {
    this.#closingFile ??= this.#environment.close();
    return this.#closingFile;
  }

  /** @internal Writes a copy without free pages. */
  async copyTo(file: string): Promise<void> {
    await this.#environment.backup(file, true);
  }
}

/**
 * Opens a data directory, making it when it is not there. Synchronous work, some milliseconds.
 *
 * @throws DataError: the directory is in use, damaged, of a later version, or cannot be used.
 */
export function openDataDirectory(path: string, options: DirectoryOptions): DataDirectory {
  const { lock, made } = prepare(path, options.mustExist ?? false);
  let environment: Environment | undefined;
  try {
    const isNew = prepareDataFile(path, join(path, DATA_FILE));
    const opened = readable(path, () => (environment = openEnvironment(path)));
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

/** `made`: the topmost directory that had to be made. */
function prepare(path: string, mustExist: boolean) {
  try {
    if (mustExist) accessSync(join(path, DATA_FILE));
    const made = mkdirSync(path, { recursive: true, mode: DIRECTORY_MODE });
    chmodSync(path, DIRECTORY_MODE);
    return { lock: lockDirectory(path), made };
  } catch (error) {
    throw error instanceof DataError ? error : directoryUnusable(path, error);
  }
}

/** A new file is there after a loss of power only when the directory that names it was synced, too. */
function syncNames(path: string, made: string | undefined): void {
  const last = made === undefined ? resolve(path) : dirname(resolve(made));
  let directory = resolve(path);
  syncDirectory(directory);
  while (directory !== last) {
    directory = dirname(directory);
    syncDirectory(directory);
  }
}

/** @internal Where the system lets nobody open a directory, it keeps names by itself. */
export function syncDirectory(path: string): void {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
  } catch {
    return;
  }
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Errors of LMDB that say what it found is not what it wrote. */
const DAMAGE_CODES: ReadonlySet<unknown> = new Set([
  -30_797, -30_796, -30_795, -30_794, -30_793, 22,
]);

/** @internal Errors of LMDB as errors of this package. */
export function readable<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof DataError) throw error;
    const { code, message } = error as { code?: unknown; message?: string };
    if (DAMAGE_CODES.has(code)) throw directoryDamaged(path, message ?? '', error);
    throw directoryUnusable(path, error);
  }
}

/** A new directory gets its format; what a later version wrote is left alone. */
function assertFormat(path: string, meta: Table): void {
  const record = meta.get(FORMAT_KEY);
  if (record === undefined) {
    meta.putSync(FORMAT_KEY, Buffer.from(JSON.stringify({ format: FORMAT })));
    return;
  }
  let format: unknown;
  try {
    ({ format } = JSON.parse(record.toString()) as { format: unknown });
  } catch (error) {
    throw directoryDamaged(path, 'its format cannot be read', error);
  }
  if (typeof format !== 'number') throw directoryDamaged(path, 'its format is no number');
  if (format > FORMAT) throw formatNewer(path, format, FORMAT);
}
