/** Looking at what is in a queue without taking it. */
import type { Channel, GetMessage } from 'amqplib';
import { isNotFound } from './client/failures.ts';

/** One by one, because that is what keeps their order in a quorum queue; closing the channel does not. */
export function giveBack(channel: Channel, messages: readonly GetMessage[]): void {
  try {
    for (const message of messages) channel.nack(message, false, true);
  } catch {
    // The channel was lost: the server has them again.
  }
}

/** Undefined when there is none, or no such queue. */
export async function getOne(channel: Channel, queue: string): Promise<GetMessage | undefined> {
  try {
    const message = await channel.get(queue);
    return message === false ? undefined : message;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
