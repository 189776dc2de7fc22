import type { Clock } from '@afflux/kernel';
import { FakeClock } from '@afflux/kernel/testing';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DeadlineWheel } from './deadline-wheel.ts';
import type { WheelEntry } from './deadline-wheel.ts';

class Entry implements WheelEntry {
  dueMs = 0;
  bucket = -1;
  previousEntry: WheelEntry | undefined = undefined;
  nextEntry: WheelEntry | undefined = undefined;
  readonly firedAtMs: number[] = [];
  readonly #then: (() => void) | undefined;

  constructor(then?: () => void) {
    this.#then = then;
  }

  onDue(nowMs: number): void {
    this.firedAtMs.push(nowMs);
    this.#then?.();
  }
}

describe('DeadlineWheel', () => {
  test('fires each entry once, not early and at most one tick late', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 30 }),
        async (delays) => {
          const clock = new FakeClock();
          const wheel = new DeadlineWheel(clock);
          const entries = delays.map((delayMs) => {
            const entry = new Entry();
            wheel.arm(entry, delayMs);
            return { delayMs, entry };
          });
          await clock.advance(40_060);
          for (const { delayMs, entry } of entries) {
            expect(entry.firedAtMs).toHaveLength(1);
            expect(entry.firedAtMs[0]).toBeGreaterThanOrEqual(delayMs);
            expect(entry.firedAtMs[0]).toBeLessThanOrEqual(delayMs + 40);
          }
          expect(wheel.size).toBe(0);
        },
      ),
      { numRuns: 10 },
    );
  });

  test('a disarmed entry does not fire, and no timer is left when none is armed', async () => {
    const clock = new FakeClock();
    const wheel = new DeadlineWheel(clock);
    const [first, second, third] = [new Entry(), new Entry(), new Entry()];
    for (const entry of [first, second, third]) wheel.arm(entry, 100);
    wheel.disarm(second);
    wheel.disarm(second);
    await clock.advance(200);
    expect([first, second, third].map(({ firedAtMs }) => firedAtMs.length)).toEqual([1, 0, 1]);
    expect(clock.pending).toBe(0);
  });

  test('an entry may be moved, and may arm itself or disarm others while firing', async () => {
    const clock = new FakeClock();
    const wheel = new DeadlineWheel(clock);
    const victim = new Entry();
    const again: Entry = new Entry(() => {
      wheel.disarm(victim);
      if (again.firedAtMs.length < 3) wheel.arm(again, clock.monotonicMs() + 50);
    });
    wheel.arm(victim, 500);
    wheel.arm(again, 9999);
    wheel.arm(again, 100);
    await clock.advance(1000);
    expect(again.firedAtMs).toEqual([100, 160, 220]);
    expect(victim.firedAtMs).toEqual([]);
  });

  test('visits every armed entry', () => {
    const wheel = new DeadlineWheel(new FakeClock());
    const entries = Array.from({ length: 5 }, () => new Entry());
    entries.forEach((entry, index) => {
      wheel.arm(entry, index * 7);
    });
    const seen = new Set<WheelEntry>();
    wheel.visit((entry) => {
      seen.add(entry);
      wheel.disarm(entry);
    });
    expect(seen.size).toBe(5);
    expect(wheel.size).toBe(0);
  });

  test('F09 after the event loop stood still, sockets get a turn before anything is called late', () => {
    const clock = new HandClock();
    const wheel = new DeadlineWheel(clock);
    const entry = new Entry();
    wheel.arm(entry, 1000);
    clock.runTimerAfter(5000);
    expect(entry.firedAtMs).toEqual([]);
    clock.runTimerAfter(20);
    expect(entry.firedAtMs).toEqual([5020]);
  });
});

/** A clock whose timers run late. */
class HandClock implements Clock {
  #nowMs = 0;
  #timer: (() => void) | undefined;

  now(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  setTimer(_delayMs: number, run: () => void): { cancel(): void } {
    this.#timer = run;
    return { cancel: () => undefined };
  }

  sleep(): Promise<void> {
    return Promise.resolve();
  }

  runTimerAfter(ms: number): void {
    this.#nowMs += ms;
    const run = this.#timer;
    this.#timer = undefined;
    run?.();
  }
}
