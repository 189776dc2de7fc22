/** Disks that are full, damaged or cut; clocks that jump. */
import { join } from 'node:path';
import { damage, SmallDisk } from '@afflux/data-directory/testing';
import { settle } from '@afflux/kernel/testing';
import { expect, onTestFinished, test, vi } from 'vitest';
import { checkData } from './data-tools.ts';
import { Place } from './testing/place.ts';

const HOUR_MS = 3_600_000;
const DISK_BYTES = 6 * 2 ** 20;

/** A small file system of its own; undefined where this process may not mount one. */
function smallDisk(): SmallDisk | undefined {
  const disk = SmallDisk.mount(DISK_BYTES);
  onTestFinished(() => disk?.unmount());
  return disk;
}

test('F03 a full disk refuses publishes, keeps what it accepted, and recovers by itself', async (context) => {
  const disk = smallDisk();
  if (disk === undefined) {
    process.stdout.write('the full disk is not tested: no file system can be mounted here\n');
    context.skip();
    return;
  }
  // LMDB-js prints what it rejects with.
  const printed = vi.spyOn(console, 'error').mockReturnValue(undefined);
  onTestFinished(() => {
    printed.mockRestore();
  });
  await using place = new Place({ directory: join(disk.path, 'data') });
  disk.fill(4 * 2 ** 20);
  const channel = await place.open();
  const subscription = await place.subscribe(channel, 'reader');
  const accepted: string[] = [];
  let refused: unknown;
  while (refused === undefined) {
    const event = place.event(Buffer.alloc(50_000));
    try {
      await channel.publish([event]);
      accepted.push(event.id);
    } catch (error) {
      refused = error;
    }
  }
  expect(refused).toMatchObject({
    code: 'AFFLUX_CHANNEL_UNAVAILABLE',
    retryable: true,
    message: expect.stringContaining('disk') as unknown,
  });
  expect(channel.describe().trouble).toContain('no space');
  expect(channel.describe()).toMatchObject({ events: accepted.length, unsettled: 0 });
  expect(place.meter.sum('afflux_channel_unavailable_total', '', 'Channel', 'orders')).toBe(1);
  expect(() => channel.publish([place.event()])).toThrow('disk');
  disk.free();
  await place.clock.advance(1_100);
  await place.until(() => channel.describe().trouble === undefined);
  const event = place.event('after');
  await channel.publish([event]);
  expect(await place.drain(subscription, accepted.length + 1)).toEqual([...accepted, event.id]);
  await channel.settled();
  await place.close();
  expect((await checkData(place.directory)).problems).toEqual([]);
});

test('F03 while the disk is full so many acknowledgements are kept in memory, and none is forgotten', async (context) => {
  const disk = smallDisk();
  if (disk === undefined) {
    context.skip();
    return;
  }
  const printed = vi.spyOn(console, 'error').mockReturnValue(undefined);
  onTestFinished(() => {
    printed.mockRestore();
  });
  await using place = new Place({ directory: join(disk.path, 'data') });
  const channel = await place.open();
  const bounds = { eventsMax: 100, bytesMax: 1e6 };
  const subscription = await place.subscribe(channel, 'reader', { bounds });
  for (let batch = 0; batch < 12; batch += 1) {
    await channel.publish(Array.from({ length: 1_000 }, () => place.event('')));
  }
  disk.fill();
  await expect(channel.publish([place.event(Buffer.alloc(500_000))])).rejects.toThrow('disk');
  const ids = new Set(await place.drain(subscription, 9_900));
  for (let turn = 0; turn < 500; turn += 1) {
    for (let next = subscription.take(); next !== undefined; next = subscription.take()) {
      ids.add(next.event.id);
      next.ack();
    }
    await settle();
  }
  expect(ids.size).toBeLessThanOrEqual(10_000 + 100);
  disk.free();
  await place.clock.advance(1_100);
  await place.until(() => channel.describe().trouble === undefined);
  await place.clock.advance(100);
  for (const id of await place.drain(subscription, 12_000 - ids.size)) ids.add(id);
  expect(ids.size).toBe(12_000);
  expect(channel.describe().subscriptions[0]?.depth).toBe(0);
});

test('F03 a damaged event is taken out, counted as lost and named; the others are delivered', async () => {
  await using place = new Place();
  const channel = await place.open();
  await place.subscribe(channel, 'reader');
  const events = ['first', 'broken-event-data', 'third'].map((data) => place.event(data));
  await channel.publish(events);
  await place.close();
  damage(place.directory, Buffer.from('broken-'));
  expect((await checkData(place.directory)).problems).toEqual([
    { place: 'Channel orders, position 2', problem: 'the checksum does not match' },
  ]);
  const again = await place.open();
  const subscription = await place.subscribe(again, 'reader');
  expect(await place.drain(subscription, 2)).toEqual([events[0]?.id, events[2]?.id]);
  await again.settled();
  const described = again.describe();
  expect(described.trouble).toContain('1 damaged event');
  expect(described.subscriptions[0]).toMatchObject({ depth: 0, bytes: 0, lost: 1 });
  expect(
    place.meter.sum('afflux_channel_lost_events_total', '', 'Channel', 'orders', 'reader'),
  ).toBe(1);
  expect(place.logger.lines.filter(({ level }) => level === 'error').length).toBeGreaterThan(0);
  await place.close();
  expect((await checkData(place.directory)).problems).toEqual([]);
});

test.each([HOUR_MS, -HOUR_MS])(
  'F04 a clock that jumps by %d ms loses nothing and holds nothing up for longer than it should',
  async (jumpMs) => {
    await using place = new Place();
    const channel = await place.open();
    const subscription = await place.subscribe(channel, 'reader');
    await channel.publish([place.event('tried'), place.event('untried')]);
    const tried = subscription.take();
    tried?.release({ delayMs: 5_000 });
    place.clock.jumpWallClock(jumpMs);
    const later = place.event('later');
    await channel.publish([later]);
    await place.clock.advance(4_000);
    expect(await place.drain(subscription, 2)).toHaveLength(2);
    await place.clock.advance(1_100);
    expect(subscription.take()).toMatchObject({ attempt: 2, position: 1 });
    await channel.settled();
    const again = await place.restart();
    const next = await place.subscribe(again, 'reader');
    await place.clock.advance(5_100);
    expect(next.take()).toMatchObject({ attempt: 2, position: 1 });
    const kept: string[] = [];
    for await (const { event } of again.read?.({ from: { timeMs: 0 } }) ?? []) kept.push(event.id);
    expect(kept).toHaveLength(3);
  },
);

test('F03 an event whose time is damaged does not keep those after it from their retention', async () => {
  await using place = new Place({ config: { retentionMs: HOUR_MS } });
  const channel = await place.open();
  await place.subscribe(channel, 'reader');
  await channel.publish([place.event('first'), place.event('second')]);
  const { sizeBytes } = place.event('first', 'e1');
  const head = Buffer.alloc(10);
  head.writeUIntBE(place.clock.now(), 0, 6);
  head.writeUInt32BE(sizeBytes, 6);
  await place.close();
  damage(place.directory, head);
  const again = await place.open();
  await place.clock.advance(2 * HOUR_MS);
  await place.until(() => again.describe().subscriptions[0]?.lost === 2);
  expect(again.describe()).toMatchObject({ events: 0, bytes: 0 });
});

test('F03 a damaged dead letter is left out of the list and named in the log', async () => {
  await using place = new Place();
  const channel = await place.open();
  const subscription = await place.subscribe(channel, 'reader');
  await channel.publish([place.event('whole'), place.event('broken-letter')]);
  const reason = { reason: 'status', stage: 'subscriber', destination: 'http://a/', code: 400 };
  for (let next = subscription.take(); next !== undefined; next = subscription.take()) {
    next.deadLetter?.({ ...reason, data: '', attempts: 1, atMs: 0 });
  }
  await channel.settled();
  await place.close();
  damage(place.directory, Buffer.from('broken-'));
  const again = await place.open();
  const page = await again.deadLetters?.list({ limit: 10 });
  expect(page?.letters.map(({ event }) => event.data?.toString())).toEqual(['whole']);
  expect(place.logger.lines.at(-1)).toMatchObject({ level: 'error', fields: { ids: ['2'] } });
  expect(await again.deadLetters?.drop('reader', ['2'])).toBe(1);
});
