/**
 * What a cluster's namespace controller does: a Namespace that is deleted takes everything in it along, and goes
 * itself when nothing is left.
 */
import type { Reconciler, ReconcileContext, ResourceStore } from '@afflux/control';
import type { KindRegistry, Namespace } from '@afflux/resources';
import { deleteAll } from './delete-all.ts';

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
    const kinds = registry.all().filter(({ namespaced }) => namespaced);
    await deleteAll(store, kinds, { namespace: name, signal, left: 'are still in the namespace' });
  }
}
