/** A map that forgets what was not used for the longest time, so that what it remembers stays bounded. */
import assert from 'node:assert/strict';

export class LruMap<V> {
  readonly #sizeMax: number;
  /** In order of use: a `Map` iterates in the order of insertion. */
  readonly #entries = new Map<string, V>();

  constructor(sizeMax: number) {
    assert(Number.isInteger(sizeMax) && sizeMax > 0, 'sizeMax must be a positive integer');
    this.#sizeMax = sizeMax;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The value of a key, which counts as a use of it. */
  get(key: string): V | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  set(key: string, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#sizeMax) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      return;
    }
  }
}
