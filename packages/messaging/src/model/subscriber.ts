/** One entry of a channel's `spec.subscribers`, as control plane and data plane both read it. */
import type { SubscriberSpec } from '@afflux/resources';
import { parseDelivery } from '@afflux/resources';

/**
 * How a subscriber is known in its channel: by namespace and name of its Subscription, `<namespace>/<name>`. Not by
 * uid: where objects come from files each start makes them anew, and the backlog must be found again. The name
 * in an entry has its namespace with it where that is not the channel's. Entries written by hand may lack a
 * name; they are known by uid, or by where they lead.
 */
export function subscriberId(entry: SubscriberSpec, channelNamespace: string): string {
  const { name = '', uid = '' } = entry;
  if (name !== '') return name.includes('/') ? name : `${channelNamespace}/${name}`;
  if (uid !== '') return `uid:${uid}`;
  return `to:${entry.subscriberUri ?? ''}>${entry.replyUri ?? ''}`;
}

/** What the entry of a Subscription is called: its name, with its namespace where that is not the channel's. */
export function subscriberName(
  { namespace, name }: { readonly namespace?: string; readonly name: string },
  channelNamespace: string,
): string {
  return (namespace ?? '') === channelNamespace ? name : `${namespace ?? ''}/${name}`;
}

/** The Subscription of an entry, by where it stands; undefined for entries that name none. */
export function subscriptionOf(
  { name = '' }: SubscriberSpec,
  channelNamespace: string,
): { readonly namespace: string; readonly name: string } | undefined {
  if (name === '') return undefined;
  const slash = name.indexOf('/');
  return slash === -1
    ? { namespace: channelNamespace, name }
    : { namespace: name.slice(0, slash), name: name.slice(slash + 1) };
}

/** What keeps the data plane from serving an entry; undefined when nothing does. */
export function deliveryProblem(entry: SubscriberSpec): string | undefined {
  try {
    parseDelivery(entry.delivery);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
