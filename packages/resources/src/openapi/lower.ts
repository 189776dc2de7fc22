/**
 * Makes a structural schema of a zod schema: zod writes OpenAPI 3.0, and here it is lowered to what a CRD may
 * contain. References are put in place; a recursion is followed once and then cut with an object that keeps
 * whatever it finds, so that the inside of deeply nested filters is judged by our rules alone. What only our
 * rules know (`superRefine`, the rules of a kind) does not appear, unless the schema carries CEL in its
 * metadata.
 *
 * A `spec` that counts as `{}` when it is absent has that as its default where `{}` is valid, and is required
 * where it is not.
 */
import { z } from 'zod';
import { isRecord, type JsonRecord } from '../json-record.ts';
import type { StructuralSchema } from './structural-schema.ts';

/** How often a schema may be found inside itself before it is cut. */
const RECURSION_DEPTH_MAX = 1;

const INT32_MIN = -2_147_483_648;
const INT32_MAX = 2_147_483_647;

const ANYTHING: StructuralSchema = { 'x-kubernetes-preserve-unknown-fields': true };
const ANY_OBJECT: StructuralSchema = { type: 'object', ...ANYTHING };

/** Keywords that mean the same on both sides. */
const KEPT = [
  'type',
  'description',
  'enum',
  'nullable',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'minLength',
  'maxLength',
  'pattern',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'format',
  'default',
] as const;

/** A structural schema in the making. */
type Draft = { -readonly [Key in keyof StructuralSchema]: StructuralSchema[Key] };

/** Fields of every object; Kubernetes allows no rules there. */
const ROOT_PROPERTIES: Readonly<Record<string, StructuralSchema>> = {
  apiVersion: { type: 'string', description: 'Group and version of this object.' },
  kind: { type: 'string', description: 'Kind of this object.' },
  metadata: { type: 'object' },
};

function writtenList(value: unknown): JsonRecord[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}

function writtenMap(value: unknown): (readonly [string, JsonRecord])[] {
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    isRecord(member) ? [[key, member] as const] : [],
  );
}

/** Whether a default would be taken by its own schema; only what a default of ours can miss is looked at. */
function isAccepted(value: unknown, schema: StructuralSchema): boolean {
  if (!isRecord(value)) return true;
  if (Object.keys(value).length < (schema.minProperties ?? 0)) return false;
  return (schema.required ?? []).every(
    (field) => Object.hasOwn(value, field) || schema.properties?.[field]?.default !== undefined,
  );
}

class Lowering {
  readonly #definitions: ReadonlyMap<string, JsonRecord>;
  /** The definitions that are being put in place, outermost first. */
  readonly #inside: string[] = [];

  constructor(definitions: ReadonlyMap<string, JsonRecord>) {
    this.#definitions = definitions;
  }

  lower(written: JsonRecord): StructuralSchema {
    const reference = written['$ref'] ?? writtenList(written['allOf'])[0]?.['$ref'];
    if (typeof reference === 'string') return this.#followed(reference, written);
    const union = writtenList(written['anyOf']);
    if (union.length > 0) return { ...kept(written), ...unionOf(union) };
    switch (written['type']) {
      case 'object':
        return this.#object(written);
      case 'array':
        return { ...kept(written), items: this.lower(member(written, 'items')) };
      case 'integer':
        return integer(written);
      case undefined:
        return { ...kept(written), ...ANYTHING };
      default:
        return kept(written);
    }
  }

  #followed(reference: string, { description }: JsonRecord): StructuralSchema {
    const name = reference.replace('#/definitions/', '');
    const words = typeof description === 'string' ? { description } : {};
    const definition = this.#definitions.get(name);
    const depth = this.#inside.filter((outer) => outer === name).length;
    if (definition === undefined || depth > RECURSION_DEPTH_MAX) return { ...ANY_OBJECT, ...words };
    this.#inside.push(name);
    const schema = this.lower(definition);
    this.#inside.pop();
    return { ...schema, ...words };
  }

  #object(written: JsonRecord): StructuralSchema {
    const draft: Draft = kept(written);
    const required = new Set(stringList(written['required']));
    const properties: Record<string, StructuralSchema> = {};
    for (const [field, below] of writtenMap(written['properties'])) {
      const { default: value, ...schema } = this.lower(below);
      if (value !== undefined && !isAccepted(value, schema)) required.add(field);
      properties[field] =
        value === undefined || required.has(field) ? schema : { ...schema, default: value };
    }
    if (Object.keys(properties).length > 0) draft.properties = properties;
    if (required.size > 0) draft.required = [...required];
    const values = written['additionalProperties'];
    if (!isRecord(values)) return draft;
    const schema = this.lower(values);
    if (schema.type === undefined && schema['x-kubernetes-int-or-string'] !== true) {
      return { ...draft, ...ANYTHING };
    }
    return { ...draft, additionalProperties: schema };
  }
}

function member(written: JsonRecord, key: string): JsonRecord {
  const value = written[key];
  return isRecord(value) ? value : {};
}

function stringList(value: unknown): string[] {
  return Array.isArray(value)
    ? value.filter((item): item is string => typeof item === 'string')
    : [];
}

function kept(written: JsonRecord): StructuralSchema {
  const draft: Record<string, unknown> = {};
  for (const key of KEPT) if (written[key] !== undefined) draft[key] = written[key];
  for (const [key, value] of Object.entries(written)) {
    if (key.startsWith('x-kubernetes-')) draft[key] = value;
  }
  return draft;
}

/** Integers of JavaScript are bounded where those of Kubernetes are not; those bounds say nothing. */
function integer(written: JsonRecord): StructuralSchema {
  const { minimum, maximum, ...rest } = kept(written);
  const isInt32 =
    minimum !== undefined && minimum >= INT32_MIN && maximum !== undefined && maximum <= INT32_MAX;
  return {
    ...rest,
    format: rest.format ?? (isInt32 ? 'int32' : 'int64'),
    ...(minimum === undefined || minimum === Number.MIN_SAFE_INTEGER ? {} : { minimum }),
    ...(maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? {} : { maximum }),
  };
}

function unionOf(branches: readonly JsonRecord[]): StructuralSchema {
  const types = branches.map(({ type }) => type);
  if (types.length === 2 && types.includes('integer') && types.includes('string')) {
    return { 'x-kubernetes-int-or-string': true };
  }
  const words = branches.flatMap((branch) => stringList(branch['enum']));
  if (words.length >= branches.length && types.every((type) => type === 'string')) {
    return { type: 'string', enum: words };
  }
  return ANYTHING;
}

/** The structural schema of objects that a zod schema of a kind describes. Pure, and not cheap. */
export function lowerSchema(schema: z.ZodType): StructuralSchema {
  const written: JsonRecord = z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input' });
  const lowering = new Lowering(new Map(writtenMap(written['definitions'])));
  const { required = [], ...root } = lowering.lower(written);
  const asked = required.filter((field) => !Object.hasOwn(ROOT_PROPERTIES, field));
  return {
    ...root,
    properties: { ...root.properties, ...ROOT_PROPERTIES },
    ...(asked.length === 0 ? {} : { required: asked }),
  };
}
