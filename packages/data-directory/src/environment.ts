/**
 * The LMDB environment of a data directory, and the few ways in which its tables are read. Keys and values are
 * bytes; what they mean is the business of whoever owns a table.
 */
import { type Database, open, type RootDatabase } from 'lmdb';
import { join } from 'node:path';

/** A table: bytes by bytes, in the order of the keys. Written in works of the writer, and nowhere else. */
export type Table = Database<Buffer, Buffer>;

export type Environment = RootDatabase<Buffer, Buffer>;

export const DATA_FILE = 'data.mdb';

/** Tables that a directory may have. */
const TABLES_MAX = 32;

const BINARY = { encoding: 'binary', keyEncoding: 'binary' } as const;

/**
 * Opens the environment. Without LMDB-js's overlapping sync: a commit is then LMDB's own, which resolves when the
 * data pages are synced, the root that makes them valid is written, and that is synced as well.
 */
export function openEnvironment(directory: string): Environment {
  return open<Buffer, Buffer>({
    path: join(directory, DATA_FILE),
    overlappingSync: false,
    // The writer makes the batches. LMDB-js's own would each leave a promise that nobody observes.
    eventTurnBatching: false,
    // Pages are mapped in small pieces of which a bounded number is kept, so that reading through a large backlog
    // does not leave all of it in the resident size of the process. The size of the file is not limited by it.
    remapChunks: true,
    maxDbs: TABLES_MAX,
    ...BINARY,
  });
}

/** Opens a table, making it when it is not there. */
export function openTable(environment: Environment, name: string): Table {
  return environment.openDB<Buffer, Buffer>({ name, ...BINARY });
}

/** Names of the tables there are, in their order. */
export function tableNames(environment: Environment): string[] {
  // LMDB-js ends them with a zero.
  return [...environment.getKeys({})].map((name) => name.toString().replace(/\0$/, ''));
}

export interface Pair {
  readonly key: Buffer;
  readonly value: Buffer;
}

export interface KeyRange {
  readonly start: Buffer;
  /** Not part of it. */
  readonly end: Buffer;
}

/** Pairs in order of their keys, at most `limit`, from one snapshot. */
export function pairs(table: Table, range: KeyRange, limit: number): Pair[] {
  return [...table.getRange({ ...range, limit })];
}

export function keys(table: Table, range: KeyRange, limit: number): Buffer[] {
  return [...table.getKeys({ ...range, limit })];
}
