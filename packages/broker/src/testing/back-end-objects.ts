/** Builders of what Kafka and RabbitMQ brokers are configured with. Everything is in namespace `default`. */
import {
  BROKER_CLASS,
  KAFKA_STATUS,
  type Broker,
  type BrokerStatus,
  type KafkaSink,
  type RabbitmqBrokerConfig,
  type Secret,
} from '@afflux/resources';
import { RABBITMQ_STATUS } from '../model/broker-class.ts';
import { broker, BROKER_URL, configMap, NAMESPACE, type Parts } from './objects.ts';

/** Stands for every secret value: must appear in no message (T30). */
export const CANARY = 'canary-5d41402a';

export const TOPIC = 'knative-broker-default-main';
export const EXCHANGE = 'b.default.main';

export function secret(name: string, texts: Record<string, string>): Secret {
  const data = Object.entries(texts).map(
    ([key, text]) => [key, Buffer.from(text).toString('base64')] as const,
  );
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: NAMESPACE },
    type: 'Opaque',
    data: Object.fromEntries(data),
  };
}

/** The ConfigMap of {@link kafkaBroker}. */
export function kafkaConfig(more: Record<string, string> = {}) {
  return configMap('br-config', {
    'bootstrap.servers': 'kafka-1:9092, kafka-2:9092',
    'default.topic.partitions': '4',
    'default.topic.replication.factor': '1',
    ...more,
  });
}

export function kafkaBroker(parts: Parts<BrokerStatus> = {}, spec: Broker['spec'] = {}): Broker {
  const { annotations, ...metadata } = parts.metadata ?? {};
  return broker(spec, {
    ...parts,
    metadata: { ...metadata, annotations: { ...annotations, [BROKER_CLASS]: 'Kafka' } },
  });
}

/** What a broker of class Kafka says of itself once it works. */
export function kafkaStatus(more: Partial<BrokerStatus> = {}): BrokerStatus {
  return {
    address: { name: 'http', url: BROKER_URL },
    annotations: {
      [KAFKA_STATUS.topic]: TOPIC,
      [KAFKA_STATUS.partitions]: '4',
      [KAFKA_STATUS.replicationFactor]: '1',
      [KAFKA_STATUS.bootstrapServers]: 'kafka-1:9092,kafka-2:9092',
    },
    conditions: [{ type: 'Ready', status: 'True' }],
    ...more,
  };
}

/** The configuration of {@link rabbitmqBroker}. */
export function rabbitmqConfig(
  spec: Partial<RabbitmqBrokerConfig['spec']> = {},
): RabbitmqBrokerConfig {
  return {
    apiVersion: 'eventing.knative.dev/v1alpha1',
    kind: 'RabbitmqBrokerConfig',
    metadata: { name: 'br-config', namespace: NAMESPACE },
    spec: {
      rabbitmqClusterReference: { namespace: NAMESPACE, connectionSecret: { name: 'rabbit' } },
      queueType: 'quorum',
      ...spec,
    },
  };
}

/** The Secret of {@link rabbitmqConfig}. */
export function rabbitmqSecret(more: Record<string, string> = {}): Secret {
  return secret('rabbit', {
    uri: 'rabbit.example',
    username: 'user',
    password: CANARY,
    ...more,
  });
}

export function rabbitmqBroker(parts: Parts<BrokerStatus> = {}, spec: Broker['spec'] = {}): Broker {
  const { annotations, ...metadata } = parts.metadata ?? {};
  return broker(
    {
      config: {
        apiVersion: 'eventing.knative.dev/v1alpha1',
        kind: 'RabbitmqBrokerConfig',
        name: 'br-config',
        namespace: NAMESPACE,
      },
      ...spec,
    },
    {
      ...parts,
      metadata: { ...metadata, annotations: { ...annotations, [BROKER_CLASS]: 'RabbitMQBroker' } },
    },
  );
}

/** What a broker of class RabbitMQBroker says of itself once it works. */
export function rabbitmqStatus(more: Partial<BrokerStatus> = {}): BrokerStatus {
  return {
    address: { name: 'http', url: BROKER_URL },
    annotations: { [RABBITMQ_STATUS.exchange]: EXCHANGE },
    conditions: [{ type: 'Ready', status: 'True' }],
    ...more,
  };
}

/** The KafkaSink `out`. */
export function kafkaSink(
  spec: Partial<KafkaSink['spec']> = {},
  parts: Parts<KafkaSink['status']> = {},
): KafkaSink {
  return {
    apiVersion: 'eventing.knative.dev/v1alpha1',
    kind: 'KafkaSink',
    metadata: { name: 'out', namespace: NAMESPACE, ...parts.metadata },
    spec: {
      topic: 'out-topic',
      bootstrapServers: ['kafka-1:9092'],
      contentMode: 'binary',
      ...spec,
    },
    ...(parts.status === undefined ? {} : { status: parts.status }),
  };
}
