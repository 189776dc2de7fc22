/**
 * Subscription: resolves channel, subscriber, reply and dead letter sink to addresses, keeps its entry in the
 * channel's `spec.subscribers`, and is ready when the channel says that it serves that entry.
 *
 * When something cannot be resolved the entry stays as it was: events keep flowing by the last good state,
 * and the condition says what is wrong. Everything that an answer depends on is followed, so nothing here is
 * tried again by the clock but failed writes.
 */
import type { AddressResolver, ReconcileContext, Reconciler } from '@afflux/control';
import { isNotFound, observerOf, sameJson } from '@afflux/control';
import type {
  Destination,
  SubscriberSpec,
  Subscription,
  SubscriptionStatus,
} from '@afflux/resources';
import { SUBSCRIPTION_CONDITIONS, Marks } from '@afflux/resources';
import { MessagingError } from '../errors.ts';
import type { Channelable } from '../model/channelable.ts';
import { deliveryStatusOf } from '../model/channelable.ts';
import { SUBSCRIPTION } from '../model/kinds.ts';
import {
  deliveryStatusFrom,
  type PhysicalSubscription,
  replyFieldsFrom,
  subscriberFieldsFrom,
} from './addresses.ts';
import { attempt, isMistake, messageOf } from './mistakes.ts';
import { subscriberEntry } from './subscriber-entry.ts';
import type { ChannelKey, SubscriberLists } from './subscriber-lists.ts';
import type { ChannelSource } from './subscription-channel.ts';

export interface SubscriptionReconcilerOptions {
  readonly resolver: Pick<AddressResolver, 'resolve'>;
  readonly channels: ChannelSource;
  readonly lists: SubscriberLists;
}

/** One run's view of things. */
interface Run {
  readonly subscription: Subscription;
  readonly status: SubscriptionStatus;
  readonly marks: Marks;
  readonly signal: AbortSignal;
}

export class SubscriptionReconciler implements Reconciler<Subscription> {
  readonly kind = SUBSCRIPTION;
  readonly conditions = SUBSCRIPTION_CONDITIONS;
  readonly finalizer = 'subscriptions.messaging.knative.dev';
  readonly #options: SubscriptionReconcilerOptions;

  constructor(options: SubscriptionReconcilerOptions) {
    this.#options = options;
  }

  async reconcile(subscription: Subscription, context: ReconcileContext): Promise<void> {
    const status = (subscription.status ??= {});
    const marks = new Marks(this.conditions, status, context.now());
    marks.true('OIDCIdentityCreated', 'authentication-oidc feature disabled');
    const run: Run = { subscription, status, marks, signal: context.signal };

    const forbidden = await this.#options.channels.forbiddenPlacesOf(subscription, run.signal);
    await this.#leave(subscription, forbidden);
    const channel = await this.#findChannel(run);
    if (channel === undefined) return;
    const physical = await this.#resolve(run, channel);
    if (physical === undefined) return;
    status.physicalSubscription = physical;
    marks.true('ReferencesResolved');

    const entry = subscriberEntry(subscription, physical, channel);
    if (!(await this.#addToChannel(run, channel, entry))) return;
    marks.true('AddedToChannel');
    showChannelsVerdict(run, channel);
  }

  /** Knative's words for a Subscription that its channel serves. */
  readyEvent({ spec }: Subscription) {
    const message = `Subscription was synchronized to channel "${spec.channel.name}"`;
    return { reason: 'SubscriberSync', message };
  }

  /** Takes the entry out of the channel, if there are still both. */
  async finalize(subscription: Subscription, { signal }: ReconcileContext): Promise<void> {
    const places = await this.#options.channels.placesOf(subscription, signal);
    await this.#leave(subscription, places);
  }

  async #leave(subscription: Subscription, places: readonly ChannelKey[]): Promise<void> {
    for (const place of places) {
      try {
        await this.#options.lists.remove(place, subscription.metadata.uid ?? '');
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
  }

  async #findChannel({ subscription, marks, signal }: Run): Promise<Channelable | undefined> {
    return await attempt(
      () => this.#options.channels.find(subscription, signal),
      (message) => {
        marks.unknown(
          'ReferencesResolved',
          'ChannelReferenceFailed',
          `Failed to get Spec.Channel or backing channel: ${message}`,
        );
      },
    );
  }

  async #resolve(run: Run, channel: Channelable): Promise<PhysicalSubscription | undefined> {
    const { subscriber, reply } = run.subscription.spec;
    const subscriberFields = isEmpty(subscriber)
      ? {}
      : await this.#part(run, 'SubscriberResolveFailed', 'spec.subscriber', async () =>
          subscriberFieldsFrom(await this.#address(run, subscriber)),
        );
    if (subscriberFields === undefined) return undefined;
    const replyFields =
      reply === undefined || isEmpty(reply)
        ? {}
        : await this.#part(run, 'ReplyResolveFailed', 'spec.reply', async () =>
            replyFieldsFrom(await this.#address(run, reply)),
          );
    if (replyFields === undefined) return undefined;
    const sinkFields = await this.#part(
      run,
      'DeadLetterSinkResolveFailed',
      'spec.delivery.deadLetterSink',
      () => this.#deadLetterSink(run, channel),
    );
    if (sinkFields === undefined) return undefined;
    return { ...subscriberFields, ...replyFields, ...sinkFields };
  }

  async #part<T>(
    { marks }: Run,
    reason: string,
    field: string,
    work: () => Promise<T>,
  ): Promise<T | undefined> {
    return await attempt(work, (message) => {
      marks.false('ReferencesResolved', reason, `Failed to resolve ${field}: ${message}`);
    });
  }

  async #address({ subscription, signal }: Run, destination: Destination) {
    const { namespace } = subscription.metadata;
    const observer = observerOf(SUBSCRIPTION, subscription.metadata);
    return await this.#options.resolver.resolve(destination, { namespace, observer, signal });
  }

  /** The Subscription's own, else that of the channel, which must have been resolved there. */
  async #deadLetterSink(run: Run, channel: Channelable): Promise<PhysicalSubscription> {
    const own = run.subscription.spec.delivery?.deadLetterSink;
    if (own !== undefined) return deliveryStatusFrom(await this.#address(run, own));
    if (channel.spec?.delivery?.deadLetterSink === undefined) return {};
    const sink = deliveryStatusOf(channel.status);
    if (sink.deadLetterSinkUri !== undefined) return sink;
    throw new MessagingError(
      `channel ${channel.metadata.name} didn't set status.deadLetterSinkURI`,
      { code: 'AFFLUX_MESSAGING_DEAD_LETTER_SINK_UNRESOLVED', fault: 'user' },
    );
  }

  /** False when the channel is gone, which its condition then says. */
  async #addToChannel(
    { subscription, marks }: Run,
    channel: Channelable,
    entry: SubscriberSpec,
  ): Promise<boolean> {
    const uid = subscription.metadata.uid ?? '';
    const present = channel.spec?.subscribers?.find((candidate) => candidate.uid === uid);
    if (sameJson(present, entry)) return true;
    try {
      await this.#options.lists.put(keyOfChannel(channel), { ...entry, uid });
      return true;
    } catch (error) {
      const message = `Failed to sync physical Channel: ${messageOf(error)}`;
      marks.false('AddedToChannel', 'PhysicalChannelSyncFailed', message);
      // The cache has not noticed yet; the change is on its way and brings another run.
      if (isNotFound(error) || isMistake(error)) return false;
      throw error;
    }
  }
}

/** Ready when the channel serves the entry in its present generation. */
function showChannelsVerdict({ subscription, marks }: Run, channel: Channelable): void {
  const type = 'ChannelReady';
  const reason = 'SubscriptionNotMarkedReadyByChannel';
  const { uid, generation, name } = subscription.metadata;
  const verdict = channel.status?.subscribers?.find(
    (entry) => entry.uid === uid && entry.observedGeneration === generation,
  );
  switch (verdict?.ready) {
    case 'True':
      marks.true(type);
      return;
    case 'False': {
      const { message } = verdict;
      const because = message === undefined ? '' : `: ${message}`;
      marks.false(type, reason, `Subscription marked by Channel as False${because}`);
      return;
    }
    case 'Unknown':
      marks.unknown(type, reason, 'Subscription marked by Channel as Unknown');
      return;
    case undefined:
      marks.unknown(
        type,
        reason,
        `Failed to get subscription status: subscription "${name}" not present in channel "${channel.metadata.name}" subscriber's list`,
      );
  }
}

function keyOfChannel({ apiVersion, kind, metadata }: Channelable): ChannelKey {
  return { apiVersion, kind, namespace: metadata.namespace ?? '', name: metadata.name };
}

function isEmpty(destination: Destination): boolean {
  return Object.keys(destination).length === 0;
}
