/** Rules of subscribing: where it begins, changes in place, closing with and without the backlog. */
import { expect } from 'vitest';
import { type ChannelCase, isBounded } from './case.ts';
import { described, refusal, TypeSelector, WIDE } from './world.ts';

export const subscriptionCases: readonly ChannelCase[] = [
  {
    title: 'a subscription gets what is published after it was made',
    run: async (world) => {
      const channel = await world.open();
      await world.publish(channel, world.event());
      const subscription = await world.subscribe(channel, 'late');
      const event = world.event();
      await world.publish(channel, event);
      expect(await world.drainIds(subscription)).toEqual([event.id]);
    },
  },
  {
    title: 'a subscription that was not waited for has its place once the channel has settled',
    run: async (world) => {
      const channel = await world.open();
      await world.publish(channel, world.event());
      const options = { id: 'late', bounds: WIDE, overflow: 'backpressure' } as const;
      const subscription = channel.subscribe<string>(options);
      expect(await channel.settled()).toBe(true);
      const event = world.event();
      await world.publish(channel, event);
      await subscription.ready;
      expect(await world.drainIds(subscription)).toEqual([event.id]);
    },
  },
  {
    title: 'beginning before now is refused clearly where the channel cannot replay',
    applies: ({ replayable }) => !replayable,
    run: async (world) => {
      const channel = await world.open();
      for (const from of ['earliest', { timeMs: 0 }, { position: 1 }] as const) {
        const error = await refusal(() => world.subscribe(channel, 'late', { from }));
        expect(error).toMatchObject({
          code: 'AFFLUX_CHANNEL_UNSUPPORTED',
          fault: 'user',
          details: { capability: 'replayable' },
        });
        expect(error.message).toContain(world.driver.type);
      }
      expect(channel.describe().subscriptions).toEqual([]);
    },
  },
  {
    title: 'a subscription may begin with the earliest event kept',
    applies: ({ replayable }) => replayable,
    run: async (world) => {
      const channel = await world.open();
      const events = world.events(3);
      await world.publish(channel, ...events);
      const subscription = await world.subscribe(channel, 'late', { from: 'earliest' });
      expect(await world.drainIds(subscription)).toEqual(events.map(({ id }) => id));
    },
  },
  {
    title: 'subscribing again changes the selector in place and keeps backlog and reader',
    run: async (world) => {
      const channel = await world.open();
      const selector = new TypeSelector({ reader: 'red' });
      const subscription = await world.subscribe(channel, 'reader', { selector });
      let calls = 0;
      subscription.onReadable(() => (calls += 1));
      await world.expectNothing(subscription);
      const red = world.event({ type: 'red' });
      await world.publish(channel, red);
      const same = await world.subscribe(channel, 'reader', {
        selector: new TypeSelector({ reader: 'blue' }),
      });
      expect(same).toBe(subscription);
      const blue = world.event({ type: 'blue' });
      await world.publish(channel, world.event({ type: 'red' }));
      await world.publish(channel, blue);
      expect(await world.drainIds(subscription)).toEqual([red.id, blue.id]);
      expect(calls).toBeGreaterThanOrEqual(1);
      calls = 0;
      await world.publish(channel, world.event({ type: 'blue' }));
      expect(await world.soon(() => (calls === 1 ? calls : undefined))).toBe(1);
    },
  },
  {
    title: 'bounds change in place; lower ones drop nothing and refuse until there is room',
    applies: isBounded,
    run: async (world) => {
      const channel = await world.open();
      const subscription = await world.subscribe(channel, 'reader');
      await world.publish(channel, ...world.events(5));
      await world.subscribe(channel, 'reader', { bounds: { ...WIDE, eventsMax: 3 } });
      await refusal(() => channel.publish([world.event()]));
      for (const delivery of await world.takeMany(subscription, 3)) delivery.ack();
      await world.publish(channel, world.event());
      await refusal(() => channel.publish([world.event()]));
      await world.subscribe(channel, 'reader', { bounds: { ...WIDE, eventsMax: 50 } });
      await world.publish(channel, ...world.events(47));
      expect(await world.drainIds(subscription)).toHaveLength(50);
    },
  },
  {
    title: 'the overflow policy changes in place',
    applies: isBounded,
    run: async (world) => {
      const channel = await world.open();
      const bounds = { ...WIDE, eventsMax: 1 };
      const subscription = await world.subscribe(channel, 'reader', { bounds });
      await world.publish(channel, world.event());
      await refusal(() => channel.publish([world.event()]));
      const overflow = { deadLetter: () => 'overflow', eventsMax: 5 };
      await world.subscribe(channel, 'reader', { bounds, overflow });
      await world.publish(channel, world.event());
      await world.subscribe(channel, 'reader', { bounds });
      await refusal(() => channel.publish([world.event()]));
      (await world.take(subscription, 'overflow')).ack();
    },
  },
  {
    title: 'a closed subscription keeps its backlog for the next one with its id',
    run: async (world) => {
      const channel = await world.open();
      const closed = await world.subscribe(channel, 'reader');
      const events = world.events(3);
      await world.publish(channel, ...events);
      const inFlight = await world.take(closed);
      expect(closed.close()).toEqual({ kept: 3, dropped: 0 });
      expect(closed.take()).toBeUndefined();
      inFlight.ack();
      const next = await world.subscribe(channel, 'reader');
      expect(await world.drainIds(next)).toEqual(events.slice(1).map(({ id }) => id));
      expect(closed.close({ drop: true })).toEqual({ kept: 0, dropped: 0 });
      await world.publish(channel, world.event());
      expect(await world.drainIds(next)).toHaveLength(1);
    },
  },
  {
    title: 'a delivery released after its subscription was closed goes to the next one',
    run: async (world) => {
      const channel = await world.open();
      const closed = await world.subscribe(channel, 'reader');
      await world.publish(channel, world.event());
      const delivery = await world.take(closed);
      closed.close();
      delivery.release({ delayMs: 0, progress: 'half-way' });
      const next = await world.subscribe(channel, 'reader');
      expect(await world.take(next)).toMatchObject({ attempt: 2, progress: 'half-way' });
    },
  },
  {
    title: 'while nobody is subscribed nothing is kept for the id',
    applies: ({ durable }) => !durable,
    run: async (world) => {
      const channel = await world.open();
      const closed = await world.subscribe(channel, 'reader', {
        bounds: { ...WIDE, eventsMax: 1 },
      });
      await world.publish(channel, world.event());
      closed.close();
      expect(described(channel, 'reader')).toMatchObject({ attached: false, depth: 1 });
      await world.publish(channel, ...world.events(3));
      const next = await world.subscribe(channel, 'reader');
      expect(await world.drainIds(next)).toHaveLength(1);
    },
  },
  {
    title: 'what is published while nobody is subscribed waits for the id',
    applies: ({ durable }) => durable,
    run: async (world) => {
      const channel = await world.open();
      const closed = await world.subscribe(channel, 'reader');
      closed.close();
      const event = world.event();
      await world.publish(channel, event);
      const next = await world.subscribe(channel, 'reader');
      expect(await world.drainIds(next)).toEqual([event.id]);
    },
  },
  {
    title: 'closing with drop forgets the backlog, in flight included, and says how much it was',
    run: async (world) => {
      const channel = await world.open();
      const gone = await world.subscribe(channel, 'gone');
      const stays = await world.subscribe(channel, 'stays');
      await world.publish(channel, ...world.events(4));
      const [inFlight, waiting] = await world.takeMany(gone, 2);
      waiting?.release({ delayMs: 1_000 });
      expect(gone.close({ drop: true })).toEqual({ kept: 0, dropped: 4 });
      inFlight?.ack();
      inFlight?.release({ delayMs: 0 });
      await world.advance(1_100);
      expect(channel.describe().subscriptions.map(({ id }) => id)).toEqual(['stays']);
      expect(await world.drainIds(stays)).toHaveLength(4);
      const again = await world.subscribe(channel, 'gone');
      await world.expectNothing(again);
    },
  },
];
