/** Rules of `publish`: who gets an event, all or none, what is refused for good. */
import { sameEvent } from '@afflux/events';
import { expect } from 'vitest';
import type { ChannelCase } from './case.ts';
import { refusal, TypeSelector } from './world.ts';

export const publishCases: readonly ChannelCase[] = [
  {
    title: 'an event reaches every subscription without a selector, unchanged',
    run: async (world) => {
      const channel = await world.open();
      const first = await world.subscribe(channel, 'first');
      const second = await world.subscribe(channel, 'second');
      const event = world.event();
      await world.publish(channel, event);
      for (const subscription of [first, second]) {
        const delivery = await world.take(subscription);
        expect(sameEvent(delivery.event, event)).toBe(true);
        expect(delivery.attempt).toBe(1);
        expect(delivery.progress).toBeUndefined();
        delivery.ack();
      }
    },
  },
  {
    title: 'an event that no subscription wants is accepted',
    run: async (world) => {
      const channel = await world.open();
      await world.publish(channel, world.event());
      const selector = new TypeSelector({});
      const subscription = await world.subscribe(channel, 'uninterested', { selector });
      await world.publish(channel, world.event());
      await world.expectNothing(subscription);
    },
  },
  {
    title: 'a selector decides who gets an event, asked once where the event is placed at once',
    run: async (world) => {
      const channel = await world.open();
      const selector = new TypeSelector({ reds: 'red', blues: 'blue', 'more-reds': 'red' });
      const reds = await world.subscribe(channel, 'reds', { selector });
      const blues = await world.subscribe(channel, 'blues', { selector });
      const moreReds = await world.subscribe(channel, 'more-reds', { selector });
      const red = world.event({ type: 'red' });
      const blue = world.event({ type: 'blue' });
      await world.publish(channel, red, blue);
      expect(await world.drainIds(reds)).toEqual([red.id]);
      expect(await world.drainIds(moreReds)).toEqual([red.id]);
      expect(await world.drainIds(blues)).toEqual([blue.id]);
      // A channel that keeps events may ask as each subscription reads them.
      const askedMax = world.capabilities.durable ? 2 * 3 : 2;
      expect(selector.asked).toBeLessThanOrEqual(askedMax);
    },
  },
  {
    title: 'a selector that names unknown, foreign or repeated ids does no harm',
    run: async (world) => {
      const channel = await world.open();
      const selector = {
        select: (_event: unknown, out: string[]) => void out.push('mine', 'gone', 'other', 'mine'),
      };
      const mine = await world.subscribe(channel, 'mine', { selector });
      const other = await world.subscribe(channel, 'other', { selector: new TypeSelector({}) });
      const event = world.event();
      await world.publish(channel, event);
      expect(await world.drainIds(mine)).toEqual([event.id]);
      await world.expectNothing(other);
    },
  },
  {
    title: 'events of one producer arrive in the order published',
    applies: ({ order }) => order === 'total',
    run: async (world) => {
      const channel = await world.open();
      const subscription = await world.subscribe(channel, 'reader');
      const events = world.events(30);
      await world.publish(channel, ...events.slice(0, 10));
      for (const event of events.slice(10)) await world.publish(channel, event);
      expect(await world.drainIds(subscription)).toEqual(events.map(({ id }) => id));
    },
  },
  {
    title: 'what many producers publish at the same time is delivered once each',
    run: async (world) => {
      const channel = await world.open();
      const subscription = await world.subscribe(channel, 'reader');
      const batches = Array.from({ length: 20 }, () => world.events(5));
      await Promise.all(batches.map((batch) => world.publish(channel, ...batch)));
      const delivered = await world.drainIds(subscription);
      const published = batches.flat().map(({ id }) => id);
      expect([...delivered].sort()).toEqual([...published].sort());
    },
  },
  {
    title:
      'an event at the size bound passes, one byte more is refused for good, with all of its batch',
    applies: ({ maxEventBytes }) => maxEventBytes !== undefined,
    run: async (world) => {
      const channel = await world.open();
      const subscription = await world.subscribe(channel, 'reader');
      const maxBytes = world.capabilities.maxEventBytes ?? 0;
      const attributeBytes = world.event({ id: 'e', dataBytes: 0 }).sizeBytes;
      const largest = world.event({ id: 'e', dataBytes: maxBytes - attributeBytes });
      const oversize = world.event({ id: 'e', dataBytes: maxBytes - attributeBytes + 1 });
      expect(largest.sizeBytes).toBe(maxBytes);
      await world.publish(channel, largest);
      expect((await world.take(subscription)).event.sizeBytes).toBe(maxBytes);
      const error = await refusal(() => channel.publish([world.event(), oversize]));
      expect(error).toMatchObject({ code: 'AFFLUX_CHANNEL_EVENT_TOO_LARGE', retryable: false });
      await world.expectNothing(subscription);
    },
  },
  {
    title: 'a publish whose signal has aborted is refused and nothing is accepted',
    run: async (world) => {
      const channel = await world.open();
      const subscription = await world.subscribe(channel, 'reader');
      const signal = AbortSignal.abort(new Error('the producer went away'));
      const error = await refusal(() => channel.publish([world.event()], { signal }));
      expect(error.code).toBe('AFFLUX_KERNEL_ABORTED');
      await world.expectNothing(subscription);
    },
  },
  {
    title: 'a publish before start or after close is refused',
    run: async (world) => {
      const idle = world.create();
      const early = await refusal(() => idle.publish([world.event()]));
      const channel = await world.open();
      await channel.close();
      const late = await refusal(() => channel.publish([world.event()]));
      for (const error of [early, late]) {
        expect(error).toMatchObject({ code: 'AFFLUX_CHANNEL_CLOSED', retryable: true });
      }
    },
  },
];
