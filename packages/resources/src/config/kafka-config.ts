/**
 * The config maps of Kafka: `kafka-broker-config` (or what `spec.config` of a Broker of class Kafka names) and
 * `kafka-channel-config`. Both say where Kafka is and which Secret opens it; the first also says how the topic
 * of a Broker is made.
 */
import { FieldErrors } from '../field-errors.ts';
import type { ConfigMapData, Decoded } from './decoded.ts';
import { countEntry, listEntry, textEntry } from './entries.ts';
import { dataPath } from './yaml-entry.ts';

/** Name of the ConfigMap of Brokers. */
export const KAFKA_BROKER_CONFIG_MAP = 'kafka-broker-config';

/** Name of the ConfigMap of KafkaChannels. */
export const KAFKA_CHANNEL_CONFIG_MAP = 'kafka-channel-config';

const BOOTSTRAP_SERVERS = 'bootstrap.servers';
const PARTITIONS = 'default.topic.partitions';
const REPLICATION_FACTOR = 'default.topic.replication.factor';
const AUTH_SECRET = 'auth.secret.ref.name';
const AUTH_SECRET_NAMESPACE = 'auth.secret.ref.namespace';
const TOPIC_CONFIG_PREFIX = 'default.topic.config.';

/** What Knative ships in kafka-broker-config. */
export const KAFKA_TOPIC_DEFAULTS = { partitions: 10, replicationFactor: 3 } as const;

/** More than Kafka itself manages in one topic. */
const PARTITIONS_MAX = 100_000;
const REPLICATION_FACTOR_MAX = 32_767;
const PORT_MAX = 65_535;

/** Where Kafka is, and the Secret that opens it. */
export interface KafkaChannelConfig {
  readonly bootstrapServers: readonly string[];
  /** Absent: no authentication. Without a namespace, that of the ConfigMap. */
  readonly authSecret?: { readonly name: string; readonly namespace?: string };
}

/** kafka-broker-config, decoded. */
export interface KafkaBrokerConfig extends KafkaChannelConfig {
  readonly partitions: number;
  readonly replicationFactor: number;
  /** Kafka's own settings of the topic. */
  readonly topicConfig: Readonly<Record<string, string>>;
}

function isServer(text: string): boolean {
  const match = /^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})$/.exec(text);
  const port = Number(match?.[1] ?? 0);
  return port >= 1 && port <= PORT_MAX;
}

/** Reports servers that are no `host:port`. */
function readServers(configMap: ConfigMapData, errors: FieldErrors): string[] {
  const servers = listEntry(configMap, BOOTSTRAP_SERVERS, errors);
  for (const server of servers) {
    if (isServer(server)) continue;
    errors.invalidValue(
      server,
      dataPath(BOOTSTRAP_SERVERS),
      'expected host:port, several between commas',
    );
  }
  return servers;
}

function readConnection(configMap: ConfigMapData, errors: FieldErrors): KafkaChannelConfig {
  const bootstrapServers = readServers(configMap, errors);
  const name = textEntry(configMap, AUTH_SECRET);
  const namespace = textEntry(configMap, AUTH_SECRET_NAMESPACE);
  if (name === undefined) return { bootstrapServers };
  return {
    bootstrapServers,
    authSecret: { name, ...(namespace === undefined ? {} : { namespace }) },
  };
}

/** Decodes kafka-channel-config. */
export function decodeKafkaChannelConfig(configMap: ConfigMapData): Decoded<KafkaChannelConfig> {
  const errors = new FieldErrors();
  const warnings = new FieldErrors();
  const value = readConnection(configMap, errors);
  return errors.isEmpty ? { value, errors, warnings } : { errors, warnings };
}

function readTopicConfig(configMap: ConfigMapData): Record<string, string> {
  const entries = Object.entries(configMap.data ?? {})
    .filter(([key]) => key.startsWith(TOPIC_CONFIG_PREFIX))
    .map(([key, text]) => [key.slice(TOPIC_CONFIG_PREFIX.length), text.trim()] as const)
    .filter(([name]) => name !== '');
  return Object.fromEntries(entries);
}

/** Decodes kafka-broker-config. */
export function decodeKafkaBrokerConfig(configMap: ConfigMapData): Decoded<KafkaBrokerConfig> {
  const errors = new FieldErrors();
  const warnings = new FieldErrors();
  const connection = readConnection(configMap, errors);
  const partitions = countEntry(configMap, { key: PARTITIONS, max: PARTITIONS_MAX }, errors);
  const replicationFactor = countEntry(
    configMap,
    { key: REPLICATION_FACTOR, max: REPLICATION_FACTOR_MAX },
    errors,
  );
  if (!errors.isEmpty) return { errors, warnings };
  const value: KafkaBrokerConfig = {
    ...connection,
    partitions: partitions ?? KAFKA_TOPIC_DEFAULTS.partitions,
    replicationFactor: replicationFactor ?? KAFKA_TOPIC_DEFAULTS.replicationFactor,
    topicConfig: readTopicConfig(configMap),
  };
  return { value, errors, warnings };
}
