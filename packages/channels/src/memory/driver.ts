/** The memory channel as a driver. */
import { z } from 'zod';
import { type ChannelDriver, parseConfig } from '../driver.ts';
import { MemoryBudget } from './budget.ts';
import { MEMORY_TYPE, MemoryChannel } from './memory-channel.ts';

/** Configuration of one memory channel. Queue bounds are not here: they belong to each subscription. */
const memoryConfigSchema = z
  .strictObject({
    retryAfterMsMin: z
      .int()
      .min(1)
      .default(1_000)
      .describe('The least a refused producer is told to wait, in milliseconds.'),
    retryAfterMsMax: z
      .int()
      .min(1)
      .default(30_000)
      .describe('The most a refused producer is told to wait, in milliseconds.'),
  })
  .refine(({ retryAfterMsMin, retryAfterMsMax }) => retryAfterMsMin <= retryAfterMsMax, {
    path: ['retryAfterMsMax'],
    error: 'must not be below retryAfterMsMin',
  });

export interface MemoryDriverOptions {
  /** Shared by all channels the driver makes. Default: a {@link MemoryBudget} with its defaults. */
  readonly budget?: MemoryBudget;
}

/** A driver for channels that live in the memory of this process. One budget bounds all that it makes. */
export function memoryDriver(options: MemoryDriverOptions = {}): ChannelDriver {
  const budget = options.budget ?? new MemoryBudget();
  return {
    type: MEMORY_TYPE,
    configSchema: memoryConfigSchema,
    capabilities: {
      durable: false,
      order: 'total',
      replayable: false,
      competingConsumers: false,
      delayed: true,
      deadLetters: false,
      deduplicates: false,
    },
    create: (context) =>
      new MemoryChannel({
        context,
        account: budget.account(context.namespace ?? ''),
        retryAfter: parseConfig(MEMORY_TYPE, memoryConfigSchema, context.config),
      }),
  };
}
