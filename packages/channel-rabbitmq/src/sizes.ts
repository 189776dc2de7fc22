/** What one message may hold, checked before anything is sent. */
import { eventTooLarge } from '@afflux/channels';
import type { CloudEvent } from '@afflux/events';
import type { OutgoingMessage } from './client/confirm-publisher.ts';
import { headerBytes } from './envelope.ts';

/** The server takes one table of 64 KiB; what is left is for headers of ours. */
const HEADER_BYTES_MAX = 48 * 1024;

export function assertSizes(
  events: readonly CloudEvent[],
  messages: readonly OutgoingMessage[],
  maxEventBytes: number,
): void {
  for (const [index, { sizeBytes }] of events.entries()) {
    if (sizeBytes > maxEventBytes) {
      throw eventTooLarge(sizeBytes, maxEventBytes, 'a rabbitmq channel');
    }
    const bytes = headerBytes(messages[index]?.headers ?? {});
    if (bytes > HEADER_BYTES_MAX) {
      throw eventTooLarge(bytes, HEADER_BYTES_MAX, 'the header table of a rabbitmq message');
    }
  }
}

export function sizeOf(messages: readonly OutgoingMessage[]): number {
  return messages.reduce((total, { content }) => total + content.length, 0);
}
