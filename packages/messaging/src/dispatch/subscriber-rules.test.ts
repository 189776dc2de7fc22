import { BREAKER_DEFAULTS } from '@afflux/channels';
import { describe, expect, test } from 'vitest';
import { isSameContext, type RulesContext, subscriberRules } from './subscriber-rules.ts';

const ENTRY = { uid: 'a-uid', subscriberUri: 'http://localhost:1' };
const CONTEXT: RulesContext = {
  namespace: 'shop',
  annotations: [undefined, undefined, undefined],
  deadLetterUri: undefined,
  deadLetterCaCerts: undefined,
  capabilities: { deadLetters: false, replayable: false },
};
const CAN_ALL = { deadLetters: true, replayable: true };
const WITH_SINK: RulesContext = { ...CONTEXT, deadLetterUri: 'http://localhost:9' };

function annotated(
  own: Readonly<Record<string, string>> | undefined,
  channels: Readonly<Record<string, string>> | undefined,
  context: RulesContext = CONTEXT,
): RulesContext {
  return { ...context, annotations: [own, channels, undefined] };
}

describe('plan', () => {
  test('addresses, numbers and certificates of the entry', () => {
    const { plan } = subscriberRules(
      {
        ...ENTRY,
        subscriberCACerts: 'A',
        replyUri: 'http://localhost:2',
        replyCACerts: 'B',
        delivery: {
          retry: 3,
          timeout: 'PT2S',
          backoffPolicy: 'linear',
          backoffDelay: 'PT0.5S',
          retryAfterMax: 'PT7S',
          format: 'json',
          deadLetterSink: { uri: 'http://localhost:3', CACerts: 'C' },
        },
      },
      WITH_SINK,
    );
    expect(plan).toMatchObject({
      subscriber: { url: 'http://localhost:1', caCerts: 'A' },
      reply: { url: 'http://localhost:2', caCerts: 'B' },
      deadLetter: { url: 'http://localhost:3', caCerts: 'C' },
      retry: 3,
      timeoutMs: 2_000,
      backoffPolicy: 'linear',
      backoffDelayMs: 500,
      retryAfterMsMax: 7_000,
      format: 'json',
      namespace: 'shop',
    });
  });

  test("without a dead letter sink of its own the channel's is used, certificates included", () => {
    const context = { ...WITH_SINK, deadLetterCaCerts: 'D' };
    const { plan } = subscriberRules(ENTRY, context);
    expect(plan.deadLetter).toEqual({ url: 'http://localhost:9', caCerts: 'D' });
  });

  test('an entry without a subscriber has a plan that begins with the reply', () => {
    const { plan } = subscriberRules({ uid: 'a', replyUri: 'http://localhost:2' }, CONTEXT);
    expect(plan).not.toHaveProperty('subscriber');
    expect(plan.reply).toEqual({ url: 'http://localhost:2' });
  });

  test('a duration that admission would have refused is an error', () => {
    expect(() => subscriberRules({ ...ENTRY, delivery: { timeout: 'soon' } }, CONTEXT)).toThrow(
      'delivery.timeout',
    );
  });
});

describe('annotations', () => {
  test('those of the Subscription win over those of the channel, one by one', () => {
    const own = { 'afflux.dev/max-in-flight': '2' };
    const channels = { 'afflux.dev/max-in-flight': '9', 'afflux.dev/delivery-order': 'ordered' };
    const { flow } = subscriberRules(ENTRY, annotated(own, channels));
    expect(flow).toMatchObject({ maxInFlight: 2, order: 'ordered' });
  });

  test('queue bounds, rate, reply policy and waits', () => {
    const { flow, bounds, plan } = subscriberRules(
      ENTRY,
      annotated(
        {
          'afflux.dev/queue-events': '10',
          'afflux.dev/queue-bytes': '1MiB',
          'afflux.dev/rate': '5',
          'afflux.dev/reply-policy': 'strict',
          'afflux.dev/backoff-max': 'PT2S',
          'afflux.dev/retry-after-max': '3s',
        },
        undefined,
      ),
    );
    expect(bounds).toEqual({ eventsMax: 10, bytesMax: 1024 * 1024 });
    expect(flow.ratePerSecond).toBe(5);
    expect(plan).toMatchObject({
      replyPolicy: 'strict',
      backoffMsMax: 2_000,
      retryAfterMsMax: 3_000,
    });
  });

  test.each([
    ['off', CONTEXT, undefined],
    ['on', WITH_SINK, BREAKER_DEFAULTS],
    ['auto', CONTEXT, BREAKER_DEFAULTS],
    // With a dead letter sink an event goes there when its manifest says so, not after a pause.
    ['auto', WITH_SINK, undefined],
  ] as const)('circuit breaker %s', (setting, context, breaker) => {
    const annotations = { 'afflux.dev/circuit-breaker': setting };
    const { flow } = subscriberRules(ENTRY, annotated(annotations, undefined, context));
    expect(flow.breaker).toEqual(breaker);
  });

  test.each([
    ['backpressure', WITH_SINK, undefined],
    ['dead-letter', WITH_SINK, 10],
    // Nowhere to go: the producer is pushed back, whatever the annotation says.
    ['dead-letter', CONTEXT, undefined],
  ] as const)('overflow %s', (setting, context, room) => {
    const annotations = { 'afflux.dev/overflow': setting, 'afflux.dev/queue-events': '100' };
    const rules = subscriberRules(ENTRY, annotated(annotations, undefined, context));
    expect(rules.overflowEventsMax).toBe(room);
  });

  test('the smallest queue has room for one overflowing event', () => {
    const annotations = { 'afflux.dev/overflow': 'dead-letter', 'afflux.dev/queue-events': '1' };
    const rules = subscriberRules(ENTRY, annotated(annotations, undefined, WITH_SINK));
    expect(rules.overflowEventsMax).toBe(1);
  });
});

describe('what the channel can do', () => {
  const start = { 'afflux.dev/initial-offset': 'earliest' };

  test('a new subscription begins where its annotation says', () => {
    const context = { ...annotated(start, undefined), capabilities: CAN_ALL };
    expect(subscriberRules(ENTRY, context).from).toBe('earliest');
    expect(subscriberRules(ENTRY, annotated(start, undefined))).not.toHaveProperty('from');
  });

  test('dead letters are kept where there is a store for them', () => {
    const kept = subscriberRules(ENTRY, { ...CONTEXT, capabilities: CAN_ALL });
    expect(kept.plan).toMatchObject({ keepsDeadLetters: true });
    expect(subscriberRules(ENTRY, CONTEXT).plan).not.toHaveProperty('keepsDeadLetters');
  });

  test('the order that the kind has by nature holds where nobody says otherwise', () => {
    const layers = (own: Readonly<Record<string, string>> | undefined): RulesContext => ({
      ...CONTEXT,
      annotations: [own, undefined, { 'afflux.dev/delivery-order': 'ordered' }],
    });
    expect(subscriberRules(ENTRY, layers(undefined)).flow.order).toBe('ordered');
    const own = { 'afflux.dev/delivery-order': 'unordered' };
    expect(subscriberRules(ENTRY, layers(own)).flow.order).toBe('unordered');
  });
});

test.each([
  ['namespace', { namespace: 'other' }],
  ['annotations of the Subscription', { annotations: [{}, undefined, undefined] }],
  ['annotations of the channel', { annotations: [undefined, {}, undefined] }],
  ['annotations of the kind', { annotations: [undefined, undefined, {}] }],
  ['dead letter sink', { deadLetterUri: 'http://localhost:8' }],
  ['its certificates', { deadLetterCaCerts: 'X' }],
] as const)('a context with other %s is another one', (_name, change) => {
  expect(isSameContext(CONTEXT, { ...CONTEXT })).toBe(true);
  expect(isSameContext(CONTEXT, { ...CONTEXT, ...change })).toBe(false);
});
