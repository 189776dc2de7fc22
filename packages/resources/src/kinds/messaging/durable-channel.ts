/**
 * DurableChannel: a channel that keeps its events on the disk of this process. What was acknowledged survives a
 * crash. Without a retention it keeps an event until every subscription has done with it.
 */
import { z } from 'zod';
import { ConditionSet } from '../../conditions.ts';
import { COLUMNS, crdOutline, defineKind, specOf, typeShape } from '../../define-kind.ts';
import { channelableSpecShape, channelableStatusShape } from '../../duck/channelable.ts';
import { FieldErrors } from '../../field-errors.ts';
import type { AdmissionContext } from '../../kind.ts';
import { fillChannelable, validateChannelable } from './channelable-rules.ts';
import { checkRetentionBytes, checkRetentionDuration } from './retention.ts';

/** Less could not hold one event of the largest size an ingress takes, and its neighbours. */
const RETENTION_BYTES_MIN = 1024 * 1024;

const durableChannelSpecSchema = z.strictObject({
  retentionDuration: z
    .string()
    .exactOptional()
    .describe('How long events are kept, as PT168H or 168h; delivered ones too, for replay.'),
  retentionBytes: z
    .string()
    .exactOptional()
    .describe('Most bytes kept, such as 10GiB; beyond, the oldest go, and are counted as lost.'),
  ordering: z
    .enum(['ordered', 'unordered'])
    .exactOptional()
    .describe('Whether deliveries keep the order of events with one partitionkey by default.'),
  ...channelableSpecShape,
});

const durableChannelSchema = z.strictObject({
  ...typeShape('messaging.afflux.dev/v1alpha1', 'DurableChannel'),
  spec: specOf(durableChannelSpecSchema),
  status: z.strictObject(channelableStatusShape).exactOptional(),
});

/** `spec` of a DurableChannel. */
export type DurableChannelSpec = z.infer<typeof durableChannelSpecSchema>;
/** A DurableChannel. */
export type DurableChannel = z.infer<typeof durableChannelSchema>;

/** Conditions of DurableChannels. */
export const DURABLE_CHANNEL_CONDITIONS = new ConditionSet('Ready', [
  'StoreReady',
  'Addressable',
  'DeadLetterSinkResolved',
  'EventPoliciesReady',
]);

function fillDefaults(channel: DurableChannel): void {
  fillChannelable(channel);
  channel.spec.ordering ??= 'unordered';
}

function validate(
  channel: DurableChannel,
  context: AdmissionContext,
  old?: DurableChannel,
): FieldErrors {
  const errors = new FieldErrors();
  checkRetentionDuration(channel.spec.retentionDuration, errors);
  checkRetentionBytes(channel.spec.retentionBytes, RETENTION_BYTES_MIN, errors);
  return errors.merge(validateChannelable(channel, context, old));
}

/** messaging.afflux.dev/v1alpha1 DurableChannel. */
export const durableChannelKind = defineKind<DurableChannel>({
  group: 'messaging.afflux.dev',
  version: 'v1alpha1',
  kind: 'DurableChannel',
  schema: durableChannelSchema,
  shortNames: ['dch'],
  categories: ['all', 'knative', 'messaging', 'channel'],
  crd: crdOutline(['addressable', 'subscribable']),
  printerColumns: [COLUMNS.url, COLUMNS.age, COLUMNS.ready, COLUMNS.reason],
  fillDefaults,
  validate,
});
