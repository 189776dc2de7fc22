/**
 * Which fields a partial object mentions: what its author owns after an apply. Values without parts, items of lists
 * and maps, and empty objects are members; an object that is merely on the way to them is not.
 */
import { isRecord, type JsonRecord } from '@afflux/resources';
import type { MergeSchema } from '../store/resource-store.ts';
import { LEAF, NO_FIELDS, type FieldSet } from './field-set.ts';
import {
  fieldSchema,
  isAtomicList,
  isAtomicRecord,
  isMapItem,
  itemElements,
} from './field-rules.ts';
import { fieldElement, type PathElement } from './path-element.ts';

/** The fields of a value. A list whose items cannot be told apart counts as one field. */
export function fieldsOf(value: unknown, schema: MergeSchema | undefined): FieldSet {
  if (isRecord(value)) return isAtomicRecord(schema) ? LEAF : fieldsOfRecord(value, schema);
  if (!Array.isArray(value) || isAtomicList(schema)) return LEAF;
  return fieldsOfList(value, schema);
}

function fieldsOfRecord(record: JsonRecord, schema: MergeSchema | undefined): FieldSet {
  const children = new Map<PathElement, FieldSet>();
  for (const name of Object.keys(record)) {
    const value = record[name];
    if (value === undefined) continue;
    const fields = fieldsOf(value, fieldSchema(schema, name));
    const isItself =
      isMapItem(schema, name) || (isRecord(value) && Object.keys(value).length === 0);
    if (isItself) children.set(fieldElement(name), { ...fields, isMember: true });
    else if (fields !== NO_FIELDS) children.set(fieldElement(name), fields);
  }
  return children.size === 0 ? NO_FIELDS : { isMember: false, children };
}

function fieldsOfList(list: readonly unknown[], schema: MergeSchema | undefined): FieldSet {
  const elements = itemElements(list, schema);
  if (typeof elements === 'string') return LEAF;
  if (elements.length === 0) return NO_FIELDS;
  const children = new Map<PathElement, FieldSet>();
  for (const [index, element] of elements.entries()) {
    // Items that share a step are owned together, as one value.
    const fields = children.has(element) ? LEAF : fieldsOf(list[index], schema?.items);
    children.set(element, { ...fields, isMember: true });
  }
  return { isMember: false, children };
}
