/**
 * Which failures are tried again and when: arithmetic only.
 *
 * Retried: connection errors, timeouts, 404, 408, 409, 429 and 5xx (Knative's data plane contract). All else
 * fails at once. Waits follow the plan's backoff, capped, then spread by ±10 %, and never end before the
 * target's own `Retry-After`.
 */
import type { Random } from '@afflux/kernel';
import { BACKOFF_MS_MAX, backoffMs, withJitter } from '@afflux/kernel';
import type { Failed } from './outcome.ts';
import { RETRY_AFTER_MS_MAX } from './plan.ts';
import type { DeliveryPlan } from './plan.ts';

/**
 * Wait before a retry when the plan has no backoff policy or no (or a zero) delay. Knative waits nothing
 * there, which hammers a failing target as fast as it can refuse; this is short enough to feel immediate.
 * Also the wait after an attempt that was not made.
 */
export const RETRY_MS_WITHOUT_BACKOFF = 100;

/** A dead letter that its sink cannot take now is tried again for ever, but never more often than this. */
const DEAD_LETTER_RETRY_MS_MIN = 1000;

/** Times a dead letter sink may refuse an event for good, at least, before the event is dropped. */
export const DEAD_LETTER_REFUSALS_MIN = 3;

export function isRetryableStatus(status: number): boolean {
  return (
    (status >= 500 && status <= 599) ||
    status === 404 ||
    status === 408 ||
    status === 409 ||
    status === 429
  );
}

/** Only these two say when to come back (RFC 9110 §10.2.3, RFC 6585 §4). */
export function carriesRetryAfter(status: number): boolean {
  return status === 429 || status === 503;
}

/** Whether the failure says that the target as a whole is in trouble, rather than this event. */
export function isUnhealthy(outcome: Failed): boolean {
  switch (outcome.reason) {
    case 'connection':
    case 'timeout':
      return true;
    case 'status':
      return (
        outcome.status === 429 ||
        outcome.status === 502 ||
        outcome.status === 503 ||
        outcome.status === 504
      );
    case 'address-refused':
    case 'response-too-large':
    case 'invalid-reply':
    case 'invalid-request':
    case 'aborted':
      return false;
  }
}

/** The wait before the `retry`-th retry (1 is the first) of a subscriber or reply. */
export function retryDelayMs(
  retry: number,
  outcome: Failed,
  plan: DeliveryPlan,
  random: Random,
): number {
  const waitMs = plannedMs(retry, plan) ?? RETRY_MS_WITHOUT_BACKOFF;
  return Math.max(withJitter(waitMs, random), retryAfterMs(outcome, plan));
}

/** The same for a dead letter: exponential from 1 s when the plan has no backoff. */
export function deadLetterDelayMs(
  retry: number,
  outcome: Failed,
  plan: DeliveryPlan,
  random: Random,
): number {
  const delayMsMax = plan.backoffMsMax ?? BACKOFF_MS_MAX;
  const delayMs = DEAD_LETTER_RETRY_MS_MIN;
  const waitMs =
    plannedMs(retry, plan) ?? backoffMs(retry, { policy: 'exponential', delayMs, delayMsMax });
  const boundedMs = Math.max(waitMs, Math.min(delayMs, delayMsMax));
  return Math.max(withJitter(boundedMs, random), retryAfterMs(outcome, plan));
}

function plannedMs(retry: number, plan: DeliveryPlan): number | undefined {
  const delayMs = plan.backoffDelayMs ?? 0;
  if (plan.backoffPolicy === undefined || !(delayMs > 0)) return undefined;
  const delayMsMax = plan.backoffMsMax ?? BACKOFF_MS_MAX;
  return backoffMs(retry, { policy: plan.backoffPolicy, delayMs, delayMsMax });
}

function retryAfterMs(outcome: Failed, plan: DeliveryPlan): number {
  if (outcome.retryAfterMs === undefined) return 0;
  return Math.min(outcome.retryAfterMs, plan.retryAfterMsMax ?? RETRY_AFTER_MS_MAX);
}
