/**
 * What `spec.config` of a Broker must be, by the class of the Broker, and which one it gets when it has none.
 * Classes that are not in the table belong to others and are not judged.
 */
import {
  KAFKA_BROKER_CLASS,
  KAFKA_EXTERNAL_TOPIC,
  KAFKA_NAMESPACED_BROKER_CLASS,
  RABBITMQ_BROKER_CLASS,
} from '../../annotations.ts';
import { BROKER_CHANNEL_CONFIG_MAP } from '../../config/broker-defaults.ts';
import { KAFKA_BROKER_CONFIG_MAP } from '../../config/kafka-config.ts';
import type { KReference } from '../../duck/reference.ts';
import { FieldErrors } from '../../field-errors.ts';
import { isTopicName, TOPIC_NAME_EXPECTED } from '../../storage-names.ts';
import type { Annotations } from '../../flow-settings.ts';

interface ClassRules {
  /** Replaces the reference that the defaults of the cluster have for Brokers of any class. */
  readonly inherited: (
    reference: KReference | undefined,
    systemNamespace: string,
  ) => KReference | undefined;
  readonly check: (config: KReference | undefined, namespace: string) => FieldErrors;
}

function isConfigMap(config: KReference): boolean {
  return config.kind.toLowerCase() === 'configmap';
}

/** The configuration of channel based Brokers says nothing to a Kafka Broker. */
function kafkaInherited(
  reference: KReference | undefined,
  systemNamespace: string,
): KReference | undefined {
  if (reference !== undefined && reference.name !== BROKER_CHANNEL_CONFIG_MAP) return reference;
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    name: KAFKA_BROKER_CONFIG_MAP,
    namespace: systemNamespace,
  };
}

function checkKafka(config: KReference | undefined): FieldErrors {
  const errors = new FieldErrors();
  if (config === undefined || config.kind === '' || isConfigMap(config)) return errors;
  return errors.add(`supported config Kind: ConfigMap - got ${config.kind}`, 'spec.config.kind');
}

function checkKafkaNamespaced(config: KReference | undefined, namespace: string): FieldErrors {
  const errors = checkKafka(config);
  if (config === undefined || (config.namespace ?? namespace) === namespace) return errors;
  const details = `a Broker of class ${KAFKA_NAMESPACED_BROKER_CLASS} keeps its configuration in its own namespace`;
  return errors.add('mismatched namespaces', 'spec.config.namespace', details);
}

const RABBITMQ_KINDS: Readonly<Record<string, string>> = {
  RabbitmqBrokerConfig: 'eventing.knative.dev/v1alpha1',
  RabbitmqCluster: 'rabbitmq.com/v1beta1',
};

function isRabbitmqConfig({ kind, apiVersion }: KReference): boolean {
  return Object.hasOwn(RABBITMQ_KINDS, kind) && RABBITMQ_KINDS[kind] === apiVersion;
}

function checkRabbitmq(config: KReference | undefined): FieldErrors {
  const errors = new FieldErrors();
  if (config === undefined) return errors.missing('spec.config');
  if ((config.namespace ?? '') === '') errors.missing('spec.config.namespace');
  if (config.kind === '' || (config.apiVersion ?? '') === '' || isRabbitmqConfig(config)) {
    return errors;
  }
  const details =
    'expected a RabbitmqBrokerConfig of eventing.knative.dev/v1alpha1 or a RabbitmqCluster of rabbitmq.com/v1beta1';
  return errors.add(
    'Configuration not supported, only [kind: RabbitmqBrokerConfig]',
    'spec.config',
    details,
  );
}

const CLASSES: Readonly<Record<string, ClassRules>> = {
  [KAFKA_BROKER_CLASS]: { inherited: kafkaInherited, check: checkKafka },
  [KAFKA_NAMESPACED_BROKER_CLASS]: {
    inherited: (reference) =>
      reference?.name === BROKER_CHANNEL_CONFIG_MAP ? undefined : reference,
    check: checkKafkaNamespaced,
  },
  [RABBITMQ_BROKER_CLASS]: {
    inherited: (reference) =>
      reference !== undefined && isRabbitmqConfig(reference) ? reference : undefined,
    check: checkRabbitmq,
  },
};

function rulesOf(brokerClass: string): ClassRules | undefined {
  return Object.hasOwn(CLASSES, brokerClass) ? CLASSES[brokerClass] : undefined;
}

/** The configuration of a Broker without one, given what the defaults have for it. */
export function inheritedConfig(
  brokerClass: string,
  reference: KReference | undefined,
  systemNamespace: string,
): KReference | undefined {
  const rules = rulesOf(brokerClass);
  return rules === undefined ? reference : rules.inherited(reference, systemNamespace);
}

/** Rules of the class; paths begin at the root of the object. */
export function validateBrokerClass(
  brokerClass: string,
  {
    config,
    namespace,
    annotations,
  }: {
    readonly config: KReference | undefined;
    readonly namespace: string;
    readonly annotations: Annotations;
  },
): FieldErrors {
  const errors = rulesOf(brokerClass)?.check(config, namespace) ?? new FieldErrors();
  const topic = Object.hasOwn(annotations, KAFKA_EXTERNAL_TOPIC)
    ? annotations[KAFKA_EXTERNAL_TOPIC]
    : undefined;
  if (topic !== undefined && !isTopicName(topic)) {
    const path = `metadata.annotations[${KAFKA_EXTERNAL_TOPIC}]`;
    errors.invalidValue(topic, path, TOPIC_NAME_EXPECTED);
  }
  return errors;
}
