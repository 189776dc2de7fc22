/**
 * The connections that channels of one configuration share: one for publishing, one for consuming. They are made
 * with the first lease and closed with the last. Administration borrows short-lived AMQP channels of the second.
 *
 * Work on one queue (deleting it, declaring it again, looking through its dead letters) is done one after the
 * other, so that a deletion under way never meets its successor.
 */
import { strict as assert } from 'node:assert';
import { createHash } from 'node:crypto';
import { ChannelUnavailable } from '@afflux/channels';
import type { Clock, Logger, Random } from '@afflux/kernel';
import type { Channel } from 'amqplib';
import { closeQuietly } from './client/channel-keeper.ts';
import { AmqpConnection } from './client/connection.ts';
import type { Endpoint } from './client/endpoint.ts';
import { failureError, operationFailure } from './client/failures.ts';

const ADMIN_TIMEOUT_MS = 15_000;

export interface ServerTools {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

export interface ServerLease {
  readonly publishing: AmqpConnection;
  readonly consuming: AmqpConnection;
  /** Idempotent. */
  release(): Promise<void>;
}

interface Entry {
  readonly publishing: AmqpConnection;
  readonly consuming: AmqpConnection;
  leases: number;
}

export class Servers {
  readonly #entries = new Map<string, Entry>();
  readonly #work = new Map<string, Promise<unknown>>();

  lease(endpoint: Endpoint, tools: ServerTools): ServerLease {
    const key = keyOf(endpoint);
    const existing = this.#entries.get(key);
    const entry = existing ?? {
      publishing: new AmqpConnection({ endpoint, purpose: 'publish', ...tools }),
      consuming: new AmqpConnection({ endpoint, purpose: 'consume', ...tools }),
      leases: 0,
    };
    this.#entries.set(key, entry);
    entry.leases += 1;
    let released: Promise<void> | undefined;
    return {
      publishing: entry.publishing,
      consuming: entry.consuming,
      release: () => (released ??= this.#release(key, entry)),
    };
  }

  async #release(key: string, entry: Entry): Promise<void> {
    entry.leases -= 1;
    assert(entry.leases >= 0, 'a lease of a server was released twice');
    if (entry.leases > 0) return;
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
    await Promise.all([entry.publishing.close(), entry.consuming.close()]);
  }

  /** Runs the work on a queue after all earlier work on it, whatever became of that. */
  serially<T>(queue: string, run: () => Promise<T>): Promise<T> {
    const earlier = this.#work.get(queue) ?? Promise.resolve();
    const work = earlier.then(run, run);
    const tail = work.catch(() => undefined);
    this.#work.set(queue, tail);
    void tail.then(() => {
      if (this.#work.get(queue) === tail) this.#work.delete(queue);
    });
    return work;
  }

  async close(): Promise<void> {
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    for (const { publishing, consuming } of entries) {
      await Promise.all([publishing.close(), consuming.close()]);
    }
  }
}

/** Holds the credentials only as a hash. */
function keyOf(endpoint: Endpoint): string {
  return createHash('sha256').update(JSON.stringify(endpoint)).digest('hex');
}

/**
 * Runs administration on an AMQP channel of its own. Rejects with the errors of the channel contract, in bounded
 * time.
 */
export async function administer<T>(
  connection: AmqpConnection,
  subject: string,
  clock: Clock,
  run: (channel: Channel) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  const deadline = new AbortController();
  const timer = clock.setTimer(ADMIN_TIMEOUT_MS, () => {
    deadline.abort();
  });
  const signals = signal === undefined ? [deadline.signal] : [deadline.signal, signal];
  try {
    return await administerUntil(connection, subject, clock, run, AbortSignal.any(signals));
  } finally {
    timer.cancel();
  }
}

async function administerUntil<T>(
  connection: AmqpConnection,
  subject: string,
  clock: Clock,
  run: (channel: Channel) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  await connection.attempted(signal);
  const { model, failure } = connection;
  if (model === undefined) {
    throw failure === undefined
      ? new ChannelUnavailable('RabbitMQ does not answer')
      : failureError(failure);
  }
  let channel: Channel | undefined;
  try {
    channel = await model.createChannel();
    // Each failure also rejects the call that met it; a listener keeps it from ending the process.
    channel.on('error', () => undefined);
    return await Promise.race([run(channel), aborted(signal)]);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'AFFLUX_CHANNEL_UNAVAILABLE') throw error;
    if (isChannelError(error)) throw error;
    throw failureError(operationFailure(error, subject), error);
  } finally {
    await closeQuietly(channel, clock);
  }
}

function isChannelError(error: unknown): boolean {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' && code.startsWith('AFFLUX_');
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = (): void => {
      reject(new ChannelUnavailable('RabbitMQ does not answer in time'));
    };
    if (signal.aborted) fail();
    else signal.addEventListener('abort', fail, { once: true });
  });
}
