import type { Channel } from '@afflux/channels';
import { keys, openDataDirectory, type Table } from '@afflux/data-directory';
import { FakeClock } from '@afflux/kernel/testing';
import { noopLogger } from '@afflux/kernel';
import { expect, test } from 'vitest';
import { channelDirectory } from './channel-directory.ts';
import { sweepRemoved } from './removed-channels.ts';
import { Place } from './testing/place.ts';

const ALL = { start: Buffer.alloc(0), end: Buffer.alloc(64, 0xff) };
const DAY_MS = 86_400_000;
const REASON = {
  reason: 'status',
  stage: 'subscriber',
  destination: 'http://subscriber/',
  code: 400,
  data: '',
  attempts: 1,
  atMs: 0,
};

/** Records by table, of a directory that nobody has open. `sweep`: what was removed goes first. */
async function recordsIn(
  { directory: path }: Place,
  sweep = false,
): Promise<Record<string, number>> {
  const opened = openDataDirectory(path, { clock: new FakeClock(), logger: noopLogger });
  try {
    const directory = channelDirectory(opened);
    if (sweep) await sweepRemoved(directory, () => true);
    const { events, entries, letters, seen } = directory.tables;
    const count = (table: Table): number => keys(table, ALL, Infinity).length;
    return {
      events: count(events),
      entries: count(entries),
      letters: count(letters),
      seen: count(seen),
    };
  } finally {
    await opened.close();
  }
}

/** A channel with something in each table. */
async function fill(place: Place, name: string): Promise<void> {
  const channel = await place.open(name);
  const reader = await place.subscribe(channel, 'reader');
  await channel.publish([place.event(), place.event()], { deduplicateMs: DAY_MS });
  const delivery = reader.take();
  delivery?.deadLetter?.(REASON);
  await channel.settled();
  await channel.close();
}

test('what a removed channel held goes, and nothing of another one', async () => {
  await using place = new Place();
  await fill(place, 'orders');
  await fill(place, 'bills');
  await place.close();
  const before = await recordsIn(place);
  expect(before).toEqual({ events: 4, entries: 2, letters: 2, seen: 8 });
  await place.remove('orders');
  await place.close();
  const after = await recordsIn(place, true);
  expect(after).toEqual({ events: 2, entries: 1, letters: 1, seen: 4 });
});

test('a channel made anew under the name has nothing of the removed one', async () => {
  await using place = new Place();
  await fill(place, 'orders');
  await place.remove('orders');
  const channel = await place.open('orders');
  expect(channel.describe()).toMatchObject({ events: 0, subscriptions: [] });
  const kept: string[] = [];
  for await (const { event } of channel.read?.({ from: 'earliest' }) ?? []) kept.push(event.id);
  expect(kept).toEqual([]);
});

test('a removal that was cut short goes on with the next channel that is opened', async () => {
  await using place = new Place();
  await fill(place, 'orders');
  await place.remove('orders');
  await place.close();
  await rounds(place, await place.open('others'));
  await place.close();
  expect(await recordsIn(place)).toEqual({ events: 0, entries: 0, letters: 0, seen: 0 });
});

/** Time for some rounds of housekeeping, which end in transactions of their own. */
async function rounds(place: Place, channel: Channel): Promise<void> {
  for (let round = 0; round < 5; round += 1) {
    await place.clock.advance(10_000);
    for (let turn = 0; turn < 10; turn += 1) await channel.settled();
  }
}

test('a channel that nobody opens is removed when the last it holds is no longer to be kept', async () => {
  await using place = new Place({
    config: { retentionMs: DAY_MS, deadLetterRetentionMs: 2 * DAY_MS },
  });
  await fill(place, 'orders');
  const others = await place.open('others');
  await rounds(place, others);
  await place.clock.advance(DAY_MS);
  await rounds(place, others);
  expect((await recordsAfterClose(place))['events']).toBe(2);
  const again = await place.open('others');
  await place.clock.advance(2 * DAY_MS);
  await rounds(place, again);
  expect(await recordsAfterClose(place)).toEqual({ events: 0, entries: 0, letters: 0, seen: 0 });
  expect(place.logger.lines.find(({ level }) => level === 'warn')).toMatchObject({
    fields: { name: 'orders', events: 2, deadLetters: 1 },
  });
});

async function recordsAfterClose(place: Place): Promise<Record<string, number>> {
  await place.close();
  return recordsIn(place);
}

test('a channel that is opened again in time keeps what it has', async () => {
  await using place = new Place({
    config: { retentionMs: 2 * DAY_MS, deadLetterRetentionMs: DAY_MS },
  });
  await fill(place, 'orders');
  const others = await place.open('others');
  for (let day = 0; day < 3; day += 1) {
    await place.clock.advance(DAY_MS / 2);
    await rounds(place, others);
    await (await place.open('orders')).close();
  }
  expect((await recordsAfterClose(place))['events']).toBe(2);
});
