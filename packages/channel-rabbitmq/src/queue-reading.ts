/** Looking at what is in a queue without taking it. */
import type { Clock } from '@afflux/kernel';
import type { Channel, GetMessage } from 'amqplib';
import { isNotFound } from './client/failures.ts';
import { messagesIn } from './topology.ts';

/** How long, and how often, the server is asked whether it has back what was given back. */
const GIVEN_BACK_TRIES = 20;
const GIVEN_BACK_PAUSE_MS = 10;

/** How the look at one message ends: whether the message goes, and whether it was the last one wanted. */
export interface Verdict {
  readonly isDone?: boolean;
  readonly isLast?: boolean;
}

export interface LookLimits {
  readonly messagesMax: number;
  readonly bytesMax: number;
}

/**
 * Shows message after message, acknowledges those that are done and gives the others back in their order. A queue
 * that does not exist is an empty one.
 */
export async function lookThrough(
  channel: Channel,
  queue: string,
  limits: LookLimits,
  clock: Clock,
  look: (message: GetMessage) => Promise<Verdict>,
): Promise<void> {
  const kept: GetMessage[] = [];
  const count = await messagesIn(channel, queue);
  if (count === undefined) return;
  let bytes = 0;
  try {
    for (let looked = 0; looked < Math.min(count, limits.messagesMax); looked += 1) {
      const message = await getOne(channel, queue);
      if (message === undefined || bytes > limits.bytesMax) return;
      kept.push(message);
      bytes += message.content.length;
      const { isDone, isLast } = await look(message);
      if (isDone === true) {
        channel.ack(message);
        kept.pop();
      }
      if (isLast === true) return;
    }
  } finally {
    await giveBack(channel, queue, kept, clock);
  }
}

/** Undefined when there is none, or no such queue. */
async function getOne(channel: Channel, queue: string): Promise<GetMessage | undefined> {
  try {
    const message = await channel.get(queue);
    return message === false ? undefined : message;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/**
 * One by one, because that is what keeps their order in a quorum queue; closing the channel does not. Returns when
 * the server shows them again, so that the next look sees them.
 */
async function giveBack(
  channel: Channel,
  queue: string,
  messages: readonly GetMessage[],
  clock: Clock,
): Promise<void> {
  if (messages.length === 0) return;
  try {
    for (const message of messages) channel.nack(message, false, true);
    for (let tries = 0; tries < GIVEN_BACK_TRIES; tries += 1) {
      const count = await messagesIn(channel, queue);
      if (count === undefined || count >= messages.length) return;
      await clock.sleep(GIVEN_BACK_PAUSE_MS);
    }
  } catch {
    // The channel was lost: the server has them again.
  }
}
