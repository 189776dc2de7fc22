/**
 * The kinds that are built in, as CustomResourceDefinition objects: clients look for them there (`kn` finds channels
 * and sources by their labels). Nothing in this process needs them, and their schemas are large, so they are written
 * when somebody first asks for definitions.
 */
import { isConflict, type ResourceStore } from '@afflux/control';
import { builtinKinds, crdsOf, type ApiObject } from '@afflux/resources';
import { DEFINITION_FINALIZER } from './user-kinds.ts';

/** Who wrote them. */
const MANAGER = 'afflux-shipped';

export class ShippedDefinitions {
  readonly #store: ResourceStore;
  #written: Promise<void> | undefined;

  constructor({ store }: { readonly store: ResourceStore }) {
    this.#store = store;
  }

  /** Resolves when they are in the store. What failed is tried again by the next call. */
  ensure(): Promise<void> {
    this.#written ??= this.#write().catch((error: unknown) => {
      this.#written = undefined;
      throw error;
    });
    return this.#written;
  }

  async #write(): Promise<void> {
    for (const definition of crdsOf(builtinKinds())) {
      // With the finalizer that their controller would add at once.
      const metadata = { ...definition.metadata, finalizers: [DEFINITION_FINALIZER] };
      await this.#apply({ ...definition, metadata });
    }
  }

  async #apply(body: ApiObject): Promise<void> {
    const patch = { type: 'apply', body } as const;
    try {
      await this.#store.patch(body, body.metadata, patch, { fieldManager: MANAGER });
    } catch (error) {
      // Somebody has applied a definition of their own.
      if (!isConflict(error)) throw error;
    }
  }
}
