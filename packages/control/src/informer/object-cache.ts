/**
 * The objects of one kind by key, with indexes: functions from an object to the values under which it is to be
 * found. Indexes follow every change; looking one up costs no more than its answer. Plain data, no I/O.
 */
import assert from 'node:assert/strict';
import type { ApiObject } from '@afflux/resources';
import { keyOf } from '../store/keys.ts';

/** The values under which an object is found; none for objects that do not belong in the index. */
export type IndexFunction<T extends ApiObject = ApiObject> = (object: T) => readonly string[];

interface Index<T extends ApiObject> {
  readonly valuesOf: IndexFunction<T>;
  readonly keys: Map<string, Set<string>>;
}

/** An index function: by the value of one label. */
export function byLabel(label: string): IndexFunction {
  return (object) => {
    const labels = object.metadata.labels ?? {};
    const value = Object.hasOwn(labels, label) ? labels[label] : undefined;
    return value === undefined ? [] : [value];
  };
}

/** An index function: by the uid of each owner. */
export const byOwnerUid: IndexFunction = (object) =>
  (object.metadata.ownerReferences ?? []).map((owner) => owner.uid);

export class ObjectCache<T extends ApiObject> {
  readonly #objects = new Map<string, T>();
  readonly #indexes = new Map<string, Index<T>>();

  get size(): number {
    return this.#objects.size;
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  all(): Iterable<T> {
    return this.#objects.values();
  }

  /** Stores an object and gives back the one that it replaces. */
  set(object: T): T | undefined {
    const key = keyOf(object);
    const old = this.#objects.get(key);
    this.#objects.set(key, object);
    for (const index of this.#indexes.values()) reindex(index, key, old, object);
    return old;
  }

  /** Removes an object and gives it back. */
  delete(key: string): T | undefined {
    const old = this.#objects.get(key);
    this.#objects.delete(key);
    for (const index of this.#indexes.values()) reindex(index, key, old, undefined);
    return old;
  }

  /** The same name twice is a programmer error. */
  addIndex(name: string, valuesOf: IndexFunction<T>): void {
    assert(!this.#indexes.has(name), `index ${name} exists already`);
    const index: Index<T> = { valuesOf, keys: new Map() };
    this.#indexes.set(name, index);
    for (const [key, object] of this.#objects) reindex(index, key, undefined, object);
  }

  hasIndex(name: string): boolean {
    return this.#indexes.has(name);
  }

  /** Objects found under that value, in order of their arrival there. An unknown index is a programmer error. */
  byIndex(name: string, value: string): T[] {
    const index = this.#indexes.get(name);
    assert(index !== undefined, `there is no index ${name}`);
    const keys = index.keys.get(value);
    return keys === undefined ? [] : [...keys].flatMap((key) => this.#objects.get(key) ?? []);
  }
}

function reindex<T extends ApiObject>(
  index: Index<T>,
  key: string,
  old: T | undefined,
  next: T | undefined,
): void {
  const before = old === undefined ? [] : index.valuesOf(old);
  const after = next === undefined ? [] : index.valuesOf(next);
  for (const value of before) {
    if (after.includes(value)) continue;
    const keys = index.keys.get(value);
    keys?.delete(key);
    if (keys?.size === 0) index.keys.delete(value);
  }
  for (const value of after) {
    const keys = index.keys.get(value);
    if (keys === undefined) index.keys.set(value, new Set([key]));
    else keys.add(key);
  }
}
