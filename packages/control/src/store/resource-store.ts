/**
 * The resource store as everybody above it sees it: objects by kind, namespace and name, with Kubernetes'
 * rules for versions, generations, finalizers and owners. One interface, several back-ends (memory here, a
 * cluster elsewhere); the conformance kit in `./testkit` is the contract in executable form.
 *
 * Glossary: an *object* is one API object; a *change* is something that happened to an object; a *kind* is
 * named by apiVersion and kind; a *key* is namespace and name.
 *
 * What every back-end promises:
 * - Objects handed out are frozen to the leaves and may be kept; to change one, copy it (`mutableCopy`).
 * - `resourceVersion` is opaque: compare it for equality, hand it back to `watch`, nothing else.
 * - A write that changes nothing succeeds, keeps the version and notifies nobody.
 * - Changes of one kind arrive in the order in which they happened.
 */
import type { ApiObject } from '@afflux/resources';

/** Names a kind. A `KindDefinition` is one, too. */
export interface GroupVersionKind {
  /** `<group>/<version>`, or the version alone in the core group. */
  readonly apiVersion: string;
  readonly kind: string;
}

/** Names an object of a known kind. Objects of cluster-scoped kinds have no namespace. */
export interface ObjectKey {
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** Every label must have exactly this value. An empty selector matches everything. */
export type LabelSelector = Readonly<Record<string, string>>;

/** Options of every call: how long the caller is interested. */
export interface CallOptions {
  /** Ends the wait for the answer; what was already written stays written. */
  readonly signal?: AbortSignal | undefined;
}

export interface ListOptions extends CallOptions {
  /** Only this namespace; absent means all. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: LabelSelector | undefined;
}

/** A consistent picture of a kind. */
export interface ObjectList {
  /** Sorted by namespace, then name. */
  readonly items: readonly ApiObject[];
  /** Watching from here shows every change after this picture, and none before. */
  readonly resourceVersion: string;
}

export interface WatchOptions {
  readonly namespace?: string | undefined;
  /** An object that stops matching arrives as DELETED, one that begins to match as ADDED. */
  readonly labelSelector?: LabelSelector | undefined;
  /** Show changes after this version; absent: first every existing object as ADDED, then changes. */
  readonly resourceVersion?: string | undefined;
  /** Aborting ends the iteration without an error. */
  readonly signal: AbortSignal;
}

/** One step of a watch. */
export type Change =
  | {
      readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
      /** For DELETED the last state, with the version at which the object went. */
      readonly object: ApiObject;
    }
  | {
      /** Nothing happened, but watching again from here is possible and cheaper than from before. */
      readonly type: 'BOOKMARK';
      readonly resourceVersion: string;
    };

export interface WriteOptions extends CallOptions {
  /** Who writes; `controller` for our own controllers. Admission sees it. */
  readonly fieldManager?: string | undefined;
}

/** How an object is to be changed. */
export type Patch =
  /** RFC 7396: fields replace fields, null removes, lists are replaced whole. */
  | { readonly type: 'merge'; readonly body: unknown }
  /** RFC 6902: a list of operations, all or none. */
  | { readonly type: 'json'; readonly body: unknown };

export interface PatchOptions extends WriteOptions {
  /** `status` patches nothing but status; absent patches everything but status. */
  readonly subresource?: 'status' | undefined;
}

/** What happens to the objects that the deleted one owns. */
export type Propagation =
  /** The owner goes at once, the owned ones soon after. The default. */
  | 'Background'
  /** The owner waits for the owned ones that have `blockOwnerDeletion`. */
  | 'Foreground'
  /** The owned ones stay and lose their reference to the owner. */
  | 'Orphan';

export interface DeleteOptions extends CallOptions {
  /** Delete only the very object that the caller saw; otherwise 409 Conflict. */
  readonly preconditions?: {
    readonly uid?: string | undefined;
    readonly resourceVersion?: string | undefined;
  };
  readonly propagation?: Propagation | undefined;
}

/**
 * The store. All methods may be called at any time and concurrently; each is atomic. They reject with a
 * {@link StoreError} whose `reason` and `status` are Kubernetes'.
 */
export interface ResourceStore {
  /** Rejects with NotFound. */
  get(kind: GroupVersionKind, key: ObjectKey, options?: CallOptions): Promise<ApiObject>;

  list(kind: GroupVersionKind, options?: ListOptions): Promise<ObjectList>;

  /**
   * Follows a kind from the moment of the call. The iteration rejects with Expired when the version is too
   * old, or when the reader fell too far behind: list again then. It may also end without an error at any
   * time; watch again from the last version then. Iterate it once.
   */
  watch(kind: GroupVersionKind, options: WatchOptions): AsyncIterable<Change>;

  /**
   * Stores a new object and resolves with it as stored: uid, versions, timestamps filled in, status dropped
   * where it is a subresource. Rejects with AlreadyExists, Invalid, BadRequest, Forbidden (quota).
   */
  create<T extends ApiObject>(object: T, options?: WriteOptions): Promise<T>;

  /**
   * Replaces an object, its status excepted where that is a subresource. Needs the `resourceVersion` that
   * was read: rejects with Conflict when somebody wrote in between, with NotFound when the object is gone.
   */
  update<T extends ApiObject>(object: T, options?: WriteOptions): Promise<T>;

  /** Replaces `status` and nothing else; the same version check as {@link update}. */
  updateStatus<T extends ApiObject>(object: T, options?: WriteOptions): Promise<T>;

  /** Changes parts of an object. A `resourceVersion` in the patch makes it conditional, as in an update. */
  patch(
    kind: GroupVersionKind,
    key: ObjectKey,
    patch: Patch,
    options?: PatchOptions,
  ): Promise<ApiObject>;

  /**
   * Asks for an object to go. Resolves with the object when finalizers hold it (its `deletionTimestamp` is
   * set), with undefined when it is gone. Rejects with NotFound, or Conflict when a precondition fails.
   */
  delete(
    kind: GroupVersionKind,
    key: ObjectKey,
    options?: DeleteOptions,
  ): Promise<ApiObject | undefined>;
}

/** What a store must know about a kind; a `KindDefinition` says it all. */
export interface StoredKind {
  readonly group: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly hasStatus: boolean;
}

/** Where a store looks kinds up; a `KindRegistry` is one. */
export interface KindSource {
  get(apiVersion: string, kind: string): StoredKind | undefined;
}

/** What admission is told about the write besides the objects. */
export interface AdmissionRequest {
  readonly operation: 'create' | 'update';
  readonly fieldManager: string | undefined;
}

/**
 * Defaulting and validation, called by a store that has no webhooks, on create, update and patch, not on
 * status writes. Gets a copy of its own and returns the object to store; throws to refuse the write, best
 * with a `StoreError`.
 */
export type Admission = (
  object: ApiObject,
  old: ApiObject | undefined,
  request: AdmissionRequest,
) => ApiObject;
