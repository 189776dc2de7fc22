/** The tables that channels have in a data directory. */
import { type DataDirectory, META_TABLE, type Table } from '@afflux/data-directory';

export interface Tables {
  /** Common to all users of the directory. */
  readonly meta: Table;
  readonly events: Table;
  readonly entries: Table;
  readonly letters: Table;
  readonly seen: Table;
  readonly damaged: Table;
}

/** Opens them, making those that are not there. */
export function openTables(directory: DataDirectory): Tables {
  return {
    meta: directory.table(META_TABLE),
    events: directory.table('events'),
    entries: directory.table('entries'),
    letters: directory.table('letters'),
    seen: directory.table('seen'),
    damaged: directory.table('damaged'),
  };
}

/** Whether a channel was ever opened in the directory. */
export function hasChannels(directory: DataDirectory): boolean {
  return directory.tableNames().includes('events');
}
