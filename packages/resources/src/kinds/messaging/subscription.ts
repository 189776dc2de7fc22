/** Subscription: hands every event of a channel to a subscriber, and its replies to another address. */
import { z } from 'zod';
import { ConditionSet } from '../../conditions.ts';
import { COLUMNS, crdOutline, defineKind, specOf, typeShape } from '../../define-kind.ts';
import { defaultDelivery, deliverySchema, validateDelivery } from '../../duck/delivery.ts';
import type { Destination } from '../../duck/reference.ts';
import {
  defaultReferenceNamespace,
  destinationSchema,
  destinationShape,
  kReferenceSchema,
  validateDestination,
  validateReference,
} from '../../duck/reference.ts';
import { authStatusSchema, deliveryStatusShape, statusShape } from '../../duck/status.ts';
import { FieldErrors } from '../../field-errors.ts';
import { validateFlowAnnotations } from '../../flow-settings.ts';
import { requireUnchanged, withoutFields } from '../../immutability.ts';
import type { AdmissionContext } from '../../kind.ts';
import { MISSING_HINTS } from '../../schema/hints.ts';
import { neverChanges, withRules } from '../../schema/in-crd.ts';
import { validateNamespaceLink } from '../namespace-link.ts';

const NO_CHANNEL = 'the Subscription must reference a channel';
const NO_SUBSCRIBER = 'the Subscription must reference a subscriber';

const subscriptionSpecSchema = withRules(
  z.strictObject({
    channel: kReferenceSchema
      .describe('The channel whose events are handed on.')
      .register(MISSING_HINTS, { details: NO_CHANNEL }),
    subscriber: destinationSchema
      .describe('Where the events go.')
      .register(MISSING_HINTS, { details: NO_SUBSCRIBER }),
    // An empty one counts as none, so that it is no destination to the CRD.
    reply: z
      .strictObject(destinationShape)
      .exactOptional()
      .describe('Where replies of the subscriber go.'),
    delivery: deliverySchema.exactOptional().describe('Replaces the delivery of the channel.'),
  }),
  ...neverChanges('channel'),
);

const physicalSubscriptionSchema = z.strictObject({
  subscriberUri: z.string().exactOptional(),
  subscriberCACerts: z.string().exactOptional(),
  subscriberAudience: z.string().exactOptional(),
  replyUri: z.string().exactOptional(),
  replyCACerts: z.string().exactOptional(),
  replyAudience: z.string().exactOptional(),
  ...deliveryStatusShape,
});

const subscriptionStatusSchema = z.strictObject({
  ...statusShape,
  physicalSubscription: physicalSubscriptionSchema.exactOptional(),
  auth: authStatusSchema.exactOptional(),
});

const subscriptionSchema = z.strictObject({
  ...typeShape('messaging.knative.dev/v1', 'Subscription'),
  spec: specOf(subscriptionSpecSchema),
  status: subscriptionStatusSchema.exactOptional(),
});

/** `spec` of a Subscription. */
export type SubscriptionSpec = z.infer<typeof subscriptionSpecSchema>;
/** `status` of a Subscription; `physicalSubscription` holds the resolved addresses. */
export type SubscriptionStatus = z.infer<typeof subscriptionStatusSchema>;
/** A Subscription. */
export type Subscription = z.infer<typeof subscriptionSchema>;

/** Conditions of Subscriptions. */
export const SUBSCRIPTION_CONDITIONS = new ConditionSet('Ready', [
  'ReferencesResolved',
  'AddedToChannel',
  'ChannelReady',
  'OIDCIdentityCreated',
]);

function fillDefaults({ spec, metadata }: Subscription): void {
  defaultReferenceNamespace(spec.subscriber.ref, metadata.namespace);
  defaultReferenceNamespace(spec.reply?.ref, metadata.namespace);
  defaultDelivery(spec.delivery, metadata.namespace);
}

function isEmpty(destination: Destination | undefined): boolean {
  return destination === undefined || Object.keys(destination).length === 0;
}

function checkChannel(
  { spec, metadata }: Subscription,
  context: AdmissionContext,
  errors: FieldErrors,
): void {
  const { channel } = spec;
  errors.merge(validateReference(channel, context), 'spec.channel');
  const link = { ...channel, resource: `${channel.kind.toLowerCase()}s` };
  errors.merge(validateNamespaceLink(link, metadata, context), 'spec.channel');
}

function validate(
  subscription: Subscription,
  context: AdmissionContext,
  old?: Subscription,
): FieldErrors {
  const errors = new FieldErrors();
  const { subscriber, reply, delivery } = subscription.spec;
  const rules = { features: context.features };
  checkChannel(subscription, context, errors);
  if (isEmpty(subscriber)) errors.add('missing field(s)', 'spec.subscriber', NO_SUBSCRIBER);
  else errors.merge(validateDestination(subscriber, rules), 'spec.subscriber');
  if (reply !== undefined && !isEmpty(reply)) {
    errors.merge(validateDestination(reply, rules), 'spec.reply');
  }
  errors.merge(validateDelivery(delivery, rules), 'spec.delivery');
  errors.merge(validateFlowAnnotations(subscription.metadata.annotations, 'subscription'));
  if (old === undefined) return errors;
  const mutable = ['subscriber', 'reply', 'delivery'];
  return errors.merge(
    requireUnchanged({
      before: withoutFields(old.spec, ...mutable),
      after: withoutFields(subscription.spec, ...mutable),
      typeName: 'v1.SubscriptionSpec',
      paths: ['spec'],
    }),
  );
}

/** messaging.knative.dev/v1 Subscription. */
export const subscriptionKind = defineKind<Subscription>({
  group: 'messaging.knative.dev',
  version: 'v1',
  kind: 'Subscription',
  schema: subscriptionSchema,
  shortNames: ['sub'],
  categories: ['all', 'knative', 'messaging'],
  crd: crdOutline(),
  printerColumns: [COLUMNS.age, COLUMNS.ready, COLUMNS.reason],
  fillDefaults,
  validate,
});
