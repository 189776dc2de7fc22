/** Rules of a channel's life: settled, drain, close in every order, restart, and what is said about it. */
import { expect } from 'vitest';
import { CHANNEL_METRICS } from '../telemetry.ts';
import { type ChannelCase, isBounded } from './case.ts';
import { described, KIND, NAMESPACE, refusal, WIDE, type World } from './world.ts';

/** Whether a promise has an outcome by now. */
async function isPending(world: World, promise: Promise<unknown>): Promise<boolean> {
  let pending = true;
  const settle = (): void => {
    pending = false;
  };
  promise.then(settle, settle);
  await world.advance(1);
  return pending;
}

export const lifecycleCases: readonly ChannelCase[] = [
  {
    title: 'the driver declares its capabilities and refuses a configuration it does not know',
    run: async (world) => {
      expect(world.driver.capabilities).toEqual(world.capabilities);
      const channel = await world.open();
      expect(channel.describe()).toMatchObject({ name: channel.name, type: world.driver.type });
      const result = world.driver.configSchema.safeParse({ noSuchSetting: 1 });
      expect(result.success).toBe(false);
    },
  },
  {
    title: 'describe tells depth, bytes, age and deliveries in flight',
    run: async (world) => {
      const channel = await world.open();
      const subscription = await world.subscribe(channel, 'reader');
      const events = world.events(3);
      const bytes = events.reduce((total, { sizeBytes }) => total + sizeBytes, 0);
      await world.publish(channel, ...events);
      await world.advance(250);
      const delivery = await world.take(subscription);
      await world.eventually(() => {
        const full = described(channel, 'reader');
        expect(full).toMatchObject({ attached: true, depth: 3, overflow: 0, bytes, inFlight: 1 });
        expect(full.oldestMs).toBeGreaterThanOrEqual(250);
      });
      delivery.ack();
      await world.drainIds(subscription);
      const empty = { depth: 0, bytes: 0, inFlight: 0, oldestMs: 0 };
      await world.eventually(() => {
        expect(described(channel, 'reader')).toMatchObject(empty);
      });
    },
  },
  {
    title: 'an event counts once in the channel however many subscriptions hold it',
    applies: isBounded,
    run: async (world) => {
      const channel = await world.open();
      const first = await world.subscribe(channel, 'first');
      const second = await world.subscribe(channel, 'second');
      const event = world.event({ dataBytes: 1_000 });
      await world.publish(channel, event);
      expect(channel.describe()).toMatchObject({ events: 1, bytes: event.sizeBytes });
      await world.drainIds(first);
      expect(channel.describe()).toMatchObject({ events: 1, bytes: event.sizeBytes });
      await world.drainIds(second);
      expect(channel.describe()).toMatchObject({ events: 0, bytes: 0 });
    },
  },
  {
    title: 'settled waits until nothing is left that closing would lose',
    applies: isBounded,
    run: async (world) => {
      const channel = await world.open();
      expect(await channel.settled()).toBe(true);
      const subscription = await world.subscribe(channel, 'reader');
      await world.publish(channel, ...world.events(2));
      const settled = channel.settled();
      const [first, second] = await world.takeMany(subscription, 2);
      first?.ack();
      second?.release({ delayMs: 0 });
      expect(await isPending(world, settled)).toBe(true);
      expect(channel.describe().unsettled).toBe(1);
      await world.publish(channel, world.event());
      for (const delivery of await world.takeMany(subscription, 2)) delivery.ack();
      expect(await settled).toBe(true);
      expect(channel.describe().unsettled).toBe(0);
    },
  },
  {
    title: 'settled ends with false when its signal aborts or the channel closes with events left',
    applies: isBounded,
    run: async (world) => {
      const channel = await world.open();
      await world.subscribe(channel, 'reader');
      await world.publish(channel, world.event());
      const grace = new AbortController();
      const aborted = channel.settled({ signal: grace.signal });
      const closed = channel.settled();
      grace.abort();
      expect(await aborted).toBe(false);
      expect(await channel.settled({ signal: grace.signal })).toBe(false);
      await channel.close();
      expect(await closed).toBe(false);
    },
  },
  {
    title: 'drain refuses publishes, hands nothing out and waits for deliveries in flight',
    run: async (world) => {
      const channel = await world.open();
      const subscription = await world.subscribe(channel, 'reader');
      await world.publish(channel, ...world.events(3));
      const [first, second] = await world.takeMany(subscription, 2);
      const drained = channel.drain();
      expect((await refusal(() => channel.publish([world.event()]))).code).toBe(
        'AFFLUX_CHANNEL_CLOSED',
      );
      expect(subscription.take()).toBeUndefined();
      first?.ack();
      expect(await isPending(world, drained)).toBe(true);
      second?.release({ delayMs: 0 });
      await drained;
      expect(described(channel, 'reader')).toMatchObject({ depth: 2, inFlight: 0 });
    },
  },
  {
    title: 'close cuts a drain short, and a late settlement does no harm',
    run: async (world) => {
      const channel = await world.open();
      const subscription = await world.subscribe(channel, 'reader');
      await world.publish(channel, world.event());
      const delivery = await world.take(subscription);
      const drained = refusal(() => channel.drain());
      await channel.close();
      expect((await drained).code).toBe('AFFLUX_KERNEL_ABORTED');
      delivery.ack();
      delivery.release({ delayMs: 0 });
      expect(subscription.take()).toBeUndefined();
    },
  },
  {
    title: 'a drain whose signal aborts rejects',
    run: async (world) => {
      const channel = await world.open();
      const subscription = await world.subscribe(channel, 'reader');
      await world.publish(channel, world.event());
      await world.take(subscription);
      const grace = new AbortController();
      const drained = refusal(() => channel.drain(grace.signal));
      grace.abort();
      expect((await drained).code).toBe('AFFLUX_KERNEL_ABORTED');
    },
  },
  {
    title: 'start and close may be called in any order and any number of times',
    run: async (world) => {
      const unstarted = world.create();
      await unstarted.close();
      await unstarted.close();
      expect((await refusal(() => unstarted.start())).code).toBe('AFFLUX_KERNEL_COMPONENT_STATE');
      const channel = world.create();
      await Promise.all([channel.start(), channel.start()]);
      expect(channel.state).toBe('running');
      await Promise.all([channel.close(), channel.close()]);
      await channel.drain();
      expect(channel.state).toBe('closed');
      const late = await refusal(() => world.subscribe(channel, 'late'));
      expect(late.code).toBe('AFFLUX_CHANNEL_CLOSED');
    },
  },
  {
    title: 'after close it says what was left, in describe and in the log',
    applies: isBounded,
    run: async (world) => {
      const channel = await world.open();
      const reader = await world.subscribe(channel, 'reader');
      await world.subscribe(channel, 'stuck', {
        bounds: { ...WIDE, eventsMax: 1 },
        overflow: { deadLetter: () => 'overflow', eventsMax: 5 },
      });
      await world.publish(channel, ...world.events(3));
      await world.drainIds(reader);
      await channel.drain();
      await channel.close();
      expect(channel.describe()).toMatchObject({ events: 3, unsettled: 3 });
      expect(described(channel, 'reader')).toMatchObject({ depth: 0, overflow: 0 });
      expect(described(channel, 'stuck')).toMatchObject({ depth: 1, overflow: 2 });
      const warning = world.logger.lines.find(({ level }) => level === 'warn');
      expect(warning?.fields).toMatchObject({ channel: channel.name, events: 3 });
    },
  },
  {
    title: 'channels of one driver do not share events',
    run: async (world) => {
      const [one, other] = [await world.open(), await world.open()];
      await world.subscribe(one, 'reader');
      const elsewhere = await world.subscribe(other, 'reader');
      await world.publish(one, world.event());
      await world.expectNothing(elsewhere);
    },
  },
  {
    title: 'accepted events are counted',
    run: async (world) => {
      const channel = await world.open();
      await world.subscribe(channel, 'reader');
      await world.publish(channel, ...world.events(3));
      await world.publish(channel, world.event());
      const labels = [NAMESPACE, KIND, channel.name];
      expect(world.meter.sum(CHANNEL_METRICS.accepted, ...labels)).toBe(4);
    },
  },
  {
    title: 'refused and overflowing events are counted for the subscription and by reason',
    applies: isBounded,
    run: async (world) => {
      const channel = await world.open();
      const bounds = { eventsMax: 1, bytesMax: 1_000 };
      const overflow = { deadLetter: () => 'overflow', eventsMax: 1 };
      await world.subscribe(channel, 'a', { bounds, label: 'strict' });
      await world.publish(channel, world.event());
      await refusal(() => channel.publish([world.event()]));
      await refusal(() => channel.publish([world.event({ dataBytes: 1_000 })]));
      await world.subscribe(channel, 'a', { bounds, overflow, label: 'lenient' });
      await world.publish(channel, world.event());
      const labels = [NAMESPACE, KIND, channel.name];
      const { refused, overflow: overflowed, accepted } = CHANNEL_METRICS;
      expect(world.meter.sum(refused, ...labels, 'strict', 'full')).toBe(1);
      expect(world.meter.sum(refused, ...labels, 'strict', 'too-large')).toBe(1);
      expect(world.meter.sum(overflowed, ...labels, 'lenient')).toBe(1);
      expect(world.meter.sum(accepted, ...labels)).toBe(2);
    },
  },
];
