/** The watches of a store: how many there may be, where each begins, and the bookmarks they get. */
import type { Clock, Timer } from '@afflux/kernel';
import { badRequest, expired, tooManyWatches } from '../store/refusals.ts';
import type { Change, WatchOptions } from '../store/resource-store.ts';
import type { RecordedChange } from './change-history.ts';
import type { KindTable } from './kind-table.ts';
import type { MemoryStoreLimits } from './limits.ts';
import { asAdded, Watcher } from './watcher.ts';

export interface WatchesOptions {
  readonly clock: Clock;
  readonly limits: Pick<
    MemoryStoreLimits,
    'watchBacklogMax' | 'watchBacklogBytesMax' | 'watchesMax' | 'bookmarkEveryMs'
  >;
  /** The present. */
  readonly version: () => number;
  readonly pushBookmark: (bookmark: Change) => void;
}

export class Watches {
  readonly #options: WatchesOptions;
  #count = 0;
  #bookmarkTimer: Timer | undefined;

  constructor(options: WatchesOptions) {
    this.#options = options;
  }

  /** Throws TooManyRequests, Expired, or BadRequest for what is no version. */
  open(table: KindTable, options: WatchOptions): Watcher {
    const { watchesMax, watchBacklogMax, watchBacklogBytesMax } = this.#options.limits;
    if (this.#count === watchesMax) throw tooManyWatches(watchesMax);
    const watcher = new Watcher({
      filter: options,
      initial: this.#startingPoint(table, options.resourceVersion),
      backlogMax: watchBacklogMax,
      backlogBytesMax: watchBacklogBytesMax,
      onEnd: (ended) => {
        table.watchers.delete(ended);
        this.#count -= 1;
      },
    });
    table.watchers.add(watcher);
    this.#count += 1;
    this.#armBookmarks();
    return watcher;
  }

  #startingPoint(table: KindTable, from: string | undefined): RecordedChange[] {
    if (from === undefined || from === '' || from === '0') return table.list({}).map(asAdded);
    if (!/^\d{1,15}$/.test(from))
      throw badRequest(`invalid resource version ${JSON.stringify(from)}`);
    const version = Number(from);
    // A version from the future belongs to another life of this store.
    const isKnown = version <= this.#options.version();
    const changes = isKnown ? table.history.since(version) : undefined;
    if (changes === undefined) throw expired(from, String(table.history.forgottenVersion));
    return changes;
  }

  #armBookmarks(): void {
    if (this.#bookmarkTimer !== undefined) return;
    const { clock, limits, version, pushBookmark } = this.#options;
    this.#bookmarkTimer = clock.setTimer(limits.bookmarkEveryMs, () => {
      this.#bookmarkTimer = undefined;
      if (this.#count === 0) return;
      pushBookmark({ type: 'BOOKMARK', resourceVersion: String(version()) });
      this.#armBookmarks();
    });
  }
}
