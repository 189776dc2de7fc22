/**
 * What one attempt is asked to do and how it ended.
 *
 * - *target*: an address to POST to.
 * - *attempt*: one request to one target, with one outcome. (An idle connection that was reset before any
 *   byte of a response is replaced once within the same attempt.)
 * - *reply*: an event carried by the response.
 */
import type { CloudEvent } from '@afflux/events';
import type { TraceContext } from '@afflux/kernel';

/** An address to send to. Keep the object: what is derived from it is cached by its identity. */
export interface Target {
  /** An absolute http or https URL without user information. */
  readonly url: string;
  /** PEM certificates trusted for this target in addition to the public ones. */
  readonly caCerts?: string;
}

export interface SendRequest {
  readonly event: CloudEvent;
  readonly target: Target;
  /** Bound on the whole attempt: waiting for a connection, connecting, sending, reading the response. */
  readonly timeoutMs: number;
  /** Content mode; default `binary`. */
  readonly format?: 'binary' | 'json' | undefined;
  /** An attribute that is left out of what is sent, without copying the event. */
  readonly omitAttribute?: string | undefined;
  /** Sends `Prefer: reply` and decodes the response as an event. */
  readonly wantsReply: boolean;
  /** With `wantsReply`: the header is sent, but the reply has nowhere to go and is not decoded. */
  readonly discardsReply?: boolean | undefined;
  /** Sent as `Kn-Namespace`. */
  readonly namespace?: string | undefined;
  /** Flat names and values; only `x-request-id`, `knative-…` and `x-b3-…` are sent, within limits. */
  readonly passthrough?: readonly string[] | undefined;
  /** Sent as W3C headers, within limits. */
  readonly trace?: TraceContext | undefined;
}

export type ReplyIgnored =
  /** The body of the 2xx response is no event. */
  | 'not-an-event'
  /** It says that it is an event, and is none. */
  | 'invalid'
  /** A 202 says that the work is not done: it carries no reply (Knative data plane contract). */
  | 'accepted-202';

export interface Success {
  readonly kind: 'success';
  readonly status: number;
  readonly reply?: CloudEvent;
  /** Headers of the response that travel with the reply, flat. */
  readonly replyPassthrough?: readonly string[];
  readonly replyIgnored?: ReplyIgnored;
  /** Of an ignored reply: the first bytes of the body, at most 1 KiB. */
  readonly responseStart?: Buffer;
  /** From `send` to the end of the response; 0 when nothing was sent. */
  readonly durationMs: number;
}

export type FailureReason =
  /** The target answered with a status that is not 2xx. */
  | 'status'
  /** No usable response: name not found, refused, reset, TLS failure, broken HTTP, no free sockets. */
  | 'connection'
  /** A time bound of the attempt was reached. */
  | 'timeout'
  /** The address guard does not allow this target. Nothing was sent. */
  | 'address-refused'
  /** Headers or a wanted reply beyond their bounds. The target has seen the event. */
  | 'response-too-large'
  /** Strict reply policy: the 2xx response has a body that is no event. */
  | 'invalid-reply'
  /** The event cannot be written as a request to this target. Nothing was sent. */
  | 'invalid-request'
  /** The caller or the sender stopped the attempt: it counts as not made. */
  | 'aborted';

export interface Failed {
  readonly kind: 'failure';
  readonly reason: FailureReason;
  /** The status when a response began. */
  readonly status?: number;
  readonly retryable: boolean;
  /** `Retry-After` of a 429 or 503, as sent: not capped. */
  readonly retryAfterMs?: number;
  /** First bytes of the response body, at most 1 KiB. */
  readonly responseStart?: Buffer;
  /** For people. Never event data, never user information or query of the target's URL. */
  readonly message: string;
  readonly durationMs: number;
}

export type Outcome = Success | Failed;

/** A failure in which no response took part. */
export function failed(
  reason: FailureReason,
  message: string,
  options: { readonly retryable: boolean; readonly durationMs?: number },
): Failed {
  return {
    kind: 'failure',
    reason,
    retryable: options.retryable,
    message,
    durationMs: options.durationMs ?? 0,
  };
}
