/** Configuration of a Kafka channel. */
import { z } from 'zod';

const auth = z
  .strictObject({
    protocol: z.enum(['PLAINTEXT', 'SASL_PLAINTEXT', 'SSL', 'SASL_SSL']),
    sasl: z
      .strictObject({
        mechanism: z.enum(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']),
        user: z.string().min(1),
        password: z.string(),
      })
      .optional(),
    tls: z
      .strictObject({
        ca: z.string().optional(),
        cert: z.string().optional(),
        key: z.string().optional(),
      })
      .optional(),
  })
  .refine(({ protocol, sasl }) => !protocol.startsWith('SASL') || sasl !== undefined, {
    path: ['sasl'],
    message: 'is missing: a SASL protocol needs user and password',
  });

const TOPIC_NAME = /^(?!\.{1,2}$)[A-Za-z0-9._-]{1,230}$/;

export const kafkaConfigSchema = z.strictObject({
  bootstrapServers: z.array(z.string().regex(/^[^\s:@/]+:\d{1,5}$/, 'is no host:port')).min(1),
  /** Two more topics take their names from it, so it is shorter than Kafka allows. */
  topic: z.string().regex(TOPIC_NAME, 'is no topic name'),
  partitions: z.int().min(1).max(10_000).default(10),
  replicationFactor: z.int().min(1).max(100).default(3),
  topicConfig: z.record(z.string(), z.string()).default({}),
  /** The topic is somebody else's: it is never created, changed or deleted. */
  external: z.boolean().default(false),
  /** Whether there may be topics for dead letters and redelivery. Default: not beside an external topic. */
  helperTopics: z.boolean().optional(),
  contentMode: z.enum(['binary', 'structured']).default('binary'),
  /** Where a subscription begins that does not say it. */
  initialOffset: z.enum(['latest', 'earliest']).default('latest'),
  /** Adds `knativekafkapartition` and `knativekafkaoffset` to what is delivered. */
  addOffsetAttributes: z.boolean().default(true),
  auth: auth.optional(),
  sessionTimeoutMs: z.int().min(1_000).max(600_000).default(10_000),
  heartbeatIntervalMs: z.int().min(100).max(60_000).default(3_000),
  fetchWaitMs: z.int().min(10).max(10_000).default(500),
});

export type KafkaConfig = z.output<typeof kafkaConfigSchema>;

/** Topics beside the events' own. */
export function deadLetterTopic({ topic }: Pick<KafkaConfig, 'topic'>): string {
  return `${topic}.dead-letters`;
}

export function redeliveryTopic({ topic }: Pick<KafkaConfig, 'topic'>): string {
  return `${topic}.redelivery`;
}

export function mayHaveHelpers({ external, helperTopics }: KafkaConfig): boolean {
  return helperTopics ?? !external;
}
