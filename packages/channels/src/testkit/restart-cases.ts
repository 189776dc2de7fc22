/** Rules of what survives: restarts of the channel, and a reader that is gone. */
import { expect } from 'vitest';
import type { Capabilities } from '../driver.ts';
import { type ChannelCase, isBounded } from './case.ts';
import { ids, TypeSelector, type World } from './world.ts';

const applies = ({ durable }: Capabilities): boolean => durable;

const MANY = 10_000;
const MANY_IN_REAL_TIME = 20;

/** Compares ids in the order that the driver promises for events without a key. */
function inOrder(world: World, found: readonly string[], expected: readonly string[]): void {
  if (world.capabilities.order === 'total') expect(found).toEqual(expected);
  else expect([...found].sort()).toEqual([...expected].sort());
}

export const restartCases: readonly ChannelCase[] = [
  {
    title: 'what was acknowledged to the producer survives a restart, in its order',
    applies,
    run: async (world) => {
      const channel = await world.open();
      await world.subscribe(channel, 'reader');
      const events = world.events(25);
      await world.publish(channel, ...events.slice(0, 20));
      for (const event of events.slice(20)) await world.publish(channel, event);
      const reopened = await world.reopen(channel);
      const next = await world.subscribe(reopened, 'reader');
      inOrder(world, await world.ackMany(next, 25), ids(events.map((event) => ({ event }))));
      await world.expectNothing(next);
    },
  },
  {
    title: 'backlog, attempts and progress survive a restart',
    applies,
    run: async (world) => {
      const channel = await world.open();
      const subscription = await world.subscribe(channel, 'reader');
      const events = world.events(3);
      await world.publish(channel, ...events);
      const taken = await world.takeMany(subscription, 2);
      const [done, tried] = taken;
      done?.ack();
      tried?.release({ delayMs: 0, progress: 'half-way' });
      expect(await channel.settled()).toBe(true);
      const reopened = await world.reopen(channel);
      const next = await world.subscribe(reopened, 'reader');
      const again = await world.takeMany(next, 2);
      const found = again.map(({ event, progress, attempt }) => [event.id, progress, attempt]);
      const [untouched] = events.filter(({ id }) => !ids(taken).includes(id));
      const expected = [
        [tried?.event.id, 'half-way', 2],
        [untouched?.id, undefined, 1],
      ];
      if (world.capabilities.order === 'total') expect(found).toEqual(expected);
      else expect(found).toEqual(expect.arrayContaining(expected));
      for (const delivery of again) delivery.ack();
      await world.expectNothing(next);
    },
  },
  {
    title: 'what was done before a restart does not come again',
    applies,
    run: async (world) => {
      const channel = await world.open();
      const subscription = await world.subscribe(channel, 'reader');
      await world.publish(channel, ...world.events(5));
      const deliveries = await world.takeMany(subscription, 5);
      const open = deliveries[2];
      for (const delivery of deliveries) if (delivery !== open) delivery.ack();
      open?.release({ delayMs: 0 });
      expect(await channel.settled()).toBe(true);
      const reopened = await world.reopen(channel);
      const next = await world.subscribe(reopened, 'reader');
      expect(await world.ackMany(next, 1)).toEqual([open?.event.id]);
      await world.expectNothing(next);
    },
  },
  {
    title: 'what a lost reader had in flight comes again',
    applies,
    run: async (world) => {
      const channel = await world.open();
      const subscription = await world.subscribe(channel, 'reader');
      const events = world.events(4);
      await world.publish(channel, ...events);
      await world.takeMany(subscription, 3);
      const reopened = await world.reopen(channel);
      const next = await world.subscribe(reopened, 'reader');
      inOrder(
        world,
        await world.ackMany(next, 4),
        events.map(({ id }) => id),
      );
      await world.expectNothing(next);
    },
  },
  {
    title: 'a wait for a retry goes on over a restart',
    applies,
    run: async (world) => {
      const channel = await world.open();
      const subscription = await world.subscribe(channel, 'reader');
      await world.publish(channel, world.event());
      (await world.take(subscription)).release({ delayMs: 20_000, progress: 'waits' });
      expect(await channel.settled()).toBe(true);
      const reopened = await world.reopen(channel);
      const next = await world.subscribe(reopened, 'reader');
      await world.expectNothing(next);
      if (world.isRealTime) return;
      await world.advance(20_000);
      expect(await world.take(next)).toMatchObject({ attempt: 2, progress: 'waits' });
    },
  },
  {
    title: 'progress that was saved without a release survives a lost reader',
    applies,
    run: async (world) => {
      const channel = await world.open();
      const subscription = await world.subscribe(channel, 'reader');
      await world.publish(channel, world.event());
      const delivery = await world.take(subscription);
      if (delivery.save === undefined) return;
      delivery.save('saved');
      expect(await channel.settled()).toBe(true);
      const reopened = await world.reopen(channel);
      const next = await world.subscribe(reopened, 'reader');
      expect((await world.take(next)).progress).toBe('saved');
    },
  },
  {
    title: 'a subscription that was dropped starts afresh after a restart',
    applies,
    run: async (world) => {
      const channel = await world.open();
      const dropped = await world.subscribe(channel, 'reader');
      await world.publish(channel, ...world.events(3));
      dropped.close({ drop: true });
      expect(await channel.settled()).toBe(true);
      const reopened = await world.reopen(channel);
      const next = await world.subscribe(reopened, 'reader');
      await world.expectNothing(next);
      const event = world.event();
      await world.publish(reopened, event);
      expect(await world.ackMany(next, 1)).toEqual([event.id]);
    },
  },
  {
    title: 'events with one key keep their order under retry and restart',
    applies: ({ durable, order }) => durable && order !== 'none',
    run: async (world) => {
      const channel = await world.open();
      const subscription = await world.subscribe(channel, 'reader');
      const events = world.events(6, { key: 'one' });
      for (const event of events) await world.publish(channel, event);
      (await world.take(subscription)).ack();
      const [second] = await world.takeMany(subscription, 1);
      second?.release({ delayMs: 0 });
      expect((await world.take(subscription)).event.id).toBe(second?.event.id);
      await channel.settled();
      const reopened = await world.reopen(channel);
      const next = await world.subscribe(reopened, 'reader');
      expect(await world.ackMany(next, 5)).toEqual(events.slice(1).map(({ id }) => id));
    },
  },
  {
    title: 'very many subscriptions each keep their own place',
    timeoutMs: 180_000,
    run: async (world) => {
      const count =
        world.subject.manySubscriptions ?? (world.isRealTime ? MANY_IN_REAL_TIME : MANY);
      const types = Math.ceil(count / 10);
      const wants = Object.fromEntries(
        Array.from({ length: count }, (_, index) => [`s-${String(index)}`, String(index % types)]),
      );
      const selector = new TypeSelector(wants);
      const subscribeAll = (from: Awaited<ReturnType<World['open']>>) =>
        Promise.all(Object.keys(wants).map((id) => world.subscribe(from, id, { selector })));
      const channel = await world.open();
      const subscriptions = await subscribeAll(channel);
      const event = world.event({ type: '0' });
      await world.publish(channel, event, world.event({ type: 'none' }));
      const readers = subscriptions.filter(({ id }) => wants[id] === '0');
      for (const reader of readers.slice(1)) {
        expect(await world.ackMany(reader, 1)).toEqual([event.id]);
      }
      const [last] = readers;
      await world.eventually(() => {
        const held = channel.describe().subscriptions.filter(({ depth }) => depth > 0);
        expect(held.map(({ id }) => id)).toEqual([last?.id]);
      });
      if (isBounded(world.capabilities)) return;
      expect(await channel.settled()).toBe(true);
      const reopened = await world.reopen(channel);
      const again = await subscribeAll(reopened);
      for (const reader of again.filter(({ id }) => wants[id] === '0')) {
        if (reader.id === last?.id) expect(await world.ackMany(reader, 1)).toEqual([event.id]);
        else expect(reader.take()).toBeUndefined();
      }
    },
  },
];
