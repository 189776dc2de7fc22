/** A value that is made of the kinds of a registry, at the first call and again whenever the kinds have changed. */
import type { KindRegistry } from '@afflux/resources';

export class PerGeneration<T> {
  readonly #registry: Pick<KindRegistry, 'generation'>;
  readonly #make: () => T;
  #made: { readonly generation: number; readonly value: T } | undefined;

  constructor(registry: Pick<KindRegistry, 'generation'>, make: () => T) {
    this.#registry = registry;
    this.#make = make;
  }

  get(): T {
    const { generation } = this.#registry;
    if (this.#made?.generation !== generation) this.#made = { generation, value: this.#make() };
    return this.#made.value;
  }
}
