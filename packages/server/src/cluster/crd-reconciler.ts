/**
 * What a cluster's controllers do with a CustomResourceDefinition: its kinds are served when it has its names, its
 * status says so, and its objects go when it does.
 */
import type { ObjectKey, Reconciler, ReconcileContext, ResourceStore } from '@afflux/control';
import {
  establishedStatus,
  terminatingStatus,
  type CustomResourceDefinition,
} from '@afflux/resources';
import { deleteAll } from './delete-all.ts';
import type { UserKinds } from './user-kinds.ts';

/** The kind of definitions. */
export const DEFINITION = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
} as const;

/** Holds a definition until its objects are gone; Kubernetes' own name. */
export const DEFINITION_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

export interface CrdReconcilerDeps {
  readonly store: ResourceStore;
  readonly userKinds: UserKinds;
}

export class CrdReconciler implements Reconciler<CustomResourceDefinition> {
  readonly kind = DEFINITION;
  readonly finalizer = DEFINITION_FINALIZER;
  readonly #deps: CrdReconcilerDeps;
  /** Definitions that did not get all of their names, and how each is looked at again. */
  readonly #waiting = new Map<string, () => void>();

  constructor(deps: CrdReconcilerDeps) {
    this.#deps = deps;
  }

  reconcile(crd: CustomResourceDefinition, context: ReconcileContext): Promise<void> {
    const { name } = crd.metadata;
    const { userKinds } = this.#deps;
    const former = userKinds.namingOf(name);
    const naming = userKinds.accept(crd);
    crd.status = establishedStatus(crd, naming, context.now());
    this.#waiting.delete(name);
    // It may have let names go that others wait for.
    if (naming !== former) this.#wakeOthers();
    if (naming.conflict !== undefined) {
      this.#waiting.set(name, () => {
        context.enqueueAfter(0);
      });
    }
    return Promise.resolve();
  }

  async finalize(crd: CustomResourceDefinition, context: ReconcileContext): Promise<void> {
    const { name } = crd.metadata;
    const { signal } = context;
    const { store, userKinds } = this.#deps;
    const left = 'of the kind are still there';
    // Read by whoever sees it wait for finalizers.
    crd.status = terminatingStatus(crd, context.now());
    // The kinds stay as they are until then: one that is defined anew ends its watches, and these are to see how the
    // objects go.
    const stored = userKinds.storedKindOf(name);
    if (stored !== undefined) await deleteAll(store, [stored], { signal, left });
    this.#forget(name);
  }

  /** Also where somebody took the finalizer off. */
  observeDeletion({ name }: ObjectKey): void {
    this.#forget(name);
  }

  #forget(name: string): void {
    this.#waiting.delete(name);
    if (this.#deps.userKinds.namingOf(name) === undefined) return;
    this.#deps.userKinds.forget(name);
    this.#wakeOthers();
  }

  #wakeOthers(): void {
    for (const lookAgain of this.#waiting.values()) lookAgain();
  }
}
