/** Rules of retention: what it takes is counted, logged and described, never silent. */
import { expect } from 'vitest';
import type { Channel } from '../channel.ts';
import { CHANNEL_METRICS } from '../telemetry.ts';
import type { ChannelCase } from './case.ts';
import { described, KIND, NAMESPACE, type World } from './world.ts';

/** Waits until the loss is told in all three places. */
async function expectLost(
  world: World,
  channel: Channel,
  id: string,
  count: number,
): Promise<void> {
  await world.eventually(() => {
    expect(described(channel, id).lost).toBe(count);
    expect(world.meter.sum(CHANNEL_METRICS.lost, NAMESPACE, KIND, channel.name, id)).toBe(count);
    const warnings = world.logger.lines.filter(({ level }) => level === 'warn');
    expect(warnings.some(({ fields }) => fields['subscription'] === id)).toBe(true);
  });
}

export const retentionCases: readonly ChannelCase[] = [
  {
    title: 'retention by age takes what a slow subscription has not read, and says so',
    applies: (_capabilities, { retention }) => retention?.byAge !== undefined,
    run: async (world) => {
      const { config, ageMs = 0 } = world.subject.retention?.byAge ?? {};
      const channel = await world.open(undefined, config);
      const quick = await world.subscribe(channel, 'quick');
      const slow = await world.subscribe(channel, 'slow');
      await world.publish(channel, ...world.events(3));
      await world.ackMany(quick, 3);
      await world.advance(2 * ageMs);
      const event = world.event();
      await world.publish(channel, event);
      await expectLost(world, channel, 'slow', 3);
      expect(described(channel, 'quick').lost ?? 0).toBe(0);
      expect(await world.ackMany(slow, 1)).toEqual([event.id]);
      await world.expectNothing(slow);
    },
  },
  {
    title: 'retention by bytes takes the oldest first, and says so',
    applies: (_capabilities, { retention }) => retention?.byBytes !== undefined,
    run: async (world) => {
      const { config, bytes = 0 } = world.subject.retention?.byBytes ?? {};
      const channel = await world.open(undefined, config);
      const slow = await world.subscribe(channel, 'slow');
      const dataBytes = Math.ceil(bytes / 10);
      const events = world.events(30, { dataBytes });
      for (const event of events) await world.publish(channel, event);
      await world.eventually(() => {
        expect(described(channel, 'slow').lost).toBeGreaterThan(0);
        expect(channel.describe().bytes).toBeLessThanOrEqual(2 * bytes);
      });
      const left = await world.drainIds(slow);
      await expectLost(world, channel, 'slow', events.length - left.length);
      expect(left).toEqual(events.slice(-left.length).map(({ id }) => id));
    },
  },
  {
    title: 'what retention took while it was in flight is settled without effect',
    applies: (_capabilities, { retention }) => retention?.byAge !== undefined,
    run: async (world) => {
      const { config, ageMs = 0 } = world.subject.retention?.byAge ?? {};
      const channel = await world.open(undefined, config);
      const slow = await world.subscribe(channel, 'slow');
      await world.publish(channel, ...world.events(2));
      const [first, second] = await world.takeMany(slow, 2);
      await world.advance(2 * ageMs);
      await world.publish(channel, world.event({ id: 'after' }));
      first?.ack();
      second?.release({ delayMs: 0 });
      expect((await world.drainIds(slow)).at(-1)).toBe('after');
      await world.eventually(() => {
        expect(described(channel, 'slow')).toMatchObject({ depth: 0, inFlight: 0 });
      });
    },
  },
];
