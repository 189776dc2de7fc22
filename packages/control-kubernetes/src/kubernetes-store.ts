/**
 * The resource store that is a cluster. Every rule of the store is the server's; this translates: keys to paths,
 * options to parameters, refusals to `StoreError`, lines of a watch to changes.
 *
 * Three things differ from a store in this process and cannot be otherwise. A watch follows from the moment at which
 * the server took it on, a little after the call: to miss nothing, watch from the version of a list. A field selector
 * can ask for one value of a field, not for one of several. And a write whose connection broke may have happened:
 * the error says so, and nothing is sent twice.
 */
import {
  fieldSelectorText,
  isExpired,
  labelSelectorText,
  StoreError,
  type CallOptions,
  type Change,
  type DeleteOptions,
  type GroupVersionKind,
  type ListOptions,
  type ObjectKey,
  type ObjectList,
  type Patch,
  type PatchOptions,
  type ResourceStore,
  type SelectorRequirement,
  type StoredKind,
  type WatchOptions,
  type WriteOptions,
} from '@afflux/control';
import type { Random } from '@afflux/kernel';
import type { ApiObject } from '@afflux/resources';
import { collectionPath, creationPath, objectPath, type ServedKind } from './resource-path.ts';
import type { QueryValue, RestAnswer, RestClient, RestRequest, RestStream } from './rest-client.ts';
import {
  byNamespaceAndName,
  isHeld,
  listPage,
  servedObject,
  type ListPage,
} from './served-objects.ts';
import { asStatus } from './status-error.ts';
import { changesOf } from './watch-changes.ts';

/** Objects of one page of a list (client-go). */
const PAGE_OBJECTS = 500;
/** A server is asked to end a watch after some time between these, so that not all end at once (client-go). */
const WATCH_SECONDS_MIN = 300;
const WATCH_SECONDS_MAX = 600;

/** Where a store looks kinds up: a `KindSource`, or a `Discovery`. */
export interface KindLookup {
  get(apiVersion: string, kind: string): StoredKind | undefined | Promise<StoredKind | undefined>;
}

export interface KubernetesStoreOptions {
  readonly client: RestClient;
  readonly kinds: KindLookup;
  readonly random: Random;
}

const PATCH_TYPES: Readonly<Record<Patch['type'], string>> = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  // YAML by name; JSON is YAML.
  apply: 'application/apply-patch+yaml',
};

type Query = Record<string, QueryValue>;

/** A store on a cluster. The client is its maker's to close. */
export class KubernetesStore implements ResourceStore {
  readonly #client: RestClient;
  readonly #kinds: KindLookup;
  readonly #random: Random;

  constructor(options: KubernetesStoreOptions) {
    this.#client = options.client;
    this.#kinds = options.kinds;
    this.#random = options.random;
  }

  async get(kind: GroupVersionKind, key: ObjectKey, options: CallOptions = {}): Promise<ApiObject> {
    const path = objectPath(await this.#served(kind), key);
    const answer = await this.#client.request({ method: 'GET', path, signal: options.signal });
    return servedObject(answer.json());
  }

  async list(kind: GroupVersionKind, options: ListOptions = {}): Promise<ObjectList> {
    const served = await this.#served(kind);
    const query = selection(options);
    try {
      return await this.#listPages(served, options, { ...query, limit: PAGE_OBJECTS });
    } catch (error) {
      // Between two pages the picture was forgotten. Without pages there is nothing to forget.
      if (isExpired(error)) return this.#listPages(served, options, query);
      throw error;
    }
  }

  watch(kind: GroupVersionKind, options: WatchOptions): AsyncIterable<Change> {
    if (options.signal.aborted) return nothing();
    const opening = this.#openWatch(kind, options);
    // Who iterates sees the failure.
    opening.catch(() => undefined);
    return follow(opening, options.signal);
  }

  async create<T extends ApiObject>(object: T, options: WriteOptions = {}): Promise<T> {
    const path = creationPath(await this.#served(object), object.metadata);
    return this.#write({ method: 'POST', path, body: object }, options) as Promise<T>;
  }

  async update<T extends ApiObject>(object: T, options: WriteOptions = {}): Promise<T> {
    const path = objectPath(await this.#served(object), object.metadata);
    return this.#write({ method: 'PUT', path, body: object }, options) as Promise<T>;
  }

  async updateStatus<T extends ApiObject>(object: T, options: WriteOptions = {}): Promise<T> {
    const path = objectPath(await this.#served(object), object.metadata, 'status');
    return this.#write({ method: 'PUT', path, body: object }, options) as Promise<T>;
  }

  async patch(
    kind: GroupVersionKind,
    key: ObjectKey,
    patch: Patch,
    options: PatchOptions = {},
  ): Promise<ApiObject> {
    const path = objectPath(await this.#served(kind), key, options.subresource);
    const query = patch.type === 'apply' && patch.force === true ? { force: true } : {};
    const contentType = PATCH_TYPES[patch.type];
    // A text would go as it is; as a patch it is a JSON value like any other.
    const body = JSON.stringify(patch.body);
    return this.#write({ method: 'PATCH', path, query, body, contentType }, options);
  }

  async delete(
    kind: GroupVersionKind,
    key: ObjectKey,
    options: DeleteOptions = {},
  ): Promise<ApiObject | undefined> {
    const path = objectPath(await this.#served(kind), key);
    const body = {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: options.propagation ?? 'Background',
      preconditions: options.preconditions,
      ...(options.dryRun === true ? { dryRun: ['All'] } : {}),
    };
    const { signal } = options;
    const answer = await this.#client.request({ method: 'DELETE', path, body, signal });
    const content = answer.json();
    if (asStatus(content) !== undefined) return undefined;
    const object = servedObject(content);
    return isHeld(object) ? object : undefined;
  }

  async #served(kind: GroupVersionKind): Promise<ServedKind> {
    const { apiVersion, kind: name } = kind;
    const stored = await this.#kinds.get(apiVersion, name);
    if (stored !== undefined) return { ...stored, apiVersion, kind: name };
    throw new StoreError(
      'AFFLUX_STORE_KIND_UNKNOWN',
      `the server has no kind ${name} in ${apiVersion}`,
      { details: { apiVersion, kind: name } },
    );
  }

  async #listPages(kind: ServedKind, options: ListOptions, query: Query): Promise<ObjectList> {
    const path = collectionPath(kind, options.namespace);
    const items: ApiObject[] = [];
    let page: ListPage | undefined;
    do {
      const answer = await this.#client.request({
        method: 'GET',
        path,
        query: { ...query, continue: page?.next },
        signal: options.signal,
      });
      page = listPage(answer.json(), kind);
      for (const item of page.items) items.push(item);
    } while (page.next !== undefined);
    return {
      items: Object.freeze(items.sort(byNamespaceAndName)),
      resourceVersion: page.resourceVersion,
    };
  }

  async #openWatch(kind: GroupVersionKind, options: WatchOptions): Promise<OpenWatch> {
    const { signal } = options;
    const served = await this.#served(kind);
    // Watching without a version may begin with what a cache still knows; a list does not.
    const present =
      options.resourceVersion === undefined ? await this.list(kind, options) : undefined;
    const span = WATCH_SECONDS_MAX - WATCH_SECONDS_MIN;
    const stream = await this.#client.stream({
      path: collectionPath(served, options.namespace),
      query: {
        ...selection(options),
        watch: true,
        allowWatchBookmarks: true,
        resourceVersion: options.resourceVersion ?? present?.resourceVersion,
        timeoutSeconds: WATCH_SECONDS_MIN + Math.floor(this.#random.next() * span),
      },
      signal,
    });
    return { present: present?.items ?? [], stream };
  }

  async #write(request: RestRequest, options: WriteOptions): Promise<ApiObject> {
    const answer: RestAnswer = await this.#client.request({
      ...request,
      query: {
        ...request.query,
        fieldManager: options.fieldManager,
        fieldValidation: options.fieldValidation,
        dryRun: options.dryRun === true ? 'All' : undefined,
      },
      signal: options.signal,
    });
    for (const warning of answer.warnings) options.onWarning?.(warning);
    return servedObject(answer.json());
  }
}

/** Selectors as parameters. */
function selection(options: Pick<ListOptions, 'labelSelector' | 'fieldSelector'>): Query {
  const { labelSelector = [], fieldSelector = [] } = options;
  checkFields(fieldSelector);
  return {
    labelSelector: labelSelectorText(labelSelector) || undefined,
    fieldSelector: fieldSelectorText(fieldSelector) || undefined,
  };
}

/** Over the wire, conditions are joined by and; one of several values cannot be said. */
function checkFields(selector: readonly SelectorRequirement[]): void {
  for (const { key, operator, values = [] } of selector) {
    const canBeSaid = operator === 'NotIn' || (operator === 'In' && values.length === 1);
    if (canBeSaid) continue;
    throw new StoreError(
      'AFFLUX_STORE_BAD_REQUEST',
      `a cluster selects fields by one value, or by values that they must not have: ${key}`,
    );
  }
}

/** A watch that the server has taken on. */
interface OpenWatch {
  /** What there was before, when no version was given. */
  readonly present: readonly ApiObject[];
  readonly stream: RestStream;
}

async function* follow(
  opening: Promise<OpenWatch>,
  signal: AbortSignal,
): AsyncGenerator<Change, void> {
  try {
    const { present, stream } = await opening;
    try {
      for (const object of present) yield { type: 'ADDED', object };
      yield* changesOf(stream.chunks);
    } finally {
      stream.cancel();
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function* nothing(): AsyncGenerator<Change, void> {
  // The signal had aborted before.
}
