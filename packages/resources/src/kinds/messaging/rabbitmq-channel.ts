/**
 * RabbitmqChannel: a channel whose events are in RabbitMQ, one exchange and a queue for each subscription.
 * There is no such kind in Knative; the fields are those of RabbitmqBrokerConfig.
 */
import { z } from 'zod';
import { ConditionSet } from '../../conditions.ts';
import { COLUMNS, crdOutline, defineKind, specOf, typeShape } from '../../define-kind.ts';
import { channelableSpecShape, channelableStatusShape } from '../../duck/channelable.ts';
import { FieldErrors } from '../../field-errors.ts';
import { requireUnchanged } from '../../immutability.ts';
import type { AdmissionContext } from '../../kind.ts';
import { inCrd, neverChangesOnceSet, withRules } from '../../schema/in-crd.ts';
import { checkRabbitmqReference, rabbitmqShape } from '../eventing/rabbitmq-reference.ts';
import { fillChannelable, validateChannelable } from './channelable-rules.ts';

const rabbitmqChannelSpecSchema = withRules(
  inCrd(
    z.strictObject({
      rabbitmqBrokerConfigRef: z
        .strictObject({
          name: inCrd(z.string(), { minLength: 1 }).describe('Name of the RabbitmqBrokerConfig.'),
          namespace: z
            .string()
            .exactOptional()
            .describe('Its namespace; that of the channel by default.'),
        })
        .exactOptional()
        .describe('Takes everything about RabbitMQ from there; instead of the fields here.'),
      ...rabbitmqShape,
      ...channelableSpecShape,
    }),
    { minProperties: 1 },
  ),
  {
    rule: 'has(self.rabbitmqBrokerConfigRef) != has(self.rabbitmqClusterReference)',
    message: 'expected exactly one: rabbitmqBrokerConfigRef, rabbitmqClusterReference',
  },
  {
    rule: '!has(self.rabbitmqBrokerConfigRef) || (!has(self.queueType) && !has(self.vhost))',
    message: 'must not set the field(s) beside rabbitmqBrokerConfigRef: queueType, vhost',
  },
  ...neverChangesOnceSet(
    'rabbitmqBrokerConfigRef',
    'rabbitmqClusterReference',
    'queueType',
    'vhost',
  ),
);

const rabbitmqChannelSchema = z.strictObject({
  ...typeShape('messaging.afflux.dev/v1alpha1', 'RabbitmqChannel'),
  spec: specOf(rabbitmqChannelSpecSchema),
  status: z.strictObject(channelableStatusShape).exactOptional(),
});

/** `spec` of a RabbitmqChannel. */
export type RabbitmqChannelSpec = z.infer<typeof rabbitmqChannelSpecSchema>;
/** A RabbitmqChannel. */
export type RabbitmqChannel = z.infer<typeof rabbitmqChannelSchema>;

/** Conditions of RabbitmqChannels. */
export const RABBITMQ_CHANNEL_CONDITIONS = new ConditionSet('Ready', [
  'SecretReady',
  'ExchangeReady',
  'Addressable',
  'DeadLetterSinkResolved',
  'EventPoliciesReady',
]);

function fillDefaults(channel: RabbitmqChannel): void {
  fillChannelable(channel);
  const { spec, metadata } = channel;
  if (spec.rabbitmqBrokerConfigRef === undefined) spec.queueType ??= 'quorum';
  if (metadata.namespace === undefined) return;
  for (const reference of [spec.rabbitmqBrokerConfigRef, spec.rabbitmqClusterReference]) {
    if (reference !== undefined && (reference.namespace ?? '') === '') {
      reference.namespace = metadata.namespace;
    }
  }
}

/** What exchange and queues were made of. */
function topologyOf({ spec }: RabbitmqChannel): object {
  const { rabbitmqBrokerConfigRef, rabbitmqClusterReference, queueType, vhost } = spec;
  return { rabbitmqBrokerConfigRef, rabbitmqClusterReference, queueType, vhost };
}

function checkWhere({ spec }: RabbitmqChannel, errors: FieldErrors): void {
  const { rabbitmqBrokerConfigRef, rabbitmqClusterReference } = spec;
  const paths = ['spec.rabbitmqBrokerConfigRef', 'spec.rabbitmqClusterReference'];
  if (rabbitmqBrokerConfigRef === undefined && rabbitmqClusterReference === undefined) {
    errors.add('missing field(s)', paths, 'expected exactly one, got neither');
  } else if (rabbitmqClusterReference === undefined) {
    if (rabbitmqBrokerConfigRef?.name === '') errors.missing('spec.rabbitmqBrokerConfigRef.name');
    if (spec.queueType !== undefined) errors.disallowed('spec.queueType');
    if (spec.vhost !== undefined) errors.disallowed('spec.vhost');
  } else if (rabbitmqBrokerConfigRef === undefined) {
    const problems = new FieldErrors();
    checkRabbitmqReference(rabbitmqClusterReference, problems);
    errors.merge(problems, 'spec.rabbitmqClusterReference');
  } else {
    errors.add('expected exactly one, got both', paths);
  }
}

function validate(
  channel: RabbitmqChannel,
  context: AdmissionContext,
  old?: RabbitmqChannel,
): FieldErrors {
  const errors = new FieldErrors();
  checkWhere(channel, errors);
  errors.merge(validateChannelable(channel, context, old));
  if (old === undefined) return errors;
  return errors.merge(
    requireUnchanged({
      before: topologyOf(old),
      after: topologyOf(channel),
      typeName: 'v1alpha1.RabbitmqChannelSpec',
      paths: ['spec'],
    }),
  );
}

/** messaging.afflux.dev/v1alpha1 RabbitmqChannel. */
export const rabbitmqChannelKind = defineKind<RabbitmqChannel>({
  group: 'messaging.afflux.dev',
  version: 'v1alpha1',
  kind: 'RabbitmqChannel',
  schema: rabbitmqChannelSchema,
  shortNames: ['rch'],
  categories: ['all', 'knative', 'messaging', 'channel'],
  crd: crdOutline(['addressable', 'subscribable']),
  printerColumns: [COLUMNS.url, COLUMNS.age, COLUMNS.ready, COLUMNS.reason],
  fillDefaults,
  validate,
});
