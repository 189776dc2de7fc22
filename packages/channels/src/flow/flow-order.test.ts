import { fc, test as property } from '@fast-check/vitest';
import { settle } from '@afflux/kernel/testing';
import { describe, expect, test } from 'vitest';
import { DELIVERED, FlowWorld, retry } from './flow-world.ts';

describe('ordered', () => {
  test('events of one key go one after the other, other keys pass', async () => {
    const world = new FlowWorld();
    await world.flow({ order: 'ordered' });
    const [a1 = '', a2 = '', b1 = '', a3 = ''] = await world.publish('a', 'a', 'b', 'a');
    expect(world.openIds).toEqual([a1, b1]);
    await world.attempt(a1).settle(DELIVERED);
    expect(world.openIds).toEqual([b1, a2]);
    await world.attempt(a2).settle(DELIVERED);
    expect(world.openIds).toEqual([b1, a3]);
  });

  test('while an event waits for its retry, later ones of its key wait with it', async () => {
    const world = new FlowWorld();
    await world.flow({ order: 'ordered' });
    const [a1 = '', a2 = '', b1 = ''] = await world.publish('a', 'a', 'b');
    await world.attempt(b1).settle(DELIVERED);
    await world.attempt(a1).settle(retry(5_000, true, 'once'));
    const [b2 = ''] = await world.publish('b');
    expect(world.openIds).toEqual([b2]);
    await world.clock.advance(5_001);
    expect(world.openIds).toEqual([b2, a1]);
    expect(world.attempt(a1).progress).toBe('once');
    await world.attempt(a1).settle(DELIVERED);
    expect(world.openIds).toEqual([b2, a2]);
  });

  test('events without a partition key share one key', async () => {
    const world = new FlowWorld();
    await world.flow({ order: 'ordered' });
    const [first = '', second = '', keyed = ''] = await world.publish(undefined, undefined, 'a');
    expect(world.openIds).toEqual([first, keyed]);
    await world.attempt(first).settle(DELIVERED);
    expect(world.openIds).toEqual([keyed, second]);
  });

  test('a waiting key takes no slot from the others', async () => {
    const world = new FlowWorld();
    await world.flow({ order: 'ordered', maxInFlight: 1 });
    const [a1 = '', , b1 = ''] = await world.publish('a', 'a', 'b');
    await world.attempt(a1).settle(retry(60_000));
    expect(world.openIds).toEqual([b1]);
  });

  test('a backlog of one key beyond what a flow keeps is delivered in order all the same', async () => {
    const done: string[] = [];
    let isFailing = true;
    const world = new FlowWorld({
      handle: ({ id }) => {
        if (isFailing) return Promise.resolve(retry(1_000));
        done.push(id);
        return Promise.resolve(DELIVERED);
      },
    });
    const flow = await world.flow({ order: 'ordered' });
    const ids = await world.publish(...Array.from({ length: 12_000 }, () => 'hot'));
    await settle();
    // The bound, and the owner of the key that came back for its retry.
    expect(flow.describe().kept).toBe(10_001);
    isFailing = false;
    await world.clock.advance(1_001);
    while (done.length < ids.length) await settle();
    expect(done).toEqual(ids);
  });

  test('switching to unordered frees what waited for its key', async () => {
    const world = new FlowWorld();
    const flow = await world.flow({ order: 'ordered' });
    const [a1 = '', a2 = '', a3 = ''] = await world.publish('a', 'a', 'a');
    await world.attempt(a1).settle(retry(1_000));
    flow.settings = { ...flow.settings, order: 'unordered' };
    await settle();
    expect(world.openIds).toEqual([a2, a3]);
    await world.clock.advance(1_001);
    expect(world.openIds).toEqual([a2, a3, a1]);
  });

  test('switching to ordered and back while events are in flight loses none', async () => {
    const world = new FlowWorld();
    const flow = await world.flow({ order: 'unordered' });
    await world.publish('a', 'a');
    flow.settings = { ...flow.settings, order: 'ordered' };
    await world.publish('a', 'a');
    expect(world.open).toHaveLength(3);
    flow.settings = { ...flow.settings, order: 'unordered' };
    await settle();
    flow.settings = { ...flow.settings, order: 'ordered' };
    const [fifth = '', sixth = ''] = await world.publish('a', 'a');
    expect(world.openIds.at(-1)).toBe(fifth);
    // Those from before have no say in who goes next.
    for (const earlier of world.open.slice(0, -1)) await earlier.settle(DELIVERED);
    expect(world.openIds).toEqual([fifth]);
    await world.attempt(fifth).settle(DELIVERED);
    await world.attempt(sixth).settle(DELIVERED);
    expect(new Set(world.started).size).toBe(6);
    expect(flow.describe()).toMatchObject({ inFlight: 0, kept: 0 });
    expect(world.channel.describe().events).toBe(0);
  });
});

const outcome = fc.oneof(
  { weight: 3, arbitrary: fc.constant('done' as const) },
  fc.record({ delayMs: fc.constantFrom(0, 3, 40), healthy: fc.boolean() }),
  fc.constant('fault' as const),
);

property.prop(
  {
    keys: fc.array(fc.constantFrom('a', 'b', 'c', undefined), { minLength: 1, maxLength: 40 }),
    outcomes: fc.array(outcome, { minLength: 1, maxLength: 60 }),
    maxInFlight: fc.integer({ min: 1, max: 5 }),
    hasBreaker: fc.boolean(),
  },
  { numRuns: 150 },
)(
  'whatever the handler does, per key nothing overlaps, order is kept and nothing is lost',
  async ({ keys, outcomes, maxInFlight, hasBreaker }) => {
    const busy = new Set<string>();
    const done: string[] = [];
    let call = 0;
    const world = new FlowWorld({
      handle: async (event) => {
        const key = event.getText('partitionkey') ?? '';
        expect(busy.has(key), 'two events of one key in flight').toBe(false);
        busy.add(key);
        expect(busy.size).toBeLessThanOrEqual(maxInFlight);
        const next = outcomes[call] ?? 'done';
        call += 1;
        await world.clock.sleep((call * 7) % 5);
        busy.delete(key);
        if (next === 'fault') throw new Error('a bug');
        if (next !== 'done') return { kind: 'retry', progress: String(call), ...next };
        done.push(event.id);
        return DELIVERED;
      },
    });
    const breaker = { failuresMin: 2, openMs: 20, openMsMax: 50 };
    await world.flow({ order: 'ordered', maxInFlight, ...(hasBreaker ? { breaker } : {}) });
    const ids = await world.publish(...keys);
    for (let step = 0; step < 200 && done.length < ids.length; step += 1) {
      await world.clock.advance(5_000);
    }
    for (const key of new Set(keys)) {
      const ofKey = (id: string): boolean => keys[ids.indexOf(id)] === key;
      expect(done.filter(ofKey)).toEqual(ids.filter(ofKey));
    }
    expect(world.channel.describe().events).toBe(0);
  },
);
