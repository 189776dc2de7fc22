/**
 * Kinds that users define by CustomResourceDefinitions, in the registry of this process while their definitions
 * exist. What a cluster's API server and its CRD controllers do: names accepted, established, objects of a deleted
 * definition removed.
 *
 * A definition of one of our own kinds (the files of `crds/` applied to a laptop) is accepted and changes nothing:
 * those kinds are built in, with rules that no CRD can say.
 */
import type { Reconciler, ReconcileContext, ResourceStore } from '@afflux/control';
import {
  establishedStatus,
  kindsOfCrd,
  type CustomResourceDefinition,
  type KindDefinition,
  type KindRegistry,
} from '@afflux/resources';
import { deleteAll } from './delete-all.ts';

interface Definition {
  /** Another one of the same name has another uid. */
  readonly revision: string;
  readonly kinds: readonly KindDefinition[];
}

export interface UserKindsDeps {
  readonly registry: KindRegistry;
}

/** The user-defined part of a registry. */
export class UserKinds {
  readonly #registry: KindRegistry;
  readonly #definitions = new Map<string, Definition>();
  /** apiVersion in which objects are kept, by group and kind. */
  readonly #storedAs = new Map<string, string>();

  constructor({ registry }: UserKindsDeps) {
    this.#registry = registry;
  }

  /** The kinds of a definition are served from now on, as it says now. */
  learn(crd: CustomResourceDefinition): void {
    const { name, uid = '', generation = 0 } = crd.metadata;
    const revision = `${uid}/${String(generation)}`;
    if (this.#definitions.get(name)?.revision === revision) return;
    this.forget(name);
    const kinds = kindsOfCrd(crd).filter(
      ({ apiVersion, kind }) => this.#registry.get(apiVersion, kind) === undefined,
    );
    for (const kind of kinds) this.#registry.register(kind);
    this.#definitions.set(name, { revision, kinds });
    const [first] = kinds;
    if (first === undefined) return;
    // A storage version that is not served cannot be written here: the first that is takes its place.
    const storage = crd.spec.versions.find(({ storage: isStorage }) => isStorage)?.name;
    const stored = kinds.find(({ version }) => version === storage) ?? first;
    this.#storedAs.set(`${stored.group}/${stored.kind}`, stored.apiVersion);
  }

  /** They are served no more. */
  forget(name: string): void {
    for (const { apiVersion, group, kind } of this.kindsOf(name)) {
      this.#registry.unregister(apiVersion, kind);
      this.#storedAs.delete(`${group}/${kind}`);
    }
    this.#definitions.delete(name);
  }

  /** In which version objects of a kind are kept; undefined for kinds that no user defined. */
  storedAs(group: string, kind: string): string | undefined {
    return this.#storedAs.get(`${group}/${kind}`);
  }

  /** Those that came with a definition. */
  kindsOf(name: string): readonly KindDefinition[] {
    return this.#definitions.get(name)?.kinds ?? [];
  }
}

/** Holds a definition until its objects are gone; Kubernetes' own name. */
export const DEFINITION_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

export interface CrdReconcilerDeps {
  readonly store: ResourceStore;
  readonly userKinds: UserKinds;
}

export class CrdReconciler implements Reconciler<CustomResourceDefinition> {
  readonly kind = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
  } as const;
  readonly finalizer = DEFINITION_FINALIZER;
  readonly #deps: CrdReconcilerDeps;

  constructor(deps: CrdReconcilerDeps) {
    this.#deps = deps;
  }

  reconcile(crd: CustomResourceDefinition, { now }: ReconcileContext): Promise<void> {
    this.#deps.userKinds.learn(crd);
    crd.status = establishedStatus(crd, now());
    return Promise.resolve();
  }

  async finalize(crd: CustomResourceDefinition, { signal }: ReconcileContext): Promise<void> {
    const { name } = crd.metadata;
    const { store, userKinds } = this.#deps;
    userKinds.learn(crd);
    const left = 'of the kind are still there';
    await deleteAll(store, userKinds.kindsOf(name), { signal, left });
    userKinds.forget(name);
  }
}
