import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BACKOFF_MS_MAX, backoffMs, JITTER_RATIO, withJitter } from './backoff.ts';
import type { BackoffPolicy } from './backoff.ts';
import { seededRandom } from './random.ts';

const policy = fc.constantFrom<BackoffPolicy>('linear', 'exponential');
const retry = fc.integer({ min: 1, max: 100_000 });
const delayMs = fc.double({ min: 0, max: 1e9, noNaN: true });

test('linear waits d, 2d, 3d', () => {
  const options = { policy: 'linear', delayMs: 100, delayMsMax: BACKOFF_MS_MAX } as const;
  expect([1, 2, 3, 10].map((nth) => backoffMs(nth, options))).toEqual([100, 200, 300, 1000]);
});

test('exponential waits d, 2d, 4d', () => {
  const options = { policy: 'exponential', delayMs: 100, delayMsMax: BACKOFF_MS_MAX } as const;
  expect([1, 2, 3, 10].map((nth) => backoffMs(nth, options))).toEqual([100, 200, 400, 51_200]);
});

test('a wait is never negative, never above its cap, and never shorter than the one before', () => {
  fc.assert(
    fc.property(policy, retry, delayMs, delayMs, (kind, nth, delay, delayMsMax) => {
      const options = { policy: kind, delayMs: delay, delayMsMax };
      const wait = backoffMs(nth, options);
      expect(wait).toBeGreaterThanOrEqual(0);
      expect(wait).toBeLessThanOrEqual(delayMsMax);
      expect(backoffMs(nth + 1, options)).toBeGreaterThanOrEqual(wait);
    }),
  );
});

test('a zero or negative delay never waits, however many retries there were', () => {
  for (const kind of ['linear', 'exponential'] as const) {
    const options = { policy: kind, delayMs: 0, delayMsMax: 1000 };
    expect(backoffMs(5000, options)).toBe(0);
    expect(backoffMs(5000, { ...options, delayMs: -5 })).toBe(0);
  }
});

test('jitter stays within its ratio and uses the whole of it', () => {
  fc.assert(
    fc.property(delayMs, fc.integer(), (wait, seed) => {
      const spread = withJitter(wait, seededRandom(seed));
      expect(spread).toBeGreaterThanOrEqual(wait * (1 - JITTER_RATIO));
      expect(spread).toBeLessThanOrEqual(wait * (1 + JITTER_RATIO));
    }),
  );
  expect(withJitter(100, { next: () => 0 })).toBe(90);
  expect(withJitter(100, { next: () => 0.5 })).toBe(100);
  expect(withJitter(100, { next: () => 0.5 }, 0)).toBe(100);
  expect(withJitter(100, { next: () => 0.999_999 }, 0.5)).toBeCloseTo(150, 3);
});
