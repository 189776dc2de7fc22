/** What the keeping driver declares. */
import { z } from 'zod';

export const KEEPING_TYPE = 'keeping';

export const KEEPING_CAPABILITIES = {
  durable: true,
  order: 'total',
  replayable: true,
  competingConsumers: true,
  delayed: true,
  deadLetters: true,
  deduplicates: true,
  maxEventBytes: 100_000,
} as const;

export const keepingConfigSchema = z.strictObject({
  ageMsMax: z.number().optional(),
  bytesMax: z.number().optional(),
});

export type KeepingConfig = z.output<typeof keepingConfigSchema>;
