/**
 * The process configuration: what `afflux.yaml` and the flags of `afflux dev` may set. One schema gives types,
 * defaults, bounds and the table in the README. Durations and sizes are written as people write them and
 * become numbers here; unknown keys are errors that name the nearest key.
 */
import { parseBytes, parseDuration } from '@afflux/kernel';
import { z } from 'zod';
import { ServerError } from './errors.ts';

const durationMs = z
  .union([z.string(), z.number()])
  .transform((value, context) => {
    try {
      return typeof value === 'number' ? value : parseDuration(value);
    } catch {
      context.addIssue({ code: 'custom', message: 'expected a duration such as 30s or PT30S' });
      return z.NEVER;
    }
  })
  .pipe(z.number().min(0));

const bytes = z
  .union([z.string(), z.number()])
  .transform((value, context) => {
    try {
      return typeof value === 'number' ? value : parseBytes(value);
    } catch {
      context.addIssue({ code: 'custom', message: 'expected a size such as 4MiB' });
      return z.NEVER;
    }
  })
  .pipe(z.int().min(1024));

/** They would end up in status and messages (T30), and no delivery would use them (T06). */
function hasCredentials(url: string): boolean {
  const { username, password } = new URL(url);
  return username !== '' || password !== '';
}

/** What carries Brokers and Channels that do not say it themselves. */
export const CHANNEL_TYPES = ['memory', 'durable', 'kafka', 'rabbitmq'] as const;

export type ChannelType = (typeof CHANNEL_TYPES)[number];

const channelSchema = z.strictObject({
  type: z
    .enum(CHANNEL_TYPES)
    .optional()
    .describe('Default channel of Brokers and Channels; durable with dataDir, else memory.'),
  kafka: z
    .strictObject({
      bootstrapServers: z
        .string()
        .min(1)
        .optional()
        .describe('host:port, separated by commas; or AFFLUX_KAFKA_BOOTSTRAP_SERVERS.'),
      partitions: z.int().min(1).max(10_000).default(10),
      replicationFactor: z.int().min(1).max(100).default(1),
      secret: z
        .string()
        .min(1)
        .optional()
        .describe("Secret of the system namespace with Knative's keys for TLS and SASL."),
    })
    .prefault({}),
  rabbitmq: z
    .strictObject({
      url: z
        .url({ protocol: /^amqps?$/ })
        .optional()
        .describe('amqp:// or amqps://, with user and password; or AFFLUX_RABBITMQ_URL.'),
    })
    .prefault({}),
});

const port = z.int().min(0).max(65_535);

export const configSchema = z.strictObject({
  host: z.string().default('127.0.0.1').describe('Address of both ports; loopback by default.'),
  port: port.default(0).describe('Port that takes events; 0 takes a free one.'),
  controlPort: port.default(0).describe('Port of health and metrics; 0 takes a free one.'),
  controlToken: z
    .string()
    .regex(/^[\x21-\x7e]{16,4096}$/, 'expected at least 16 visible characters')
    .optional()
    .describe('Token that callers of the control port show; or AFFLUX_TOKEN. Made off loopback.'),
  controlTls: z
    .strictObject({ certFile: z.string().min(1), keyFile: z.string().min(1) })
    .optional()
    .describe('Certificate and key (PEM) of the control port. Made where it asks for a token.'),
  manifests: z.array(z.string()).default([]).describe('Files and directories of manifests.'),
  watch: z.boolean().default(true).describe('Apply changed manifest files while running.'),
  services: z
    .record(
      z.string().regex(/^[a-z0-9.-]+\/[a-z0-9.-]+$/, 'expected <namespace>/<name>'),
      z
        .url({ protocol: /^https?$/ })
        .refine((url) => !hasCredentials(url), 'must not carry a user name or password'),
    )
    .default({})
    .describe('Where v1 Services run on this machine, by <namespace>/<name>.'),
  systemNamespace: z
    .string()
    .default('knative-eventing')
    .describe('Namespace of the config maps config-features, config-br-defaults and others.'),
  shutdownGrace: durationMs
    .default(25_000)
    .describe("Time to deliver what was accepted after SIGTERM; less than a pod's 30 s."),
  log: z
    .strictObject({
      format: z.enum(['pretty', 'json']).default('json'),
      level: z.enum(['error', 'warn', 'info', 'debug', 'silent']).default('info'),
    })
    .prefault({})
    .describe('Log lines on stderr.'),
  tracing: z
    .strictObject({
      endpoint: z
        .url({ protocol: /^https?$/ })
        .optional()
        .describe('OTLP/HTTP endpoint; without it nothing is recorded.'),
      samplingRatio: z.number().min(0).max(1).default(1),
      trustParent: z.boolean().default(false),
    })
    .prefault({}),
  ingress: z
    .strictObject({
      bodyMax: bytes.default(4 * 1024 * 1024).describe('Largest body of one request; 413 beyond.'),
      bodiesMax: bytes
        .default(256 * 1024 * 1024)
        .describe('All bodies being received; 503 beyond.'),
      headersTimeout: durationMs.default(10_000),
      requestTimeout: durationMs.default(30_000),
      connectionsMax: z.int().min(1).default(20_000),
      allowedHosts: z.array(z.string()).default([]),
      allowedOrigins: z.array(z.string()).default([]),
    })
    .prefault({}),
  delivery: z
    .strictObject({
      allowPrivate: z
        .boolean()
        .default(true)
        .describe('Deliver to private and loopback addresses. Link-local is never allowed.'),
      connectionsPerOrigin: z.int().min(1).default(256),
    })
    .prefault({}),
  dataDir: z
    .string()
    .min(1)
    .optional()
    .describe('Directory of durable channels and their dead letters; one process at a time.'),
  channel: channelSchema.prefault({}),
  memory: z
    .strictObject({
      budget: bytes
        .default(256 * 1024 * 1024)
        .describe('Events held by all memory channels; 429 beyond.'),
    })
    .prefault({}),
});

/** What may be given; everything has a default. */
export type ConfigInput = z.input<typeof configSchema>;
export type Config = z.output<typeof configSchema>;

/**
 * Checks a configuration and fills in its defaults. `where` names its origin in errors. Throws
 * `AFFLUX_SERVER_CONFIG_INVALID` listing every problem by its path.
 */
export function parseConfig(input: unknown, where = 'configuration'): Config {
  const result = configSchema.safeParse(input ?? {});
  if (result.success) return checked(result.data, where);
  const problems = result.error.issues.map((issue) => {
    const path = issue.path.map(String).join('.');
    const hint = issue.code === 'unrecognized_keys' ? nearestKeys(issue.keys, issue.path) : '';
    const message = issue.code === 'invalid_key' ? issue.issues[0]?.message : issue.message;
    return `${path === '' ? '' : `${path}: `}${message ?? issue.message}${hint}`;
  });
  throw configInvalid(where, problems);
}

/** What carries Brokers and Channels that do not say it themselves. */
export function defaultChannelType({ channel, dataDir }: Config): ChannelType {
  return channel.type ?? (dataDir === undefined ? 'memory' : 'durable');
}

/** What no single field can say. */
function checked(config: Config, where: string): Config {
  const { kafka, rabbitmq } = config.channel;
  const missing: Readonly<Record<ChannelType, string | undefined>> = {
    memory: undefined,
    durable:
      config.dataDir === undefined ? 'dataDir (--data-dir), a directory for the events' : undefined,
    kafka:
      kafka.bootstrapServers === undefined
        ? 'channel.kafka.bootstrapServers (AFFLUX_KAFKA_BOOTSTRAP_SERVERS), such as localhost:9092'
        : undefined,
    rabbitmq:
      rabbitmq.url === undefined
        ? 'channel.rabbitmq.url (AFFLUX_RABBITMQ_URL), such as amqp://localhost'
        : undefined,
  };
  const type = defaultChannelType(config);
  const problem = missing[type];
  if (problem === undefined) return Object.freeze(config);
  throw configInvalid(where, [`channel.type ${type} needs ${problem}`]);
}

function configInvalid(where: string, problems: readonly string[]): ServerError {
  return new ServerError(`${where}: ${problems.join('; ')}`, {
    code: 'AFFLUX_SERVER_CONFIG_INVALID',
    fault: 'user',
    details: { problems },
  });
}

/** The known keys at a path, as a hint for one that is not. */
function nearestKeys(keys: readonly string[], path: readonly PropertyKey[]): string {
  let schema: unknown = configSchema;
  for (const step of path) {
    schema = unwrap(
      (unwrap(schema) as { shape?: Record<string, unknown> } | undefined)?.shape?.[String(step)],
    );
  }
  const known = Object.keys((unwrap(schema) as { shape?: object } | undefined)?.shape ?? {});
  const close = keys
    .map((key) => known.find((name) => isClose(name, key)))
    .filter((name) => name !== undefined);
  return close.length > 0
    ? ` (did you mean ${close.join(', ')}?)`
    : ` (known: ${known.join(', ')})`;
}

function unwrap(schema: unknown): unknown {
  let inner = schema as { _zod?: { def?: { innerType?: unknown } } } | undefined;
  while (inner?._zod?.def?.innerType !== undefined) {
    inner = inner._zod.def.innerType as typeof inner;
  }
  return inner;
}

function isClose(left: string, right: string): boolean {
  const a = left.toLowerCase();
  const b = right.toLowerCase();
  return (
    a === b ||
    a.startsWith(b) ||
    b.startsWith(a) ||
    (Math.abs(a.length - b.length) <= 1 && differences(a, b) <= 2)
  );
}

function differences(a: string, b: string): number {
  let count = Math.abs(a.length - b.length);
  for (let index = 0; index < Math.min(a.length, b.length); index += 1) {
    if (a[index] !== b[index]) count += 1;
  }
  return count;
}
