/** What can be configured, with defaults and bounds. Values come parsed from whoever read the environment. */
import { z } from 'zod';

const logSchema = z.strictObject({
  level: z
    .enum(['error', 'warn', 'info', 'debug', 'silent'])
    .default('info')
    .describe('The least severe level that is written; silent writes nothing.'),
  format: z
    .enum(['json', 'pretty'])
    .default('json')
    .describe('json: one object per line. pretty: one readable line per entry, for terminals.'),
  destination: z.enum(['stdout', 'stderr']).default('stdout').describe('Where lines are written.'),
  colour: z
    .enum(['auto', 'always', 'never'])
    .default('auto')
    .describe('Colours of pretty lines; auto: when the destination is a terminal.'),
  repeatsMax: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(10)
    .describe('How often the same warning of the same component is written per interval.'),
  repeatIntervalMs: z
    .int()
    .min(100)
    .max(3_600_000)
    .default(10_000)
    .describe(
      'Interval of repeatsMax, in milliseconds; at its end the number left out is written.',
    ),
});

const metricsSchema = z.strictObject({
  childrenMax: z
    .int()
    .min(1)
    .max(100_000)
    .default(20_000)
    .describe('Label combinations kept per instrument; values beyond go to one labelled "other".'),
  processMetrics: z
    .boolean()
    .default(true)
    .describe('Adds CPU, memory, event loop and garbage collection of the process.'),
});

const tracingSchema = z.strictObject({
  endpoint: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Base URL of an OTLP/HTTP collector; /v1/traces is added. Absent: no tracing.'),
  headers: z
    .record(z.string(), z.string())
    .default({})
    .describe('Headers for the collector, such as an API key. Never logged.'),
  serviceName: z.string().min(1).max(255).default('afflux').describe('service.name of the spans.'),
  samplingRatio: z
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe('Share of the traces beginning here that is recorded.'),
  trustParent: z
    .boolean()
    .default(false)
    .describe('Follow the sampled flag of requests from outside instead of samplingRatio.'),
  exportTimeoutMs: z
    .int()
    .min(100)
    .max(60_000)
    .default(5000)
    .describe('Bound on one export to the collector, in milliseconds.'),
});

/** Process configuration of logs, metrics and traces. */
export const configSchema = z.strictObject({
  log: logSchema.prefault({}),
  metrics: metricsSchema.prefault({}),
  tracing: tracingSchema.prefault({}),
});

export type ObservabilityConfig = z.infer<typeof configSchema>;
export type LogConfig = ObservabilityConfig['log'];
export type TracingConfig = ObservabilityConfig['tracing'];
