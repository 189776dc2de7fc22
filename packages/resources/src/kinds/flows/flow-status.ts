/** Parts that the status of Sequence and Parallel share. */
import { z } from 'zod';
import { objectReferenceSchema } from '../../duck/reference.ts';
import { conditionSchema } from '../../duck/status.ts';

/** State of one channel of a flow: which, and its Ready condition. */
export const flowChannelStatusSchema = z.strictObject({
  channel: objectReferenceSchema,
  ready: conditionSchema,
});

/** State of one Subscription of a flow. */
export const flowSubscriptionStatusSchema = z.strictObject({
  subscription: objectReferenceSchema,
  ready: conditionSchema,
});

/** Dependents of the Ready condition of both kinds. */
export const FLOW_DEPENDENTS = [
  'ChannelsReady',
  'SubscriptionsReady',
  'Addressable',
  'EventPoliciesReady',
] as const;
