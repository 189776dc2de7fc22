/** Rules of bounded backlogs: refusal for all or none, what counts, and the overflow lane. */
import { assert, expect } from 'vitest';
import { ChannelFull } from '../errors.ts';
import { type ChannelCase, isBounded } from './case.ts';
import { described, refusal, TypeSelector, WIDE, type World } from './world.ts';

const applies = isBounded;

/** A channel with a subscription that takes two events, and one without a bound to speak of. */
async function narrowAndWide(world: World) {
  const channel = await world.open();
  const narrow = await world.subscribe(channel, 'narrow', { bounds: { ...WIDE, eventsMax: 2 } });
  const wide = await world.subscribe(channel, 'wide');
  return { channel, narrow, wide };
}

export const boundsCases: readonly ChannelCase[] = [
  {
    title: 'when one subscription is full the event is refused for all',
    applies,
    run: async (world) => {
      const { channel, narrow, wide } = await narrowAndWide(world);
      const accepted = world.events(2);
      await world.publish(channel, ...accepted);
      const error = await refusal(() => channel.publish([world.event()]));
      expect(error).toMatchObject({
        code: 'AFFLUX_CHANNEL_FULL',
        retryable: true,
        subscriptions: ['narrow'],
      });
      assert(error instanceof ChannelFull);
      expect(error.retryAfterMs).toBeGreaterThan(0);
      const expected = accepted.map(({ id }) => id);
      expect(await world.drainIds(wide)).toEqual(expected);
      expect(await world.drainIds(narrow)).toEqual(expected);
    },
  },
  {
    title: 'a batch is taken whole or not at all',
    applies,
    run: async (world) => {
      const { channel, narrow, wide } = await narrowAndWide(world);
      await world.publish(channel, world.event());
      const before = channel.describe();
      await refusal(() => channel.publish(world.events(2)));
      expect(channel.describe()).toEqual(before);
      expect(await world.drainIds(wide)).toHaveLength(1);
      await world.publish(channel, world.event());
      expect(await world.drainIds(narrow)).toHaveLength(2);
    },
  },
  {
    title: 'events that do not match a full subscription pass',
    applies,
    run: async (world) => {
      const channel = await world.open();
      const selector = new TypeSelector({ reds: 'red', blues: 'blue' });
      await world.subscribe(channel, 'reds', { selector, bounds: { ...WIDE, eventsMax: 1 } });
      const blues = await world.subscribe(channel, 'blues', { selector });
      await world.publish(channel, world.event({ type: 'red' }));
      await refusal(() => channel.publish([world.event({ type: 'red' })]));
      await world.publish(channel, ...world.events(5, { type: 'blue' }));
      expect(await world.drainIds(blues)).toHaveLength(5);
    },
  },
  {
    title: 'an event in flight or waiting for its retry counts until it is acknowledged',
    applies,
    run: async (world) => {
      const { channel, narrow } = await narrowAndWide(world);
      await world.publish(channel, ...world.events(2));
      const [waiting, inFlight] = await world.takeMany(narrow, 2);
      waiting?.release({ delayMs: 60_000 });
      await refusal(() => channel.publish([world.event()]));
      inFlight?.ack();
      await world.publish(channel, world.event());
      await refusal(() => channel.publish([world.event()]));
    },
  },
  {
    title: 'bytes are bounded like events',
    applies,
    run: async (world) => {
      const channel = await world.open();
      const event = world.event({ dataBytes: 500 });
      const bounds = { eventsMax: 100, bytesMax: 2 * event.sizeBytes };
      const subscription = await world.subscribe(channel, 'reader', { bounds });
      await world.publish(channel, event);
      await world.publish(channel, world.event({ dataBytes: 500 }));
      const error = await refusal(() => channel.publish([world.event({ dataBytes: 0 })]));
      expect(error.code).toBe('AFFLUX_CHANNEL_FULL');
      expect(described(channel, 'reader').bytes).toBe(bounds.bytesMax);
      (await world.take(subscription)).ack();
      await world.publish(channel, world.event({ dataBytes: 0 }));
    },
  },
  {
    title: 'an event larger than a queue is refused for good',
    applies,
    run: async (world) => {
      const channel = await world.open();
      await world.subscribe(channel, 'reader', { bounds: { eventsMax: 10, bytesMax: 1_000 } });
      const oversize = world.event({ dataBytes: 1_000 });
      const error = await refusal(() => channel.publish([world.event(), oversize]));
      expect(error).toMatchObject({
        code: 'AFFLUX_CHANNEL_EVENT_TOO_LARGE',
        retryable: false,
        fault: 'user',
      });
      expect(channel.describe().events).toBe(0);
    },
  },
  {
    title: 'a batch that could not enter an empty queue is refused for good',
    applies,
    run: async (world) => {
      const { channel } = await narrowAndWide(world);
      const error = await refusal(() => channel.publish(world.events(3)));
      expect(error).toMatchObject({ code: 'AFFLUX_CHANNEL_BATCH_TOO_LARGE', retryable: false });
      expect(channel.describe().events).toBe(0);
    },
  },
  {
    title:
      'an overflowing copy goes to the overflow lane with its first progress, the others as ever',
    applies,
    run: async (world) => {
      const channel = await world.open();
      const full = await world.subscribe(channel, 'full', {
        bounds: { ...WIDE, eventsMax: 1 },
        overflow: { deadLetter: ({ id }) => `overflow of ${id}`, eventsMax: 10 },
      });
      const wide = await world.subscribe(channel, 'wide');
      const [first, second] = [world.event(), world.event()];
      await world.publish(channel, first, second);
      expect(described(channel, 'full')).toMatchObject({ depth: 1, overflow: 1 });
      const copy = await world.take(full, 'overflow');
      expect(copy.event.id).toBe(second.id);
      expect(copy.progress).toBe(`overflow of ${second.id}`);
      expect(copy.attempt).toBe(1);
      copy.release({ delayMs: 0, progress: 'tried' });
      const again = await world.take(full, 'overflow');
      expect(again).toMatchObject({ progress: 'tried', attempt: 2 });
      again.ack();
      expect((await world.take(full)).event.id).toBe(first.id);
      expect(await world.drainIds(wide)).toEqual([first.id, second.id]);
    },
  },
  {
    title: 'an event too large for the main lane may still fit the overflow lane',
    applies,
    run: async (world) => {
      const channel = await world.open();
      const subscription = await world.subscribe(channel, 'reader', {
        bounds: { eventsMax: 10, bytesMax: 1_000 },
        overflow: { deadLetter: () => 'overflow', eventsMax: 1, bytesMax: 5_000 },
      });
      const large = world.event({ dataBytes: 2_000 });
      await world.publish(channel, large);
      const again = await refusal(() => channel.publish([world.event({ dataBytes: 2_000 })]));
      expect(again.code).toBe('AFFLUX_CHANNEL_FULL');
      const larger = await refusal(() => channel.publish([world.event({ dataBytes: 5_000 })]));
      expect(larger.code).toBe('AFFLUX_CHANNEL_EVENT_TOO_LARGE');
      expect((await world.take(subscription, 'overflow')).event.id).toBe(large.id);
    },
  },
  {
    title: 'a full overflow lane means backpressure',
    applies,
    run: async (world) => {
      const channel = await world.open();
      const full = await world.subscribe(channel, 'full', {
        bounds: { ...WIDE, eventsMax: 1 },
        overflow: { deadLetter: () => 'overflow', eventsMax: 2 },
      });
      await world.publish(channel, ...world.events(3));
      const error = await refusal(() => channel.publish([world.event()]));
      expect(error.code).toBe('AFFLUX_CHANNEL_FULL');
      (await world.take(full, 'overflow')).ack();
      await world.publish(channel, world.event());
    },
  },
];
