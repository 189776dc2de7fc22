/**
 * Channels that were removed, and those that nobody opens any more. A removed channel is forgotten in one transaction;
 * what it held goes afterwards, in small steps between other transactions, and after a restart from where it was. Its
 * number is never used again, so a channel made anew under the name has nothing in common with it.
 */
import { keys, pairs, type Table } from '@afflux/data-directory';
import type { Logger } from '@afflux/kernel';
import type { ChannelDirectory } from './channel-directory.ts';
import { written } from './fence.ts';
import {
  addressedNumber,
  channelCountersKey,
  channelOf,
  CHANNELS,
  letterRange,
  numberOf,
  positionRange,
  REMOVED,
  removedKey,
  seenRanges,
  subscriptionCountersKey,
  subscriptionRange,
} from './keys.ts';
import {
  type ChannelRecord,
  decodeCounters,
  decodeJson,
  encodeJson,
  NEW_CHANNEL,
} from './records.ts';
import type { Tables } from './tables.ts';

const STEP_MAX = 512;

/** Resolves when it is forgotten; `false` when it could not be written, with nothing changed. */
export function forgetChannel(directory: ChannelDirectory, key: Buffer): Promise<boolean> {
  const record = directory.tables.meta.get(key);
  if (record === undefined) return Promise.resolve(true);
  const { number } = decodeJson<ChannelRecord>(record);
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
      },
    });
  });
}

/** Removes what removed channels held, as long as `mayGoOn` says so. */
export async function sweepRemoved(
  directory: ChannelDirectory,
  mayGoOn: () => boolean,
): Promise<void> {
  if (!mayGoOn()) return;
  for (const key of keys(directory.tables.meta, REMOVED, STEP_MAX)) {
    const number = numberOf(key);
    // Somebody who had it open has not let go of it yet.
    if (directory.isOpen(number)) continue;
    let isLeft = true;
    while (isLeft && mayGoOn()) {
      isLeft = await written(directory.writer, () => removeSome(directory.tables, number));
    }
  }
}

/** Forgets channels that nobody has opened since the last of what they held was to be kept. */
export async function forgetAbandoned(
  directory: ChannelDirectory,
  nowMs: number,
  logger: Logger,
  mayGoOn: () => boolean,
): Promise<void> {
  if (!mayGoOn()) return;
  for (const { key, value } of pairs(directory.tables.meta, CHANNELS, Infinity)) {
    if (!mayGoOn()) return;
    const record = decodeJson<ChannelRecord>(value);
    const { number, keptMs, closedMs } = record;
    if (directory.isOpen(number)) continue;
    if (closedMs === undefined || closedMs > nowMs) {
      await written(directory.writer, () => {
        // Somebody may have opened it since.
        if (directory.isOpen(number)) return;
        void directory.tables.meta.put(key, encodeJson({ ...record, closedMs: nowMs }));
      });
    } else if (keptMs !== undefined && nowMs - closedMs > keptMs) {
      const counters = decodeCounters(
        directory.tables.meta.get(channelCountersKey(number)),
        NEW_CHANNEL,
      );
      if (!(await forgetChannel(directory, key))) return;
      logger.warn(
        { ...channelOf(key), events: counters.events, deadLetters: counters.letters },
        'a channel that nobody opens any more was removed, with what it still held',
      );
    }
  }
}

/** Whether anything may be left. */
function removeSome(tables: Tables, channel: number): boolean {
  const { meta, events, entries, letters, seen, damaged } = tables;
  const [first] = keys(meta, subscriptionRange(channel), 1);
  if (first !== undefined) {
    const subscription = numberOf(first);
    for (const number of [subscription, addressedNumber(subscription)]) {
      if (removeRange(entries, positionRange(number, 0)) > 0) return true;
    }
    void meta.remove(first);
    void meta.remove(subscriptionCountersKey(subscription));
    return true;
  }
  const all: readonly (readonly [Table, { readonly start: Buffer; readonly end: Buffer }])[] = [
    [events, positionRange(channel, 0)],
    [letters, letterRange(channel)],
    [damaged, positionRange(channel, 0)],
    ...seenRanges(channel).map((range) => [seen, range] as const),
  ];
  for (const [table, range] of all) if (removeRange(table, range) > 0) return true;
  void meta.remove(channelCountersKey(channel));
  void meta.remove(removedKey(channel));
  return false;
}

function removeRange(
  table: Table,
  range: { readonly start: Buffer; readonly end: Buffer },
): number {
  const found = keys(table, range, STEP_MAX);
  for (const key of found) void table.remove(key);
  return found.length;
}
