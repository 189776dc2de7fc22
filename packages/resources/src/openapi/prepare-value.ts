/**
 * What becomes of an object before it is judged by a structural schema, as in kube-apiserver: fields that the
 * schema does not know go (unless it keeps them), a `null` that may not be goes, and defaults come.
 */
import { joinPath } from '../field-errors.ts';
import { isRecord } from '../json-record.ts';
import type { StructuralSchema } from './structural-schema.ts';

/** Fields of whole objects, known although no schema names them. */
const OBJECT_FIELDS = ['apiVersion', 'kind', 'metadata'];

/** A field that the schema does not know. */
export interface UnknownField {
  readonly path: string;
  readonly name: string;
  /** What it knows in its place. */
  readonly known: readonly string[];
}

type Fields = Record<string, unknown>;

/** The schema of a field or of a value in a map; `keep` for what nobody describes, undefined for unknown. */
function memberOf(
  schema: StructuralSchema,
  key: string,
  isObject: boolean,
): StructuralSchema | 'keep' | undefined {
  const { properties = {}, additionalProperties } = schema;
  // Whatever a schema says of them (most say `metadata: {type: object}`): they are not its own.
  if (isObject && OBJECT_FIELDS.includes(key)) return 'keep';
  if (Object.hasOwn(properties, key)) return properties[key];
  if (typeof additionalProperties === 'object') return additionalProperties;
  const keeps = schema['x-kubernetes-preserve-unknown-fields'] === true;
  return keeps || additionalProperties === true ? 'keep' : undefined;
}

function prepareFields(
  value: Fields,
  schema: StructuralSchema,
  { path, isObject, unknown }: Place,
): void {
  const { properties = {} } = schema;
  for (const key of Object.keys(value)) {
    const member = memberOf(schema, key, isObject);
    const isField = Object.hasOwn(properties, key) || member === undefined;
    const below = isField ? joinPath(path, key) : `${path}[${key}]`;
    if (member === undefined) {
      unknown.push({ path: below, name: key, known: Object.keys(properties) });
      Reflect.deleteProperty(value, key);
    } else if (member === 'keep') continue;
    else if (value[key] === null && member.nullable !== true) Reflect.deleteProperty(value, key);
    else prepareAt(value[key], member, { path: below, unknown });
  }
  for (const [key, member] of Object.entries(properties)) {
    if (member.default === undefined || Object.hasOwn(value, key)) continue;
    value[key] = structuredClone(member.default);
    prepareAt(value[key], member, { path: joinPath(path, key), unknown });
  }
}

interface Place {
  readonly path: string;
  readonly unknown: UnknownField[];
  /** Whether a whole object stands here. */
  readonly isObject: boolean;
}

function prepareAt(
  value: unknown,
  schema: StructuralSchema,
  { path, unknown }: Omit<Place, 'isObject'>,
): void {
  if (Array.isArray(value)) {
    const { items } = schema;
    if (items === undefined) return;
    for (const [index, item] of value.entries()) {
      prepareAt(item, items, { path: `${path}[${String(index)}]`, unknown });
    }
  } else if (isRecord(value) && (schema.type === undefined || schema.type === 'object')) {
    const isObject = schema['x-kubernetes-embedded-resource'] === true;
    prepareFields(value, schema, { path, unknown, isObject });
  }
}

/** A copy of any value, prepared; for defaults, which may have defaults inside. */
export function preparedCopy(value: unknown, schema: StructuralSchema): unknown {
  const copy = structuredClone(value);
  prepareAt(copy, schema, { path: '', unknown: [] });
  return copy;
}

/** Prepares an object in place; what it did not know, in the order of the object. */
export function prepareObject(object: Fields, schema: StructuralSchema): UnknownField[] {
  const unknown: UnknownField[] = [];
  prepareFields(object, schema, { path: '', unknown, isObject: true });
  return unknown;
}
