import { fc, test } from '@fast-check/vitest';
import { expect, it } from 'vitest';
import { BodyBudget } from './body-budget.ts';

it('T27 keeps a share for other namespaces', () => {
  const budget = new BodyBudget(100, 0.5);
  expect(budget.reserve('noisy', 50)).toBe(true);
  expect(budget.reserve('noisy', 1)).toBe(false);
  expect(budget.reserve('quiet', 50)).toBe(true);
  expect(budget.reserve('quiet', 1)).toBe(false);
  budget.release('noisy', 50);
  expect(budget.reserve('other', 50)).toBe(true);
});

test.prop([fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(60)))])(
  'never holds more than its bounds, and nothing once all is released',
  (requests) => {
    const budget = new BodyBudget(100, 0.6);
    const held: [string, number][] = [];
    for (const [namespace, bytes] of requests) {
      if (budget.reserve(namespace, bytes)) held.push([namespace, bytes]);
      expect(budget.bytes).toBeLessThanOrEqual(100);
      expect(budget.bytes).toBe(held.reduce((sum, [, size]) => sum + size, 0));
    }
    for (const [namespace, bytes] of held) budget.release(namespace, bytes);
    expect(budget.bytes).toBe(0);
    expect(budget.reserve('a', 60)).toBe(true);
  },
);
