/**
 * A store whose lists and watches can be made to misbehave, for the tests of what stands on them. Everything
 * else is passed through.
 */
import type {
  Change,
  GroupVersionKind,
  ListOptions,
  ObjectList,
  WatchOptions,
} from '../store/resource-store.ts';
import { RecordingStore } from './recording-store.ts';

type Step = IteratorResult<Change, undefined>;

/** A watch that passes changes on until it is detached (says nothing more) or cut (ends). */
class FragileWatch implements AsyncIterableIterator<Change, undefined> {
  readonly #inner: AsyncIterator<Change>;
  readonly #end: Promise<Step>;
  #isDetached = false;
  cut: (error?: Error) => void = () => undefined;

  constructor(inner: AsyncIterable<Change>) {
    this.#inner = inner[Symbol.asyncIterator]();
    this.#end = new Promise((resolve, reject) => {
      this.cut = (error) => {
        if (error === undefined) resolve({ done: true, value: undefined });
        else reject(error);
      };
    });
    this.#end.catch(() => undefined);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  detach(): void {
    this.#isDetached = true;
  }

  next(): Promise<Step> {
    return Promise.race([this.#step(), this.#end]);
  }

  async #step(): Promise<Step> {
    const step = await this.#inner.next();
    if (this.#isDetached) await this.#end;
    return step.done === true ? { done: true, value: undefined } : step;
  }
}

export class FaultyStore extends RecordingStore {
  /** Errors of the next lists; undefined lets one pass. */
  listFaults: (Error | undefined)[] = [];
  /** What the next watches do instead of what the store would. */
  watchFaults: ((options: WatchOptions) => AsyncIterable<Change>)[] = [];
  /** `list` and `watch <version>`, in order. */
  readonly calls: string[] = [];
  readonly #watches: FragileWatch[] = [];

  override async list(kind: GroupVersionKind, options?: ListOptions): Promise<ObjectList> {
    this.calls.push('list');
    const fault = this.listFaults.shift();
    if (fault !== undefined) throw fault;
    return super.list(kind, options);
  }

  override watch(kind: GroupVersionKind, options: WatchOptions): AsyncIterable<Change> {
    this.calls.push(`watch ${options.resourceVersion ?? ''}`);
    const fault = this.watchFaults.shift();
    if (fault !== undefined) return fault(options);
    const watch = new FragileWatch(super.watch(kind, options));
    this.#watches.push(watch);
    return watch;
  }

  /** The running watches bring nothing more. */
  detachWatches(): void {
    for (const watch of this.#watches) watch.detach();
  }

  /** The running watches end, with an error or in good order. */
  cutWatches(error?: Error): void {
    for (const watch of this.#watches.splice(0)) watch.cut(error);
  }

  get listCount(): number {
    return this.calls.filter((call) => call === 'list').length;
  }
}

/** A watch that brings these changes and then ends, with the error or in good order. */
export async function* scripted(
  changes: readonly Change[],
  error?: Error,
): AsyncGenerator<Change, void> {
  await Promise.resolve();
  for (const change of changes) yield change;
  if (error !== undefined) throw error;
}

/** A watch that brings these changes and then nothing, and never ends by itself: a dead connection. */
export async function* silent(
  { signal }: WatchOptions,
  changes: readonly Change[] = [],
): AsyncGenerator<Change, void> {
  for (const change of changes) yield change;
  await new Promise((resolve) => {
    signal.addEventListener('abort', resolve);
  });
}
