/**
 * What a cluster's namespace controller does: a Namespace that is deleted takes everything in it along, and goes
 * itself when nothing is left.
 */
import {
  RequeueAfter,
  type Reconciler,
  type ReconcileContext,
  type ResourceStore,
} from '@afflux/control';
import type { KindRegistry, Namespace } from '@afflux/resources';
import { deleteAll } from './delete-all.ts';

/** How soon it is looked again whether finalizers have let the last objects go. */
const LOOK_AGAIN_MS = 200;

/** Holds a Namespace until it is empty. */
export const NAMESPACE_FINALIZER = 'afflux.dev/namespace-contents';

export interface NamespaceReconcilerDeps {
  readonly store: ResourceStore;
  readonly registry: KindRegistry;
}

export class NamespaceReconciler implements Reconciler<Namespace> {
  readonly kind = { apiVersion: 'v1', kind: 'Namespace' } as const;
  readonly finalizer = NAMESPACE_FINALIZER;
  readonly #deps: NamespaceReconcilerDeps;

  constructor(deps: NamespaceReconcilerDeps) {
    this.#deps = deps;
  }

  reconcile(namespace: Namespace): Promise<void> {
    namespace.status = { ...namespace.status, phase: 'Active' };
    return Promise.resolve();
  }

  async finalize(namespace: Namespace, { signal }: ReconcileContext): Promise<void> {
    const { name } = namespace.metadata;
    namespace.status = { ...namespace.status, phase: 'Terminating' };
    const { store, registry } = this.#deps;
    let left = 0;
    for (const definition of registry.all()) {
      if (!definition.namespaced) continue;
      left += await deleteAll(store, definition, { namespace: name, signal });
    }
    if (left > 0) {
      throw new RequeueAfter(LOOK_AGAIN_MS, `${String(left)} objects are still in the namespace`);
    }
  }
}
