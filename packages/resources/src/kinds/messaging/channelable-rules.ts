/**
 * What holds for every channel that carries events itself, whatever keeps them: its subscribers are written by
 * the controller of Subscriptions and by nobody else, its `delivery` is validated (Knative does not), and flow
 * annotations may stand on it.
 */
import type { SubscriberSpec } from '../../duck/channelable.ts';
import { defaultDelivery, validateDelivery } from '../../duck/delivery.ts';
import type { DeliverySpec } from '../../duck/delivery.ts';
import { FieldErrors } from '../../field-errors.ts';
import { validateFlowAnnotations } from '../../flow-settings.ts';
import { requireUnchanged } from '../../immutability.ts';
import type { AdmissionContext } from '../../kind.ts';
import type { ObjectMeta } from '../../object.ts';
import { fillSubscribable } from '../channel-rules.ts';

/** The user of our own controllers in an admission context. */
export const CONTROLLER_USER = 'controller';

/** The part of a channel that the rules look at. */
interface Channelable {
  metadata: ObjectMeta;
  spec: { subscribers?: SubscriberSpec[]; delivery?: DeliverySpec };
}

/** Defaults that all channel kinds have. */
export function fillChannelable(channel: Channelable): void {
  fillSubscribable(channel.metadata);
  defaultDelivery(channel.spec.delivery, channel.metadata.namespace);
}

function checkSubscribers({ spec }: Channelable): FieldErrors {
  const errors = new FieldErrors();
  for (const [index, subscriber] of (spec.subscribers ?? []).entries()) {
    if ((subscriber.subscriberUri ?? '') !== '' || (subscriber.replyUri ?? '') !== '') continue;
    const path = `spec.subscribers[${String(index)}]`;
    errors.add(
      'missing field(s)',
      [`${path}.replyUri`, `${path}.subscriberUri`],
      'expected at least one of, got none',
    );
  }
  return errors;
}

function checkSubscribersKept(
  channel: Channelable,
  old: Channelable,
  { user = '', systemNamespace }: AdmissionContext,
): FieldErrors {
  const account = `system:serviceaccount:${systemNamespace}:eventing-controller`;
  const errors = new FieldErrors();
  if (user === CONTROLLER_USER || user === account) return errors;
  const [change] = requireUnchanged({
    before: old.spec.subscribers ?? [],
    after: channel.spec.subscribers ?? [],
    typeName: '[]v1.SubscriberSpec',
    paths: [],
  }).entries();
  if (change === undefined) return errors;
  return errors.add(
    `Channel.Spec.Subscribers changed by user ${user} which was not the ${account} service account`,
    'spec.subscribers',
    change.details,
  );
}

/** Rules that all channel kinds have; paths begin at the root of the object. */
export function validateChannelable(
  channel: Channelable,
  context: AdmissionContext,
  old?: Channelable,
): FieldErrors {
  const { spec, metadata } = channel;
  const errors = new FieldErrors()
    .merge(validateDelivery(spec.delivery, { features: context.features }), 'spec.delivery')
    .merge(checkSubscribers(channel))
    .merge(validateFlowAnnotations(metadata.annotations));
  return old === undefined ? errors : errors.merge(checkSubscribersKept(channel, old, context));
}
