/** Everything that can go wrong in a channel, whatever its driver. */
import { AffluxError, type AffluxErrorOptions } from '@afflux/kernel';

export type ChannelErrorCode =
  | 'AFFLUX_CHANNEL_BATCH_TOO_LARGE'
  | 'AFFLUX_CHANNEL_CLOSED'
  | 'AFFLUX_CHANNEL_CONFIG_INVALID'
  | 'AFFLUX_CHANNEL_DRIVER_UNKNOWN'
  | 'AFFLUX_CHANNEL_EVENT_TOO_LARGE'
  | 'AFFLUX_CHANNEL_FULL'
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
