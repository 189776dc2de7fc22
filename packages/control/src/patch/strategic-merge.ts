/**
 * Kubernetes' strategic merge patch: a merge patch in which lists merge item by item where the schema says so, and
 * in which directives say what a value alone cannot.
 *
 * - `$patch: replace` takes the object of the patch as it is, `$patch: delete` empties it (in a list: removes the
 *   item with that key, or with `replace` all that the patch does not name).
 * - `$deleteFromPrimitiveList/<field>` removes these values from a list of texts or numbers.
 * - `$setElementOrder/<field>` says in which order the items are to be.
 * - `$retainKeys` removes the fields that it does not name.
 *
 * Works on private copies. What is no patch is a BadRequest with the words of kube-apiserver.
 */
import { isRecord } from '@afflux/resources';
import { mutableCopy } from '../store/json.ts';
import type { MergeSchema } from '../store/resource-store.ts';
import { fieldSchema, objectSchema } from './field-rules.ts';
import { badPatch, type MutableRecord } from './strategic-directives.ts';
import { deleteFrom, listMergeKey, mergeList, reorderList } from './strategic-lists.ts';

const PATCH = '$patch';
const RETAIN_KEYS = '$retainKeys';
const DELETE_FROM = '$deleteFromPrimitiveList';
const SET_ORDER = '$setElementOrder';

/** Applies a strategic merge patch to a whole object of a kind with that schema. The document is not changed. */
export function strategicMergePatch(
  document: unknown,
  patch: unknown,
  schema: MergeSchema | undefined,
): unknown {
  const change: unknown = mutableCopy(patch);
  if (!isRecord(change)) throw badPatch('invalid JSON document');
  const target: unknown = mutableCopy(document);
  return mergeObject(isRecord(target) ? target : {}, change, objectSchema(schema));
}

/** Merges `patch` into `target` and returns what becomes of it. Both may be changed. */
function mergeObject(
  target: MutableRecord,
  patch: MutableRecord,
  schema: MergeSchema | undefined,
): MutableRecord {
  if (Object.hasOwn(patch, PATCH)) return replaceObject(patch);
  retainKeys(target, patch);
  reorderLists(target, patch, schema);
  for (const [key, change] of Object.entries(patch)) {
    const shrunk = directiveField(key, DELETE_FROM);
    if (shrunk === undefined) mergeField(target, key, change, fieldSchema(schema, key));
    else if (change === null) remove(target, shrunk);
    else if (Object.hasOwn(target, shrunk)) target[shrunk] = deleteFrom(target[shrunk], change);
  }
  return target;
}

function own(record: MutableRecord, key: string): unknown {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

function remove(target: MutableRecord, key: string): void {
  // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
  delete target[key];
}

function replaceObject({ [PATCH]: directive, ...rest }: MutableRecord): MutableRecord {
  if (directive === 'replace') return rest;
  if (directive === 'delete') return {};
  throw badPatch(`unknown patch type: ${String(directive)} in map: ${JSON.stringify(rest)}`);
}

/** The field that a directive with a field is about: `$setElementOrder/ports`; undefined for another key. */
function directiveField(key: string, directive: string): string | undefined {
  if (!key.startsWith(directive)) return undefined;
  const slash = key.indexOf('/');
  if (slash === directive.length) return key.slice(slash + 1);
  const what = directive === DELETE_FROM ? 'primitive list' : 'setElementOrder list';
  throw badPatch(`invalid patch format of ${what}`);
}

function retainKeys(target: MutableRecord, patch: MutableRecord): void {
  if (!Object.hasOwn(patch, RETAIN_KEYS)) return;
  const retained = patch[RETAIN_KEYS];
  remove(patch, RETAIN_KEYS);
  if (!Array.isArray(retained)) throw badPatch('invalid patch format of retainKeys');
  const names = new Set<unknown>(retained);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null || key.startsWith(DELETE_FROM) || key.startsWith(SET_ORDER)) continue;
    if (!names.has(key)) throw badPatch('invalid patch format of retainKeys');
  }
  for (const key of Object.keys(target)) if (!names.has(key)) remove(target, key);
}

/** Lists with an order of their own are merged here and taken out of the patch. */
function reorderLists(
  target: MutableRecord,
  patch: MutableRecord,
  schema: MergeSchema | undefined,
): void {
  for (const [key, order] of Object.entries(patch)) {
    const field = directiveField(key, SET_ORDER);
    if (field === undefined) continue;
    remove(patch, key);
    const child = fieldSchema(schema, field);
    const merged = reorderList(own(target, field), own(patch, field), order, child, mergeObject);
    if (merged === undefined) continue;
    target[field] = merged;
    remove(patch, field);
  }
}

function mergeField(
  target: MutableRecord,
  key: string,
  change: unknown,
  schema: MergeSchema | undefined,
): void {
  if (change === null) {
    remove(target, key);
    return;
  }
  const present = own(target, key);
  if (isRecord(present) && isRecord(change)) {
    const isReplaced = schema?.['x-kubernetes-patch-strategy'] === 'replace';
    target[key] = isReplaced ? change : mergeObject({ ...present }, { ...change }, schema);
    return;
  }
  if (Array.isArray(present) && Array.isArray(change)) {
    const mergeKey = listMergeKey(schema);
    target[key] =
      mergeKey === undefined ? change : mergeList(present, change, mergeKey, schema, mergeObject);
    return;
  }
  const value = withoutDirectives(withoutNulls(change));
  if (value === undefined) remove(target, key);
  else target[key] = value;
}

/** What is added has no fields to remove: nulls in it say nothing. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isRecord(value)) return value;
  const entries = Object.entries(value).filter(([, item]) => item !== null);
  return Object.fromEntries(entries.map(([key, item]) => [key, withoutNulls(item)]));
}

/** What is added without the objects that only carry a directive; undefined when it is one itself. */
function withoutDirectives(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(withoutDirectives).filter((item) => item !== undefined);
  }
  if (!isRecord(value)) return value;
  if (Object.hasOwn(value, PATCH)) return undefined;
  const entries = Object.entries(value).map(([key, item]) => [key, withoutDirectives(item)]);
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
}
