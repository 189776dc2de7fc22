/** Everything that can go wrong in a channel, whatever its driver. */
import { AffluxError, type AffluxErrorOptions } from '@afflux/kernel';

export type ChannelErrorCode =
  | 'AFFLUX_CHANNEL_BACKEND_REFUSED'
  | 'AFFLUX_CHANNEL_BATCH_TOO_LARGE'
  | 'AFFLUX_CHANNEL_CLOSED'
  | 'AFFLUX_CHANNEL_CONFIG_INVALID'
  | 'AFFLUX_CHANNEL_DRIVER_UNKNOWN'
  | 'AFFLUX_CHANNEL_EVENT_TOO_LARGE'
  | 'AFFLUX_CHANNEL_FULL'
  | 'AFFLUX_CHANNEL_OUTCOME_UNKNOWN'
  | 'AFFLUX_CHANNEL_POSITION_INVALID'
  | 'AFFLUX_CHANNEL_SUBSCRIPTION_UNKNOWN'
  | 'AFFLUX_CHANNEL_TOPOLOGY_INVALID'
  | 'AFFLUX_CHANNEL_UNAVAILABLE'
  | 'AFFLUX_CHANNEL_UNSUPPORTED';

export class ChannelError extends AffluxError<ChannelErrorCode> {}

export interface ChannelFullOptions {
  /** How long the producer should wait. */
  readonly retryAfterMs: number;
  /** Ids of the subscriptions without room; none when it is the memory budget that is exhausted. */
  readonly subscriptions: readonly string[];
  readonly reason: 'full' | 'memory';
}

/**
 * No room for an event now: nothing was accepted, and the same publish can succeed later. What to answer is
 * 429 with `Retry-After`.
 */
export class ChannelFull extends ChannelError {
  readonly retryAfterMs: number;
  readonly subscriptions: readonly string[];

  constructor(options: ChannelFullOptions) {
    super(
      options.reason === 'memory'
        ? 'the memory budget for events is exhausted'
        : `no room in the queue of ${options.subscriptions.join(', ')}`,
      {
        code: 'AFFLUX_CHANNEL_FULL',
        retryable: true,
        isRoutine: true,
        details: { ...options },
      },
    );
    this.retryAfterMs = options.retryAfterMs;
    this.subscriptions = options.subscriptions;
  }
}

export interface ChannelUnavailableOptions {
  /** How long the producer should wait. Default 1 s. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
  readonly details?: NonNullable<AffluxErrorOptions['details']>;
}

/**
 * The back-end cannot take or give anything now: away, blocked, out of disk. Nothing was accepted. What to answer
 * is 503 with `Retry-After`. The message must be fit for producers: no addresses with credentials.
 */
export class ChannelUnavailable extends ChannelError {
  readonly retryAfterMs: number;

  constructor(message: string, options: ChannelUnavailableOptions = {}) {
    const { retryAfterMs = 1_000, cause, details } = options;
    super(message, {
      code: 'AFFLUX_CHANNEL_UNAVAILABLE',
      retryable: true,
      isRoutine: true,
      ...(cause === undefined ? {} : { cause }),
      details: { ...details, status: 503, retryAfterMs },
    });
    this.retryAfterMs = retryAfterMs;
  }
}

/** The events may be stored or not: whoever sent them may send them again, and duplicates are possible. */
export function outcomeUnknown(message: string, cause?: unknown): ChannelError {
  return new ChannelError(message, {
    code: 'AFFLUX_CHANNEL_OUTCOME_UNKNOWN',
    retryable: true,
    isRoutine: true,
    ...(cause === undefined ? {} : { cause }),
    details: { status: 503, retryAfterMs: 1_000 },
  });
}

/** Credentials, permissions, a vhost that is missing: trying again helps only after somebody has acted. */
export function backendRefused(message: string, cause?: unknown): ChannelError {
  return new ChannelError(message, {
    code: 'AFFLUX_CHANNEL_BACKEND_REFUSED',
    fault: 'user',
    ...(cause === undefined ? {} : { cause }),
    details: { status: 503 },
  });
}

/** What exists in the back-end does not fit what is asked for. */
export function topologyInvalid(
  message: string,
  details: NonNullable<AffluxErrorOptions['details']> = {},
): ChannelError {
  return userError('AFFLUX_CHANNEL_TOPOLOGY_INVALID', message, { ...details, status: 503 });
}

export function subscriptionUnknown(channel: string, id: string): ChannelError {
  return userError(
    'AFFLUX_CHANNEL_SUBSCRIPTION_UNKNOWN',
    `the channel ${channel} has no subscription ${JSON.stringify(id)}`,
    { channel, subscription: id, status: 404 },
  );
}

export function positionInvalid(type: string, position: unknown, expected: string): ChannelError {
  return userError(
    'AFFLUX_CHANNEL_POSITION_INVALID',
    `${JSON.stringify(position)} is no position of a ${type} channel: expected ${expected}`,
    { type, position, expected },
  );
}

/** One event is beyond what the channel, or a subscription that wants it, can ever hold. */
export function eventTooLarge(sizeBytes: number, bytesMax: number, bound: string): ChannelError {
  return userError(
    'AFFLUX_CHANNEL_EVENT_TOO_LARGE',
    `the event has ${String(sizeBytes)} bytes; ${bound} takes at most ${String(bytesMax)}`,
    { sizeBytes, bytesMax, bound },
  );
}

/** Each event could be taken, but so many of them together never. */
export function batchTooLarge(events: number, sizeBytes: number, bound: string): ChannelError {
  return userError(
    'AFFLUX_CHANNEL_BATCH_TOO_LARGE',
    `a batch of ${String(events)} events with ${String(sizeBytes)} bytes is more than ${bound} can ever hold at once; send it in parts`,
    { events, sizeBytes, bound },
  );
}

/** The channel is not running, or no longer. Another instance of it may be. */
export function channelClosed(name: string, state: string): ChannelError {
  return new ChannelError(`the channel ${name} is ${state}`, {
    code: 'AFFLUX_CHANNEL_CLOSED',
    retryable: true,
    details: { channel: name, state },
  });
}

export function unsupported(type: string, capability: string, wanted: string): ChannelError {
  return userError(
    'AFFLUX_CHANNEL_UNSUPPORTED',
    `a channel of type ${type} cannot ${wanted}: it is not ${capability}`,
    { type, capability },
  );
}

export function driverUnknown(type: string, known: readonly string[]): ChannelError {
  return userError(
    'AFFLUX_CHANNEL_DRIVER_UNKNOWN',
    `there is no channel driver ${JSON.stringify(type)}; known: ${known.join(', ') || 'none'}`,
    { type, known },
  );
}

export function configInvalid(
  type: string,
  problems: readonly { readonly path: string; readonly message: string }[],
): ChannelError {
  const listed = problems.map(({ path, message }) =>
    path === '' ? message : `${path}: ${message}`,
  );
  return userError(
    'AFFLUX_CHANNEL_CONFIG_INVALID',
    `the configuration of a ${type} channel is invalid: ${listed.join('; ')}`,
    { type, problems },
  );
}

function userError(
  code: ChannelErrorCode,
  message: string,
  details: NonNullable<AffluxErrorOptions['details']>,
): ChannelError {
  return new ChannelError(message, { code, fault: 'user', details });
}
