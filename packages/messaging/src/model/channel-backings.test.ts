import { describe, expect, test } from 'vitest';
import { configMap, KAFKA_CONFIG, rabbitmqConfig, secret, sourcesOf } from '../testing/back-end.ts';
import { channelOf } from '../testing/objects.ts';
import {
  channelAnnotations,
  channelBacking,
  channelFlowDefaults,
  channelReferences,
  channelStorageName,
} from './channel-backings.ts';
import {
  CHANNEL,
  DURABLE_CHANNEL,
  IN_MEMORY_CHANNEL,
  KAFKA_CHANNEL,
  RABBITMQ_CHANNEL,
} from './kinds.ts';

const HIDDEN = 'hunter2';
const NOTHING = sourcesOf();

describe('channels of this process', () => {
  test.each([
    [channelOf(IN_MEMORY_CHANNEL, 'c'), { type: 'memory', config: {} }],
    [channelOf(DURABLE_CHANNEL, 'c'), { type: 'durable', config: {} }],
    [
      channelOf(DURABLE_CHANNEL, 'c', { retentionDuration: '1h', retentionBytes: '1MiB' }),
      { type: 'durable', config: { retentionMs: 3_600_000, retentionBytes: 1_048_576 } },
    ],
  ])('%j', (object, value) => {
    expect(channelBacking(object, NOTHING)).toEqual({ value });
    expect(channelReferences(object, NOTHING)).toEqual([]);
  });

  test('a kind that is none', () => {
    expect(channelBacking(channelOf(CHANNEL, 'c'), NOTHING)).toMatchObject({
      problem: { reason: 'ChannelKindUnknown' },
    });
  });
});

describe('KafkaChannel', () => {
  const object = channelOf(KAFKA_CHANNEL, 'orders', {
    numPartitions: 4,
    retentionDuration: 'PT1H',
  });
  const config = {
    bootstrapServers: ['kafka:9092'],
    topic: 'knative-messaging-kafka.default.orders',
    partitions: 4,
    replicationFactor: 1,
    topicConfig: { 'retention.ms': '3600000' },
    external: false,
  };

  test('has a topic of its own', () => {
    expect(channelBacking(object, sourcesOf(KAFKA_CONFIG))).toEqual({
      value: { type: 'kafka', config },
    });
    expect(channelReferences(object, NOTHING)).toEqual([
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        namespace: 'knative-eventing',
        name: 'kafka-channel-config',
      },
    ]);
  });

  test('keeps its topic and finds Kafka by its status when the settings are gone', () => {
    const annotations = {
      ...channelAnnotations(object, sourcesOf(KAFKA_CONFIG)),
      'default.topic': 'older',
    };
    const served = channelOf(
      KAFKA_CHANNEL,
      'orders',
      { numPartitions: 4 },
      { status: { annotations } },
    );
    expect(channelBacking(served, NOTHING)).toMatchObject({
      value: { config: { topic: 'older', bootstrapServers: ['kafka:9092'] } },
    });
  });

  describe('with a Secret', () => {
    const withSecret = configMap('kafka-channel-config', {
      'bootstrap.servers': 'kafka:9092',
      'auth.secret.ref.name': 's',
      'auth.secret.ref.namespace': 'kafka',
    });

    test('opens Kafka by it, and shows its name only', () => {
      const auth = { protocol: 'SASL_PLAINTEXT', user: 'ann', password: HIDDEN };
      const sources = sourcesOf(withSecret, secret('kafka', 's', auth));
      expect(channelBacking(object, sources)).toMatchObject({
        value: {
          config: {
            auth: { protocol: 'SASL_PLAINTEXT', sasl: { user: 'ann', password: HIDDEN } },
          },
        },
      });
      expect(channelReferences(object, sources)).toHaveLength(2);
      expect(JSON.stringify(channelAnnotations(object, sources))).not.toContain(HIDDEN);
      expect(channelAnnotations(object, sources)).toMatchObject({
        'auth.secret.ref.name': 's',
        'auth.secret.ref.namespace': 'kafka',
      });
    });

    test.each([
      [sourcesOf(withSecret), 'SecretNotFound', 'Secret "kafka/s" was not found'],
      [
        sourcesOf(withSecret, secret('kafka', 's', { protocol: 'SASL_SSL', password: HIDDEN })),
        'SecretInvalid',
        'Secret "kafka/s": [protocol SASL_SSL] SASL user required (key: user): data[user]',
      ],
    ])('that cannot be used', (sources, reason, message) => {
      expect(channelBacking(object, sources)).toEqual({
        problem: { condition: 'ConfigParsed', reason, message },
      });
    });
  });

  test.each([
    [
      NOTHING,
      'ConfigMapNotFound',
      'ConfigMap "knative-eventing/kafka-channel-config" was not found',
    ],
    [
      sourcesOf(configMap('kafka-channel-config', {})),
      'ConfigMapInvalid',
      'ConfigMap "knative-eventing/kafka-channel-config": missing field(s): data[bootstrap.servers]',
    ],
  ])('settings that cannot be used', (sources, reason, message) => {
    expect(channelBacking(object, sources)).toEqual({
      problem: { condition: 'ConfigParsed', reason, message },
    });
  });
});

describe('RabbitmqChannel', () => {
  const object = channelOf(RABBITMQ_CHANNEL, 'orders', { rabbitmqBrokerConfigRef: { name: 'r' } });
  const reference = { connectionSecret: { name: 's' } };
  const config = rabbitmqConfig('r', { rabbitmqClusterReference: reference, vhost: 'v' });
  const USER = { username: 'ann', password: HIDDEN };

  test('takes where RabbitMQ is from a RabbitmqBrokerConfig', () => {
    const sources = sourcesOf(config, secret('default', 's', { uri: 'amqp://r:5672', ...USER }));
    expect(channelBacking(object, sources)).toEqual({
      value: {
        type: 'rabbitmq',
        config: {
          urls: ['amqp://r:5672'],
          ...USER,
          vhost: 'v',
          queueType: 'quorum',
          exchange: 'c.default.orders',
        },
      },
    });
    expect(channelReferences(object, sources).map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'RabbitmqBrokerConfig r',
      'Secret s',
    ]);
  });

  test('or says it itself, by the cluster, whose operator makes the Secret', () => {
    const own = channelOf(RABBITMQ_CHANNEL, 'orders', {
      rabbitmqClusterReference: { name: 'rabbit', namespace: 'mq' },
      queueType: 'classic',
    });
    const sources = sourcesOf(secret('mq', 'rabbit-default-user', { host: 'r.mq', ...USER }));
    expect(channelBacking(own, sources)).toMatchObject({
      value: { config: { urls: ['amqp://r.mq:5672'], queueType: 'classic' } },
    });
  });

  test('trusts the authority of the Secret that the Secret names', () => {
    const tls = secret('default', 's', { uri: 'amqps://r', caSecretName: 'ca' });
    expect(channelBacking(object, sourcesOf(config, tls))).toMatchObject({
      problem: { condition: 'SecretReady', message: 'Secret "default/ca" was not found' },
    });
    const sources = sourcesOf(config, tls, secret('default', 'ca', { 'ca.crt': 'PEM' }));
    expect(channelBacking(object, sources)).toMatchObject({
      value: { config: { tls: { ca: 'PEM' } } },
    });
    expect(channelReferences(object, sources)).toHaveLength(3);
  });

  test.each([
    [NOTHING, 'ConfigNotFound', 'RabbitmqBrokerConfig "default/r" was not found'],
    [sourcesOf(config), 'SecretNotFound', 'Secret "default/s" was not found'],
    [
      sourcesOf(config, secret('default', 's', USER)),
      'SecretInvalid',
      'Secret "default/s": missing field(s): data[uri]',
    ],
  ])('settings that cannot be used', (sources, reason, message) => {
    expect(channelBacking(object, sources)).toEqual({
      problem: { condition: 'SecretReady', reason, message },
    });
  });
});

describe('what differs between kinds', () => {
  const name = { namespace: 'default', channel: 'orders', subscription: 'a' };

  test.each([
    ['InMemoryChannel', undefined],
    ['DurableChannel', undefined],
    ['KafkaChannel', 'kafka.default.orders.a'],
    ['RabbitmqChannel', 's.default.orders.a'],
    ['toString', undefined],
  ])('%s calls a subscription %s', (kind, expected) => {
    expect(channelStorageName(kind, name)).toBe(expected);
  });

  const ORDERED = { 'afflux.dev/delivery-order': 'ordered' };

  test.each([
    [IN_MEMORY_CHANNEL, {}, undefined],
    [DURABLE_CHANNEL, { ordering: 'unordered' }, undefined],
    [DURABLE_CHANNEL, { ordering: 'ordered' }, ORDERED],
    [KAFKA_CHANNEL, {}, ORDERED],
    [RABBITMQ_CHANNEL, {}, undefined],
  ])('$kind %j delivers in order by nature: %j', (kind, spec, expected) => {
    expect(channelFlowDefaults(channelOf(kind, 'orders', spec))).toEqual(expected);
  });
});
