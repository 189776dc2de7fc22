/**
 * Which backlogs there are, by the names that users gave: the channels that are open, the Broker or channel
 * object behind each, and the Trigger or Subscription behind each subscription. Whoever must find "the dead
 * letters of the trigger `payments`" looks here.
 *
 * Subscriptions are known by their labels (`trigger:<namespace>/<name>`, `subscription:<name>.<namespace>`, or
 * either the other way), which the features choose and metrics show; ids belong to the features alone.
 */
import type {
  Channel,
  ChannelDescription,
  ChannelHub,
  ChannelRef,
  SubscriptionDescription,
} from '@afflux/channels';
import type { ObjectMeta } from '@afflux/resources';

/** A channel that is open, by the names of what it serves. */
export interface OpenChannel {
  readonly ref: ChannelRef;
  readonly channel: Channel;
  readonly description: ChannelDescription;
  /** Name of the Broker that stands on it. */
  readonly broker: string | undefined;
  readonly subscriptions: readonly OpenSubscription[];
}

export interface OpenSubscription {
  readonly id: string;
  readonly description: SubscriptionDescription;
  /** The object behind it; undefined for a subscriber that no object stands for. */
  readonly owner: SubscriptionOwner | undefined;
}

export interface SubscriptionOwner {
  readonly kind: 'Trigger' | 'Subscription';
  readonly namespace: string;
  readonly name: string;
}

/** Names to look for; those that are absent match everything. */
export interface BacklogQuery {
  readonly broker?: string | undefined;
  readonly channel?: string | undefined;
  readonly trigger?: string | undefined;
  readonly subscription?: string | undefined;
}

export interface DirectoryOptions {
  readonly hub: Pick<ChannelHub, 'describe' | 'get'>;
  /** Metadata of the object of a channel. */
  readonly metadataOf: (ref: ChannelRef) => ObjectMeta | undefined;
}

export class BacklogDirectory {
  readonly #options: DirectoryOptions;

  constructor(options: DirectoryOptions) {
    this.#options = options;
  }

  /** The channels of a namespace, or all of them, in order of kind and name. */
  channels(namespace?: string): readonly OpenChannel[] {
    const { hub } = this.#options;
    return hub
      .describe()
      .filter(({ ref }) => namespace === undefined || ref.namespace === namespace)
      .flatMap(({ ref, ...description }) => {
        const channel = hub.get(ref);
        return channel === undefined ? [] : [this.#openChannel(ref, channel, description)];
      })
      .sort((left, right) => compareText(channelKey(left.ref), channelKey(right.ref)));
  }

  /** Those of a namespace that a query means by `broker` and `channel`. */
  matching(namespace: string, query: BacklogQuery): readonly OpenChannel[] {
    return this.channels(namespace).filter(
      ({ ref, broker }) =>
        (query.broker === undefined || query.broker === broker) &&
        (query.channel === undefined || (query.channel === ref.name && broker === undefined)),
    );
  }

  #openChannel(ref: ChannelRef, channel: Channel, description: ChannelDescription): OpenChannel {
    return {
      ref,
      channel,
      description,
      broker: ref.kind === 'Broker' ? ref.name : brokerOf(this.#options.metadataOf(ref)),
      subscriptions: description.subscriptions.map((subscription) => ({
        id: subscription.id,
        description: subscription,
        owner: ownerOf(subscription.label),
      })),
    };
  }
}

/** Whether a subscription is what a query means by `trigger` and `subscription`. */
export function matchesOwner(owner: SubscriptionOwner | undefined, query: BacklogQuery): boolean {
  const { trigger, subscription } = query;
  return (
    (trigger === undefined || (owner?.kind === 'Trigger' && owner.name === trigger)) &&
    (subscription === undefined || (owner?.kind === 'Subscription' && owner.name === subscription))
  );
}

export function channelKey({ kind, namespace, name }: ChannelRef): string {
  return `${kind}/${namespace}/${name}`;
}

function brokerOf(metadata: ObjectMeta | undefined): string | undefined {
  return metadata?.ownerReferences?.find(
    ({ controller, kind }) => controller === true && kind === 'Broker',
  )?.name;
}

/** Reads a label: Kubernetes' names have no slash, and namespaces no dot. */
function ownerOf(label: string): SubscriptionOwner | undefined {
  const match =
    /^(trigger|subscription):(?:(?<space>[^/]+)\/(?<name>[^/]+)|(?<first>.+)\.(?<last>[^./]+))$/.exec(
      label,
    );
  if (match === null) return undefined;
  const { space, name, first, last } = match.groups ?? {};
  return {
    kind: match[1] === 'trigger' ? 'Trigger' : 'Subscription',
    namespace: space ?? last ?? '',
    name: name ?? first ?? '',
  };
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
