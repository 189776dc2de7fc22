/** Configuration of one durable channel. */
import { z } from 'zod';

export const DURABLE_TYPE = 'durable';

const DAY_MS = 86_400_000;
const GIBIBYTE = 2 ** 30;

export const durableConfigSchema = z.strictObject({
  retentionMs: z
    .int()
    .min(1_000)
    .default(7 * DAY_MS)
    .describe('How long an event is kept, delivered or not, in milliseconds.'),
  retentionBytes: z
    .int()
    .min(2 ** 20)
    .default(8 * GIBIBYTE)
    .describe('How much the channel keeps on the disk, in bytes: beyond it the oldest events go.'),
  deadLetterRetentionMs: z
    .int()
    .min(1_000)
    .default(30 * DAY_MS)
    .describe('How long a dead letter is kept, in milliseconds.'),
  detachedMsMax: z
    .int()
    .min(1_000)
    .default(7 * DAY_MS)
    .describe(
      'How long a subscription that nobody reads is kept with its backlog, in milliseconds.',
    ),
});

export type DurableConfig = z.output<typeof durableConfigSchema>;
