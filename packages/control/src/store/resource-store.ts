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

/** One condition on a label, or on a field that the kind lets select by. */
export interface SelectorRequirement {
  /** Name of a label, or path of a field (`metadata.name`, `involvedObject.uid`). */
  readonly key: string;
  /**
   * `NotIn` and `DoesNotExist` match where the key is absent, too; `Gt` and `Lt` where it is an integer. Fields know
   * `In` and `NotIn` only.
   */
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
  /** For `In` and `NotIn`; one integer for `Gt` and `Lt`. */
  readonly values?: readonly string[];
}

/** Labels with exactly these values, or a list of conditions; all must hold. Empty matches everything. */
export type LabelSelector = Readonly<Record<string, string>> | readonly SelectorRequirement[];

/** Options of every call: how long the caller is interested. */
export interface CallOptions {
  /** Ends the wait for the answer; what was already written stays written. */
  readonly signal?: AbortSignal | undefined;
}

export interface ListOptions extends CallOptions {
  /** Only this namespace; absent means all. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: LabelSelector | undefined;
  /** Rejects with BadRequest for a field that the kind cannot select by. An absent field counts as empty. */
  readonly fieldSelector?: readonly SelectorRequirement[] | undefined;
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
  /** As in a list; what moves in or out arrives as with labels. */
  readonly fieldSelector?: readonly SelectorRequirement[] | undefined;
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
  /** Who writes; `controller` for our own controllers. Admission sees it; `managedFields` remember it. */
  readonly fieldManager?: string | undefined;
  /** Do everything but store it: the answer is the object as it would be. */
  readonly dryRun?: boolean | undefined;
  /**
   * The object comes from outside and has not been decoded: check its shape against the schema of its kind.
   * Unknown fields are an error (Strict), a warning and dropped (Warn), or dropped (Ignore). Absent: the caller
   * has decoded it.
   */
  readonly fieldValidation?: FieldValidation | undefined;
  /** Told what the author should know although the write succeeds; may be called several times. */
  readonly onWarning?: ((text: string) => void) | undefined;
}

/** What becomes of fields that the schema of a kind does not know. */
export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

/** How an object is to be changed. */
export type Patch =
  /** RFC 7396: fields replace fields, null removes, lists are replaced whole. */
  | { readonly type: 'merge'; readonly body: unknown }
  /** RFC 6902: a list of operations, all or none. */
  | { readonly type: 'json'; readonly body: unknown }
  /** Kubernetes' strategic merge: lists merge by key. Kinds of Kubernetes itself only; UnsupportedMediaType for others. */
  | { readonly type: 'strategic'; readonly body: unknown }
  /**
   * Server-side apply: `body` is all that `fieldManager` (required) wants of the object; the object is created when
   * it is not there. Rejects with Conflict when another manager owns a field with another value, unless `force`.
   */
  | { readonly type: 'apply'; readonly body: unknown; readonly force?: boolean | undefined };

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
  /** Check everything and delete nothing. */
  readonly dryRun?: boolean | undefined;
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
  /** Fields besides `metadata.name` and `metadata.namespace` that a list can select by, as dotted paths. */
  readonly selectableFields?: readonly string[] | undefined;
  /** How lists and maps of the kind merge; absent: every list is one value. */
  readonly mergeSchema?: MergeSchema | undefined;
}

/** The part of a structural schema that says how server-side apply and strategic merge treat lists and maps. */
export interface MergeSchema {
  readonly properties?: Readonly<Record<string, MergeSchema>>;
  /** For maps: the schema of every value. */
  readonly additionalProperties?: MergeSchema | boolean;
  readonly items?: MergeSchema;
  /** Absent: atomic. */
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  /** Absent: granular. */
  readonly 'x-kubernetes-map-type'?: 'granular' | 'atomic';
  /** Strategic merge only: what a list merges by, and `merge` or `replace`. */
  readonly 'x-kubernetes-patch-merge-key'?: string;
  readonly 'x-kubernetes-patch-strategy'?: string;
  /** Value of an item's key that the server fills in (protocol of a port). */
  readonly default?: unknown;
}

/** Where a store looks kinds up; a `KindRegistry` is one. */
export interface KindSource {
  get(apiVersion: string, kind: string): StoredKind | undefined;
}

/** What admission is told about the write besides the objects. */
export interface AdmissionRequest {
  readonly operation: 'create' | 'update';
  readonly fieldManager: string | undefined;
  /** `status`: only the status changes; its shape is to be checked, nothing else. */
  readonly subresource?: 'status' | undefined;
  readonly fieldValidation?: FieldValidation | undefined;
  readonly onWarning?: ((text: string) => void) | undefined;
}

/**
 * Defaulting and validation, called by a store that has no webhooks, on create, update and patch; on status
 * writes only where `fieldValidation` is asked for. Gets a copy of its own and returns the object to store; throws to refuse the write, best
 * with a `StoreError`.
 */
export type Admission = (
  object: ApiObject,
  old: ApiObject | undefined,
  request: AdmissionRequest,
) => ApiObject;
