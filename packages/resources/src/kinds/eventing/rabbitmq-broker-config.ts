/**
 * RabbitmqBrokerConfig: which RabbitMQ a Broker of class RabbitMQBroker uses. Its spec cannot be changed.
 * RabbitmqCluster: the object of RabbitMQ's own operator. It is accepted because manifests contain it; nothing
 * here runs a RabbitMQ, and of the object only the name counts.
 */
import { z } from 'zod';
import { COLUMNS, crdOutline, defineKind, specOf, typeShape } from '../../define-kind.ts';
import { FieldErrors } from '../../field-errors.ts';
import { requireUnchanged } from '../../immutability.ts';
import type { AdmissionContext } from '../../kind.ts';
import { inCrd, neverChangesOnceSet, withRules } from '../../schema/in-crd.ts';
import { checkRabbitmqReference, rabbitmqShape } from './rabbitmq-reference.ts';

const rabbitmqBrokerConfigSpecSchema = withRules(
  inCrd(z.strictObject(rabbitmqShape), { required: ['rabbitmqClusterReference'] }),
  ...neverChangesOnceSet('rabbitmqClusterReference', 'queueType', 'vhost'),
);

const rabbitmqBrokerConfigSchema = z.strictObject({
  ...typeShape('eventing.knative.dev/v1alpha1', 'RabbitmqBrokerConfig'),
  spec: specOf(rabbitmqBrokerConfigSpecSchema),
});

/** `spec` of a RabbitmqBrokerConfig. */
export type RabbitmqBrokerConfigSpec = z.infer<typeof rabbitmqBrokerConfigSpecSchema>;
/** A RabbitmqBrokerConfig. */
export type RabbitmqBrokerConfig = z.infer<typeof rabbitmqBrokerConfigSchema>;

function fillDefaults({ spec, metadata }: RabbitmqBrokerConfig): void {
  spec.queueType ??= 'quorum';
  const reference = spec.rabbitmqClusterReference;
  if (reference === undefined || metadata.namespace === undefined) return;
  if ((reference.namespace ?? '') === '') reference.namespace = metadata.namespace;
}

function validate(
  { spec }: RabbitmqBrokerConfig,
  _context: AdmissionContext,
  old?: RabbitmqBrokerConfig,
): FieldErrors {
  const path = 'spec.rabbitmqClusterReference';
  const errors = new FieldErrors();
  if (spec.rabbitmqClusterReference === undefined) return errors.missing(path);
  const problems = new FieldErrors();
  checkRabbitmqReference(spec.rabbitmqClusterReference, problems);
  errors.merge(problems, path);
  if (old === undefined) return errors;
  return errors.merge(
    requireUnchanged({
      before: old.spec,
      after: spec,
      typeName: 'v1alpha1.RabbitmqBrokerConfigSpec',
      paths: ['spec'],
    }),
  );
}

/** eventing.knative.dev/v1alpha1 RabbitmqBrokerConfig. */
export const rabbitmqBrokerConfigKind = defineKind<RabbitmqBrokerConfig>({
  group: 'eventing.knative.dev',
  version: 'v1alpha1',
  kind: 'RabbitmqBrokerConfig',
  schema: rabbitmqBrokerConfigSchema,
  shortNames: ['rmqbrokerconfig'],
  categories: ['all', 'knative', 'eventing'],
  hasStatus: false,
  crd: crdOutline(),
  printerColumns: [COLUMNS.age],
  fillDefaults,
  validate,
});

const rabbitmqClusterSchema = z.strictObject({
  ...typeShape('rabbitmq.com/v1beta1', 'RabbitmqCluster'),
  spec: z.record(z.string(), z.unknown()).prefault({}).describe('Read by the operator.'),
  status: z.record(z.string(), z.unknown()).exactOptional(),
});

/** rabbitmq.com/v1beta1 RabbitmqCluster. */
export const rabbitmqClusterKind = defineKind({
  group: 'rabbitmq.com',
  version: 'v1beta1',
  kind: 'RabbitmqCluster',
  schema: rabbitmqClusterSchema,
  shortNames: ['rmq'],
  categories: ['all', 'rabbitmq'],
  printerColumns: [COLUMNS.age],
});
