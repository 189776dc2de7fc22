/**
 * Reads a watch to its end and keeps what came. Waiting for something means waiting for the watch to bring it:
 * no polling, no sleeping; the test's own deadline bounds the wait.
 */
import type {
  Change,
  GroupVersionKind,
  LabelSelector,
  ResourceStore,
  SelectorRequirement,
} from '../store/resource-store.ts';

/** A change that concerns an object. */
export type ObjectChangeRecord = Exclude<Change, { type: 'BOOKMARK' }>;

interface Expectation {
  readonly isMet: (changes: readonly ObjectChangeRecord[]) => boolean;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

export class WatchRecorder {
  readonly changes: ObjectChangeRecord[] = [];
  readonly bookmarks: string[] = [];
  /** Resolves when the watch has ended, however it did. */
  readonly ended: Promise<void>;
  /** What the watch ended with; undefined while it goes on, and after an orderly end. */
  error: unknown;
  readonly #lifetime = new AbortController();
  #expectations: Expectation[] = [];

  constructor(
    store: ResourceStore,
    kind: GroupVersionKind,
    options: {
      readonly namespace?: string;
      readonly labelSelector?: LabelSelector | undefined;
      readonly fieldSelector?: readonly SelectorRequirement[] | undefined;
      readonly resourceVersion?: string;
    } = {},
  ) {
    this.ended = this.#read(store.watch(kind, { ...options, signal: this.#lifetime.signal }));
  }

  /** Type and name of each change so far. */
  get summary(): string[] {
    return this.changes.map(({ type, object }) => `${type} ${object.metadata.name}`);
  }

  /** Resolves when the changes so far are what is waited for. */
  until(isMet: Expectation['isMet']): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#expectations.push({ isMet, resolve, reject });
      this.#check();
    });
  }

  /** Resolves when there is a change of this type for an object of this name. */
  seen(type: ObjectChangeRecord['type'], name: string): Promise<void> {
    return this.until((changes) =>
      changes.some((change) => change.type === type && change.object.metadata.name === name),
    );
  }

  async close(): Promise<void> {
    this.#lifetime.abort();
    await this.ended;
  }

  async #read(watch: AsyncIterable<Change>): Promise<void> {
    try {
      for await (const change of watch) {
        if (change.type === 'BOOKMARK') this.bookmarks.push(change.resourceVersion);
        else this.changes.push(change);
        this.#check();
      }
    } catch (error) {
      this.error = error;
    }
    for (const { reject } of this.#expectations) {
      reject(this.error ?? new Error(`the watch ended after: ${this.summary.join(', ')}`));
    }
    this.#expectations = [];
  }

  #check(): void {
    const met = this.#expectations.filter(({ isMet }) => isMet(this.changes));
    this.#expectations = this.#expectations.filter((expectation) => !met.includes(expectation));
    for (const { resolve } of met) resolve();
  }
}
