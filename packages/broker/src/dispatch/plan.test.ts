import { BREAKER_DEFAULTS, memoryDriver, type Capabilities } from '@afflux/channels';
import { FakeClock } from '@afflux/kernel/testing';
import type { Broker, Trigger } from '@afflux/resources';
import { describe, expect, it, test } from 'vitest';
import { event } from '../testing/dispatch-world.ts';
import { BROKER_URL, broker, brokerStatus, trigger } from '../testing/objects.ts';
import { dispatchSettings } from './plan.ts';

const SINK = 'http://localhost:1/dead';

interface Given {
  readonly broker?: Broker['spec'];
  readonly trigger?: Partial<Trigger['spec']>;
  readonly brokerAnnotations?: Record<string, string>;
  readonly annotations?: Record<string, string>;
  readonly status?: Trigger['status'];
  readonly brokerClass?: string;
  readonly capabilities?: Partial<Capabilities>;
}

const { capabilities: MEMORY } = memoryDriver();

function settingsOf(given: Given = {}) {
  const brokerClass =
    given.brokerClass === undefined
      ? {}
      : { 'eventing.knative.dev/broker.class': given.brokerClass };
  return dispatchSettings({
    broker: broker(given.broker, {
      metadata: { annotations: { ...given.brokerAnnotations, ...brokerClass } },
      status: brokerStatus(),
    }),
    trigger: trigger('t', given.trigger, {
      metadata: { annotations: given.annotations ?? {} },
      status: { subscriberUri: 'http://localhost:9000/', ...given.status },
    }),
    capabilities: { ...MEMORY, ...given.capabilities },
    clock: new FakeClock(),
  });
}

describe('addresses', () => {
  it('takes subscriber, dead letter sink and their certificates from the status', () => {
    const status = {
      subscriberCACerts: 'one',
      deadLetterSinkUri: SINK,
      deadLetterSinkCACerts: 'two',
    };
    expect(settingsOf({ status }).plan).toMatchObject({
      subscriber: { url: 'http://localhost:9000/', caCerts: 'one' },
      deadLetter: { url: SINK, caCerts: 'two' },
      namespace: 'default',
    });
  });

  it("sends replies to the broker's address", () => {
    expect(settingsOf().plan.reply).toEqual({ url: BROKER_URL });
  });

  it('has no reply and no dead letter target where there is none', () => {
    const { plan } = dispatchSettings({
      broker: broker(),
      trigger: trigger('t'),
      capabilities: MEMORY,
      clock: new FakeClock(),
    });
    expect(plan).not.toHaveProperty('reply');
    expect(plan).not.toHaveProperty('deadLetter');
    expect(plan).not.toHaveProperty('subscriber');
  });
});

describe('delivery', () => {
  test.each<[string, Given, object]>([
    ['neither has one: no retry', {}, { retry: 0 }],
    [
      "only the broker's",
      { broker: { delivery: { retry: 3, backoffPolicy: 'linear', backoffDelay: 'PT2S' } } },
      { retry: 3, backoffPolicy: 'linear', backoffDelayMs: 2000 },
    ],
    [
      "the trigger's replaces the broker's as a whole",
      {
        broker: {
          delivery: { retry: 3, backoffPolicy: 'linear', backoffDelay: 'PT2S', timeout: 'PT9S' },
        },
        trigger: { delivery: { retry: 1 } },
      },
      { retry: 1, backoffPolicy: undefined, backoffDelayMs: undefined, timeoutMs: undefined },
    ],
    [
      'an empty one of the trigger takes the retries away',
      { broker: { delivery: { retry: 3 } }, trigger: { delivery: {} } },
      { retry: 0 },
    ],
    [
      'retryAfterMax wins over the annotation',
      {
        trigger: { delivery: { retryAfterMax: 'PT1S' } },
        annotations: { 'afflux.dev/retry-after-max': '9s' },
      },
      { retryAfterMsMax: 1000 },
    ],
    [
      'without retryAfterMax the annotation holds',
      { annotations: { 'afflux.dev/retry-after-max': '9s' } },
      { retryAfterMsMax: 9000 },
    ],
  ])('%s', (_name, given, expected) => {
    const { plan } = settingsOf(given);
    for (const [key, value] of Object.entries(expected)) {
      expect(Reflect.get(plan, key)).toEqual(value);
    }
  });
});

describe('annotations', () => {
  const both = {
    brokerAnnotations: {
      'afflux.dev/max-in-flight': '7',
      'afflux.dev/rate': '5',
      'afflux.dev/delivery-order': 'ordered',
      'afflux.dev/reply-policy': 'strict',
      'afflux.dev/queue-events': '40',
      'afflux.dev/queue-bytes': '1MiB',
      'afflux.dev/backoff-max': '3s',
    },
    annotations: { 'afflux.dev/max-in-flight': '2', 'afflux.dev/queue-events': '20' },
  };

  it("the trigger's win one by one over the broker's", () => {
    const { flow, bounds, plan } = settingsOf(both);
    expect(flow).toMatchObject({ maxInFlight: 2, ratePerSecond: 5, order: 'ordered' });
    expect(bounds).toEqual({ eventsMax: 20, bytesMax: 1024 * 1024 });
    expect(plan).toMatchObject({ replyPolicy: 'strict', backoffMsMax: 3000 });
  });

  it('without them no rate holds and order does not matter', () => {
    const { flow } = settingsOf();
    expect(flow).not.toHaveProperty('ratePerSecond');
    expect(flow.order).toBe('unordered');
  });
});

describe('circuit breaker', () => {
  test.each([
    ['auto', undefined, true],
    ['auto', SINK, false],
    ['on', SINK, true],
    ['off', undefined, false],
    [undefined, undefined, true],
    [undefined, SINK, false],
  ])('%s with dead letter sink %s: %s', (setting, deadLetterSinkUri, isOn) => {
    const { flow } = settingsOf({
      ...(setting === undefined ? {} : { annotations: { 'afflux.dev/circuit-breaker': setting } }),
      ...(deadLetterSinkUri === undefined ? {} : { status: { deadLetterSinkUri } }),
    });
    expect(flow.breaker).toEqual(isOn ? BREAKER_DEFAULTS : undefined);
  });
});

describe('overflow', () => {
  const annotations = { 'afflux.dev/overflow': 'dead-letter', 'afflux.dev/queue-events': '40' };

  it('is backpressure by default, and where there is no dead letter sink', () => {
    expect(settingsOf({ status: { deadLetterSinkUri: SINK } }).overflow).toBe('backpressure');
    expect(settingsOf({ annotations }).overflow).toBe('backpressure');
  });

  it('gives overflowing events a tenth of the queue on their way to the sink', () => {
    const { overflow } = settingsOf({ annotations, status: { deadLetterSinkUri: SINK } });
    if (overflow === 'backpressure') throw new Error('expected a lane');
    expect(overflow.eventsMax).toBe(4);
    expect(overflow.deadLetter(event('1'))).toMatchObject({
      stage: 'dead-letter',
      failure: { reason: 'overflow', code: 429, destination: 'http://localhost:9000/' },
    });
  });

  it('keeps room for one overflowing event in the smallest queue', () => {
    const { overflow } = settingsOf({
      annotations: { ...annotations, 'afflux.dev/queue-events': '1' },
      status: { deadLetterSinkUri: SINK },
    });
    expect(overflow).toMatchObject({ eventsMax: 1 });
  });
});

describe('hop count', () => {
  it('T17 is not sent, and a reply gets that of the event it answers', () => {
    const { plan } = settingsOf();
    const original = event('1', { extensions: { knativebrokerttl: 9 } });
    expect(plan.omitAttribute).toBe('knativebrokerttl');
    expect(plan.onReply?.(event('2'), original)?.get('knativebrokerttl')).toBe(9);
  });

  it('T17 a reply cannot bring a larger one', () => {
    const original = event('1', { extensions: { knativebrokerttl: 9 } });
    const reply = event('2', { extensions: { knativebrokerttl: 200 } });
    expect(settingsOf().plan.onReply?.(reply, original)?.get('knativebrokerttl')).toBe(9);
  });
});

describe('what the class and the channel add', () => {
  it("hands the group of a Kafka trigger's status to the channel", () => {
    const status = { annotations: { 'group.id': 'g', 'afflux.dev/rabbitmq-queue': 'q' } };
    expect(settingsOf({ brokerClass: 'Kafka', status })).toMatchObject({ storageName: 'g' });
    expect(settingsOf({ brokerClass: 'KafkaNamespaced', status })).toMatchObject({
      storageName: 'g',
    });
    expect(settingsOf({ brokerClass: 'RabbitMQBroker', status })).toMatchObject({
      storageName: 'q',
    });
    expect(settingsOf({ status })).not.toHaveProperty('storageName');
  });

  it.each([
    ['Kafka', {}, {}, 128],
    ['RabbitMQBroker', {}, {}, 1],
    ['RabbitMQBroker', { 'rabbitmq.eventing.knative.dev/parallelism': '10' }, {}, 10],
    [
      'RabbitMQBroker',
      { 'rabbitmq.eventing.knative.dev/parallelism': '10', 'afflux.dev/max-in-flight': '7' },
      {},
      7,
    ],
    ['RabbitMQBroker', {}, { 'afflux.dev/max-in-flight': '5' }, 5],
  ])('%s with %j on the trigger and %j on the broker: %i at once', (...row) => {
    const [brokerClass, annotations, brokerAnnotations, maxInFlight] = row;
    const { flow } = settingsOf({ brokerClass, annotations, brokerAnnotations });
    expect(flow.maxInFlight).toBe(maxInFlight);
  });

  it.each([
    ['ordered', {}, 'ordered'],
    ['Unordered', {}, 'unordered'],
    ['ordered', { 'afflux.dev/delivery-order': 'unordered' }, 'unordered'],
  ])("Kafka's order %s beside %j is %s", (order, ours, expected) => {
    const annotations = { 'kafka.eventing.knative.dev/delivery.order': order, ...ours };
    const { flow } = settingsOf({ brokerClass: 'Kafka', annotations });
    expect(flow.order).toBe(expected);
  });

  it('begins where the annotation says, on channels that can', () => {
    const annotations = { 'afflux.dev/initial-offset': 'earliest' };
    expect(settingsOf({ annotations, capabilities: { replayable: true } }).from).toBe('earliest');
    expect(settingsOf({ annotations })).not.toHaveProperty('from');
    expect(settingsOf({ annotations }).beginsTooLate).toBe(true);
    expect(settingsOf()).not.toHaveProperty('beginsTooLate');
    expect(settingsOf({ capabilities: { replayable: true } })).not.toHaveProperty('from');
  });

  it('leaves dead letters to a channel that keeps them', () => {
    expect(settingsOf().plan).not.toHaveProperty('keepsDeadLetters');
    expect(settingsOf({ capabilities: { deadLetters: true } }).plan).toMatchObject({
      keepsDeadLetters: true,
    });
  });
});
