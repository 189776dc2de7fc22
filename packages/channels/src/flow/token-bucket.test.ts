import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

test.prop([
  fc.double({ min: 0.1, max: 10_000, noNaN: true }),
  fc.array(fc.double({ min: 0, max: 5_000, noNaN: true }), { minLength: 1, maxLength: 100 }),
])('never gives more than the burst and the rate allow', (rate, steps) => {
  const bucket = new TokenBucket(rate, 0);
  const burst = Math.max(1, rate / 10);
  let nowMs = 0;
  let taken = 0;
  for (const step of steps) {
    nowMs += step;
    const before = taken;
    while (bucket.waitMs(nowMs) === 0) {
      bucket.spend();
      taken += 1;
    }
    expect(taken - before).toBeLessThanOrEqual(burst + 0.001);
    expect(taken).toBeLessThanOrEqual(burst + (rate * nowMs) / 1000 + 0.001);
  }
});

test.prop([fc.double({ min: 0.1, max: 10_000, noNaN: true })])(
  'a token is there after the wait it names, and not sooner',
  (rate) => {
    const bucket = new TokenBucket(rate, 0);
    while (bucket.waitMs(0) === 0) bucket.spend();
    const waitMs = bucket.waitMs(0);
    expect(bucket.waitMs(waitMs * 0.9)).toBeGreaterThan(0);
    expect(bucket.waitMs(waitMs)).toBe(0);
  },
);
