/**
 * What differs between two states of an object, as sets of fields. Subtrees that are the same reference are skipped,
 * so the cost is that of what changed when the states share the rest, as states of the store do.
 */
import { isRecord, type JsonRecord } from '@afflux/resources';
import { sameJson } from '../store/json.ts';
import type { MergeSchema } from '../store/resource-store.ts';
import { LEAF, NO_FIELDS, type FieldSet } from './field-set.ts';
import { fieldSchema, standIn, isAtomicList, isAtomicRecord, itemElements } from './field-rules.ts';
import { fieldElement, type PathElement } from './path-element.ts';

/** No field is in more than one of the sets, unless its value changed from one type to another. */
export interface FieldChanges {
  readonly removed: FieldSet;
  readonly modified: FieldSet;
  readonly added: FieldSet;
}

const REMOVED: FieldChanges = { removed: LEAF, modified: NO_FIELDS, added: NO_FIELDS };
const MODIFIED: FieldChanges = { removed: NO_FIELDS, modified: LEAF, added: NO_FIELDS };
const ADDED: FieldChanges = { removed: NO_FIELDS, modified: NO_FIELDS, added: LEAF };

const EMPTY_RECORD: JsonRecord = {};

type Side = keyof FieldChanges;

/** Gathers the changes below one place. */
class ChangesBelow {
  readonly #children: Partial<Record<Side, Map<PathElement, FieldSet>>> = {};
  readonly #itself: Side | undefined;

  /** `itself`: the place itself came or went. */
  constructor(itself: Side | undefined) {
    this.#itself = itself;
  }

  add(element: PathElement, changes: FieldChanges | undefined): void {
    if (changes === undefined) return;
    this.#put('removed', element, changes.removed);
    this.#put('modified', element, changes.modified);
    this.#put('added', element, changes.added);
  }

  #put(side: Side, element: PathElement, fields: FieldSet): void {
    if (fields === NO_FIELDS) return;
    (this.#children[side] ??= new Map()).set(element, fields);
  }

  finish(): FieldChanges | undefined {
    const removed = this.#fields('removed');
    const modified = this.#fields('modified');
    const added = this.#fields('added');
    const isSame = removed === NO_FIELDS && modified === NO_FIELDS && added === NO_FIELDS;
    return isSame ? undefined : { removed, modified, added };
  }

  #fields(side: Side): FieldSet {
    const children = this.#children[side];
    const isMember = this.#itself === side;
    if (children === undefined) return isMember ? LEAF : NO_FIELDS;
    return { isMember, children };
  }
}

/** What became of `left`, or undefined when nothing did. A value that is undefined is absent. */
export function changesBetween(
  left: unknown,
  right: unknown,
  schema: MergeSchema | undefined,
): FieldChanges | undefined {
  if (left === right) return undefined;
  if (isRecord(left) || isRecord(right)) {
    if (!isRecordOrNothing(left) || !isRecordOrNothing(right)) return exchange(left, right, schema);
    const isOne = isAtomicRecord(schema) || (isEmptyRecord(left) && isEmptyRecord(right));
    return isOne ? leafChange(left, right) : recordChanges(left, right, schema);
  }
  if (Array.isArray(left) || Array.isArray(right)) {
    if (!isListOrNothing(left) || !isListOrNothing(right)) return exchange(left, right, schema);
    const isOne = isAtomicList(schema) || ((left ?? []).length === 0 && (right ?? []).length === 0);
    return isOne ? leafChange(left, right) : listChanges(left, right, schema);
  }
  return leafChange(left, right);
}

function isRecordOrNothing(value: unknown): value is JsonRecord | null | undefined {
  return value === undefined || value === null || isRecord(value);
}

function isListOrNothing(value: unknown): value is readonly unknown[] | null | undefined {
  return value === undefined || value === null || Array.isArray(value);
}

function isEmptyRecord(record: JsonRecord | null | undefined): boolean {
  return Object.keys(record ?? EMPTY_RECORD).length === 0;
}

function leafChange(left: unknown, right: unknown): FieldChanges | undefined {
  if (left === undefined) return ADDED;
  if (right === undefined) return REMOVED;
  return sameJson(left, right) ? undefined : MODIFIED;
}

/** One type of value instead of another: the old one goes with all its fields, the new one comes. */
function exchange(left: unknown, right: unknown, schema: MergeSchema | undefined): FieldChanges {
  const gone = changesBetween(left, undefined, schema);
  const come = changesBetween(undefined, right, schema);
  return {
    removed: gone?.removed ?? NO_FIELDS,
    modified: NO_FIELDS,
    added: come?.added ?? NO_FIELDS,
  };
}

function ownChange(left: unknown, right: unknown): Side | undefined {
  if (left === undefined) return 'added';
  return right === undefined ? 'removed' : undefined;
}

function recordChanges(
  left: JsonRecord | null | undefined,
  right: JsonRecord | null | undefined,
  schema: MergeSchema | undefined,
): FieldChanges | undefined {
  const below = new ChangesBelow(ownChange(left, right));
  const compare = (name: string): void => {
    if (left?.[name] === right?.[name]) return;
    const child = fieldSchema(schema, name);
    const [before, after] = [valueAt(left, name, child), valueAt(right, name, child)];
    below.add(fieldElement(name), changesBetween(before, after, child));
  };
  for (const name of Object.keys(left ?? EMPTY_RECORD)) compare(name);
  for (const name of Object.keys(right ?? EMPTY_RECORD)) {
    if (!Object.hasOwn(left ?? EMPTY_RECORD, name)) compare(name);
  }
  return below.finish();
}

function valueAt(
  record: JsonRecord | null | undefined,
  name: string,
  schema: MergeSchema | undefined,
): unknown {
  if (record === null || record === undefined) return undefined;
  const value = Object.hasOwn(record, name) ? record[name] : undefined;
  return value === undefined ? standIn(schema) : value;
}

function listChanges(
  left: readonly unknown[] | null | undefined,
  right: readonly unknown[] | null | undefined,
  schema: MergeSchema | undefined,
): FieldChanges | undefined {
  const before = byElement(left ?? [], schema);
  const after = byElement(right ?? [], schema);
  if (before === undefined || after === undefined) return leafChange(left, right);
  const below = new ChangesBelow(ownChange(left, right));
  for (const [element, items] of before) {
    below.add(element, itemChanges(items, after.get(element) ?? [], schema?.items));
  }
  for (const [element, items] of after) {
    if (!before.has(element)) below.add(element, itemChanges([], items, schema?.items));
  }
  return below.finish();
}

function byElement(
  list: readonly unknown[],
  schema: MergeSchema | undefined,
): Map<PathElement, unknown[]> | undefined {
  const elements = itemElements(list, schema);
  if (typeof elements === 'string') return undefined;
  const items = new Map<PathElement, unknown[]>();
  for (const [index, element] of elements.entries()) {
    const known = items.get(element);
    if (known === undefined) items.set(element, [list[index]]);
    else known.push(list[index]);
  }
  return items;
}

/** Items that share a step are one value without parts; a single one is an ordinary item. */
function itemChanges(
  before: readonly unknown[],
  after: readonly unknown[],
  schema: MergeSchema | undefined,
): FieldChanges | undefined {
  if (before.length < 2 && after.length < 2) return changesBetween(before[0], after[0], schema);
  if (before.length > 1 && after.length > 1) return leafChange(before, after);
  const isGone = before.length > 1;
  const [single] = isGone ? after : before;
  const changes = isGone
    ? changesBetween(undefined, single, schema)
    : changesBetween(single, undefined, schema);
  const ours = isGone ? REMOVED : ADDED;
  if (changes === undefined) return ours;
  return isGone ? { ...changes, removed: LEAF } : { ...changes, added: LEAF };
}
