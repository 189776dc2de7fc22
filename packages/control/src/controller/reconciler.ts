/**
 * What a feature writes: a {@link Reconciler} makes the world agree with one object. It gets a copy of the
 * object, re-reads everything else, and says how it went by setting `status` on the copy and by returning or
 * throwing. Running twice changes nothing. The controller around it does the rest: queue, finalizers,
 * conditions, the status write, retries.
 */
import type { Logger } from '@afflux/kernel';
import type { ApiObject, ConditionSet } from '@afflux/resources';
import type { GroupVersionKind, ObjectKey } from '../store/resource-store.ts';

/** What a run may use besides its own dependencies. */
export interface ReconcileContext {
  /** Aborts at the deadline of the run, or when the controller closes. Pass it to everything that waits. */
  readonly signal: AbortSignal;
  /** Already carries controller, namespace and name. */
  readonly logger: Logger;
  /** The time of this run, RFC 3339 with seconds; the same through the whole run. */
  readonly now: () => string;
  /** Runs this key again after `delayMs` at the latest, whatever the outcome of this run. */
  readonly enqueueAfter: (delayMs: number) => void;
}

export interface Reconciler<T extends ApiObject = ApiObject> {
  /** The kind whose objects it reconciles. */
  readonly kind: GroupVersionKind;
  /**
   * Put on each object before its first run and taken off after {@link finalize} succeeded. Required with
   * `finalize`; by convention `<plural>.<group>`.
   */
  readonly finalizer?: string;
  /** False for objects that leave nothing behind: they get no finalizer. Default: each accepted one gets it. */
  needsFinalizer?(object: T): boolean;
  /**
   * The conditions of the kind. With it the controller initialises them before each run and marks the happy
   * one Unknown, reason `NewObservedGenFailure`, while a new generation has not been looked at.
   */
  readonly conditions?: ConditionSet;
  /** What the Event says when the happy condition becomes True. Default: reason `<Kind>Ready`. */
  readyEvent?(object: T): { readonly reason: string; readonly message: string };
  /** False for objects of another class: they are left alone, finalizer and status included. */
  accepts?(object: T): boolean;
  /** Fills in defaults on the copy, in memory only, before {@link reconcile}. */
  prepare?(object: T, context: ReconcileContext): void;
  /**
   * Makes the world agree with `object`, a mutable copy; changes to its `status` are written when they differ,
   * also when this throws. Other changes to it are ignored.
   */
  reconcile(object: T, context: ReconcileContext): Promise<void>;
  /** Undoes what `reconcile` did outside the store. Must succeed when it is already undone. */
  finalize?(object: T, context: ReconcileContext): Promise<void>;
  /** The object is gone from the store: forget what was kept in memory under its key. Must not throw. */
  observeDeletion?(key: ObjectKey): void;
}
