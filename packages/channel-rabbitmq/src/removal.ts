/**
 * Deleting the queues of a subscription. First no more events are sent to them: a server that is given one for a
 * quorum queue while it is being deleted may end the connection of whoever published it (seen with 3.10).
 */
import type { Clock } from '@afflux/kernel';
import type { AmqpConnection } from './client/connection.ts';
import type { QueueNames } from './names.ts';
import { administer } from './server.ts';
import { unbindQueue } from './topology.ts';

/** Time for publishes that were routed before the binding went. */
const ROUTED_MS = 100;

/** Dead letters outlive their subscription: their queue goes only when it is empty. */
export async function removeQueues(
  connection: AmqpConnection,
  names: QueueNames,
  exchange: string,
  clock: Clock,
  signal?: AbortSignal,
): Promise<void> {
  const subject = `queue ${names.main}`;
  await administer(
    connection,
    subject,
    clock,
    async (channel) => {
      await unbindQueue(channel, names, exchange);
      await clock.sleep(ROUTED_MS, signal);
      await channel.deleteQueue(names.main);
      await channel.deleteQueue(names.retry);
      await channel.deleteQueue(names.wait);
      await channel.deleteQueue(names.direct);
    },
    signal,
  );
  await removeDeadIfEmpty(connection, names, clock, signal);
}

async function removeDeadIfEmpty(
  connection: AmqpConnection,
  { dead }: QueueNames,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<void> {
  const work = administer(
    connection,
    `queue ${dead}`,
    clock,
    async (channel) => {
      const { messageCount } = await channel.checkQueue(dead);
      if (messageCount === 0) await channel.deleteQueue(dead);
    },
    signal,
  );
  // Most subscriptions never had a dead letter, and so no such queue.
  await work.catch(() => undefined);
}
