import { expect, test } from 'vitest';
import { newUuid, seededRandom, systemRandom } from './random.ts';

test('the same seed says the same, another seed does not', () => {
  const draw = (seed: number): number[] => {
    const random = seededRandom(seed);
    return Array.from({ length: 5 }, () => random.next());
  };
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
});

test.each([
  ['seeded', seededRandom(1)],
  ['system', systemRandom],
])('%s numbers are in [0, 1) and spread over it', (_name, random) => {
  const buckets = new Array<number>(10).fill(0);
  for (let draw = 0; draw < 10_000; draw += 1) {
    const value = random.next();
    expect(value >= 0 && value < 1).toBe(true);
    const bucket = Math.floor(value * 10);
    buckets[bucket] = (buckets[bucket] ?? 0) + 1;
  }
  // 1,000 expected in each; the bounds are more than six standard deviations away.
  expect(Math.min(...buckets)).toBeGreaterThan(800);
  expect(Math.max(...buckets)).toBeLessThan(1200);
});

test('identifiers are version 4 UUIDs and differ', () => {
  const id = newUuid();
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(newUuid()).not.toBe(id);
});
