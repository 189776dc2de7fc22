/**
 * What the channel writes beside an event: headers of ours, which bindings ignore and other readers skip.
 *
 *     x-afflux-key        which publish this is a copy of; ties a message to the verdict of the selectors
 *     x-afflux-at         wall clock of the publish, milliseconds
 *     x-afflux-attempts   times it was handed out before
 *     x-afflux-progress   what the reader remembers
 *     x-afflux-due        wall clock before which it is not handed out again
 *     x-afflux-hop        wall clock at which it leaves the queue for long waits
 *     x-afflux-letter     id, time and reason of a dead letter
 */
import type { DeadLetterReason } from '@afflux/channels';
import { type CloudEvent, decodeAmqp, encodeAmqp } from '@afflux/events';
import type { ConsumeMessage, GetMessage } from 'amqplib';
import type { OutgoingMessage } from './client/confirm-publisher.ts';

const KEY = 'x-afflux-key';
const AT = 'x-afflux-at';
const ATTEMPTS = 'x-afflux-attempts';
const PROGRESS = 'x-afflux-progress';
const DUE = 'x-afflux-due';
const HOP = 'x-afflux-hop';
const LETTER = 'x-afflux-letter';
const OURS = [KEY, AT, ATTEMPTS, PROGRESS, DUE, HOP, LETTER];
/** Written by quorum queues: how often the message came back. */
const DELIVERY_COUNT = 'x-delivery-count';

export type AnyMessage = ConsumeMessage | GetMessage;

/** What is known of a message beside its event. */
export interface Envelope {
  /** '' for messages of others. */
  readonly key: string;
  readonly acceptedMs: number;
  /** Times it was handed to a reader, as far as that is known. */
  readonly attempts: number;
  readonly progress: Uint8Array | undefined;
  readonly dueMs: number;
  readonly hopMs: number;
  /** Tells apart the copies of an event in the queues of one subscription; '' for messages of others. */
  readonly identity: string;
}

export interface LetterHead {
  readonly id: string;
  readonly subscription: string;
  readonly storedMs: number;
  readonly reason: DeadLetterReason;
}

export interface Address {
  readonly exchange: string;
  readonly queue: string;
  /** Some queue must take it. Always so for a queue by its name. */
  readonly mandatory?: boolean;
}

export function encodeEvent(
  event: CloudEvent,
  { exchange, queue, mandatory }: Address,
  envelope: Partial<Envelope>,
  letter?: LetterHead,
): OutgoingMessage {
  const { properties, headers, content } = encodeAmqp(event);
  addEnvelope(headers, envelope);
  addLetter(headers, letter);
  return {
    exchange,
    routingKey: queue,
    content,
    headers,
    contentType: properties.contentType,
    messageId: properties.messageId,
    mandatory: mandatory ?? exchange === '',
  };
}

/** The message as it came, with other headers of ours: for what cannot be read as an event. */
export function copyMessage(
  message: AnyMessage,
  queue: string,
  letter?: LetterHead,
): OutgoingMessage {
  const headers: Record<string, unknown> = { ...message.properties.headers };
  for (const name of [DELIVERY_COUNT, LETTER]) Reflect.deleteProperty(headers, name);
  addLetter(headers, letter);
  const { contentType, messageId } = message.properties as unknown as Record<string, unknown>;
  return {
    exchange: '',
    routingKey: queue,
    content: message.content,
    headers,
    contentType: typeof contentType === 'string' ? contentType : undefined,
    messageId: typeof messageId === 'string' ? messageId : undefined,
    mandatory: true,
  };
}

/** Written for each event: no objects in between. */
function addEnvelope(headers: Record<string, unknown>, envelope: Partial<Envelope>): void {
  const { key, acceptedMs, attempts, progress, dueMs, hopMs } = envelope;
  if (key !== undefined) headers[KEY] = key;
  if (acceptedMs !== undefined) headers[AT] = String(acceptedMs);
  if (attempts !== undefined) headers[ATTEMPTS] = String(attempts);
  if (progress !== undefined) headers[PROGRESS] = Buffer.from(progress);
  if (dueMs !== undefined) headers[DUE] = String(dueMs);
  if (hopMs !== undefined) headers[HOP] = String(hopMs);
}

function addLetter(headers: Record<string, unknown>, letter: LetterHead | undefined): void {
  if (letter !== undefined) headers[LETTER] = JSON.stringify(letter);
}

/** Throws an `EventsError` when the message is no event. */
export function readEvent(message: AnyMessage): CloudEvent {
  const { properties, content } = message;
  return decodeAmqp({ properties, headers: properties.headers, content });
}

export function readEnvelope({ properties, fields }: AnyMessage, nowMs: number): Envelope {
  const headers: Readonly<Record<string, unknown>> = properties.headers ?? {};
  const progress = headers[PROGRESS];
  const returned = integer(headers[DELIVERY_COUNT]) ?? (fields.redelivered ? 1 : 0);
  const key = text(headers[KEY]) ?? '';
  const version = [ATTEMPTS, DUE, HOP].map((name) => text(headers[name]) ?? '').join('/');
  return {
    key,
    identity: key === '' ? '' : `${key}/${version}`,
    acceptedMs: integer(headers[AT]) ?? nowMs,
    attempts: (integer(headers[ATTEMPTS]) ?? 0) + returned,
    progress: progress instanceof Uint8Array ? progress : undefined,
    dueMs: integer(headers[DUE]) ?? 0,
    hopMs: integer(headers[HOP]) ?? 0,
  };
}

/** Undefined when the message was not put there by us. */
export function readLetter({ properties }: AnyMessage): LetterHead | undefined {
  const written = text((properties.headers as Record<string, unknown> | undefined)?.[LETTER]);
  if (written === undefined) return undefined;
  try {
    const head = JSON.parse(written) as Partial<LetterHead>;
    const isComplete = typeof head.id === 'string' && typeof head.storedMs === 'number';
    return isComplete && head.reason !== undefined ? (head as LetterHead) : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Bytes of the headers as the protocol encodes them, at most. A server takes one frame of them; what is left of it
 * is for headers of ours.
 */
export function headerBytes(headers: Readonly<Record<string, unknown>>): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(headers)) {
    if (OURS.includes(name)) continue;
    bytes += 6 + Buffer.byteLength(name) + Buffer.byteLength(String(value));
  }
  return bytes;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function integer(value: unknown): number | undefined {
  const number = typeof value === 'string' ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined;
}
