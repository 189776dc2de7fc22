/** What a broker refuses. */
import { AffluxError } from '@afflux/kernel';

/** 400: the event has entered brokers as often as it may. */
export type BrokerErrorCode = 'AFFLUX_BROKER_HOP_LIMIT';

export class BrokerError extends AffluxError<BrokerErrorCode> {}
