import { describe, expect, test } from 'vitest';
import { admitProblems, admitted, contextWith, manifest, yaml } from '../../testing.ts';
import type { Broker } from './broker.ts';
import type { KafkaSink } from './kafka-sink.ts';
import type { RabbitmqBrokerConfig } from './rabbitmq-broker-config.ts';

const CLASS = 'eventing.knative.dev/broker.class';

function broker(brokerClass: string, spec: object = {}, more: Record<string, string> = {}): object {
  return manifest('Broker', { metadata: { annotations: { [CLASS]: brokerClass, ...more } }, spec });
}

describe('Broker of class Kafka', () => {
  test('without a configuration gets the ConfigMap of Kafka, not that of channels', () => {
    expect(admitted<Broker>(broker('Kafka')).spec.config).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      name: 'kafka-broker-config',
      namespace: 'knative-eventing',
    });
  });

  test.each([
    [{ kind: 'configmap', apiVersion: 'v1', name: 'k' }, ''],
    [
      { kind: 'Secret', apiVersion: 'v1', name: 'k' },
      'supported config Kind: ConfigMap - got Secret: spec.config.kind',
    ],
  ])('config %j', (config, problems) => {
    expect(admitProblems(broker('Kafka', { config }))).toBe(problems);
  });

  test('KafkaNamespaced has its ConfigMap beside it', () => {
    const config = { kind: 'ConfigMap', apiVersion: 'v1', name: 'k', namespace: 'other' };
    expect(admitProblems(broker('KafkaNamespaced', { config }))).toContain('spec.config.namespace');
    expect(
      admitProblems(broker('KafkaNamespaced', { config: { ...config, namespace: 'ns' } })),
    ).toBe('');
  });

  test('an external topic has the name of a topic', () => {
    const key = 'kafka.eventing.knative.dev/external.topic';
    expect(admitProblems(broker('Kafka', {}, { [key]: 'my.topic' }))).toBe('');
    expect(admitProblems(broker('Kafka', {}, { [key]: 'my topic' }))).toContain(
      `invalid value: my topic: metadata.annotations[${key}]`,
    );
  });
});

describe('Broker of class RabbitMQBroker', () => {
  const config = {
    apiVersion: 'eventing.knative.dev/v1alpha1',
    kind: 'RabbitmqBrokerConfig',
    name: 'r',
  };

  test.each([
    [{ config }, ''],
    [{ config: { apiVersion: 'rabbitmq.com/v1beta1', kind: 'RabbitmqCluster', name: 'c' } }, ''],
    [{}, 'missing field(s): spec.config'],
    [
      { config: { apiVersion: 'v1', kind: 'ConfigMap', name: 'r' } },
      'Configuration not supported, only [kind: RabbitmqBrokerConfig]: spec.config\nexpected a RabbitmqBrokerConfig of eventing.knative.dev/v1alpha1 or a RabbitmqCluster of rabbitmq.com/v1beta1',
    ],
    [
      { config: { kind: 'RabbitmqBrokerConfig', name: 'r' } },
      'missing field(s): spec.config.apiVersion',
    ],
  ])('%j', (spec, problems) => {
    expect(admitProblems(broker('RabbitMQBroker', spec))).toBe(problems);
  });
});

describe('KafkaSink', () => {
  const SPEC = { topic: 'orders', bootstrapServers: ['kafka:9092'] };
  const sink = (spec: object) => manifest('KafkaSink', { spec });

  test('writes in binary mode by default', () => {
    expect(admitted<KafkaSink>(sink(SPEC)).spec.contentMode).toBe('binary');
  });

  test.each([
    [{ ...SPEC, topic: '' }, 'missing field(s): spec.topic'],
    [{ ...SPEC, bootstrapServers: [' '] }, 'missing field(s): spec.bootstrapServers'],
    [{ ...SPEC, bootstrapServers: [] }, 'missing field(s): spec.bootstrapServers'],
    [
      { ...SPEC, numPartitions: 0 },
      'invalid value: 0: spec.numPartitions\nexpected a number above zero',
    ],
    [
      { ...SPEC, auth: { secret: { ref: { name: '' } } } },
      'missing field(s): spec.auth.secret.ref.name',
    ],
    [
      { ...SPEC, topic: 'a/b' },
      "invalid value: a/b: spec.topic\nexpected 1 to 249 letters, digits, '.', '_' and '-', and not '.' or '..'",
    ],
  ])('%j is refused', (spec, problems) => {
    expect(admitProblems(sink(spec))).toBe(problems);
  });

  test('its topic cannot be changed, its servers can', () => {
    const old = admitted(sink(SPEC));
    expect(admitProblems(sink({ ...SPEC, topic: 'other' }), contextWith(), old)).toContain(
      'Immutable fields changed',
    );
    const moved = sink({ ...SPEC, bootstrapServers: ['other:9092'] });
    expect(admitProblems(moved, contextWith(), old)).toBe('');
  });
});

describe('RabbitmqBrokerConfig', () => {
  const config = (spec: object) => manifest('RabbitmqBrokerConfig', { spec });
  const REFERENCE = { connectionSecret: { name: 's' } };

  test('defaults', () => {
    const { spec } = admitted<RabbitmqBrokerConfig>(
      config({ rabbitmqClusterReference: REFERENCE }),
    );
    expect(spec).toEqual({
      rabbitmqClusterReference: { ...REFERENCE, namespace: 'ns' },
      queueType: 'quorum',
    });
  });

  test.each([
    [{}, 'missing field(s): spec.rabbitmqClusterReference'],
    [
      { rabbitmqClusterReference: {} },
      'missing field(s): spec.rabbitmqClusterReference.connectionSecret.name, spec.rabbitmqClusterReference.name\nexpected exactly one, got neither',
    ],
  ])('%j is refused', (spec, problems) => {
    expect(admitProblems(config(spec))).toBe(problems);
  });

  test('cannot be changed', () => {
    const old = admitted(config({ rabbitmqClusterReference: REFERENCE }));
    const next = config({ rabbitmqClusterReference: REFERENCE, queueType: 'classic' });
    expect(admitProblems(next, contextWith(), old)).toContain('Immutable fields changed');
  });
});

test('the object of RabbitMQ’s operator is accepted as it is', () => {
  const cluster = yaml(`
apiVersion: rabbitmq.com/v1beta1
kind: RabbitmqCluster
metadata:
  name: rabbitmq
  namespace: ns
  annotations: { rabbitmq.com/topology-allowed-namespaces: "*" }
spec: { replicas: 1, resources: { limits: { cpu: 500m } } }
`);
  expect(admitted(cluster).spec).toEqual({ replicas: 1, resources: { limits: { cpu: '500m' } } });
});
