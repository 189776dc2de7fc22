/**
 * Which Kafka and which topic stand behind a Broker of class Kafka or a KafkaSink.
 *
 * A broker that has a topic keeps it: name, partitions and copies in its status win over ConfigMap and templates,
 * so that a changed template moves nothing. How Kafka is reached comes from the ConfigMap, which may follow a
 * Kafka that moved; when the ConfigMap is gone, from the status too, so that the broker can still be served and
 * deleted.
 */
import type { ChannelBacking } from '@afflux/channels';
import {
  decodeKafkaBrokerConfig,
  decodeKafkaSecret,
  KAFKA_EXTERNAL_TOPIC,
  KAFKA_STATUS,
  type Broker,
  type KafkaAuth,
  type KafkaBrokerConfig,
  type KafkaSink,
} from '@afflux/resources';
import {
  configMapReference,
  configProblem,
  readSecret,
  secretReference,
  shown,
  type BackingProblem,
  type BackingReference,
  type BackingSources,
  type NamedIn,
} from './backing-sources.ts';

/** Everything about a topic but the credentials. */
export interface KafkaTopic {
  readonly bootstrapServers: readonly string[];
  readonly topic: string;
  /** Made by others: it must exist, is checked, and is never removed. */
  readonly isExternal: boolean;
  readonly partitions?: number;
  readonly replicationFactor?: number;
  readonly topicConfig?: Readonly<Record<string, string>>;
  readonly contentMode?: 'binary' | 'structured';
  /** False: nobody subscribes here, so nothing is needed for retries and dead letters. */
  readonly helperTopics?: false;
  readonly authSecret?: NamedIn;
}

type Found = { readonly value: KafkaTopic } | BackingProblem;

/** The topic of a broker. */
export function brokerTopic(broker: Broker, sources: BackingSources): Found {
  const config = readConfig(broker, sources);
  if (config === undefined) {
    const kept = topicFromStatus(broker);
    return kept === undefined ? configProblem(configMissing(broker)) : { value: kept };
  }
  if ('problem' in config) return config;
  const name = topicName(broker, sources);
  if (name === undefined) {
    return configProblem(
      `brokers-topic-template of config-kafka-features names no topic for Broker "${broker.metadata.namespace ?? ''}/${broker.metadata.name}": it lacks a label or annotation`,
    );
  }
  const kept = topicFromStatus(broker);
  const { bootstrapServers, partitions, replicationFactor, topicConfig } = config.value;
  return {
    value: {
      bootstrapServers,
      topic: name,
      ...(externalTopic(broker) === undefined
        ? {
            isExternal: false,
            partitions: kept?.partitions ?? partitions,
            replicationFactor: kept?.replicationFactor ?? replicationFactor,
            topicConfig,
          }
        : { isExternal: true }),
      ...secretOf(config.value.authSecret, configKey(broker).namespace),
    },
  };
}

/** The topic of a sink. */
export function sinkTopic(sink: KafkaSink): KafkaTopic {
  const { topic, bootstrapServers, numPartitions, replicationFactor, contentMode, auth } =
    sink.spec;
  const isOwned = numPartitions !== undefined && replicationFactor !== undefined;
  return {
    bootstrapServers: bootstrapServers.map((server) => server.trim()).filter(Boolean),
    topic,
    ...(isOwned
      ? { isExternal: false, partitions: numPartitions, replicationFactor }
      : { isExternal: true }),
    contentMode: contentMode ?? 'binary',
    helperTopics: false,
    ...secretOf(auth?.secret?.ref, sink.metadata.namespace ?? ''),
  };
}

/** What a Kafka driver is given for a topic; holds secrets. */
export function kafkaBacking(
  topic: KafkaTopic,
  sources: Pick<BackingSources, 'secret'>,
): ChannelBacking | BackingProblem {
  let auth: KafkaAuth | undefined;
  if (topic.authSecret !== undefined) {
    const read = readSecret(topic.authSecret, sources, decodeKafkaSecret);
    if ('problem' in read) return read;
    auth = read.value;
  }
  const { authSecret: _named, isExternal, ...config } = topic;
  return {
    type: 'kafka',
    config: { ...config, external: isExternal, ...(auth === undefined ? {} : { auth }) },
  };
}

/** What a topic looks like in the status of the object that has it. */
export function topicAnnotations(topic: KafkaTopic): Readonly<Record<string, string>> {
  const { authSecret, partitions, replicationFactor } = topic;
  return {
    [KAFKA_STATUS.topic]: topic.topic,
    [KAFKA_STATUS.bootstrapServers]: topic.bootstrapServers.join(','),
    ...(partitions === undefined ? {} : { [KAFKA_STATUS.partitions]: String(partitions) }),
    ...(replicationFactor === undefined
      ? {}
      : { [KAFKA_STATUS.replicationFactor]: String(replicationFactor) }),
    ...(authSecret === undefined
      ? {}
      : {
          [KAFKA_STATUS.authSecret]: authSecret.name,
          [KAFKA_STATUS.authSecretNamespace]: authSecret.namespace,
        }),
  };
}

/** Whose change may change the topic of a broker or how it is reached. */
export function kafkaReferences(
  broker: Broker,
  sources: BackingSources,
): readonly BackingReference[] {
  const topic = brokerTopic(broker, sources);
  const secret = 'problem' in topic ? undefined : topic.value.authSecret;
  return [
    ...(broker.spec.config === undefined ? [] : [configMapReference(configKey(broker))]),
    ...(secret === undefined ? [] : [secretReference(secret)]),
  ];
}

function configKey(broker: Broker): NamedIn {
  const { config } = broker.spec;
  return {
    namespace: config?.namespace ?? broker.metadata.namespace ?? '',
    name: config?.name ?? '',
  };
}

function configMissing(broker: Broker): string {
  return broker.spec.config === undefined
    ? 'spec.config is missing, and config-br-defaults names no default'
    : `${shown('ConfigMap', configKey(broker))} of spec.config was not found`;
}

/** Undefined when there is no ConfigMap. */
function readConfig(
  broker: Broker,
  sources: BackingSources,
): { readonly value: KafkaBrokerConfig } | BackingProblem | undefined {
  const { config } = broker.spec;
  if (config === undefined) return undefined;
  if (config.kind.toLowerCase() !== 'configmap') {
    return configProblem(`supported config Kind: ConfigMap - got ${config.kind}`);
  }
  const key = configKey(broker);
  const map = sources.configMap(key.namespace, key.name);
  if (map === undefined) return undefined;
  const { value, errors } = decodeKafkaBrokerConfig(map);
  if (value !== undefined) return { value };
  return configProblem(`${shown('ConfigMap', key)} of spec.config: ${errors.toString()}`);
}

function externalTopic(broker: Broker): string | undefined {
  return broker.metadata.annotations?.[KAFKA_EXTERNAL_TOPIC];
}

function topicName(broker: Broker, sources: BackingSources): string | undefined {
  return (
    broker.status?.annotations?.[KAFKA_STATUS.topic] ??
    externalTopic(broker) ??
    sources.kafkaFeatures().brokerTopic(broker.metadata)
  );
}

function secretOf(
  reference: { readonly name: string; readonly namespace?: string } | undefined,
  namespace: string,
): { readonly authSecret?: NamedIn } {
  if (reference === undefined) return {};
  return {
    authSecret: { name: reference.name, namespace: reference.namespace ?? namespace },
  };
}

/** What an earlier run wrote; undefined when the broker never had a topic. */
function topicFromStatus(broker: Broker): KafkaTopic | undefined {
  const annotations = broker.status?.annotations ?? {};
  const topic = annotations[KAFKA_STATUS.topic];
  const servers = annotations[KAFKA_STATUS.bootstrapServers];
  if (topic === undefined || servers === undefined) return undefined;
  const secret = annotations[KAFKA_STATUS.authSecret];
  const secretNamespace = annotations[KAFKA_STATUS.authSecretNamespace];
  return {
    bootstrapServers: servers.split(','),
    topic,
    isExternal: externalTopic(broker) !== undefined,
    ...countOf('partitions', annotations[KAFKA_STATUS.partitions]),
    ...countOf('replicationFactor', annotations[KAFKA_STATUS.replicationFactor]),
    ...(secret === undefined
      ? {}
      : {
          authSecret: { name: secret, namespace: secretNamespace ?? configKey(broker).namespace },
        }),
  };
}

function countOf(
  field: 'partitions' | 'replicationFactor',
  text: string | undefined,
): { readonly partitions?: number; readonly replicationFactor?: number } {
  const count = Number(text ?? '');
  return Number.isInteger(count) && count > 0 ? { [field]: count } : {};
}
