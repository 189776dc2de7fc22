/**
 * One watch of the memory store. Changes are offered as they happen and wait in a bounded queue until the
 * reader takes them; a reader that lets the queue fill gets Expired once, and must list again.
 *
 * Invariants: changes come out in the order offered; after the end (abort, return, Expired) nothing comes out
 * and nothing is kept; a watch whose kind is gone ends when everything before that has come out; the end is reported
 * to the owner exactly once.
 */
import { BoundedQueue } from '@afflux/kernel';
import type { ApiObject } from '@afflux/resources';
import { readerTooSlow } from '../store/refusals.ts';
import type { Change, WatchOptions } from '../store/resource-store.ts';
import { matchesSelectors } from '../store/selectors.ts';
import type { RecordedChange } from './change-history.ts';

interface Waiter {
  resolve(result: IteratorResult<Change, undefined>): void;
  reject(error: unknown): void;
}

interface Waiting {
  readonly change: Change;
  readonly bytes: number;
}

const DONE: IteratorResult<Change, undefined> = { done: true, value: undefined };

export interface WatcherOptions {
  readonly filter: Pick<WatchOptions, 'namespace' | 'labelSelector' | 'fieldSelector' | 'signal'>;
  /** Delivered before anything offered; may be longer than the backlog. */
  readonly initial: readonly RecordedChange[];
  readonly backlogMax: number;
  /** About how much memory the changes in it may take. */
  readonly backlogBytesMax: number;
  onEnd(watcher: Watcher): void;
}

export class Watcher implements AsyncIterableIterator<Change, undefined> {
  readonly #options: WatcherOptions;
  readonly #backlog: BoundedQueue<Waiting>;
  #backlogBytes = 0;
  #initial: Change[];
  #initialIndex = 0;
  #waiters: Waiter[] = [];
  /** Nothing is offered any more. */
  #isLast = false;
  #hasEnded = false;
  #error: unknown;

  constructor(options: WatcherOptions) {
    this.#options = options;
    this.#backlog = new BoundedQueue(options.backlogMax);
    this.#initial = options.initial.flatMap((change) => this.#view(change) ?? []);
    options.filter.signal.addEventListener('abort', this.#end, { once: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Called for every change of the kind, in order. */
  offer(change: RecordedChange): void {
    const view = this.#view(change);
    if (view !== undefined) this.push(view, change.bytes);
  }

  /** Adds a change that has passed the filter, or a bookmark. */
  push(change: Change, bytes = 0): void {
    if (this.#hasEnded || this.#isLast) return;
    const waiter = this.#waiters.shift();
    if (waiter !== undefined) {
      waiter.resolve({ done: false, value: change });
      return;
    }
    const { backlogMax, backlogBytesMax } = this.#options;
    // One change always fits, however large it is.
    const isFull = this.#backlogBytes > 0 && this.#backlogBytes + bytes > backlogBytesMax;
    if (isFull || !this.#backlog.push({ change, bytes })) {
      this.#fail(readerTooSlow(isFull ? this.#backlog.length : backlogMax));
      return;
    }
    this.#backlogBytes += bytes;
  }

  next(): Promise<IteratorResult<Change, undefined>> {
    if (this.#error !== undefined) {
      const error = this.#error;
      this.#error = undefined;
      // The error was made for the reader by `#fail`, so it is one.
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
      return Promise.reject(error);
    }
    if (this.#hasEnded) return Promise.resolve(DONE);
    const change = this.#take();
    if (change !== undefined) return Promise.resolve({ done: false, value: change });
    if (this.#isLast) {
      this.#end();
      return Promise.resolve(DONE);
    }
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
    });
  }

  /** The kind is served no more: nothing comes after what waits for the reader, such as how its objects went. */
  end(): void {
    this.#isLast = true;
    if (this.#waiters.length > 0) this.#end();
  }

  return(): Promise<IteratorResult<Change, undefined>> {
    this.#end();
    return Promise.resolve(DONE);
  }

  /** The reader sees the error at its next step. */
  #fail(error: unknown): void {
    this.#error = error;
    this.#end();
  }

  readonly #end = (): void => {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#options.filter.signal.removeEventListener('abort', this.#end);
    this.#initial = [];
    this.#backlog.clear();
    for (const waiter of this.#waiters) waiter.resolve(DONE);
    this.#waiters = [];
    this.#options.onEnd(this);
  };

  #take(): Change | undefined {
    const change = this.#initial[this.#initialIndex];
    if (change === undefined) return this.#takeWaiting();
    this.#initialIndex += 1;
    if (this.#initialIndex === this.#initial.length) {
      this.#initial = [];
      this.#initialIndex = 0;
    }
    return change;
  }

  #takeWaiting(): Change | undefined {
    const waiting = this.#backlog.shift();
    this.#backlogBytes -= waiting?.bytes ?? 0;
    return waiting?.change;
  }

  /** The change as this watch sees it: an object that moves in or out of the selector comes or goes. */
  #view({ type, object, previous }: RecordedChange): Change | undefined {
    const { filter } = this.#options;
    const { namespace, labelSelector, fieldSelector } = filter;
    if (namespace !== undefined && namespace !== object.metadata.namespace) return undefined;
    if (labelSelector === undefined && fieldSelector === undefined) return { type, object };
    const matches = type !== 'DELETED' && matchesSelectors(object, filter);
    const matched = previous !== undefined && matchesSelectors(previous, filter);
    if (matches) return { type: matched ? 'MODIFIED' : 'ADDED', object };
    if (!matched) return undefined;
    return { type: 'DELETED', object: type === 'DELETED' ? object : asLastSeen(previous, object) };
  }
}

/** An object that moved out of a selector goes as it was last seen, at the version of now. */
function asLastSeen(previous: ApiObject, { metadata }: ApiObject): ApiObject {
  const { resourceVersion } = metadata;
  const seen = resourceVersion === undefined ? {} : { resourceVersion };
  return Object.freeze({
    ...previous,
    metadata: Object.freeze({ ...previous.metadata, ...seen }),
  });
}

/** A watch that could not begin: its error comes at the first step. */
export function failedWatch(error: unknown): AsyncIterable<Change> {
  // The error comes from a `catch`; it is passed on as it is.
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
  return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) };
}

/** A watch whose signal had aborted before it began. */
export function endedWatch(): AsyncIterable<Change> {
  return { [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve(DONE) }) };
}

/** An existing object as the start of a watch that begins with the present. */
export function asAdded(object: ApiObject): RecordedChange {
  return { version: 0, type: 'ADDED', object, previous: undefined, bytes: 0 };
}
