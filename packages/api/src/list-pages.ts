/**
 * Lists in pages. All pages of a list show the same moment: the objects that the later pages will show are kept
 * (references to frozen objects, no copies) under a token, for a bounded time and number of lists. A token that is
 * no longer known is answered with 410 Expired, as kube-apiserver does after its history is compacted.
 */
import type { ObjectList } from '@afflux/control';
import type { Clock, NewId } from '@afflux/kernel';
import type { ApiObject } from '@afflux/resources';
import { ApiError, badRequest } from './errors.ts';

/** How long a list may be continued, in milliseconds: as long as etcd keeps history by default. */
const KEPT_MS = 300_000;

/** Lists that can be continued at once; the oldest goes first. */
const LISTS_MAX = 256;

/** One page. */
export interface Page {
  readonly items: readonly ApiObject[];
  readonly resourceVersion: string;
  readonly continueToken?: string;
  readonly remainingItemCount?: number;
}

interface KeptList {
  /** What it is a list of; a token is good for the same question only. */
  readonly subject: string;
  readonly list: ObjectList;
  /** No selector left anything out. */
  readonly isWhole: boolean;
  readonly expiresMs: number;
}

export class ListPages {
  readonly #clock: Clock;
  readonly #newId: NewId;
  readonly #lists = new Map<string, KeptList>();

  constructor({ clock, newId }: { readonly clock: Clock; readonly newId: NewId }) {
    this.#clock = clock;
    this.#newId = newId;
  }

  /**
   * The first page. `subject` tells one question from another. How many remain is told of whole collections only, as
   * kube-apiserver does it.
   */
  first(subject: string, list: ObjectList, limit: number | undefined, isWhole = true): Page {
    if (limit === undefined || list.items.length <= limit) return list;
    this.#makeRoom();
    const id = this.#newId();
    const expiresMs = this.#clock.monotonicMs() + KEPT_MS;
    this.#lists.set(id, { subject, list, isWhole, expiresMs });
    return page({ list, isWhole }, id, 0, limit);
  }

  /** The page that a token leads to. Throws Expired for one that is not known (any more), BadRequest for none. */
  next(subject: string, token: string, limit: number | undefined): Page {
    const text = Buffer.from(token, 'base64url').toString('utf8');
    const [, id = '', start = ''] = /^([\w-]{1,64})\.(\d{1,10})$/.exec(text) ?? [];
    if (id === '') throw badRequest('invalid continue token: continue key is not valid');
    const kept = this.#lists.get(id);
    if (kept?.subject !== subject || kept.expiresMs <= this.#clock.monotonicMs()) {
      throw new ApiError(
        'AFFLUX_API_EXPIRED',
        'The provided continue parameter is too old to display a consistent list result. You must start a new list without the continue parameter.',
      );
    }
    const { list } = kept;
    return page(kept, id, Number(start), limit ?? list.items.length);
  }

  #makeRoom(): void {
    const now = this.#clock.monotonicMs();
    for (const [id, { expiresMs }] of this.#lists) {
      if (expiresMs > now && this.#lists.size < LISTS_MAX) break;
      this.#lists.delete(id);
    }
  }
}

function page(
  { list: { items, resourceVersion }, isWhole }: Pick<KeptList, 'list' | 'isWhole'>,
  id: string,
  start: number,
  limit: number,
): Page {
  const end = start + limit;
  const shown = items.slice(start, end);
  if (end >= items.length) return { items: shown, resourceVersion };
  return {
    items: shown,
    resourceVersion,
    continueToken: Buffer.from(`${id}.${String(end)}`).toString('base64url'),
    ...(isWhole ? { remainingItemCount: items.length - end } : {}),
  };
}
