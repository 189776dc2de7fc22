/**
 * Which channel a Subscription reads from: the object that carries `spec.subscribers`. A Channel is only the
 * face of another one; its Subscriptions go to that one, once the Channel is ready.
 */
import type { GroupVersionKind } from '@afflux/control';
import {
  type Channel,
  CHANNEL_CONDITIONS,
  isEnabled,
  type KReference,
  type Subscription,
} from '@afflux/resources';
import { MessagingError } from '../errors.ts';
import type { Channelable } from '../model/channelable.ts';
import { CHANNEL, isSameKind } from '../model/kinds.ts';
import { channelKindOf, findChannelKind } from './channel-kinds.ts';
import type { MessagingDependencies } from './dependencies.ts';
import { type ObjectSource, readObject } from './read-object.ts';
import type { ChannelKey } from './subscriber-lists.ts';

export interface ChannelSourceOptions extends ObjectSource {
  readonly admission: MessagingDependencies['admission'];
  readonly channelKinds: readonly GroupVersionKind[];
}

export class ChannelSource {
  readonly #options: ChannelSourceOptions;

  constructor(options: ChannelSourceOptions) {
    this.#options = options;
  }

  /** The channel to subscribe to. Throws a mistake when there is none now; its message says why. */
  async find(subscription: Subscription, signal: AbortSignal): Promise<Channelable> {
    const reference = subscription.spec.channel;
    const namespace = this.#namespaceOf(subscription);
    if (!isChannel(reference)) return await this.#read(reference, namespace, signal);
    const channel = await this.#channel(namespace, reference.name, signal);
    if (channel === undefined) throw noChannel(`Channel "${reference.name}" not found`);
    const backing = channel.status?.channel;
    if (!CHANNEL_CONDITIONS.isReady(channel.status) || backing === undefined) {
      throw noChannel(`Channel "${reference.name}" is not ready`);
    }
    return await this.#read(backing, namespace, signal);
  }

  /**
   * Where an entry of this Subscription may stand, whatever the state of its channel and of the features: in the
   * channel that it reads now, and in the one that it read before a feature was turned on or off.
   */
  async placesOf(subscription: Subscription, signal: AbortSignal): Promise<ChannelKey[]> {
    const { metadata, spec } = subscription;
    const own = metadata.namespace ?? '';
    const namespaces = new Set([spec.channel.namespace ?? own, own]);
    const keys = await Promise.all(
      [...namespaces].map((namespace) => this.#keyOf(spec.channel, namespace, signal)),
    );
    return keys.filter((key) => key !== undefined);
  }

  /** Those of {@link placesOf} at which no entry may stand now. */
  async forbiddenPlacesOf(subscription: Subscription, signal: AbortSignal): Promise<ChannelKey[]> {
    const { metadata, spec } = subscription;
    if ((spec.channel.namespace ?? metadata.namespace) === metadata.namespace) return [];
    const allowed = this.#namespaceOf(subscription);
    const places = await this.placesOf(subscription, signal);
    return places.filter(({ namespace }) => namespace !== allowed);
  }

  /** References across namespaces count only while the feature is on (T07). */
  #namespaceOf({ metadata, spec }: Subscription): string {
    const { features } = this.#options.admission();
    const own = metadata.namespace ?? '';
    return isEnabled(features, 'cross-namespace-event-links')
      ? (spec.channel.namespace ?? own)
      : own;
  }

  #channel(namespace: string, name: string, signal: AbortSignal): Promise<Channel | undefined> {
    return readObject<Channel>(this.#options, CHANNEL, { namespace, name }, signal);
  }

  /**
   * The channel that carries the subscribers of this reference. Undefined for kinds that are not served here:
   * then there is no such channel either.
   */
  async #keyOf(
    reference: KReference,
    namespace: string,
    signal: AbortSignal,
  ): Promise<ChannelKey | undefined> {
    const { name } = reference;
    const carrier = isChannel(reference)
      ? await this.#backingOf(namespace, name, signal)
      : reference;
    const { apiVersion = '', kind = '' }: Partial<KReference> = carrier ?? {};
    const known = findChannelKind({ apiVersion, kind }, this.#options.channelKinds);
    return known === undefined ? undefined : { ...known, namespace, name };
  }

  /** What a Channel stands for, or will. */
  async #backingOf(
    namespace: string,
    name: string,
    signal: AbortSignal,
  ): Promise<Partial<KReference> | undefined> {
    const channel = await this.#channel(namespace, name, signal);
    return channel?.status?.channel ?? channel?.spec.channelTemplate;
  }

  async #read(
    { apiVersion = '', kind, name }: KReference,
    namespace: string,
    signal: AbortSignal,
  ): Promise<Channelable> {
    const wanted = channelKindOf({ apiVersion, kind }, this.#options.channelKinds);
    const key = { namespace, name };
    const channel = await readObject<Channelable>(this.#options, wanted, key, signal);
    if (channel === undefined) throw noChannel(`${kind} "${name}" not found`);
    return channel;
  }
}

function isChannel(reference: KReference): boolean {
  return isSameKind({ apiVersion: reference.apiVersion ?? '', kind: reference.kind }, CHANNEL);
}

function noChannel(message: string): MessagingError {
  return new MessagingError(message, { code: 'AFFLUX_MESSAGING_NO_CHANNEL', fault: 'user' });
}
