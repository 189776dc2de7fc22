/**
 * Takes the events of one subscription to their addresses, one step per call: an attempt of the stage the
 * event is at, then the pure decision what next, then the telemetry about both. Waiting, queueing, flow
 * control and the circuit breaker belong to the caller, who keeps the progress between two steps.
 */
import type { CloudEvent } from '@afflux/events';
import { noopLogger, noopMeter, noopTracer, systemClock, systemRandom } from '@afflux/kernel';
import type { Clock, Logger, Meter, OnStep, Random, Tracer } from '@afflux/kernel';
import { decide, decideWithoutTarget, EXPIRED } from './decide.ts';
import type { Decision } from './decide.ts';
import { DeliveryLog } from './delivery-log.ts';
import { DeliveryMetrics } from './delivery-metrics.ts';
import type { CourierLabels } from './delivery-metrics.ts';
import { invalidRequest, publishFailed } from './error-outcome.ts';
import { hasExpired } from './event-times.ts';
import type { Outcome, SendRequest } from './outcome.ts';
import { initialProgress, isPublisher } from './plan.ts';
import type { DeliveryPlan, Progress, ReplyPublisher, Settlement } from './plan.ts';
import { deadLetterRequest, replyRequest, subscriberRequest } from './step-request.ts';
import type { DeliveryContext } from './step-request.ts';

/** The part of an event sender that a courier uses. */
export interface Sender {
  send(request: SendRequest, options: { readonly signal?: AbortSignal }): Promise<Outcome>;
}

export interface CourierOptions {
  readonly sender: Sender;
  readonly plan: DeliveryPlan;
  readonly labels: CourierLabels;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly logger?: Logger;
  readonly meter?: Meter;
  readonly tracer?: Tracer;
  /** Headers and trace context that came with an event, where they are still known. */
  readonly contextOf?: (event: CloudEvent) => DeliveryContext | undefined;
  /** Told when a reply was accepted and the event is not settled yet. */
  readonly onStep?: OnStep | undefined;
}

export class Courier {
  readonly #sender: Sender;
  readonly #labels: CourierLabels;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #log: DeliveryLog;
  readonly #metrics: DeliveryMetrics;
  readonly #tracer: Tracer;
  readonly #contextOf: ((event: CloudEvent) => DeliveryContext | undefined) | undefined;
  readonly #onStep: OnStep | undefined;
  #plan: DeliveryPlan;

  constructor(options: CourierOptions) {
    this.#sender = options.sender;
    this.#labels = options.labels;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? systemRandom;
    this.#log = new DeliveryLog(options.logger ?? noopLogger, this.#clock, options.labels);
    this.#metrics = new DeliveryMetrics(options.meter ?? noopMeter, options.labels);
    this.#tracer = options.tracer ?? noopTracer;
    this.#contextOf = options.contextOf;
    this.#onStep = options.onStep;
    this.#plan = options.plan;
    this.plan = options.plan;
  }

  /** May be replaced at any time; a step under way ends by the plan it began with. */
  get plan(): DeliveryPlan {
    return this.#plan;
  }

  set plan(plan: DeliveryPlan) {
    this.#plan = plan;
    const first = plan.subscriber ?? plan.reply;
    this.#metrics.useUrl(first?.url ?? '');
  }

  /**
   * One step. `progress` is what the last settlement of this event said; undefined for a new event. Never
   * rejects. When the signal aborts, the step counts as not made: a retry from the same progress.
   */
  async deliver(
    event: CloudEvent,
    progress: Progress | undefined,
    signal: AbortSignal,
  ): Promise<Settlement> {
    const plan = this.#plan;
    const at = progress ?? initialProgress(plan);
    if (hasExpired(at.reply ?? event, this.#clock)) return this.#expire(event, at);
    const outcome = await this.#attempt(event, at, plan, signal);
    const decision =
      outcome === undefined
        ? decideWithoutTarget(at, plan)
        : decide(at, outcome, plan, this.#random, this.#clock.now());
    this.#report(event, at, outcome, decision);
    if (at.stage === 'reply' && outcome?.kind === 'success') {
      this.#onStep?.('between-reply-and-commit');
    }
    return decision.settlement;
  }

  #expire(event: CloudEvent, at: Progress): Settlement {
    this.#metrics.onEnd('expired');
    this.#log.expired(event, at);
    return EXPIRED.settlement;
  }

  /** Undefined when the plan has no address for the stage. */
  async #attempt(
    event: CloudEvent,
    at: Progress,
    plan: DeliveryPlan,
    signal: AbortSignal,
  ): Promise<Outcome | undefined> {
    try {
      const context = this.#contextOf?.(event);
      switch (at.stage) {
        case 'subscriber': {
          if (plan.subscriber === undefined) return undefined;
          const request = subscriberRequest(event, plan.subscriber, plan, context);
          return withOwnReply(event, await this.#send(request, signal), plan);
        }
        case 'reply':
          if (plan.reply === undefined) return undefined;
          if (isPublisher(plan.reply)) return await publish(at.reply ?? event, plan.reply);
          return await this.#send(replyRequest(event, plan.reply, plan, at, context), signal);
        case 'dead-letter': {
          if (plan.deadLetter === undefined) return undefined;
          const request = deadLetterRequest(event, plan.deadLetter, plan, at, context);
          return await this.#send(request, signal);
        }
      }
    } catch (error) {
      // A hook of the plan or an event that cannot be extended: the event must not be lost over it.
      return invalidRequest(error);
    }
  }

  #send(request: SendRequest, signal: AbortSignal): Promise<Outcome> {
    return this.#tracer.enabled
      ? this.#sendTraced(request, signal)
      : this.#sender.send(request, { signal });
  }

  /** Span and attributes as Knative's dispatchers set them; the event's id is never recorded. */
  async #sendTraced(request: SendRequest, signal: AbortSignal): Promise<Outcome> {
    const { event, trace } = request;
    const { destination } = this.#labels;
    const span = this.#tracer.startSpan(`send ${destination}`, {
      kind: 'client',
      parent: trace,
      attributes: {
        'messaging.system': 'knative',
        'messaging.operation.name': 'send',
        'messaging.destination.name': destination,
        'cloudevents.type': event.type,
        'cloudevents.source': event.source,
        'cloudevents.specversion': event.specversion,
      },
    });
    const outcome = await this.#sender.send(
      { ...request, trace: span.context ?? trace },
      { signal },
    );
    if (outcome.status !== undefined) {
      span.setAttribute('http.response.status_code', outcome.status);
    }
    span.end(outcome.kind === 'failure' ? new Error(outcome.message) : undefined);
    return outcome;
  }

  #report(event: CloudEvent, at: Progress, outcome: Outcome | undefined, decision: Decision): void {
    const { settlement } = decision;
    if (outcome !== undefined && !isAborted(outcome)) {
      this.#reportAttempt(event, at, outcome, settlement);
    }
    if (settlement.kind === 'dead-letter') {
      this.#metrics.onEnd('stored');
      this.#log.stored(event, at, settlement.letter);
    }
    if (settlement.kind !== 'done') return;
    this.#metrics.onEnd(settlement.outcome);
    if (settlement.outcome === 'dropped') this.#log.dropped(event, at, decision.failure);
  }

  #reportAttempt(event: CloudEvent, at: Progress, outcome: Outcome, settlement: Settlement): void {
    const isDispatchOfEvent = at.stage === 'subscriber' || (at.stage === 'reply' && !at.reply);
    if (isDispatchOfEvent) this.#metrics.onAttempt(event.type, outcome);
    if (outcome.kind === 'success') {
      if (outcome.replyIgnored !== undefined) this.#metrics.onReplyIgnored(outcome.replyIgnored);
      return;
    }
    this.#log.failed(event, at, outcome, settlement);
    if (settlement.kind === 'retry' && settlement.progress.stage === at.stage) {
      this.#metrics.onRetry(at.stage, outcome.reason);
    }
  }
}

function isAborted(outcome: Outcome): boolean {
  return outcome.kind === 'failure' && outcome.reason === 'aborted';
}

/** The reply as the plan wants it, or none. */
function withOwnReply(event: CloudEvent, outcome: Outcome, plan: DeliveryPlan): Outcome {
  if (outcome.kind === 'failure' || outcome.reply === undefined || plan.onReply === undefined) {
    return outcome;
  }
  const reply = plan.onReply(outcome.reply, event);
  if (reply !== undefined) return { ...outcome, reply };
  const { reply: _discarded, ...withoutReply } = outcome;
  return withoutReply;
}

async function publish(reply: CloudEvent, publisher: ReplyPublisher): Promise<Outcome> {
  try {
    return await publisher.publish(reply);
  } catch (error) {
    return publishFailed(error);
  }
}
