/**
 * The state machine of delivery, as a pure function: where an event stands, how the attempt ended, what next.
 *
 * Invariants
 * - A stage of `subscriber` or `reply` takes at most `retry + 1` attempts, whatever the plan becomes meanwhile.
 * - A reply that fails never calls the subscriber again; the dead letter is then the original event.
 * - A dead letter is never dead-lettered. While its sink is unreachable or says "later" it stays; a sink that
 *   keeps refusing it for good ends in a drop, or in the store of the channel where the channel keeps them.
 * - An aborted attempt counts as not made. It is made again after a moment, so that a caller who goes on
 *   although the sender was closed does not spin.
 */
import type { CloudEvent } from '@afflux/events';
import type { Random } from '@afflux/kernel';
import { asInvalidReply, failureOf } from './dead-letter.ts';
import type { Failed, Outcome, Success } from './outcome.ts';
import type { DeliveryPlan, Failure, Progress, Settlement, Stage } from './plan.ts';
import {
  DEAD_LETTER_REFUSALS_MIN,
  deadLetterDelayMs,
  isUnhealthy,
  RETRY_MS_WITHOUT_BACKOFF,
  retryDelayMs,
} from './retry-table.ts';

/** A settlement and, when the event is dropped or leaves for its dead letter sink, why. */
export interface Decision {
  readonly settlement: Settlement;
  readonly failure?: Failure;
}

/** What happens next to an event at `progress` whose attempt ended in `outcome`. `nowMs` is wall time. */
export function decide(
  progress: Progress,
  outcome: Outcome,
  plan: DeliveryPlan,
  random: Random,
  nowMs: number,
): Decision {
  if (outcome.kind === 'failure' && outcome.reason === 'aborted') {
    return retry(RETRY_MS_WITHOUT_BACKOFF, progress, true);
  }
  switch (progress.stage) {
    case 'subscriber':
      return afterSubscriber(progress, outcome, plan, random, nowMs);
    case 'reply':
      return afterReply(progress, outcome, plan, random, nowMs);
    case 'dead-letter':
      return afterDeadLetter(progress, outcome, plan, random, nowMs);
  }
}

/** For a stage whose address the plan no longer has: there is nothing to attempt. */
export function decideWithoutTarget(progress: Progress, plan: DeliveryPlan): Decision {
  switch (progress.stage) {
    case 'subscriber':
      return plan.reply === undefined
        ? done('delivered', true)
        : retry(0, { stage: 'reply', attempt: 0 }, true);
    case 'reply':
      return done('delivered', true);
    case 'dead-letter':
      return giveUp(plan, true, progress.failure);
  }
}

function afterSubscriber(
  progress: Progress,
  outcome: Outcome,
  plan: DeliveryPlan,
  random: Random,
  nowMs: number,
): Decision {
  const failure = failureAtSubscriber(outcome, plan);
  if (failure !== undefined) return afterFailure(progress, failure, plan, random, nowMs);
  const { reply, replyPassthrough } = outcome as Success;
  if (reply === undefined || plan.reply === undefined) return done('delivered', true);
  return retry(0, replyProgress(reply, replyPassthrough), true);
}

/** A failure as it is, and under a strict policy also a response whose body is no event. */
function failureAtSubscriber(outcome: Outcome, plan: DeliveryPlan): Failed | undefined {
  if (outcome.kind === 'failure') return outcome;
  const isBodyUnusable =
    outcome.replyIgnored === 'not-an-event' || outcome.replyIgnored === 'invalid';
  return plan.replyPolicy === 'strict' && isBodyUnusable ? asInvalidReply(outcome) : undefined;
}

function replyProgress(reply: CloudEvent, passthrough: readonly string[] | undefined): Progress {
  return {
    stage: 'reply',
    attempt: 0,
    reply,
    ...(passthrough === undefined ? {} : { replyPassthrough: passthrough }),
  };
}

function afterReply(
  progress: Progress,
  outcome: Outcome,
  plan: DeliveryPlan,
  random: Random,
  nowMs: number,
): Decision {
  if (outcome.kind === 'success') return done('delivered', true);
  return afterFailure(progress, outcome, plan, random, nowMs);
}

/** Subscriber and reply alike: again while that can help and is allowed, then to the dead letter sink. */
function afterFailure(
  progress: Progress,
  outcome: Failed,
  plan: DeliveryPlan,
  random: Random,
  nowMs: number,
): Decision {
  const attempts = progress.attempt + 1;
  const isHealthy = healthAfter(progress.stage, outcome);
  if (outcome.retryable && attempts <= plan.retry) {
    const delayMs = retryDelayMs(attempts, outcome, plan, random);
    return retry(delayMs, { ...progress, attempt: attempts }, isHealthy);
  }
  const failure = failureOf(progress.stage, outcome, plan, { attempts, atMs: nowMs });
  return plan.deadLetter === undefined
    ? giveUp(plan, isHealthy, failure)
    : retry(0, { stage: 'dead-letter', attempt: 0, failure }, isHealthy, failure);
}

function afterDeadLetter(
  progress: Progress,
  outcome: Outcome,
  plan: DeliveryPlan,
  random: Random,
  nowMs: number,
): Decision {
  if (outcome.kind === 'success') return done('dead-lettered', true);
  const attempts = progress.attempt + 1;
  const refusals = (progress.refusals ?? 0) + (outcome.retryable ? 0 : 1);
  if (refusals > Math.max(plan.retry, DEAD_LETTER_REFUSALS_MIN)) {
    const failure = failureOf('dead-letter', outcome, plan, { attempts, atMs: nowMs });
    return giveUp(plan, true, failure);
  }
  const delayMs = deadLetterDelayMs(attempts, outcome, plan, random);
  return retry(delayMs, { ...progress, attempt: attempts, refusals }, true);
}

/** No address is left to try: the channel keeps the event where it can. */
function giveUp(plan: DeliveryPlan, healthy: boolean, failure: Failure | undefined): Decision {
  if (plan.keepsDeadLetters !== true || failure === undefined) {
    return done('dropped', healthy, failure);
  }
  return { settlement: { kind: 'dead-letter', letter: failure, healthy }, failure };
}

/** The circuit breaker guards the subscriber: other addresses do not count for it. */
function healthAfter(stage: Stage, outcome: Failed): boolean {
  return stage !== 'subscriber' || !isUnhealthy(outcome);
}

function retry(delayMs: number, progress: Progress, healthy: boolean, failure?: Failure): Decision {
  const settlement: Settlement = { kind: 'retry', delayMs, progress, healthy };
  return failure === undefined ? { settlement } : { settlement, failure };
}

function done(
  outcome: 'delivered' | 'dead-lettered' | 'dropped',
  healthy: boolean,
  failure?: Failure,
): Decision {
  if (failure === undefined)
    return healthy && outcome === 'delivered' ? DELIVERED : settled(outcome, healthy);
  return { ...settled(outcome, healthy), failure };
}

function settled(outcome: 'delivered' | 'dead-lettered' | 'dropped', healthy: boolean): Decision {
  return { settlement: { kind: 'done', outcome, healthy } };
}

/** The event's time is over: nothing was attempted. */
export const EXPIRED: Decision = {
  settlement: { kind: 'done', outcome: 'expired', healthy: true },
};

/** By far the most frequent decision; nothing in it varies. */
const DELIVERED: Decision = settled('delivered', true);
