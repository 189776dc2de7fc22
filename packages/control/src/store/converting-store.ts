/**
 * A store in which a kind that is served in several versions is one set of objects: each is kept in one version and
 * shown in the version that is asked for. Conversion is Kubernetes' `None`: the versions have the same fields, and
 * nothing but `apiVersion` changes. A few of ours are converted: fields at the top have other names (Events of
 * Kubernetes), or functions say what becomes of them. Such objects are checked as they were written before they are
 * converted; who owns which field (`managedFields`) is told in the names of the version that is kept.
 *
 * Everything else is the business of the store below. A kind of one version passes through untouched.
 */
import {
  isRecord,
  renameFields,
  type ApiObject,
  type Conversion,
  type FieldNames,
  type JsonRecord,
} from '@afflux/resources';
import { isConflict, isInvalid, isNotFound } from '../errors.ts';
import { applyPatch } from '../patch/apply-patch.ts';
import { keepPlace } from '../patch/keep-place.ts';
import { inverse, renamePatch, renameSelector } from './renamed-fields.ts';
import { freezeOver } from './json.ts';
import { refusalInVersion } from './refusal-in-version.ts';
import { badRequest } from './refusals.ts';
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
  /** Fields at the top with another name there: from the name here to the stored one. */
  readonly fields?: FieldNames | undefined;
  readonly conversion?: Conversion | undefined;
  /** Whether status is written apart from the rest. */
  readonly hasStatus?: boolean | undefined;
  /** Fields that selectors may name, as they are called here; others are the store's to refuse under their name. */
  readonly selectable?: readonly string[] | undefined;
}

/** The form in which objects of a kind are kept; undefined where that is its own. */
export type StoredAs = (kind: GroupVersionKind) => StoredForm | undefined;

/** A patch of an object that others write all the time is tried so often; of those who try at once, one succeeds. */
const PATCH_TRIES_MAX = 1_000;

/** An object in another version, and what made it so. */
interface Shown {
  readonly object: ApiObject;
  readonly conversion: Conversion | undefined;
}

export class ConvertingStore implements ResourceStore {
  readonly #store: ResourceStore;
  readonly #storedAs: StoredAs;
  readonly #admission: Admission | undefined;
  /** Objects in another version, so that the same object is shown as the same. */
  readonly #shown = new WeakMap<ApiObject, Map<string, Shown>>();

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
    const writing = warningOnce(options);
    const kept = this.#keep(object, undefined, writing);
    return this.#show(object, await this.#told(object, this.#store.create(kept, writing)));
  }

  async update<T extends ApiObject>(object: T, options?: WriteOptions): Promise<T> {
    const writing = warningOnce(options);
    const kept = await this.#keepUpdate(object, writing);
    return this.#show(object, await this.#told(object, this.#store.update(kept, writing)));
  }

  async updateStatus<T extends ApiObject>(object: T, options?: WriteOptions): Promise<T> {
    const writing = warningOnce(options);
    const kept = await this.#keepUpdate(object, writing, 'status');
    return this.#show(object, await this.#told(object, this.#store.updateStatus(kept, writing)));
  }

  async patch(
    kind: GroupVersionKind,
    key: ObjectKey,
    patch: Patch,
    options?: PatchOptions,
  ): Promise<ApiObject> {
    const form = this.#storedAs(kind);
    const writing = warningOnce(options);
    if (form?.conversion !== undefined && (patch.type === 'merge' || patch.type === 'json')) {
      return await this.#patchShown(kind, key, patch, writing);
    }
    const kept = this.#keepPatch(kind, patch);
    if (isConverted(form)) await this.#tryPatch(kind, key, { patch, kept }, writing);
    const patching = this.#store.patch(this.#stored(kind), key, kept, writing);
    return this.#show(kind, await this.#told(kind, patching));
  }

  /** What the store refuses is said in the version that was asked for. */
  async #told<T>(kind: GroupVersionKind, answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      const form = this.#storedAs(kind);
      if (form?.conversion === undefined) throw error;
      throw refusalInVersion(error, form.apiVersion, kind.apiVersion);
    }
  }

  /** The patch is made of what is shown, and that is written; again when it was changed meanwhile. */
  async #patchShown(
    kind: GroupVersionKind,
    key: ObjectKey,
    patch: Extract<Patch, { readonly type: 'merge' | 'json' }>,
    options: PatchOptions = {},
  ): Promise<ApiObject> {
    const { subresource, ...writing } = options;
    for (let tries = 1; ; tries += 1) {
      const old = await this.get(kind, key, writing);
      const patched = patchedObject(old, patch);
      try {
        return subresource === 'status'
          ? await this.updateStatus(patched, writing)
          : await this.update(patched, writing);
      } catch (error) {
        const isTheirs = patched.metadata.resourceVersion !== old.metadata.resourceVersion;
        if (!isConflict(error) || isTheirs || tries === PATCH_TRIES_MAX) throw error;
      }
    }
  }

  /** What the patch makes of an object is checked as it would be written in this version. */
  async #tryPatch(
    kind: GroupVersionKind,
    key: ObjectKey,
    { patch, kept }: { readonly patch: Patch; readonly kept: Patch },
    options: PatchOptions = {},
  ): Promise<void> {
    const old = await this.get(kind, key, options).catch(undefinedIfNotFound);
    const { subresource } = options;
    const dryRun = { ...options, dryRun: true };
    const trying = this.#store.patch(this.#stored(kind), key, kept, dryRun);
    const result = await this.#told(kind, trying);
    if (patch.type === 'apply') this.#checkPart(kind, key, patch.body, options);
    this.#keep(this.#show(kind, result), old, options, subresource);
  }

  /** Of a part that is applied, whether its fields are known: what is shown of the whole has no others. */
  #checkPart(
    { apiVersion, kind }: GroupVersionKind,
    key: ObjectKey,
    body: unknown,
    options: WriteOptions,
  ): void {
    const fields = isRecord(body) ? body : {};
    const metadata = { ...(isRecord(fields['metadata']) ? fields['metadata'] : {}), ...key };
    const part = { ...fields, apiVersion, kind, metadata } as ApiObject;
    try {
      this.#keep(part, undefined, options);
    } catch (error) {
      // The rules are for the whole.
      if (!isInvalid(error)) throw error;
    }
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

  /** Checked against what is there now; where nothing is, the store says so. */
  async #keepUpdate<T extends ApiObject>(
    object: T,
    options: WriteOptions | undefined,
    subresource?: 'status',
  ): Promise<T> {
    const form = this.#storedAs(object);
    if (!isConverted(form)) return this.#keep(object, undefined, options, subresource);
    const old = await this.get(object, object.metadata, options).catch(undefinedIfNotFound);
    return old === undefined ? keptIn(form, object) : this.#keep(object, old, options, subresource);
  }

  #keep<T extends ApiObject>(
    object: T,
    old: ApiObject | undefined,
    options: WriteOptions = {},
    subresource?: 'status',
  ): T {
    const form = this.#storedAs(object);
    if (form === undefined) return object;
    const { fieldManager, fieldValidation, onWarning } = options;
    const isInside = subresource === 'status' && fieldValidation === undefined;
    if (!isConverted(form) || this.#admission === undefined || isInside) {
      return keptIn(form, object);
    }
    const operation = old === undefined ? 'create' : 'update';
    const request = { operation, fieldManager, subresource, fieldValidation, onWarning } as const;
    const written = writtenPart(form, object, old, subresource);
    const admitted = this.#admission(structuredClone(written), old, request);
    const kept = subresource === 'status' ? withStatus(object, admitted) : admitted;
    return keptIn(form, kept) as T;
  }

  /** A patch that names the version it was made for names the stored one; one that names another stays wrong. */
  #keepPatch(kind: GroupVersionKind, patch: Patch): Patch {
    const form = this.#storedAs(kind);
    const { body } = patch;
    if (form === undefined || typeof body !== 'object' || body === null) return patch;
    const { apiVersion, fields, conversion } = form;
    const renamed =
      fields === undefined ? converted(patch, conversion) : renamePatch(patch, fields);
    if ((body as { apiVersion?: unknown }).apiVersion !== kind.apiVersion) return renamed;
    return { ...renamed, body: { ...(renamed.body as object), apiVersion } };
  }

  #show<T extends ApiObject>(kind: GroupVersionKind, object: T): T {
    const { apiVersion } = kind;
    if (object.apiVersion === apiVersion) return object;
    const form = this.#storedAs(kind);
    const versions = this.#shown.get(object) ?? new Map<string, Shown>();
    this.#shown.set(object, versions);
    const known = versions.get(apiVersion);
    // A kind that was defined anew shows the same object otherwise.
    if (known !== undefined && known.conversion === form?.conversion) return known.object as T;
    const named = { ...shownIn(form, object), apiVersion };
    // Below its fields it is the object that is kept, unless a function made it.
    const shown =
      form?.conversion === undefined ? Object.freeze(named) : freezeOver(named, object).value;
    versions.set(apiVersion, { object: shown, conversion: form?.conversion });
    return shown as T;
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

function isConverted(form: StoredForm | undefined): form is StoredForm {
  return form?.fields !== undefined || form?.conversion !== undefined;
}

function keptIn<T extends ApiObject>({ apiVersion, fields, conversion }: StoredForm, object: T): T {
  const named = fields === undefined ? object : renameFields(object, fields);
  const kept = conversion === undefined ? named : conversion.keep(named as unknown as JsonRecord);
  return { ...kept, apiVersion } as T;
}

function shownIn(form: StoredForm | undefined, object: ApiObject): ApiObject {
  const { fields, conversion } = form ?? {};
  const named = fields === undefined ? object : renameFields(object, inverse(fields));
  return conversion === undefined ? named : conversion.show(named);
}

/** Where status is written apart, the rest is checked with the one that is there, and the other way round. */
function writtenPart(
  { hasStatus }: StoredForm,
  object: ApiObject,
  old: ApiObject | undefined,
  subresource: 'status' | undefined,
): ApiObject {
  if (subresource === 'status') return withStatus(old ?? object, object);
  return hasStatus === true ? withStatus(object, old) : object;
}

function withStatus(object: ApiObject, other: ApiObject | undefined): ApiObject {
  const { status: _own, ...rest } = object;
  return other?.status === undefined ? rest : { ...rest, status: other.status };
}

/** Both the check in this version and the store may see the same. */
function warningOnce<O extends WriteOptions | undefined>(options: O): O {
  const { onWarning } = options ?? {};
  if (options === undefined || onWarning === undefined) return options;
  const told = new Set<string>();
  const once = (text: string): void => {
    if (told.has(text)) return;
    told.add(text);
    onWarning(text);
  };
  return { ...options, onWarning: once };
}

/** Of server-side apply, the part that is wanted. */
function converted(patch: Patch, conversion: Conversion | undefined): Patch {
  const { body } = patch;
  const isPart = patch.type === 'apply' && typeof body === 'object' && body !== null;
  if (conversion === undefined || !isPart) return patch;
  return { ...patch, body: conversion.keep(body as JsonRecord) };
}

function patchedObject(
  old: ApiObject,
  patch: Extract<Patch, { readonly type: 'merge' | 'json' }>,
): ApiObject {
  const patched = applyPatch(old, patch);
  if (!isRecord(patched) || !isRecord(patched['metadata'])) {
    throw badRequest('a patch must leave an object with metadata');
  }
  const object = { ...patched, metadata: { ...patched['metadata'] } } as unknown as ApiObject;
  const namespaced = old.metadata.namespace !== undefined;
  keepPlace(object, { apiVersion: old.apiVersion, kind: old.kind, namespaced }, old.metadata);
  return object;
}

function undefinedIfNotFound(error: unknown): undefined {
  if (!isNotFound(error)) throw error;
}
