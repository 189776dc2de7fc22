/** Rules of `deduplicateMs`: one event per `source` and `id` within the window, exactly. */
import { makeEvent } from '@afflux/events';
import { expect } from 'vitest';
import type { Channel } from '../channel.ts';
import type { CloudEvent } from '@afflux/events';
import type { Capabilities } from '../driver.ts';
import { CHANNEL_METRICS } from '../telemetry.ts';
import type { ChannelCase } from './case.ts';
import { KIND, NAMESPACE, refusal } from './world.ts';

const applies = ({ deduplicates }: Capabilities): boolean => deduplicates;

const WINDOW_MS = 60_000;
const SHORT_WINDOW_MS = 2_000;

async function publishOnce(
  channel: Channel,
  events: readonly CloudEvent[],
  deduplicateMs = WINDOW_MS,
): Promise<void> {
  await channel.publish(events, { deduplicateMs });
}

export const duplicateCases: readonly ChannelCase[] = [
  {
    title: 'suppressing duplicates is refused clearly where the channel cannot',
    applies: (capabilities) => !applies(capabilities),
    run: async (world) => {
      const channel = await world.open();
      const subscription = await world.subscribe(channel, 'reader');
      const error = await refusal(() => publishOnce(channel, [world.event()]));
      expect(error).toMatchObject({
        code: 'AFFLUX_CHANNEL_UNSUPPORTED',
        fault: 'user',
        details: { capability: 'deduplicates' },
      });
      await world.expectNothing(subscription);
    },
  },
  {
    title: 'an event that was accepted within the window is accepted and not stored again',
    applies,
    run: async (world) => {
      const channel = await world.open();
      const subscription = await world.subscribe(channel, 'reader');
      const event = world.event({ id: 'one' });
      await publishOnce(channel, [event]);
      await publishOnce(channel, [world.event({ id: 'one' })]);
      await publishOnce(channel, [world.event({ id: 'one' }), world.event({ id: 'two' })]);
      expect((await world.ackMany(subscription, 2)).sort()).toEqual(['one', 'two']);
      await publishOnce(channel, [event]);
      await world.expectNothing(subscription);
    },
  },
  {
    title: 'the same id of another source is another event',
    applies,
    run: async (world) => {
      const channel = await world.open();
      const subscription = await world.subscribe(channel, 'reader');
      const other = makeEvent({ id: 'one', source: '/other', type: 'kit.event' });
      await publishOnce(channel, [world.event({ id: 'one' })]);
      await publishOnce(channel, [other]);
      expect(await world.ackMany(subscription, 2)).toEqual(['one', 'one']);
    },
  },
  {
    title: 'duplicates within one batch, and of publishes at the same time, are stored once',
    applies,
    run: async (world) => {
      const channel = await world.open();
      const subscription = await world.subscribe(channel, 'reader');
      const twins = (id: string): CloudEvent[] => [world.event({ id }), world.event({ id })];
      await publishOnce(channel, twins('batch'));
      const publishes = Array.from({ length: 8 }, () => publishOnce(channel, twins('together')));
      await Promise.all(publishes);
      expect((await world.ackMany(subscription, 2)).sort()).toEqual(['batch', 'together']);
      await world.expectNothing(subscription);
    },
  },
  {
    title: 'after the window an event is stored again',
    applies,
    run: async (world) => {
      const channel = await world.open();
      const subscription = await world.subscribe(channel, 'reader');
      await publishOnce(channel, [world.event({ id: 'one' })], SHORT_WINDOW_MS);
      await world.advance(SHORT_WINDOW_MS + 500);
      await publishOnce(channel, [world.event({ id: 'one' })], SHORT_WINDOW_MS);
      expect(await world.ackMany(subscription, 2)).toEqual(['one', 'one']);
    },
  },
  {
    title: 'the window holds over a restart',
    applies: (capabilities) => capabilities.deduplicates && capabilities.durable,
    run: async (world) => {
      const channel = await world.open();
      await world.subscribe(channel, 'reader');
      await publishOnce(channel, [world.event({ id: 'one' })]);
      const reopened = await world.reopen(channel);
      const subscription = await world.subscribe(reopened, 'reader');
      await publishOnce(reopened, [world.event({ id: 'one' })]);
      expect(await world.ackMany(subscription, 1)).toEqual(['one']);
      await world.expectNothing(subscription);
    },
  },
  {
    title: 'a publish that does not ask for it is never suppressed',
    applies,
    run: async (world) => {
      const channel = await world.open();
      const subscription = await world.subscribe(channel, 'reader');
      await publishOnce(channel, [world.event({ id: 'one' })]);
      await world.publish(channel, world.event({ id: 'one' }));
      expect(await world.ackMany(subscription, 2)).toEqual(['one', 'one']);
    },
  },
  {
    title: 'suppressed duplicates are counted',
    applies,
    run: async (world) => {
      const channel = await world.open();
      await world.subscribe(channel, 'reader');
      await publishOnce(channel, [world.event({ id: 'one' })]);
      await publishOnce(channel, [world.event({ id: 'one' }), world.event({ id: 'one' })]);
      const labels = [NAMESPACE, KIND, channel.name];
      expect(world.meter.sum(CHANNEL_METRICS.duplicates, ...labels)).toBe(2);
    },
  },
];
