import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { MemoryBudget } from './budget.ts';

test('T27 one namespace cannot take all: others always find room', () => {
  const budget = new MemoryBudget({ bytesMax: 1_000 });
  const takeAll = (namespace: string): number => {
    const account = budget.account(namespace);
    while (account.tryTake(1));
    return account.usedBytes;
  };
  expect(takeAll('noisy')).toBe(750);
  expect(takeAll('quiet')).toBeGreaterThan(150);
  expect(takeAll('third')).toBeGreaterThan(30);
});

test('a single request beyond the share of a namespace alone never succeeds, one within it does', () => {
  const budget = new MemoryBudget({ bytesMax: 1_000, shareFactor: 1 });
  const account = budget.account('a');
  expect(account.bytesMax).toBe(500);
  expect(account.tryTake(501)).toBe(false);
  expect(account.tryTake(500)).toBe(true);
});

test('giving back more than was taken is a programmer error', () => {
  const account = new MemoryBudget().account('a');
  account.tryTake(10);
  expect(() => {
    account.give(11);
  }).toThrow('more bytes given back than were taken');
});

test.prop([
  fc.array(
    fc.record({
      namespace: fc.constantFrom('a', 'b', 'c'),
      bytes: fc.integer({ min: -300, max: 300 }),
    }),
  ),
])('is never exceeded, and is the sum of its accounts', (steps) => {
  const budget = new MemoryBudget({ bytesMax: 1_000 });
  for (const { namespace, bytes } of steps) {
    const account = budget.account(namespace);
    if (bytes >= 0) account.tryTake(bytes);
    else account.give(Math.min(-bytes, account.usedBytes));
    const used = ['a', 'b', 'c'].map((name) => budget.account(name).usedBytes);
    expect(budget.usedBytes).toBe(used.reduce((total, one) => total + one));
    expect(budget.usedBytes).toBeLessThanOrEqual(1_000);
  }
});
