/**
 * All objects of one kind with their latest changes and the watches on them. Knows nothing of the rules for
 * writes: it stores what it is given and tells the watches, in one step.
 */
import type { ApiObject } from '@afflux/resources';
import { matchesLabels } from '../store/keys.ts';
import type { NamedKind } from '../store/refusals.ts';
import type { Change, ListOptions, ObjectKey } from '../store/resource-store.ts';
import { ChangeHistory, type RecordedChange } from './change-history.ts';
import type { Watcher } from './watcher.ts';

function byNamespaceAndName(left: ApiObject, right: ApiObject): number {
  const a = left.metadata.namespace ?? '';
  const b = right.metadata.namespace ?? '';
  if (a !== b) return a < b ? -1 : 1;
  return left.metadata.name < right.metadata.name ? -1 : 1;
}

export class KindTable {
  readonly kind: NamedKind;
  readonly history: ChangeHistory;
  readonly watchers = new Set<Watcher>();
  readonly #objects = new Map<string, ApiObject>();

  constructor(kind: NamedKind, historyMax: number) {
    this.kind = kind;
    this.history = new ChangeHistory(historyMax);
  }

  get(key: ObjectKey): ApiObject | undefined {
    return this.#objects.get(this.#id(key));
  }

  list(options: Pick<ListOptions, 'namespace' | 'labelSelector'>): ApiObject[] {
    const items: ApiObject[] = [];
    for (const object of this.#objects.values()) {
      const isInside =
        options.namespace === undefined || options.namespace === object.metadata.namespace;
      if (isInside && matchesLabels(object, options.labelSelector)) items.push(object);
    }
    return items.sort(byNamespaceAndName);
  }

  /** Takes a change over and shows it to every watch. */
  commit(change: RecordedChange): void {
    const id = this.#id(change.object.metadata);
    if (change.type === 'DELETED') this.#objects.delete(id);
    else this.#objects.set(id, change.object);
    this.history.append(change);
    for (const watcher of this.watchers) watcher.offer(change);
  }

  pushBookmark(bookmark: Change): void {
    for (const watcher of this.watchers) watcher.push(bookmark);
  }

  #id({ namespace, name }: ObjectKey): string {
    return this.kind.namespaced ? `${namespace ?? ''}/${name}` : name;
  }
}
