/** Rules of `publishTo`: one subscription alone, and taking turns with what is published to all. */
import { expect } from 'vitest';
import type { Channel } from '../channel.ts';
import type { CloudEvent } from '@afflux/events';
import type { Capabilities } from '../driver.ts';
import type { ChannelCase } from './case.ts';
import { refusal, TypeSelector, WIDE } from './world.ts';

const applies = ({ deadLetters, replayable }: Capabilities): boolean => deadLetters || replayable;

/** Events to one subscription before the live ones, and how many are sent at once. */
const MANY = 1_000;
const BATCH = 100;

function publishTo(channel: Channel, id: string, events: readonly CloudEvent[]): Promise<void> {
  const published = channel.publishTo?.(id, events);
  return published ?? expect.fail('the channel cannot publish to one subscription');
}

export const targetedCases: readonly ChannelCase[] = [
  {
    title: 'a channel without replay and dead letters cannot publish to one subscription',
    applies: (capabilities) => !applies(capabilities),
    run: async (world) => {
      expect(typeof (await world.open()).publishTo).toBe('undefined');
    },
  },
  {
    title: 'what is published to one subscription reaches it alone, whatever its selector says',
    applies,
    run: async (world) => {
      const channel = await world.open();
      const selector = new TypeSelector({ chosen: 'blue' });
      const chosen = await world.subscribe(channel, 'chosen', { selector });
      const other = await world.subscribe(channel, 'other');
      const events = world.events(3, { type: 'red' });
      await publishTo(channel, 'chosen', events);
      const deliveries = await world.takeMany(chosen, 3);
      expect(deliveries.map(({ event }) => event.id).sort()).toEqual(events.map(({ id }) => id));
      for (const delivery of deliveries) {
        expect(delivery).toMatchObject({ attempt: 1, progress: undefined });
        delivery.ack();
      }
      await world.expectNothing(other);
      await world.expectNothing(chosen);
    },
  },
  {
    title: 'what was published to one subscription is retried and given up like any other',
    applies,
    run: async (world) => {
      const channel = await world.open();
      const subscription = await world.subscribe(channel, 'reader');
      const event = world.event();
      await publishTo(channel, 'reader', [event]);
      (await world.take(subscription)).release({ delayMs: 0, progress: 'half-way' });
      const again = await world.take(subscription);
      expect(again).toMatchObject({ attempt: 2, progress: 'half-way' });
      expect(again.event.id).toBe(event.id);
      again.ack();
      await world.expectNothing(subscription);
    },
  },
  {
    title: 'publishing to an unknown subscription is refused',
    applies,
    run: async (world) => {
      const channel = await world.open();
      await world.subscribe(channel, 'reader');
      const error = await refusal(() => publishTo(channel, 'unknown', [world.event()]));
      expect(error).toMatchObject({ code: 'AFFLUX_CHANNEL_SUBSCRIPTION_UNKNOWN', fault: 'user' });
    },
  },
  {
    title: 'live events do not wait behind a thousand that were published to one subscription',
    applies,
    timeoutMs: 60_000,
    run: async (world) => {
      const channel = await world.open();
      const bounds = { ...WIDE, eventsMax: 100 };
      const subscription = await world.subscribe(channel, 'reader', { bounds });
      for (let sent = 0; sent < MANY; sent += BATCH) {
        await publishTo(channel, 'reader', world.events(BATCH, { type: 'old' }));
      }
      await world.publish(channel, ...world.events(10, { type: 'live' }));
      let live = 0;
      let taken = 0;
      for (; live < 10 && taken < MANY; taken += 1) {
        const delivery = await world.take(subscription);
        if (delivery.event.type === 'live') live += 1;
        delivery.ack();
      }
      expect(live).toBe(10);
      expect(taken).toBeLessThan(MANY / 2);
    },
  },
];
