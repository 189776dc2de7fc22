/** Parts that the status of several kinds is made of. */
import { z } from 'zod';
import type { Condition } from '../object.ts';

/** Schema of {@link Condition}. */
export const conditionSchema: z.ZodType<Condition> = z.strictObject({
  type: z.string(),
  status: z.enum(['True', 'False', 'Unknown']),
  severity: z.enum(['Warning', 'Info']).exactOptional(),
  lastTransitionTime: z.string().exactOptional(),
  reason: z.string().exactOptional(),
  message: z.string().exactOptional(),
});

/** Fields of the status of every Knative kind. */
export const statusShape = {
  observedGeneration: z.int().exactOptional(),
  conditions: z.array(conditionSchema).exactOptional(),
  annotations: z.record(z.string(), z.string()).exactOptional(),
};

/** Schema of {@link Addressable}. */
export const addressableSchema = z.strictObject({
  name: z.string().exactOptional(),
  url: z.string().exactOptional(),
  CACerts: z.string().exactOptional(),
  audience: z.string().exactOptional(),
});

/** An address that takes events; the name is normally its scheme. */
export type Addressable = z.infer<typeof addressableSchema>;

/** Fields of something that has an address; `addresses` wins when it is not empty. */
export const addressStatusShape = {
  address: addressableSchema.exactOptional(),
  addresses: z.array(addressableSchema).exactOptional(),
};

/** Schema of {@link AddressStatus}. */
export const addressStatusSchema = z.strictObject(addressStatusShape);

/** The part of a status that makes an object addressable. */
export type AddressStatus = z.infer<typeof addressStatusSchema>;

/** Fields that hold the resolved dead letter sink. */
export const deliveryStatusShape = {
  deadLetterSinkUri: z.string().exactOptional(),
  deadLetterSinkCACerts: z.string().exactOptional(),
  deadLetterSinkAudience: z.string().exactOptional(),
};

/** Schema of the identity an object sends with. */
export const authStatusSchema = z.strictObject({
  serviceAccountName: z.string().exactOptional(),
  serviceAccountNames: z.array(z.string()).exactOptional(),
});

/** Field that lists the EventPolicies that apply, sorted by name. */
export const policiesShape = {
  policies: z.array(z.strictObject({ apiVersion: z.string(), name: z.string() })).exactOptional(),
};
