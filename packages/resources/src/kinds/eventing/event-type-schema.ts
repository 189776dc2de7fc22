/** The schemas of EventType: v1beta3 lists attributes, the older versions have a field for each. */
import { z } from 'zod';
import { specOf, typeShape } from '../../define-kind.ts';
import { kReferenceSchema } from '../../duck/reference.ts';
import { statusShape } from '../../duck/status.ts';
import { inCrd, withRules } from '../../schema/in-crd.ts';

/** Most attributes of one EventType; a bound, so that a rule in the CRD may look at all of them. */
const ATTRIBUTES_MAX = 256;

const attributeSchema = z.strictObject({
  name: inCrd(z.string(), { pattern: '^[a-z0-9]+$' }).describe('Name of the attribute.'),
  required: z.boolean().prefault(false).describe('Whether every such event has it.'),
  value: z.string().exactOptional().describe('Its value; parts in braces vary.'),
});

const commonShape = {
  reference: kReferenceSchema.exactOptional().describe('The object that emits the events.'),
  description: z.string().exactOptional().describe('For people.'),
};

const v1beta3SpecSchema = z.strictObject({
  ...commonShape,
  attributes: withRules(z.array(attributeSchema).max(ATTRIBUTES_MAX), {
    rule: "['type', 'source', 'specversion', 'id'].all(name, self.exists(attribute, attribute.name == name))",
    message: 'missing one of the attributes type, source, specversion, id',
  }).describe('Attributes of the events.'),
});

const olderSpecSchema = z.strictObject({
  type: inCrd(z.string(), { minLength: 1 }).describe('CloudEvents type.'),
  source: inCrd(z.string(), { minLength: 1 }).exactOptional().describe('CloudEvents source.'),
  schema: inCrd(z.string(), { minLength: 1 })
    .exactOptional()
    .describe('URI of the schema of the data.'),
  schemaData: z.string().exactOptional().describe('The schema itself.'),
  broker: z.string().exactOptional().describe('Deprecated: use reference.'),
  ...commonShape,
});

const statusSchema = z.strictObject(statusShape);

export const v1beta3Schema = z.strictObject({
  ...typeShape('eventing.knative.dev/v1beta3', 'EventType'),
  spec: specOf(v1beta3SpecSchema),
  status: statusSchema.exactOptional(),
});

export const v1beta2Schema = z.strictObject({
  ...typeShape('eventing.knative.dev/v1beta2', 'EventType'),
  spec: specOf(olderSpecSchema),
  status: statusSchema.exactOptional(),
});

export const v1beta1Schema = z.strictObject({
  ...typeShape('eventing.knative.dev/v1beta1', 'EventType'),
  spec: specOf(olderSpecSchema),
  status: statusSchema.exactOptional(),
});

/** An EventType as controllers see it. */
export type EventType = z.infer<typeof v1beta3Schema>;
/** `spec` of an EventType. */
export type EventTypeSpec = z.infer<typeof v1beta3SpecSchema>;
/** An EventType in the shape before v1beta3. */
export type OlderEventType = z.infer<typeof v1beta2Schema> | z.infer<typeof v1beta1Schema>;
