/** From the specs of a trigger and its broker to what the mechanisms below understand. Pure. */
import {
  subscriptionRules,
  type Capabilities,
  type FlowSettings,
  type OverflowPolicy,
  type QueueBounds,
  type StartAt,
} from '@afflux/channels';
import { overflowProgress, type DeliveryPlan, type Progress, type Target } from '@afflux/delivery';
import type { Clock } from '@afflux/kernel';
import { flowSettings, parseDelivery, type Broker, type Trigger } from '@afflux/resources';
import { brokerFamily, classFlowDefaults, storageNameOf } from '../model/broker-class.ts';
import { readTtl, TTL_ATTRIBUTE } from '../model/hop-limit.ts';

export interface DispatchInput {
  readonly broker: Broker;
  readonly trigger: Trigger;
  readonly capabilities: Capabilities;
  readonly clock: Clock;
}

export interface DispatchSettings {
  readonly plan: DeliveryPlan;
  readonly flow: FlowSettings;
  readonly bounds: QueueBounds;
  readonly overflow: OverflowPolicy<Progress>;
  /** Where a new subscription begins; absent: with what comes from now on. */
  readonly from?: StartAt;
  /** The trigger wants to begin earlier than its channel can. */
  readonly beginsTooLate?: true;
  /** What the back-end calls the subscription, where the class says so. */
  readonly storageName?: string;
}

/**
 * A trigger's `delivery` replaces the broker's as a whole (design, decision 7); its annotations win one by
 * one. The dead letter sink was resolved by the reconciler, which knows that it falls back.
 */
export function dispatchSettings(input: DispatchInput): DispatchSettings {
  const { broker, trigger, capabilities, clock } = input;
  const family = brokerFamily(broker);
  const flow = flowSettings(
    trigger.metadata.annotations,
    broker.metadata.annotations,
    classFlowDefaults(family),
  );
  const plan = planOf(input, flow);
  const { overflowEventsMax, ...rules } = subscriptionRules(flow, {
    hasDeadLetter: plan.deadLetter !== undefined,
  });
  const { startAt } = flow;
  const storageName = family === undefined ? undefined : storageNameOf(family, trigger);
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
    ...(startAt === undefined || startAt === 'latest'
      ? {}
      : capabilities.replayable
        ? { from: startAt }
        : { beginsTooLate: true }),
    ...(storageName === undefined ? {} : { storageName }),
  };
}

function planOf(
  { broker, trigger, capabilities }: DispatchInput,
  flow: ReturnType<typeof flowSettings>,
): DeliveryPlan {
  const delivery = parseDelivery(trigger.spec.delivery ?? broker.spec.delivery);
  const deadLetter = targetOf(
    trigger.status?.deadLetterSinkUri,
    trigger.status?.deadLetterSinkCACerts,
  );
  const subscriber = targetOf(trigger.status?.subscriberUri, trigger.status?.subscriberCACerts);
  // Replies enter the broker again, by its address: all its triggers see them, the replying one included.
  const reply = targetOf(broker.status?.address?.url, undefined);
  return {
    ...delivery,
    ...(subscriber === undefined ? {} : { subscriber }),
    ...(deadLetter === undefined ? {} : { deadLetter }),
    ...(reply === undefined ? {} : { reply }),
    ...(capabilities.deadLetters ? { keepsDeadLetters: true } : {}),
    backoffMsMax: flow.backoffMsMax,
    retryAfterMsMax: delivery.retryAfterMsMax ?? flow.retryAfterMsMax,
    replyPolicy: flow.replyPolicy,
    namespace: trigger.metadata.namespace ?? '',
    omitAttribute: TTL_ATTRIBUTE,
    onReply: (event, original) => event.with({ [TTL_ATTRIBUTE]: readTtl(original) }),
  };
}

function targetOf(url: string | undefined, caCerts: string | undefined): Target | undefined {
  if (url === undefined) return undefined;
  return caCerts === undefined ? { url } : { url, caCerts };
}
