import { describe, expect, test } from 'vitest';
import type { ResourcesError } from '../errors.ts';
import { checkSchema } from '../schema/check.ts';
import { featuresWith } from '../testing.ts';
import type { DeliverySpec } from './delivery.ts';
import {
  defaultDelivery,
  DELIVERY_MS_MAX,
  deliverySchema,
  parseDelivery,
  validateDelivery,
} from './delivery.ts';

const FEATURES = featuresWith({ 'delivery-retryafter': 'Enabled' });

function problems(delivery: DeliverySpec, features = FEATURES): string {
  return validateDelivery(delivery, { features }).toString();
}

const ABOVE_ZERO = 'expected an ISO 8601 duration above zero, such as PT30S';
const NOT_NEGATIVE = 'expected an ISO 8601 duration that is not negative, such as PT30S';
const ISO = 'expected an ISO 8601 duration such as PT0.2S';

describe('rules', () => {
  test.each<[DeliverySpec, string]>([
    [{}, ''],
    [
      {
        deadLetterSink: { uri: 'http://dead' },
        retry: 5,
        timeout: 'PT30S',
        backoffPolicy: 'linear',
        backoffDelay: 'PT0.2S',
        retryAfterMax: 'PT1M',
        format: 'json',
      },
      '',
    ],
    [{ timeout: 'abc' }, `invalid value: abc: timeout\n${ABOVE_ZERO}`],
    [{ timeout: 'PT0S' }, `invalid value: PT0S: timeout\n${ABOVE_ZERO}`],
    [{ timeout: '-PT1S' }, `invalid value: -PT1S: timeout\n${ABOVE_ZERO}`],
    [{ timeout: '30s' }, `invalid value: 30s: timeout\n${ABOVE_ZERO}`],
    [{ backoffDelay: 'PT0S' }, ''],
    [{ backoffDelay: '-PT1S' }, ''],
    [{ backoffDelay: '5s' }, `invalid value: 5s: backoffDelay\n${ISO}`],
    [{ retryAfterMax: 'PT0S' }, ''],
    [{ retryAfterMax: '-PT1S' }, `invalid value: -PT1S: retryAfterMax\n${NOT_NEGATIVE}`],
    [{ retryAfterMax: 'x' }, `invalid value: x: retryAfterMax\n${NOT_NEGATIVE}`],
    [
      { deadLetterSink: {} },
      'expected at least one, got none: deadLetterSink.ref, deadLetterSink.uri',
    ],
  ])('%j', (delivery, expected) => {
    expect(problems(delivery)).toBe(expected);
  });

  test('timeout and retryAfterMax obey their feature flags', () => {
    const off = featuresWith({ 'delivery-timeout': 'Disabled' });
    const both = { timeout: 'PT1S', retryAfterMax: 'PT1S' };
    expect(problems(both, off)).toBe('must not set the field(s): retryAfterMax, timeout');
    expect(problems(both, FEATURES)).toBe('');
  });

  test.each([
    [{ retry: -1 }, 'invalid value: -1: retry\nexpected a number of at least 0'],
    [
      { retry: 2 ** 31 },
      'invalid value: 2147483648: retry\nexpected a number of at most 2147483647',
    ],
    [
      { backoffPolicy: 'quadratic' },
      'invalid value: quadratic: backoffPolicy\nexpected "linear" or "exponential"',
    ],
    [{ format: 'JSON' }, 'invalid value: JSON: format\nexpected "json" or "binary"'],
  ])('the schema refuses %j', (delivery, expected) => {
    expect(checkSchema(deliverySchema, delivery).errors.toString()).toBe(expected);
  });

  test('the dead letter sink gets the namespace of the holder', () => {
    const delivery: DeliverySpec = {
      deadLetterSink: { ref: { apiVersion: 'v1', kind: 'Service', name: 'd' } },
    };
    defaultDelivery(delivery, 'ns');
    defaultDelivery(undefined, 'ns');
    expect(delivery.deadLetterSink?.ref?.namespace).toBe('ns');
  });
});

describe('numbers', () => {
  test.each<[DeliverySpec | undefined, object]>([
    [undefined, { retry: 0 }],
    [{}, { retry: 0 }],
    [
      {
        retry: 3,
        timeout: 'PT1.5S',
        backoffPolicy: 'exponential',
        backoffDelay: 'PT0.2S',
        retryAfterMax: 'PT1M',
        format: 'binary',
      },
      {
        retry: 3,
        timeoutMs: 1500,
        backoffPolicy: 'exponential',
        backoffDelayMs: 200,
        retryAfterMsMax: 60_000,
        format: 'binary',
      },
    ],
    [{ backoffDelay: 'PT1S' }, { retry: 0 }],
    [{ backoffPolicy: 'linear' }, { retry: 0 }],
    [
      { backoffPolicy: 'linear', backoffDelay: '-PT1S' },
      { retry: 0, backoffPolicy: 'linear', backoffDelayMs: 0 },
    ],
    [{ timeout: 'P1Y' }, { retry: 0, timeoutMs: DELIVERY_MS_MAX }],
    [{ retryAfterMax: 'PT0S' }, { retry: 0, retryAfterMsMax: 0 }],
  ])('of %j', (delivery, numbers) => {
    expect(parseDelivery(delivery)).toEqual(numbers);
  });

  test('of a duration that no admission saw raise an error that names the field', () => {
    expect(() => parseDelivery({ timeout: 'soon' })).toThrow(
      expect.objectContaining({
        code: 'AFFLUX_RESOURCES_INVALID',
        message: 'delivery.timeout: invalid duration "soon"',
      }) as ResourcesError,
    );
  });
});
