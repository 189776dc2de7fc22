/** Rules of dead letters: they leave the backlog, are found with their reason, and go back to one subscription. */
import { assert, expect } from 'vitest';
import type { Channel, ChannelSubscription, DeadLetter, DeadLetters } from '../channel.ts';
import type { Capabilities } from '../driver.ts';
import { CHANNEL_METRICS } from '../telemetry.ts';
import type { ChannelCase } from './case.ts';
import { REASON } from './terms.ts';
import { described, KIND, NAMESPACE, refusal, type World } from './world.ts';

const applies = ({ deadLetters }: Capabilities): boolean => deadLetters;

function lettersOf(channel: Channel): DeadLetters {
  assert(channel.deadLetters !== undefined, 'a channel that keeps dead letters says so');
  return channel.deadLetters;
}

/** Gives up so many events that are due. */
async function giveUp(
  world: World,
  subscription: ChannelSubscription<string>,
  count = 1,
): Promise<void> {
  for (const delivery of await world.takeMany(subscription, count)) {
    expect(typeof delivery.deadLetter, 'a delivery can become a dead letter').toBe('function');
    delivery.deadLetter?.(REASON);
  }
}

/** All of them, once there are so many. */
async function listed(
  world: World,
  channel: Channel,
  count: number,
  subscription?: string,
): Promise<readonly DeadLetter[]> {
  let letters: readonly DeadLetter[] = [];
  await world.eventually(async () => {
    const options = subscription === undefined ? {} : { subscription };
    ({ letters } = await lettersOf(channel).list({ limit: 100, ...options }));
    expect(letters).toHaveLength(count);
  });
  return letters;
}

function eventIds(letters: readonly DeadLetter[]): string[] {
  return letters.map(({ event }) => event.id);
}

/** Two subscriptions, of which the first has given up what was published. */
async function withLetters(world: World, count: number) {
  const channel = await world.open();
  const failing = await world.subscribe(channel, 'failing');
  const other = await world.subscribe(channel, 'other');
  const events = world.events(count);
  await world.publish(channel, ...events);
  await giveUp(world, failing, count);
  const letters = await listed(world, channel, count, 'failing');
  return { channel, failing, other, events, letters };
}

export const deadLetterCases: readonly ChannelCase[] = [
  {
    title: 'a channel that keeps no dead letters offers none',
    applies: ({ deadLetters }) => !deadLetters,
    run: async (world) => {
      const channel = await world.open();
      expect(channel.deadLetters).toBeUndefined();
      const subscription = await world.subscribe(channel, 'reader');
      await world.publish(channel, world.event());
      expect(typeof (await world.take(subscription)).deadLetter).toBe('undefined');
    },
  },
  {
    title: 'a dead letter leaves the backlog of its subscription and is listed with its reason',
    applies,
    run: async (world) => {
      const { channel, failing, other, events, letters } = await withLetters(world, 1);
      const [letter] = letters;
      expect(letter).toMatchObject({ subscription: 'failing', reason: REASON });
      expect(eventIds(letters)).toEqual(events.map(({ id }) => id));
      expect(letter?.id).toMatch(/^[a-z0-9-]{1,63}$/);
      expect(Math.abs((letter?.storedMs ?? 0) - world.now())).toBeLessThan(60_000);
      await world.expectNothing(failing);
      await world.eventually(() => {
        expect(described(channel, 'failing')).toMatchObject({ depth: 0, inFlight: 0 });
      });
      expect(await world.ackMany(other, 1)).toEqual(events.map(({ id }) => id));
      expect(await listed(world, channel, 0, 'other')).toEqual([]);
    },
  },
  {
    title: 'a delivery that became a dead letter is settled, and a settled one becomes none',
    applies,
    run: async (world) => {
      const channel = await world.open();
      const subscription = await world.subscribe(channel, 'reader');
      await world.publish(channel, ...world.events(2));
      const [first, second] = await world.takeMany(subscription, 2);
      first?.deadLetter?.(REASON);
      first?.release({ delayMs: 0 });
      first?.ack();
      second?.ack();
      second?.deadLetter?.(REASON);
      await listed(world, channel, 1);
      await world.expectNothing(subscription);
      await listed(world, channel, 1);
    },
  },
  {
    title: 'dead letters survive a restart, and their subscription',
    applies,
    run: async (world) => {
      const { channel, failing, letters } = await withLetters(world, 2);
      const reopened = await world.reopen(channel);
      expect(eventIds(await listed(world, reopened, 2))).toEqual(eventIds(letters));
      const again = await world.subscribe(reopened, 'failing');
      await world.expectNothing(again);
      again.close({ drop: true });
      const [first] = await listed(world, reopened, 2);
      expect(first).toMatchObject({ subscription: failing.id, reason: REASON });
    },
  },
  {
    title: 'a list of dead letters comes in pages, each letter once',
    applies,
    run: async (world) => {
      const { channel, letters } = await withLetters(world, 5);
      const paged: DeadLetter[] = [];
      let after: string | undefined;
      let pages = 0;
      do {
        const options = { subscription: 'failing', limit: 2 };
        const page = await lettersOf(channel).list(
          after === undefined ? options : { ...options, after },
        );
        expect(page.letters.length).toBeLessThanOrEqual(2);
        paged.push(...page.letters);
        after = page.next;
        pages += 1;
      } while (after !== undefined && pages < 10);
      expect(eventIds(paged)).toEqual(eventIds(letters));
    },
  },
  {
    title: 'the dead letters of all subscriptions are listed together, each under its own',
    applies,
    run: async (world) => {
      const { channel, other } = await withLetters(world, 2);
      await giveUp(world, other);
      const all = await listed(world, channel, 3);
      const owners = all.map(({ subscription }) => subscription).sort();
      expect(owners).toEqual(['failing', 'failing', 'other']);
      expect(new Set(all.map(({ subscription, id }) => `${subscription} ${id}`)).size).toBe(3);
    },
  },
  {
    title: 'one dead letter is read by its id',
    applies,
    run: async (world) => {
      const { channel, letters } = await withLetters(world, 2);
      const id = letters[1]?.id ?? '';
      const letter = await lettersOf(channel).get('failing', id);
      expect(letter?.event.id).toBe(letters[1]?.event.id);
      expect(letter?.reason).toEqual(REASON);
      expect(await lettersOf(channel).get('other', id)).toBeUndefined();
      expect(await lettersOf(channel).get('failing', 'no-such-letter')).toBeUndefined();
    },
  },
  {
    title: 'a dropped dead letter is gone, unknown ones count as none',
    applies,
    run: async (world) => {
      const { channel, letters } = await withLetters(world, 2);
      const ids = [letters[0]?.id ?? '', 'no-such-letter'];
      expect(await lettersOf(channel).drop('failing', ids)).toBe(1);
      expect(eventIds(await listed(world, channel, 1))).toEqual([letters[1]?.event.id]);
      expect(await lettersOf(channel).drop('failing', ids)).toBe(0);
    },
  },
  {
    title: 'a redriven dead letter goes to the subscription that failed alone, as new',
    applies,
    run: async (world) => {
      const channel = await world.open();
      const failing = await world.subscribe(channel, 'failing');
      const other = await world.subscribe(channel, 'other');
      const event = world.event();
      await world.publish(channel, event);
      (await world.take(failing)).release({ delayMs: 0, progress: 'half-way' });
      await giveUp(world, failing);
      await world.ackMany(other, 1);
      const [letter] = await listed(world, channel, 1);
      expect(await lettersOf(channel).redrive('failing', [letter?.id ?? ''])).toBe(1);
      const again = await world.take(failing);
      expect(again).toMatchObject({ attempt: 1, progress: undefined });
      expect(again.event.id).toBe(event.id);
      again.ack();
      await world.expectNothing(other);
      await world.expectNothing(failing);
      await listed(world, channel, 0);
    },
  },
  {
    title: 'redriving what is not there does nothing, and an unknown subscription is refused',
    applies,
    run: async (world) => {
      const { channel, letters } = await withLetters(world, 1);
      const letter = letters[0]?.id ?? '';
      expect(await lettersOf(channel).redrive('failing', ['no-such-letter'])).toBe(0);
      expect(await lettersOf(channel).redrive('other', [letter])).toBe(0);
      const error = await refusal(() => lettersOf(channel).redrive('unknown', [letter]));
      expect(error).toMatchObject({ code: 'AFFLUX_CHANNEL_SUBSCRIPTION_UNKNOWN', fault: 'user' });
      await listed(world, channel, 1);
    },
  },
  {
    title: 'dead letters are counted for their subscription',
    applies,
    run: async (world) => {
      const { channel } = await withLetters(world, 2);
      const labels = [NAMESPACE, KIND, channel.name, 'failing'];
      expect(world.meter.sum(CHANNEL_METRICS.deadLetters, ...labels)).toBe(2);
      const { deadLetters } = described(channel, 'failing');
      if (deadLetters !== undefined) expect(deadLetters).toBe(2);
    },
  },
];
