/**
 * Which Kafka and which topic stand behind a KafkaChannel.
 *
 * A channel that has a topic keeps it: its name in the status wins over the template, so that a changed template
 * moves nothing. Where Kafka is comes from `kafka-channel-config`; when that is gone, from the status too, so that
 * the channel can still be served and deleted.
 */
import type { ChannelBacking } from '@afflux/channels';
import {
  type ApiObject,
  decodeKafkaChannelConfig,
  decodeKafkaSecret,
  KAFKA_CHANNEL_CONFIG_MAP,
  KAFKA_CHANNEL_DEFAULTS,
  KAFKA_STATUS,
  type KafkaAuth,
  type KafkaChannel,
  retentionMs,
} from '@afflux/resources';
import {
  type BackingReference,
  type BackingSources,
  configMapReference,
  type Found,
  type NamedIn,
  readSecret,
  secretReference,
  shown,
} from './backing-sources.ts';

const CONDITION = 'ConfigParsed';

interface Connection {
  readonly bootstrapServers: readonly string[];
  readonly authSecret?: NamedIn;
}

function configKey({ systemNamespace }: BackingSources): NamedIn {
  return { namespace: systemNamespace, name: KAFKA_CHANNEL_CONFIG_MAP };
}

function statusText(object: ApiObject, key: string): string | undefined {
  return (object as KafkaChannel).status?.annotations?.[key];
}

function secretOf(
  reference: { readonly name: string; readonly namespace?: string } | undefined,
  namespace: string,
): { readonly authSecret?: NamedIn } {
  if (reference === undefined) return {};
  return { authSecret: { namespace: reference.namespace ?? namespace, name: reference.name } };
}

/** What an earlier run wrote; undefined when there was none. */
function connectionFromStatus(object: ApiObject, namespace: string): Connection | undefined {
  const servers = statusText(object, KAFKA_STATUS.bootstrapServers);
  if (servers === undefined) return undefined;
  const name = statusText(object, KAFKA_STATUS.authSecret);
  const within = statusText(object, KAFKA_STATUS.authSecretNamespace) ?? namespace;
  return {
    bootstrapServers: servers.split(','),
    ...(name === undefined ? {} : secretOf({ name, namespace: within }, within)),
  };
}

function readConnection(object: ApiObject, sources: BackingSources): Found<Connection> {
  const key = configKey(sources);
  const map = sources.configMap(key.namespace, key.name);
  if (map === undefined) {
    const kept = connectionFromStatus(object, key.namespace);
    if (kept !== undefined) return { value: kept };
    const message = `${shown('ConfigMap', key)} was not found`;
    return { problem: { condition: CONDITION, reason: 'ConfigMapNotFound', message } };
  }
  const { value, errors } = decodeKafkaChannelConfig(map);
  if (value === undefined) {
    const message = `${shown('ConfigMap', key)}: ${errors.toString()}`;
    return { problem: { condition: CONDITION, reason: 'ConfigMapInvalid', message } };
  }
  const { bootstrapServers, authSecret } = value;
  return { value: { bootstrapServers, ...secretOf(authSecret, key.namespace) } };
}

function readTopic(object: ApiObject, sources: BackingSources): Found<string> {
  const topic =
    statusText(object, KAFKA_STATUS.topic) ?? sources.kafkaFeatures().channelTopic(object.metadata);
  if (topic !== undefined) return { value: topic };
  const message =
    'channels-topic-template of config-kafka-features names no topic for this channel: it lacks a label or annotation';
  return { problem: { condition: CONDITION, reason: 'TopicUnnamed', message } };
}

function topicConfig({ retentionDuration }: KafkaChannel['spec']): Record<string, string> {
  const ms = retentionMs(retentionDuration ?? KAFKA_CHANNEL_DEFAULTS.retentionDuration);
  return ms === undefined ? {} : { 'retention.ms': String(ms) };
}

/** What the Kafka driver is given for a KafkaChannel; holds secrets. */
export function kafkaChannelBacking(
  object: ApiObject,
  sources: BackingSources,
): Found<ChannelBacking> {
  const { spec } = object as KafkaChannel;
  const connection = readConnection(object, sources);
  if ('problem' in connection) return connection;
  const topic = readTopic(object, sources);
  if ('problem' in topic) return topic;
  const { bootstrapServers, authSecret } = connection.value;
  let auth: KafkaAuth | undefined;
  if (authSecret !== undefined) {
    const read = readSecret(authSecret, decodeKafkaSecret, { sources, condition: CONDITION });
    if ('problem' in read) return read;
    auth = read.value;
  }
  const config = {
    bootstrapServers,
    topic: topic.value,
    partitions: spec.numPartitions ?? KAFKA_CHANNEL_DEFAULTS.numPartitions,
    replicationFactor: spec.replicationFactor ?? KAFKA_CHANNEL_DEFAULTS.replicationFactor,
    topicConfig: topicConfig(spec),
    external: false,
    ...(auth === undefined ? {} : { auth }),
  };
  return { value: { type: 'kafka', config } };
}

/** What the status says about the topic; undefined while the settings do not say. */
export function kafkaChannelAnnotations(
  object: ApiObject,
  sources: BackingSources,
): Readonly<Record<string, string>> {
  const connection = readConnection(object, sources);
  const topic = readTopic(object, sources);
  if ('problem' in connection || 'problem' in topic) return {};
  const { bootstrapServers, authSecret } = connection.value;
  const { spec } = object as KafkaChannel;
  const { numPartitions, replicationFactor } = { ...KAFKA_CHANNEL_DEFAULTS, ...spec };
  return {
    [KAFKA_STATUS.topic]: topic.value,
    [KAFKA_STATUS.partitions]: String(numPartitions),
    [KAFKA_STATUS.replicationFactor]: String(replicationFactor),
    [KAFKA_STATUS.bootstrapServers]: bootstrapServers.join(','),
    ...(authSecret === undefined
      ? {}
      : {
          [KAFKA_STATUS.authSecret]: authSecret.name,
          [KAFKA_STATUS.authSecretNamespace]: authSecret.namespace,
        }),
  };
}

/** Objects whose change may change the backing. */
export function kafkaChannelReferences(
  object: ApiObject,
  sources: BackingSources,
): readonly BackingReference[] {
  const connection = readConnection(object, sources);
  const secret = 'problem' in connection ? undefined : connection.value.authSecret;
  const config = configMapReference(configKey(sources));
  return secret === undefined ? [config] : [config, secretReference(secret)];
}
