/**
 * A store in which a kind that is served in several versions is one set of objects: each is kept in one version and
 * shown in the version that is asked for. Conversion is Kubernetes' `None`: the versions have the same fields, and
 * nothing but `apiVersion` changes.
 *
 * Everything else is the business of the store below. A kind of one version passes through untouched.
 */
import type { ApiObject } from '@afflux/resources';
import type {
  CallOptions,
  Change,
  DeleteOptions,
  GroupVersionKind,
  ListOptions,
  ObjectKey,
  ObjectList,
  Patch,
  PatchOptions,
  ResourceStore,
  WatchOptions,
  WriteOptions,
} from './resource-store.ts';

/** The apiVersion in which objects of a kind are kept; undefined where that is its own. */
export type StoredAs = (kind: GroupVersionKind) => string | undefined;

export class ConvertingStore implements ResourceStore {
  readonly #store: ResourceStore;
  readonly #storedAs: StoredAs;
  /** Objects in another version, so that the same object is shown as the same. */
  readonly #shown = new WeakMap<ApiObject, Map<string, ApiObject>>();

  constructor(store: ResourceStore, storedAs: StoredAs) {
    this.#store = store;
    this.#storedAs = storedAs;
  }

  async get(kind: GroupVersionKind, key: ObjectKey, options?: CallOptions): Promise<ApiObject> {
    return this.#show(kind, await this.#store.get(this.#stored(kind), key, options));
  }

  async list(kind: GroupVersionKind, options?: ListOptions): Promise<ObjectList> {
    const stored = this.#stored(kind);
    const list = await this.#store.list(stored, options);
    if (stored === kind) return list;
    return { ...list, items: list.items.map((object) => this.#show(kind, object)) };
  }

  watch(kind: GroupVersionKind, options: WatchOptions): AsyncIterable<Change> {
    const stored = this.#stored(kind);
    const changes = this.#store.watch(stored, options);
    return stored === kind ? changes : this.#showAll(kind, changes);
  }

  async create<T extends ApiObject>(object: T, options?: WriteOptions): Promise<T> {
    return this.#show(object, await this.#store.create(this.#keep(object), options));
  }

  async update<T extends ApiObject>(object: T, options?: WriteOptions): Promise<T> {
    return this.#show(object, await this.#store.update(this.#keep(object), options));
  }

  async updateStatus<T extends ApiObject>(object: T, options?: WriteOptions): Promise<T> {
    return this.#show(object, await this.#store.updateStatus(this.#keep(object), options));
  }

  async patch(
    kind: GroupVersionKind,
    key: ObjectKey,
    patch: Patch,
    options?: PatchOptions,
  ): Promise<ApiObject> {
    const kept = this.#keepPatch(kind, patch);
    return this.#show(kind, await this.#store.patch(this.#stored(kind), key, kept, options));
  }

  async delete(
    kind: GroupVersionKind,
    key: ObjectKey,
    options?: DeleteOptions,
  ): Promise<ApiObject | undefined> {
    const left = await this.#store.delete(this.#stored(kind), key, options);
    return left === undefined ? undefined : this.#show(kind, left);
  }

  /** The kind itself where it is kept as it is. */
  #stored(kind: GroupVersionKind): GroupVersionKind {
    const apiVersion = this.#storedAs(kind);
    return apiVersion === undefined ? kind : { apiVersion, kind: kind.kind };
  }

  #keep<T extends ApiObject>(object: T): T {
    const apiVersion = this.#storedAs(object);
    return apiVersion === undefined ? object : { ...object, apiVersion };
  }

  /** A patch that names the version it was made for names the stored one; one that names another stays wrong. */
  #keepPatch(kind: GroupVersionKind, patch: Patch): Patch {
    const apiVersion = this.#storedAs(kind);
    const { body } = patch;
    if (apiVersion === undefined || typeof body !== 'object' || body === null) return patch;
    if ((body as { apiVersion?: unknown }).apiVersion !== kind.apiVersion) return patch;
    return { ...patch, body: { ...body, apiVersion } };
  }

  #show<T extends ApiObject>(kind: GroupVersionKind, object: T): T {
    const { apiVersion } = kind;
    if (object.apiVersion === apiVersion) return object;
    const versions = this.#shown.get(object) ?? new Map<string, ApiObject>();
    this.#shown.set(object, versions);
    const known = versions.get(apiVersion);
    if (known !== undefined) return known as T;
    const shown = Object.freeze({ ...object, apiVersion });
    versions.set(apiVersion, shown);
    return shown;
  }

  async *#showAll(
    kind: GroupVersionKind,
    changes: AsyncIterable<Change>,
  ): AsyncGenerator<Change, void> {
    for await (const change of changes) {
      yield change.type === 'BOOKMARK'
        ? change
        : { ...change, object: this.#show(kind, change.object) };
    }
  }
}
