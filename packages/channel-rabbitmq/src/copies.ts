/** What a backlog writes back to the server, and the small parts it is made of. */
import type { DeadLetterReason } from '@afflux/channels';
import type { Channel, ConsumeMessage } from 'amqplib';
import type { OutgoingMessage } from './client/confirm-publisher.ts';
import { encodeEvent } from './envelope.ts';
import type { Held } from './held.ts';
import type { QueueNames } from './names.ts';

export interface CopyTimes {
  /** Wall clock. */
  readonly nowMs: number;
  /** Wall clock at which the event is due; 0: at once. */
  readonly dueMs: number;
  /** A wait beyond this goes through the queue for long waits, in steps of it. */
  readonly hopMs: number;
}

/** The event as it goes back: with its attempts and progress, to where its wait belongs. */
export function encodeCopy(
  { event, envelope, attempts, progress }: Held,
  names: QueueNames,
  { nowMs, dueMs, hopMs }: CopyTimes,
): OutgoingMessage {
  const { key, acceptedMs } = envelope;
  const isLong = dueMs - nowMs > hopMs;
  const address = { exchange: '', queue: isLong ? names.wait : names.retry };
  return encodeEvent(event, address, {
    key,
    acceptedMs,
    attempts,
    dueMs,
    ...(progress === undefined ? {} : { progress }),
    ...(isLong ? { hopMs: nowMs + hopMs } : {}),
  });
}

/** Why a message that is no event was given up. */
export function undecodable(queue: string, atMs: number): DeadLetterReason {
  return {
    reason: 'undecodable',
    stage: 'channel',
    destination: queue,
    code: 0,
    data: '',
    attempts: 0,
    atMs,
  };
}

/** False when the AMQP channel was closed meanwhile: the message comes again. */
export function acknowledge(channel: Channel, message: ConsumeMessage): boolean {
  try {
    channel.ack(message);
    return true;
  } catch {
    return false;
  }
}
