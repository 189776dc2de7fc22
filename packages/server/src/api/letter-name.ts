/**
 * Names of dead letters as API objects: `<subscription>-<hash>.<id>`, for example
 * `payments-1f0c9e7a2b.0000000000000a3f`.
 *
 * The id is the channel's and unique in its subscription; the hash stands for channel and subscription, whose
 * own ids may hold anything; the first part is for people. A valid resource name in any case: lower case
 * letters, digits, `-` and `.`, at most 253 characters.
 */
import { createHash } from 'node:crypto';
import type { ChannelRef, DeadLetter } from '@afflux/channels';
import { channelKey, type SubscriptionOwner } from '../backlogs/directory.ts';

const HASH_CHARS = 10;
const WORDS_CHARS_MAX = 40;

/** What of a name tells the subscription. */
export function subscriptionHash(ref: ChannelRef, subscription: string): string {
  return createHash('sha256')
    .update(`${channelKey(ref)}\n${subscription}`)
    .digest('hex')
    .slice(0, HASH_CHARS);
}

export function letterName(
  ref: ChannelRef,
  letter: Pick<DeadLetter, 'subscription' | 'id'>,
  owner: SubscriptionOwner | undefined,
): string {
  const words = (owner?.name ?? ref.name)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, WORDS_CHARS_MAX)
    .replace(/^-+|-+$/g, '');
  const hash = subscriptionHash(ref, letter.subscription);
  return `${words === '' ? 'letter' : words}-${hash}.${letter.id}`;
}

/** The parts of a name that say which letter it is; undefined for what is no such name. */
export function parseLetterName(
  name: string,
): { readonly hash: string; readonly id: string } | undefined {
  const match = /^[a-z0-9](?:[a-z0-9-]*)-(?<hash>[0-9a-f]{10})\.(?<id>[a-z0-9-]{1,63})$/.exec(name);
  const { hash, id } = match?.groups ?? {};
  return hash === undefined || id === undefined ? undefined : { hash, id };
}
