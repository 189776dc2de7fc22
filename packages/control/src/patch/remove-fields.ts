/**
 * What becomes of fields that a manager applied once and does not mention any more: they go, unless somebody else
 * owns them. An object or a list that loses its last field or item goes with it, unless somebody owns it as such.
 */
import { isRecord, type JsonRecord } from '@afflux/resources';
import type { MergeSchema } from '../store/resource-store.ts';
import { difference, isEmptySet, NO_FIELDS, union, type FieldSet } from './field-set.ts';
import {
  fieldSchema,
  isAtomicList,
  isAtomicRecord,
  isMapItem,
  itemElements,
} from './field-rules.ts';
import { fieldElement, type PathElement } from './path-element.ts';

const METADATA_ITSELF: FieldSet = {
  isMember: false,
  children: new Map([['f:metadata', { isMember: true, children: new Map() }]]),
};

/**
 * `object` without the fields of `last` that are not among `owned`. The object on the way to a field is owned with
 * it: it stays as long as anything in it is owned, and goes, with what nobody owns, when nothing is.
 */
export function withoutAbandoned(
  object: unknown,
  last: FieldSet,
  owned: FieldSet,
  schema: MergeSchema,
): unknown {
  if (isEmptySet(last)) return object;
  const kept = union(withNamedParents(owned, schema), METADATA_ITSELF);
  const gone = difference(withNamedParents(last, schema), kept);
  return withoutFields(object, { gone, owned }, schema);
}

/** The set and the named fields on the way to its members; items of maps and lists speak for themselves. */
function withNamedParents(set: FieldSet, schema: MergeSchema | undefined): FieldSet {
  if (set.children.size === 0) return set;
  const children = new Map<PathElement, FieldSet>();
  for (const [element, child] of set.children) {
    const isField = element.startsWith('f:');
    const name = element.slice(2);
    const below = withNamedParents(child, isField ? fieldSchema(schema, name) : schema?.items);
    const isMember = child.isMember || (isField && !isMapItem(schema, name));
    children.set(element, isMember === below.isMember ? below : { ...below, isMember });
  }
  return { isMember: set.isMember, children };
}

/** What to remove below a place, and what is owned there. */
interface Fate {
  readonly gone: FieldSet;
  readonly owned: FieldSet;
}

function fateOf({ gone, owned }: Fate, element: PathElement): Fate | undefined {
  const lost = gone.children.get(element);
  return lost && { gone: lost, owned: owned.children.get(element) ?? NO_FIELDS };
}

/** Undefined when nothing is left. Fields inside of atomic values cannot be removed. */
function withoutFields(value: unknown, fate: Fate, schema: MergeSchema | undefined): unknown {
  if (fate.gone.isMember) return undefined;
  if (isRecord(value)) return isAtomicRecord(schema) ? value : fromRecord(value, fate, schema);
  if (Array.isArray(value) && !isAtomicList(schema)) return fromList(value, fate, schema);
  return value;
}

function fromRecord(record: JsonRecord, fate: Fate, schema: MergeSchema | undefined): unknown {
  let rest: Record<string, unknown> | undefined;
  for (const name of Object.keys(record)) {
    const lost = fateOf(fate, fieldElement(name));
    if (lost === undefined) continue;
    const before = record[name];
    const after = withoutFields(before, lost, fieldSchema(schema, name));
    if (after === before) continue;
    rest ??= { ...record };
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
    if (after === undefined) delete rest[name];
    else rest[name] = after;
  }
  if (rest === undefined) return record;
  return Object.keys(rest).length === 0 && !fate.owned.isMember ? undefined : rest;
}

function fromList(list: readonly unknown[], fate: Fate, schema: MergeSchema | undefined): unknown {
  const elements = itemElements(list, schema);
  if (typeof elements === 'string') return list;
  const rest: unknown[] = [];
  for (const [index, element] of elements.entries()) {
    const lost = fateOf(fate, element);
    const item = lost ? withoutFields(list[index], lost, schema?.items) : list[index];
    if (item !== undefined) rest.push(item);
  }
  if (rest.length === list.length && rest.every((item, index) => item === list[index])) return list;
  return rest.length === 0 && !fate.owned.isMember ? undefined : rest;
}
