/**
 * The two shapes of an EventType: v1beta3 lists attributes, the versions before it have fields for some of them, and
 * v1beta2 is the one that is kept. What the fields cannot say (other attributes, which are required) goes into an
 * annotation, so that an object of v1beta3 comes back as it was written.
 */
import { isDeepStrictEqual } from 'node:util';
import { isRecord, type JsonRecord } from '../../json-record.ts';
import type { Conversion } from '../../kind.ts';
import type { ApiObject } from '../../object.ts';
import type { KReference } from '../../duck/reference.ts';
import type { EventType, EventTypeSpec, OlderEventType } from './event-type-schema.ts';

type Attribute = EventTypeSpec['attributes'][number];

/** The attributes of v1beta3 as JSON, where they say more than the fields do. */
const ATTRIBUTES_ANNOTATION = 'afflux.dev/event-type-attributes';

/** A schema that is in the object rather than at an address. */
const SCHEMA_ITSELF = /^\s*[[{"<]/;

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

interface OlderFields {
  readonly type?: string;
  readonly source?: string;
  readonly schema?: string;
  readonly schemaData?: string;
}

function fieldsOf(attributes: readonly unknown[]): OlderFields {
  const valueOf = (name: string): string | undefined => {
    const found = attributes.filter(isRecord).find((attribute) => attribute['name'] === name);
    return typeof found?.['value'] === 'string' ? found['value'] : undefined;
  };
  const [type, source, schema] = [valueOf('type'), valueOf('source'), valueOf('schemadata')];
  const schemaField = schema !== undefined && SCHEMA_ITSELF.test(schema) ? 'schemaData' : 'schema';
  return {
    ...(type === undefined ? {} : { type }),
    ...(source === undefined ? {} : { source }),
    ...(schema === undefined ? {} : { [schemaField]: schema }),
  };
}

function byName(left: Attribute, right: Attribute): number {
  return left.name < right.name ? -1 : 1;
}

/** Whether the fields alone bring back these attributes, in whatever order. */
function isAllSaid(attributes: readonly unknown[], fields: OlderFields): boolean {
  const shown = toEventType({ spec: fields } as OlderEventType).spec.attributes;
  return isDeepStrictEqual([...(attributes as Attribute[])].sort(byName), shown.sort(byName));
}

function withAnnotation(metadata: unknown, text: string | undefined): JsonRecord {
  const { annotations, ...rest } = isRecord(metadata) ? metadata : {};
  const { [ATTRIBUTES_ANNOTATION]: _old, ...others } = isRecord(annotations) ? annotations : {};
  const next = text === undefined ? others : { ...others, [ATTRIBUTES_ANNOTATION]: text };
  return Object.keys(next).length === 0 ? rest : { ...rest, annotations: next };
}

/** Of a body of server-side apply, too, which may lack anything. */
function keep(object: JsonRecord): JsonRecord {
  const { spec, metadata } = object;
  const { attributes, ...rest } = isRecord(spec) ? spec : {};
  if (!Array.isArray(attributes)) return object;
  const fields = fieldsOf(attributes);
  const text = isAllSaid(attributes, fields) ? undefined : JSON.stringify(attributes);
  return { ...object, metadata: withAnnotation(metadata, text), spec: { ...rest, ...fields } };
}

/** The attributes of the annotation, unless a field was given another value since. */
function keptAttributes({ metadata, spec }: OlderEventType): Attribute[] | undefined {
  const text = metadata.annotations?.[ATTRIBUTES_ANNOTATION];
  if (text === undefined) return undefined;
  try {
    const attributes = JSON.parse(text) as unknown;
    if (!Array.isArray(attributes)) return undefined;
    const { type, source, schema, schemaData } = fieldsOf(attributes);
    const said = [type, source, schema, schemaData];
    const isCurrent = isDeepStrictEqual(said, [
      spec.type,
      spec.source,
      spec.schema,
      spec.schemaData,
    ]);
    return isCurrent ? (attributes as Attribute[]) : undefined;
  } catch {
    return undefined;
  }
}

function show(object: ApiObject): ApiObject {
  const older = object as OlderEventType;
  const shown = toEventType(older);
  const attributes = keptAttributes(older) ?? shown.spec.attributes;
  const metadata = withAnnotation(older.metadata, undefined) as unknown as ApiObject['metadata'];
  return { ...shown, metadata, spec: { ...shown.spec, attributes } };
}

/** Between v1beta3 and the version that is kept. */
export const EVENT_TYPE_CONVERSION: Conversion = { keep, show };
