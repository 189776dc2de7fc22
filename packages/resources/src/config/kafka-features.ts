/**
 * The ConfigMap `config-kafka-features`: how topics and consumer groups are called, and switches of Knative's
 * data plane that have no meaning here (kept, with a warning when somebody turns one on). Keys with dots and
 * with dashes are the same.
 */
import { FieldErrors } from '../field-errors.ts';
import {
  isTopicName,
  kafkaBrokerTopic,
  kafkaChannelTopic,
  kafkaTriggerGroup,
} from '../storage-names.ts';
import type { ConfigMapData, Decoded } from './decoded.ts';
import { textEntry } from './entries.ts';
import { compileNameTemplate, type NameTemplate } from './name-template.ts';
import { dataPath } from './yaml-entry.ts';

/** Name of the ConfigMap. */
export const KAFKA_FEATURES_CONFIG_MAP = 'config-kafka-features';

/** config-kafka-features, decoded. */
export interface KafkaFeatures {
  /** Topic of a Broker. */
  readonly brokerTopic: NameTemplate;
  /** Topic of a KafkaChannel. */
  readonly channelTopic: NameTemplate;
  /** Consumer group of a Trigger that has none yet. */
  readonly triggerGroup: NameTemplate;
}

function named(name: (object: { namespace: string; name: string }) => string): NameTemplate {
  return ({ namespace = '', name: own }) => name({ namespace, name: own });
}

/** What Knative ships. */
export const SHIPPED_KAFKA_FEATURES: KafkaFeatures = {
  brokerTopic: named(kafkaBrokerTopic),
  channelTopic: named(kafkaChannelTopic),
  triggerGroup: named(kafkaTriggerGroup),
};

const TEMPLATE_KEYS: { readonly [K in keyof KafkaFeatures]: string } = {
  brokerTopic: 'brokers-topic-template',
  channelTopic: 'channels-topic-template',
  triggerGroup: 'triggers-consumergroup-template',
};

const SWITCHES = [
  'dispatcher-rate-limiter',
  'dispatcher-ordered-executor-metrics',
  'controller-autoscaler-keda',
];

/** Metadata that every object has, to see what a template makes of it. */
const SAMPLE = { namespace: 'namespace', name: 'name', uid: 'uid' };

/** A name outside of what Kafka takes; undefined labels of the sample are no reason to complain. */
function isUsable(template: NameTemplate): boolean {
  const name = template(SAMPLE);
  return name === undefined || isTopicName(name);
}

function readTemplate(
  { key, text }: { readonly key: string; readonly text: string },
  errors: FieldErrors,
): NameTemplate | undefined {
  const compiled = compileNameTemplate(text);
  if ('problem' in compiled) {
    errors.add('invalid template', dataPath(key), compiled.problem);
    return undefined;
  }
  if (isUsable(compiled.value)) return compiled.value;
  const details = "expected a template of letters, digits, '.', '_' and '-'";
  errors.invalidValue(text, dataPath(key), details);
  return undefined;
}

/** Decodes config-kafka-features. */
export function decodeKafkaFeatures(configMap: ConfigMapData): Decoded<KafkaFeatures> {
  const errors = new FieldErrors();
  const warnings = new FieldErrors();
  const find = (key: string): { key: string; text: string } | undefined => {
    const keys = [key, key.replaceAll('-', '.')];
    const found = keys.find((candidate) => textEntry(configMap, candidate) !== undefined);
    return found === undefined
      ? undefined
      : { key: found, text: textEntry(configMap, found) ?? '' };
  };
  const read = (name: keyof KafkaFeatures): NameTemplate => {
    const entry = find(TEMPLATE_KEYS[name]);
    const template = entry === undefined ? undefined : readTemplate(entry, errors);
    return template ?? SHIPPED_KAFKA_FEATURES[name];
  };
  for (const key of SWITCHES) checkSwitch(find(key), { errors, warnings });
  const value: KafkaFeatures = {
    brokerTopic: read('brokerTopic'),
    channelTopic: read('channelTopic'),
    triggerGroup: read('triggerGroup'),
  };
  return errors.isEmpty ? { value, errors, warnings } : { errors, warnings };
}

function checkSwitch(
  entry: { readonly key: string; readonly text: string } | undefined,
  { errors, warnings }: { readonly errors: FieldErrors; readonly warnings: FieldErrors },
): void {
  if (entry === undefined) return;
  const path = dataPath(entry.key);
  const text = entry.text.toLowerCase();
  if (text === 'enabled') warnings.add('the switch has no effect here', path);
  else if (text !== 'disabled') {
    errors.invalidValue(entry.text, path, 'expected "enabled" or "disabled"');
  }
}
