import { compactData } from '@afflux/data-directory';
import type { DurabilityStep } from '@afflux/kernel';
import { expect, test } from 'vitest';
import { dataStats } from './data-tools.ts';
import { Place } from './testing/place.ts';

const DAY_MS = 86_400_000;

test('the steps of durability are reached in their order', async () => {
  const steps: DurabilityStep[] = [];
  await using place = new Place({ onStep: (step) => void steps.push(step) });
  const channel = await place.open();
  await channel.settled();
  await channel.publish([place.event()]);
  expect(steps).toEqual(['before-write', 'mid-batch', 'after-write', 'after-sync']);
});

test('publishes of one moment share a transaction, and those that come meanwhile the next', async () => {
  const steps: DurabilityStep[] = [];
  await using place = new Place({ onStep: (step) => void steps.push(step) });
  const channel = await place.open();
  await channel.settled();
  const first = Array.from({ length: 100 }, () => channel.publish([place.event()]));
  await place.until(() => steps.includes('after-write'));
  const second = Array.from({ length: 100 }, () => channel.publish([place.event()]));
  await Promise.all([...first, ...second]);
  expect(steps.filter((step) => step === 'after-sync')).toHaveLength(2);
});

test('memory holds no more of a backlog than the bounds say, and order is kept on the way back', async () => {
  await using place = new Place();
  const channel = await place.open();
  const bounds = { eventsMax: 10, bytesMax: 2 ** 20 };
  const subscription = await place.subscribe(channel, 'reader', { bounds });
  const events = Array.from({ length: 500 }, () => place.event());
  for (let from = 0; from < events.length; from += 50) {
    await channel.publish(events.slice(from, from + 50));
  }
  let taken = 0;
  const held: { ack: () => void }[] = [];
  for (let next = subscription.take(); next !== undefined; next = subscription.take()) {
    taken += 1;
    held.push(next);
  }
  expect(taken).toBe(10);
  for (const delivery of held) delivery.ack();
  expect(await place.drain(subscription, 490)).toEqual(events.slice(10).map(({ id }) => id));
  expect(channel.describe().subscriptions[0]).toMatchObject({ depth: 0, bytes: 0, oldestMs: 0 });
});

test('many events that wait for a retry do not stop what comes after them', async () => {
  await using place = new Place();
  const channel = await place.open();
  const bounds = { eventsMax: 10, bytesMax: 2 ** 20 };
  const subscription = await place.subscribe(channel, 'reader', { bounds });
  await channel.publish(Array.from({ length: 300 }, () => place.event()));
  let released = 0;
  await place.until(() => {
    for (let next = subscription.take(); next !== undefined; next = subscription.take()) {
      next.release({ delayMs: 60_000 });
      released += 1;
    }
    return released === 300;
  });
  const live = place.event('live');
  await channel.publish([live]);
  expect(await place.drain(subscription, 1)).toEqual([live.id]);
  await place.clock.advance(60_100);
  expect(await place.drain(subscription, 300)).toHaveLength(300);
});

test('what was published without a reader is asked of the selector of the next one', async () => {
  await using place = new Place();
  await place.subscribe(await place.open(), 'reader');
  const channel = await place.restart();
  const [wanted, unwanted] = [place.event('a', 'wanted'), place.event('b', 'unwanted')];
  await channel.publish([unwanted, wanted]);
  const selector = {
    select: (event: { readonly id: string }, out: string[]): void => {
      if (event.id === 'wanted') out.push('reader');
    },
  };
  const subscription = await place.subscribe(channel, 'reader', { selector });
  expect(await place.drain(subscription, 1)).toEqual(['wanted']);
  expect(channel.describe().subscriptions[0]).toMatchObject({ depth: 0, bytes: 0, lost: 0 });
});

test('a subscription made again after a drop begins fresh, even at once and over a restart', async () => {
  await using place = new Place();
  const channel = await place.open();
  const subscription = await place.subscribe(channel, 'reader');
  await channel.publish(Array.from({ length: 2_000 }, () => place.event()));
  expect(subscription.close({ drop: true })).toEqual({ kept: 0, dropped: 2_000 });
  await place.subscribe(channel, 'reader');
  const event = place.event();
  await channel.publish([event]);
  const again = await place.restart();
  const next = await place.subscribe(again, 'reader');
  expect(await place.drain(next, 1)).toEqual([event.id]);
  expect(next.take()).toBeUndefined();
});

test('a subscription that nobody reads for too long is removed, counted and logged', async () => {
  await using place = new Place();
  const closed = await place.subscribe(await place.open(), 'gone');
  const channel = await place.restart();
  await channel.publish([place.event()]);
  closed.close();
  await place.clock.advance(11_000);
  await place.until(() => channel.describe().unsettled === 0);
  await channel.settled();
  place.clock.jumpWallClock(8 * DAY_MS);
  await place.until(() => {
    void place.clock.advance(10_000);
    return channel.describe().subscriptions.length === 0;
  });
  expect(place.logger.lines).toContainEqual(
    expect.objectContaining({
      level: 'warn',
      message: 'subscription that nobody reads was removed',
    }),
  );
});

test('duplicates are found within one batch, and over a restart until their window ends', async () => {
  await using place = new Place();
  const channel = await place.open();
  const subscription = await place.subscribe(channel, 'reader');
  const options = { deduplicateMs: 60_000 };
  const event = place.event('data', 'same');
  await Promise.all([channel.publish([event, event], options), channel.publish([event], options)]);
  const again = await place.restart();
  await again.publish([event], options);
  expect(again.describe().events).toBe(1);
  await place.clock.advance(61_000);
  await again.publish([event], options);
  expect(again.describe().events).toBe(2);
  expect(subscription.take()).toBeUndefined();
});

test('a compacted directory holds what it held, and takes less room', async () => {
  await using place = new Place({ config: { retentionMs: 1_000 } });
  const channel = await place.open();
  const subscription = await place.subscribe(channel, 'reader');
  for (let round = 0; round < 20; round += 1) {
    await channel.publish(Array.from({ length: 50 }, () => place.event(Buffer.alloc(2_000))));
  }
  await place.drain(subscription, 1_000);
  await place.clock.advance(20_000);
  await place.until(() => channel.describe().events === 0);
  const event = place.event();
  await channel.publish([event]);
  await place.close();
  const { bytesBefore, bytesAfter } = await compactData(place.directory);
  expect(bytesAfter).toBeLessThan(bytesBefore / 2);
  expect(await dataStats(place.directory)).toMatchObject({
    fileBytes: bytesAfter,
    channels: [{ name: 'orders', events: 1, subscriptions: [{ id: 'reader', depth: 1, lost: 0 }] }],
  });
  const next = await place.subscribe(await place.open(), 'reader');
  expect(await place.drain(next, 1)).toEqual([event.id]);
});
