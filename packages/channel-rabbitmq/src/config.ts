/** Configuration of a RabbitMQ channel: which server, which exchange, and the bounds of what is in flight. */
import { z } from 'zod';

/** What every server takes: the default bound of RabbitMQ 4. */
export const MAX_EVENT_BYTES = 16 * 1024 * 1024;

const addressSchema = z
  .string()
  .refine(isAddress, 'must be amqp://host[:port] or amqps://host[:port], without credentials');

function isAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, hostname } = new URL(text);
  const isAmqp = protocol === 'amqp:' || protocol === 'amqps:';
  return isAmqp && username === '' && password === '' && hostname !== '';
}

const tlsSchema = z
  .strictObject({
    ca: z
      .string()
      .optional()
      .describe('PEM of the authorities to trust. Default: those of the system.'),
    cert: z.string().optional().describe('PEM of the client certificate.'),
    key: z.string().optional().describe('PEM of its key.'),
  })
  .refine(({ cert, key }) => (cert === undefined) === (key === undefined), {
    path: ['key'],
    error: 'a client certificate and its key come together',
  });

export const configSchema = z.strictObject({
  urls: z
    .array(addressSchema)
    .min(1)
    .describe('Addresses of the nodes, tried in turn. No credentials in them.'),
  username: z.string().optional().describe('Absent with a client certificate: mechanism EXTERNAL.'),
  password: z.string().optional(),
  vhost: z.string().min(1).max(255).default('/'),
  tls: tlsSchema.optional(),
  exchange: z.string().min(1).max(200).describe('Of kind headers; made when it is missing.'),
  queueType: z.enum(['quorum', 'classic']).default('quorum'),
  consumerTimeoutMs: z
    .int()
    .min(60_000)
    .default(1_800_000)
    .describe('`consumer_timeout` of the server: how long a message may stay unacknowledged.'),
  prefetchMax: z
    .int()
    .min(32)
    .max(1_000)
    .default(1_000)
    .describe('Most messages that a subscription reads ahead.'),
  inFlightMessagesMax: z
    .int()
    .min(1)
    .default(2_000)
    .describe('Publishes waiting for their confirm.'),
  inFlightBytesMax: z
    .int()
    .min(1)
    .default(64 * 1024 * 1024)
    .describe('The same in bytes.'),
  confirmTimeoutMs: z
    .int()
    .min(100)
    .default(10_000)
    .describe('After so long without a confirm the outcome of a publish counts as unknown.'),
  maxEventBytes: z
    .int()
    .min(1)
    .max(MAX_EVENT_BYTES)
    .default(MAX_EVENT_BYTES)
    .describe("Largest event; must be within the server's `max_message_size`."),
});

export type RabbitmqConfig = z.output<typeof configSchema>;
