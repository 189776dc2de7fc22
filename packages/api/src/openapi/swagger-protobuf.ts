/**
 * The definitions of the Swagger document as protocol buffers, which is the only form in which kubectl asks for it: to
 * find out that it knows nothing of a kind (a List, or one that is not served), and in its older versions to validate
 * and explain. Field numbers are those of the message `openapi.v2.Document` that the gnostic project defines.
 *
 * Clients refuse the whole document when one schema is strange to them, so only the keywords that all of them know are
 * written; what a schema says beyond that is left out. Paths are left out, too: nothing looks for them here.
 */
import { isRecord, type JsonRecord } from '@afflux/resources';

/** Media type of the answer; requests for it have an @ where this has a dot. */
export const SWAGGER_PROTOBUF_TYPE = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

/** What clients ask for. */
export const SWAGGER_PROTOBUF_RANGES: readonly string[] = [
  SWAGGER_PROTOBUF_TYPE,
  'application/com.github.proto-openapi.spec.v2@v1.0+protobuf',
];

const DOCUMENT = { swagger: 1, info: 2, definitions: 9 } as const;
const INFO = { title: 1, version: 2 } as const;
const SCHEMA = {
  $ref: 1,
  format: 2,
  description: 4,
  required: 19,
  additionalProperties: 21,
  type: 22,
  items: 23,
  properties: 25,
  extension: 31,
} as const;
/** Messages of a name and a value, and messages that only hold other ones. */
const NAMED = { name: 1, value: 2 } as const;
const MEMBER = 1;
const ANY_YAML = 2;

const LENGTH_DELIMITED = 2;

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return Buffer.from([...bytes, rest]);
}

/** A field of a message: a text or another message. */
function field(number: number, value: string | Buffer): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([varint(number * 8 + LENGTH_DELIMITED), varint(bytes.length), bytes]);
}

function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
}

function namedSchemas(members: unknown): Buffer {
  const entries = isRecord(members) ? Object.entries(members) : [];
  return Buffer.concat(
    entries.map(([name, schema]) =>
      field(
        MEMBER,
        Buffer.concat([field(NAMED.name, name), field(NAMED.value, schemaMessage(schema))]),
      ),
    ),
  );
}

/** Extensions are written as YAML, of which JSON is a part. */
function extension(name: string, value: unknown): Buffer {
  const any = field(ANY_YAML, JSON.stringify(value));
  return field(SCHEMA.extension, Buffer.concat([field(NAMED.name, name), field(NAMED.value, any)]));
}

function schemaMessage(schema: unknown): Buffer {
  if (!isRecord(schema)) return Buffer.alloc(0);
  const { $ref: reference, description, format } = schema;
  const about = [
    ...textsOf(description).map((text) => field(SCHEMA.description, text)),
    ...Object.entries(schema)
      .filter(([name]) => name.startsWith('x-'))
      .map(([name, value]) => extension(name, value)),
  ];
  if (typeof reference === 'string') {
    return Buffer.concat([field(SCHEMA.$ref, reference), ...about]);
  }
  const [type = ''] = textsOf(schema['type']);
  return Buffer.concat([
    ...about,
    ...textsOf(format).map((text) => field(SCHEMA.format, text)),
    ...shapeFields(type, schema),
  ]);
}

/** The type with what belongs to it. A list of anything has no type: clients want to know of what. */
function shapeFields(type: string, schema: JsonRecord): readonly Buffer[] {
  const { items, properties, additionalProperties, required } = schema;
  const typeField = field(SCHEMA.type, field(MEMBER, type));
  if (type === '') return [];
  if (type === 'array') {
    if (!isRecord(items)) return [];
    return [typeField, field(SCHEMA.items, field(MEMBER, schemaMessage(items)))];
  }
  if (type !== 'object') return [typeField];
  return [
    typeField,
    ...(isRecord(properties) ? [field(SCHEMA.properties, namedSchemas(properties))] : []),
    ...(isRecord(additionalProperties)
      ? [field(SCHEMA.additionalProperties, field(MEMBER, schemaMessage(additionalProperties)))]
      : []),
    ...textsOf(required).map((name) => field(SCHEMA.required, name)),
  ];
}

/** A document as `swaggerDocument` makes them. */
export function swaggerProtobuf(document: object): Buffer {
  const { swagger, info, definitions } = document as JsonRecord;
  const { title, version } = isRecord(info) ? info : {};
  return Buffer.concat([
    field(DOCUMENT.swagger, String(swagger)),
    field(
      DOCUMENT.info,
      Buffer.concat([field(INFO.title, String(title)), field(INFO.version, String(version))]),
    ),
    field(DOCUMENT.definitions, namedSchemas(definitions)),
  ]);
}
