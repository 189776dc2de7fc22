/**
 * Parallel: every event goes to a list of branches; a branch may filter, and has a subscriber.
 *
 * Different from Knative, problems inside a branch are reported at their own fields, and the `delivery` of a
 * branch is validated.
 */
import { z } from 'zod';
import { ConditionSet } from '../../conditions.ts';
import { COLUMNS, crdOutline, defineKind, specOf, typeShape } from '../../define-kind.ts';
import { channelTemplateSchema } from '../../duck/channelable.ts';
import { defaultDelivery, deliverySchema, validateDelivery } from '../../duck/delivery.ts';
import type { Destination } from '../../duck/reference.ts';
import {
  defaultReferenceNamespace,
  destinationSchema,
  requiredDestinationSchema,
  validateDestination,
} from '../../duck/reference.ts';
import {
  addressStatusShape,
  authStatusSchema,
  policiesShape,
  statusShape,
} from '../../duck/status.ts';
import { FieldErrors } from '../../field-errors.ts';
import { refuseFlowAnnotations } from '../../flow-settings.ts';
import type { AdmissionContext } from '../../kind.ts';
import { inCrd } from '../../schema/in-crd.ts';
import { fillChannelTemplate, validateChannelTemplate } from '../channel-rules.ts';
import {
  FLOW_DEPENDENTS,
  flowChannelStatusSchema,
  flowSubscriptionStatusSchema,
} from './flow-status.ts';

const branchSchema = z.strictObject({
  filter: destinationSchema
    .exactOptional()
    .describe('Its reply goes on; no reply ends the branch.'),
  subscriber: requiredDestinationSchema,
  reply: destinationSchema
    .exactOptional()
    .describe('Where replies go; that of the Parallel by default.'),
  delivery: deliverySchema.exactOptional().describe('For the subscriber of this branch.'),
});

const parallelSpecSchema = z.strictObject({
  branches: inCrd(z.array(branchSchema), { minItems: 1 }).describe('Each gets every event.'),
  channelTemplate: channelTemplateSchema.exactOptional().describe('Kind of the channels.'),
  reply: destinationSchema.exactOptional().describe('For branches without a reply of their own.'),
});

const branchStatusSchema = z.strictObject({
  filterSubscriptionStatus: flowSubscriptionStatusSchema,
  filterChannelStatus: flowChannelStatusSchema,
  subscriberSubscriptionStatus: flowSubscriptionStatusSchema,
});

const parallelStatusSchema = z.strictObject({
  ...statusShape,
  ingressChannelStatus: flowChannelStatusSchema.exactOptional(),
  branchStatuses: z.array(branchStatusSchema).exactOptional(),
  ...addressStatusShape,
  auth: authStatusSchema.exactOptional(),
  ...policiesShape,
});

const parallelSchema = z.strictObject({
  ...typeShape('flows.knative.dev/v1', 'Parallel'),
  spec: specOf(parallelSpecSchema),
  status: parallelStatusSchema.exactOptional(),
});

/** One branch of a Parallel. */
export type ParallelBranch = z.infer<typeof branchSchema>;
/** `spec` of a Parallel. */
export type ParallelSpec = z.infer<typeof parallelSpecSchema>;
/** `status` of a Parallel. */
export type ParallelStatus = z.infer<typeof parallelStatusSchema>;
/** A Parallel. */
export type Parallel = z.infer<typeof parallelSchema>;

/** Conditions of Parallels. */
export const PARALLEL_CONDITIONS = new ConditionSet('Ready', FLOW_DEPENDENTS);

function fillDefaults({ spec, metadata }: Parallel, context: AdmissionContext): void {
  const { namespace } = metadata;
  fillChannelTemplate(spec, metadata, context);
  for (const { filter, subscriber, reply, delivery } of spec.branches) {
    for (const destination of [filter, subscriber, reply]) {
      defaultReferenceNamespace(destination?.ref, namespace);
    }
    defaultDelivery(delivery, namespace);
  }
  defaultReferenceNamespace(spec.reply?.ref, namespace);
}

function validateBranch(branch: ParallelBranch, context: AdmissionContext): FieldErrors {
  const errors = new FieldErrors();
  const destinations: readonly (readonly [string, Destination | undefined])[] = [
    ['filter', branch.filter],
    ['subscriber', branch.subscriber],
    ['reply', branch.reply],
  ];
  for (const [field, destination] of destinations) {
    if (destination !== undefined) errors.merge(validateDestination(destination, context), field);
  }
  return errors.merge(validateDelivery(branch.delivery, context), 'delivery');
}

function validate({ spec, metadata }: Parallel, context: AdmissionContext): FieldErrors {
  const errors = validateChannelTemplate(spec.channelTemplate);
  if (spec.branches.length === 0) errors.missing('spec.branches');
  for (const [index, branch] of spec.branches.entries()) {
    errors.merge(validateBranch(branch, context), `spec.branches[${String(index)}]`);
  }
  if (spec.reply !== undefined)
    errors.merge(validateDestination(spec.reply, context), 'spec.reply');
  return errors.merge(refuseFlowAnnotations(metadata.annotations));
}

/** flows.knative.dev/v1 Parallel. */
export const parallelKind = defineKind<Parallel>({
  group: 'flows.knative.dev',
  version: 'v1',
  kind: 'Parallel',
  schema: parallelSchema,
  categories: ['all', 'knative', 'flows'],
  crd: crdOutline(['addressable']),
  printerColumns: [COLUMNS.url, COLUMNS.age, COLUMNS.ready, COLUMNS.reason],
  fillDefaults,
  validate,
});
