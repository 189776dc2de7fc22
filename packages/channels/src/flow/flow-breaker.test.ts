import type { Clock, Timer } from '@afflux/kernel';
import { FakeClock, settle } from '@afflux/kernel/testing';
import { expect, test } from 'vitest';
import { DELIVERED, FlowWorld, retry } from './flow-world.ts';
import type { Settlement } from './settlement.ts';
import type { Handle } from './subscription-flow.ts';

const breaker = { failuresMin: 3, openMs: 1_000, openMsMax: 4_000 };
const DAY_MS = 86_400_000;

test('consecutive unhealthy settlements open the circuit; one probe after the pause decides', async () => {
  const world = new FlowWorld();
  const flow = await world.flow({ maxInFlight: 3, breaker });
  await world.publishMany(10);
  await world.settleOpen(retry(0, false));
  expect(flow.describe().breaker).toBe('open');
  expect(world.open).toEqual([]);
  await world.clock.advance(800);
  expect(world.open).toEqual([]);
  await world.clock.advance(400);
  expect(flow.describe().breaker).toBe('half-open');
  expect(world.open).toHaveLength(1);
  await world.open[0]?.settle(DELIVERED);
  expect(flow.describe().breaker).toBe('closed');
  expect(world.open).toHaveLength(3);
  expect(world.logger.lines.map(({ message }) => message)).toEqual([
    'circuit opened',
    'circuit closed',
  ]);
});

test('each failed probe doubles the pause up to its bound', async () => {
  const world = new FlowWorld();
  await world.flow({ maxInFlight: 3, breaker });
  await world.publishMany(10);
  await world.settleOpen(retry(0, false));
  for (const pauseMs of [1_000, 2_000, 4_000, 4_000]) {
    await world.clock.advance(pauseMs * 0.89);
    expect(world.open).toEqual([]);
    await world.clock.advance(pauseMs * 0.22);
    expect(world.open).toHaveLength(1);
    await world.open[0]?.settle(retry(0, false));
  }
});

test('a delivery starts the count again; what says nothing about the subscriber does not', async () => {
  const world = new FlowWorld();
  const flow = await world.flow({ maxInFlight: 1, breaker });
  await world.publishMany(20);
  const unhealthy = retry(60_000, false);
  const state = async (...settlements: Settlement<string>[]): Promise<string> => {
    for (const settlement of settlements) await world.open[0]?.settle(settlement);
    return flow.describe().breaker;
  };
  expect(await state(unhealthy, unhealthy, DELIVERED, unhealthy, unhealthy)).toBe('closed');
  expect(await state({ kind: 'done', outcome: 'dead-lettered' }, retry(60_000))).toBe('closed');
  expect(await state(unhealthy)).toBe('open');
});

test('an event dropped because the subscriber is down counts as well', async () => {
  const world = new FlowWorld();
  const flow = await world.flow({ maxInFlight: 3, breaker });
  await world.publishMany(10);
  await world.settleOpen({ kind: 'done', outcome: 'dropped', healthy: false });
  expect(flow.describe().breaker).toBe('open');
  expect(world.channel.describe().events).toBe(7);
});

test('after a neutral probe the next event is the probe', async () => {
  const world = new FlowWorld();
  const flow = await world.flow({ maxInFlight: 3, breaker });
  await world.publishMany(10);
  await world.settleOpen(retry(60_000, false));
  await world.clock.advance(1_200);
  await world.open[0]?.settle({ kind: 'done', outcome: 'dropped' });
  expect(world.open).toHaveLength(1);
  await world.open[0]?.fail(new Error('a bug'));
  expect(world.open).toHaveLength(1);
  await world.open[0]?.settle(DELIVERED);
  expect(flow.describe().breaker).toBe('closed');
});

test('what was started before the circuit opened has no say while it is open', async () => {
  const world = new FlowWorld();
  const flow = await world.flow({ maxInFlight: 6, breaker });
  await world.publishMany(6);
  const early = [...world.open];
  for (const attempt of early.slice(0, 3)) await attempt.settle(retry(600_000, false));
  await early[3]?.settle(DELIVERED);
  expect(flow.describe().breaker).toBe('open');
  await world.publishMany(1);
  await world.clock.advance(1_200);
  expect(world.open).toHaveLength(3);
  await early[4]?.settle(retry(600_000, false));
  await early[5]?.settle(DELIVERED);
  expect(flow.describe().breaker).toBe('half-open');
  await world.open[0]?.settle(DELIVERED);
  expect(flow.describe().breaker).toBe('closed');
});

test('taking the breaker away closes an open circuit', async () => {
  const world = new FlowWorld();
  const flow = await world.flow({ maxInFlight: 3, breaker });
  await world.publishMany(5);
  await world.settleOpen(retry(0, false));
  flow.settings = { maxInFlight: 3, order: 'unordered' };
  await settle();
  expect(world.open).toHaveLength(3);
});

test('a jump of the wall clock neither opens nor shortens a pause', async () => {
  const world = new FlowWorld();
  const flow = await world.flow({ maxInFlight: 3, breaker });
  await world.publishMany(5);
  await world.settleOpen(retry(0, false));
  world.clock.jumpWallClock(3_600_000);
  await world.clock.advance(500);
  expect(flow.describe().breaker).toBe('open');
  world.clock.jumpWallClock(-7_200_000);
  await world.clock.advance(700);
  expect(world.open).toHaveLength(1);
});

test('T16 a subscriber that answers 503 for a day gets a bounded number of requests, in bounded memory', async () => {
  let calls = 0;
  const handle: Handle<string> = () => {
    calls += 1;
    return Promise.resolve(retry(200, false));
  };
  const bounds = { eventsMax: 100, bytesMax: 1e6 };
  const world = new FlowWorld({ handle, subscribe: { bounds } });
  await world.flow({ maxInFlight: 20, breaker: { ...breaker, openMsMax: 30_000 } });
  let accepted = 0;
  for (let hour = 0; hour < 24; hour += 1) {
    for (let event = 0; event < 20; event += 1) {
      await world.publishMany(1).then(
        () => (accepted += 1),
        () => undefined,
      );
    }
    await world.clock.advance(DAY_MS / 24);
  }
  expect(accepted).toBe(bounds.eventsMax);
  expect(world.channel.describe().events).toBe(bounds.eventsMax);
  // One probe per pause of 30 s less jitter; 20 in flight before the circuit opened first.
  expect(calls).toBeLessThan(20 + 24 * 20 + DAY_MS / 27_000);
  expect(calls).toBeGreaterThan(DAY_MS / 34_000);
});

/** A clock whose time can pass while nothing runs: the timers of that time then all run at once. */
class StallingClock implements Clock {
  readonly #inner = new FakeClock();
  readonly #timers = new Set<{ dueMs: number; run: () => void; inner: Timer }>();
  #lostMs = 0;

  now = (): number => this.#inner.now() + this.#lostMs;
  monotonicMs = (): number => this.#inner.monotonicMs() + this.#lostMs;
  sleep = (ms: number): Promise<void> => new Promise((resolve) => this.setTimer(ms, resolve));
  advance = (ms: number): Promise<void> => this.#inner.advance(ms);

  setTimer(delayMs: number, run: () => void): Timer {
    const inner = this.#inner.setTimer(delayMs, () => {
      this.#timers.delete(timer);
      run();
    });
    const timer = { dueMs: this.monotonicMs() + delayMs, run, inner };
    this.#timers.add(timer);
    return {
      cancel: () => {
        inner.cancel();
        this.#timers.delete(timer);
      },
    };
  }

  async stall(ms: number): Promise<void> {
    this.#lostMs += ms;
    const due = [...this.#timers].filter(({ dueMs }) => dueMs <= this.monotonicMs());
    for (const timer of due.sort((left, right) => left.dueMs - right.dueMs)) {
      timer.inner.cancel();
      this.#timers.delete(timer);
      timer.run();
      await settle();
    }
  }
}

/** Attempts to a subscriber that would answer, were this process there to read it: they time out. */
function timedHandle(clock: Clock): Handle<string> {
  return () => clock.sleep(2_900).then(() => retry(0, false));
}

test('F09 an event loop stalled for 5 s does not open the circuit', async () => {
  // The last one stalls between two beats of the watch, so that the time-outs run before the late beat.
  for (const ageMs of [0, 10, 480, 1_700, 2_890]) {
    const clock = new StallingClock();
    const world = new FlowWorld({ clock, handle: timedHandle(clock) });
    const flow = await world.flow({ maxInFlight: 20, breaker });
    await world.publishMany(20);
    await clock.advance(ageMs);
    await clock.stall(5_000);
    expect(flow.describe().breaker, `stalled at ${String(ageMs)} ms`).toBe('closed');
  }
});

test('F09 the same time-outs without a stall do open it', async () => {
  const clock = new StallingClock();
  const world = new FlowWorld({ clock, handle: timedHandle(clock) });
  const flow = await world.flow({ maxInFlight: 20, breaker });
  await world.publishMany(20);
  await clock.advance(2_901);
  expect(flow.describe().breaker).toBe('open');
});

test('F09 a stall that is a small part of a long attempt does not excuse it', async () => {
  const clock = new StallingClock();
  const handle: Handle<string> = () => clock.sleep(60_000).then(() => retry(0, false));
  const world = new FlowWorld({ clock, handle });
  const flow = await world.flow({ maxInFlight: 20, breaker });
  await world.publishMany(20);
  await clock.advance(30_000);
  await clock.stall(5_000);
  await clock.advance(25_001);
  await clock.stall(0);
  expect(flow.describe().breaker).toBe('open');
});
