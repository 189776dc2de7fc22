/**
 * What a Subscription puts into its channel, as pure functions (Knative: `pkg/reconciler/subscription`).
 *
 * Delivery: a Subscription's `delivery` replaces its channel's as a whole; only the dead letter sink falls back
 * by itself. The sink is written as a resolved address, because the data plane resolves nothing. Unlike
 * Knative we copy `format` as well (design, decision 8).
 */
import type { DeliverySpec, Destination, SubscriberSpec, Subscription } from '@afflux/resources';
import { type Channelable, deadLetterDestination } from '../model/channelable.ts';
import { subscriberName } from '../model/subscriber.ts';
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
  channel: Pick<Channelable, 'metadata' | 'spec'>,
): SubscriberSpec {
  const {
    deadLetterSinkUri: _uri,
    deadLetterSinkCACerts: _caCerts,
    deadLetterSinkAudience: _audience,
    ...addresses
  } = physical;
  const sink = deadLetterDestination(physical);
  const delivery = effectiveDelivery(spec.delivery, channel.spec?.delivery, sink);
  return {
    name: subscriberName(metadata, channel.metadata.namespace ?? ''),
    ...(metadata.uid === undefined ? {} : { uid: metadata.uid }),
    ...(metadata.generation === undefined ? {} : { generation: metadata.generation }),
    ...addresses,
    ...(delivery === undefined ? {} : { delivery }),
  };
}
