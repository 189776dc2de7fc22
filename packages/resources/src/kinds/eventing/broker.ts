/** Broker: takes events and hands them to its Triggers. */
import { z } from 'zod';
import { ASYNC_HANDLER, BROKER_CLASS } from '../../annotations.ts';
import type { BrokerConfig } from '../../config/broker-defaults.ts';
import {
  configReference,
  defaultBrokerClass,
  defaultBrokerConfig,
  mustConfigureInNamespace,
} from '../../config/broker-defaults.ts';
import { isEnabled } from '../../config/features.ts';
import { ConditionSet } from '../../conditions.ts';
import { COLUMNS, crdOutline, defineKind, specOf, typeShape } from '../../define-kind.ts';
import type { DeliverySpec } from '../../duck/delivery.ts';
import { defaultDelivery, deliverySchema, validateDelivery } from '../../duck/delivery.ts';
import {
  defaultReferenceNamespace,
  kReferenceSchema,
  validateReference,
} from '../../duck/reference.ts';
import {
  addressStatusShape,
  deliveryStatusShape,
  policiesShape,
  statusShape,
} from '../../duck/status.ts';
import { FieldErrors } from '../../field-errors.ts';
import { neverChangesOnceSet, withRules } from '../../schema/in-crd.ts';
import { validateFlowAnnotations } from '../../flow-settings.ts';
import { requireUnchanged, withoutFields } from '../../immutability.ts';
import type { AdmissionContext } from '../../kind.ts';
import { validateBooleanAnnotation } from '../annotation-rules.ts';
import { inheritedConfig, validateBrokerClass } from './broker-classes.ts';

const brokerSpecSchema = withRules(
  z.strictObject({
    config: kReferenceSchema.exactOptional().describe('Configuration of the class; a ConfigMap.'),
    delivery: deliverySchema.exactOptional().describe('For Triggers that have none of their own.'),
  }),
  ...neverChangesOnceSet('config'),
);

const brokerStatusSchema = z.strictObject({
  ...statusShape,
  ...addressStatusShape,
  ...deliveryStatusShape,
  ...policiesShape,
});

const brokerSchema = z.strictObject({
  ...typeShape('eventing.knative.dev/v1', 'Broker'),
  spec: specOf(brokerSpecSchema),
  status: brokerStatusSchema.exactOptional(),
});

/** `spec` of a Broker. */
export type BrokerSpec = z.infer<typeof brokerSpecSchema>;
/** `status` of a Broker. */
export type BrokerStatus = z.infer<typeof brokerStatusSchema>;
/** A Broker. */
export type Broker = z.infer<typeof brokerSchema>;

const MT_BROKER_DEPENDENTS = [
  'IngressReady',
  'TriggerChannelReady',
  'FilterReady',
  'Addressable',
  'EventPoliciesReady',
] as const;

/** Conditions of Brokers in general. */
export const BROKER_CONDITIONS = new ConditionSet('Ready', [
  ...MT_BROKER_DEPENDENTS,
  'DeadLetterSinkResolved',
]);

/** Conditions of Brokers of class MTChannelBasedBroker: DeadLetterSinkResolved only informs. */
export const MT_BROKER_CONDITIONS = new ConditionSet('Ready', MT_BROKER_DEPENDENTS);

/** Conditions of Brokers of class Kafka. */
export const KAFKA_BROKER_CONDITIONS = new ConditionSet('Ready', [
  'Addressable',
  'DataPlaneAvailable',
  'TopicReady',
  'ConfigMapUpdated',
  'ConfigParsed',
  'ProbeSucceeded',
  'EventPoliciesReady',
]);

/** Conditions of Brokers of class RabbitMQBroker. */
export const RABBITMQ_BROKER_CONDITIONS = new ConditionSet('Ready', [
  'ExchangeReady',
  'DLXReady',
  'DeadLetterSinkReady',
  'SecretReady',
  'IngressReady',
  'Addressable',
]);

/** Default delivery options, without those whose feature is off: they would make every Broker invalid. */
function permittedDelivery(delivery: DeliverySpec, { features }: AdmissionContext): DeliverySpec {
  const copy = structuredClone(delivery);
  if (!isEnabled(features, 'delivery-timeout')) delete copy.timeout;
  if (!isEnabled(features, 'delivery-retryafter')) delete copy.retryAfterMax;
  return copy;
}

function fillFromConfig(broker: Broker, config: BrokerConfig, context: AdmissionContext): void {
  if (broker.spec.delivery === undefined && config.delivery !== undefined) {
    broker.spec.delivery = permittedDelivery(config.delivery, context);
  }
}

function fillDefaults(broker: Broker, context: AdmissionContext): void {
  const { namespace = '' } = broker.metadata;
  const annotations = broker.metadata.annotations ?? {};
  const named = Object.hasOwn(annotations, BROKER_CLASS) ? annotations[BROKER_CLASS] : undefined;
  const config = defaultBrokerConfig(context.brokerDefaults, namespace, named);
  const fallback = defaultBrokerClass(context.brokerDefaults, namespace);
  if (config !== undefined) fillFromConfig(broker, config, context);
  if (broker.spec.config === undefined) {
    const found = config === undefined ? undefined : configReference(config);
    const { systemNamespace } = context;
    const reference = inheritedConfig(named ?? fallback ?? '', found, systemNamespace);
    if (reference !== undefined) broker.spec.config = reference;
  }
  defaultReferenceNamespace(broker.spec.config, broker.metadata.namespace);
  defaultDelivery(broker.spec.delivery, broker.metadata.namespace);
  if (named === undefined && fallback !== undefined) {
    broker.metadata.annotations = { ...annotations, [BROKER_CLASS]: fallback };
  }
}

function checkImmutable(broker: Broker, old: Broker): FieldErrors {
  return requireUnchanged({
    before: withoutFields(old.spec, 'delivery'),
    after: withoutFields(broker.spec, 'delivery'),
    typeName: 'v1.BrokerSpec',
    paths: ['spec'],
  }).merge(
    requireUnchanged({
      before: old.metadata.annotations?.[BROKER_CLASS],
      after: broker.metadata.annotations?.[BROKER_CLASS],
      typeName: 'string',
      paths: ['annotations'],
      noun: 'annotations',
    }),
  );
}

function validate(broker: Broker, context: AdmissionContext, old?: Broker): FieldErrors {
  const errors = new FieldErrors();
  const { namespace = '', annotations = {} } = broker.metadata;
  const stayInside = mustConfigureInNamespace(context.brokerDefaults, namespace);
  const rules = {
    features: context.features,
    onlyNamespace: stayInside ? namespace : undefined,
  };
  if ((annotations[BROKER_CLASS] ?? '') === '') errors.missing(BROKER_CLASS);
  const { config, delivery } = broker.spec;
  if (config !== undefined) errors.merge(validateReference(config, rules), 'spec.config');
  errors.merge(validateDelivery(delivery, rules), 'spec.delivery');
  const brokerClass = annotations[BROKER_CLASS] ?? '';
  errors.merge(validateBrokerClass(brokerClass, { config, namespace, annotations }));
  errors.merge(validateFlowAnnotations(annotations));
  errors.merge(validateBooleanAnnotation(annotations, ASYNC_HANDLER));
  if (old !== undefined) errors.merge(checkImmutable(broker, old));
  return errors;
}

/** eventing.knative.dev/v1 Broker. */
export const brokerKind = defineKind<Broker>({
  group: 'eventing.knative.dev',
  version: 'v1',
  kind: 'Broker',
  schema: brokerSchema,
  categories: ['all', 'knative', 'eventing'],
  crd: crdOutline(['addressable']),
  printerColumns: [
    COLUMNS.url,
    COLUMNS.age,
    COLUMNS.ready,
    COLUMNS.reason,
    {
      name: 'Class',
      type: 'string',
      jsonPath: '.metadata.annotations.eventing\\.knative\\.dev/broker\\.class',
      priority: 1,
    },
  ],
  fillDefaults,
  validate,
});
