/** Trigger: hands those events of a Broker that match to a subscriber. */
import { validateFilter } from '@afflux/filters';
import type { FilterSpec } from '@afflux/filters';
import { z } from 'zod';
import { BROKER_LABEL, INJECTION } from '../../annotations.ts';
import { ConditionSet } from '../../conditions.ts';
import { COLUMNS, crdOutline, defineKind, specOf, typeShape } from '../../define-kind.ts';
import { defaultDelivery, deliverySchema, validateDelivery } from '../../duck/delivery.ts';
import {
  defaultReferenceNamespace,
  kReferenceSchema,
  requiredDestinationSchema,
  validateDestination,
} from '../../duck/reference.ts';
import { authStatusSchema, deliveryStatusShape, statusShape } from '../../duck/status.ts';
import { FieldErrors } from '../../field-errors.ts';
import { inCrd, neverChanges, withRules } from '../../schema/in-crd.ts';
import { validateFlowAnnotations } from '../../flow-settings.ts';
import { requireUnchanged } from '../../immutability.ts';
import type { AdmissionContext } from '../../kind.ts';
import { validateNamespaceLink } from '../namespace-link.ts';
import { validateDependency } from './dependency.ts';

const textMap = z.record(z.string(), z.string());

/** Texts to compare attributes with; an empty one would match everything, as would none. */
const attributeTexts = inCrd(z.record(z.string(), inCrd(z.string(), { minLength: 1 })), {
  minProperties: 1,
});

function someFilters<S extends z.ZodType>(filter: S): z.ZodArray<S> {
  return inCrd(z.array(filter), { minItems: 1 });
}

/** One filter in the form of the CloudEvents Subscriptions API; exactly one field is set. */
const filterSchema: z.ZodType<FilterSpec> = inCrd(
  z.strictObject({
    exact: attributeTexts.exactOptional().describe('Attributes that equal a text.'),
    prefix: attributeTexts.exactOptional().describe('Attributes that begin with a text.'),
    suffix: attributeTexts.exactOptional().describe('Attributes that end with a text.'),
    get all() {
      return someFilters(filterSchema).exactOptional().describe('Every one matches.');
    },
    get any() {
      return someFilters(filterSchema).exactOptional().describe('At least one matches.');
    },
    get not() {
      return filterSchema.exactOptional().describe('Does not match.');
    },
    cesql: z.string().exactOptional().describe('CloudEvents SQL expression.'),
  }),
  { minProperties: 1, maxProperties: 1 },
);

const triggerSpecSchema = withRules(
  z.strictObject({
    broker: z.string().exactOptional().describe('Name of the Broker, in the same namespace.'),
    brokerRef: z
      .strictObject({
        ...kReferenceSchema.shape,
        kind: inCrd(z.string(), { enum: ['Broker'] }).exactOptional(),
      })
      .exactOptional()
      .describe('The Broker, instead of broker; may be in another namespace with a feature flag.'),
    filter: z
      .strictObject({
        attributes: textMap.exactOptional().describe('Attributes that equal a text.'),
      })
      .exactOptional()
      .describe('The old form of filters.'),
    filters: z.array(filterSchema).exactOptional().describe('All must match; wins over filter.'),
    subscriber: requiredDestinationSchema,
    delivery: deliverySchema.exactOptional().describe('Replaces the delivery of the Broker.'),
  }),
  {
    rule: "has(self.brokerRef) || (has(self.broker) && self.broker != '')",
    message: 'missing field(s): broker',
  },
  {
    rule: "!has(self.brokerRef) || !has(self.broker) || self.broker == ''",
    message: 'expected exactly one, got both: broker, brokerRef',
  },
  ...neverChanges('broker'),
);

const triggerStatusSchema = z.strictObject({
  ...statusShape,
  subscriberUri: z.string().exactOptional(),
  subscriberCACerts: z.string().exactOptional(),
  subscriberAudience: z.string().exactOptional(),
  ...deliveryStatusShape,
  auth: authStatusSchema.exactOptional(),
});

const triggerSchema = z.strictObject({
  ...typeShape('eventing.knative.dev/v1', 'Trigger'),
  spec: specOf(triggerSpecSchema),
  status: triggerStatusSchema.exactOptional(),
});

/** `spec` of a Trigger. */
export type TriggerSpec = z.infer<typeof triggerSpecSchema>;
/** `status` of a Trigger. */
export type TriggerStatus = z.infer<typeof triggerStatusSchema>;
/** A Trigger. */
export type Trigger = z.infer<typeof triggerSchema>;

/** Conditions of Triggers. */
export const TRIGGER_CONDITIONS = new ConditionSet('Ready', [
  'BrokerReady',
  'SubscriptionReady',
  'DependencyReady',
  'SubscriberResolved',
  'DeadLetterSinkResolved',
  'OIDCIdentityCreated',
]);

function fillDefaults(trigger: Trigger): void {
  const { spec, metadata } = trigger;
  spec.filter ??= {};
  defaultReferenceNamespace(spec.subscriber.ref, metadata.namespace);
  defaultDelivery(spec.delivery, metadata.namespace);
  const broker = spec.brokerRef?.name ?? spec.broker ?? '';
  if (broker !== '') metadata.labels = { ...metadata.labels, [BROKER_LABEL]: broker };
}

function checkBroker(trigger: Trigger, context: AdmissionContext, errors: FieldErrors): void {
  const { broker = '', brokerRef } = trigger.spec;
  if (brokerRef === undefined) {
    if (broker === '') errors.missing('spec.broker');
    return;
  }
  if (broker !== '') {
    errors.add('expected exactly one, got both', ['spec.broker', 'spec.brokerRef']);
  }
  if (brokerRef.name === '') errors.missing('spec.brokerRef.name');
  const { kind = 'Broker' } = brokerRef;
  if (kind !== 'Broker') errors.invalidValue(kind, 'spec.brokerRef.kind', 'expected "Broker"');
  const link = { ...brokerRef, kind, resource: 'brokers' };
  errors.merge(validateNamespaceLink(link, trigger.metadata, context), 'spec.brokerRef');
}

function checkFilters({ filter, filters }: TriggerSpec, errors: FieldErrors): void {
  const problems = validateFilter({
    ...(filter?.attributes === undefined ? {} : { attributes: filter.attributes }),
    ...(filters === undefined ? {} : { filters }),
  });
  for (const { path, message, details } of problems) errors.add(message, `spec.${path}`, details);
}

function checkInjection({ metadata, spec }: Trigger, errors: FieldErrors): void {
  const annotations = metadata.annotations ?? {};
  if (!Object.hasOwn(annotations, INJECTION)) return;
  const text = annotations[INJECTION] ?? '';
  const path = `metadata.annotations[${INJECTION}]`;
  if (text !== 'enabled' && text !== 'disabled') {
    errors.add(
      `The provided injection annotation value can only be "enabled" or "disabled", not ${JSON.stringify(text)}`,
      path,
    );
  } else if (spec.broker !== 'default') {
    errors.add(
      `The provided injection annotation is only used for default broker, but non-default broker specified here: ${JSON.stringify(spec.broker ?? '')}`,
      path,
    );
  }
}

function validate(trigger: Trigger, context: AdmissionContext, old?: Trigger): FieldErrors {
  const errors = new FieldErrors();
  const rules = { features: context.features };
  checkBroker(trigger, context, errors);
  checkFilters(trigger.spec, errors);
  errors.merge(validateDestination(trigger.spec.subscriber, rules), 'spec.subscriber');
  errors.merge(validateDelivery(trigger.spec.delivery, rules), 'spec.delivery');
  errors.merge(validateDependency(trigger.metadata));
  checkInjection(trigger, errors);
  errors.merge(validateFlowAnnotations(trigger.metadata.annotations, 'subscription'));
  if (old === undefined) return errors;
  return errors.merge(
    requireUnchanged({
      before: old.spec.broker,
      after: trigger.spec.broker,
      typeName: 'string',
      paths: ['spec', 'broker'],
    }),
  );
}

/** eventing.knative.dev/v1 Trigger. */
export const triggerKind = defineKind<Trigger>({
  group: 'eventing.knative.dev',
  version: 'v1',
  kind: 'Trigger',
  schema: triggerSchema,
  categories: ['all', 'knative', 'eventing'],
  crd: crdOutline(),
  printerColumns: [
    { name: 'Broker', type: 'string', jsonPath: '.spec.broker' },
    { name: 'Subscriber_URI', type: 'string', jsonPath: '.status.subscriberUri' },
    COLUMNS.age,
    COLUMNS.ready,
    COLUMNS.reason,
  ],
  fillDefaults,
  validate,
});
