import { describe, expect, it } from 'vitest';
import { TokenBucket } from './token-bucket.ts';

describe('TokenBucket', () => {
  it('gives its burst at once, then one after each refill', () => {
    const bucket = new TokenBucket({ burst: 2, refillMs: 100 }, 0);
    expect([bucket.take(0), bucket.take(0), bucket.take(0)]).toEqual([true, true, false]);
    expect([bucket.take(99), bucket.take(100), bucket.take(100)]).toEqual([false, true, false]);
  });

  it('never holds more than its burst', () => {
    const bucket = new TokenBucket({ burst: 2, refillMs: 100 }, 0);
    const taken = [1, 2, 3].map(() => bucket.take(1_000_000));
    expect(taken).toEqual([true, true, false]);
  });

  it('says how long it takes until there is a token, and is right', () => {
    const bucket = new TokenBucket({ burst: 1, refillMs: 300 }, 0);
    bucket.take(0);
    const waitMs = bucket.waitMs(100);
    expect(waitMs).toBe(200);
    expect(bucket.take(100 + waitMs)).toBe(true);
  });
});
