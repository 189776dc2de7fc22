import { describe, expect, test } from 'vitest';
import {
  FLOW_ANNOTATIONS,
  FLOW_DEFAULTS,
  flowSettings,
  validateFlowAnnotations,
} from './flow-settings.ts';
import { admitProblems, manifest } from './testing.ts';

const ALL = {
  'afflux.dev/max-in-flight': '7',
  'afflux.dev/rate': '0.5',
  'afflux.dev/delivery-order': 'ordered',
  'afflux.dev/circuit-breaker': 'off',
  'afflux.dev/overflow': 'dead-letter',
  'afflux.dev/reply-policy': 'strict',
  'afflux.dev/queue-events': '100',
  'afflux.dev/queue-bytes': '1MiB',
  'afflux.dev/backoff-max': 'PT1M',
  'afflux.dev/retry-after-max': '90s',
  'afflux.dev/initial-offset': '2026-11-01T10:00:00Z',
};

const WINDOW = { 'afflux.dev/deduplicate': 'PT5M' };

describe('settings', () => {
  test('without annotations are the defaults', () => {
    expect(flowSettings()).toEqual(FLOW_DEFAULTS);
    expect(flowSettings(undefined, {})).toEqual({
      maxInFlight: 128,
      order: 'unordered',
      circuitBreaker: 'auto',
      overflow: 'backpressure',
      replyPolicy: 'lenient',
      queueEventsMax: 10_000,
      queueBytesMax: 32 * 1024 * 1024,
      backoffMsMax: 300_000,
      retryAfterMsMax: 300_000,
    });
  });

  test('come from the annotations', () => {
    expect(flowSettings({ ...ALL, ...WINDOW })).toEqual({
      maxInFlight: 7,
      ratePerSecond: 0.5,
      order: 'ordered',
      circuitBreaker: 'off',
      overflow: 'dead-letter',
      replyPolicy: 'strict',
      queueEventsMax: 100,
      queueBytesMax: 1024 * 1024,
      backoffMsMax: 60_000,
      retryAfterMsMax: 90_000,
      deduplicateMs: 300_000,
      startAt: { timeMs: Date.UTC(2026, 10, 1, 10) },
    });
    expect(Object.keys({ ...ALL, ...WINDOW }).sort()).toEqual([...FLOW_ANNOTATIONS].sort());
  });

  test('of the nearer object win, key by key', () => {
    const trigger = { 'afflux.dev/max-in-flight': '1' };
    const broker = { 'afflux.dev/max-in-flight': '2', 'afflux.dev/rate': '10' };
    expect(flowSettings(trigger, undefined, broker)).toMatchObject({
      maxInFlight: 1,
      ratePerSecond: 10,
    });
  });

  test('ignore what admission would have refused', () => {
    const trigger = { 'afflux.dev/max-in-flight': '0', 'afflux.dev/overflow': 'drop' };
    const broker = { 'afflux.dev/max-in-flight': '2' };
    expect(flowSettings(trigger, broker)).toMatchObject({
      maxInFlight: 2,
      overflow: 'backpressure',
    });
  });
});

describe('spellings of Kafka and RabbitMQ brokers', () => {
  const ORDER = 'kafka.eventing.knative.dev/delivery.order';
  const PARALLELISM = 'rabbitmq.eventing.knative.dev/parallelism';

  test('mean the same, in any case, and ours wins on one object', () => {
    expect(flowSettings({ [ORDER]: 'Ordered', [PARALLELISM]: '9' })).toMatchObject({
      order: 'ordered',
      maxInFlight: 9,
    });
    const both = { [PARALLELISM]: '9', 'afflux.dev/max-in-flight': '3' };
    expect(flowSettings(both).maxInFlight).toBe(3);
    expect(flowSettings({ [PARALLELISM]: '9' }, both).maxInFlight).toBe(9);
  });

  test.each([
    [ORDER, 'Sorted', 'invalid value: Sorted', 'expected "unordered" or "ordered"'],
    [PARALLELISM, '0', 'expected 1 <= 0 <= 1000', 'expected a number of deliveries from 1 to 1000'],
    [
      PARALLELISM,
      '1001',
      'expected 1 <= 1001 <= 1000',
      'expected a number of deliveries from 1 to 1000',
    ],
  ])('%s = %s is refused', (key, text, message, details) => {
    expect(validateFlowAnnotations({ [key]: text }).entries()).toEqual([
      { message, paths: [`metadata.annotations[${key}]`], details },
    ]);
  });
});

describe('validation', () => {
  test.each([
    ['deduplicate', '1s'],
    ['initial-offset', 'latest'],
    ['initial-offset', 'earliest'],
    ['initial-offset', '2026-11-01T10:00:00.5+01:00'],
    ['max-in-flight', '1'],
    ['max-in-flight', '10000'],
    ['rate', '0.001'],
    ['rate', '1000000'],
    ['queue-events', '1'],
    ['queue-bytes', '65536'],
    ['queue-bytes', '64GiB'],
    ['backoff-max', '1ms'],
    ['backoff-max', 'P1D'],
    ['retry-after-max', 'PT0S'],
    ['circuit-breaker', 'on'],
    ['delivery-order', 'unordered'],
  ])('accepts %s = %s', (name, text) => {
    expect(validateFlowAnnotations({ [`afflux.dev/${name}`]: text }).toString()).toBe('');
  });

  const IN_FLIGHT = 'expected a number of deliveries from 1 to 10000';
  const RATE = 'expected events per second from 0.001 to 1000000';
  const BACKOFF = 'expected a duration from 1ms to 24h, such as PT5M or 5m';

  test.each([
    ['max-in-flight', '0', 'expected 1 <= 0 <= 10000', IN_FLIGHT],
    ['max-in-flight', '10001', 'expected 1 <= 10001 <= 10000', IN_FLIGHT],
    ['max-in-flight', 'many', 'invalid value: many', IN_FLIGHT],
    ['max-in-flight', '-1', 'invalid value: -1', IN_FLIGHT],
    ['max-in-flight', '1.5', 'invalid value: 1.5', IN_FLIGHT],
    ['max-in-flight', '1e3', 'invalid value: 1e3', IN_FLIGHT],
    ['max-in-flight', '', 'invalid value: ', IN_FLIGHT],
    ['rate', '0', 'expected 0.001 <= 0 <= 1000000', RATE],
    ['rate', 'Infinity', 'invalid value: Infinity', RATE],
    ['backoff-max', '0s', 'expected 1 <= 0 <= 86400000', BACKOFF],
    ['backoff-max', '25h', 'expected 1 <= 90000000 <= 86400000', BACKOFF],
    ['backoff-max', '5', 'invalid value: 5', BACKOFF],
    [
      'queue-bytes',
      '1KiB',
      'expected 65536 <= 1024 <= 68719476736',
      'expected a size from 64KiB to 64GiB, such as 32MiB',
    ],
    [
      'initial-offset',
      'yesterday',
      'invalid value: yesterday',
      'expected "latest", "earliest" or a time such as 2026-11-01T10:00:00Z',
    ],
    [
      'deduplicate',
      '0s',
      'expected 1000 <= 0 <= 86400000',
      'expected a duration from 1s to 24h, such as PT5M or 5m',
    ],
    ['overflow', 'drop', 'invalid value: drop', 'expected "backpressure" or "dead-letter"'],
    [
      'overflow',
      'Backpressure',
      'invalid value: Backpressure',
      'expected "backpressure" or "dead-letter"',
    ],
    ['reply-policy', 'x', 'invalid value: x', 'expected "lenient" or "strict"'],
    ['circuit-breaker', 'true', 'invalid value: true', 'expected "auto", "on" or "off"'],
  ])('refuses %s = %j', (name, text, message, details) => {
    const key = `afflux.dev/${name}`;
    expect(validateFlowAnnotations({ [key]: text }).entries()).toEqual([
      { message, paths: [`metadata.annotations[${key}]`], details },
    ]);
  });

  test('names the annotation that was probably meant, and leaves others with our prefix alone', () => {
    const annotations = { 'afflux.dev/max-inflight': '5', 'afflux.dev/origin': 'a.yaml' };
    expect(validateFlowAnnotations(annotations).toString()).toBe(
      'unknown annotation "afflux.dev/max-inflight", did you mean "afflux.dev/max-in-flight"?: metadata.annotations[afflux.dev/max-inflight]',
    );
  });
});

const SUBSCRIBER = { uri: 'http://example.com' };

describe('at admission', () => {
  const metadata = { annotations: { 'afflux.dev/rate': 'fast' } };

  test.each([
    ['Broker', {}],
    ['Trigger', { broker: 'default', subscriber: SUBSCRIBER }],
    ['InMemoryChannel', {}],
    ['DurableChannel', {}],
    ['KafkaChannel', {}],
    ['RabbitmqChannel', { rabbitmqBrokerConfigRef: { name: 'r' } }],
    [
      'Subscription',
      {
        channel: { apiVersion: 'messaging.knative.dev/v1', kind: 'Channel', name: 'c' },
        subscriber: SUBSCRIBER,
      },
    ],
  ])('they are checked on a %s', (kind, spec) => {
    expect(admitProblems(manifest(kind, { metadata, spec }))).toContain(
      'invalid value: fast: metadata.annotations[afflux.dev/rate]',
    );
    expect(admitProblems(manifest(kind, { metadata: { annotations: ALL }, spec }))).toBe('');
  });

  test('a window against duplicates belongs where all subscriptions share it', () => {
    const window = { metadata: { annotations: WINDOW } };
    expect(admitProblems(manifest('Broker', window))).toBe('');
    const spec = { broker: 'default', subscriber: SUBSCRIBER };
    expect(admitProblems(manifest('Trigger', { ...window, spec }))).toBe(
      'must not set the field(s): metadata.annotations[afflux.dev/deduplicate]\nit belongs on the Broker or channel',
    );
  });

  test.each([
    ['Channel', {}],
    ['Sequence', { steps: [SUBSCRIBER] }],
    ['Parallel', { branches: [{ subscriber: SUBSCRIBER }] }],
  ])('they are refused on a %s, where nothing would read them', (kind, spec) => {
    expect(admitProblems(manifest(kind, { metadata, spec }))).toBe(
      'must not set the field(s): metadata.annotations[afflux.dev/rate]\nflow annotations belong on a Broker, Trigger, Subscription or the channel itself',
    );
  });
});
