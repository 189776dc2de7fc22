/** From what the objects of a subscription ask for to what channel and flow are told. Pure. */
import type { QueueBounds } from '../channel.ts';
import { BREAKER_DEFAULTS, type FlowSettings } from './settings.ts';

/** Room for events that found the queue full, as a part of that queue. */
const OVERFLOW_SHARE = 0.1;

/** What a subscription's objects may ask for. */
export interface SubscriptionWishes {
  readonly maxInFlight: number;
  readonly ratePerSecond?: number;
  readonly order: FlowSettings['order'];
  /**
   * `auto`: only where there is no dead letter sink. There a burnt retry is a lost event; where there is a sink,
   * events go to it when their manifest says so, not later.
   */
  readonly circuitBreaker: 'auto' | 'on' | 'off';
  readonly overflow: 'backpressure' | 'dead-letter';
  readonly queueEventsMax: number;
  readonly queueBytesMax: number;
}

export interface SubscriptionRules {
  readonly flow: FlowSettings;
  readonly bounds: QueueBounds;
  /**
   * Events that found the queue full go to the dead letter sink: how many may wait for that. Absent: a full
   * queue pushes back, also where the wish was `dead-letter` but there is no sink.
   */
  readonly overflowEventsMax?: number;
}

export function subscriptionRules(
  wishes: SubscriptionWishes,
  { hasDeadLetter }: { readonly hasDeadLetter: boolean },
): SubscriptionRules {
  const { maxInFlight, order, ratePerSecond, circuitBreaker, queueEventsMax } = wishes;
  const hasBreaker = circuitBreaker === 'on' || (circuitBreaker === 'auto' && !hasDeadLetter);
  return {
    flow: {
      maxInFlight,
      order,
      ...(ratePerSecond === undefined ? {} : { ratePerSecond }),
      ...(hasBreaker ? { breaker: BREAKER_DEFAULTS } : {}),
    },
    bounds: { eventsMax: queueEventsMax, bytesMax: wishes.queueBytesMax },
    ...(wishes.overflow === 'dead-letter' && hasDeadLetter
      ? { overflowEventsMax: Math.max(1, Math.floor(queueEventsMax * OVERFLOW_SHARE)) }
      : {}),
  };
}
