/**
 * InMemoryChannel: a channel that keeps its events in memory.
 *
 * Its subscribers are written by the controller of Subscriptions and by nobody else. Different from Knative,
 * its `delivery` is validated.
 */
import { z } from 'zod';
import { ASYNC_HANDLER, SCOPE } from '../../annotations.ts';
import { ConditionSet } from '../../conditions.ts';
import { COLUMNS, crdOutline, defineKind, specOf, typeShape } from '../../define-kind.ts';
import { channelableSpecShape, channelableStatusShape } from '../../duck/channelable.ts';
import type { FieldErrors } from '../../field-errors.ts';
import type { AdmissionContext } from '../../kind.ts';
import { validateBooleanAnnotation } from '../annotation-rules.ts';
import { fillChannelable, validateChannelable } from './channelable-rules.ts';

const inMemoryChannelSpecSchema = z.strictObject(channelableSpecShape);
const inMemoryChannelStatusSchema = z.strictObject(channelableStatusShape);

const inMemoryChannelSchema = z.strictObject({
  ...typeShape('messaging.knative.dev/v1', 'InMemoryChannel'),
  spec: specOf(inMemoryChannelSpecSchema),
  status: inMemoryChannelStatusSchema.exactOptional(),
});

/** `spec` of an InMemoryChannel. */
export type InMemoryChannelSpec = z.infer<typeof inMemoryChannelSpecSchema>;
/** `status` of an InMemoryChannel. */
export type InMemoryChannelStatus = z.infer<typeof inMemoryChannelStatusSchema>;
/** An InMemoryChannel. */
export type InMemoryChannel = z.infer<typeof inMemoryChannelSchema>;

/** Conditions of InMemoryChannels; DispatcherReady exists beside them and only informs. */
export const IN_MEMORY_CHANNEL_CONDITIONS = new ConditionSet('Ready', [
  'ServiceReady',
  'EndpointsReady',
  'Addressable',
  'ChannelServiceReady',
  'DeadLetterSinkResolved',
  'EventPoliciesReady',
]);

function checkScope(channel: InMemoryChannel, errors: FieldErrors): void {
  const annotations = channel.metadata.annotations ?? {};
  const scope = Object.hasOwn(annotations, SCOPE) ? annotations[SCOPE] : undefined;
  if (scope === undefined || scope === 'cluster' || scope === 'namespace') return;
  const details = "expected either 'cluster' or 'namespace'";
  errors.invalidValue(scope, `metadata.annotations[${SCOPE}]`, details);
}

function validate(
  channel: InMemoryChannel,
  context: AdmissionContext,
  old?: InMemoryChannel,
): FieldErrors {
  const errors = validateChannelable(channel, context, old);
  checkScope(channel, errors);
  return errors.merge(validateBooleanAnnotation(channel.metadata.annotations ?? {}, ASYNC_HANDLER));
}

/** messaging.knative.dev/v1 InMemoryChannel. */
export const inMemoryChannelKind = defineKind<InMemoryChannel>({
  group: 'messaging.knative.dev',
  version: 'v1',
  kind: 'InMemoryChannel',
  schema: inMemoryChannelSchema,
  shortNames: ['imc'],
  categories: ['all', 'knative', 'messaging', 'channel'],
  crd: crdOutline(['addressable', 'subscribable']),
  printerColumns: [COLUMNS.url, COLUMNS.age, COLUMNS.ready, COLUMNS.reason],
  fillDefaults: fillChannelable,
  validate,
});
