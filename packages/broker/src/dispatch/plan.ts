/** From the specs of a trigger and its broker to what the mechanisms below understand. Pure. */
import {
  subscriptionRules,
  type FlowSettings,
  type OverflowPolicy,
  type QueueBounds,
} from '@afflux/channels';
import { overflowProgress, type DeliveryPlan, type Progress, type Target } from '@afflux/delivery';
import type { Clock } from '@afflux/kernel';
import { flowSettings, parseDelivery, type Broker, type Trigger } from '@afflux/resources';
import { readTtl, TTL_ATTRIBUTE } from '../model/hop-limit.ts';

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
  const { overflowEventsMax, ...rules } = subscriptionRules(flow, {
    hasDeadLetter: deadLetter !== undefined,
  });
  return {
    plan,
    ...rules,
    overflow:
      overflowEventsMax === undefined
        ? 'backpressure'
        : {
            deadLetter: () => overflowProgress(plan, clock.now()),
            eventsMax: overflowEventsMax,
          },
  };
}

function targetOf(url: string | undefined, caCerts: string | undefined): Target | undefined {
  if (url === undefined) return undefined;
  return caCerts === undefined ? { url } : { url, caCerts };
}
