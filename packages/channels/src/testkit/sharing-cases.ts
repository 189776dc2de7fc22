/** Rules of competing consumers: several processes with one subscription share its events. */
import { expect } from 'vitest';
import type { ChannelSubscription } from '../channel.ts';
import type { Capabilities } from '../driver.ts';
import type { ChannelCase } from './case.ts';
import { WIDE, type World } from './world.ts';

const applies = ({ competingConsumers }: Capabilities): boolean => competingConsumers;

/** Far more than one reader may read ahead, over several keys: so there is something to share. */
const MANY = 200;
const READ_AHEAD = { ...WIDE, eventsMax: 10 };
const KEYS = 20;

/** The same subscription through two instances of the driver. */
async function pair(world: World) {
  const channel = await world.open(undefined, world.subject.sharedConfig);
  const one = await world.subscribe(channel, 'shared', { bounds: READ_AHEAD });
  const elsewhere = await world.beside(channel);
  const other = await world.subscribe(elsewhere, 'shared', { bounds: READ_AHEAD });
  return { channel, elsewhere, one, other };
}

function keyed(world: World, count: number) {
  return Array.from({ length: count }, (_, index) =>
    world.event({ key: `key-${String(index % KEYS)}` }),
  );
}

interface Taken {
  readonly id: string;
  readonly key: string | undefined;
  readonly by: string;
}

/**
 * Takes and acknowledges at all of them until at least so many different events were seen, not counting those that
 * were known before: a reader that comes or goes may bring some of them again.
 */
async function shareOut(
  world: World,
  readers: Readonly<Record<string, ChannelSubscription<string>>>,
  count: number,
  known: ReadonlySet<string> = new Set(),
): Promise<Taken[]> {
  const taken: Taken[] = [];
  await world.eventually(() => {
    for (const [by, reader] of Object.entries(readers)) {
      const delivery = reader.take();
      if (delivery === undefined) continue;
      taken.push({ id: delivery.event.id, key: delivery.event.getText('partitionkey'), by });
      delivery.ack();
    }
    const fresh = new Set(taken.map(({ id }) => id).filter((id) => !known.has(id)));
    expect(fresh.size).toBeGreaterThanOrEqual(count);
  });
  return taken;
}

export const sharingCases: readonly ChannelCase[] = [
  {
    title: 'readers in two processes share the events, each event to one of them',
    applies,
    run: async (world) => {
      const { channel, one, other } = await pair(world);
      const events = keyed(world, MANY);
      await world.publish(channel, ...events);
      const taken = await shareOut(world, { one, other }, MANY);
      expect(taken).toHaveLength(MANY);
      expect(new Set(taken.map(({ by }) => by))).toEqual(new Set(['one', 'other']));
    },
  },
  {
    title: 'what one process publishes reaches the readers of another',
    applies,
    run: async (world) => {
      const channel = await world.open();
      const elsewhere = await world.beside(channel);
      const subscription = await world.subscribe(elsewhere, 'reader');
      const event = world.event();
      await world.publish(channel, event);
      expect(await world.ackMany(subscription, 1)).toEqual([event.id]);
    },
  },
  {
    title: 'when one of two processes is lost, the other gets what it had in flight',
    applies,
    run: async (world) => {
      const { channel, elsewhere, one, other } = await pair(world);
      const events = keyed(world, 40);
      await world.publish(channel, ...events);
      const held = await world.take(other);
      await elsewhere.close();
      const taken = await shareOut(world, { one }, events.length);
      expect(taken.map(({ id }) => id)).toContain(held.event.id);
    },
  },
  {
    title: 'events with one key keep their order while readers come and go',
    applies: ({ competingConsumers, order }) => competingConsumers && order === 'key',
    run: async (world) => {
      const { channel, elsewhere, one, other } = await pair(world);
      const events = keyed(world, 100);
      for (const event of events) await world.publish(channel, event);
      const before = await shareOut(world, { one, other }, 40);
      await elsewhere.close();
      const known = new Set(before.map(({ id }) => id));
      const rest = events.filter(({ id }) => !known.has(id)).length;
      const after = await shareOut(world, { one }, rest, known);
      const place = new Map(events.map(({ id }, index) => [id, index]));
      for (const key of new Set(events.map((event) => event.getText('partitionkey')))) {
        const firsts = [
          ...new Set([...before, ...after].filter((t) => t.key === key).map((t) => t.id)),
        ];
        const places = firsts.map((id) => place.get(id) ?? -1);
        expect(places).toEqual([...places].sort((left, right) => left - right));
      }
    },
  },
];
