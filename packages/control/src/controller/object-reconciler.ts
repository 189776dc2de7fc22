/**
 * One run for one object: the sequence that Knative generates around every reconciler, so that features write
 * only what is theirs.
 *
 *     gone?         observeDeletion, done
 *     other class?  done
 *     deleting?     finalize, then take our finalizer off
 *     else          put our finalizer on → prepare → conditions → reconcile
 *                   → observedGeneration, transition times → write the status if it differs
 *
 * Invariants: the reconciler works on a private copy; status is written at most once per run, only when it
 * changed, also when the reconciler failed; nothing but status and our finalizer is ever written here. What
 * happened is told as Kubernetes Events where there is somewhere to tell it, which no run waits for.
 */
import type { Clock, Random } from '@afflux/kernel';
import {
  CONTROLLER_USER,
  type ApiObject,
  type Conditions,
  type KnativeStatus,
} from '@afflux/resources';
import assert from 'node:assert/strict';
import { ControlError, isConflict } from '../errors.ts';
import { mutableCopy, sameJson } from '../store/json.ts';
import { parseKey } from '../store/keys.ts';
import type { ResourceStore, WriteOptions } from '../store/resource-store.ts';
import { addFinalizer, clearFinalizer, hasFinalizer } from './finalizers.ts';
import type { ReconcileContext, Reconciler } from './reconciler.ts';
import { RunEvents, type EventTarget } from './run-events.ts';
import { writeStatus } from './status-writer.ts';
import { settleTransitionTimes } from './transition-times.ts';

/** Reason and message of the happy condition while a new generation has not been looked at (Knative's). */
const NEW_GENERATION_REASON = 'NewObservedGenFailure';
const NEW_GENERATION_MESSAGE = 'unsuccessfully observed a new generation';

export interface ObjectReconcilerOptions<T extends ApiObject> {
  readonly reconciler: Reconciler<T>;
  readonly store: ResourceStore;
  /** Reads the object of a key, from an informer. */
  readonly read: (key: string) => T | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly events?: EventTarget | undefined;
}

/** What a run found. */
export type Sighting = 'present' | 'gone';

type Result = { readonly ok: true } | { readonly ok: false; readonly error: unknown };

export class ObjectReconciler<T extends ApiObject> {
  readonly #options: ObjectReconcilerOptions<T>;
  readonly #finalizer: string | undefined;
  readonly #events: RunEvents<T>;

  constructor(options: ObjectReconcilerOptions<T>) {
    const { reconciler } = options;
    const finalizes = reconciler.finalize !== undefined;
    assert(!finalizes || reconciler.finalizer !== undefined, 'finalize needs a finalizer');
    this.#options = options;
    this.#finalizer = finalizes ? reconciler.finalizer : undefined;
    this.#events = new RunEvents(options.events, reconciler, options.clock);
  }

  /** Tells nothing any more. */
  close(): void {
    this.#events.close();
  }

  /** False for an object that another reconciler of its kind takes care of. */
  concerns(key: string): boolean {
    const object = this.#options.read(key);
    return object === undefined || this.#options.reconciler.accepts?.(object) !== false;
  }

  /**
   * One run. Rejects with what the reconciler threw, or with what prevented the status from being written.
   * `lifetime` bounds the writes, which outlive the deadline in `context.signal`.
   */
  async run(key: string, context: ReconcileContext, lifetime: AbortSignal): Promise<Sighting> {
    const { reconciler, read } = this.#options;
    const object = read(key);
    if (object === undefined) {
      this.#events.objectGone(key);
      reconciler.observeDeletion?.(parseKey(key));
      return 'gone';
    }
    if (reconciler.accepts?.(object) === false) return 'present';
    const writing: WriteOptions = { fieldManager: CONTROLLER_USER, signal: lifetime };
    if (object.metadata.deletionTimestamp === undefined) {
      await this.#reconcile(object, context, writing);
    } else {
      await this.#finalize(object, context, writing);
    }
    return 'present';
  }

  async #reconcile(cached: T, context: ReconcileContext, writing: WriteOptions): Promise<void> {
    const { reconciler } = this.#options;
    const seen = await this.#withFinalizer(cached, writing);
    const copy = mutableCopy(seen);
    const result = await attempt(async () => {
      reconciler.prepare?.(copy, context);
      this.#beginConditions(copy, context.now());
      await reconciler.reconcile(copy, context);
    });
    this.#endConditions(copy, seen, context, result.ok);
    await this.#writeStatus(seen, copy.status, writing, result);
    if (!result.ok) throw this.#told(seen, result.error, context, writing);
  }

  /** The object with our finalizer on, where it needs one. */
  async #withFinalizer(object: T, writing: WriteOptions): Promise<T> {
    const { reconciler, store } = this.#options;
    const finalizer = this.#finalizer;
    if (finalizer === undefined || hasFinalizer(object, finalizer)) return object;
    if (reconciler.needsFinalizer?.(object) === false) return object;
    const add = (): Promise<ApiObject> => addFinalizer(store, object, finalizer, writing);
    return (await this.#events.ofFinalizer(object, add)) as T;
  }

  async #finalize(object: T, context: ReconcileContext, writing: WriteOptions): Promise<void> {
    const { reconciler, store } = this.#options;
    const finalizer = this.#finalizer;
    if (finalizer === undefined || !hasFinalizer(object, finalizer)) return;
    const copy = mutableCopy(object);
    const result = await attempt(async () => {
      await reconciler.finalize?.(copy, context);
    });
    if (result.ok) {
      await this.#events.ofFinalizer(object, () =>
        clearFinalizer(store, object, finalizer, writing),
      );
      return;
    }
    await this.#writeStatus(object, copy.status, writing, result);
    throw this.#told(object, result.error, context, writing);
  }

  /** Tells of the failure and hands it back. When the controller closes, runs fail and nothing is wrong. */
  #told(object: T, error: unknown, { signal }: ReconcileContext, writing: WriteOptions): unknown {
    if (writing.signal?.aborted === true) return error;
    // A run that was cut short says so, not how it noticed.
    this.#events.runFailed(object, signal.aborted ? signal.reason : error);
    return error;
  }

  /** Every condition is there, and the happy one admits that this generation is new to us. */
  #beginConditions(copy: T, now: string): void {
    const { conditions } = this.#options.reconciler;
    if (conditions === undefined) return;
    const status = (copy.status ?? {}) as KnativeStatus;
    copy.status = status;
    status.conditions = conditions.initialize(status, now);
    if (status.observedGeneration === copy.metadata.generation) return;
    status.conditions = conditions.markUnknown(status, {
      type: conditions.happy,
      reason: NEW_GENERATION_REASON,
      message: NEW_GENERATION_MESSAGE,
      now,
    });
  }

  #endConditions(copy: T, seen: T, context: ReconcileContext, isOk: boolean): void {
    const { conditions } = this.#options.reconciler;
    const status = copy.status as KnativeStatus | undefined;
    if (status === undefined) return;
    const { generation } = copy.metadata;
    // Kubernetes' own kinds have no such field; their reconcilers set conditions by themselves.
    if (conditions !== undefined && generation !== undefined) {
      status.observedGeneration = generation;
    }
    settleTransitionTimes(status, seen.status as KnativeStatus | undefined, context.now());
    const happy = conditions?.happyCondition(status);
    if (isOk && conditions !== undefined && (happy?.reason ?? '') === NEW_GENERATION_REASON) {
      context.logger.warn({}, 'the reconciler left the happy condition as it was');
    }
  }

  async #writeStatus(
    seen: T,
    status: unknown,
    writing: WriteOptions,
    result: Result,
  ): Promise<void> {
    if (sameJson(seen.status, status)) return;
    try {
      await writeStatus(this.#options, seen, status, writing);
    } catch (error) {
      if (writing.signal?.aborted !== true) this.#events.statusFailed(seen, error);
      if (isConflict(error) && result.ok) throw error;
      throw new ControlError(`failed to update status for "${seen.metadata.name}"`, {
        code: 'AFFLUX_CONTROL_STATUS_UPDATE_FAILED',
        retryable: true,
        cause: result.ok ? error : new AggregateError([error, result.error]),
      });
    }
    this.#events.conditionsChanged(seen, conditionsOf(seen.status), conditionsOf(status));
  }
}

/** A kind without conditions has none; one whose status is no object neither. */
function conditionsOf(status: unknown): Conditions | undefined {
  const conditions = (status as KnativeStatus | null | undefined)?.conditions;
  return Array.isArray(conditions) ? conditions : undefined;
}

async function attempt(work: () => Promise<void>): Promise<Result> {
  try {
    await work();
    return { ok: true };
  } catch (error) {
    return { ok: false, error };
  }
}
