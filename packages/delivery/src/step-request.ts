/** What to send at each stage. Literals list every field in one order, so that requests have one shape. */
import type { CloudEvent } from '@afflux/events';
import type { TraceContext } from '@afflux/kernel';
import { deadLetterEvent } from './dead-letter.ts';
import type { SendRequest, Target } from './outcome.ts';
import { ATTEMPT_MS_MAX } from './plan.ts';
import type { DeliveryPlan, Progress } from './plan.ts';

/** What the producer's request said beside the event. */
export interface DeliveryContext {
  /** Flat names and values; filtered again before they are sent. */
  readonly passthrough?: readonly string[] | undefined;
  readonly trace?: TraceContext | undefined;
}

export function subscriberRequest(
  event: CloudEvent,
  target: Target,
  plan: DeliveryPlan,
  context: DeliveryContext | undefined,
): SendRequest {
  return {
    event: plan.beforeSend === undefined ? event : plan.beforeSend(event),
    target,
    timeoutMs: plan.timeoutMs ?? ATTEMPT_MS_MAX,
    format: plan.format,
    omitAttribute: plan.omitAttribute,
    wantsReply: true,
    discardsReply: plan.reply === undefined && plan.replyPolicy !== 'strict',
    namespace: plan.namespace,
    passthrough: context?.passthrough,
    trace: context?.trace,
  };
}

/** A reply travels with the headers of the response it came in; an event without subscriber with its own. */
export function replyRequest(
  event: CloudEvent,
  target: Target,
  plan: DeliveryPlan,
  progress: Progress,
  context: DeliveryContext | undefined,
): SendRequest {
  const passthrough =
    progress.reply === undefined ? context?.passthrough : progress.replyPassthrough;
  return plainRequest(progress.reply ?? event, target, plan, passthrough, context?.trace);
}

export function deadLetterRequest(
  event: CloudEvent,
  target: Target,
  plan: DeliveryPlan,
  progress: Progress,
  context: DeliveryContext | undefined,
): SendRequest {
  const letter = deadLetterEvent(event, progress.failure);
  return plainRequest(letter, target, plan, context?.passthrough, context?.trace);
}

/** Binary, without `Prefer: reply`. */
function plainRequest(
  event: CloudEvent,
  target: Target,
  plan: DeliveryPlan,
  passthrough: readonly string[] | undefined,
  trace: TraceContext | undefined,
): SendRequest {
  return {
    event,
    target,
    timeoutMs: plan.timeoutMs ?? ATTEMPT_MS_MAX,
    format: undefined,
    omitAttribute: undefined,
    wantsReply: false,
    discardsReply: undefined,
    namespace: plan.namespace,
    passthrough,
    trace,
  };
}
