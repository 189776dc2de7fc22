/**
 * What the schema of a kind says about the granularity of its fields: an object is many fields unless it is atomic,
 * a list is one field unless it is a set or a map. Every walk over objects in this folder asks here, so that they
 * all see the same fields.
 *
 * The schema may be partial: a field that it does not mention is an ordinary named field. An object whose schema
 * has `additionalProperties` is a map; its other keys are items that come and go, as list items do.
 */
import { isRecord } from '@afflux/resources';
import type { MergeSchema } from '../store/resource-store.ts';
import { keyElement, valueElement, type PathElement } from './path-element.ts';

const ANYTHING: MergeSchema = { additionalProperties: true };

/** The same for every kind, whatever its schema says. */
const OBJECT_METADATA: MergeSchema = {
  default: {},
  properties: {
    labels: ANYTHING,
    annotations: ANYTHING,
    finalizers: { 'x-kubernetes-list-type': 'set', 'x-kubernetes-patch-strategy': 'merge' },
    ownerReferences: {
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['uid'],
      'x-kubernetes-patch-strategy': 'merge',
      'x-kubernetes-patch-merge-key': 'uid',
      items: { 'x-kubernetes-map-type': 'atomic' },
    },
  },
};

/** The schema of a whole object: that of its kind, with Kubernetes' metadata. */
export function objectSchema(schema: MergeSchema | undefined): MergeSchema {
  return { ...schema, properties: { ...schema?.properties, metadata: OBJECT_METADATA } };
}

function isNamed(schema: MergeSchema | undefined, name: string): boolean {
  return schema?.properties !== undefined && Object.hasOwn(schema.properties, name);
}

/** The key is an item of a map, not a field that the kind has. */
export function isMapItem(schema: MergeSchema | undefined, name: string): boolean {
  return Boolean(schema?.additionalProperties) && !isNamed(schema, name);
}

export function fieldSchema(
  schema: MergeSchema | undefined,
  name: string,
): MergeSchema | undefined {
  if (isNamed(schema, name)) return schema?.properties?.[name];
  const { additionalProperties } = schema ?? {};
  return additionalProperties === true ? ANYTHING : additionalProperties || undefined;
}

export function isAtomicRecord(schema: MergeSchema | undefined): boolean {
  return schema?.['x-kubernetes-map-type'] === 'atomic';
}

export function isAtomicList(schema: MergeSchema | undefined): boolean {
  return (schema?.['x-kubernetes-list-type'] ?? 'atomic') === 'atomic';
}

/**
 * What stands for an absent field: an empty object or list that Kubernetes writes even so (its schemas give it as
 * the default), so that nobody brings it about.
 */
export function standIn(schema: MergeSchema | undefined): unknown {
  const value = schema?.default;
  const isEmpty = typeof value === 'object' && value !== null && Object.keys(value).length === 0;
  return isEmpty ? value : undefined;
}

/**
 * The steps to the items of a list that is a set or a map, in order; a text that says what is wrong when an item
 * has none. The same step may occur twice: who cares about duplicates looks for them.
 */
export function itemElements(
  list: readonly unknown[],
  schema: MergeSchema | undefined,
): PathElement[] | string {
  const keys = schema?.['x-kubernetes-list-map-keys'];
  const isMap = schema?.['x-kubernetes-list-type'] === 'map' && keys !== undefined;
  const elements: PathElement[] = [];
  for (const [index, item] of list.entries()) {
    const element = isMap ? keyedElement(item, keys, schema.items) : scalarElement(item);
    if (element.problem !== undefined) return `element ${String(index)}: ${element.problem}`;
    elements.push(element.step);
  }
  return elements;
}

type Located = { readonly step: PathElement; readonly problem?: undefined } | { problem: string };

function scalarElement(item: unknown): Located {
  if (typeof item === 'string' || typeof item === 'number' || typeof item === 'boolean') {
    return { step: valueElement(item) };
  }
  if (item === null) {
    return { problem: "associative list without keys has an element that's an explicit null" };
  }
  return Array.isArray(item)
    ? { problem: 'not supported: associative list with lists as elements' }
    : { problem: "associative list without keys has an element that's a map type" };
}

function keyedElement(
  item: unknown,
  keys: readonly string[],
  schema: MergeSchema | undefined,
): Located {
  if (item === null) return { problem: 'associative list with keys may not have a null element' };
  if (!isRecord(item)) {
    return { problem: 'associative list with keys may not have non-map elements' };
  }
  const pairs: [string, unknown][] = [];
  for (const key of keys) {
    const value = item[key] ?? fieldSchema(schema, key)?.default;
    if (value === undefined) {
      const detail = "(and doesn't have default value)";
      return {
        problem: `associative list with keys has an element that omits key field "${key}" ${detail}`,
      };
    }
    pairs.push([key, value]);
  }
  return { step: keyElement(pairs) };
}
