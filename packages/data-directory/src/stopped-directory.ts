/**
 * What can be done with a data directory while no process uses it: look at it, check it, make it smaller. They take
 * the same lock as a running server and refuse the same things. Of what the tables hold only those of
 * `openKeyValueTable` are known here.
 */
import { noopLogger, systemClock } from '@afflux/kernel';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type DataDirectory, openDataDirectory, syncDirectory } from './directory.ts';
import { DATA_FILE } from './environment.ts';
import { KEY_VALUE_PREFIX, problemOf } from './key-value-table.ts';

/** A key-value table, as it was found. */
export interface TableStats {
  readonly name: string;
  readonly records: number;
  /** Of keys and values. */
  readonly bytes: number;
}

/** Something that is not as it was written. */
export interface DataProblem {
  /** What it is about, for people. */
  readonly place: string;
  readonly problem: string;
}

export interface DataCompaction {
  readonly directory: string;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  readonly tables: readonly TableStats[];
}

/** Opens the directory for as long as `use` takes; it must be there. */
export async function withStoppedDirectory<T>(
  path: string,
  use: (directory: DataDirectory) => T | Promise<T>,
): Promise<T> {
  const directory = openDataDirectory(path, {
    clock: systemClock,
    logger: noopLogger,
    mustExist: true,
  });
  try {
    return await use(directory);
  } finally {
    await directory.close();
  }
}

/** How large the file of a directory is. */
export function fileBytes(path: string): number {
  return statSync(join(path, DATA_FILE)).size;
}

/**
 * What the key-value tables of a directory hold. Reads all of it, as whoever uses such a table does when it starts,
 * and tells of each record whose checksum does not match.
 */
export function readTables(
  directory: DataDirectory,
  onProblem: (problem: DataProblem) => void = () => undefined,
): TableStats[] {
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
        if (problem !== undefined) onProblem({ place: `${name}, ${key.toString()}`, problem });
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      onProblem({ place: name, problem: `cannot be read: ${reason}` });
    }
    return { name, records, bytes };
  });
}

/**
 * Writes the directory anew without its free pages and puts the copy in its place. Needs as much space beside it
 * as is in use. A crash leaves the one or the other.
 */
export function compactData(path: string): Promise<DataCompaction> {
  const copy = join(path, 'compacted.mdb');
  return withStoppedDirectory(path, async (directory) => {
    const tables = readTables(directory);
    const bytesBefore = fileBytes(path);
    rmSync(copy, { force: true });
    await directory.copyTo(copy);
    syncFile(copy);
    await directory.closeFile();
    renameSync(copy, join(path, DATA_FILE));
    syncDirectory(path);
    return { directory: path, bytesBefore, bytesAfter: fileBytes(path), tables };
  });
}

/** What takes the place of the file must be on the disk before it does. */
function syncFile(path: string): void {
  const file = openSync(path, 'r+');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
