/**
 * `delivery`: what to do when a subscriber fails. Schema, rules and conversion to numbers. The fields are
 * Knative's and stay so; what we add (`backoffMax` and the like) are annotations, see annotations.ts.
 */
import { parseIsoDuration } from '@afflux/kernel';
import { z } from 'zod';
import { isEnabled } from '../config/features.ts';
import { ResourcesError } from '../errors.ts';
import { FieldErrors } from '../field-errors.ts';
import { inCrd } from '../schema/in-crd.ts';
import type { ReferenceRules } from './reference.ts';
import { defaultReferenceNamespace, destinationSchema, validateDestination } from './reference.ts';

const INT32_MAX = 2_147_483_647;

/** What every ISO 8601 duration looks like; the rules look closer. */
const duration = inCrd(z.string(), { pattern: '^[-+]?P[0-9.,A-Za-z]+$' });

/** Longest delay and timeout that a timer can hold (about 24.8 days); longer ones are cut to it. */
export const DELIVERY_MS_MAX = INT32_MAX;

/** Schema of {@link DeliverySpec}. */
export const deliverySchema = z.strictObject({
  deadLetterSink: destinationSchema
    .exactOptional()
    .describe('Receives the events that could not be delivered.'),
  retry: z
    .int()
    .min(0)
    .max(INT32_MAX)
    .meta({ format: 'int32' })
    .exactOptional()
    .describe('Attempts after the first one.'),
  timeout: duration.exactOptional().describe('Longest time of one attempt, as in PT30S.'),
  backoffPolicy: z
    .enum(['linear', 'exponential'])
    .exactOptional()
    .describe('How the delay grows from attempt to attempt.'),
  backoffDelay: duration.exactOptional().describe('Delay before the first retry, as in PT0.2S.'),
  retryAfterMax: duration
    .exactOptional()
    .describe('Longest Retry-After that is honoured; PT0S ignores the header.'),
  format: z
    .enum(['json', 'binary'])
    .exactOptional()
    .describe('Encoding of delivered events: json is the structured mode.'),
});

/** Delivery options of a Broker, Trigger, channel, Subscription, step or branch. */
export type DeliverySpec = z.infer<typeof deliverySchema>;

/** A DeliverySpec in numbers. */
export interface DeliveryNumbers {
  /** Attempts after the first one; 0 when not given. */
  readonly retry: number;
  /** Of one attempt. */
  readonly timeoutMs?: number;
  /** Without both a policy and a delay there is no backoff, as in Knative. */
  readonly backoffPolicy?: 'linear' | 'exponential';
  readonly backoffDelayMs?: number;
  /** 0 ignores `Retry-After`. */
  readonly retryAfterMsMax?: number;
  readonly format?: 'json' | 'binary';
}

/** Gives the dead letter sink the namespace of its holder; changes the object it is given. */
export function defaultDelivery(
  delivery: DeliverySpec | undefined,
  namespace: string | undefined,
): void {
  defaultReferenceNamespace(delivery?.deadLetterSink?.ref, namespace);
}

/** Milliseconds, or undefined when the text is no ISO 8601 duration. */
function isoMs(text: string): number | undefined {
  try {
    return parseIsoDuration(text);
  } catch {
    return undefined;
  }
}

function checkDuration(
  text: string,
  path: string,
  { isValid, expected }: { isValid: (ms: number) => boolean; expected: string },
): FieldErrors {
  const errors = new FieldErrors();
  const ms = isoMs(text);
  if (ms === undefined || !isValid(ms)) errors.invalidValue(text, path, expected);
  return errors;
}

const POSITIVE = {
  isValid: (ms: number) => ms > 0,
  expected: 'expected an ISO 8601 duration above zero, such as PT30S',
};
const NOT_NEGATIVE = {
  isValid: (ms: number) => ms >= 0,
  expected: 'expected an ISO 8601 duration that is not negative, such as PT30S',
};
/** Knative accepts a negative delay, so we do; it counts as zero. */
const ANY = {
  isValid: () => true,
  expected: 'expected an ISO 8601 duration such as PT0.2S',
};

/** Rules of a DeliverySpec; paths begin below it. */
export function validateDelivery(
  delivery: DeliverySpec | undefined,
  rules: ReferenceRules,
): FieldErrors {
  const errors = new FieldErrors();
  if (delivery === undefined) return errors;
  const { deadLetterSink, timeout, backoffDelay, retryAfterMax } = delivery;
  if (deadLetterSink !== undefined) {
    errors.merge(validateDestination(deadLetterSink, rules), 'deadLetterSink');
  }
  if (timeout !== undefined) {
    if (isEnabled(rules.features, 'delivery-timeout')) {
      errors.merge(checkDuration(timeout, 'timeout', POSITIVE));
    } else errors.disallowed('timeout');
  }
  if (backoffDelay !== undefined) errors.merge(checkDuration(backoffDelay, 'backoffDelay', ANY));
  if (retryAfterMax !== undefined) {
    if (isEnabled(rules.features, 'delivery-retryafter')) {
      errors.merge(checkDuration(retryAfterMax, 'retryAfterMax', NOT_NEGATIVE));
    } else errors.disallowed('retryAfterMax');
  }
  return errors;
}

function requireMs(text: string, field: string): number {
  const ms = isoMs(text);
  if (ms === undefined) {
    throw new ResourcesError(`delivery.${field}: invalid duration ${JSON.stringify(text)}`, {
      code: 'AFFLUX_RESOURCES_INVALID',
      fault: 'user',
      details: { field, value: text },
    });
  }
  return Math.min(Math.max(ms, 0), DELIVERY_MS_MAX);
}

/**
 * The numbers of a DeliverySpec. Throws `AFFLUX_RESOURCES_INVALID` for a duration that admission would have
 * refused; negative durations count as zero.
 */
export function parseDelivery(delivery: DeliverySpec | undefined): DeliveryNumbers {
  if (delivery === undefined) return { retry: 0 };
  const { retry = 0, timeout, backoffPolicy, backoffDelay, retryAfterMax, format } = delivery;
  return {
    retry,
    ...(timeout === undefined ? {} : { timeoutMs: requireMs(timeout, 'timeout') }),
    ...(backoffPolicy === undefined || backoffDelay === undefined
      ? {}
      : { backoffPolicy, backoffDelayMs: requireMs(backoffDelay, 'backoffDelay') }),
    ...(retryAfterMax === undefined
      ? {}
      : { retryAfterMsMax: requireMs(retryAfterMax, 'retryAfterMax') }),
    ...(format === undefined ? {} : { format }),
  };
}
