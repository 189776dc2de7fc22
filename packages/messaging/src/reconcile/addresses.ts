/** Resolved addresses in the forms in which specs and statuses carry them. */
import type { ResolvedAddress } from '@afflux/control';
import type { SubscriptionStatus } from '@afflux/resources';
import type { DeliveryStatus } from '../model/channelable.ts';

/** `status.physicalSubscription` of a Subscription. */
export type PhysicalSubscription = NonNullable<SubscriptionStatus['physicalSubscription']>;

/** A dead letter sink as status fields. */
export function deliveryStatusFrom({ url, caCerts, audience }: ResolvedAddress): DeliveryStatus {
  return {
    deadLetterSinkUri: url,
    ...(caCerts === undefined ? {} : { deadLetterSinkCACerts: caCerts }),
    ...(audience === undefined ? {} : { deadLetterSinkAudience: audience }),
  };
}

/** A subscriber's address as status fields. */
export function subscriberFieldsFrom({
  url,
  caCerts,
  audience,
}: ResolvedAddress): PhysicalSubscription {
  return {
    subscriberUri: url,
    ...(caCerts === undefined ? {} : { subscriberCACerts: caCerts }),
    ...(audience === undefined ? {} : { subscriberAudience: audience }),
  };
}

/** A reply address as status fields. */
export function replyFieldsFrom({ url, caCerts, audience }: ResolvedAddress): PhysicalSubscription {
  return {
    replyUri: url,
    ...(caCerts === undefined ? {} : { replyCACerts: caCerts }),
    ...(audience === undefined ? {} : { replyAudience: audience }),
  };
}
