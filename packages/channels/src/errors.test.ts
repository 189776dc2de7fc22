import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import {
  backendRefused,
  batchTooLarge,
  channelClosed,
  ChannelError,
  type ChannelErrorCode,
  ChannelFull,
  ChannelUnavailable,
  configInvalid,
  driverUnknown,
  eventTooLarge,
  outcomeUnknown,
  positionInvalid,
  subscriptionUnknown,
  topologyInvalid,
  unsupported,
} from './errors.ts';

const one: Readonly<Record<ChannelErrorCode, ChannelError>> = {
  AFFLUX_CHANNEL_BACKEND_REFUSED: backendRefused('wrong password'),
  AFFLUX_CHANNEL_BATCH_TOO_LARGE: batchTooLarge(2, 10, 'the queue'),
  AFFLUX_CHANNEL_CLOSED: channelClosed('orders', 'draining'),
  AFFLUX_CHANNEL_CONFIG_INVALID: configInvalid('memory', [{ path: '', message: 'is wrong' }]),
  AFFLUX_CHANNEL_DRIVER_UNKNOWN: driverUnknown('x', []),
  AFFLUX_CHANNEL_EVENT_TOO_LARGE: eventTooLarge(2, 1, 'the queue'),
  AFFLUX_CHANNEL_FULL: new ChannelFull({ reason: 'full', retryAfterMs: 1, subscriptions: ['a'] }),
  AFFLUX_CHANNEL_OUTCOME_UNKNOWN: outcomeUnknown('no answer within 10 s'),
  AFFLUX_CHANNEL_POSITION_INVALID: positionInvalid('durable', 'x', 'a number'),
  AFFLUX_CHANNEL_SUBSCRIPTION_UNKNOWN: subscriptionUnknown('orders', 'a'),
  AFFLUX_CHANNEL_TOPOLOGY_INVALID: topologyInvalid('too few partitions'),
  AFFLUX_CHANNEL_UNAVAILABLE: new ChannelUnavailable('the broker is away'),
  AFFLUX_CHANNEL_UNSUPPORTED: unsupported('memory', 'replayable', 'begin before now'),
};

test('every error carries its code, and the README explains each code', () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  for (const [code, error] of Object.entries(one)) {
    expect(error).toBeInstanceOf(ChannelError);
    expect(error.code).toBe(code);
    expect(readme).toContain(`\`${code}\``);
  }
});

test('only what can succeed later without a change by the caller is retryable', () => {
  const retryable = Object.values(one).filter((error) => error.retryable);
  expect(retryable.map(({ code }) => code)).toEqual([
    'AFFLUX_CHANNEL_CLOSED',
    'AFFLUX_CHANNEL_FULL',
    'AFFLUX_CHANNEL_OUTCOME_UNKNOWN',
    'AFFLUX_CHANNEL_UNAVAILABLE',
  ]);
});
