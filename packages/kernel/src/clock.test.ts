import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { systemClock } from './clock.ts';
import type { Clock } from './clock.ts';
import { FakeClock } from './testing/index.ts';

const DAY_MS = 86_400_000;

/** One way to move each clock, so that both are held to the same sentences. */
interface Bench {
  readonly clock: Clock;
  advance(ms: number): Promise<void>;
}

function benches(): [string, () => Bench][] {
  return [
    [
      'the system clock',
      () => ({
        clock: systemClock,
        advance: async (ms) => {
          await vi.advanceTimersByTimeAsync(ms);
        },
      }),
    ],
    [
      'the fake clock',
      () => {
        const clock = new FakeClock();
        return { clock, advance: (ms) => clock.advance(ms) };
      },
    ],
  ];
}

describe.each(benches())('%s', (name, make) => {
  let bench: Bench;
  beforeEach(() => {
    if (name === 'the system clock') vi.useFakeTimers();
    bench = make();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('runs a timer once, when it is due and not before', async () => {
    let runs = 0;
    bench.clock.setTimer(100, () => (runs += 1));
    await bench.advance(99);
    expect(runs).toBe(0);
    await bench.advance(1);
    expect(runs).toBe(1);
    await bench.advance(1000);
    expect(runs).toBe(1);
  });

  test('honours delays beyond what the platform takes', async () => {
    let runs = 0;
    bench.clock.setTimer(60 * DAY_MS, () => (runs += 1));
    await bench.advance(60 * DAY_MS - 1);
    expect(runs).toBe(0);
    await bench.advance(1);
    expect(runs).toBe(1);
  });

  test('a cancelled timer does not run, at any time of cancelling', async () => {
    let runs = 0;
    const early = bench.clock.setTimer(100, () => (runs += 1));
    const late = bench.clock.setTimer(60 * DAY_MS, () => (runs += 1));
    early.cancel();
    early.cancel();
    await bench.advance(40 * DAY_MS);
    late.cancel();
    await bench.advance(40 * DAY_MS);
    expect(runs).toBe(0);
  });

  test('a negative delay counts as none', async () => {
    let runs = 0;
    bench.clock.setTimer(-5, () => (runs += 1));
    await bench.advance(1);
    expect(runs).toBe(1);
  });

  test('a sleep resolves after its delay', async () => {
    let awake = false;
    const sleep = bench.clock.sleep(100).then(() => (awake = true));
    await bench.advance(99);
    expect(awake).toBe(false);
    await bench.advance(1);
    await sleep;
    expect(awake).toBe(true);
  });

  test('an aborted sleep rejects with the reason as cause', async () => {
    const controller = new AbortController();
    const reason = new Error('stop');
    const sleep = bench.clock.sleep(100, controller.signal);
    controller.abort(reason);
    await expect(sleep).rejects.toMatchObject({ code: 'AFFLUX_KERNEL_ABORTED', cause: reason });
    await expect(bench.clock.sleep(0, controller.signal)).rejects.toMatchObject({ cause: reason });
  });

  test('an abort after the sleep changes nothing', async () => {
    const controller = new AbortController();
    const sleep = bench.clock.sleep(10, controller.signal);
    await bench.advance(10);
    controller.abort();
    await expect(sleep).resolves.toBeUndefined();
  });
});

test('a system timer does not keep the process alive', () => {
  const before = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  const timer = systemClock.setTimer(DAY_MS, () => undefined);
  const during = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
  timer.cancel();
  expect(during).toBe(before);
});

test('the system clock tells both times', () => {
  const wall = systemClock.now();
  expect(Math.abs(wall - Date.now())).toBeLessThan(1000);
  const first = systemClock.monotonicMs();
  expect(systemClock.monotonicMs()).toBeGreaterThanOrEqual(first);
});

test('a delay that is no number is a programmer error', () => {
  expect(() => systemClock.setTimer(Number.NaN, () => undefined)).toThrow('must be a number');
});
