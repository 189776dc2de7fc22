/**
 * EventType: what kind of events an object emits. Three versions with two shapes: v1beta3 lists attributes,
 * the older ones have a field for each. Controllers work with v1beta3; older objects are converted to it.
 * Different from Knative, v1beta3 is defaulted and validated like the others.
 */
import { z } from 'zod';
import { ConditionSet } from '../../conditions.ts';
import { COLUMNS, crdOutline, defineKind, specOf, typeShape } from '../../define-kind.ts';
import type { KReference } from '../../duck/reference.ts';
import {
  defaultReferenceNamespace,
  kReferenceSchema,
  validateReference,
} from '../../duck/reference.ts';
import { statusShape } from '../../duck/status.ts';
import { FieldErrors } from '../../field-errors.ts';
import type { AdmissionContext, KindDefinition } from '../../kind.ts';
import { inCrd, withRules } from '../../schema/in-crd.ts';
import type { ObjectMeta } from '../../object.ts';

const GROUP = 'eventing.knative.dev';

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

const v1beta3Schema = z.strictObject({
  ...typeShape('eventing.knative.dev/v1beta3', 'EventType'),
  spec: specOf(v1beta3SpecSchema),
  status: statusSchema.exactOptional(),
});

const v1beta2Schema = z.strictObject({
  ...typeShape('eventing.knative.dev/v1beta2', 'EventType'),
  spec: specOf(olderSpecSchema),
  status: statusSchema.exactOptional(),
});

const v1beta1Schema = z.strictObject({
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

/** Conditions of EventTypes. */
export const EVENT_TYPE_CONDITIONS = new ConditionSet('Ready', ['ReferenceExists']);

/** Attributes that every CloudEvent has. */
const REQUIRED_ATTRIBUTES = ['type', 'source', 'specversion', 'id'] as const;

interface HasReference {
  metadata: ObjectMeta;
  spec: { reference?: KReference };
}

function fillDefaults({ spec, metadata }: HasReference): void {
  defaultReferenceNamespace(spec.reference, metadata.namespace);
}

function checkReference({ spec }: HasReference, context: AdmissionContext): FieldErrors {
  const errors = new FieldErrors();
  if (spec.reference === undefined) return errors;
  return errors.merge(validateReference(spec.reference, context), 'spec.reference');
}

function validateV1beta3(object: EventType, context: AdmissionContext): FieldErrors {
  const errors = checkReference(object, context);
  const names = object.spec.attributes.map(({ name }) => name);
  const absent = REQUIRED_ATTRIBUTES.filter((name) => !names.includes(name));
  if (absent.length > 0) errors.missing(...absent.map((name) => `spec.attributes.${name}`));
  for (const [index, name] of names.entries()) {
    if (/^[a-z0-9]+$/.test(name)) continue;
    errors.invalidKey(
      name,
      `spec.attributes[${String(index)}].name`,
      'expected lower-case letters and digits',
    );
  }
  return errors;
}

function validateOlder(object: OlderEventType, context: AdmissionContext): FieldErrors {
  const errors = checkReference(object, context);
  const { type, source, schema } = object.spec;
  if (type === '') errors.missing('spec.type');
  if (source === '') errors.invalidValue('', 'spec.source', 'source URI cannot be empty');
  if (schema === '') errors.invalidValue('', 'spec.schema', 'schema URI cannot be empty');
  return errors;
}

const readyColumns = [COLUMNS.ready, COLUMNS.reason];

const referenceColumns = [
  { name: 'Reference Name', type: 'string', jsonPath: '.spec.reference.name' },
  { name: 'Reference Kind', type: 'string', jsonPath: '.spec.reference.kind' },
  { name: 'Description', type: 'string', jsonPath: '.spec.description' },
] as const;

const olderColumns = [
  { name: 'Type', type: 'string', jsonPath: '.spec.type' },
  { name: 'Source', type: 'string', jsonPath: '.spec.source' },
  { name: 'Schema', type: 'string', jsonPath: '.spec.schema' },
  ...referenceColumns,
  ...readyColumns,
] as const;

const common = {
  group: GROUP,
  kind: 'EventType',
  categories: ['all', 'knative', 'eventing'],
  fillDefaults,
} as const;

/** eventing.knative.dev/v1beta3 EventType. */
export const eventTypeKind = defineKind<EventType>({
  ...common,
  version: 'v1beta3',
  crd: crdOutline([], false),
  schema: v1beta3Schema,
  printerColumns: [
    { name: 'Type', type: 'string', jsonPath: ".spec.attributes[?(@.name=='type')].value" },
    { name: 'Source', type: 'string', jsonPath: ".spec.attributes[?(@.name=='source')].value" },
    ...referenceColumns,
    ...readyColumns,
  ],
  validate: validateV1beta3,
});

/** eventing.knative.dev/v1beta2 and v1beta1 EventType. */
export const olderEventTypeKinds: readonly KindDefinition[] = [
  defineKind<z.infer<typeof v1beta2Schema>>({
    ...common,
    version: 'v1beta2',
    crd: crdOutline(),
    schema: v1beta2Schema,
    printerColumns: olderColumns,
    validate: validateOlder,
  }),
  defineKind<z.infer<typeof v1beta1Schema>>({
    ...common,
    version: 'v1beta1',
    crd: crdOutline([], false),
    schema: v1beta1Schema,
    printerColumns: olderColumns,
    validate: validateOlder,
  }),
];

function olderReference({
  reference,
  broker = '',
}: OlderEventType['spec']): KReference | undefined {
  if (reference !== undefined || broker === '') return reference;
  return { apiVersion: 'eventing.knative.dev/v1', kind: 'Broker', name: broker };
}

function attribute(
  name: string,
  value: string | undefined,
  required: boolean,
): EventTypeSpec['attributes'][number] {
  return { name, required, ...(value === undefined || value === '' ? {} : { value }) };
}

/**
 * Any EventType in the v1beta3 shape; a v1beta3 object is returned as it is. The deprecated `broker` becomes a
 * reference, `schema` (or else `schemaData`) the attribute `schemadata`. The fields decide, not the apiVersion:
 * a cluster that does not convert shows an object in any version with the fields that it was written with.
 */
export function toEventType(object: EventType | OlderEventType): EventType {
  const { spec } = object;
  if ('attributes' in spec) {
    if (object.apiVersion === 'eventing.knative.dev/v1beta3') return object;
    return { ...object, apiVersion: 'eventing.knative.dev/v1beta3', spec };
  }
  const { type, source, schema, schemaData, description } = spec;
  const reference = olderReference(spec);
  const schemadata = schema ?? schemaData;
  return {
    apiVersion: 'eventing.knative.dev/v1beta3',
    kind: 'EventType',
    metadata: object.metadata,
    spec: {
      ...(reference === undefined ? {} : { reference }),
      ...(description === undefined ? {} : { description }),
      attributes: [
        attribute('specversion', undefined, true),
        attribute('id', undefined, true),
        attribute('type', type, true),
        attribute('source', source, true),
        ...(schemadata === undefined ? [] : [attribute('schemadata', schemadata, false)]),
      ],
    },
    ...(object.status === undefined ? {} : { status: object.status }),
  };
}
