/**
 * Merges a partial object into a whole one: what the partial one mentions wins, nothing is removed. Subtrees that
 * do not change stay the same references.
 *
 * Items of lists that are sets or maps keep the order of the whole object where the partial one says nothing, and
 * take that of the partial one for the items it mentions.
 */
import { isRecord, type JsonRecord } from '@afflux/resources';
import { sameJson } from '../store/json.ts';
import type { MergeSchema } from '../store/resource-store.ts';
import { fieldSchema, isAtomicList, isAtomicRecord, itemElements } from './field-rules.ts';
import type { PathElement } from './path-element.ts';

/** `live` with what `intent` wants. Neither is changed. */
export function mergeIntent(
  live: unknown,
  intent: unknown,
  schema: MergeSchema | undefined,
): unknown {
  if (intent === undefined || live === intent) return live;
  // In a map of texts a null is the empty text, once the object is stored.
  if (intent === null && live === '') return live;
  if (isRecord(live) && !isAtomicRecord(schema)) {
    if (isRecord(intent)) return mergeRecords(live, intent, schema);
    if (intent === null && Object.keys(live).length > 0) return live;
  }
  if (Array.isArray(live) && !isAtomicList(schema)) {
    if (Array.isArray(intent)) return mergeLists(live, intent, schema);
    if (intent === null && live.length > 0) return live;
  }
  return live !== undefined && sameJson(live, intent) ? live : intent;
}

function mergeRecords(
  live: JsonRecord,
  intent: JsonRecord,
  schema: MergeSchema | undefined,
): JsonRecord {
  let merged: Record<string, unknown> | undefined;
  for (const name of Object.keys(intent)) {
    const before = Object.hasOwn(live, name) ? live[name] : undefined;
    const after = mergeIntent(before, intent[name], fieldSchema(schema, name));
    if (after === before) continue;
    merged ??= { ...live };
    merged[name] = after;
  }
  return merged ?? live;
}

function mergeLists(
  live: readonly unknown[],
  intent: readonly unknown[],
  schema: MergeSchema | undefined,
): unknown {
  const ours = itemElements(live, schema);
  const theirs = itemElements(intent, schema);
  if (typeof ours === 'string' || typeof theirs === 'string') return intent;
  const wanted = new Map(theirs.map((element, index) => [element, intent[index]]));
  const present = new Map<PathElement, unknown>();
  for (const [index, element] of ours.entries()) {
    // Items that share a step are replaced by the wanted one, not merged with it.
    present.set(element, present.has(element) ? undefined : live[index]);
  }
  const merged = mergedOrder(ours, theirs, wanted).map(({ element, index }) =>
    index === undefined
      ? mergeIntent(present.get(element), wanted.get(element), schema?.items)
      : live[index],
  );
  const isSame = merged.length === live.length && merged.every((item, at) => item === live[at]);
  return isSame ? live : merged;
}

/** An item of the merged list; `index` says which of the live list it is when nobody wants it. */
interface Slot {
  readonly element: PathElement;
  readonly index?: number;
}

/**
 * Walks both lists at once. Live items that the intent does not mention keep their places relative to their
 * neighbours; mentioned ones come in the order of the intent.
 */
function mergedOrder(
  ours: readonly PathElement[],
  theirs: readonly PathElement[],
  wanted: ReadonlyMap<PathElement, unknown>,
): Slot[] {
  const known = new Set(ours);
  const shared = theirs.filter((element) => known.has(element));
  const placed = new Set<PathElement>();
  const slots: Slot[] = [];
  let nextShared = 0;
  let our = 0;
  let their = 0;
  const place = (element: PathElement): void => {
    slots.push({ element });
    placed.add(element);
    their += 1;
    if (shared[nextShared] === element) nextShared += 1;
  };
  while (our < ours.length || their < theirs.length) {
    const mine = ours[our];
    const yours = theirs[their];
    if (mine !== undefined && !wanted.has(mine)) {
      slots.push({ element: mine, index: our });
      our += 1;
    } else if (mine !== undefined && mine === yours) {
      place(mine);
      our += 1;
    } else if (mine !== undefined && shared[nextShared] !== mine && nextShared < shared.length) {
      // Mentioned, but another one of the mentioned items comes first.
      our += 1;
    } else {
      if (mine !== undefined && placed.has(mine)) our += 1;
      if (yours !== undefined) place(yours);
    }
  }
  return slots;
}
