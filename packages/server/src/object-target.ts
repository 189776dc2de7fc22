/**
 * Writes what users give (manifests, `apply`) into the store, and says what is wrong with it. An existing object
 * is changed as `kubectl apply` does: fields that were given and no longer are go away, fields that others put
 * there (defaults, subscribers, finalizers, status) stay.
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
import { applyPatch } from './apply-patch.ts';
import { decode, type ApiObject, type FieldProblem, type KindRegistry } from '@afflux/resources';
import type { ApplyResult, ObjectReference, ObjectTarget } from './manifests/manifest-source.ts';

/** Attempts at an update that meets others' writes. */
const CONFLICT_RETRIES_MAX = 5;

const FIELD_MANAGER = 'afflux-apply';

export class StoreTarget implements ObjectTarget {
  readonly #store: ResourceStore;
  readonly #registry: KindRegistry;

  /** What was given last, by object: tells a field that was taken out of a file from one never in it. */
  readonly #lastApplied = new Map<string, ApiObject>();

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

  async apply(value: unknown): Promise<ApplyResult> {
    const decoded = decode(this.#registry, value);
    if (decoded.object === undefined) return refused(decoded.errors.entries());
    const object = this.#inNamespace(decoded.object);
    try {
      const written = await this.#write(object);
      this.#lastApplied.set(keyOf(object), object);
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

  async remove(reference: ObjectReference): Promise<void> {
    const { namespace, name } = reference;
    const isNamespaced =
      this.#registry.get(reference.apiVersion, reference.kind)?.namespaced ?? true;
    this.#lastApplied.delete(
      `${reference.apiVersion}/${reference.kind}/${isNamespaced ? namespace : ''}/${name}`,
    );
    try {
      await this.#store.delete(reference, isNamespaced ? { namespace, name } : { name });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  async #write(object: ApiObject): Promise<ApiObject> {
    const { namespace, name } = object.metadata;
    for (let attempt = 1; ; attempt += 1) {
      try {
        const existing = await this.#find(object, { namespace, name });
        if (existing === undefined) {
          return await this.#store.create(object, { fieldManager: FIELD_MANAGER });
        }
        return await this.#patch(object, existing);
      } catch (error) {
        const metAnother = isConflict(error) || isAlreadyExists(error);
        if (!metAnother || attempt >= CONFLICT_RETRIES_MAX) throw error;
      }
    }
  }

  #patch(object: ApiObject, existing: ApiObject): Promise<ApiObject> {
    const { resourceVersion } = existing.metadata;
    const { status: _ours, ...wanted } = object;
    const { status: _theirs, ...last } = this.#lastApplied.get(keyOf(object)) ?? object;
    const body = applyPatch(last, wanted) as { metadata: object };
    return this.#store.patch(
      object,
      { namespace: existing.metadata.namespace, name: existing.metadata.name },
      { type: 'merge', body: { ...body, metadata: { ...body.metadata, resourceVersion } } },
      { fieldManager: FIELD_MANAGER },
    );
  }

  async #find(
    object: ApiObject,
    key: { readonly namespace: string | undefined; readonly name: string },
  ): Promise<ApiObject | undefined> {
    try {
      return await this.#store.get(object, key);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** Objects without a namespace go where kubectl would put them. */
  #inNamespace(object: ApiObject): ApiObject {
    const isNamespaced = this.#registry.get(object.apiVersion, object.kind)?.namespaced ?? true;
    if (!isNamespaced || object.metadata.namespace !== undefined) return object;
    return { ...object, metadata: { ...object.metadata, namespace: 'default' } };
  }
}

function refused(problems: readonly FieldProblem[]): ApplyResult {
  return { object: undefined, problems };
}

function problemsOf(error: StoreError): readonly FieldProblem[] {
  const { problems } = error.details;
  if (Array.isArray(problems)) return problems as FieldProblem[];
  return [{ message: error.message, paths: [] }];
}

function keyOf({ apiVersion, kind, metadata }: ApiObject): string {
  return `${apiVersion}/${kind}/${metadata.namespace ?? ''}/${metadata.name}`;
}
