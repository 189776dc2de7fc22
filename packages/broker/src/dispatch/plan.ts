/** From the specs of a trigger and its broker to what the mechanisms below understand. Pure. */
import {
  BREAKER_DEFAULTS,
  type FlowSettings,
  type OverflowPolicy,
  type QueueBounds,
} from '@afflux/channels';
import { overflowProgress, type DeliveryPlan, type Progress, type Target } from '@afflux/delivery';
import type { Clock } from '@afflux/kernel';
import { flowSettings, parseDelivery, type Broker, type Trigger } from '@afflux/resources';
import { readTtl, TTL_ATTRIBUTE } from '../model/hop-limit.ts';

/** Bound on the lane of events that found a trigger's queue full, as a share of that queue. */
const OVERFLOW_SHARE = 0.1;

export interface DispatchSettings {
  readonly plan: DeliveryPlan;
  readonly flow: FlowSettings;
  readonly bounds: QueueBounds;
  readonly overflow: OverflowPolicy<Progress>;
}

/**
 * A trigger's `delivery` replaces the broker's as a whole (design, decision 7); its annotations win one by
 * one. The dead letter sink was resolved by the reconciler, which knows that it falls back.
 */
export function dispatchSettings(broker: Broker, trigger: Trigger, clock: Clock): DispatchSettings {
  const delivery = parseDelivery(trigger.spec.delivery ?? broker.spec.delivery);
  const flow = flowSettings(trigger.metadata.annotations, broker.metadata.annotations);
  const deadLetter = targetOf(
    trigger.status?.deadLetterSinkUri,
    trigger.status?.deadLetterSinkCACerts,
  );
  const subscriber = targetOf(trigger.status?.subscriberUri, trigger.status?.subscriberCACerts);
  // Replies enter the broker again, by its address: all its triggers see them, the replying one included.
  const reply = targetOf(broker.status?.address?.url, undefined);
  const plan: DeliveryPlan = {
    ...delivery,
    ...(subscriber === undefined ? {} : { subscriber }),
    ...(deadLetter === undefined ? {} : { deadLetter }),
    ...(reply === undefined ? {} : { reply }),
    backoffMsMax: flow.backoffMsMax,
    retryAfterMsMax: delivery.retryAfterMsMax ?? flow.retryAfterMsMax,
    replyPolicy: flow.replyPolicy,
    namespace: trigger.metadata.namespace ?? '',
    omitAttribute: TTL_ATTRIBUTE,
    onReply: (event, original) => event.with({ [TTL_ATTRIBUTE]: readTtl(original) }),
  };
  const bounds = { eventsMax: flow.queueEventsMax, bytesMax: flow.queueBytesMax };
  return {
    plan,
    flow: {
      maxInFlight: flow.maxInFlight,
      order: flow.order,
      ...(flow.ratePerSecond === undefined ? {} : { ratePerSecond: flow.ratePerSecond }),
      ...(hasBreaker(flow.circuitBreaker, deadLetter) ? { breaker: BREAKER_DEFAULTS } : {}),
    },
    bounds,
    overflow:
      flow.overflow === 'dead-letter' && deadLetter !== undefined
        ? {
            deadLetter: () => overflowProgress(plan, clock.now()),
            eventsMax: Math.max(1, Math.floor(bounds.eventsMax * OVERFLOW_SHARE)),
          }
        : 'backpressure',
  };
}

/**
 * `auto`: where there is no dead letter sink a burnt retry is a lost event, so the circuit pauses instead;
 * where there is one, events are dead-lettered when their manifest says so.
 */
function hasBreaker(setting: 'auto' | 'on' | 'off', deadLetter: Target | undefined): boolean {
  return setting === 'on' || (setting === 'auto' && deadLetter === undefined);
}

function targetOf(url: string | undefined, caCerts: string | undefined): Target | undefined {
  if (url === undefined) return undefined;
  return caCerts === undefined ? { url } : { url, caCerts };
}
