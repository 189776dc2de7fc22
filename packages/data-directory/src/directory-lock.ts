/**
 * One process per data directory, without a lock that outlives its holder.
 *
 * A small LMDB environment of its own (`owner`) stands for the lock. Whoever has it open keeps one read
 * transaction in it, for which LMDB holds a record lock of the operating system in the process's name; the kernel
 * gives that up when the process ends, however it ends, and `readerCheck` then removes the entry. So "the owner is
 * alive" is the kernel's word, and neither a left-over file nor a process number used again can deceive it. Who
 * the owner is stands in a record, taken over in a write transaction, of which there is one at a time between
 * all processes: of two that start at once one wins.
 *
 * Holds on one machine, for local file systems, as LMDB itself does. Processes with the same number in different
 * process name spaces meet in the record lock and are refused as well.
 */
import { newUuid } from '@afflux/kernel';
import { open, type RootDatabase } from 'lmdb';
import { join } from 'node:path';
import { pid } from 'node:process';
import { directoryInUse } from './errors.ts';

const OWNER_KEY = 'owner';

/** Tells this process from an earlier one with the same number, which the record lock cannot. */
const PROCESS_TOKEN = newUuid();

interface Owner {
  readonly pid: number;
  readonly token: string;
}

export interface DirectoryLock {
  /** Gives the directory free. Idempotent. */
  release(): Promise<void>;
}

/** Throws `AFFLUX_DATA_DIRECTORY_IN_USE` when somebody else, or another part of this process, has it. */
export function lockDirectory(directory: string): DirectoryLock {
  const database = openOwner(directory);
  const reading = database.useReadTransaction();
  let isHeld = true;
  const close = async (): Promise<void> => {
    reading.done();
    await database.close();
  };
  try {
    database.readerCheck();
    const living = livingReaders(database);
    const holder = database.transactionSync(() => takeOver(database, living));
    if (holder !== undefined) throw directoryInUse(directory, holder.pid);
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
        // A full disk: nobody will be found alive behind the record.
      }
      await close();
    },
  };
}

function openOwner(directory: string): RootDatabase<Owner, string> {
  const path = join(directory, 'owner.mdb');
  try {
    return open<Owner, string>({
      path,
      encoding: 'json',
      overlappingSync: false,
      mapSize: 2 ** 20,
    });
  } catch (error) {
    // The record lock of this process number is held elsewhere.
    const { code } = error as { code?: unknown };
    if (code === 11 || code === 13 || code === 35) throw directoryInUse(directory, undefined);
    throw error;
  }
}

/** The owner that stands in the way; undefined when it is this process from now on. */
function takeOver(
  database: RootDatabase<Owner, string>,
  living: ReadonlySet<number>,
): Owner | undefined {
  const owner = database.get(OWNER_KEY);
  if (owner !== undefined) {
    const isAlive = owner.pid === pid ? owner.token === PROCESS_TOKEN : living.has(owner.pid);
    if (isAlive) return owner;
  }
  void database.put(OWNER_KEY, { pid, token: PROCESS_TOKEN });
  return undefined;
}

/** Process numbers of the reader table, whose rows begin with them. */
function livingReaders(database: RootDatabase): ReadonlySet<number> {
  const rows = database.readerList();
  return new Set(rows.split('\n').map((row) => Number.parseInt(row, 10)));
}
