/**
 * What a dead letter says about itself: the original event plus the three extensions of Knative
 * (`knativeerrordest`, `knativeerrorcode`, `knativeerrordata`).
 *
 * The error data is cut before it is encoded, so that the text has at most 1024 characters whatever the
 * target answered.
 */
import type { CloudEvent } from '@afflux/events';
import type { Failed, FailureReason, Success, Target } from './outcome.ts';
import type { DeliveryPlan, Failure, Progress, ReplyPublisher, Stage } from './plan.ts';

/** Base64 needs 4 characters for 3 bytes: 768 bytes are 1024 characters. */
const ERROR_DATA_BYTES_MAX = 768;

/** `knativeerrorcode` where no response says one (Knative's rule for transport errors). */
const CODE_WITHOUT_RESPONSE = 500;
/** Code for a 2xx response that cannot be used: what Knative's filter answers in that case. */
const CODE_OF_BAD_RESPONSE = 502;
/** Code of an event that was accepted although its queue was full: what its producer would have seen. */
const CODE_OF_OVERFLOW = 429;

/** The event as its dead letter sink gets it. Without a failure (progress of an older version) unchanged. */
export function deadLetterEvent(event: CloudEvent, failure: Failure | undefined): CloudEvent {
  if (failure === undefined) return event;
  return event.with({
    knativeerrordest: failure.destination === '' ? undefined : failure.destination,
    knativeerrorcode: failure.code,
    knativeerrordata: failure.data === '' ? undefined : failure.data,
  });
}

/** Why the event goes to its dead letter sink after `attempts` attempts at `stage`. */
export function failureOf(
  stage: Stage,
  outcome: Failed,
  plan: DeliveryPlan,
  facts: { readonly attempts: number; readonly atMs: number },
): Failure {
  return {
    destination: destinationOf(stage, plan),
    code: codeOf(outcome.reason, outcome.status),
    data: errorData(outcome),
    reason: outcome.reason,
    stage,
    ...facts,
  };
}

/** A success that a strict reply policy turns into a failure. */
export function asInvalidReply(outcome: Success): Failed {
  return {
    kind: 'failure',
    reason: 'invalid-reply',
    status: outcome.status,
    retryable: false,
    ...(outcome.responseStart === undefined ? {} : { responseStart: outcome.responseStart }),
    message: `the response with status ${String(outcome.status)} has a body that is no event`,
    durationMs: outcome.durationMs,
  };
}

/**
 * Progress of a copy that is accepted although the subscription's queue is full (overflow policy
 * `dead-letter`): it goes straight to the dead letter sink and says so.
 */
export function overflowProgress(plan: DeliveryPlan, nowMs: number): Progress {
  const failure: Failure = {
    destination: destinationOf('subscriber', plan),
    code: CODE_OF_OVERFLOW,
    data: encodeErrorData(Buffer.from('overflow: the queue of the subscription is full')),
    reason: 'overflow',
    stage: 'subscriber',
    attempts: 0,
    atMs: nowMs,
  };
  return { stage: 'dead-letter', attempt: 0, failure };
}

/** Address of a stage, fit for logs and for other parties. */
function destinationOf(stage: Stage, plan: DeliveryPlan): string {
  const target = targetOf(stage, plan);
  return target?.url === undefined ? '' : publicUrl(target.url);
}

function targetOf(stage: Stage, plan: DeliveryPlan): Target | ReplyPublisher | undefined {
  switch (stage) {
    case 'subscriber':
      return plan.subscriber;
    case 'reply':
      return plan.reply;
    case 'dead-letter':
      return plan.deadLetter;
  }
}

/** The URL as configured, without the parts that may hold secrets: user information, query, fragment. */
function publicUrl(url: string): string {
  if (!URL.canParse(url)) return '(invalid URL)';
  const parsed = new URL(url);
  const hasUserInformation = parsed.username !== '' || parsed.password !== '';
  return hasUserInformation
    ? `${parsed.protocol}//${parsed.host}${parsed.pathname}`
    : url.replace(/[?#].*$/s, '');
}

function codeOf(reason: FailureReason, status: number | undefined): number {
  if (reason === 'invalid-reply' || reason === 'response-too-large') return CODE_OF_BAD_RESPONSE;
  return reason === 'status' && status !== undefined ? status : CODE_WITHOUT_RESPONSE;
}

function errorData(outcome: Failed): string {
  if (outcome.reason === 'status' || outcome.reason === 'invalid-reply') {
    return encodeErrorData(outcome.responseStart ?? Buffer.alloc(0));
  }
  return encodeErrorData(Buffer.from(`dispatch error: ${outcome.message}`));
}

function encodeErrorData(data: Buffer): string {
  return data.subarray(0, ERROR_DATA_BYTES_MAX).toString('base64');
}
