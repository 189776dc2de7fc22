/** Rules of replay: where a subscription may begin, and reading what the channel keeps. */
import { assert, expect } from 'vitest';
import type { Channel, KeptEvent, ReadOptions, StartAt } from '../channel.ts';
import type { Capabilities } from '../driver.ts';
import type { ChannelCase } from './case.ts';
import { ids, refusal, TypeSelector, type World } from './world.ts';

const applies = ({ replayable }: Capabilities): boolean => replayable;

/** Between two publishes, so that a time lies between them. */
const APART_MS = 50;

const NONSENSE = ['no such position', -1, Number.NaN] as const;

function reading(channel: Channel, options: ReadOptions): AsyncIterable<KeptEvent> {
  return channel.read?.(options) ?? expect.fail('a channel that can replay can be read');
}

async function readAll(channel: Channel, options: ReadOptions): Promise<KeptEvent[]> {
  const events: KeptEvent[] = [];
  for await (const kept of reading(channel, options)) events.push(kept);
  return events;
}

/** Three events, each accepted a while after the one before, and a time before each. */
async function threeApart(world: World) {
  const channel = await world.open();
  const events = world.events(3);
  const timesMs: number[] = [];
  for (const event of events) {
    await world.advance(APART_MS);
    timesMs.push(world.now());
    await world.advance(APART_MS);
    await world.publish(channel, event);
  }
  return { channel, timesMs, published: events.map(({ id }) => id) };
}

function inOrder(world: World, found: readonly string[], expected: readonly string[]): void {
  if (world.capabilities.order === 'total') expect(found).toEqual(expected);
  else expect([...found].sort()).toEqual([...expected].sort());
}

export const replayCases: readonly ChannelCase[] = [
  {
    title: 'a channel that cannot replay offers neither read nor wants',
    applies: (capabilities) => !applies(capabilities),
    run: async (world) => {
      const channel = await world.open();
      expect(typeof channel.read).toBe('undefined');
      expect(typeof channel.wants).toBe('undefined');
    },
  },
  {
    title: 'a subscription may begin at the position of a delivery',
    applies: ({ replayable, order }) => replayable && order === 'total',
    run: async (world) => {
      const channel = await world.open();
      const first = await world.subscribe(channel, 'first');
      const events = world.events(4);
      await world.publish(channel, ...events);
      const deliveries = await world.takeMany(first, 4);
      const position = deliveries[2]?.position ?? '';
      const again = await world.subscribe(channel, 'again', { from: { position } });
      expect(await world.drainIds(again)).toEqual(events.slice(2).map(({ id }) => id));
      const asText = { position: String(position) };
      const third = await world.subscribe(channel, 'third', { from: asText });
      expect(await world.drainIds(third)).toEqual(events.slice(2).map(({ id }) => id));
    },
  },
  {
    title: 'a subscription may begin at a time, and goes on with what comes',
    applies,
    run: async (world) => {
      const { channel, timesMs, published } = await threeApart(world);
      const from = { timeMs: timesMs[1] ?? 0 };
      const subscription = await world.subscribe(channel, 'late', { from });
      inOrder(world, await world.ackMany(subscription, 2), published.slice(1));
      const live = world.event();
      await world.publish(channel, live);
      expect(await world.ackMany(subscription, 1)).toEqual([live.id]);
      await world.expectNothing(subscription);
    },
  },
  {
    title: 'a subscription that begins before now gets only what its selector wants',
    applies,
    run: async (world) => {
      const channel = await world.open();
      const reds = world.events(2, { type: 'red' });
      await world.publish(channel, ...reds, ...world.events(2, { type: 'blue' }));
      const selector = new TypeSelector({ late: 'red' });
      const subscription = await world.subscribe(channel, 'late', { from: 'earliest', selector });
      inOrder(
        world,
        await world.ackMany(subscription, 2),
        reds.map(({ id }) => id),
      );
      await world.expectNothing(subscription);
    },
  },
  {
    title: 'where a subscription begins matters only once',
    applies,
    run: async (world) => {
      const channel = await world.open();
      await world.publish(channel, ...world.events(2));
      const first = await world.subscribe(channel, 'reader', { from: 'earliest' });
      await world.ackMany(first, 2);
      await channel.settled();
      first.close();
      const again = await world.subscribe(channel, 'reader', { from: 'earliest' });
      await world.expectNothing(again);
    },
  },
  {
    title: 'a position that the driver did not make is refused',
    applies,
    run: async (world) => {
      const channel = await world.open();
      for (const position of NONSENSE) {
        const from: StartAt = { position };
        const subscribed = await refusal(() => world.subscribe(channel, 'reader', { from }));
        const read = await refusal(() => readAll(channel, { from }));
        const bounded = await refusal(() =>
          readAll(channel, { from: 'earliest', to: { position } }),
        );
        for (const error of [subscribed, read, bounded]) {
          expect(error).toMatchObject({ code: 'AFFLUX_CHANNEL_POSITION_INVALID', fault: 'user' });
        }
      }
      expect(channel.describe().subscriptions).toEqual([]);
    },
  },
  {
    title: 'reading tells what is kept, delivered or not, and changes nothing',
    applies,
    run: async (world) => {
      const { channel, timesMs, published } = await threeApart(world);
      const subscription = await world.subscribe(channel, 'reader', { from: 'earliest' });
      await world.ackMany(subscription, 1);
      const kept = await readAll(channel, { from: 'earliest' });
      inOrder(world, ids(kept), published);
      for (const [index, id] of published.entries()) {
        const found = kept.find(({ event }) => event.id === id);
        expect(found?.acceptedMs).toBeGreaterThanOrEqual(timesMs[index] ?? Infinity);
        expect(found?.acceptedMs).toBeLessThanOrEqual(world.now());
      }
      await world.ackMany(subscription, 2);
      await world.expectNothing(subscription);
    },
  },
  {
    title: 'a read begins at a time or position and ends before one',
    applies,
    run: async (world) => {
      const { channel, timesMs, published } = await threeApart(world);
      const [, second = 0, third = 0] = timesMs;
      const between = { from: { timeMs: second }, to: { timeMs: third } };
      expect(ids(await readAll(channel, between))).toEqual(published.slice(1, 2));
      expect(ids(await readAll(channel, { from: { timeMs: world.now() + 60_000 } }))).toEqual([]);
      if (world.capabilities.order !== 'total') return;
      const [, middle, last] = await readAll(channel, { from: 'earliest' });
      assert(middle !== undefined && last !== undefined);
      const from = { position: middle.position };
      expect(ids(await readAll(channel, { from }))).toEqual(published.slice(1));
      const to = { position: last.position };
      expect(ids(await readAll(channel, { from, to }))).toEqual(published.slice(1, 2));
    },
  },
  {
    title: 'a read of an empty channel ends',
    applies,
    run: async (world) => {
      expect(await readAll(await world.open(), { from: 'earliest' })).toEqual([]);
    },
  },
  {
    title: 'a read goes on beside live traffic and ends with what was there when it began',
    applies,
    run: async (world) => {
      const channel = await world.open();
      const subscription = await world.subscribe(channel, 'reader');
      const before = world.events(200);
      await world.publish(channel, ...before);
      const read: string[] = [];
      for await (const { event } of reading(channel, { from: 'earliest' })) {
        read.push(event.id);
        if (read.length % 50 === 1) {
          await world.publish(channel, world.event());
          await world.ackMany(subscription, 1);
        }
        expect(read.length).toBeLessThanOrEqual(250);
      }
      const found = new Set(read);
      expect(before.filter(({ id }) => !found.has(id))).toEqual([]);
      expect(found.size).toBe(read.length);
    },
  },
  {
    title: 'a read stops when its signal aborts, and when its reader breaks off',
    applies,
    run: async (world) => {
      const channel = await world.open();
      await world.publish(channel, ...world.events(20));
      const { signal } = new AbortController();
      for await (const kept of reading(channel, { from: 'earliest', signal })) {
        expect(kept.event.type).toBe('kit.event');
        break;
      }
      const aborted = AbortSignal.abort(new Error('the reader went away'));
      const error = await refusal(() => readAll(channel, { from: 'earliest', signal: aborted }));
      expect(error.code).toBe('AFFLUX_KERNEL_ABORTED');
    },
  },
  {
    title: 'wants says what the subscription would get now',
    applies,
    run: async (world) => {
      const channel = await world.open();
      const selector = new TypeSelector({ reds: 'red' });
      await world.subscribe(channel, 'reds', { selector });
      await world.subscribe(channel, 'all');
      const [red, blue] = [world.event({ type: 'red' }), world.event({ type: 'blue' })];
      expect(channel.wants?.('reds', red)).toBe(true);
      expect(channel.wants?.('reds', blue)).toBe(false);
      expect(channel.wants?.('all', blue)).toBe(true);
      expect(channel.wants?.('unknown', blue)).toBe(false);
    },
  },
];
