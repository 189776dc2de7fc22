/** What every case of the store kit works with: the store, names of its own, and watches that are closed. */
import { newUuid } from '@afflux/kernel';
import { onTestFinished } from 'vitest';
import { mutableCopy } from '../../store/json.ts';
import type { GroupVersionKind, ListOptions, ResourceStore } from '../../store/resource-store.ts';
import type { KitObject } from '../kinds.ts';
import { WatchRecorder } from '../watch-recorder.ts';

/** What the factory of a back-end gives to the kit. */
export interface StoreUnderTest {
  readonly store: ResourceStore;
  /** Makes a namespace that nobody else uses. Default: a new name, for stores that need no namespaces. */
  makeNamespace?(): Promise<string>;
  close?(): Promise<void>;
}

/** What a back-end does beyond the rules that hold for all; cases about anything absent here are skipped. */
export interface StoreCapabilities {
  /** Owned objects go when their owners do. False for a bare kube-apiserver. */
  readonly garbageCollection: boolean;
  /** Size of an object that must be refused, in bytes of JSON. */
  readonly objectBytesRefused: number;
  /** Changes of one kind after which an older version has expired, where that is certain. */
  readonly historyMax?: number;
  /** Changes that a watch may leave unread before it ends, where that is certain. */
  readonly watchBacklogMax?: number;
  /** Objects that a namespace takes, where there is a quota. */
  readonly objectsPerNamespaceMax?: number;
}

export class StoreBench {
  readonly capabilities: StoreCapabilities;
  #underTest: StoreUnderTest | undefined;

  constructor(capabilities: StoreCapabilities) {
    this.capabilities = capabilities;
  }

  open(underTest: StoreUnderTest): void {
    this.#underTest = underTest;
  }

  async close(): Promise<void> {
    await this.#underTest?.close?.();
  }

  get store(): ResourceStore {
    if (this.#underTest === undefined) throw new Error('the store is not open');
    return this.#underTest.store;
  }

  async namespace(): Promise<string> {
    return (await this.#underTest?.makeNamespace?.()) ?? this.unique('ns');
  }

  /** A name that no other case uses. */
  unique(prefix: string): string {
    return `${prefix}-${newUuid().slice(0, 13)}`;
  }

  /** Creates an object and gives back a copy that may be changed. */
  async create(object: KitObject): Promise<KitObject> {
    return mutableCopy(await this.store.create(object));
  }

  /** Reads an object that must be there, as a copy that may be changed. */
  async read(object: KitObject): Promise<KitObject> {
    return mutableCopy(await this.store.get(object, object.metadata)) as KitObject;
  }

  /**
   * Starts a watch that ends with the test and shows every change after this call. A cluster takes a watch on
   * somewhat after it was asked to, so it is told from which version.
   */
  async follow(
    kind: GroupVersionKind,
    options: { readonly namespace: string } & Pick<ListOptions, 'labelSelector' | 'fieldSelector'>,
  ): Promise<WatchRecorder> {
    const { resourceVersion } = await this.store.list(kind, options);
    return this.watch(kind, { ...options, resourceVersion });
  }

  /** Starts a watch that ends with the test. */
  watch(
    kind: GroupVersionKind,
    options: ConstructorParameters<typeof WatchRecorder>[2],
  ): WatchRecorder {
    const recorder = new WatchRecorder(this.store, kind, options);
    onTestFinished(() => recorder.close());
    return recorder;
  }
}

/** A reference from a child to its owner. */
export function ownerReference(
  owner: KitObject,
  options: { readonly controller?: boolean; readonly blockOwnerDeletion?: boolean } = {},
): NonNullable<KitObject['metadata']['ownerReferences']>[number] {
  const { apiVersion, kind, metadata } = owner;
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '', ...options };
}

/** Whether nothing in the value can be changed. */
export function isDeepFrozen(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return Object.isFrozen(value) && Object.values(value).every(isDeepFrozen);
}
