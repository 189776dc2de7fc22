/**
 * The channel that Brokers and Channels get which do not say which, by the configuration of the process: a
 * template in the shipped config maps, and the config maps and secrets that it needs. Users may change all of
 * them by writing them, as in a cluster.
 */
import type { ChannelTemplate, ConfigMap, Secret } from '@afflux/resources';
import { defaultChannelType, type ChannelType, type Config } from './config.ts';

/** Secret of the system namespace with the address of RabbitMQ. */
const RABBITMQ_SECRET = 'afflux-rabbitmq';

/** Config maps that say where Kafka is: Knative's names. */
const KAFKA_CONFIG_MAPS = ['kafka-channel-config', 'kafka-broker-config'] as const;

export function defaultChannelTemplate(config: Config): ChannelTemplate {
  const { kafka } = config.channel;
  const templates: Readonly<Record<ChannelType, ChannelTemplate>> = {
    memory: { apiVersion: 'messaging.knative.dev/v1', kind: 'InMemoryChannel' },
    durable: { apiVersion: 'messaging.afflux.dev/v1alpha1', kind: 'DurableChannel' },
    kafka: {
      apiVersion: 'messaging.knative.dev/v1',
      kind: 'KafkaChannel',
      spec: { numPartitions: kafka.partitions, replicationFactor: kafka.replicationFactor },
    },
    rabbitmq: {
      apiVersion: 'messaging.afflux.dev/v1alpha1',
      kind: 'RabbitmqChannel',
      spec: {
        rabbitmqClusterReference: {
          namespace: config.systemNamespace,
          connectionSecret: { name: RABBITMQ_SECRET },
        },
      },
    },
  };
  return templates[defaultChannelType(config)];
}

/** What must be there for Kafka and RabbitMQ, as far as the configuration says where they are. */
export function connectionObjects(config: Config): readonly (ConfigMap | Secret)[] {
  const { kafka, rabbitmq } = config.channel;
  return [
    ...(kafka.bootstrapServers === undefined
      ? []
      : KAFKA_CONFIG_MAPS.map((name) =>
          kafkaConfigMap(name, config, kafka.bootstrapServers ?? ''),
        )),
    ...(rabbitmq.url === undefined ? [] : [rabbitmqSecret(config.systemNamespace, rabbitmq.url)]),
  ];
}

function kafkaConfigMap(name: string, config: Config, bootstrapServers: string): ConfigMap {
  const { partitions, replicationFactor, secret } = config.channel.kafka;
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: config.systemNamespace },
    data: {
      'bootstrap.servers': bootstrapServers,
      'default.topic.partitions': String(partitions),
      'default.topic.replication.factor': String(replicationFactor),
      ...(secret === undefined
        ? {}
        : {
            'auth.secret.ref.name': secret,
            'auth.secret.ref.namespace': config.systemNamespace,
          }),
    },
  };
}

function rabbitmqSecret(namespace: string, url: string): Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: RABBITMQ_SECRET, namespace },
    stringData: { uri: url },
  };
}
