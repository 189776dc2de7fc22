import { type CloudEvent, makeEvent } from '@afflux/events';
import { FakeClock, settle } from '@afflux/kernel/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Channel } from './channel.ts';
import { ChannelUnavailable, outcomeUnknown } from './errors.ts';
import { refusal } from './testkit/world.ts';
import { DuplicateWindow, publishOnce } from './duplicate-window.ts';

const WINDOW_MS = 1_000;

function event(id: string, source = '/s'): CloudEvent {
  return makeEvent({ id, source, type: 't' });
}

/** A channel whose publishes the test settles. */
class Publishes implements Pick<Channel, 'publish'> {
  readonly ids: string[] = [];
  readonly open: { accept(): Promise<void>; refuse(error: Error): Promise<void> }[] = [];

  publish(events: readonly CloudEvent[]): Promise<void> {
    return new Promise((resolve, reject) => {
      this.open.push({
        accept: () => {
          this.ids.push(...events.map(({ id }) => id));
          resolve();
          return settle();
        },
        refuse: (error) => {
          reject(error);
          return settle();
        },
      });
    });
  }
}

function accepting() {
  const ids: string[] = [];
  const publish = (events: readonly CloudEvent[]): undefined => {
    ids.push(...events.map(({ id }) => id));
  };
  return { ids, channel: { publish } };
}

test('a duplicate within the window is accepted and not published again', async () => {
  const clock = new FakeClock();
  let suppressed = 0;
  const window = new DuplicateWindow({ clock, onSuppressed: (events) => (suppressed += events) });
  const { channel, ids } = accepting();
  await window.publish(channel, [event('a'), event('a'), event('b')], WINDOW_MS);
  await window.publish(channel, [event('a'), event('c')], WINDOW_MS);
  await window.publish(channel, [event('a', '/other')], WINDOW_MS);
  expect(ids).toEqual(['a', 'b', 'c', 'a']);
  expect(suppressed).toBe(2);
  await clock.advance(WINDOW_MS);
  await window.publish(channel, [event('a')], WINDOW_MS);
  expect(ids).toHaveLength(5);
});

test('a duplicate waits for the first one and is accepted with it', async () => {
  const window = new DuplicateWindow({ clock: new FakeClock() });
  const channel = new Publishes();
  const outcomes: string[] = [];
  const first = window.publish(channel, [event('a')], WINDOW_MS).then(() => outcomes.push('first'));
  await settle();
  const second = window
    .publish(channel, [event('a')], WINDOW_MS)
    .then(() => outcomes.push('second'));
  await settle();
  expect(channel.open).toHaveLength(1);
  expect(outcomes).toEqual([]);
  await channel.open[0]?.accept();
  await Promise.all([first, second]);
  expect(channel.ids).toEqual(['a']);
});

test.each([new ChannelUnavailable('away'), outcomeUnknown('no answer')])(
  'after %s a waiting duplicate takes its turn',
  async (error) => {
    const window = new DuplicateWindow({ clock: new FakeClock() });
    const channel = new Publishes();
    const first = refusal(() => window.publish(channel, [event('a')], WINDOW_MS));
    await settle();
    const second = window.publish(channel, [event('a')], WINDOW_MS);
    const third = window.publish(channel, [event('a')], WINDOW_MS);
    await settle();
    await channel.open[0]?.refuse(error);
    expect(await first).toBe(error);
    expect(channel.open).toHaveLength(2);
    await channel.open[1]?.accept();
    await Promise.all([second, third]);
    expect(channel.ids).toEqual(['a']);
  },
);

test('a duplicate whose producer went away stops waiting', async () => {
  const window = new DuplicateWindow({ clock: new FakeClock() });
  const channel = new Publishes();
  const first = window.publish(channel, [event('a')], WINDOW_MS);
  const gone = new AbortController();
  const options = { signal: gone.signal };
  const second = refusal(() => window.publish(channel, [event('a')], WINDOW_MS, options));
  await settle();
  gone.abort();
  expect((await second).code).toBe('AFFLUX_KERNEL_ABORTED');
  await channel.open[0]?.accept();
  await first;
});

test('a batch with a duplicate that is going on publishes its own events after it', async () => {
  const window = new DuplicateWindow({ clock: new FakeClock() });
  const channel = new Publishes();
  const first = window.publish(channel, [event('a'), event('b')], WINDOW_MS);
  const second = window.publish(channel, [event('b'), event('c')], WINDOW_MS);
  await settle();
  await channel.open[0]?.accept();
  await channel.open[1]?.accept();
  await Promise.all([first, second]);
  expect(channel.ids).toEqual(['a', 'b', 'c']);
});

test('the window never remembers more than it may', async () => {
  const window = new DuplicateWindow({ clock: new FakeClock(), eventsMax: 10 });
  const { channel } = accepting();
  for (let id = 0; id < 100; id += 1) {
    await window.publish(channel, [event(String(id))], WINDOW_MS);
    expect(window.size).toBeLessThanOrEqual(10);
  }
});

test('a channel that is capable is asked itself', async () => {
  const asked: unknown[] = [];
  const channel = {
    publish: (_events: readonly CloudEvent[], options: unknown) => void asked.push(options),
  } as unknown as Channel;
  const window = new DuplicateWindow({ clock: new FakeClock() });
  await publishOnce({ channel, isExact: true, window }, [event('a')], WINDOW_MS);
  await publishOnce({ channel, isExact: false, window }, [event('a')], WINDOW_MS);
  expect(asked).toEqual([{ deduplicateMs: WINDOW_MS }, {}]);
  expect(window.size).toBe(1);
});

interface Step {
  readonly ids: readonly string[];
  readonly fails: boolean;
  readonly advanceMs: number;
}

const step: fc.Arbitrary<Step> = fc.record({
  ids: fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1, maxLength: 4 }),
  fails: fc.boolean(),
  advanceMs: fc.constantFrom(0, 1, 400, 999, 1_000, 3_000),
});

test('agrees with a naive model over any sequence of publishes', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const clock = new FakeClock();
      const window = new DuplicateWindow({ clock });
      const acceptedAt = new Map<string, number>();
      for (const { ids, fails, advanceMs } of steps) {
        await clock.advance(advanceMs);
        const nowMs = clock.monotonicMs();
        const isFresh = (id: string): boolean =>
          (acceptedAt.get(id) ?? -Infinity) <= nowMs - WINDOW_MS;
        const expected = [...new Set(ids)].filter(isFresh);
        const published: string[] = [];
        const channel = {
          publish: (events: readonly CloudEvent[]): undefined => {
            published.push(...events.map(({ id }) => id));
            if (fails) throw new ChannelUnavailable('away');
          },
        };
        const publishing = window.publish(
          channel,
          ids.map((id) => event(id)),
          WINDOW_MS,
        );
        if (fails && expected.length > 0) await refusal(() => publishing);
        else await publishing;
        expect(published).toEqual(expected);
        if (!fails) for (const id of expected) acceptedAt.set(id, nowMs);
      }
    }),
  );
});
