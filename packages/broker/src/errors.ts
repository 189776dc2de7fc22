/** What a broker refuses. */
import { AffluxError } from '@afflux/kernel';

export type BrokerErrorCode =
  /** 400: an attribute that says when the event may be delivered cannot be read, or cannot be kept here. */
  | 'AFFLUX_BROKER_EVENT_TIME'
  /** 400: the event has entered brokers as often as it may. */
  | 'AFFLUX_BROKER_HOP_LIMIT';

export class BrokerError extends AffluxError<BrokerErrorCode> {}
