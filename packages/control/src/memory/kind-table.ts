/**
 * All objects of one kind with their latest changes and the watches on them. Knows nothing of the rules for
 * writes: it stores what it is given and tells the watches, in one step.
 */
import type { ApiObject } from '@afflux/resources';
import type { NamedKind } from '../store/refusals.ts';
import type { Change, GroupVersionKind, ObjectKey, StoredKind } from '../store/resource-store.ts';
import { matchesFilter, type ObjectFilter } from '../store/selectors.ts';
import { ChangeHistory, type HistoryBounds, type RecordedChange } from './change-history.ts';
import { roughBytes } from './rough-bytes.ts';
import type { Watcher } from './watcher.ts';

function byNamespaceAndName(left: ApiObject, right: ApiObject): number {
  const a = left.metadata.namespace ?? '';
  const b = right.metadata.namespace ?? '';
  if (a !== b) return a < b ? -1 : 1;
  return left.metadata.name < right.metadata.name ? -1 : 1;
}

function named(definition: StoredKind, { apiVersion, kind }: GroupVersionKind): NamedKind {
  const { group, plural, namespaced, hasStatus, selectableFields } = definition;
  return {
    apiVersion,
    kind,
    group,
    plural,
    namespaced,
    hasStatus,
    selectableFields,
    /** Made on first use: a start would pay for every kind that is looked at. */
    get mergeSchema() {
      return definition.mergeSchema;
    },
  };
}

export class KindTable {
  /** What the registry said; another one means that the kind was defined anew. */
  readonly definition: StoredKind;
  readonly kind: NamedKind;
  readonly history: ChangeHistory;
  readonly watchers = new Set<Watcher>();
  readonly #objects = new Map<string, ApiObject>();

  /** Changes up to `version` are out of reach. */
  constructor(
    definition: StoredKind,
    name: GroupVersionKind,
    history: HistoryBounds & { readonly version: number },
  ) {
    this.definition = definition;
    this.kind = named(definition, name);
    this.history = new ChangeHistory(history, history.version);
  }

  /** Takes over the objects of the table that stood for the kind until now. */
  adopt(former: KindTable): void {
    for (const [id, object] of former.#objects) this.#objects.set(id, object);
  }

  get(key: ObjectKey): ApiObject | undefined {
    return this.#objects.get(this.#id(key));
  }

  list(filter: ObjectFilter): ApiObject[] {
    const items: ApiObject[] = [];
    for (const object of this.#objects.values()) {
      if (matchesFilter(object, filter)) items.push(object);
    }
    return items.sort(byNamespaceAndName);
  }

  /** Puts an object in its place that nobody is to be told of. */
  restore(object: ApiObject): void {
    this.#objects.set(this.#id(object.metadata), object);
  }

  /** Takes a change over and shows it to every watch. */
  commit(made: Omit<RecordedChange, 'bytes'>): void {
    const change = { ...made, bytes: roughBytes(made.object) };
    const id = this.#id(change.object.metadata);
    if (change.type === 'DELETED') this.#objects.delete(id);
    else this.#objects.set(id, change.object);
    this.history.append(change);
    for (const watcher of this.watchers) watcher.offer(change);
  }

  pushBookmark(bookmark: Change): void {
    for (const watcher of this.watchers) watcher.push(bookmark);
  }

  /** Nothing more will be seen of the kind as it was. */
  endWatches(): void {
    for (const watcher of [...this.watchers]) watcher.end();
  }

  #id({ namespace, name }: ObjectKey): string {
    return this.kind.namespaced ? `${namespace ?? ''}/${name}` : name;
  }
}
