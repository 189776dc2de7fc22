/**
 * Sequence: events go through a list of subscribers, the reply of one being the input of the next.
 *
 * Different from Knative, a problem inside a step is reported at its own field, not as one unreadable value for
 * the whole step.
 */
import { z } from 'zod';
import { ConditionSet } from '../../conditions.ts';
import { COLUMNS, crdOutline, defineKind, specOf, typeShape } from '../../define-kind.ts';
import { channelTemplateSchema } from '../../duck/channelable.ts';
import { defaultDelivery, deliverySchema, validateDelivery } from '../../duck/delivery.ts';
import {
  defaultReferenceNamespace,
  DESTINATION_RULE,
  destinationSchema,
  destinationShape,
  validateDestination,
} from '../../duck/reference.ts';
import {
  addressableSchema,
  authStatusSchema,
  policiesShape,
  statusShape,
} from '../../duck/status.ts';
import type { FieldErrors } from '../../field-errors.ts';
import { refuseFlowAnnotations } from '../../flow-settings.ts';
import type { AdmissionContext } from '../../kind.ts';
import { inCrd, withRules } from '../../schema/in-crd.ts';
import { fillChannelTemplate, validateChannelTemplate } from '../channel-rules.ts';
import {
  FLOW_DEPENDENTS,
  flowChannelStatusSchema,
  flowSubscriptionStatusSchema,
} from './flow-status.ts';

const stepSchema = withRules(
  z.strictObject({
    ...destinationShape,
    delivery: deliverySchema.exactOptional().describe('For the events of this step.'),
  }),
  DESTINATION_RULE,
);

const sequenceSpecSchema = z.strictObject({
  steps: inCrd(z.array(stepSchema), { minItems: 1 }).describe('Subscribers, in order.'),
  channelTemplate: channelTemplateSchema
    .exactOptional()
    .describe('Kind of the channels between the steps.'),
  reply: destinationSchema.exactOptional().describe('Where replies of the last step go.'),
});

const sequenceStatusSchema = z.strictObject({
  ...statusShape,
  subscriptionStatuses: z.array(flowSubscriptionStatusSchema).exactOptional(),
  channelStatuses: z.array(flowChannelStatusSchema).exactOptional(),
  address: addressableSchema.exactOptional(),
  auth: authStatusSchema.exactOptional(),
  ...policiesShape,
});

const sequenceSchema = z.strictObject({
  ...typeShape('flows.knative.dev/v1', 'Sequence'),
  spec: specOf(sequenceSpecSchema),
  status: sequenceStatusSchema.exactOptional(),
});

/** One step of a Sequence. */
export type SequenceStep = z.infer<typeof stepSchema>;
/** `spec` of a Sequence. */
export type SequenceSpec = z.infer<typeof sequenceSpecSchema>;
/** `status` of a Sequence. */
export type SequenceStatus = z.infer<typeof sequenceStatusSchema>;
/** A Sequence. */
export type Sequence = z.infer<typeof sequenceSchema>;

/** Conditions of Sequences. */
export const SEQUENCE_CONDITIONS = new ConditionSet('Ready', FLOW_DEPENDENTS);

function fillDefaults({ spec, metadata }: Sequence, context: AdmissionContext): void {
  fillChannelTemplate(spec, metadata, context);
  for (const step of spec.steps) {
    defaultReferenceNamespace(step.ref, metadata.namespace);
    defaultDelivery(step.delivery, metadata.namespace);
  }
  defaultReferenceNamespace(spec.reply?.ref, metadata.namespace);
}

function validate({ spec, metadata }: Sequence, context: AdmissionContext): FieldErrors {
  const rules = { features: context.features };
  const errors = validateChannelTemplate(spec.channelTemplate);
  if (spec.steps.length === 0) errors.missing('spec.steps');
  for (const [index, { delivery, ...destination }] of spec.steps.entries()) {
    const path = `spec.steps[${String(index)}]`;
    errors.merge(validateDestination(destination, rules), path);
    errors.merge(validateDelivery(delivery, rules), `${path}.delivery`);
  }
  if (spec.reply !== undefined) errors.merge(validateDestination(spec.reply, rules), 'spec.reply');
  return errors.merge(refuseFlowAnnotations(metadata.annotations));
}

/** flows.knative.dev/v1 Sequence. */
export const sequenceKind = defineKind<Sequence>({
  group: 'flows.knative.dev',
  version: 'v1',
  kind: 'Sequence',
  schema: sequenceSchema,
  categories: ['all', 'knative', 'flows'],
  crd: crdOutline(['addressable']),
  printerColumns: [COLUMNS.url, COLUMNS.age, COLUMNS.ready, COLUMNS.reason],
  fillDefaults,
  validate,
});
