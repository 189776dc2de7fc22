/**
 * Who has to look again when an object changes: a controller's runs register the objects they read, and the
 * tracker notifies when one of them is added, changes or goes. References to objects that do not exist, and to
 * kinds nobody watched yet, work the same; the informer of such a kind is made on the first reference.
 *
 * Track before you read: a change between the two then leads to another run, so none is missed.
 *
 * Observers are plain texts. A controller listens for those of the form that `observerOf` makes, so any number
 * of controllers can share one tracker.
 *
 * References do not expire. Instead each run renews them: what a successful run did not track again is dropped
 * at its end (`passBegins`, `passEnds`; the `Controller` calls both), a failed run only adds, and when the
 * observer itself is gone all its references go (`untrack`). The number of references is bounded.
 */
import assert from 'node:assert/strict';
import type { ApiObject } from '@afflux/resources';
import { ControlError } from './errors.ts';
import type { Informer } from './informer/informer.ts';
import type { InformerSet } from './informer/informer-set.ts';
import { formatKey, keyOf, kindId } from './store/keys.ts';
import type { GroupVersionKind, ObjectKey } from './store/resource-store.ts';

/** References of all observers together. */
const REFERENCES_MAX = 100_000;

/** Names one object of any kind. */
export interface TrackedReference extends GroupVersionKind {
  readonly namespace?: string | undefined;
  readonly name: string;
}

export interface TrackerOptions {
  readonly informers: Pick<InformerSet, 'get'>;
  /** Default 100,000. */
  readonly referencesMax?: number;
}

/** How the run for an object is named as an observer: `<apiVersion>/<kind>/<namespace>/<name>`. */
export function observerOf(kind: GroupVersionKind, key: ObjectKey): string {
  return `${kindId(kind)}/${formatKey(key)}`;
}

/** The references of one observer: by their identity, whether the present pass has renewed them. */
type References = Map<string, { isFresh: boolean }>;

export class Tracker {
  readonly #informers: Pick<InformerSet, 'get'>;
  readonly #referencesMax: number;
  readonly #references = new Map<string, References>();
  readonly #observers = new Map<string, Set<string>>();
  readonly #watched = new Map<string, Informer>();
  readonly #listeners = new Set<(observer: string) => void>();
  #referenceCount = 0;

  constructor(options: TrackerOptions) {
    this.#informers = options.informers;
    this.#referencesMax = options.referencesMax ?? REFERENCES_MAX;
  }

  /** Number of references held. */
  get size(): number {
    return this.#referenceCount;
  }

  /** What the observer tracks: `<apiVersion>/<kind> <namespace>/<name>` of each object. */
  tracked(observer: string): string[] {
    return [...(this.#references.get(observer)?.keys() ?? [])];
  }

  /** The observer is to be notified whenever this object changes. Throws `AFFLUX_CONTROL_TRACKER_FULL`. */
  track(reference: TrackedReference, observer: string): void {
    assert(reference.name !== '', 'a tracked reference needs a name');
    this.#watch(reference);
    const id = identityOf(reference, formatKey(reference));
    const references = this.#references.get(observer) ?? new Map<string, { isFresh: boolean }>();
    const known = references.get(id);
    if (known !== undefined) {
      known.isFresh = true;
      return;
    }
    if (this.#referenceCount === this.#referencesMax) {
      throw new ControlError(
        `${String(this.#referencesMax)} references are tracked, which is all`,
        {
          code: 'AFFLUX_CONTROL_TRACKER_FULL',
          retryable: true,
        },
      );
    }
    this.#referenceCount += 1;
    references.set(id, { isFresh: true });
    this.#references.set(observer, references);
    const observers = this.#observers.get(id);
    if (observers === undefined) this.#observers.set(id, new Set([observer]));
    else observers.add(observer);
  }

  /** Drops everything the observer tracks. */
  untrack(observer: string): void {
    const references = this.#references.get(observer);
    if (references === undefined) return;
    for (const id of [...references.keys()]) this.#drop(observer, references, id);
  }

  /** A run of the observer begins: what it tracks from here on is what it needs. */
  passBegins(observer: string): void {
    for (const reference of this.#references.get(observer)?.values() ?? []) {
      reference.isFresh = false;
    }
  }

  /** The run was complete: what it did not track again is dropped. */
  passEnds(observer: string): void {
    const references = this.#references.get(observer);
    if (references === undefined) return;
    for (const [id, { isFresh }] of [...references]) {
      if (!isFresh) this.#drop(observer, references, id);
    }
  }

  /** Registers who is told about observers that have to look again; returns how to take it off. */
  onNotify(listener: (observer: string) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** An object changed: its observers are notified. The informers call this; others may. */
  onChanged(object: ApiObject): void {
    const observers = this.#observers.get(identityOf(object, keyOf(object)));
    if (observers === undefined) return;
    for (const observer of [...observers]) {
      for (const listener of this.#listeners) listener(observer);
    }
  }

  #watch(kind: GroupVersionKind): void {
    const id = kindId(kind);
    if (this.#watched.has(id)) return;
    const informer = this.#informers.get(kind);
    this.#watched.set(id, informer);
    informer.onChange(({ old, new: next }) => {
      const object = next ?? old;
      if (object !== undefined) this.onChanged(object);
    });
  }

  #drop(observer: string, references: References, id: string): void {
    references.delete(id);
    this.#referenceCount -= 1;
    if (references.size === 0) this.#references.delete(observer);
    const observers = this.#observers.get(id);
    observers?.delete(observer);
    if (observers?.size === 0) this.#observers.delete(id);
  }
}

function identityOf(kind: GroupVersionKind, key: string): string {
  return `${kindId(kind)} ${key}`;
}
