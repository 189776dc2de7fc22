/** From an entry of `spec.subscribers` and the annotations around it to what the mechanisms understand. Pure. */
import {
  type Capabilities,
  subscriptionRules,
  type SubscriptionRules,
  type StartAt,
} from '@afflux/channels';
import type { DeliveryPlan, Target } from '@afflux/delivery';
import { flowSettings, parseDelivery, type SubscriberSpec } from '@afflux/resources';

type Annotations = Readonly<Record<string, string>> | undefined;

/** What an entry's rules depend on besides the entry. Compared by reference: the store shares what is equal. */
export interface RulesContext {
  readonly namespace: string;
  /** Nearest first: of the Subscription, where there is one, of the channel, and by nature of its kind. */
  readonly annotations: readonly [Annotations, Annotations, Annotations];
  /** The channel's resolved dead letter sink. */
  readonly deadLetterUri: string | undefined;
  readonly deadLetterCaCerts: string | undefined;
  /** What the channel can do; the same as long as it is open. */
  readonly capabilities: Pick<Capabilities, 'deadLetters' | 'replayable'>;
}

export interface SubscriberRules extends SubscriptionRules {
  readonly plan: DeliveryPlan;
  /** Where the subscription begins when it is new. Absent: with what is published from then on. */
  readonly from?: StartAt;
}

/** Throws `AFFLUX_RESOURCES_INVALID` for a delivery that admission would have refused. */
export function subscriberRules(entry: SubscriberSpec, context: RulesContext): SubscriberRules {
  const { capabilities } = context;
  const settings = flowSettings(...context.annotations);
  const delivery = parseDelivery(entry.delivery);
  const subscriber = targetOf(entry.subscriberUri, entry.subscriberCACerts);
  const reply = targetOf(entry.replyUri, entry.replyCACerts);
  const deadLetter = deadLetterOf(entry, context);
  const from = capabilities.replayable ? settings.startAt : undefined;
  return {
    plan: {
      ...delivery,
      ...(subscriber === undefined ? {} : { subscriber }),
      ...(reply === undefined ? {} : { reply }),
      ...(deadLetter === undefined ? {} : { deadLetter }),
      ...(capabilities.deadLetters ? { keepsDeadLetters: true } : {}),
      backoffMsMax: settings.backoffMsMax,
      retryAfterMsMax: delivery.retryAfterMsMax ?? settings.retryAfterMsMax,
      replyPolicy: settings.replyPolicy,
      namespace: context.namespace,
    },
    ...subscriptionRules(settings, { hasDeadLetter: deadLetter !== undefined }),
    ...(from === undefined ? {} : { from }),
  };
}

/** Whether {@link subscriberRules} would say the same, at the cost of a few comparisons. */
export function isSameContext(left: RulesContext, right: RulesContext): boolean {
  return (
    left.namespace === right.namespace &&
    left.annotations[0] === right.annotations[0] &&
    left.annotations[1] === right.annotations[1] &&
    left.annotations[2] === right.annotations[2] &&
    left.deadLetterUri === right.deadLetterUri &&
    left.deadLetterCaCerts === right.deadLetterCaCerts
  );
}

/** The subscriber's own, else that of its channel (contract §5.7). */
function deadLetterOf(entry: SubscriberSpec, context: RulesContext): Target | undefined {
  const own = entry.delivery?.deadLetterSink;
  return (
    targetOf(own?.uri, own?.CACerts) ?? targetOf(context.deadLetterUri, context.deadLetterCaCerts)
  );
}

function targetOf(url: string | undefined, caCerts: string | undefined): Target | undefined {
  if (url === undefined || url === '') return undefined;
  return caCerts === undefined ? { url } : { url, caCerts };
}
