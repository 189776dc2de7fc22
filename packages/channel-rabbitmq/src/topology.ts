/**
 * What exists in the server and how it is declared. Everything is durable. A quorum queue gets a delivery limit
 * that is never reached: servers from 4.0 on would otherwise drop what came back twenty times. The limit is a
 * number and not "none", because servers before 4.0 read -1 as "drop at once", and the arguments of a queue must
 * not change with the version of the server.
 */
import { type SubscribeOptions, unsupported } from '@afflux/channels';
import type { Channel } from 'amqplib';
import { isNotFound } from './client/failures.ts';
import type { QueueNames } from './names.ts';

export type QueueType = 'quorum' | 'classic';

/** Without other arguments this matches every message, whatever its headers. */
const MATCHES_EVERYTHING = { 'x-match': 'all' };
const DELIVERY_LIMIT = 2 ** 31 - 1;

export interface Topology {
  readonly exchange: string;
  readonly queueType: QueueType;
}

export async function declareExchange(channel: Channel, { exchange }: Topology): Promise<void> {
  await channel.assertExchange(exchange, 'headers', { durable: true });
}

/** Returns how many messages are ready in it. */
export async function declareQueue(
  channel: Channel,
  queue: string,
  { queueType }: Topology,
): Promise<number> {
  const limit = queueType === 'quorum' ? { 'x-delivery-limit': DELIVERY_LIMIT } : {};
  const { messageCount } = await channel.assertQueue(queue, {
    durable: true,
    arguments: { 'x-queue-type': queueType, ...limit },
  });
  return messageCount;
}

/** Main and retry queue, and the binding. Returns how many messages are ready in the retry queue. */
export async function declareSubscription(
  channel: Channel,
  names: QueueNames,
  topology: Topology,
): Promise<number> {
  await declareExchange(channel, topology);
  await declareQueue(channel, names.main, topology);
  const retries = await declareQueue(channel, names.retry, topology);
  await channel.bindQueue(names.main, topology.exchange, '', MATCHES_EVERYTHING);
  return retries;
}

/** Does nothing when queue, exchange or binding are not there. */
export async function unbindQueue(
  channel: Channel,
  names: QueueNames,
  exchange: string,
): Promise<void> {
  await channel.unbindQueue(names.main, exchange, '', MATCHES_EVERYTHING);
}

/** Ready messages; undefined when there is no such queue. A missing queue ends the channel. */
export async function messagesIn(channel: Channel, queue: string): Promise<number | undefined> {
  try {
    const { messageCount } = await channel.checkQueue(queue);
    return messageCount;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/** Beginning before now is for channels that keep what was delivered. */
export function assertLatest(type: string, from: SubscribeOptions<unknown>['from']): void {
  if (from !== undefined && from !== 'latest') {
    throw unsupported(type, 'replayable', 'begin before now');
  }
}
