/** One entry of a channel's `spec.subscribers`, as control plane and data plane both read it. */
import type { SubscriberSpec } from '@afflux/resources';
import { parseDelivery } from '@afflux/resources';

/**
 * How a subscriber is known in its channel: by the uid of its Subscription. Entries written by hand may lack
 * one; they are known by name, or by where they lead.
 */
export function subscriberId(entry: SubscriberSpec): string {
  if (entry.uid !== undefined && entry.uid !== '') return entry.uid;
  if (entry.name !== undefined && entry.name !== '') return `name:${entry.name}`;
  return `to:${entry.subscriberUri ?? ''}>${entry.replyUri ?? ''}`;
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
