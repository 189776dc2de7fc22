/**
 * How lists merge in a strategic merge patch. Items of the patch replace or extend those of the document, matched
 * by one key or, for texts and numbers, by value. The result is ordered: items of the patch as in the patch, the
 * others as in the document, and between the two the document decides where it knows both.
 */
import { isRecord } from '@afflux/resources';
import type { MergeSchema } from '../store/resource-store.ts';
import { badPatch, type MergeObject, type MutableRecord } from './strategic-directives.ts';

const PATCH = '$patch';

type List = readonly unknown[];

/**
 * What the items of a list merge by: a field, or '' for their value; undefined for lists that are replaced. Without
 * a strategy in the schema a list that is a map merges by its first key.
 */
export function listMergeKey(schema: MergeSchema | undefined): string | undefined {
  const strategies = schema?.['x-kubernetes-patch-strategy']?.split(',');
  const type = schema?.['x-kubernetes-list-type'];
  const isMerged = strategies?.includes('merge') ?? (type === 'map' || type === 'set');
  if (!isMerged) return undefined;
  const key = schema?.['x-kubernetes-patch-merge-key'];
  return key ?? schema?.['x-kubernetes-list-map-keys']?.[0] ?? '';
}

function asList(value: unknown): List {
  if (!Array.isArray(value)) throw badPatch(`expected a list, but received a ${typeof value}`);
  return value as List;
}

function recordsOnly(list: List): MutableRecord[] {
  return list.map((item) => {
    if (!isRecord(item)) throw badPatch(`expected a map, but received a ${typeof item}`);
    return item;
  });
}

/** By what an item is known: the value of its key, or itself. */
function identityOf(item: unknown, mergeKey: string): unknown {
  if (mergeKey === '') return item;
  const [record = {}] = recordsOnly([item]);
  if (!Object.hasOwn(record, mergeKey)) {
    throw badPatch(
      `map: ${JSON.stringify(record)} does not contain declared merge key: ${mergeKey}`,
    );
  }
  return record[mergeKey];
}

/** One kind of item only, and no lists in the list. */
function checkItems(list: List): void {
  if (list.some((item) => Array.isArray(item))) throw badPatch('lists of lists are not supported');
  const types = new Set(list.map((item) => (item === null ? 'null' : typeof item)));
  if (types.size > 1) {
    throw badPatch(`list element types are not identical: ${JSON.stringify(list)}`);
  }
}

/** Merges the items of the patch into those of the document. */
export function mergeList(
  present: List,
  change: List,
  mergeKey: string,
  schema: MergeSchema | undefined,
  mergeObject: MergeObject,
): List {
  if (present.length === 0 && change.length === 0) return present;
  checkItems([...present, ...change]);
  const first = present[0] ?? change[0];
  if (!isRecord(first)) return ordered([...new Set([...present, ...change])], change, present, '');
  if (mergeKey === '') throw badPatch('cannot merge lists without merge key');
  const { kept, additions } = obeyDirectives(recordsOnly(present), recordsOnly(change), mergeKey);
  const merged: unknown[] = [...kept];
  for (const item of additions) {
    const id = identityOf(item, mergeKey);
    const index = merged.findIndex((other) => identityOf(other, mergeKey) === id);
    const known = merged[index];
    if (isRecord(known)) merged[index] = mergeObject({ ...known }, { ...item }, schema?.items);
    else merged.push(item);
  }
  return ordered(merged, additions, kept, mergeKey);
}

interface Obeyed {
  readonly kept: readonly MutableRecord[];
  readonly additions: readonly MutableRecord[];
}

/** Items with `$patch` delete others, or say that the list is to be replaced. */
function obeyDirectives(
  present: readonly MutableRecord[],
  change: readonly MutableRecord[],
  mergeKey: string,
): Obeyed {
  let kept = present;
  let isReplaced = false;
  const additions: MutableRecord[] = [];
  for (const item of change) {
    if (!Object.hasOwn(item, PATCH)) {
      additions.push(item);
      continue;
    }
    const directive = item[PATCH];
    if (directive === 'replace') isReplaced = true;
    else if (directive === 'merge') {
      throw badPatch('merging lists cannot yet be specified in the patch');
    } else if (directive === 'delete') {
      const id = identityOf(item, mergeKey);
      kept = kept.filter((other) => other[mergeKey] !== id);
    } else {
      throw badPatch(`unknown patch type: ${String(directive)} in map: ${JSON.stringify(item)}`);
    }
  }
  return isReplaced ? { kept: additions, additions: [] } : { kept, additions };
}

/** Items of the patch in its order, the others in the order of the document. */
function ordered(merged: List, patchOrder: List, liveOrder: List, mergeKey: string): List {
  const place = (list: List): Map<unknown, number> =>
    new Map(list.map((item, index) => [identityOf(item, mergeKey), index]));
  const inPatch = place(patchOrder);
  const inLive = place(liveOrder);
  const sorted = (items: List, places: ReadonlyMap<unknown, number>): List => {
    const rank = (item: unknown): number => places.get(identityOf(item, mergeKey)) ?? -1;
    return [...items].sort((left, right) => rank(left) - rank(right));
  };
  const isPatched = (item: unknown): boolean => inPatch.has(identityOf(item, mergeKey));
  const patched = sorted(merged.filter(isPatched), inPatch);
  const others = sorted(
    merged.filter((item) => !isPatched(item)),
    inLive,
  );
  const all: unknown[] = [];
  let next = 0;
  for (const item of others) {
    const at = inLive.get(identityOf(item, mergeKey)) ?? Infinity;
    const isBefore = (other: unknown): boolean =>
      at < (inLive.get(identityOf(other, mergeKey)) ?? -1);
    while (next < patched.length && !isBefore(patched[next])) all.push(patched[next++]);
    all.push(item);
  }
  return [...all, ...patched.slice(next)];
}

/** The values of the list that are not to be deleted; what is no list is left alone. */
export function deleteFrom(present: unknown, values: unknown): unknown {
  if (!Array.isArray(values)) throw badPatch('invalid patch format of primitive list');
  if (!Array.isArray(present)) return present;
  const gone = new Set<unknown>(values);
  return present.filter((item) => !gone.has(item));
}

/** The merged list in the order that the patch asks for; undefined when there is nothing to put in order. */
export function reorderList(
  present: unknown,
  change: unknown,
  order: unknown,
  schema: MergeSchema | undefined,
  mergeObject: MergeObject,
): List | undefined {
  const mergeKey = listMergeKey(schema) ?? '';
  const wanted = asList(order);
  if (present === undefined && change === undefined) return undefined;
  const additions = change === undefined ? [] : asList(change);
  checkOrder(additions, wanted, mergeKey);
  const live = present === undefined ? [] : asList(present);
  const isMerged = listMergeKey(schema) !== undefined;
  const merged =
    isMerged || change === undefined
      ? mergeList(live, additions, mergeKey, schema, mergeObject)
      : additions;
  return merged.length === 0 ? merged : ordered(merged, wanted, live, mergeKey);
}

/** The items of the patch must be among those of the order, in that order. */
function checkOrder(additions: List, order: List, mergeKey: string): void {
  if (additions.length === 0 || order.length === 0) return;
  let next = 0;
  const items = additions.filter((item) => !isRecord(item) || !Object.hasOwn(item, PATCH));
  for (const place of order) {
    if (next === items.length) return;
    if (identityOf(items[next], mergeKey) === identityOf(place, mergeKey)) next += 1;
  }
  if (next === items.length) return;
  throw badPatch(
    `The order in patch list:\n${JSON.stringify(additions)}\n doesn't match $setElementOrder list:\n${JSON.stringify(order)}\n`,
  );
}
