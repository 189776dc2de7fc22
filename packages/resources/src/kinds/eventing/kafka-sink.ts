/**
 * KafkaSink: an address whose events become records of a topic. With both `numPartitions` and
 * `replicationFactor` the topic is made and is ours; otherwise it must exist.
 */
import { z } from 'zod';
import { ConditionSet } from '../../conditions.ts';
import { COLUMNS, crdOutline, defineKind, specOf, typeShape } from '../../define-kind.ts';
import { addressStatusShape, policiesShape, statusShape } from '../../duck/status.ts';
import { FieldErrors } from '../../field-errors.ts';
import { requireUnchanged } from '../../immutability.ts';
import type { AdmissionContext } from '../../kind.ts';
import { inCrd, neverChanges, withRules } from '../../schema/in-crd.ts';
import { isTopicName, TOPIC_NAME_EXPECTED } from '../../storage-names.ts';

const kafkaSinkSpecSchema = withRules(
  z.strictObject({
    topic: inCrd(z.string(), { pattern: '^[a-zA-Z0-9._-]{1,249}$' }).describe('Name of the topic.'),
    numPartitions: inCrd(z.int(), { minimum: 1 })
      .exactOptional()
      .describe('Partitions of the topic, to have it made.'),
    replicationFactor: inCrd(z.int(), { minimum: 1 })
      .exactOptional()
      .describe('Copies of the topic, to have it made.'),
    bootstrapServers: inCrd(z.array(z.string()), { minItems: 1 }).describe(
      'Addresses of Kafka, host:port each.',
    ),
    contentMode: z
      .enum(['binary', 'structured'])
      .exactOptional()
      .describe('How events become records.'),
    auth: z
      .strictObject({
        secret: z
          .strictObject({
            ref: z
              .strictObject({
                name: inCrd(z.string(), { minLength: 1 }).describe('Name of the Secret.'),
              })
              .exactOptional()
              .describe('Secret in the namespace of the sink.'),
          })
          .exactOptional(),
      })
      .exactOptional()
      .describe('How to authenticate; nothing by default.'),
  }),
  ...neverChanges('topic', 'numPartitions', 'replicationFactor'),
);

const kafkaSinkSchema = z.strictObject({
  ...typeShape('eventing.knative.dev/v1alpha1', 'KafkaSink'),
  spec: specOf(kafkaSinkSpecSchema),
  status: z
    .strictObject({ ...statusShape, ...addressStatusShape, ...policiesShape })
    .exactOptional(),
});

/** `spec` of a KafkaSink. */
export type KafkaSinkSpec = z.infer<typeof kafkaSinkSpecSchema>;
/** A KafkaSink. */
export type KafkaSink = z.infer<typeof kafkaSinkSchema>;

/** Conditions of KafkaSinks. */
export const KAFKA_SINK_CONDITIONS = new ConditionSet('Ready', [
  'Addressable',
  'DataPlaneAvailable',
  'TopicReady',
  'ConfigMapUpdated',
  'ConfigParsed',
  'ProbeSucceeded',
  'EventPoliciesReady',
]);

function fillDefaults({ spec }: KafkaSink): void {
  spec.contentMode ??= 'binary';
}

function checkPositive(value: number | undefined, field: string, errors: FieldErrors): void {
  if (value === undefined || value > 0) return;
  errors.invalidValue(String(value), `spec.${field}`, 'expected a number above zero');
}

/** What the topic was made of. */
function topicOf({ spec }: KafkaSink): object {
  const { topic, numPartitions, replicationFactor } = spec;
  return { topic, numPartitions, replicationFactor };
}

function validate(sink: KafkaSink, _context: AdmissionContext, old?: KafkaSink): FieldErrors {
  const { topic, bootstrapServers, numPartitions, replicationFactor, auth } = sink.spec;
  const errors = new FieldErrors();
  if (topic === '') errors.missing('spec.topic');
  else if (!isTopicName(topic)) errors.invalidValue(topic, 'spec.topic', TOPIC_NAME_EXPECTED);
  if (bootstrapServers.every((server) => server.trim() === '')) {
    errors.missing('spec.bootstrapServers');
  }
  checkPositive(numPartitions, 'numPartitions', errors);
  checkPositive(replicationFactor, 'replicationFactor', errors);
  if (auth?.secret?.ref?.name === '') errors.missing('spec.auth.secret.ref.name');
  if (old === undefined) return errors;
  return errors.merge(
    requireUnchanged({
      before: topicOf(old),
      after: topicOf(sink),
      typeName: 'v1alpha1.KafkaSinkSpec',
      paths: ['spec'],
    }),
  );
}

/** eventing.knative.dev/v1alpha1 KafkaSink. */
export const kafkaSinkKind = defineKind<KafkaSink>({
  group: 'eventing.knative.dev',
  version: 'v1alpha1',
  kind: 'KafkaSink',
  schema: kafkaSinkSchema,
  shortNames: ['ks'],
  categories: ['all', 'knative', 'eventing', 'sink'],
  crd: crdOutline(['addressable']),
  printerColumns: [COLUMNS.url, COLUMNS.age, COLUMNS.ready, COLUMNS.reason],
  fillDefaults,
  validate,
});
