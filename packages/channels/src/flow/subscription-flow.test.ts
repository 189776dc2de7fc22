import { FakeClock, settle } from '@afflux/kernel/testing';
import { describe, expect, test } from 'vitest';
import { DELIVERED, FlowWorld, LABELS, retry } from './flow-world.ts';
import { FlowScheduler } from './scheduler.ts';

const LABEL_VALUES = Object.values(LABELS);

function depthOf(world: FlowWorld): number | undefined {
  return world.channel.describe().subscriptions[0]?.depth;
}

describe('in flight', () => {
  test('no more attempts than maxInFlight run at once, and the next starts when one is done', async () => {
    const world = new FlowWorld();
    await world.flow({ maxInFlight: 2 });
    const ids = await world.publishMany(4);
    expect(world.openIds).toEqual(ids.slice(0, 2));
    await world.open[0]?.settle(DELIVERED);
    expect(world.openIds).toEqual(ids.slice(1, 3));
    await world.settleAll(DELIVERED);
    expect(depthOf(world)).toBe(0);
  });

  test('events published before the flow starts are delivered', async () => {
    const world = new FlowWorld();
    await world.channel.start();
    world.subscribe();
    const ids = await world.publishMany(2);
    await world.flow({});
    await settle();
    expect(world.openIds).toEqual(ids);
  });

  test('a retry comes after its delay with its progress and holds no slot meanwhile', async () => {
    const world = new FlowWorld();
    await world.flow({ maxInFlight: 1 });
    const [first = '', second = ''] = await world.publishMany(2);
    await world.attempt(first).settle(retry(1_000, true, 'once'));
    await world.attempt(second).settle(DELIVERED);
    await world.clock.advance(999);
    expect(world.openIds).toEqual([]);
    await world.clock.advance(2);
    expect(world.attempt(first).progress).toBe('once');
  });

  test('a higher or lower maxInFlight applies at once to what starts from then on', async () => {
    const world = new FlowWorld();
    const flow = await world.flow({ maxInFlight: 1 });
    await world.publishMany(6);
    flow.settings = { ...flow.settings, maxInFlight: 3 };
    await settle();
    expect(world.open).toHaveLength(3);
    flow.settings = { ...flow.settings, maxInFlight: 1 };
    await world.open[0]?.settle(DELIVERED);
    await world.open[0]?.settle(DELIVERED);
    expect(world.open).toHaveLength(1);
    await world.open[0]?.settle(DELIVERED);
    expect(world.open).toHaveLength(1);
  });

  test('wrong settings are a programmer error, also when set later', async () => {
    const world = new FlowWorld();
    const flow = await world.flow({});
    for (const wrong of [
      { maxInFlight: 0 },
      { ratePerSecond: 0 },
      { breaker: { failuresMin: 0, openMs: 1, openMsMax: 1 } },
      { breaker: { failuresMin: 1, openMs: 2, openMsMax: 1 } },
    ]) {
      expect(() => (flow.settings = { ...flow.settings, ...wrong })).toThrow(/must be/);
    }
    expect(flow.settings.maxInFlight).toBe(10);
  });
});

describe('rate', () => {
  test('starts are spaced to the rate after a small burst, retries included', async () => {
    const world = new FlowWorld();
    await world.flow({ ratePerSecond: 20 });
    await world.publishMany(1);
    await world.open[0]?.settle(retry(0));
    expect(world.started).toHaveLength(2);
    await world.publishMany(200);
    for (let second = 0; second < 5; second += 1) {
      await world.settleAll(DELIVERED);
      const before = world.started.length;
      for (let step = 0; step < 20; step += 1) {
        await world.clock.advance(50);
        await world.settleAll(DELIVERED);
      }
      expect(world.started.length - before).toBe(20);
    }
  });

  test('the rate changes in place and can be lifted', async () => {
    const world = new FlowWorld();
    const flow = await world.flow({ ratePerSecond: 1, maxInFlight: 1_000 });
    await world.publishMany(500);
    expect(world.started).toHaveLength(1);
    flow.settings = { ...flow.settings, ratePerSecond: 100 };
    await world.clock.advance(1_000);
    // A full new bucket holds a tenth of a second's worth.
    expect(world.started).toHaveLength(1 + 10 + 100);
    flow.settings = { maxInFlight: 1_000, order: 'unordered' };
    for (let turn = 0; turn < 10; turn += 1) await settle();
    expect(world.started).toHaveLength(500);
  });
});

describe('a handler that throws', () => {
  test('loses no event: it is logged and tried again with growing waits', async () => {
    const world = new FlowWorld();
    await world.flow({});
    const [id = ''] = await world.publishMany(1);
    await world.attempt(id).fail(new TypeError('a bug'));
    expect(world.logger.lines).toMatchObject([
      { level: 'error', message: 'delivery handler failed', fields: { eventId: id, ...LABELS } },
    ]);
    await world.clock.advance(800);
    expect(world.openIds).toEqual([]);
    await world.clock.advance(400);
    await world.attempt(id).fail(new TypeError('a bug'));
    await world.clock.advance(1_600);
    expect(world.openIds).toEqual([]);
    await world.clock.advance(800);
    await world.attempt(id).settle(DELIVERED);
    expect(depthOf(world)).toBe(0);
  });

  test('keeps the progress made before, in both orders', async () => {
    for (const order of ['unordered', 'ordered'] as const) {
      const world = new FlowWorld();
      await world.flow({ order });
      const [id = ''] = await world.publishMany(1);
      await world.attempt(id).settle(retry(0, true, 'half-way'));
      await world.clock.advance(0);
      await world.attempt(id).fail(new RangeError('a bug'));
      await world.clock.advance(10_000);
      expect(world.attempt(id).progress).toBe('half-way');
    }
  });

  test('also when it throws at once; the log is not flooded', async () => {
    let calls = 0;
    const handle = (): Promise<never> => {
      calls += 1;
      throw new TypeError('a bug');
    };
    const world = new FlowWorld({ handle });
    await world.flow({ maxInFlight: 100 });
    await world.publishMany(100);
    expect(calls).toBe(100);
    expect(world.logger.lines).toHaveLength(1);
    await world.clock.advance(1_200);
    expect(calls).toBe(200);
    expect(world.logger.lines.length).toBeLessThan(4);
    expect(world.logger.lines[1]?.fields['faults']).toBeGreaterThan(90);
    expect(depthOf(world)).toBe(100);
  });
});

describe('overflow', () => {
  const subscribe = {
    bounds: { eventsMax: 2, bytesMax: 1e6 },
    overflow: { deadLetter: () => 'overflow', eventsMax: 100 },
  } as const;

  test('overflowing events pass a subscriber that hangs, a low rate and an open circuit', async () => {
    const world = new FlowWorld({ subscribe });
    const breaker = { failuresMin: 1, openMs: 60_000, openMsMax: 60_000 };
    await world.flow({ maxInFlight: 1, ratePerSecond: 0.001, breaker });
    const ids = await world.publishMany(5);
    expect(world.open.map(({ id, progress }) => [id, progress])).toEqual([
      [ids[0], undefined],
      [ids[2], 'overflow'],
    ]);
    await world.attempt(ids[0] ?? '').settle(retry(0, false));
    for (const id of ids.slice(2)) await world.attempt(id).settle(DELIVERED);
    expect(world.channel.describe().subscriptions[0]).toMatchObject({ depth: 2, overflow: 0 });
    expect(world.openIds).toEqual([]);
  });

  test('overflowing events take no slots from the others', async () => {
    const world = new FlowWorld({ subscribe });
    await world.flow({ maxInFlight: 1 });
    const [first = '', second = '', overflowing = ''] = await world.publishMany(3);
    await world.attempt(first).settle(DELIVERED);
    expect(world.openIds).toEqual([overflowing, second]);
  });

  test('a retry of an overflowing event does not count for the circuit', async () => {
    const world = new FlowWorld({ subscribe });
    const breaker = { failuresMin: 1, openMs: 60_000, openMsMax: 60_000 };
    const flow = await world.flow({ maxInFlight: 2, breaker });
    const ids = await world.publishMany(3);
    await world.attempt(ids[2] ?? '').settle(retry(500, false, 'again'));
    expect(flow.describe().breaker).toBe('closed');
    await world.clock.advance(501);
    expect(world.attempt(ids[2] ?? '').progress).toBe('again');
  });
});

describe('drain and close', () => {
  test('drain takes nothing more, waits for what is in flight, and leaves the rest in the channel', async () => {
    const world = new FlowWorld();
    const flow = await world.flow({ maxInFlight: 2 });
    const [first = '', second = ''] = await world.publishMany(4);
    let isDrained = false;
    const drained = flow.drain().then(() => (isDrained = true));
    await world.attempt(first).settle(DELIVERED);
    expect(isDrained).toBe(false);
    await world.attempt(second).settle(retry(10, true, 'once'));
    await drained;
    expect(world.open).toEqual([]);
    expect(world.channel.describe().subscriptions[0]).toMatchObject({ depth: 3, inFlight: 0 });
  });

  test('a drain whose signal aborts rejects and the flow can still be closed', async () => {
    const world = new FlowWorld();
    const flow = await world.flow({});
    await world.publishMany(1);
    const grace = new AbortController();
    const drained = flow.drain(grace.signal);
    grace.abort();
    await expect(drained).rejects.toMatchObject({ code: 'AFFLUX_KERNEL_ABORTED' });
    await flow.close();
    expect(depthOf(world)).toBe(1);
  });

  test('close aborts what is in flight and gives it back with its progress; late results do nothing', async () => {
    const world = new FlowWorld();
    const flow = await world.flow({});
    const [first = '', second = ''] = await world.publishMany(2);
    await world.attempt(second).settle(retry(0, true, 'half-way'));
    const attempts = [...world.open];
    await flow.close();
    expect(attempts.every(({ signal }) => signal.aborted)).toBe(true);
    for (const attempt of attempts) await attempt.settle(DELIVERED);
    expect(world.channel.describe().subscriptions[0]).toMatchObject({ depth: 2, inFlight: 0 });
    await world.flow({});
    await settle();
    expect(world.open.map(({ id, progress }) => [id, progress])).toEqual([
      [first, undefined],
      [second, 'half-way'],
    ]);
  });

  test('close gives back what was kept for its key or its retry, in order', async () => {
    const world = new FlowWorld();
    const flow = await world.flow({ order: 'ordered' });
    const ids = await world.publish('a', 'a', 'b', 'a');
    await world.attempt(ids[0] ?? '').settle(retry(60_000, true, 'once'));
    expect(flow.describe()).toMatchObject({ inFlight: 1, kept: 3 });
    await flow.close();
    expect(world.channel.describe().subscriptions[0]).toMatchObject({ depth: 4, inFlight: 0 });
    const again = world.subscribe();
    const taken = [again.take(), again.take(), again.take()];
    expect(taken.map((delivery) => delivery?.event.id)).toEqual(ids.slice(1));
    await world.clock.advance(60_001);
    expect(again.take()).toMatchObject({ event: { id: ids[0] }, progress: 'once' });
  });

  test('close before the first turn, and close twice, are harmless', async () => {
    const scheduler = new FlowScheduler({ clock: new FakeClock() });
    const world = new FlowWorld({ scheduler });
    const other = await world.flow({}, { ...LABELS, subscription: 'other' });
    const flow = await world.flow({});
    const starting = world.flow({}, { ...LABELS, subscription: 'third' });
    await flow.close();
    await flow.close();
    await (await starting).close();
    const ids = await world.publishMany(1);
    expect(world.openIds).toEqual(ids);
    await other.close();
  });
});

describe('telemetry', () => {
  test('gauges tell queue, age, deliveries in flight and the state of the circuit until the flow is closed', async () => {
    const world = new FlowWorld();
    const flow = await world.flow({
      maxInFlight: 1,
      breaker: { failuresMin: 1, openMs: 1_000, openMsMax: 1_000 },
    });
    await world.publishMany(3);
    await world.clock.advance(2_000);
    const read = (name: string) => world.meter.observations(`afflux_subscription_${name}`);
    const bytes = world.channel.describe().subscriptions[0]?.bytes;
    expect(read('queue_events')).toEqual([{ value: 3, labels: LABEL_VALUES }]);
    expect(read('queue_bytes')).toEqual([{ value: bytes, labels: LABEL_VALUES }]);
    expect(read('oldest_event_age_seconds')).toEqual([{ value: 2, labels: LABEL_VALUES }]);
    expect(read('in_flight_events')).toEqual([{ value: 1, labels: LABEL_VALUES }]);
    expect(read('circuit_breaker_state')).toEqual([{ value: 0, labels: LABEL_VALUES }]);
    await world.open[0]?.settle(retry(0, false));
    expect(read('circuit_breaker_state')).toEqual([{ value: 2, labels: LABEL_VALUES }]);
    const opened = 'afflux_subscription_circuit_breaker_opened_total';
    expect(world.meter.sum(opened, ...LABEL_VALUES)).toBe(1);
    await flow.close();
    expect(read('queue_events')).toEqual([]);
  });
});
