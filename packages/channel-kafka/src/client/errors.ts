/** What the client library throws, sorted by what it means for whoever waits. Messages carry no secrets. */
import { backendRefused, type ChannelError, ChannelUnavailable } from '@afflux/channels';

interface LibraryError {
  readonly name?: string;
  readonly message?: string;
  readonly type?: string;
  readonly code?: string | number;
  readonly cause?: unknown;
}

/** The innermost error: the library wraps what it gave up on. */
export function rootCause(error: unknown): LibraryError {
  let found = error as LibraryError;
  for (let depth = 0; depth < 5 && found.cause instanceof Error; depth++) {
    found = found.cause;
  }
  return found;
}

/** Why this package gives a client up by itself, in words for people. */
export class ClientUnfit extends Error {
  /** Where errors of Kafka have the protocol's name. */
  readonly type: string;

  constructor(reason: string) {
    super(reason);
    this.type = reason;
  }
}

/** Short and fit for people: the protocol's name of the error, or that of the library. */
export function shortReason(error: unknown): string {
  const cause = rootCause(error);
  if (typeof cause.type === 'string') return cause.type;
  const code = typeof cause.code === 'string' ? ` (${cause.code})` : '';
  return `${cause.name ?? 'Error'}${code}`;
}

const TLS_CODES = /^(ERR_TLS|ERR_SSL|CERT_|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO_|EPROTO)/;
const TLS_WORDS = /certificate|alert|ssl|tls/i;

/** Credentials, certificates or permissions: trying again helps only after somebody has acted. */
export function isRefusal(error: unknown): boolean {
  const cause = rootCause(error);
  if (cause.name === 'KafkaJSSASLAuthenticationError') return true;
  const type = cause.type ?? '';
  if (type === 'SASL_AUTHENTICATION_FAILED' || type.endsWith('_AUTHORIZATION_FAILED')) return true;
  if (typeof cause.code === 'string' && TLS_CODES.test(cause.code)) return true;
  return cause.name === 'KafkaJSConnectionError' && TLS_WORDS.test(cause.message ?? '');
}

const NEVER_STORED: ReadonlySet<string> = new Set([
  'KafkaJSConnectionError',
  'KafkaJSSASLAuthenticationError',
  'KafkaJSNoBrokerAvailableError',
  'KafkaJSBrokerNotFound',
  'KafkaJSMetadataNotLoaded',
  'KafkaJSTopicMetadataNotLoaded',
  'KafkaJSNotImplemented',
]);

const REFUSED_BY_LEADER: ReadonlySet<string> = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'LEADER_NOT_AVAILABLE',
  'NOT_LEADER_FOR_PARTITION',
  'NOT_ENOUGH_REPLICAS',
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_TOPIC_EXCEPTION',
  'TOPIC_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
]);

/**
 * Whether a failed send may have stored something all the same. A request to several leaders fails as a whole
 * though one of them may have stored its part.
 */
export function mayBeStored(error: unknown, leaders: number): boolean {
  const { name = '', type = '' } = rootCause(error);
  if (leaders > 1) return !(type === 'UNKNOWN_TOPIC_OR_PARTITION' || name.includes('Metadata'));
  return !NEVER_STORED.has(name) && !REFUSED_BY_LEADER.has(type);
}

export function isTooLarge(error: unknown): boolean {
  const { type } = rootCause(error);
  return type === 'MESSAGE_TOO_LARGE' || type === 'RECORD_LIST_TOO_LARGE';
}

export function isUnknownTopic(error: unknown): boolean {
  return rootCause(error).type === 'UNKNOWN_TOPIC_OR_PARTITION';
}

/** What an administrative call rejects with. */
export function administrationError(what: string, error: unknown): ChannelError {
  if (error instanceof ChannelUnavailable) return error;
  const message = `Kafka cannot ${what}: ${shortReason(error)}`;
  return isRefusal(error)
    ? backendRefused(message, error)
    : new ChannelUnavailable(message, { cause: error });
}
