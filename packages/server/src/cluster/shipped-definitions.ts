/**
 * The kinds that are built in, as CustomResourceDefinition objects: clients look for them there (`kn` finds channels
 * and sources by their labels). Nothing in this process needs them, and their schemas are large, so they are written
 * when somebody first asks for definitions.
 */
import type { ResourceStore } from '@afflux/control';
import { builtinKinds, crdsOf, type ApiObject } from '@afflux/resources';
import { applyShipped } from './apply-shipped.ts';
import { DEFINITION, DEFINITION_FINALIZER } from './crd-reconciler.ts';

export class ShippedDefinitions {
  readonly #store: ResourceStore;
  #definitions: readonly ApiObject[] | undefined;
  #writing: Promise<void> | undefined;

  constructor({ store }: { readonly store: ResourceStore }) {
    this.#store = store;
  }

  /** Resolves when they are in the store: also those that somebody deleted, because their kinds are still served. */
  ensure(): Promise<void> {
    this.#writing ??= this.#write().finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  async #write(): Promise<void> {
    const isFirst = this.#definitions === undefined;
    this.#definitions ??= crdsOf(builtinKinds());
    const { items } = await this.#store.list(DEFINITION);
    const present = new Set(items.map(({ metadata }) => metadata.name));
    for (const definition of this.#definitions) {
      // The first time also those that an earlier version may have written.
      if (!isFirst && present.has(definition.metadata.name)) continue;
      // With the finalizer that their controller would add at once.
      const metadata = { ...definition.metadata, finalizers: [DEFINITION_FINALIZER] };
      await applyShipped(this.#store, { ...definition, metadata });
    }
  }
}
