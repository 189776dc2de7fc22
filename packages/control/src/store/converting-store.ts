/**
 * A store in which a kind that is served in several versions is one set of objects: each is kept in one version and
 * shown in the version that is asked for. Conversion is Kubernetes' `None`: the versions have the same fields, and
 * nothing but `apiVersion` changes. Only Kubernetes' own Events have other names for fields at the top in their other
 * version; who owns which field (`managedFields`) is told in the names of the version that is kept.
 *
 * Everything else is the business of the store below. A kind of one version passes through untouched.
 */
import type { ApiObject } from '@afflux/resources';
import { isNotFound } from '../errors.ts';
import {
  inverse,
  renameFields,
  renamePatch,
  renameSelector,
  type FieldNames,
} from './renamed-fields.ts';
import type {
  Admission,
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

/** How objects of a version are kept that is not the stored one. */
export interface StoredForm {
  readonly apiVersion: string;
  /** Fields at the top with another name there: from the name here to the stored one. Objects are checked first. */
  readonly fields?: FieldNames | undefined;
  /** Fields that selectors may name, as they are called here; others are the store's to refuse under their name. */
  readonly selectable?: readonly string[] | undefined;
}

/** The form in which objects of a kind are kept; undefined where that is its own. */
export type StoredAs = (kind: GroupVersionKind) => StoredForm | undefined;

export class ConvertingStore implements ResourceStore {
  readonly #store: ResourceStore;
  readonly #storedAs: StoredAs;
  readonly #admission: Admission | undefined;
  /** Objects in another version, so that the same object is shown as the same. */
  readonly #shown = new WeakMap<ApiObject, Map<string, ApiObject>>();

  /** `admission` checks objects whose fields are kept under other names, as they were written. */
  constructor(store: ResourceStore, storedAs: StoredAs, admission?: Admission) {
    this.#store = store;
    this.#storedAs = storedAs;
    this.#admission = admission;
  }

  async get(kind: GroupVersionKind, key: ObjectKey, options?: CallOptions): Promise<ApiObject> {
    return this.#show(kind, await this.#store.get(this.#stored(kind), key, options));
  }

  async list(kind: GroupVersionKind, options?: ListOptions): Promise<ObjectList> {
    const stored = this.#stored(kind);
    if (stored === kind) return this.#store.list(kind, options);
    const list = await this.#store.list(stored, this.#filter(kind, options));
    return { ...list, items: list.items.map((object) => this.#show(kind, object)) };
  }

  watch(kind: GroupVersionKind, options: WatchOptions): AsyncIterable<Change> {
    const stored = this.#stored(kind);
    if (stored === kind) return this.#store.watch(kind, options);
    return this.#showAll(kind, this.#store.watch(stored, this.#filter(kind, options)));
  }

  async create<T extends ApiObject>(object: T, options?: WriteOptions): Promise<T> {
    const kept = this.#keep(object, undefined, options);
    return this.#show(object, await this.#store.create(kept, options));
  }

  async update<T extends ApiObject>(object: T, options?: WriteOptions): Promise<T> {
    const isChecked = this.#storedAs(object)?.fields !== undefined;
    const old = isChecked ? await this.get(object, object.metadata, options) : undefined;
    const kept = this.#keep(object, old, options);
    return this.#show(object, await this.#store.update(kept, options));
  }

  async updateStatus<T extends ApiObject>(object: T, options?: WriteOptions): Promise<T> {
    const form = this.#storedAs(object);
    const kept = form === undefined ? object : keptIn(form, object);
    return this.#show(object, await this.#store.updateStatus(kept, options));
  }

  async patch(
    kind: GroupVersionKind,
    key: ObjectKey,
    patch: Patch,
    options?: PatchOptions,
  ): Promise<ApiObject> {
    const kept = this.#keepPatch(kind, patch);
    const stored = this.#stored(kind);
    if (this.#storedAs(kind)?.fields !== undefined) await this.#tryPatch(kind, key, kept, options);
    return this.#show(kind, await this.#store.patch(stored, key, kept, options));
  }

  /** What the patch makes of an object is checked as it would be written in this version. */
  async #tryPatch(
    kind: GroupVersionKind,
    key: ObjectKey,
    kept: Patch,
    options: PatchOptions | undefined,
  ): Promise<void> {
    const old = await this.get(kind, key, options).catch(undefinedIfNotFound);
    const dryRun = { ...options, dryRun: true, onWarning: undefined };
    const result = await this.#store.patch(this.#stored(kind), key, kept, dryRun);
    this.#keep(this.#show(kind, result), old, { ...options, onWarning: undefined });
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
    const form = this.#storedAs(kind);
    return form === undefined ? kind : { apiVersion: form.apiVersion, kind: kind.kind };
  }

  #filter<O extends ListOptions | undefined>(kind: GroupVersionKind, options: O): O {
    const { fields, selectable = [] } = this.#storedAs(kind) ?? {};
    if (fields === undefined || options?.fieldSelector === undefined) return options;
    return { ...options, fieldSelector: renameSelector(options.fieldSelector, fields, selectable) };
  }

  #keep<T extends ApiObject>(object: T, old: ApiObject | undefined, options: WriteOptions = {}): T {
    const form = this.#storedAs(object);
    if (form === undefined) return object;
    if (form.fields === undefined || this.#admission === undefined) return keptIn(form, object);
    const { fieldManager, fieldValidation, onWarning } = options;
    const operation = old === undefined ? 'create' : 'update';
    const request = { operation, fieldManager, fieldValidation, onWarning } as const;
    return keptIn(form, this.#admission(structuredClone(object), old, request) as T);
  }

  /** A patch that names the version it was made for names the stored one; one that names another stays wrong. */
  #keepPatch(kind: GroupVersionKind, patch: Patch): Patch {
    const form = this.#storedAs(kind);
    const { body } = patch;
    if (form === undefined || typeof body !== 'object' || body === null) return patch;
    const { apiVersion, fields } = form;
    const renamed = fields === undefined ? patch : renamePatch(patch, fields);
    if ((body as { apiVersion?: unknown }).apiVersion !== kind.apiVersion) return renamed;
    return { ...renamed, body: { ...(renamed.body as object), apiVersion } };
  }

  #show<T extends ApiObject>(kind: GroupVersionKind, object: T): T {
    const { apiVersion } = kind;
    if (object.apiVersion === apiVersion) return object;
    const versions = this.#shown.get(object) ?? new Map<string, ApiObject>();
    this.#shown.set(object, versions);
    const known = versions.get(apiVersion);
    if (known !== undefined) return known as T;
    const { fields } = this.#storedAs(kind) ?? {};
    const named = fields === undefined ? object : renameFields(object, inverse(fields));
    const shown = Object.freeze({ ...named, apiVersion });
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

function keptIn<T extends ApiObject>({ apiVersion, fields }: StoredForm, object: T): T {
  const named = fields === undefined ? object : renameFields(object, fields);
  return { ...named, apiVersion };
}

function undefinedIfNotFound(error: unknown): undefined {
  if (!isNotFound(error)) throw error;
}
