/** The tables of a data directory: the LMDB environment and what is opened in it. */
import { type Database, open, type RootDatabase } from 'lmdb';
import { join } from 'node:path';

export type Table = Database<Buffer, Buffer>;

export interface Tables {
  readonly root: RootDatabase<Buffer, Buffer>;
  readonly meta: Table;
  readonly events: Table;
  readonly entries: Table;
  readonly letters: Table;
  readonly seen: Table;
  readonly damaged: Table;
}

export const DATA_FILE = 'data.mdb';

const BINARY = { encoding: 'binary', keyEncoding: 'binary' } as const;

/**
 * Opens the environment. Without LMDB-js's overlapping sync: a commit is then LMDB's own, which resolves when the
 * data pages are synced, the root that makes them valid is written, and that is synced as well.
 */
export function openTables(directory: string): Tables {
  const root = open<Buffer, Buffer>({
    path: join(directory, DATA_FILE),
    overlappingSync: false,
    // The writer makes the batches. LMDB-js's own would each leave a promise that nobody observes.
    eventTurnBatching: false,
    // Pages are mapped in small pieces of which a bounded number is kept, so that reading through a large backlog
    // does not leave all of it in the resident size of the process. The size of the file is not limited by it.
    remapChunks: true,
    maxDbs: 8,
    ...BINARY,
  });
  const table = (name: string): Table => root.openDB<Buffer, Buffer>({ name, ...BINARY });
  return {
    root,
    meta: table('meta'),
    events: table('events'),
    entries: table('entries'),
    letters: table('letters'),
    seen: table('seen'),
    damaged: table('damaged'),
  };
}

export interface Pair {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** Pairs in order of their keys, at most `limit`, from one snapshot. */
export function pairs(
  table: Table,
  range: { readonly start: Buffer; readonly end: Buffer },
  limit: number,
): Pair[] {
  return [...table.getRange({ ...range, limit })];
}

export function keys(
  table: Table,
  range: { readonly start: Buffer; readonly end: Buffer },
  limit: number,
): Buffer[] {
  return [...table.getKeys({ ...range, limit })];
}
