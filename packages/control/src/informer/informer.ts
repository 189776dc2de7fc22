/**
 * Keeps all objects of one kind at hand. Whoever reads through an informer reads memory; whoever registers a
 * handler hears every change in order. One per kind, shared (see `InformerSet`).
 *
 * It lives through everything that can happen to a list or a watch (see `Reflector`), changes that come twice
 * or too late, deletions that happened while it was not looking (found by the next list, delivered with the
 * last known state), and an object deleted and made anew under its name (a deletion, then an addition).
 *
 * Invariants: a handler hears of each object an addition first, then modifications, then a deletion; the cache
 * has already changed when a handler is called; a handler that throws disturbs nobody; handlers are never
 * awaited. An object with the version that is already known is no change.
 */
import {
  abortedError,
  BaseComponent,
  noopMeter,
  systemRandom,
  type Clock,
  type Logger,
  type Meter,
  type Random,
} from '@afflux/kernel';
import type { ApiObject } from '@afflux/resources';
import { formatKey, keyOf, kindId } from '../store/keys.ts';
import type { GroupVersionKind, ResourceStore } from '../store/resource-store.ts';
import { ObjectCache, type IndexFunction } from './object-cache.ts';
import { Reflector, type WatchEnding } from './reflector.ts';

/** What happened to one object: `new` alone is an addition, `old` alone a deletion, both a modification. */
export interface ObjectChange<T extends ApiObject = ApiObject> {
  readonly old?: T;
  readonly new?: T;
}

/** Called in order, never concurrently. Must be quick and must not throw: enqueue, and work elsewhere. */
export type ChangeHandler<T extends ApiObject = ApiObject> = (change: ObjectChange<T>) => void;

export interface InformerOptions {
  readonly store: ResourceStore;
  readonly gvk: GroupVersionKind;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter?: Meter;
  /** Spreads the waits after failures. */
  readonly random?: Random;
}

/** See the head of the file. `start` resolves when the first complete picture is in the cache. */
export class Informer<T extends ApiObject = ApiObject> extends BaseComponent {
  readonly name: string;
  readonly gvk: GroupVersionKind;
  readonly #logger: Logger;
  readonly #reflector: Reflector;
  readonly #cache = new ObjectCache<T>();
  readonly #handlers = new Set<ChangeHandler<T>>();
  readonly #lifetime = new AbortController();
  readonly #countEnding: (ending: WatchEnding) => void;
  readonly #stopObserving: () => void;
  #hasSynced = false;
  #onSynced: (() => void) | undefined;

  constructor(options: InformerOptions) {
    super();
    const { store, gvk, clock, random = systemRandom, meter = noopMeter } = options;
    this.gvk = { apiVersion: gvk.apiVersion, kind: gvk.kind };
    this.name = `informer ${kindId(gvk)}`;
    this.#logger = options.logger.child({ component: 'informer', watched: kindId(gvk) });
    const endings = meter.counter({
      name: 'afflux_informer_watch_ends_total',
      help: 'Watches that ended, by kind and by how.',
      labels: ['kind', 'ending'],
    });
    this.#countEnding = (ending) => {
      endings.labels(kindId(gvk), ending).add();
    };
    this.#stopObserving = meter.observe(
      { name: 'afflux_informer_objects', help: 'Objects in the cache, by kind.', labels: ['kind'] },
      () => [{ value: this.#cache.size, labels: [kindId(gvk)] }],
    );
    this.#reflector = new Reflector({
      store,
      gvk: this.gvk,
      clock,
      random,
      logger: this.#logger,
      sink: {
        begin: (items) => {
          this.#removeOthers(items);
        },
        put: (object) => {
          this.#put(object as T);
        },
        remove: (object) => {
          this.#remove(object as T);
        },
        synced: () => {
          this.#hasSynced = true;
          this.#onSynced?.();
        },
        watchEnded: this.#countEnding,
      },
    });
  }

  /** Whether the cache has held a complete picture once. It may always be a little behind the store. */
  get hasSynced(): boolean {
    return this.#hasSynced;
  }

  /** False while changes that have already arrived wait for a turn of the event loop. */
  get isIdle(): boolean {
    return !this.#reflector.isYielding;
  }

  /** Number of objects known. */
  get size(): number {
    return this.#cache.size;
  }

  /** The object, frozen. The namespace is undefined for cluster-scoped kinds. */
  get(namespace: string | undefined, name: string): T | undefined {
    return this.#cache.get(formatKey({ namespace, name }));
  }

  /** All objects, or those of one namespace, in no order. */
  list(namespace?: string): T[] {
    const all = [...this.#cache.all()];
    return namespace === undefined
      ? all
      : all.filter((object) => object.metadata.namespace === namespace);
  }

  /** Adds an index, at any time, unless one of this name exists. `byLabel(…)` and `byOwnerUid` are ready-made. */
  addIndex(name: string, valuesOf: IndexFunction<T>): void {
    if (!this.#cache.hasIndex(name)) this.#cache.addIndex(name, valuesOf);
  }

  /** The objects that the index files under this value. An index that was not added is a programmer error. */
  byIndex(name: string, value: string): T[] {
    return this.#cache.byIndex(name, value);
  }

  /**
   * Registers a handler; it is called at once with an addition for every object known by now. The function
   * returned takes it off again.
   */
  onChange(handler: ChangeHandler<T>): () => void {
    for (const object of this.#cache.all()) this.#call(handler, { new: object });
    this.#handlers.add(handler);
    return () => void this.#handlers.delete(handler);
  }

  protected override onStart(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => {
        if (signal !== undefined) reject(abortedError(signal));
      };
      const settle = (): void => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      };
      this.#onSynced = settle;
      signal?.addEventListener('abort', onAbort, { once: true });
      // Closing ends the wait; the component then reports its state.
      this.#lifetime.signal.addEventListener('abort', settle, { once: true });
      // It never rejects, and ends with the lifetime.
      void this.#reflector.run(this.#lifetime.signal);
    });
  }

  protected override onClose(): Promise<void> {
    this.#lifetime.abort();
    this.#stopObserving();
    this.#handlers.clear();
    return Promise.resolve();
  }

  #removeOthers(items: readonly ApiObject[]): void {
    const present = new Set(items.map(keyOf));
    for (const object of this.list()) {
      if (!present.has(keyOf(object))) this.#remove(object);
    }
  }

  #put(object: T): void {
    const old = this.#cache.get(keyOf(object));
    if (old !== undefined) {
      if (old.metadata.uid !== object.metadata.uid) this.#remove(old);
      else if (old.metadata.resourceVersion === object.metadata.resourceVersion) return;
    }
    const replaced = this.#cache.set(object);
    this.#notify(replaced === undefined ? { new: object } : { old: replaced, new: object });
  }

  #remove(object: T): void {
    const key = keyOf(object);
    // A late deletion of an earlier object of this name says nothing about the present one.
    if (this.#cache.get(key)?.metadata.uid !== object.metadata.uid) return;
    if (this.#cache.delete(key) !== undefined) this.#notify({ old: object });
  }

  #notify(change: ObjectChange<T>): void {
    for (const handler of this.#handlers) this.#call(handler, change);
  }

  #call(handler: ChangeHandler<T>, change: ObjectChange<T>): void {
    try {
      handler(change);
    } catch (err) {
      this.#logger.error({ err }, 'change handler failed');
    }
  }
}
