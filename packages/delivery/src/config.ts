/** Limits and policy of the sender. All times in milliseconds, all sizes in bytes. */
import { z } from 'zod';

const ms = z.int().min(1).max(3_600_000);
const count = z.int().min(1).max(100_000);

/** Settings of an {@link EventSender}; every field has a default. */
export const senderConfigSchema = z.strictObject({
  connectTimeoutMs: ms
    .default(10_000)
    .describe('Bound on finding the address, connecting and the TLS handshake.'),
  headersTimeoutMs: z
    .int()
    .min(0)
    .max(3_600_000)
    .default(0)
    .describe('Bound on waiting for the response head; 0: as long as the attempt may take.'),
  bodyTimeoutMs: ms.default(60_000).describe('Bound on a pause within the response body.'),
  keepAliveMs: ms
    .default(4_000)
    .describe('How long an idle connection is kept; a Keep-Alive hint of the target wins.'),
  connectionAgeMsMax: ms
    .default(300_000)
    .describe(
      'A connection older than this is not used again, so that a changed address is noticed.',
    ),
  originIdleMs: ms.default(60_000).describe('An origin unused for this long is forgotten.'),
  responseHeaderBytesMax: z
    .int()
    .min(1024)
    .max(1_048_576)
    .default(81_920)
    .describe('Bound on the headers of a response; replies carry attributes there.'),
  replyBytesMax: z
    .int()
    .min(1024)
    .max(268_435_456)
    .default(4_194_304)
    .describe('Bound on the body of a reply.'),
  connectionsPerOriginMax: count.default(256).describe('Connections to one origin.'),
  waitingPerOriginMax: count
    .default(10_000)
    .describe('Attempts that may wait for a connection of one origin.'),
  originsMax: count.default(1024).describe('Origins with connections at a time.'),
  allowLoopback: z
    .boolean()
    .default(false)
    .describe('Whether targets on this machine are allowed.'),
  allowPrivate: z
    .boolean()
    .default(false)
    .describe('Whether targets in private ranges are allowed.'),
});

export type SenderConfig = z.infer<typeof senderConfigSchema>;
