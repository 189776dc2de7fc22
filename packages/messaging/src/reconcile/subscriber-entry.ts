/**
 * What a Subscription puts into its channel, as pure functions (Knative: `pkg/reconciler/subscription`).
 *
 * Delivery: a Subscription's `delivery` replaces its channel's as a whole; only the dead letter sink falls back
 * by itself. The sink is written as a resolved address, because the data plane resolves nothing. Unlike
 * Knative we copy `format` as well (design, decision 8).
 */
import type { DeliverySpec, Destination, SubscriberSpec, Subscription } from '@afflux/resources';
import { deadLetterDestination } from '../model/channelable.ts';
import type { PhysicalSubscription } from './addresses.ts';

/** What a subscriber's entry says about delivery; undefined when nothing was asked for. */
export function effectiveDelivery(
  own: DeliverySpec | undefined,
  channels: DeliverySpec | undefined,
  deadLetterSink: Destination | undefined,
): DeliverySpec | undefined {
  const { deadLetterSink: _, ...rules } = own ?? channels ?? {};
  const delivery: DeliverySpec = {
    ...rules,
    ...(deadLetterSink === undefined ? {} : { deadLetterSink }),
  };
  return Object.keys(delivery).length === 0 ? undefined : delivery;
}

/** The entry of a Subscription in its channel's `spec.subscribers`. */
export function subscriberEntry(
  { metadata, spec }: Subscription,
  physical: PhysicalSubscription,
  channels: DeliverySpec | undefined,
): SubscriberSpec {
  const {
    deadLetterSinkUri: _uri,
    deadLetterSinkCACerts: _caCerts,
    deadLetterSinkAudience: _audience,
    ...addresses
  } = physical;
  const sink = deadLetterDestination(physical);
  const delivery = effectiveDelivery(spec.delivery, channels, sink);
  return {
    name: metadata.name,
    ...(metadata.uid === undefined ? {} : { uid: metadata.uid }),
    ...(metadata.generation === undefined ? {} : { generation: metadata.generation }),
    ...addresses,
    ...(delivery === undefined ? {} : { delivery }),
  };
}
