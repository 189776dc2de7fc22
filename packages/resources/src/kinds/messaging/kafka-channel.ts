/**
 * KafkaChannel: a channel whose events are in a topic of its own. Both served versions have one shape.
 *
 * The topic is made once; what it was made of (partitions, replication, retention) cannot be changed here.
 */
import { z } from 'zod';
import { ConditionSet } from '../../conditions.ts';
import { COLUMNS, crdOutline, defineKind, specOf, typeShape } from '../../define-kind.ts';
import { channelableSpecShape, channelableStatusShape } from '../../duck/channelable.ts';
import { FieldErrors } from '../../field-errors.ts';
import { requireUnchanged } from '../../immutability.ts';
import type { AdmissionContext, KindDefinition } from '../../kind.ts';
import type { ApiObject } from '../../object.ts';
import { neverChangesOnceSet, withRules } from '../../schema/in-crd.ts';
import { fillChannelable, validateChannelable } from './channelable-rules.ts';
import { checkRetentionDuration } from './retention.ts';

const INT32_MAX = 2_147_483_647;
const INT16_MAX = 32_767;

const kafkaChannelSpecSchema = withRules(
  z.strictObject({
    numPartitions: z
      .int()
      .max(INT32_MAX)
      .meta({ format: 'int32', minimum: 1 })
      .exactOptional()
      .describe('Partitions of the topic.'),
    replicationFactor: z
      .int()
      .max(INT16_MAX)
      .meta({ format: 'int32', minimum: 1 })
      .exactOptional()
      .describe('Copies of the topic, on as many brokers.'),
    retentionDuration: z
      .string()
      .exactOptional()
      .describe('How long Kafka keeps events, as PT168H.'),
    ...channelableSpecShape,
  }),
  ...neverChangesOnceSet('numPartitions', 'replicationFactor', 'retentionDuration'),
);

/** `spec` of a KafkaChannel. */
export type KafkaChannelSpec = z.infer<typeof kafkaChannelSpecSchema>;

const kafkaChannelStatusSchema = z.strictObject(channelableStatusShape);

/** A KafkaChannel of any served version. */
export interface KafkaChannel extends ApiObject<
  KafkaChannelSpec,
  z.infer<typeof kafkaChannelStatusSchema>
> {
  kind: 'KafkaChannel';
  spec: KafkaChannelSpec;
}

/** Conditions of KafkaChannels. */
export const KAFKA_CHANNEL_CONDITIONS = new ConditionSet('Ready', [
  'ConfigParsed',
  'TopicReady',
  'ConfigMapUpdated',
  'DataPlaneAvailable',
  'ProbeSucceeded',
  'ChannelServiceReady',
  'Addressable',
  'DeadLetterSinkResolved',
  'EventPoliciesReady',
]);

/** Values of fields that a KafkaChannel does not set. */
export const KAFKA_CHANNEL_DEFAULTS = {
  numPartitions: 1,
  replicationFactor: 1,
  retentionDuration: 'PT168H',
} as const;

function fillDefaults(channel: KafkaChannel): void {
  fillChannelable(channel);
  const { spec } = channel;
  spec.numPartitions ??= KAFKA_CHANNEL_DEFAULTS.numPartitions;
  spec.replicationFactor ??= KAFKA_CHANNEL_DEFAULTS.replicationFactor;
  if ((spec.retentionDuration ?? '') === '') {
    spec.retentionDuration = KAFKA_CHANNEL_DEFAULTS.retentionDuration;
  }
}

/** What the topic was made of. */
function topicOf({ spec }: KafkaChannel): object {
  const { numPartitions, replicationFactor, retentionDuration } = spec;
  return { numPartitions, replicationFactor, retentionDuration };
}

function checkPositive(value: number | undefined, field: string, errors: FieldErrors): void {
  if (value === undefined || value > 0) return;
  errors.invalidValue(String(value), `spec.${field}`, 'expected a number above zero');
}

function checkTopicKept(channel: KafkaChannel, old: KafkaChannel): FieldErrors {
  return requireUnchanged({
    // What was stored before it had a retention may get one.
    before: topicOf({
      ...old,
      spec: {
        ...old.spec,
        ...((old.spec.retentionDuration ?? '') === '' &&
        channel.spec.retentionDuration !== undefined
          ? { retentionDuration: channel.spec.retentionDuration }
          : {}),
      },
    }),
    after: topicOf(channel),
    typeName: 'KafkaChannelSpec',
    paths: ['spec'],
  });
}

function validate(
  channel: KafkaChannel,
  context: AdmissionContext,
  old?: KafkaChannel,
): FieldErrors {
  const errors = new FieldErrors();
  checkPositive(channel.spec.numPartitions, 'numPartitions', errors);
  checkPositive(channel.spec.replicationFactor, 'replicationFactor', errors);
  checkRetentionDuration(channel.spec.retentionDuration, errors);
  errors.merge(validateChannelable(channel, context, old));
  return old === undefined ? errors : errors.merge(checkTopicKept(channel, old));
}

function kafkaChannelKind(version: 'v1' | 'v1beta1'): KindDefinition<KafkaChannel> {
  return defineKind<KafkaChannel>({
    group: 'messaging.knative.dev',
    version,
    kind: 'KafkaChannel',
    schema: z.strictObject({
      ...typeShape(`messaging.knative.dev/${version}`, 'KafkaChannel'),
      spec: specOf(kafkaChannelSpecSchema),
      status: kafkaChannelStatusSchema.exactOptional(),
    }),
    shortNames: ['kc'],
    categories: ['all', 'knative', 'messaging', 'channel'],
    crd: crdOutline(['addressable', 'subscribable'], version === 'v1beta1'),
    printerColumns: [COLUMNS.ready, COLUMNS.reason, COLUMNS.url, COLUMNS.age],
    fillDefaults,
    validate,
  });
}

/** messaging.knative.dev KafkaChannel, newest version first. */
export const kafkaChannelKinds: readonly KindDefinition<KafkaChannel>[] = [
  kafkaChannelKind('v1'),
  kafkaChannelKind('v1beta1'),
];
