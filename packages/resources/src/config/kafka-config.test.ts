import { describe, expect, test } from 'vitest';
import { decodeKafkaBrokerConfig, decodeKafkaChannelConfig } from './kafka-config.ts';
import { decodeKafkaFeatures, SHIPPED_KAFKA_FEATURES } from './kafka-features.ts';
import { compileNameTemplate } from './name-template.ts';

const SERVERS = { 'bootstrap.servers': 'one:9092, two:9093,' };

describe('kafka-broker-config', () => {
  test('values, with the defaults of Knative where there are none', () => {
    expect(decodeKafkaBrokerConfig({ data: SERVERS }).value).toEqual({
      bootstrapServers: ['one:9092', 'two:9093'],
      partitions: 10,
      replicationFactor: 3,
      topicConfig: {},
    });
    const data = {
      ...SERVERS,
      'default.topic.partitions': ' 4 ',
      'default.topic.replication.factor': '1',
      'default.topic.config.retention.ms': '3600000',
      'auth.secret.ref.name': 'strimzi',
      'auth.secret.ref.namespace': 'kafka',
    };
    expect(decodeKafkaBrokerConfig({ data }).value).toEqual({
      bootstrapServers: ['one:9092', 'two:9093'],
      partitions: 4,
      replicationFactor: 1,
      topicConfig: { 'retention.ms': '3600000' },
      authSecret: { name: 'strimzi', namespace: 'kafka' },
    });
  });

  test.each([
    [{}, 'missing field(s): data[bootstrap.servers]'],
    [{ 'bootstrap.servers': ' , ' }, 'missing field(s): data[bootstrap.servers]'],
    [
      { 'bootstrap.servers': 'kafka' },
      'invalid value: kafka: data[bootstrap.servers]\nexpected host:port, several between commas',
    ],
    [
      { 'bootstrap.servers': 'kafka:0' },
      'invalid value: kafka:0: data[bootstrap.servers]\nexpected host:port, several between commas',
    ],
    [
      { ...SERVERS, 'default.topic.partitions': '0' },
      'invalid value: 0: data[default.topic.partitions]\nexpected a whole number from 1 to 100000',
    ],
    [
      { ...SERVERS, 'default.topic.partitions': 'ten' },
      'invalid value: ten: data[default.topic.partitions]\nexpected a whole number from 1 to 100000',
    ],
    [
      { ...SERVERS, 'default.topic.replication.factor': '-1' },
      'invalid value: -1: data[default.topic.replication.factor]\nexpected a whole number from 1 to 32767',
    ],
  ])('%j is refused', (data, problems) => {
    const decoded = decodeKafkaBrokerConfig({ data });
    expect(decoded.value).toBeUndefined();
    expect(decoded.errors.toString()).toBe(problems);
  });
});

describe('kafka-channel-config', () => {
  test('says where Kafka is and which Secret opens it', () => {
    expect(decodeKafkaChannelConfig({ data: SERVERS }).value).toEqual({
      bootstrapServers: ['one:9092', 'two:9093'],
    });
    const data = { 'bootstrap.servers': '[::1]:9092', 'auth.secret.ref.name': 's' };
    expect(decodeKafkaChannelConfig({ data }).value).toEqual({
      bootstrapServers: ['[::1]:9092'],
      authSecret: { name: 's' },
    });
  });

  test('without servers is refused', () => {
    expect(decodeKafkaChannelConfig({}).errors.toString()).toContain('data[bootstrap.servers]');
  });
});

describe('config-kafka-features', () => {
  const METADATA = { namespace: 'shop', name: 'orders', uid: 'u-1', labels: { 'a.b/team': 'x' } };

  test('shipped templates', () => {
    const { brokerTopic, channelTopic, triggerGroup } = SHIPPED_KAFKA_FEATURES;
    expect(brokerTopic(METADATA)).toBe('knative-broker-shop-orders');
    expect(channelTopic(METADATA)).toBe('knative-messaging-kafka.shop.orders');
    expect(triggerGroup(METADATA)).toBe('knative-trigger-shop-orders');
  });

  test.each(['brokers-topic-template', 'brokers.topic.template'])('%s', (key) => {
    const { value } = decodeKafkaFeatures({ data: { [key]: 'b.{{ .Namespace }}.{{ .Name }}' } });
    expect(value?.brokerTopic(METADATA)).toBe('b.shop.orders');
    expect(value?.channelTopic(METADATA)).toBe('knative-messaging-kafka.shop.orders');
  });

  test('a switch without effect is a warning, one that is neither on nor off an error', () => {
    const on = decodeKafkaFeatures({ data: { 'controller-autoscaler-keda': 'enabled' } });
    expect(on.warnings.toString()).toContain('data[controller-autoscaler-keda]');
    expect(on.value).toBeDefined();
    const off = decodeKafkaFeatures({ data: { 'controller-autoscaler-keda': 'Disabled' } });
    expect(off.warnings.isEmpty).toBe(true);
    const bad = decodeKafkaFeatures({ data: { 'dispatcher-rate-limiter': 'perhaps' } });
    expect(bad.value).toBeUndefined();
    expect(bad.errors.toString()).toContain('data[dispatcher-rate-limiter]');
  });

  test.each([
    ['x {{ .Name }}', 'invalid value: x {{ .Name }}: data[channels-topic-template]'],
    ['{{ printf .Name }}', 'invalid template: data[channels-topic-template]'],
    ['{{ .Name', 'invalid template: data[channels-topic-template]'],
  ])('template %j is refused', (text, problem) => {
    const decoded = decodeKafkaFeatures({ data: { 'channels-topic-template': text } });
    expect(decoded.value).toBeUndefined();
    expect(decoded.errors.toString()).toContain(problem);
  });

  test.each([
    ['plain', 'plain'],
    ['{{.Name}}-{{ .UID }}', 'orders-u-1'],
    ['{{ .ObjectMeta.Namespace }}', 'shop'],
    ['a {{- .Name -}} b', 'aordersb'],
    ['{{ index .Labels "a.b/team" }}', 'x'],
    ['{{ index .Labels `a.b/team` }}', 'x'],
    ['{{ index .Annotations "none" }}', undefined],
    ['{{ .Labels.team }}', undefined],
    ['{{ .Labels.toString }}', undefined],
  ])('%j names %s', (text, name) => {
    const compiled = compileNameTemplate(text);
    if ('problem' in compiled) throw new Error(compiled.problem);
    expect(compiled.value(METADATA)).toBe(name);
  });

  test('a template beyond all bounds is refused', () => {
    expect(compileNameTemplate('x'.repeat(1_025))).toHaveProperty('problem');
  });
});
