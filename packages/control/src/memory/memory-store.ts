/**
 * The resource store in memory: the reference that the conformance kit is debugged against, and the store of
 * a process without a data directory.
 *
 * Every call takes effect at once and in one step; promises are only how the answer travels. An object is one
 * frozen tree, shared by every reader, the history and the watches; a write makes a new tree that shares what
 * did not change. One counter gives all versions.
 *
 * A write goes: private draft → system fields → admission → metadata rules → frozen tree → nothing changed?
 * then the old object is the answer → version and generation → table, watches, garbage collector.
 *
 * Deliberately absent: conversion between versions of a kind (each is a kind of its own here), namespaces that
 * must exist, server-side apply.
 */
import {
  noopLogger,
  systemRandom,
  type Clock,
  type Logger,
  type NewId,
  type Random,
  type Timer,
} from '@afflux/kernel';
import type { ApiObject, ObjectMeta } from '@afflux/resources';
import { kindId } from '../store/keys.ts';
import { freezeOver, mutableCopy } from '../store/json.ts';
import { applyPatch } from '../patch/apply-patch.ts';
import {
  alreadyExists,
  badRequest,
  expired,
  kindUnknown,
  noStatusSubresource,
  notFound,
  preconditionFailed,
  quotaExceeded,
  tooLarge,
  tooManyWatches,
} from '../store/refusals.ts';
import type {
  Admission,
  AdmissionRequest,
  Change,
  DeleteOptions,
  GroupVersionKind,
  KindSource,
  ListOptions,
  ObjectKey,
  ObjectList,
  Patch,
  PatchOptions,
  Propagation,
  ResourceStore,
  WatchOptions,
  WriteOptions,
} from '../store/resource-store.ts';
import { timestamp } from '../timestamp.ts';
import type { RecordedChange } from './change-history.ts';
import { GarbageCollector } from './garbage-collector.ts';
import { generateName } from './generate-name.ts';
import { KindTable } from './kind-table.ts';
import { MEMORY_STORE_LIMITS, type MemoryStoreLimits } from './limits.ts';
import { asAdded, endedWatch, failedWatch, Watcher } from './watcher.ts';
import {
  assertObjectShape,
  changesGeneration,
  checkMetadata,
  checkVersion,
  FOREGROUND_FINALIZER,
  keepSystemFields,
  ORPHAN_FINALIZER,
  stampNew,
} from './write-rules.ts';

export interface MemoryStoreOptions {
  readonly clock: Clock;
  /** Makes uids. */
  readonly newId: NewId;
  /** The kinds that can be stored. */
  readonly registry: KindSource;
  /** Defaulting and validation. Default: everything is admitted as it is. */
  readonly admission?: Admission;
  readonly limits?: Partial<MemoryStoreLimits>;
  /** For `generateName`. */
  readonly random?: Random;
  /** Hears of failures in the background. */
  readonly logger?: Logger;
}

const FINALIZER_OF: Readonly<Record<Propagation, string | undefined>> = {
  Background: undefined,
  Foreground: FOREGROUND_FINALIZER,
  Orphan: ORPHAN_FINALIZER,
};

export class MemoryStore implements ResourceStore {
  readonly #clock: Clock;
  readonly #newId: NewId;
  readonly #random: Random;
  readonly #registry: KindSource;
  readonly #admission: Admission | undefined;
  readonly #limits: MemoryStoreLimits;
  readonly #collector: GarbageCollector;
  readonly #tables = new Map<string, KindTable>();
  readonly #objectCounts = new Map<string, number>();
  #version = 0;
  #watchCount = 0;
  #bookmarkTimer: Timer | undefined;

  constructor(options: MemoryStoreOptions) {
    this.#clock = options.clock;
    this.#newId = options.newId;
    this.#random = options.random ?? systemRandom;
    this.#registry = options.registry;
    this.#admission = options.admission;
    this.#limits = { ...MEMORY_STORE_LIMITS, ...options.limits };
    this.#collector = new GarbageCollector(
      {
        remove: (object, propagation) => void this.#remove(object, propagation),
        setMetadata: (object, change) => void this.#setMetadata(object, change),
      },
      options.clock,
      options.logger ?? noopLogger,
    );
  }

  // The methods are `async` so that a refusal is a rejection, never a throw; none of them waits.
  /* eslint-disable @typescript-eslint/require-await */

  async get(kind: GroupVersionKind, key: ObjectKey): Promise<ApiObject> {
    return this.#existing(this.#table(kind), key);
  }

  async list(kind: GroupVersionKind, options: ListOptions = {}): Promise<ObjectList> {
    return {
      items: this.#table(kind).list(options),
      resourceVersion: String(this.#version),
    };
  }

  watch(kind: GroupVersionKind, options: WatchOptions): AsyncIterable<Change> {
    if (options.signal.aborted) return endedWatch();
    try {
      return this.#openWatch(this.#table(kind), options);
    } catch (error) {
      return failedWatch(error);
    }
  }

  async create<T extends ApiObject>(object: T, options: WriteOptions = {}): Promise<T> {
    const draft: ApiObject = mutableCopy(object);
    assertObjectShape(draft);
    const table = this.#table(draft);
    const { metadata } = draft;
    metadata.name ||= '';
    if (metadata.name === '' && metadata.generateName !== undefined) {
      metadata.name = generateName(
        metadata.generateName,
        this.#random,
        (name) => table.get({ ...metadata, name }) !== undefined,
      );
    }
    stampNew(draft, table.kind, { uid: this.#newId(), now: timestamp(this.#clock) });
    const admitted = this.#admit(draft, undefined, 'create', options);
    checkMetadata(admitted, undefined, table.kind);
    if (table.get(admitted.metadata) !== undefined) {
      throw alreadyExists(table.kind, admitted.metadata);
    }
    this.#checkQuota(table, admitted.metadata);
    return this.#store(table, this.#freeze(table, admitted, undefined), undefined) as T;
  }

  async update<T extends ApiObject>(object: T, options: WriteOptions = {}): Promise<T> {
    const draft: ApiObject = mutableCopy(object);
    assertObjectShape(draft);
    const table = this.#table(draft);
    const old = this.#existing(table, draft.metadata);
    return this.#replace(table, draft, old, options) as T;
  }

  async updateStatus<T extends ApiObject>(object: T, _options: WriteOptions = {}): Promise<T> {
    assertObjectShape(object);
    const table = this.#table(object);
    const old = this.#existing(table, object.metadata);
    return this.#replaceStatus(table, object, old) as T;
  }

  async patch(
    kind: GroupVersionKind,
    key: ObjectKey,
    patch: Patch,
    options: PatchOptions = {},
  ): Promise<ApiObject> {
    const table = this.#table(kind);
    const old = this.#existing(table, key);
    const draft = applyPatch(old, patch);
    assertObjectShape(draft);
    const { namespace, name } = old.metadata;
    if (draft.apiVersion !== kind.apiVersion || draft.kind !== kind.kind) {
      throw badRequest('a patch cannot change apiVersion or kind');
    }
    if (draft.metadata.name !== name || draft.metadata.namespace !== namespace) {
      throw badRequest('a patch cannot change the name or the namespace of an object');
    }
    // A patch is conditional only if it says so.
    draft.metadata.resourceVersion ??= old.metadata.resourceVersion ?? '';
    return options.subresource === 'status'
      ? this.#replaceStatus(table, draft, old)
      : this.#replace(table, draft, old, options);
  }

  async delete(
    kind: GroupVersionKind,
    key: ObjectKey,
    options: DeleteOptions = {},
  ): Promise<ApiObject | undefined> {
    const table = this.#table(kind);
    const object = this.#existing(table, key);
    const { uid, resourceVersion } = options.preconditions ?? {};
    const { uid: actualUid = '', resourceVersion: actualVersion = '' } = object.metadata;
    if (uid !== undefined && uid !== actualUid) {
      throw preconditionFailed(table.kind, key, 'UID', uid, actualUid);
    }
    if (resourceVersion !== undefined && resourceVersion !== actualVersion) {
      throw preconditionFailed(table.kind, key, 'ResourceVersion', resourceVersion, actualVersion);
    }
    return this.#remove(object, options.propagation ?? 'Background');
  }

  /* eslint-enable @typescript-eslint/require-await */

  #table(kind: GroupVersionKind): KindTable {
    const id = kindId(kind);
    const known = this.#tables.get(id);
    if (known !== undefined) return known;
    const stored = this.#registry.get(kind.apiVersion, kind.kind);
    if (stored === undefined) throw kindUnknown(kind);
    const { apiVersion } = kind;
    const { group, plural, namespaced, hasStatus } = stored;
    const table = new KindTable(
      { apiVersion, kind: kind.kind, group, plural, namespaced, hasStatus },
      this.#limits.historyMax,
    );
    this.#tables.set(id, table);
    return table;
  }

  #existing(table: KindTable, key: ObjectKey): ApiObject {
    const object = table.get(key);
    if (object === undefined) throw notFound(table.kind, key);
    return object;
  }

  #admit(
    draft: ApiObject,
    old: ApiObject | undefined,
    operation: AdmissionRequest['operation'],
    { fieldManager }: WriteOptions,
  ): ApiObject {
    if (this.#admission === undefined) return draft;
    const admitted = this.#admission(draft, old, { operation, fieldManager });
    assertObjectShape(admitted);
    return admitted;
  }

  #replace(table: KindTable, draft: ApiObject, old: ApiObject, options: WriteOptions): ApiObject {
    checkVersion(draft, old, table.kind);
    keepSystemFields(draft, old, table.kind);
    const admitted = this.#admit(draft, old, 'update', options);
    checkMetadata(admitted, old, table.kind);
    return this.#store(table, this.#freeze(table, admitted, old), old);
  }

  #replaceStatus(table: KindTable, draft: ApiObject, old: ApiObject): ApiObject {
    if (!table.kind.hasStatus) throw noStatusSubresource(table.kind, draft.metadata);
    checkVersion(draft, old, table.kind);
    const next: ApiObject = { ...old };
    if (draft.status === undefined) delete next.status;
    else next.status = draft.status;
    return this.#store(table, this.#freeze(table, next, old), old);
  }

  /** A write by the store itself: no admission, no version check. */
  #setMetadata(object: ApiObject, change: Partial<ObjectMeta>): ApiObject {
    const table = this.#table(object);
    const next = { ...object, metadata: { ...object.metadata, ...change } };
    return this.#store(table, this.#freeze(table, next, object), object);
  }

  #freeze(table: KindTable, object: ApiObject, old: ApiObject | undefined): ApiObject {
    const { value, bytesMax } = freezeOver(object, old);
    if (bytesMax > this.#limits.objectBytesMax && value !== old) {
      const bytes = Buffer.byteLength(JSON.stringify(value));
      if (bytes > this.#limits.objectBytesMax) {
        throw tooLarge(table.kind, object.metadata, bytes, this.#limits.objectBytesMax);
      }
    }
    return value;
  }

  /** The last step of every write but a removal. `next` is frozen and still has the version of `old`. */
  #store(table: KindTable, next: ApiObject, old: ApiObject | undefined): ApiObject {
    if (next === old) return old;
    const { deletionTimestamp, finalizers, generation } = next.metadata;
    if (deletionTimestamp !== undefined && (finalizers ?? []).length === 0) {
      return this.#commit(table, next, old, 'DELETED');
    }
    const isNewGeneration = old !== undefined && changesGeneration(next, old, table.kind);
    const metadata: ObjectMeta = isNewGeneration
      ? { ...next.metadata, generation: (generation ?? 0) + 1 }
      : next.metadata;
    return this.#commit(
      table,
      { ...next, metadata },
      old,
      old === undefined ? 'ADDED' : 'MODIFIED',
    );
  }

  /** Stamps the next version on an object and makes it the present. */
  #commit(
    table: KindTable,
    object: ApiObject,
    previous: ApiObject | undefined,
    type: RecordedChange['type'],
  ): ApiObject {
    this.#version += 1;
    const resourceVersion = String(this.#version);
    const metadata = Object.freeze({ ...object.metadata, resourceVersion });
    const stamped: ApiObject = Object.freeze({ ...object, metadata });
    table.commit({ version: this.#version, type, object: stamped, previous });
    if (type !== 'MODIFIED') this.#count(metadata.namespace, type === 'ADDED' ? 1 : -1);
    this.#collector.observe(type === 'DELETED' ? undefined : stamped, previous);
    return stamped;
  }

  /** Begins or completes a deletion; gives back what is left of the object. */
  #remove(object: ApiObject, propagation: Propagation): ApiObject | undefined {
    const table = this.#table(object);
    const { metadata } = object;
    const isNew = metadata.deletionTimestamp === undefined;
    const finalizers = new Set(metadata.finalizers);
    const added = FINALIZER_OF[propagation];
    if (isNew && added !== undefined) finalizers.add(added);
    if (finalizers.size === 0) {
      this.#commit(table, object, object, 'DELETED');
      return undefined;
    }
    if (!isNew) return object;
    return this.#setMetadata(object, {
      finalizers: [...finalizers],
      deletionTimestamp: timestamp(this.#clock),
      deletionGracePeriodSeconds: 0,
      ...(metadata.generation === undefined ? {} : { generation: metadata.generation + 1 }),
    });
  }

  #checkQuota(table: KindTable, key: ObjectKey): void {
    const { objectsPerNamespaceMax } = this.#limits;
    if ((this.#objectCounts.get(key.namespace ?? '') ?? 0) >= objectsPerNamespaceMax) {
      throw quotaExceeded(table.kind, key, objectsPerNamespaceMax);
    }
  }

  #count(namespace: string | undefined, by: number): void {
    const count = (this.#objectCounts.get(namespace ?? '') ?? 0) + by;
    if (count === 0) this.#objectCounts.delete(namespace ?? '');
    else this.#objectCounts.set(namespace ?? '', count);
  }

  #openWatch(table: KindTable, options: WatchOptions): Watcher {
    if (this.#watchCount === this.#limits.watchesMax) throw tooManyWatches(this.#limits.watchesMax);
    const watcher = new Watcher({
      filter: options,
      initial: this.#startingPoint(table, options.resourceVersion),
      backlogMax: this.#limits.watchBacklogMax,
      onEnd: (ended) => {
        table.watchers.delete(ended);
        this.#watchCount -= 1;
      },
    });
    table.watchers.add(watcher);
    this.#watchCount += 1;
    this.#armBookmarks();
    return watcher;
  }

  #startingPoint(table: KindTable, from: string | undefined): RecordedChange[] {
    if (from === undefined || from === '' || from === '0') return table.list({}).map(asAdded);
    if (!/^\d{1,15}$/.test(from))
      throw badRequest(`invalid resource version ${JSON.stringify(from)}`);
    const version = Number(from);
    // A version from the future belongs to another life of this store.
    const changes = version > this.#version ? undefined : table.history.since(version);
    if (changes === undefined) throw expired(from, String(table.history.forgottenVersion));
    return changes;
  }

  #armBookmarks(): void {
    if (this.#bookmarkTimer !== undefined) return;
    this.#bookmarkTimer = this.#clock.setTimer(this.#limits.bookmarkEveryMs, () => {
      this.#bookmarkTimer = undefined;
      if (this.#watchCount === 0) return;
      const bookmark: Change = { type: 'BOOKMARK', resourceVersion: String(this.#version) };
      for (const table of this.#tables.values()) table.pushBookmark(bookmark);
      this.#armBookmarks();
    });
  }
}
