import { expect, it } from 'vitest';
import { BREAKER_DEFAULTS } from './settings.ts';
import { subscriptionRules, type SubscriptionWishes } from './subscription-rules.ts';

const WISHES: SubscriptionWishes = {
  maxInFlight: 8,
  order: 'unordered',
  circuitBreaker: 'auto',
  overflow: 'backpressure',
  queueEventsMax: 100,
  queueBytesMax: 1000,
};

it('hands on what was asked for', () => {
  expect(subscriptionRules({ ...WISHES, ratePerSecond: 5 }, { hasDeadLetter: true })).toEqual({
    flow: { maxInFlight: 8, order: 'unordered', ratePerSecond: 5 },
    bounds: { eventsMax: 100, bytesMax: 1000 },
  });
});

it.each([
  ['auto', false, true],
  ['auto', true, false],
  ['on', true, true],
  ['off', false, false],
] as const)(
  'circuit breaker %s, dead letter sink %s: breaks %s',
  (circuitBreaker, hasDeadLetter, breaks) => {
    const { flow } = subscriptionRules({ ...WISHES, circuitBreaker }, { hasDeadLetter });
    expect(flow.breaker).toEqual(breaks ? BREAKER_DEFAULTS : undefined);
  },
);

it.each([
  ['dead-letter', true, 100, 10],
  ['dead-letter', true, 3, 1],
  ['dead-letter', false, 100, undefined],
  ['backpressure', true, 100, undefined],
] as const)(
  'overflow %s, sink %s, queue %i: room for %s',
  (overflow, hasDeadLetter, queueEventsMax, room) => {
    const rules = subscriptionRules({ ...WISHES, overflow, queueEventsMax }, { hasDeadLetter });
    expect(rules.overflowEventsMax).toBe(room);
  },
);
