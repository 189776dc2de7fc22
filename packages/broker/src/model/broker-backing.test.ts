import { SHIPPED_KAFKA_FEATURES, type ApiObject, type KafkaFeatures } from '@afflux/resources';
import { describe, expect, it } from 'vitest';
import {
  CANARY,
  kafkaBroker,
  kafkaConfig,
  kafkaSink,
  kafkaStatus,
  rabbitmqBroker,
  rabbitmqConfig,
  rabbitmqSecret,
  secret,
} from '../testing/back-end-objects.ts';
import { broker, configMap } from '../testing/objects.ts';
import type { BackingSources } from './backing-sources.ts';
import { brokerBacking, brokerReferences, sinkBacking, sinkReferences } from './broker-backing.ts';

/** Sources in which exactly these objects are. */
function sources(
  objects: readonly ApiObject[],
  kafkaFeatures: KafkaFeatures = SHIPPED_KAFKA_FEATURES,
): BackingSources {
  const find = (kind: string) => (namespace: string, name: string) =>
    objects.find(
      ({ kind: own, metadata }) =>
        own === kind && metadata.namespace === namespace && metadata.name === name,
    ) as never;
  return {
    configMap: find('ConfigMap'),
    secret: find('Secret'),
    rabbitmqBrokerConfig: find('RabbitmqBrokerConfig'),
    kafkaFeatures: () => kafkaFeatures,
  };
}

const SASL = {
  protocol: 'SASL_SSL',
  'sasl.mechanism': 'SCRAM-SHA-512',
  user: 'u',
  password: CANARY,
};
const WITH_SECRET = { 'auth.secret.ref.name': 'kafka-auth' };

describe('class Kafka', () => {
  it('reads servers, topic and how the topic is made from the ConfigMap', () => {
    const config = kafkaConfig({ 'default.topic.config.retention.ms': '1000' });
    expect(brokerBacking(kafkaBroker(), sources([config]))).toEqual({
      type: 'kafka',
      config: {
        bootstrapServers: ['kafka-1:9092', 'kafka-2:9092'],
        topic: 'knative-broker-default-main',
        external: false,
        partitions: 4,
        replicationFactor: 1,
        topicConfig: { 'retention.ms': '1000' },
      },
    });
  });

  it('reads credentials from the Secret that the ConfigMap names, in its namespace', () => {
    const objects = [kafkaConfig(WITH_SECRET), secret('kafka-auth', SASL)];
    expect(brokerBacking(kafkaBroker(), sources(objects))).toMatchObject({
      config: {
        auth: {
          protocol: 'SASL_SSL',
          sasl: { mechanism: 'SCRAM-SHA-512', user: 'u', password: CANARY },
        },
      },
    });
  });

  it('takes an external topic as it is', () => {
    const annotations = { 'kafka.eventing.knative.dev/external.topic': 'theirs' };
    const external = kafkaBroker({ metadata: { annotations } });
    expect(brokerBacking(external, sources([kafkaConfig()]))).toEqual({
      type: 'kafka',
      config: {
        bootstrapServers: ['kafka-1:9092', 'kafka-2:9092'],
        topic: 'theirs',
        external: true,
      },
    });
  });

  it('keeps the topic that it has, whatever templates and ConfigMap say now', () => {
    const features = { ...SHIPPED_KAFKA_FEATURES, brokerTopic: () => 'another' };
    const config = kafkaConfig({
      'default.topic.partitions': '9',
      'bootstrap.servers': 'moved:9092',
    });
    const kept = kafkaBroker({ status: kafkaStatus() });
    expect(brokerBacking(kept, sources([config], features))).toMatchObject({
      config: {
        topic: 'knative-broker-default-main',
        partitions: 4,
        bootstrapServers: ['moved:9092'],
      },
    });
    expect(brokerBacking(kafkaBroker(), sources([config], features))).toMatchObject({
      config: { topic: 'another', partitions: 9 },
    });
  });

  it('is found from the status when the ConfigMap is gone', () => {
    const status = kafkaStatus();
    const annotations = { ...status.annotations, ...WITH_SECRET };
    const kept = kafkaBroker({ status: { ...status, annotations } });
    const auth = secret('kafka-auth', { protocol: 'PLAINTEXT' });
    expect(brokerBacking(kept, sources([auth]))).toMatchObject({
      type: 'kafka',
      config: {
        bootstrapServers: ['kafka-1:9092', 'kafka-2:9092'],
        topic: 'knative-broker-default-main',
        partitions: 4,
        replicationFactor: 1,
        auth: { protocol: 'PLAINTEXT' },
      },
    });
  });

  it.each<[string, readonly ApiObject[], string, string]>([
    ['no ConfigMap', [], 'ConfigMap "default/br-config" of spec.config was not found', 'config'],
    [
      'no servers',
      [configMap('br-config', {})],
      'ConfigMap "default/br-config" of spec.config: missing field(s): data[bootstrap.servers]',
      'config',
    ],
    [
      'no partitions',
      [kafkaConfig({ 'default.topic.partitions': '0' })],
      'data[default.topic.partitions]',
      'config',
    ],
    [
      'no Secret',
      [kafkaConfig(WITH_SECRET)],
      'Secret "default/kafka-auth" was not found',
      'secret',
    ],
    [
      'a Secret without a user',
      [kafkaConfig(WITH_SECRET), secret('kafka-auth', { protocol: 'SASL_SSL', password: CANARY })],
      'Secret "default/kafka-auth": [protocol SASL_SSL] SASL user required (key: user)',
      'secret',
    ],
    [
      'a Secret with an unknown mechanism',
      [kafkaConfig(WITH_SECRET), secret('kafka-auth', { ...SASL, 'sasl.mechanism': CANARY })],
      'data[sasl.mechanism]',
      'secret',
    ],
  ])('T30 %s: names object and key, and shows no secret', (_what, objects, text, about) => {
    const found = brokerBacking(kafkaBroker(), sources(objects));
    expect(found).toMatchObject({ about });
    expect(found).toHaveProperty('problem', expect.stringContaining(text));
    expect(JSON.stringify(found)).not.toContain(CANARY);
  });

  it('refuses a config that is no ConfigMap, and none at all', () => {
    const config = { apiVersion: 'v1', kind: 'Secret', name: 's', namespace: 'default' };
    expect(brokerBacking(kafkaBroker({}, { config }), sources([]))).toEqual({
      problem: 'supported config Kind: ConfigMap - got Secret',
      about: 'config',
    });
    const { spec: _spec, ...bare } = kafkaBroker();
    expect(brokerBacking({ ...bare, spec: {} }, sources([]))).toMatchObject({
      problem: expect.stringContaining('spec.config is missing') as string,
    });
  });

  it('a template that wants a label which the broker has not is a problem', () => {
    const features = { ...SHIPPED_KAFKA_FEATURES, brokerTopic: () => undefined };
    expect(brokerBacking(kafkaBroker(), sources([kafkaConfig()], features))).toMatchObject({
      problem: expect.stringContaining('brokers-topic-template') as string,
    });
  });

  it('depends on the ConfigMap and the Secret, also before they are there', () => {
    const map = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'br-config' };
    expect(brokerReferences(kafkaBroker(), sources([]))).toEqual([map]);
    expect(brokerReferences(kafkaBroker(), sources([kafkaConfig(WITH_SECRET)]))).toEqual([
      map,
      { apiVersion: 'v1', kind: 'Secret', namespace: 'default', name: 'kafka-auth' },
    ]);
  });
});

describe('class RabbitMQBroker', () => {
  it('reads queue type, vhost and connection', () => {
    const objects = [rabbitmqConfig({ vhost: 'team' }), rabbitmqSecret({ port: '5999' })];
    expect(brokerBacking(rabbitmqBroker(), sources(objects))).toEqual({
      type: 'rabbitmq',
      config: {
        urls: ['amqp://rabbit.example:5999'],
        username: 'user',
        password: CANARY,
        vhost: 'team',
        exchange: 'b.default.main',
        queueType: 'quorum',
      },
    });
  });

  it('reads the authority of the server from the Secret that the first one names', () => {
    const objects = [
      rabbitmqConfig(),
      rabbitmqSecret({ uri: 'https://rabbit.example', caSecretName: 'ca', port: '5671' }),
      secret('ca', { 'ca.crt': 'PEM' }),
    ];
    expect(brokerBacking(rabbitmqBroker(), sources(objects))).toMatchObject({
      config: { urls: ['amqps://rabbit.example:5671'], tls: { ca: 'PEM' } },
    });
    expect(brokerReferences(rabbitmqBroker(), sources(objects)).map(({ name }) => name)).toEqual([
      'br-config',
      'rabbit',
      'ca',
    ]);
  });

  it('a cluster stands for the Secret of its operator; as spec.config it means classic queues', () => {
    const user = { ...rabbitmqSecret({ host: 'h' }) };
    const operator = { ...user, metadata: { ...user.metadata, name: 'main-default-user' } };
    const byConfig = rabbitmqConfig({ rabbitmqClusterReference: { name: 'main' } });
    expect(brokerBacking(rabbitmqBroker(), sources([byConfig, operator]))).toMatchObject({
      config: { queueType: 'quorum', username: 'user' },
    });
    const config = {
      apiVersion: 'rabbitmq.com/v1beta1',
      kind: 'RabbitmqCluster',
      name: 'main',
      namespace: 'default',
    };
    expect(brokerBacking(rabbitmqBroker({}, { config }), sources([operator]))).toMatchObject({
      config: { queueType: 'classic', username: 'user' },
    });
  });

  it.each<[string, readonly ApiObject[], string, string]>([
    [
      'no config object',
      [],
      'RabbitmqBrokerConfig "default/br-config" of spec.config was not found',
      'config',
    ],
    [
      'a config object without a reference',
      [rabbitmqConfig({ rabbitmqClusterReference: {} })],
      'spec.rabbitmqClusterReference',
      'config',
    ],
    ['no Secret', [rabbitmqConfig()], 'Secret "default/rabbit" was not found', 'secret'],
    [
      'a Secret without an address',
      [rabbitmqConfig(), secret('rabbit', { password: CANARY })],
      'Secret "default/rabbit": missing field(s): data[uri]',
      'secret',
    ],
    [
      'an address that is none',
      [rabbitmqConfig(), rabbitmqSecret({ uri: `amqp://u:${CANARY}@` })],
      'data[uri]',
      'secret',
    ],
    [
      'no authority',
      [rabbitmqConfig(), rabbitmqSecret({ caSecretName: 'ca' })],
      'Secret "default/ca" was not found',
      'secret',
    ],
    [
      'an empty authority',
      [rabbitmqConfig(), rabbitmqSecret({ caSecretName: 'ca' }), secret('ca', {})],
      'Secret "default/ca": data[ca.crt] is missing',
      'secret',
    ],
  ])('T30 %s: names object and key, and shows no secret', (_what, objects, text, about) => {
    const found = brokerBacking(rabbitmqBroker(), sources(objects));
    expect(found).toMatchObject({ about });
    expect(found).toHaveProperty('problem', expect.stringContaining(text));
    expect(JSON.stringify(found)).not.toContain(CANARY);
  });

  it('refuses a config of another kind', () => {
    const config = { apiVersion: 'v1', kind: 'ConfigMap', name: 'c', namespace: 'default' };
    expect(brokerBacking(rabbitmqBroker({}, { config }), sources([]))).toMatchObject({
      problem: expect.stringContaining('not a ConfigMap') as string,
    });
  });
});

describe('others', () => {
  it('a broker on a channel has no backing of its own', () => {
    expect(brokerBacking(broker(), sources([]))).toHaveProperty('problem');
    expect(brokerReferences(broker(), sources([]))).toEqual([]);
  });

  it('a KafkaSink owns the topic whose size it says', () => {
    expect(sinkBacking(kafkaSink({ numPartitions: 3, replicationFactor: 1 }), sources([]))).toEqual(
      {
        type: 'kafka',
        config: {
          bootstrapServers: ['kafka-1:9092'],
          topic: 'out-topic',
          external: false,
          partitions: 3,
          replicationFactor: 1,
          contentMode: 'binary',
          helperTopics: false,
        },
      },
    );
    const external = sinkBacking(
      kafkaSink({ numPartitions: 3, contentMode: 'structured' }),
      sources([]),
    );
    expect(external).toMatchObject({ config: { external: true, contentMode: 'structured' } });
  });

  it('T30 the Secret of a KafkaSink is in its namespace', () => {
    const sink = kafkaSink({ auth: { secret: { ref: { name: 'auth' } } } });
    expect(sinkBacking(sink, sources([]))).toEqual({
      problem: 'Secret "default/auth" was not found',
      about: 'secret',
    });
    expect(sinkReferences(sink)).toMatchObject([{ kind: 'Secret', name: 'auth' }]);
    const found = sinkBacking(sink, sources([secret('auth', SASL)]));
    expect(found).toMatchObject({ config: { auth: { protocol: 'SASL_SSL' } } });
  });
});
