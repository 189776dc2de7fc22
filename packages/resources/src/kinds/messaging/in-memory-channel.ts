/**
 * InMemoryChannel: a channel that keeps its events in memory.
 *
 * Its subscribers are written by the controller of Subscriptions and by nobody else. Different from Knative,
 * its `delivery` is validated.
 */
import { z } from 'zod';
import { ASYNC_HANDLER, SCOPE } from '../../annotations.ts';
import { ConditionSet } from '../../conditions.ts';
import { COLUMNS, defineKind, specOf, typeShape } from '../../define-kind.ts';
import { channelableSpecShape, channelableStatusShape } from '../../duck/channelable.ts';
import { defaultDelivery, validateDelivery } from '../../duck/delivery.ts';
import { FieldErrors } from '../../field-errors.ts';
import { validateFlowAnnotations } from '../../flow-settings.ts';
import { requireUnchanged } from '../../immutability.ts';
import type { AdmissionContext } from '../../kind.ts';
import { validateBooleanAnnotation } from '../annotation-rules.ts';
import { fillSubscribable } from '../channel-rules.ts';

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

/** The user of our own controllers in an admission context. */
export const CONTROLLER_USER = 'controller';

function fillDefaults(channel: InMemoryChannel): void {
  fillSubscribable(channel.metadata);
  defaultDelivery(channel.spec.delivery, channel.metadata.namespace);
}

function checkScope(channel: InMemoryChannel, errors: FieldErrors): void {
  const annotations = channel.metadata.annotations ?? {};
  const scope = Object.hasOwn(annotations, SCOPE) ? annotations[SCOPE] : undefined;
  if (scope === undefined || scope === 'cluster' || scope === 'namespace') return;
  const details = "expected either 'cluster' or 'namespace'";
  errors.invalidValue(scope, `metadata.annotations[${SCOPE}]`, details);
}

function checkSubscribers(channel: InMemoryChannel, errors: FieldErrors): void {
  for (const [index, subscriber] of (channel.spec.subscribers ?? []).entries()) {
    if ((subscriber.subscriberUri ?? '') !== '' || (subscriber.replyUri ?? '') !== '') continue;
    const path = `spec.subscribers[${String(index)}]`;
    errors.add(
      'missing field(s)',
      [`${path}.replyUri`, `${path}.subscriberUri`],
      'expected at least one of, got none',
    );
  }
}

function checkSubscribersKept(
  channel: InMemoryChannel,
  old: InMemoryChannel,
  { user = '', systemNamespace }: AdmissionContext,
): FieldErrors {
  const account = `system:serviceaccount:${systemNamespace}:eventing-controller`;
  const errors = new FieldErrors();
  if (user === CONTROLLER_USER || user === account) return errors;
  const [change] = requireUnchanged({
    before: old.spec.subscribers ?? [],
    after: channel.spec.subscribers ?? [],
    typeName: '[]v1.SubscriberSpec',
    paths: [],
  }).entries();
  if (change === undefined) return errors;
  return errors.add(
    `Channel.Spec.Subscribers changed by user ${user} which was not the ${account} service account`,
    'spec.subscribers',
    change.details,
  );
}

function validate(
  channel: InMemoryChannel,
  context: AdmissionContext,
  old?: InMemoryChannel,
): FieldErrors {
  const { spec, metadata } = channel;
  const errors = validateDelivery(spec.delivery, { features: context.features });
  const all = new FieldErrors().merge(errors, 'spec.delivery');
  checkScope(channel, all);
  checkSubscribers(channel, all);
  all.merge(validateFlowAnnotations(metadata.annotations));
  all.merge(validateBooleanAnnotation(metadata.annotations ?? {}, ASYNC_HANDLER));
  return old === undefined ? all : all.merge(checkSubscribersKept(channel, old, context));
}

/** messaging.knative.dev/v1 InMemoryChannel. */
export const inMemoryChannelKind = defineKind<InMemoryChannel>({
  group: 'messaging.knative.dev',
  version: 'v1',
  kind: 'InMemoryChannel',
  schema: inMemoryChannelSchema,
  shortNames: ['imc'],
  categories: ['all', 'knative', 'messaging', 'channel'],
  printerColumns: [COLUMNS.url, COLUMNS.age, COLUMNS.ready, COLUMNS.reason],
  fillDefaults,
  validate,
});
