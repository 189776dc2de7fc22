/**
 * Channel: a channel of whatever kind the namespace or the cluster prefers.
 *
 * Different from Knative, `delivery` may change after creation: changes apply to the backing channel in place.
 */
import { z } from 'zod';
import { ConditionSet } from '../../conditions.ts';
import { COLUMNS, crdOutline, defineKind, specOf, typeShape } from '../../define-kind.ts';
import {
  channelableSpecShape,
  channelableStatusShape,
  channelTemplateSchema,
} from '../../duck/channelable.ts';
import { defaultDelivery, validateDelivery } from '../../duck/delivery.ts';
import { kReferenceSchema } from '../../duck/reference.ts';
import type { FieldErrors } from '../../field-errors.ts';
import { refuseFlowAnnotations } from '../../flow-settings.ts';
import { requireUnchanged, withoutFields } from '../../immutability.ts';
import type { AdmissionContext } from '../../kind.ts';
import { inCrd, withRules } from '../../schema/in-crd.ts';
import {
  fillChannelTemplate,
  fillSubscribable,
  validateChannelTemplate,
} from '../channel-rules.ts';

const channelSpecSchema = withRules(
  z.strictObject({
    channelTemplate: channelTemplateSchema
      .exactOptional()
      .describe('Kind of the backing channel; that of the namespace or cluster by default.'),
    ...channelableSpecShape,
    subscribers: inCrd(channelableSpecShape.subscribers, { maxItems: 0 }),
  }),
  {
    // The spec of the template is not visible to rules; the webhook compares it, too.
    rule: '!has(oldSelf.channelTemplate) || (has(self.channelTemplate) && self.channelTemplate.apiVersion == oldSelf.channelTemplate.apiVersion && self.channelTemplate.kind == oldSelf.channelTemplate.kind)',
    message: 'Immutable field changed: channelTemplate',
  },
);

const channelStatusSchema = z.strictObject({
  ...channelableStatusShape,
  channel: kReferenceSchema.exactOptional(),
});

const channelSchema = z.strictObject({
  ...typeShape('messaging.knative.dev/v1', 'Channel'),
  spec: specOf(channelSpecSchema),
  status: channelStatusSchema.exactOptional(),
});

/** `spec` of a Channel. */
export type ChannelSpec = z.infer<typeof channelSpecSchema>;
/** `status` of a Channel; `channel` is the one that backs it. */
export type ChannelStatus = z.infer<typeof channelStatusSchema>;
/** A Channel. */
export type Channel = z.infer<typeof channelSchema>;

/** Conditions of Channels. */
export const CHANNEL_CONDITIONS = new ConditionSet('Ready', [
  'BackingChannelReady',
  'Addressable',
  'DeadLetterSinkResolved',
  'EventPoliciesReady',
]);

function fillDefaults(channel: Channel, context: AdmissionContext): void {
  fillSubscribable(channel.metadata);
  fillChannelTemplate(channel.spec, channel.metadata, context);
  defaultDelivery(channel.spec.delivery, channel.metadata.namespace);
}

function validate(channel: Channel, context: AdmissionContext, old?: Channel): FieldErrors {
  const { spec, metadata } = channel;
  const rules = { features: context.features, onlyNamespace: metadata.namespace };
  const errors = validateChannelTemplate(spec.channelTemplate)
    .merge(validateDelivery(spec.delivery, rules), 'spec.delivery')
    .merge(refuseFlowAnnotations(metadata.annotations));
  if ((spec.subscribers ?? []).length > 0) {
    // The first path is the one Knative names; the field itself is the second.
    errors.disallowed('spec.subscribable.subscribers', 'spec.subscribers');
  }
  if (old === undefined) return errors;
  return errors.merge(
    requireUnchanged({
      before: withoutFields(old.spec, 'subscribers', 'delivery'),
      after: withoutFields(spec, 'subscribers', 'delivery'),
      typeName: 'v1.ChannelSpec',
      paths: ['spec'],
    }),
  );
}

/** messaging.knative.dev/v1 Channel. */
export const channelKind = defineKind<Channel>({
  group: 'messaging.knative.dev',
  version: 'v1',
  kind: 'Channel',
  schema: channelSchema,
  shortNames: ['ch'],
  categories: ['all', 'knative', 'messaging', 'channel'],
  crd: crdOutline(['addressable', 'subscribable']),
  printerColumns: [COLUMNS.url, COLUMNS.age, COLUMNS.ready, COLUMNS.reason],
  fillDefaults,
  validate,
});
