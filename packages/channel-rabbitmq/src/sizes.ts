/** What one message may hold, checked before anything is sent. */
import { eventTooLarge } from '@afflux/channels';
import type { CloudEvent } from '@afflux/events';
import type { OutgoingMessage } from './client/confirm-publisher.ts';
import { headerBytes } from './envelope.ts';

/** Attributes within this need no counting: with the shortest names and values the table is four times as long. */
const SURELY_SMALL_BYTES = 8 * 1024;
/** The server takes one table of 64 KiB; what is left is for headers of ours. */
const HEADER_BYTES_MAX = 48 * 1024;

export function assertSizes(
  events: readonly CloudEvent[],
  messages: readonly OutgoingMessage[],
  maxEventBytes: number,
): void {
  for (const [index, { sizeBytes, data, carried }] of events.entries()) {
    if (sizeBytes > maxEventBytes) {
      throw eventTooLarge(sizeBytes, maxEventBytes, 'a rabbitmq channel');
    }
    const isSmall = sizeBytes - (data?.length ?? 0) <= SURELY_SMALL_BYTES;
    if (isSmall && carried === undefined) continue;
    const bytes = headerBytes(messages[index]?.headers ?? {});
    if (bytes > HEADER_BYTES_MAX) {
      throw eventTooLarge(bytes, HEADER_BYTES_MAX, 'the header table of a rabbitmq message');
    }
  }
}

export function sizeOf(messages: readonly OutgoingMessage[]): number {
  return messages.reduce((total, { content }) => total + content.length, 0);
}
