/**
 * What an error of the HTTP client, the socket, the resolver or TLS means for the attempt. Running out of
 * file descriptors, sockets or memory for buffers is a connection failure like any other: an outcome, and it
 * is tried again later.
 */
import { AffluxError } from '@afflux/kernel';
import { DeliveryError } from './errors.ts';
import { failed } from './outcome.ts';
import type { Failed } from './outcome.ts';

const MESSAGE_CHARS_MAX = 300;

export function classifyError(error: unknown, durationMs: number): Failed {
  const message = messageOf(error);
  if (error instanceof DeliveryError) {
    return failed('address-refused', message, { retryable: false, durationMs });
  }
  switch ((error as { readonly code?: unknown }).code) {
    case 'UND_ERR_HEADERS_OVERFLOW':
      return failed('response-too-large', 'the response headers are too large', {
        retryable: false,
        durationMs,
      });
    case 'UND_ERR_INVALID_ARG':
    case 'UND_ERR_NOT_SUPPORTED':
      return failed('invalid-request', message, { retryable: false, durationMs });
    default:
      return failed('connection', message, { retryable: true, durationMs });
  }
}

/** An event that could not be written as a request. */
export function invalidRequest(error: unknown): Failed {
  const { retryable } = error instanceof AffluxError ? error : { retryable: false };
  return failed('invalid-request', messageOf(error), { retryable });
}

/** A reply address inside this process that threw instead of answering. */
export function publishFailed(error: unknown): Failed {
  const { retryable } = error instanceof AffluxError ? error : { retryable: true };
  return failed('connection', messageOf(error), { retryable });
}

/** One line, bounded. Several addresses that all failed come as one error without a message of its own. */
function messageOf(error: unknown): string {
  const first = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  const text = first instanceof Error && first.message !== '' ? first.message : String(first);
  return text.replace(/\s+/g, ' ').slice(0, MESSAGE_CHARS_MAX);
}
