/**
 * Reads a zod schema as data: which schema stands at a path, which field names it knows, whether a step of a
 * path is a field (`.spec`), a key of a map (`[color]`) or an index (`[0]`). Error messages and the treatment
 * of `null` need that; validation itself is zod's.
 */
import { z } from 'zod';

type Schema = z.core.$ZodType;

/** Every schema from the outermost wrapper to the one that describes the value itself. */
export function layers(schema: Schema): Schema[] {
  const found: Schema[] = [schema];
  for (let current = schema; ;) {
    const next = inner(current);
    if (next === undefined) return found;
    found.push(next);
    current = next;
  }
}

function inner(schema: Schema): Schema | undefined {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodExactOptional) {
    return schema.def.innerType;
  }
  if (schema instanceof z.ZodPrefault) return schema.def.innerType;
  if (schema instanceof z.ZodLazy) return schema.def.getter();
  return undefined;
}

/** The schema without its wrappers. */
function bare(schema: Schema): Schema {
  return layers(schema).at(-1) ?? schema;
}

/** Names of the fields an object schema knows; empty for anything else. */
export function fieldNames(schema: Schema | undefined): string[] {
  const object = schema === undefined ? undefined : bare(schema);
  return object instanceof z.ZodObject ? Object.keys(object.shape) : [];
}

/** Whether the schema describes a map with free keys. */
export function isMap(schema: Schema | undefined): boolean {
  return schema !== undefined && bare(schema) instanceof z.ZodRecord;
}

/** The schema of a member; undefined where the schema says nothing about it. */
export function memberSchema(schema: Schema | undefined, key: PropertyKey): Schema | undefined {
  if (schema === undefined) return undefined;
  const target = bare(schema);
  if (target instanceof z.ZodObject) {
    const shape: Readonly<Record<string, Schema>> = target.shape;
    return Object.hasOwn(shape, key) ? shape[String(key)] : undefined;
  }
  if (target instanceof z.ZodArray) return target.def.element;
  if (target instanceof z.ZodRecord) return target.def.valueType;
  return undefined;
}

/** The types of JSON Schema that the schema takes; empty where it says nothing about it. */
export function jsonTypes(schema: Schema | undefined): string[] {
  const target = schema === undefined ? undefined : bare(schema);
  if (target instanceof z.ZodUnion) return target.options.flatMap((option) => jsonTypes(option));
  if (target instanceof z.ZodNumberFormat) return ['integer'];
  if (target instanceof z.ZodNumber) return ['number'];
  if (target instanceof z.ZodBoolean) return ['boolean'];
  if (target instanceof z.ZodArray) return ['array'];
  if (target instanceof z.ZodObject || target instanceof z.ZodRecord) return ['object'];
  if (target instanceof z.ZodString || target instanceof z.ZodEnum) return ['string'];
  if (target instanceof z.ZodLiteral) return [...target.values].map((value) => typeof value);
  return [];
}
