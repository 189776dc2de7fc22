/**
 * The topics of a channel: making them, and comparing what is there with what is asked for.
 *
 *     <topic>                the events
 *     <topic>.redelivery     events for one subscription alone, named in a header
 *     <topic>.dead-letters   compacted: the key is subscription/id, a null value says dropped
 */
import { topologyInvalid } from '@afflux/channels';
import type { KafkaAdmin, TopicSpec } from './client/index.ts';
import { deadLetterTopic, type KafkaConfig, mayHaveHelpers, redeliveryTopic } from './config.ts';

/** With so many copies, one may be missing and events are still safe and still accepted. */
const SAFE_COPIES = 3;

function safeConfig(config: KafkaConfig): Record<string, string> {
  const safety: Record<string, string> = { 'unclean.leader.election.enable': 'false' };
  if (config.replicationFactor >= SAFE_COPIES) safety['min.insync.replicas'] = '2';
  return safety;
}

function helperSpecs(config: KafkaConfig): TopicSpec[] {
  if (!mayHaveHelpers(config)) return [];
  const { replicationFactor } = config;
  const safety = safeConfig(config);
  const letters = { ...safety, 'cleanup.policy': 'compact' };
  return [
    { topic: redeliveryTopic(config), partitions: 1, replicationFactor, config: safety },
    { topic: deadLetterTopic(config), partitions: 1, replicationFactor, config: letters },
  ];
}

/** Makes what is missing; rejects with `AFFLUX_CHANNEL_TOPOLOGY_INVALID` when what is there does not fit. */
export async function ensureTopics(admin: KafkaAdmin, config: KafkaConfig): Promise<number> {
  const { topic, partitions, replicationFactor, topicConfig, external } = config;
  const wanted = {
    ...(replicationFactor >= SAFE_COPIES ? safeConfig(config) : {}),
    ...topicConfig,
  };
  const spec = { topic, partitions, replicationFactor, config: wanted };
  const found = await admin.topic(topic);
  if (external) {
    if (found === undefined || topic.startsWith('__')) {
      throw topologyInvalid(`the topic ${topic} is not present or invalid`, { topic });
    }
  } else if (found === undefined) {
    await create(admin, spec);
  } else {
    // Settings that nobody asked for are the business of whoever made the topic.
    await compare(admin, { ...spec, config: topicConfig }, found.partitions);
  }
  for (const helper of helperSpecs(config)) {
    if ((await admin.topic(helper.topic)) === undefined) await create(admin, helper);
  }
  return external ? (found?.partitions ?? 0) : partitions;
}

async function create(admin: KafkaAdmin, spec: TopicSpec): Promise<void> {
  try {
    await admin.createTopic(spec);
  } catch (error) {
    // Kafka says what it does not accept (too many copies, an unknown setting): that will not change by itself.
    const types = ['INVALID_REPLICATION_FACTOR', 'INVALID_CONFIG', 'INVALID_PARTITIONS'];
    const causes = JSON.stringify(errorTypes(error));
    const type = types.find((each) => causes.includes(each));
    if (type === undefined) throw error;
    throw topologyInvalid(`Kafka does not make the topic ${spec.topic}: ${type}`, {
      topic: spec.topic,
    });
  }
}

function errorTypes(error: unknown): unknown[] {
  const { type, errors, cause } = error as { type?: string; errors?: unknown[]; cause?: unknown };
  const inner = [...(errors ?? []), ...(cause instanceof Error ? [cause] : [])];
  return [type, ...inner.flatMap((each) => errorTypes(each))];
}

async function compare(admin: KafkaAdmin, spec: TopicSpec, partitions: number): Promise<void> {
  const { topic, config } = spec;
  if (partitions !== spec.partitions) {
    throw topologyInvalid(
      `the topic ${topic} has ${String(partitions)} partitions, not ${String(spec.partitions)}`,
      { topic, partitions, wanted: spec.partitions },
    );
  }
  const names = Object.keys(config);
  if (names.length === 0) return;
  const actual = await admin.topicConfig(topic, names);
  for (const [name, wanted] of Object.entries(config)) {
    const value = actual.get(name);
    if (value === wanted) continue;
    throw topologyInvalid(`the topic ${topic} has ${name} = ${String(value)}, not ${wanted}`, {
      topic,
      setting: name,
    });
  }
}
