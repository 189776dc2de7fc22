/**
 * What the client library and the server say when something fails, translated once: into the errors of the
 * channel contract, and into a text for people that holds no credentials. Nothing above this folder sees an
 * error of the library.
 */
import {
  backendRefused,
  type ChannelError,
  ChannelUnavailable,
  outcomeUnknown,
  topologyInvalid,
} from '@afflux/channels';

/** Reply codes of AMQP 0-9-1 that mean more than "try again". */
const NOT_FOUND = 404;
const ACCESS_REFUSED = 403;
const PRECONDITION_FAILED = 406;
const NOT_ALLOWED = 530;

/** Whether trying again can help before somebody has acted. */
export type FailureKind = 'away' | 'refused' | 'topology';

export interface Failure {
  readonly kind: FailureKind;
  /** Fit for people, without credentials. */
  readonly text: string;
}

function replyCode(error: unknown): number | undefined {
  const code = (error as { readonly code?: unknown } | undefined)?.code;
  return typeof code === 'number' ? code : undefined;
}

export function isNotFound(error: unknown): boolean {
  return replyCode(error) === NOT_FOUND;
}

/** What a failed attempt to connect means. */
export function connectFailure(error: unknown, place: string, vhost: string): Failure {
  const message = messageOf(error);
  if (message.includes('ACCESS_REFUSED') || message.includes('ACCESS-REFUSED')) {
    return { kind: 'refused', text: `RabbitMQ at ${place} refuses the credentials` };
  }
  // The library does not pass on the reason of a connection that the server closes while it opens.
  if (/ConnectionOpenOk|NOT_ALLOWED|NOT-ALLOWED/.test(message)) {
    const text = `RabbitMQ at ${place} has no vhost ${JSON.stringify(vhost)}, or the user may not use it`;
    return { kind: 'refused', text };
  }
  if (/certificate|self.signed|ERR_TLS|EPROTO|SSL|alert/i.test(message)) {
    return {
      kind: 'refused',
      text: `no trusted TLS connection with RabbitMQ at ${place}: ${short(message)}`,
    };
  }
  return { kind: 'away', text: `RabbitMQ at ${place} cannot be reached: ${short(message)}` };
}

/** What a failed operation on a channel means. */
export function operationFailure(error: unknown, subject: string): Failure {
  const code = replyCode(error);
  const message = short(messageOf(error));
  if (code === PRECONDITION_FAILED) {
    return { kind: 'topology', text: `${subject} exists with other settings: ${message}` };
  }
  if (code === ACCESS_REFUSED || code === NOT_ALLOWED) {
    return { kind: 'refused', text: `RabbitMQ refuses access to ${subject}: ${message}` };
  }
  return { kind: 'away', text: `RabbitMQ failed on ${subject}: ${message}` };
}

/** The error of the channel contract for a failure before anything was sent. */
export function failureError({ kind, text }: Failure, cause?: unknown): ChannelError {
  const safe = cause === undefined ? undefined : new Error(short(messageOf(cause)));
  switch (kind) {
    case 'refused':
      return backendRefused(text, safe);
    case 'topology':
      return topologyInvalid(text);
    case 'away':
      return new ChannelUnavailable(text, safe === undefined ? {} : { cause: safe });
  }
}

export function unknownOutcome(what: string): ChannelError {
  return outcomeUnknown(`RabbitMQ did not confirm: ${what}`);
}

const SHOWN_LENGTH_MAX = 300;
const USER_INFO = /\/\/[^/@\s]*@/g;

function short(message: string): string {
  return message.replace(USER_INFO, '//').slice(0, SHOWN_LENGTH_MAX);
}

function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') {
    return error.errors.map(messageOf).join('; ');
  }
  return error instanceof Error ? error.message || error.name : String(error);
}
