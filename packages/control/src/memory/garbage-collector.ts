/**
 * Deletes what is owned when its owners are gone, as kube-controller-manager does: in the background, by uid.
 *
 * The store reports every change; the collector keeps two maps (object by uid, dependents by owner uid) and a
 * set of uids to look at, which it works off outside the write that caused it, a few at a time. What it does
 * for an object depends only on the state at that moment, so looking twice is harmless.
 *
 * - An owner that does not exist, or lives in another namespace, counts as absent. A child all of whose owners
 *   are absent is deleted, also when the owner vanished before the child was made. While one owner exists, the
 *   references to absent ones are taken off.
 * - An owner of a kind that is not served here may well exist: it counts as present, and its children are looked at
 *   again when kinds change. Kinds go by group and name; an owner that was seen to go is absent whatever its kind is.
 * - An owner in foreground deletion waits until no dependent with `blockOwnerDeletion` is left.
 * - An owner with the `orphan` finalizer first lets its dependents go.
 * - A cluster-scoped child of a namespaced owner cannot be resolved and is left alone, as in Kubernetes.
 */
import type { Clock, Logger } from '@afflux/kernel';
import type { ApiObject, OwnerReference } from '@afflux/resources';
import { TurnBudget } from '../event-loop.ts';
import type { Propagation } from '../store/resource-store.ts';
import type { StoredKinds } from './kind-tables.ts';
import { FOREGROUND_FINALIZER, ORPHAN_FINALIZER } from './write-rules.ts';

/** What the collector does to the store. Both are synchronous and act on the current state. */
export interface CollectorHost {
  remove(object: ApiObject, propagation: Propagation): void;
  setMetadata(
    object: ApiObject,
    change: { finalizers?: string[]; ownerReferences?: OwnerReference[] },
  ): void;
}

/** After a refusal, in milliseconds. */
const PAUSE_MS = 1_000;

type OwnerState = 'solid' | 'unknown' | 'waiting' | 'absent';

export interface GarbageCollectorOptions {
  /** Says which kinds an owner could be looked up of. */
  readonly registry: StoredKinds;
  readonly clock: Clock;
  readonly logger: Logger;
}

function hasFinalizer(object: ApiObject, finalizer: string): boolean {
  return object.metadata.finalizers?.includes(finalizer) === true;
}

function isForegroundDeleting(object: ApiObject): boolean {
  return (
    object.metadata.deletionTimestamp !== undefined && hasFinalizer(object, FOREGROUND_FINALIZER)
  );
}

function ownersOf(object: ApiObject | undefined): readonly OwnerReference[] {
  return object?.metadata.ownerReferences ?? [];
}

function groupOf(apiVersion: string): string {
  return apiVersion.slice(0, Math.max(apiVersion.lastIndexOf('/'), 0));
}

export class GarbageCollector {
  readonly #host: CollectorHost;
  readonly #registry: StoredKinds;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #budget: TurnBudget;
  readonly #objects = new Map<string, ApiObject>();
  readonly #dependents = new Map<string, Set<string>>();
  /** Owners that are no more, as long as something still names them. */
  readonly #gone = new Set<string>();
  /** Objects with an owner of a kind that is not known. */
  readonly #unresolved = new Set<string>();
  readonly #due = new Set<string>();
  #isRunning = false;
  #isPaused = false;

  constructor(host: CollectorHost, { registry, clock, logger }: GarbageCollectorOptions) {
    this.#host = host;
    this.#registry = registry;
    this.#logger = logger;
    this.#clock = clock;
    this.#budget = new TurnBudget(clock);
  }

  /** What the store was told could not be kept: look again later, not at once and for ever. */
  pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#clock.setTimer(PAUSE_MS, () => {
      this.#isPaused = false;
      this.#begin();
    });
  }

  /** Kinds came or went: owners may be known that were not. */
  kindsChanged(): void {
    const unresolved = [...this.#unresolved];
    this.#unresolved.clear();
    for (const uid of unresolved) this.#look(uid);
  }

  /** Called for every change, after it was stored. */
  observe(next: ApiObject | undefined, old: ApiObject | undefined): void {
    const uid = (next ?? old)?.metadata.uid;
    if (uid === undefined) return;
    this.#remember(uid, next);
    if (next?.metadata.ownerReferences !== old?.metadata.ownerReferences) {
      this.#reindex(uid, next, old);
      if (next !== undefined) this.#look(uid);
    }
    if (next === undefined) {
      for (const dependent of this.#dependents.get(uid) ?? []) this.#look(dependent);
      for (const owner of ownersOf(old)) this.#look(owner.uid);
    } else if (next.metadata.deletionTimestamp !== undefined) {
      this.#look(uid);
    }
  }

  #remember(uid: string, next: ApiObject | undefined): void {
    if (next !== undefined) {
      this.#objects.set(uid, next);
      this.#gone.delete(uid);
      return;
    }
    this.#objects.delete(uid);
    this.#unresolved.delete(uid);
    if (this.#dependents.has(uid)) this.#gone.add(uid);
  }

  #reindex(uid: string, next: ApiObject | undefined, old: ApiObject | undefined): void {
    for (const owner of ownersOf(old)) {
      const dependents = this.#dependents.get(owner.uid);
      dependents?.delete(uid);
      if (dependents?.size !== 0) continue;
      this.#dependents.delete(owner.uid);
      this.#gone.delete(owner.uid);
    }
    for (const owner of ownersOf(next)) {
      const dependents = this.#dependents.get(owner.uid) ?? new Set();
      this.#dependents.set(owner.uid, dependents);
      dependents.add(uid);
    }
  }

  #look(uid: string): void {
    this.#due.add(uid);
    this.#begin();
  }

  #begin(): void {
    if (this.#isRunning || this.#isPaused || this.#due.size === 0) return;
    this.#isRunning = true;
    // `#run` handles its own failures; nobody waits for it.
    void this.#run();
  }

  async #run(): Promise<void> {
    // Not inside the write that caused it.
    await Promise.resolve();
    for (const uid of this.#due) {
      if (this.#isPaused) break;
      this.#due.delete(uid);
      this.#examine(uid);
      const turn = this.#budget.spent();
      if (turn !== undefined) await turn;
    }
    this.#isRunning = false;
  }

  #examine(uid: string): void {
    const object = this.#objects.get(uid);
    if (object === undefined) return;
    try {
      if (object.metadata.deletionTimestamp === undefined) this.#collect(object);
      else if (hasFinalizer(object, ORPHAN_FINALIZER)) this.#orphanDependents(object, uid);
      else if (isForegroundDeleting(object)) this.#awaitDependents(object, uid);
    } catch (err) {
      const { namespace, name } = object.metadata;
      this.#logger.error({ err, kind: object.kind, namespace, name }, 'garbage collection failed');
    }
  }

  #collect(object: ApiObject): void {
    const owners = ownersOf(object);
    const states = owners.map((owner) => this.#stateOf(owner, object));
    if (states.includes('unknown')) this.#unresolved.add(object.metadata.uid ?? '');
    const isLeft = (state: OwnerState | undefined) => state === 'solid' || state === 'unknown';
    const left = owners.filter((_, index) => isLeft(states[index]));
    if (left.length === owners.length) return;
    if (left.length > 0) {
      this.#host.setMetadata(object, { ownerReferences: left });
      return;
    }
    const isAwaited = states.includes('waiting');
    this.#host.remove(object, isAwaited ? this.#propagationBelow(object) : 'Background');
  }

  #stateOf(reference: OwnerReference, child: ApiObject): OwnerState {
    const { uid } = reference;
    const owner = this.#objects.get(uid);
    if (owner === undefined) {
      return this.#gone.has(uid) || this.#isKnownKind(reference) ? 'absent' : 'unknown';
    }
    const { namespace } = owner.metadata;
    const isResolvable = child.metadata.namespace !== undefined;
    if (isResolvable && namespace !== undefined && namespace !== child.metadata.namespace) {
      return 'absent';
    }
    return isForegroundDeleting(owner) ? 'waiting' : 'solid';
  }

  /** A reference names some version of the kind. */
  #isKnownKind({ apiVersion, kind }: OwnerReference): boolean {
    if (this.#registry.get(apiVersion, kind) !== undefined) return true;
    const group = groupOf(apiVersion);
    return this.#registry.byKind?.(kind).some((one) => one.group === group) === true;
  }

  /** Foreground all the way down, except where the ownership runs in a circle and would wait for ever. */
  #propagationBelow(object: ApiObject): Propagation {
    const dependents = this.#dependentsOf(object.metadata.uid ?? '');
    if (dependents.length === 0 || dependents.some(isForegroundDeleting)) return 'Background';
    return 'Foreground';
  }

  #dependentsOf(uid: string): ApiObject[] {
    const uids = [...(this.#dependents.get(uid) ?? [])];
    return uids.flatMap((dependent) => this.#objects.get(dependent) ?? []);
  }

  #awaitDependents(owner: ApiObject, uid: string): void {
    const dependents = this.#dependentsOf(uid);
    const isBlocked = dependents.some((dependent) =>
      ownersOf(dependent).some(
        (reference) => reference.uid === uid && reference.blockOwnerDeletion === true,
      ),
    );
    for (const dependent of dependents) {
      if (dependent.metadata.deletionTimestamp === undefined)
        this.#look(dependent.metadata.uid ?? '');
    }
    if (!isBlocked) this.#dropFinalizer(owner, FOREGROUND_FINALIZER);
  }

  #orphanDependents(owner: ApiObject, uid: string): void {
    for (const dependent of this.#dependentsOf(uid)) {
      this.#host.setMetadata(dependent, {
        ownerReferences: ownersOf(dependent).filter((reference) => reference.uid !== uid),
      });
    }
    this.#dropFinalizer(owner, ORPHAN_FINALIZER);
  }

  #dropFinalizer(object: ApiObject, finalizer: string): void {
    const finalizers = object.metadata.finalizers?.filter((name) => name !== finalizer) ?? [];
    this.#host.setMetadata(object, { finalizers });
  }
}
