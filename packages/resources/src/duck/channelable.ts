/** What every channel kind has: subscribers in its spec, their state in its status, and the channel template. */
import { z } from 'zod';
import { inCrd, oneTextOf, withRules } from '../schema/in-crd.ts';
import { deliverySchema } from './delivery.ts';
import {
  addressStatusShape,
  authStatusSchema,
  deliveryStatusShape,
  policiesShape,
  statusShape,
} from './status.ts';

/** Schema of {@link SubscriberSpec}. */
export const subscriberSpecSchema = z.strictObject({
  name: z.string().exactOptional(),
  uid: z.string().exactOptional(),
  generation: z.int().exactOptional(),
  subscriberUri: z.string().exactOptional(),
  subscriberCACerts: z.string().exactOptional(),
  subscriberAudience: z.string().exactOptional(),
  replyUri: z.string().exactOptional(),
  replyCACerts: z.string().exactOptional(),
  replyAudience: z.string().exactOptional(),
  delivery: deliverySchema.exactOptional(),
  auth: authStatusSchema.exactOptional(),
});

/** One subscription of a channel, addresses resolved; `uid` is that of the Subscription. */
export type SubscriberSpec = z.infer<typeof subscriberSpecSchema>;

const subscriberStatusSchema = z.strictObject({
  uid: z.string().exactOptional(),
  observedGeneration: z.int().exactOptional(),
  ready: z.enum(['True', 'False', 'Unknown']).exactOptional(),
  message: z.string().exactOptional(),
  auth: authStatusSchema.exactOptional(),
});

/** What a channel made of one of its subscribers. */
export type SubscriberStatus = z.infer<typeof subscriberStatusSchema>;

/** Fields of the spec of a channel kind. */
export const channelableSpecShape = {
  subscribers: z
    .array(withRules(subscriberSpecSchema, oneTextOf('subscriberUri', 'replyUri')))
    .exactOptional()
    .describe('Written by the controller of Subscriptions.'),
  delivery: deliverySchema
    .exactOptional()
    .describe('For Subscriptions that have none of their own.'),
};

/** Fields of the status of a channel kind. */
export const channelableStatusShape = {
  ...statusShape,
  ...addressStatusShape,
  ...deliveryStatusShape,
  ...policiesShape,
  subscribers: z.array(subscriberStatusSchema).exactOptional(),
};

/** Schema of {@link ChannelTemplate}. */
export const channelTemplateSchema = z.strictObject({
  apiVersion: inCrd(z.string(), { minLength: 1 }).describe(
    'Group and version of the channel kind.',
  ),
  kind: inCrd(z.string(), { minLength: 1 }).describe('Channel kind.'),
  spec: z.record(z.string(), z.unknown()).exactOptional().describe('Spec of each channel made.'),
});

/** Which channel kind to make, and with which spec. */
export type ChannelTemplate = z.infer<typeof channelTemplateSchema>;
