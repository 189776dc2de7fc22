/**
 * The resource `deadletters`: the dead letters of all open channels of a namespace, as one list.
 *
 * A list walks through *sources*, in a fixed order: the dead letters of a channel, or of one subscription where
 * the selector names one. A page takes whole pages of a source, so that a continue token needs to know no more
 * than source and driver's cursor. With a filter a page may hold few or no objects and still be continued:
 * what one request looks at is bounded.
 */
import type { DeadLetter, DeadLetters } from '@afflux/channels';
import {
  channelKey,
  matchesOwner,
  type BacklogDirectory,
  type BacklogQuery,
  type OpenChannel,
} from '../backlogs/directory.ts';
import { apiRefused } from '../errors.ts';
import { API_VERSION, deadLetterText, ownerIn } from './dead-letter-object.ts';
import { formatContinue, PAGE_MAX, type ListPosition, type ListQuery } from './list-query.ts';
import { parseLetterName, subscriptionHash } from './letter-name.ts';
import { success, type Status } from './status.ts';

/** Data of an event that one answer shows. */
const SHOWN_DATA_BYTES_MAX = 1024 * 1024;
/** The same for each object of a list. */
const LISTED_DATA_BYTES_MAX = 1024;

/** Dead letters that one request looks at. */
export const SCANNED_MAX = 5_000;

/** Dead letters of one channel, or of one of its subscriptions. */
export interface LetterSource {
  readonly key: string;
  readonly channel: OpenChannel;
  readonly letters: DeadLetters;
  readonly subscription: string | undefined;
}

interface Found {
  readonly channel: OpenChannel;
  readonly letter: DeadLetter;
}

interface Page {
  readonly found: readonly Found[];
  readonly next: ListPosition | undefined;
}

export class DeadLetterResource {
  readonly #directory: BacklogDirectory;

  constructor(directory: BacklogDirectory) {
    this.#directory = directory;
  }

  /** JSON text of a `DeadLetterList`. */
  async list(namespace: string, query: ListQuery, signal?: AbortSignal): Promise<string> {
    const { found, next } = await this.#page(namespace, query, signal);
    const metadata = {
      resourceVersion: '',
      ...(next === undefined ? {} : { continue: formatContinue(next) }),
    };
    const items = found.map(({ channel, letter }) =>
      this.#text(channel, letter, LISTED_DATA_BYTES_MAX),
    );
    const head = { kind: 'DeadLetterList', apiVersion: API_VERSION, metadata };
    return `${JSON.stringify(head).slice(0, -1)},"items":[${items.join(',')}]}`;
  }

  /** JSON text of one `DeadLetter`. */
  async get(namespace: string, name: string, signal?: AbortSignal): Promise<string> {
    const { channel, letter } = await this.#find(namespace, name, signal);
    return this.#text(channel, letter, SHOWN_DATA_BYTES_MAX);
  }

  /** Back to the subscription that failed. */
  async redrive(namespace: string, name: string, signal?: AbortSignal): Promise<Status> {
    const { channel, letter } = await this.#find(namespace, name, signal);
    const redriven = await channel.channel.deadLetters?.redrive(letter.subscription, [letter.id]);
    if (redriven !== 1) throw letterUnknown(name);
    return success({ name, group: 'afflux.dev', kind: 'deadletters', redriven });
  }

  async drop(namespace: string, name: string, signal?: AbortSignal): Promise<Status> {
    const { channel, letter } = await this.#find(namespace, name, signal);
    const dropped = await channel.channel.deadLetters?.drop(letter.subscription, [letter.id]);
    if (dropped !== 1) throw letterUnknown(name);
    return success({ name, group: 'afflux.dev', kind: 'deadletters', dropped });
  }

  /** Drops a page of what a query selects; the Status says where to go on. */
  async dropPage(namespace: string, query: ListQuery, signal?: AbortSignal): Promise<Status> {
    const { found, next } = await this.#page(namespace, query, signal);
    let dropped = 0;
    for (const { letters, subscription, ids } of grouped(found)) {
      dropped += query.isDryRun ? ids.length : await letters.drop(subscription, ids);
    }
    return success(
      { group: 'afflux.dev', kind: 'deadletters', dropped },
      next === undefined ? {} : { continue: formatContinue(next) },
    );
  }

  /** The sources that a query means. Throws a refusal when it names what keeps no dead letters. */
  sources(namespace: string, query: BacklogQuery): readonly LetterSource[] {
    const channels = this.#directory.matching(namespace, query);
    const sources = channels.flatMap((channel) => sourcesOf(channel, query));
    const isNamed = query.broker !== undefined || query.channel !== undefined;
    if (isNamed && channels.length === 0) throw notServed(namespace, query);
    const [refused] = channels;
    if (isNamed && refused !== undefined && refused.channel.deadLetters === undefined) {
      throw apiRefused(
        'Invalid',
        `a channel of type ${refused.description.type} keeps no dead letters: give its subscribers a delivery.deadLetterSink`,
      );
    }
    return sources;
  }

  async #page(namespace: string, query: ListQuery, signal: AbortSignal | undefined): Promise<Page> {
    const sources = this.sources(namespace, query.selector);
    const { after: from, passes, limit } = query;
    const found: Found[] = [];
    let scanned = 0;
    for (const source of sources) {
      if (from !== undefined && source.key < from.source) continue;
      let after = source.key === from?.source ? from.after : undefined;
      do {
        const room = limit - found.length;
        if (room <= 0 || scanned >= SCANNED_MAX) {
          return { found, next: position(source, after) };
        }
        const page = await source.letters.list({
          limit: room,
          ...(source.subscription === undefined ? {} : { subscription: source.subscription }),
          ...(after === undefined ? {} : { after }),
          ...(signal === undefined ? {} : { signal }),
        });
        scanned += page.letters.length;
        for (const letter of page.letters) {
          if (passes?.(letter.event) ?? true) found.push({ channel: source.channel, letter });
        }
        after = page.next;
      } while (after !== undefined);
    }
    return { found, next: undefined };
  }

  async #find(namespace: string, name: string, signal: AbortSignal | undefined): Promise<Found> {
    const parsed = parseLetterName(name);
    if (parsed === undefined) throw letterUnknown(name);
    for (const channel of this.#directory.channels(namespace)) {
      const subscription = await subscriptionIn(channel, parsed.hash, signal);
      if (subscription === undefined) continue;
      const letter = await channel.channel.deadLetters?.get(subscription, parsed.id);
      if (letter !== undefined) return { channel, letter };
    }
    throw letterUnknown(name);
  }

  #text(channel: OpenChannel, letter: DeadLetter, dataBytesMax: number): string {
    const owner = ownerIn(channel, letter.subscription);
    return deadLetterText(letter, { channel, owner }, dataBytesMax);
  }
}

/** In order of key within the channel, as continue tokens need it. */
function sourcesOf(channel: OpenChannel, query: BacklogQuery): LetterSource[] {
  const letters = channel.channel.deadLetters;
  if (letters === undefined) return [];
  const key = channelKey(channel.ref);
  const isNarrow = query.trigger !== undefined || query.subscription !== undefined;
  if (!isNarrow) return [{ key, channel, letters, subscription: undefined }];
  return channel.subscriptions
    .filter(({ owner }) => matchesOwner(owner, query))
    .map(({ id }) => ({ key: `${key}\n${id}`, channel, letters, subscription: id }))
    .sort((left, right) => (left.key < right.key ? -1 : 1));
}

function position(source: LetterSource, after: string | undefined): ListPosition {
  return after === undefined ? { source: source.key } : { source: source.key, after };
}

/** The id behind a hash: of a subscription there is, or of a removed one that left letters. */
async function subscriptionIn(
  { ref, channel, subscriptions }: OpenChannel,
  hash: string,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const letters = channel.deadLetters;
  if (letters === undefined) return undefined;
  const present = subscriptions.find(({ id }) => subscriptionHash(ref, id) === hash);
  if (present !== undefined) return present.id;
  let after: string | undefined;
  for (let scanned = 0; scanned < SCANNED_MAX; scanned += PAGE_MAX) {
    const page = await letters.list({
      limit: PAGE_MAX,
      ...(after === undefined ? {} : { after }),
      ...(signal === undefined ? {} : { signal }),
    });
    const match = page.letters.find(
      ({ subscription }) => subscriptionHash(ref, subscription) === hash,
    );
    if (match !== undefined || page.next === undefined) return match?.subscription;
    after = page.next;
  }
  return undefined;
}

function* grouped(found: readonly Found[]): Generator<{
  readonly letters: DeadLetters;
  readonly subscription: string;
  readonly ids: readonly string[];
}> {
  const groups = new Map<string, { letters: DeadLetters; subscription: string; ids: string[] }>();
  for (const { channel, letter } of found) {
    const letters = channel.channel.deadLetters;
    if (letters === undefined) continue;
    const key = `${channelKey(channel.ref)}\n${letter.subscription}`;
    const group = groups.get(key) ?? { letters, subscription: letter.subscription, ids: [] };
    group.ids.push(letter.id);
    groups.set(key, group);
  }
  yield* groups.values();
}

function letterUnknown(name: string): Error {
  return apiRefused('NotFound', `deadletters.afflux.dev ${JSON.stringify(name)} not found`);
}

/** Nothing that is open goes by the name of a query. */
export function notServed(namespace: string, query: BacklogQuery): Error {
  const [kind, name] =
    query.broker === undefined ? ['channel', query.channel] : ['broker', query.broker];
  return apiRefused(
    'NotFound',
    `${kind} ${JSON.stringify(name)} not found in namespace ${JSON.stringify(namespace)}, or not served here`,
  );
}
