/**
 * What all channel kinds have in common: Knative's Channelable duck type. Controllers handle channels of any
 * kind through it and never ask which one it is.
 */
import type {
  AddressStatus,
  ApiObject,
  DeliverySpec,
  Destination,
  KnativeStatus,
  SubscriberSpec,
  SubscriberStatus,
} from '@afflux/resources';

export interface ChannelableSpec {
  subscribers?: SubscriberSpec[];
  delivery?: DeliverySpec;
}

/** Where the resolved dead letter sink stands in a status. */
export interface DeliveryStatus {
  deadLetterSinkUri?: string;
  deadLetterSinkCACerts?: string;
  deadLetterSinkAudience?: string;
}

export interface ChannelableStatus extends KnativeStatus, AddressStatus, DeliveryStatus {
  subscribers?: SubscriberStatus[];
}

export type Channelable = ApiObject<ChannelableSpec, ChannelableStatus>;

/** The resolved dead letter sink as a destination; undefined when there is none. */
export function deadLetterDestination(status: DeliveryStatus | undefined): Destination | undefined {
  const { deadLetterSinkUri, deadLetterSinkCACerts, deadLetterSinkAudience } = status ?? {};
  if (deadLetterSinkUri === undefined) return undefined;
  return {
    uri: deadLetterSinkUri,
    ...(deadLetterSinkCACerts === undefined ? {} : { CACerts: deadLetterSinkCACerts }),
    ...(deadLetterSinkAudience === undefined ? {} : { audience: deadLetterSinkAudience }),
  };
}

/** The dead letter sink fields of a status, to be spread into another one. */
export function deliveryStatusOf(status: DeliveryStatus | undefined): DeliveryStatus {
  const { deadLetterSinkUri, deadLetterSinkCACerts, deadLetterSinkAudience } = status ?? {};
  return {
    ...(deadLetterSinkUri === undefined ? {} : { deadLetterSinkUri }),
    ...(deadLetterSinkCACerts === undefined ? {} : { deadLetterSinkCACerts }),
    ...(deadLetterSinkAudience === undefined ? {} : { deadLetterSinkAudience }),
  };
}

/** Takes the dead letter sink out of a status. */
export function clearDeliveryStatus(status: DeliveryStatus): void {
  delete status.deadLetterSinkUri;
  delete status.deadLetterSinkCACerts;
  delete status.deadLetterSinkAudience;
}
