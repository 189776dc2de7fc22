/** Rules of a delivery: ack, release, attempts, progress, order, and the word that there is more. */
import { expect } from 'vitest';
import type { ChannelCase } from './case.ts';
import { described, ids } from './world.ts';

export const deliveryCases: readonly ChannelCase[] = [
  {
    title: 'an acknowledged event is gone, for its subscription only',
    run: async (world) => {
      const channel = await world.open();
      const one = await world.subscribe(channel, 'one');
      const other = await world.subscribe(channel, 'other');
      const event = world.event();
      await world.publish(channel, event);
      (await world.take(one)).ack();
      await world.expectNothing(one);
      await world.eventually(() => {
        expect(described(channel, 'one')).toMatchObject({ depth: 0, bytes: 0, inFlight: 0 });
      });
      expect(await world.drainIds(other)).toEqual([event.id]);
    },
  },
  {
    title: 'a released event comes again after its delay, not before, as the next attempt',
    run: async (world) => {
      const channel = await world.open();
      const subscription = await world.subscribe(channel, 'reader');
      const event = world.event();
      await world.publish(channel, event);
      (await world.take(subscription)).release({ delayMs: 3_000 });
      await world.advance(1_500);
      await world.expectNothing(subscription);
      await world.advance(1_600);
      const again = await world.take(subscription);
      expect(again.event.id).toBe(event.id);
      expect(again.attempt).toBe(2);
      again.release({ delayMs: 0 });
      expect((await world.take(subscription)).attempt).toBe(3);
    },
  },
  {
    title: 'a waiting event does not hold up the others',
    applies: ({ delayed }) => delayed,
    run: async (world) => {
      const channel = await world.open();
      const subscription = await world.subscribe(channel, 'reader');
      const events = world.events(3);
      await world.publish(channel, ...events);
      (await world.take(subscription)).release({ delayMs: 3_600_000 });
      expect(await world.drainIds(subscription)).toEqual(events.slice(1).map(({ id }) => id));
    },
  },
  {
    title: 'progress stays with the event until it is replaced',
    run: async (world) => {
      const channel = await world.open();
      const subscription = await world.subscribe(channel, 'reader');
      await world.publish(channel, world.event());
      (await world.take(subscription)).release({ delayMs: 0, progress: 'one' });
      const second = await world.take(subscription);
      expect(second.progress).toBe('one');
      second.release({ delayMs: 0 });
      const third = await world.take(subscription);
      expect(third.progress).toBe('one');
      third.release({ delayMs: 0, progress: 'two' });
      expect((await world.take(subscription)).progress).toBe('two');
    },
  },
  {
    title: 'a delivery is settled once: what comes after that has no effect',
    run: async (world) => {
      const channel = await world.open();
      const subscription = await world.subscribe(channel, 'reader');
      await world.publish(channel, ...world.events(2));
      const [first, second] = await world.takeMany(subscription, 2);
      first?.release({ delayMs: 0 });
      first?.ack();
      const again = await world.take(subscription);
      first?.ack();
      first?.release({ delayMs: 0 });
      expect(described(channel, 'reader')).toMatchObject({ depth: 2, inFlight: 2 });
      again.ack();
      again.release({ delayMs: 0 });
      second?.ack();
      second?.ack();
      await world.expectNothing(subscription);
      await world.eventually(() => {
        expect(described(channel, 'reader')).toMatchObject({ depth: 0, inFlight: 0 });
      });
    },
  },
  {
    title: 'acknowledging later events first loses none of the earlier ones',
    run: async (world) => {
      const channel = await world.open();
      const subscription = await world.subscribe(channel, 'reader');
      await world.publish(channel, ...world.events(5));
      const deliveries = await world.takeMany(subscription, 5);
      for (const delivery of deliveries.slice(1).reverse()) delivery.ack();
      await world.eventually(() => {
        expect(described(channel, 'reader').depth).toBe(1);
      });
      deliveries[0]?.release({ delayMs: 0 });
      expect((await world.take(subscription)).event.id).toBe(deliveries[0]?.event.id);
    },
  },
  {
    title: 'released events come again in their original order, before newer ones',
    applies: ({ order, durable }) => order === 'total' && !durable,
    run: async (world) => {
      const channel = await world.open();
      const subscription = await world.subscribe(channel, 'reader');
      const events = world.events(6);
      await world.publish(channel, ...events);
      const taken = await world.takeMany(subscription, 4);
      for (const delivery of [...taken].reverse()) delivery.release({ delayMs: 0 });
      const again = await world.takeMany(subscription, 6);
      expect(ids(again)).toEqual(events.map(({ id }) => id));
    },
  },
  {
    title: 'a reader that found nothing is told once when something is due',
    run: async (world) => {
      const channel = await world.open();
      const subscription = await world.subscribe(channel, 'reader');
      let calls = 0;
      const calledTimes = (times: number) =>
        world.soon(() => (calls === times ? calls : undefined));
      subscription.onReadable(() => (calls += 1));
      await world.expectNothing(subscription);
      await world.publish(channel, world.event());
      expect(await calledTimes(1)).toBe(1);
      await world.publish(channel, world.event());
      expect(calls).toBe(1);
      const [first] = await world.takeMany(subscription, 2);
      await world.expectNothing(subscription);
      // Whoever asks while the second event is on its way finds nothing once more.
      calls = 0;
      first?.release({ delayMs: 1_000 });
      expect(calls).toBe(0);
      await world.advance(1_100);
      expect(await calledTimes(1)).toBe(1);
      expect((await world.take(subscription)).attempt).toBe(2);
    },
  },
];
