/**
 * The tables of a store, one per kind, made when a kind is first used. Kinds may come, change and go while the
 * store lives (a user's CustomResourceDefinition): a table whose kind was defined anew is made anew with the
 * objects it has, and one whose kind is gone ends its watches. Where the source counts its changes, that is noticed at
 * whatever happens next in the store; where it does not, when the kind is next asked for.
 */
import { kindId } from '../store/keys.ts';
import { kindUnknown } from '../store/refusals.ts';
import type { Change, GroupVersionKind, KindSource, StoredKind } from '../store/resource-store.ts';
import { KindTable } from './kind-table.ts';

/** The kinds of a store, and what more their source may tell; a `KindRegistry` tells all of it. */
export interface StoredKinds extends KindSource {
  /** Another number after every change. */
  readonly generation?: number;
  /** All groups and versions of a name. */
  byKind?(kind: string): readonly Pick<StoredKind, 'group'>[];
}

export interface KindTablesOptions {
  readonly registry: StoredKinds;
  /** Changes per kind that a watch can go back to. */
  readonly historyMax: number;
  /** About how much memory their objects may take. */
  readonly historyBytesMax: number;
  /** The present; a new table knows nothing of what was before. */
  readonly version: () => number;
  /** Told after kinds came, changed or went. */
  readonly onKindsChanged: () => void;
}

export class KindTables {
  readonly #options: KindTablesOptions;
  readonly #tables = new Map<string, KindTable>();
  #generation: number | undefined;
  /** Where the history of all kinds begins. */
  #firstVersion = 0;

  constructor(options: KindTablesOptions) {
    this.#options = options;
    this.#generation = options.registry.generation;
  }

  /** Everything up to here happened in an earlier life of the store. */
  beginAt(version: number): void {
    this.#firstVersion = version;
  }

  /** Throws NotFound for a kind that is not served (any more). */
  get(kind: GroupVersionKind): KindTable {
    this.#noticeChanges();
    const id = kindId(kind);
    const known = this.#tables.get(id);
    const definition = this.#options.registry.get(kind.apiVersion, kind.kind);
    if (known !== undefined && known.definition === definition) return known;
    if (known !== undefined) this.#drop(id, known);
    if (definition === undefined) throw kindUnknown(kind);
    const table = new KindTable(definition, kind, {
      lengthMax: this.#options.historyMax,
      bytesMax: this.#options.historyBytesMax,
      version: known === undefined ? this.#firstVersion : this.#options.version(),
    });
    if (known !== undefined) table.adopt(known);
    this.#tables.set(id, table);
    return table;
  }

  pushBookmark(bookmark: Change): void {
    for (const table of this.#tables.values()) table.pushBookmark(bookmark);
  }

  #noticeChanges(): void {
    const { registry, onKindsChanged } = this.#options;
    if (registry.generation === this.#generation) return;
    this.#generation = registry.generation;
    for (const table of this.#tables.values()) {
      const { apiVersion, kind } = table.kind;
      if (registry.get(apiVersion, kind) === undefined) table.endWatches();
    }
    onKindsChanged();
  }

  #drop(id: string, table: KindTable): void {
    this.#tables.delete(id);
    table.endWatches();
  }
}
