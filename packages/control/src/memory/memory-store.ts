/**
 * The local resource store: the reference that the conformance kit is debugged against. Objects are in memory; with
 * a journal they are on a disk as well, and a write is answered when it is there (`object-journal.ts`).
 *
 * Every call takes effect at once and in one step; promises are how the answer travels, and how long a journal takes.
 * An object is one frozen tree, shared by every reader, the history and the watches; a write makes a new tree that
 * shares what did not change. One counter gives all versions.
 *
 * A write goes: private draft → system fields → admission → metadata rules → who owns which field → frozen tree →
 * nothing changed? then the old object is the answer → version and generation → table, watches, garbage collector,
 * journal.
 *
 * Deliberately absent: conversion between versions of a kind (each is a kind of its own here), namespaces that
 * must exist.
 */
import {
  noopLogger,
  systemRandom,
  type Clock,
  type Logger,
  type NewId,
  type Random,
} from '@afflux/kernel';
import type { ApiObject, ObjectMeta } from '@afflux/resources';
import { kindId } from '../store/keys.ts';
import { freezeOver, mutableCopy } from '../store/json.ts';
import {
  alreadyExists,
  cannotBeKept,
  noStatusSubresource,
  notFound,
  preconditionFailed,
  quotaExceeded,
  tooLarge,
} from '../store/refusals.ts';
import type {
  Admission,
  AdmissionRequest,
  Change,
  DeleteOptions,
  GroupVersionKind,
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
import { checkFieldSelector } from '../store/selectors.ts';
import { timestamp } from '../timestamp.ts';
import type { RecordedChange } from './change-history.ts';
import { checkPreconditions, deletionOf } from './deletion.ts';
import { GarbageCollector } from './garbage-collector.ts';
import { generateName } from './generate-name.ts';
import type { KindTable } from './kind-table.ts';
import { KindTables, type StoredKinds } from './kind-tables.ts';
import { MEMORY_STORE_LIMITS, type MemoryStoreLimits } from './limits.ts';
import { ObjectCounts } from './object-counts.ts';
import {
  journalKey,
  JournalWriter,
  readJournal,
  type ObjectJournal,
  type TakenBack,
} from './object-journal.ts';
import { checkManager } from '../patch/field-manager.ts';
import { keepTimes } from '../patch/managed-fields.ts';
import { draftOf, ownedBy } from './patched.ts';
import { endedWatch, failedWatch } from './watcher.ts';
import { Watches } from './watches.ts';
import {
  assertObjectShape,
  changesGeneration,
  checkMetadata,
  checkVersion,
  keepSystemFields,
  keptMetadata,
  stampNew,
} from './write-rules.ts';

export interface MemoryStoreOptions {
  readonly clock: Clock;
  /** Makes uids. */
  readonly newId: NewId;
  /** The kinds that can be stored; they may change while the store lives. */
  readonly registry: StoredKinds;
  /** Defaulting and validation. Default: everything is admitted as it is. */
  readonly admission?: Admission;
  readonly limits?: Partial<MemoryStoreLimits>;
  /**
   * Versions begin above it; default 0. A store without a journal that begins above all its former lives (at the
   * time, in milliseconds) tells watchers of those that they must list again.
   */
  readonly firstVersion?: number;
  /** For `generateName`. */
  readonly random?: Random;
  /** Hears of failures in the background. */
  readonly logger?: Logger;
}

export class MemoryStore implements ResourceStore {
  readonly #clock: Clock;
  readonly #newId: NewId;
  readonly #random: Random;
  readonly #admission: Admission | undefined;
  readonly #limits: MemoryStoreLimits;
  readonly #collector: GarbageCollector;
  readonly #tables: KindTables;
  readonly #watches: Watches;
  readonly #counts: ObjectCounts;
  readonly #logger: Logger;
  #journal: JournalWriter | undefined;
  #version = 0;

  constructor(options: MemoryStoreOptions) {
    this.#clock = options.clock;
    this.#newId = options.newId;
    this.#random = options.random ?? systemRandom;
    this.#admission = options.admission;
    this.#limits = { ...MEMORY_STORE_LIMITS, ...options.limits };
    this.#logger = options.logger ?? noopLogger;
    this.#counts = new ObjectCounts(this.#limits.objectsPerNamespaceMax);
    this.#tables = new KindTables({
      registry: options.registry,
      historyMax: this.#limits.historyMax,
      historyBytesMax: this.#limits.historyBytesMax,
      version: () => this.#version,
      onKindsChanged: () => {
        this.#collector.kindsChanged();
      },
    });
    this.#beginAt(options.firstVersion ?? 0);
    this.#watches = new Watches({
      clock: this.#clock,
      limits: this.#limits,
      version: () => this.#version,
      pushBookmark: (bookmark) => {
        this.#tables.pushBookmark(bookmark);
      },
    });
    this.#collector = new GarbageCollector(
      {
        remove: (object, propagation) => void this.#remove(object, propagation),
        setMetadata: (object, change) => void this.#setMetadata(object, change),
      },
      { registry: options.registry, clock: this.#clock, logger: this.#logger },
    );
  }

  /**
   * Takes over what a journal holds and keeps everything in it from now on. Before anything else. `learn` is told of
   * each object that defines kinds (CustomResourceDefinitions) before objects of other kinds are taken over; an object
   * whose kind is not known after that stays in the journal, unseen. Rejects when the journal cannot be written.
   */
  async restore(journal: ObjectJournal, learn?: (object: ApiObject) => void): Promise<void> {
    const { version, objects } = readJournal(journal, (key, why) => {
      this.#logger.error({ key, why }, 'an object on the disk cannot be read');
    });
    this.#beginAt(Math.max(version, this.#version));
    const definesKinds = ({ kind }: ApiObject) => kind === 'CustomResourceDefinition';
    for (const object of objects.filter(definesKinds)) learn?.(object);
    for (const object of objects) this.#restoreObject(object);
    const writer = new JournalWriter(journal, this.#version, (changes) => {
      this.#takeBack(changes);
    });
    await writer.start();
    this.#journal = writer;
  }

  /** Resolves when everything written so far is kept, or was refused. */
  async close(): Promise<void> {
    await this.#journal?.close();
  }

  // The methods are `async` so that a refusal is a rejection, never a throw; none of them waits.
  /* eslint-disable @typescript-eslint/require-await */

  async get(kind: GroupVersionKind, key: ObjectKey): Promise<ApiObject> {
    return this.#existing(this.#tables.get(kind), key);
  }

  async list(kind: GroupVersionKind, options: ListOptions = {}): Promise<ObjectList> {
    const table = this.#tables.get(kind);
    checkFieldSelector(table.definition, options.fieldSelector);
    return { items: table.list(options), resourceVersion: String(this.#version) };
  }

  watch(kind: GroupVersionKind, options: WatchOptions): AsyncIterable<Change> {
    if (options.signal.aborted) return endedWatch();
    try {
      const table = this.#tables.get(kind);
      checkFieldSelector(table.definition, options.fieldSelector);
      return this.#watches.open(table, options);
    } catch (error) {
      return failedWatch(error);
    }
  }

  async create<T extends ApiObject>(object: T, options: WriteOptions = {}): Promise<T> {
    checkManager(options.fieldManager, 'CreateOptions', { isRequired: false });
    return this.#answer(this.#create(mutableCopy(object), options)) as Promise<T>;
  }

  async update<T extends ApiObject>(object: T, options: WriteOptions = {}): Promise<T> {
    checkManager(options.fieldManager, 'UpdateOptions', { isRequired: false });
    const draft: ApiObject = mutableCopy(object);
    assertObjectShape(draft);
    const table = this.#tables.get(draft);
    const old = this.#replaced(table, draft);
    return this.#answer(this.#replace(table, draft, old, options)) as Promise<T>;
  }

  async updateStatus<T extends ApiObject>(object: T, options: WriteOptions = {}): Promise<T> {
    checkManager(options.fieldManager, 'UpdateOptions', { isRequired: false });
    assertObjectShape(object);
    const table = this.#tables.get(object);
    const old = this.#replaced(table, object);
    return this.#answer(this.#replaceStatus(table, object, old, options)) as Promise<T>;
  }

  async patch(
    kind: GroupVersionKind,
    key: ObjectKey,
    patch: Patch,
    options: PatchOptions = {},
  ): Promise<ApiObject> {
    checkManager(options.fieldManager, 'PatchOptions', { isRequired: isApplied(patch) });
    const table = this.#tables.get(kind);
    const old = table.get(key);
    const mayCreate = patch.type === 'apply' && options.subresource === undefined;
    if (old === undefined && !mayCreate) throw notFound(table.kind, key);
    const draft = draftOf(table.kind, key, old, patch, options, timestamp(this.#clock));
    if (old === undefined) return this.#answer(this.#create(draft, options, isApplied(patch)));
    return this.#answer(
      options.subresource === 'status'
        ? this.#replaceStatus(table, draft, old, options, isApplied(patch))
        : this.#replace(table, draft, old, options, isApplied(patch)),
    );
  }

  async delete(
    kind: GroupVersionKind,
    key: ObjectKey,
    options: DeleteOptions = {},
  ): Promise<ApiObject | undefined> {
    const table = this.#tables.get(kind);
    const object = this.#existing(table, key);
    checkPreconditions(table.kind, object, options.preconditions ?? {});
    const { propagation = 'Background', dryRun = false } = options;
    return this.#answer(this.#remove(object, propagation, dryRun));
  }

  /* eslint-enable @typescript-eslint/require-await */

  #beginAt(version: number): void {
    this.#version = version;
    this.#tables.beginAt(version);
  }

  /** An answer is given when what it says is kept. */
  async #answer<T extends ApiObject | undefined>(stored: T): Promise<T> {
    await this.#journal?.kept();
    return stored;
  }

  #create(draft: ApiObject, options: WriteOptions, isOwned = false): ApiObject {
    assertObjectShape(draft);
    const table = this.#tables.get(draft);
    const { metadata } = draft;
    metadata.name ||= '';
    const base = metadata.generateName ?? '';
    if (metadata.name === '' && base !== '') {
      metadata.name = generateName(
        base,
        this.#random,
        (name) => table.get({ ...metadata, name }) !== undefined,
      );
    }
    const now = timestamp(this.#clock);
    stampNew(draft, table.kind, { uid: this.#newId(), now });
    const admitted = this.#admit(draft, undefined, 'create', options);
    checkMetadata(admitted, undefined, table.kind);
    if (table.get(admitted.metadata) !== undefined) {
      throw alreadyExists(table.kind, admitted.metadata);
    }
    if (!this.#counts.hasRoom(admitted.metadata.namespace)) {
      throw quotaExceeded(table.kind, admitted.metadata, this.#counts.max);
    }
    const frozen = this.#freeze(table, admitted, undefined);
    const owned = isOwned ? frozen : ownedBy(table.kind, undefined, frozen, options, now);
    return this.#store(table, owned, undefined, options);
  }

  #existing(table: KindTable, key: ObjectKey): ApiObject {
    const object = table.get(key);
    if (object === undefined) throw notFound(table.kind, key);
    return object;
  }

  /** The object that an update is to replace; one that was read and is gone is a conflict. */
  #replaced(table: KindTable, { metadata }: ApiObject): ApiObject {
    const { uid = '' } = metadata;
    const object = table.get(metadata);
    if (object === undefined && uid !== '') {
      throw preconditionFailed(table.kind, metadata, 'UID', uid, '');
    }
    return object ?? this.#existing(table, metadata);
  }

  #admit(
    draft: ApiObject,
    old: ApiObject | undefined,
    operation: AdmissionRequest['operation'],
    { fieldManager, fieldValidation, onWarning }: WriteOptions,
    subresource?: 'status',
  ): ApiObject {
    if (this.#admission === undefined) return draft;
    const admitted = this.#admission(draft, old, {
      operation,
      fieldManager,
      subresource,
      fieldValidation,
      onWarning,
    });
    assertObjectShape(admitted);
    return admitted;
  }

  #replace(
    table: KindTable,
    draft: ApiObject,
    old: ApiObject,
    options: WriteOptions,
    isOwned = false,
  ): ApiObject {
    checkVersion(draft, old, table.kind);
    keepSystemFields(draft, old, table.kind);
    const admitted = this.#admit(draft, old, 'update', options);
    checkMetadata(admitted, old, table.kind);
    return this.#store(table, this.#owned(table, admitted, old, options, isOwned), old, options);
  }

  #replaceStatus(
    table: KindTable,
    draft: ApiObject,
    old: ApiObject,
    options: WriteOptions,
    isOwned = false,
  ): ApiObject {
    if (!table.kind.hasStatus) throw noStatusSubresource(table.kind, draft.metadata);
    checkVersion(draft, old, table.kind);
    const next: ApiObject = { ...old, metadata: { ...old.metadata } };
    if (draft.status === undefined) delete next.status;
    else next.status = draft.status;
    if (isOwned) keepFields(next, draft);
    const admitted =
      options.fieldValidation === undefined
        ? next
        : this.#admit(mutableCopy(next), old, 'update', options, 'status');
    const owned = this.#owned(table, admitted, old, options, isOwned, 'status');
    return this.#store(table, owned, old, options);
  }

  /** The frozen object with what is remembered of who set which field; `old` itself when nothing changed. */
  #owned(
    table: KindTable,
    admitted: ApiObject,
    old: ApiObject,
    options: WriteOptions,
    isOwned: boolean,
    subresource?: 'status',
  ): ApiObject {
    if (isOwned) return this.#freeze(table, keepTimes(admitted, old), old);
    if (old.metadata.managedFields !== undefined) {
      admitted.metadata.managedFields ??= [...old.metadata.managedFields];
    }
    const frozen = this.#freeze(table, admitted, old);
    return ownedBy(table.kind, old, frozen, options, timestamp(this.#clock), subresource);
  }

  /** A write by the store itself: no admission, no version check. */
  #setMetadata(object: ApiObject, change: Partial<ObjectMeta>): ApiObject {
    const table = this.#tables.get(object);
    const next = { ...object, metadata: keptMetadata({ ...object.metadata, ...change }) };
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
  #store(
    table: KindTable,
    next: ApiObject,
    old: ApiObject | undefined,
    { dryRun }: WriteOptions = {},
  ): ApiObject {
    if (next === old) return old;
    const { deletionTimestamp, finalizers, generation } = next.metadata;
    if (deletionTimestamp !== undefined && (finalizers ?? []).length === 0) {
      return dryRun === true ? next : this.#commit(table, next, old, 'DELETED');
    }
    const isNewGeneration = old !== undefined && changesGeneration(next, old, table.kind);
    const metadata: ObjectMeta = isNewGeneration
      ? { ...next.metadata, generation: (generation ?? 0) + 1 }
      : next.metadata;
    const stamped = { ...next, metadata };
    if (dryRun === true) return freezeOver(stamped, undefined).value;
    return this.#commit(table, stamped, old, old === undefined ? 'ADDED' : 'MODIFIED');
  }

  /** Stamps the next version on an object and makes it the present. */
  #commit(
    table: KindTable,
    object: ApiObject,
    previous: ApiObject | undefined,
    type: RecordedChange['type'],
  ): ApiObject {
    if (this.#journal?.hasVersions === false) throw cannotBeKept('no versions are reserved');
    this.#version += 1;
    const resourceVersion = String(this.#version);
    const metadata = Object.freeze({ ...object.metadata, resourceVersion });
    const stamped: ApiObject = Object.freeze({ ...object, metadata });
    table.commit({ version: this.#version, type, object: stamped, previous });
    if (type !== 'MODIFIED') this.#counts.add(metadata.namespace, type === 'ADDED' ? 1 : -1);
    const remaining = type === 'DELETED' ? undefined : stamped;
    this.#collector.observe(remaining, previous);
    this.#journal?.record(
      journalKey(kindId(stamped), metadata.namespace, metadata.name),
      remaining,
      previous,
      this.#version,
    );
    return stamped;
  }

  /** Begins or completes a deletion; gives back what is left of the object. */
  #remove(object: ApiObject, propagation: Propagation, dryRun = false): ApiObject | undefined {
    const marked = deletionOf(object, propagation, timestamp(this.#clock));
    const table = this.#tables.get(object);
    if (marked === undefined) {
      if (!dryRun) this.#commit(table, object, object, 'DELETED');
      return undefined;
    }
    if (marked === object) return object;
    return this.#store(table, this.#freeze(table, marked, object), object, { dryRun });
  }

  /** Puts an object back in its place; nobody is told of it. */
  #restoreObject(object: ApiObject): void {
    let table: KindTable;
    try {
      assertObjectShape(object);
      table = this.#tables.get(object);
    } catch (err) {
      const { apiVersion, kind, metadata } = object;
      this.#logger.warn({ err, apiVersion, kind, name: metadata.name }, 'an object is not served');
      return;
    }
    const { value } = freezeOver(object, undefined);
    table.restore(value);
    this.#counts.add(value.metadata.namespace, 1);
    this.#collector.observe(value, undefined);
  }

  /** Gives objects the state again that was kept last. */
  #takeBack(changes: readonly TakenBack[]): void {
    this.#collector.pause();
    for (const { kept, shown } of changes) {
      const object = shown ?? kept;
      if (object === undefined) continue;
      const table = this.#tables.get(object);
      if (kept === undefined) this.#commit(table, object, object, 'DELETED');
      else this.#commit(table, kept, shown, shown === undefined ? 'ADDED' : 'MODIFIED');
    }
  }
}

function keepFields(next: ApiObject, { metadata: { managedFields } }: ApiObject): void {
  if (managedFields === undefined) delete next.metadata.managedFields;
  else next.metadata.managedFields = managedFields;
}

/** What server-side apply made says itself who owns which field. */
function isApplied(patch: Patch): boolean {
  return patch.type === 'apply';
}
