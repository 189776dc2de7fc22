import { expect } from 'vitest';
import { testChannel } from '../testkit/index.ts';
import { MemoryBudget } from './budget.ts';
import { memoryDriver } from './driver.ts';

const budget = new MemoryBudget();

testChannel({
  name: 'memory',
  driver: () => memoryDriver({ budget }),
  capabilities: {
    durable: false,
    order: 'total',
    replayable: false,
    competingConsumers: false,
    delayed: true,
    deadLetters: false,
    deduplicates: false,
  },
  assertClean: () => {
    expect(budget.usedBytes).toBe(0);
  },
});
