/**
 * The tables of a store, one per kind, made when a kind is first used. Kinds may come, change and go while the
 * store lives (a user's CustomResourceDefinition): a table whose kind was defined anew is made anew with the
 * objects it has, and one whose kind is gone ends its watches.
 */
import { kindId } from '../store/keys.ts';
import { kindUnknown } from '../store/refusals.ts';
import type { Change, GroupVersionKind, KindSource } from '../store/resource-store.ts';
import { KindTable } from './kind-table.ts';

export interface KindTablesOptions {
  readonly registry: KindSource;
  /** Changes per kind that a watch can go back to. */
  readonly historyMax: number;
  /** About how much memory their objects may take. */
  readonly historyBytesMax: number;
  /** The present; a new table knows nothing of what was before. */
  readonly version: () => number;
}

export class KindTables {
  readonly #options: KindTablesOptions;
  readonly #tables = new Map<string, KindTable>();
  /** Where the history of all kinds begins. */
  #firstVersion = 0;

  constructor(options: KindTablesOptions) {
    this.#options = options;
  }

  /** Everything up to here happened in an earlier life of the store. */
  beginAt(version: number): void {
    this.#firstVersion = version;
  }

  /** Throws NotFound for a kind that is not served (any more). */
  get(kind: GroupVersionKind): KindTable {
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

  #drop(id: string, table: KindTable): void {
    this.#tables.delete(id);
    for (const watcher of [...table.watchers]) watcher.end();
  }
}
