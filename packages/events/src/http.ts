/**
 * Which mode an HTTP message is in, and reading it (CloudEvents HTTP binding §3). The content type decides:
 * the media types of CloudEvents mean structured or batched mode, whatever headers stand beside them;
 * everything else is binary mode, for which the attribute headers must be there.
 *
 * Requests and responses are read alike. What a response means that is no event is for its caller to say.
 */
import { decodeBinary } from './binary-decode.ts';
import type { CloudEvent } from './cloud-event.ts';
import type { Problem } from './errors.ts';
import { EventsError, shown } from './errors.ts';
import type { DecodeOptions, DecodeSettings } from './limits.ts';
import { decodeSettings } from './limits.ts';
import type { MediaType } from './media-type.ts';
import { mediaType } from './media-type.ts';
import {
  contentEncodingProblem,
  contentType,
  contentTypeProblem,
  declaredSpecVersion,
} from './message-headers.ts';
import { isSpecVersion } from './rules.ts';
import { decodeBatch, decodeStructured } from './structured-decode.ts';

function unsupported(problem: Problem): EventsError {
  return new EventsError('AFFLUX_EVENTS_UNSUPPORTED', 415, [problem]);
}

function unsupportedFormat(type: MediaType): EventsError {
  const reason = `${shown(type.essence)} is an event format that is not read here: send application/cloudevents+json, or ce- headers`;
  return unsupported({ attribute: 'content-type', reason });
}

/** JSON is UTF-8 by definition; a sender that declares something else means something else. */
function checkCharset(type: MediaType | undefined): void {
  if (type === undefined || type.isUtf8) return;
  const reason = `declares the charset ${shown(type.charset ?? '')}: send JSON in UTF-8`;
  throw unsupported({ attribute: 'content-type', reason });
}

function checkMessage(rawHeaders: readonly string[], type: string): void {
  const conflict = contentTypeProblem(rawHeaders, type);
  if (conflict !== undefined) throw new EventsError('AFFLUX_EVENTS_INVALID', 400, [conflict]);
  const packed = contentEncodingProblem(rawHeaders);
  if (packed !== undefined) throw unsupported(packed);
}

function decodeAs(
  rawHeaders: readonly string[],
  body: Buffer,
  type: string,
  settings: DecodeSettings,
): CloudEvent[] {
  const media = type === '' ? undefined : mediaType(type);
  switch (media?.format) {
    case 'json':
      checkCharset(media);
      return decodeStructured(body, settings);
    case 'json-batch':
      checkCharset(media);
      return decodeBatch(body, settings);
    case 'unknown':
      // Headers that are complete without the body make it an event whose data we need not understand.
      if (!isSpecVersion(declaredSpecVersion(rawHeaders))) throw unsupportedFormat(media);
      break;
    case 'none':
    case undefined:
      break;
  }
  return [decodeBinary(rawHeaders, type, body, settings)];
}

/**
 * Reads the events of an HTTP message: one in binary and structured mode, any number from a batch.
 *
 * @param rawHeaders as in Node's `IncomingMessage.rawHeaders`: flat, one byte per character.
 * @param body the whole body, bounded by the caller; it is shared with the event, so it must not be reused.
 * @throws EventsError with `status` (400, 413, 415 or 431) and every problem found. All or none: nothing of
 * a batch is returned when one element is bad.
 */
export function decodeHttp(
  rawHeaders: readonly string[],
  body: Buffer,
  options?: DecodeOptions,
): CloudEvent[] {
  const type = contentType(rawHeaders);
  checkMessage(rawHeaders, type);
  return decodeAs(rawHeaders, body, type, decodeSettings(options));
}

/** What the answer of a subscriber holds. */
export type HttpReply =
  /** Nothing: an empty body without the marks of an event, or a status that is not 2xx. */
  | { readonly kind: 'none' }
  | { readonly kind: 'event'; readonly event: CloudEvent }
  /** A body that does not claim to be an event, such as the `ok` of a web framework. */
  | { readonly kind: 'not-an-event' }
  /** It claims to be an event but is none that can be used: malformed, a batch, an unknown format. */
  | { readonly kind: 'invalid'; readonly error: EventsError };

/** The marks of an event: one of CloudEvents' media types, or a `ce-specversion` header. */
function claimsToBeEvent(rawHeaders: readonly string[], type: string): boolean {
  const format = mediaType(type)?.format ?? 'none';
  return format !== 'none' || declaredSpecVersion(rawHeaders) !== '';
}

function batchReply(): EventsError {
  return unsupported({ attribute: 'content-type', reason: 'is a batch: reply with one event' });
}

/** Reads what a subscriber answered. Never throws for anything the subscriber sent. */
export function decodeHttpReply(
  status: number,
  rawHeaders: readonly string[],
  body: Buffer,
  options?: DecodeOptions,
): HttpReply {
  if (status < 200 || status > 299) return { kind: 'none' };
  const type = contentType(rawHeaders);
  if (!claimsToBeEvent(rawHeaders, type)) {
    return { kind: body.length === 0 ? 'none' : 'not-an-event' };
  }
  try {
    if (mediaType(type)?.format === 'json-batch') throw batchReply();
    const [event] = decodeHttp(rawHeaders, body, options);
    return event === undefined ? { kind: 'none' } : { kind: 'event', event };
  } catch (error) {
    if (error instanceof EventsError) return { kind: 'invalid', error };
    throw error;
  }
}
