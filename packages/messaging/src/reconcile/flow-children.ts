/** What the reconcilers of Sequence and Parallel do alike with their channels and Subscriptions. */
import type { GroupVersionKind } from '@afflux/control';
import type { ApiObject, ChannelTemplate } from '@afflux/resources';
import type { Channelable } from '../model/channelable.ts';
import { SUBSCRIPTION } from '../model/kinds.ts';
import { servedTemplate } from './channel-kinds.ts';
import { CHANNEL_FIELDS, SUBSCRIPTION_FIELDS, type Children } from './children.ts';
import type { DefaultsSource } from './defaults.ts';

/** Texts of the conditions, Knative's. */
export const CHANNELS_NOT_READY = {
  reason: 'ChannelsNotReady',
  message: 'Channels are not ready yet, or there are none',
} as const;
export const SUBSCRIPTIONS_NOT_READY = {
  reason: 'SubscriptionsNotReady',
  message: 'Subscriptions are not ready yet, or there are none',
} as const;
export const NO_ADDRESS = { reason: 'emptyAddress', message: 'addressable is nil' } as const;

export interface FlowReconcilerOptions {
  readonly defaults: DefaultsSource;
  readonly children: FlowChildren;
}

export class FlowChildren {
  readonly #children: Children;
  readonly #channelKinds: readonly GroupVersionKind[];

  constructor(children: Children, channelKinds: readonly GroupVersionKind[]) {
    this.#children = children;
    this.#channelKinds = channelKinds;
  }

  /** The flow's template; throws a mistake when there is none, or none that can be made. */
  templateOf(owner: ApiObject<{ channelTemplate?: ChannelTemplate }>): ChannelTemplate {
    return servedTemplate(owner.spec?.channelTemplate, this.#channelKinds);
  }

  /** The channels as they are now, in the order of the outlines. */
  async channels(
    owner: ApiObject,
    outlines: readonly ApiObject[],
    signal: AbortSignal,
  ): Promise<Channelable[]> {
    const channels = await Promise.all(
      outlines.map((outline) => this.#children.ensure(owner, outline, CHANNEL_FIELDS, signal)),
    );
    return channels as Channelable[];
  }

  /** The Subscriptions as they are now, in the order of the outlines. */
  async subscriptions(
    owner: ApiObject,
    outlines: readonly ApiObject[],
    signal: AbortSignal,
  ): Promise<ApiObject[]> {
    return await Promise.all(
      outlines.map((outline) => this.#children.ensure(owner, outline, SUBSCRIPTION_FIELDS, signal)),
    );
  }

  /**
   * Deletes what an earlier form of the flow had and this one has not: leftover steps and branches, and the
   * channels of a template kind that was left.
   */
  async prune(owner: ApiObject, wanted: readonly ApiObject[], signal: AbortSignal): Promise<void> {
    const ids = new Set(wanted.map(idOf));
    const kinds = [...this.#channelKinds, SUBSCRIPTION];
    await this.#children.prune(owner, kinds, (child) => ids.has(idOf(child)), signal);
  }
}

function idOf({ apiVersion, kind, metadata }: ApiObject): string {
  return `${apiVersion}/${kind}/${metadata.name}`;
}
