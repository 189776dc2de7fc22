/** A store that remembers every write that was asked of it, and can be told to fail some. */
import type { ApiObject } from '@afflux/resources';
import { formatKey } from '../store/keys.ts';
import type {
  CallOptions,
  Change,
  DeleteOptions,
  GroupVersionKind,
  ListOptions,
  ObjectKey,
  ObjectList,
  Patch,
  PatchOptions,
  ResourceStore,
  WatchOptions,
  WriteOptions,
} from '../store/resource-store.ts';

/** The ways to write. */
export type WriteVerb = 'create' | 'update' | 'updateStatus' | 'patch' | 'delete';

/** One write as it was asked for, whether it succeeded or not. */
export interface RecordedWrite {
  readonly verb: WriteVerb;
  readonly kind: string;
  /** `<namespace>/<name>`. */
  readonly key: string;
  /** For create, update and updateStatus. */
  readonly object?: ApiObject;
  /** For patch. */
  readonly patch?: Patch;
}

/** Makes writes fail: all those of this verb and kind. */
export interface WriteFailure {
  readonly verb: WriteVerb;
  readonly kind: string;
  readonly error: Error;
}

export class RecordingStore implements ResourceStore {
  readonly #store: ResourceStore;
  #failures: readonly WriteFailure[];
  #writes: RecordedWrite[] = [];

  constructor(store: ResourceStore, failures: readonly WriteFailure[] = []) {
    this.#store = store;
    this.#failures = failures;
  }

  /** The writes since the last call. */
  takeWrites(): RecordedWrite[] {
    const writes = this.#writes;
    this.#writes = [];
    return writes;
  }

  /** From now on no write is made to fail. */
  stopFailing(): void {
    this.#failures = [];
  }

  get(kind: GroupVersionKind, key: ObjectKey, options?: CallOptions): Promise<ApiObject> {
    return this.#store.get(kind, key, options);
  }

  list(kind: GroupVersionKind, options?: ListOptions): Promise<ObjectList> {
    return this.#store.list(kind, options);
  }

  watch(kind: GroupVersionKind, options: WatchOptions): AsyncIterable<Change> {
    return this.#store.watch(kind, options);
  }

  async create<T extends ApiObject>(object: T, options?: WriteOptions): Promise<T> {
    this.#record({ verb: 'create', kind: object.kind, key: formatKey(object.metadata), object });
    return this.#store.create(object, options);
  }

  async update<T extends ApiObject>(object: T, options?: WriteOptions): Promise<T> {
    this.#record({ verb: 'update', kind: object.kind, key: formatKey(object.metadata), object });
    return this.#store.update(object, options);
  }

  async updateStatus<T extends ApiObject>(object: T, options?: WriteOptions): Promise<T> {
    const key = formatKey(object.metadata);
    this.#record({ verb: 'updateStatus', kind: object.kind, key, object });
    return this.#store.updateStatus(object, options);
  }

  async patch(
    kind: GroupVersionKind,
    key: ObjectKey,
    patch: Patch,
    options?: PatchOptions,
  ): Promise<ApiObject> {
    this.#record({ verb: 'patch', kind: kind.kind, key: formatKey(key), patch });
    return this.#store.patch(kind, key, patch, options);
  }

  async delete(
    kind: GroupVersionKind,
    key: ObjectKey,
    options?: DeleteOptions,
  ): Promise<ApiObject | undefined> {
    this.#record({ verb: 'delete', kind: kind.kind, key: formatKey(key) });
    return this.#store.delete(kind, key, options);
  }

  #record(write: RecordedWrite): void {
    this.#writes.push(write);
    const failure = this.#failures.find(
      ({ verb, kind }) => verb === write.verb && kind === write.kind,
    );
    if (failure !== undefined) throw failure.error;
  }
}
