/**
 * EventType: what kind of events an object emits. Three versions with two shapes; controllers work with v1beta3.
 * Different from Knative, v1beta3 is defaulted and validated like the others.
 */
import { ConditionSet } from '../../conditions.ts';
import { COLUMNS, crdOutline, defineKind } from '../../define-kind.ts';
import type { KReference } from '../../duck/reference.ts';
import { defaultReferenceNamespace, validateReference } from '../../duck/reference.ts';
import { FieldErrors } from '../../field-errors.ts';
import type { AdmissionContext, KindDefinition } from '../../kind.ts';
import type { ObjectMeta } from '../../object.ts';
import {
  v1beta1Schema,
  v1beta2Schema,
  v1beta3Schema,
  type EventType,
  type OlderEventType,
} from './event-type-schema.ts';
import { EVENT_TYPE_CONVERSION } from './event-type-versions.ts';

const GROUP = 'eventing.knative.dev';

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
  keptAs: { apiVersion: `${GROUP}/v1beta2`, conversion: EVENT_TYPE_CONVERSION },
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
  defineKind<OlderEventType & { apiVersion: 'eventing.knative.dev/v1beta2' }>({
    ...common,
    version: 'v1beta2',
    crd: crdOutline(),
    schema: v1beta2Schema,
    printerColumns: olderColumns,
    validate: validateOlder,
  }),
  defineKind<OlderEventType & { apiVersion: 'eventing.knative.dev/v1beta1' }>({
    ...common,
    version: 'v1beta1',
    crd: crdOutline([], false),
    schema: v1beta1Schema,
    printerColumns: olderColumns,
    validate: validateOlder,
  }),
];
