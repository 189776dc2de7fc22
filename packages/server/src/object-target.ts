/**
 * Writes what users give (manifest files, `apply`) into the store by server-side apply, and says what is wrong with
 * it. Fields that were given and no longer are go away, fields that others put there (defaults, subscribers,
 * finalizers, status) stay: the store remembers who set what, also over a restart.
 *
 * An object made from a file says so in an annotation. When it is in no file any more, it goes; an object that was
 * there before a file spoke of it only loses what the file had set.
 */
import {
  isAlreadyExists,
  isConflict,
  isNotFound,
  StoreError,
  type InformerSet,
  type ResourceStore,
} from '@afflux/control';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { decode, type ApiObject, type FieldProblem, type KindRegistry } from '@afflux/resources';
import type {
  ApplyResult,
  FileObject,
  ObjectReference,
  ObjectTarget,
} from './manifests/manifest-source.ts';

/** Attempts at a write that meets others' writes. */
const CONFLICT_RETRIES_MAX = 5;

/** Who `Afflux.apply` is. */
const APPLY_MANAGER = 'afflux-apply';
/** Who the manifest files are. */
const FILES_MANAGER = 'afflux-files';

/** On objects that a manifest file made: which one. */
const SOURCE_FILE = 'afflux.dev/source-file';

const NAMESPACE = { apiVersion: 'v1', kind: 'Namespace' } as const;

export class StoreTarget implements ObjectTarget {
  readonly #store: ResourceStore;
  readonly #registry: KindRegistry;
  readonly #informers: Pick<InformerSet, 'isIdle'> | undefined;

  /** `informers` are those that carry the settings to admission; absent: nobody follows settings here. */
  constructor(
    store: ResourceStore,
    registry: KindRegistry,
    informers?: Pick<InformerSet, 'isIdle'>,
  ) {
    this.#store = store;
    this.#registry = registry;
    this.#informers = informers;
  }

  async apply(value: unknown, file?: string): Promise<ApplyResult> {
    const decoded = decode(this.#registry, value);
    if (decoded.object === undefined) return refused(decoded.errors.entries());
    const object = this.#inNamespace(decoded.object);
    try {
      await this.#ensureNamespace(object.metadata.namespace);
      const written = await this.#write(object, file);
      if (written.kind === 'ConfigMap') await this.#settingsTaken();
      return { object: written, problems: [] };
    } catch (error) {
      if (error instanceof StoreError) return refused(problemsOf(error));
      throw error;
    }
  }

  /** Admission of the next object must see the settings that this one may have changed. */
  async #settingsTaken(): Promise<void> {
    if (this.#informers === undefined) return;
    do await nextTurn();
    while (!this.#informers.isIdle);
  }

  /** Removes an object, whoever made it. One that is gone already is no problem. */
  async remove(reference: ObjectReference): Promise<void> {
    try {
      await this.#store.delete(reference, this.#keyOf(reference));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  isSound(value: unknown): boolean {
    return decode(this.#registry, value).errors.isEmpty;
  }

  async release(reference: ObjectReference): Promise<void> {
    const object = await this.#find(reference);
    if (object === undefined) return;
    if (isFromFile(object)) {
      await this.remove(reference);
      return;
    }
    const { apiVersion, kind } = reference;
    const body = { apiVersion, kind, metadata: this.#keyOf(reference) };
    await this.#store.patch(
      reference,
      this.#keyOf(reference),
      { type: 'apply', body, force: true },
      { fieldManager: FILES_MANAGER },
    );
  }

  /** Every object that a file made. */
  async madeFromFiles(): Promise<readonly FileObject[]> {
    const found: FileObject[] = [];
    for (const { apiVersion, kind } of this.#registry.all()) {
      const { items } = await this.#store.list({ apiVersion, kind });
      for (const { metadata } of items.filter(isFromFile)) {
        const { namespace = 'default', name } = metadata;
        const file = metadata.annotations?.[SOURCE_FILE] ?? '';
        found.push({ reference: { apiVersion, kind, namespace, name }, file });
      }
    }
    return found;
  }

  async #write(object: ApiObject, file: string | undefined): Promise<ApiObject> {
    const { status: _status, ...intent } = object;
    for (let attempt = 1; ; attempt += 1) {
      const existing = file === undefined ? undefined : await this.#find(referenceOf(object));
      const isMadeHere = existing === undefined || isFromFile(existing);
      const body = file === undefined || !isMadeHere ? intent : fromFile(intent, file);
      try {
        return await this.#store.patch(
          object,
          object.metadata,
          { type: 'apply', body, force: true },
          { fieldManager: file === undefined ? APPLY_MANAGER : FILES_MANAGER },
        );
      } catch (error) {
        const metAnother = isConflict(error) || isAlreadyExists(error);
        if (!metAnother || attempt >= CONFLICT_RETRIES_MAX) throw error;
      }
    }
  }

  /** Namespaces are made when a manifest first speaks of them. */
  async #ensureNamespace(name: string | undefined): Promise<void> {
    if (name === undefined) return;
    const existing = await this.#find({ ...NAMESPACE, namespace: '', name });
    if (existing !== undefined) return;
    try {
      await this.#store.create<ApiObject>(
        { ...NAMESPACE, metadata: { name } },
        { fieldManager: APPLY_MANAGER },
      );
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  }

  async #find(reference: ObjectReference): Promise<ApiObject | undefined> {
    try {
      return await this.#store.get(reference, this.#keyOf(reference));
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  #keyOf(reference: ObjectReference): { readonly namespace?: string; readonly name: string } {
    const { apiVersion, kind, namespace, name } = reference;
    const isNamespaced = this.#registry.get(apiVersion, kind)?.namespaced ?? true;
    return isNamespaced ? { namespace, name } : { name };
  }

  /** Objects without a namespace go where kubectl would put them. */
  #inNamespace(object: ApiObject): ApiObject {
    const isNamespaced = this.#registry.get(object.apiVersion, object.kind)?.namespaced ?? true;
    if (!isNamespaced || object.metadata.namespace !== undefined) return object;
    return { ...object, metadata: { ...object.metadata, namespace: 'default' } };
  }
}

/** Whoever copies an object copies its annotations, but not the word of the store about who set its fields. */
function isFromFile({ metadata }: ApiObject): boolean {
  const { annotations = {}, managedFields = [] } = metadata;
  return (
    Object.hasOwn(annotations, SOURCE_FILE) &&
    managedFields.some(
      ({ manager, operation }) => manager === FILES_MANAGER && operation === 'Apply',
    )
  );
}

function fromFile(object: ApiObject, file: string): ApiObject {
  const annotations = { ...object.metadata.annotations, [SOURCE_FILE]: file };
  return { ...object, metadata: { ...object.metadata, annotations } };
}

function referenceOf({ apiVersion, kind, metadata }: ApiObject): ObjectReference {
  return { apiVersion, kind, namespace: metadata.namespace ?? '', name: metadata.name };
}

function refused(problems: readonly FieldProblem[]): ApplyResult {
  return { object: undefined, problems };
}

function problemsOf(error: StoreError): readonly FieldProblem[] {
  const { problems } = error.details;
  if (Array.isArray(problems)) return problems as FieldProblem[];
  return [{ message: error.message, paths: [] }];
}
