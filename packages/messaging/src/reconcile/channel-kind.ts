/**
 * Channels of every kind that carry events themselves: sees to what stands behind them, and says in the status
 * where the channel is and what it makes of its subscribers.
 *
 *     settings ─▶ backing ─▶ topic, exchange, store ─▶ places of the subscribers ─▶ ready, one by one
 *
 * A subscriber is called ready when no event published from then on can miss it. The process that reconciles is
 * the one that dispatches, so the conditions about a dispatcher hold as soon as anybody can read them. The data
 * plane follows the same object by itself and needs nothing from here but the resolved dead letter sink.
 */
import type { ChannelRef } from '@afflux/channels';
import { AddressError, formatKey, observerOf, RequeueAfter } from '@afflux/control';
import type { ReconcileContext, Reconciler } from '@afflux/control';
import { flowSettings, Marks, type SubscriberSpec, type SubscriberStatus } from '@afflux/resources';
import type { BackingProblem } from '../model/backing-sources.ts';
import {
  channelAnnotations,
  channelBacking,
  channelReferences,
  channelStorageName,
} from '../model/channel-backings.ts';
import {
  type Channelable,
  type ChannelableStatus,
  clearDeliveryStatus,
} from '../model/channelable.ts';
import { SUBSCRIPTION } from '../model/kinds.ts';
import { deliveryProblem, subscriberId, subscriptionOf } from '../model/subscriber.ts';
import { deliveryStatusFrom } from './addresses.ts';
import { BackEnds, type Made, type Place } from './back-ends.ts';
import type { ChannelRules } from './channel-rules.ts';
import type { MessagingDependencies } from './dependencies.ts';
import { messageOf } from './mistakes.ts';

type Dependencies = Pick<
  MessagingDependencies,
  'resolver' | 'addresses' | 'informers' | 'tracker' | 'backingSources' | 'provision' | 'isInUse'
>;

type BackEndRules = NonNullable<ChannelRules['backEnd']>;

/** Wait for the data plane to let go of a deleted channel, and how often. */
const IN_USE_RETRY_MS = 1_000;
const IN_USE_WAITS_MAX = 40;

const NOTHING_MISSING: Made = { missing: new Map() };

/** One run's view of things. */
interface Run {
  readonly channel: Channelable;
  readonly status: ChannelableStatus;
  readonly marks: Marks;
  readonly context: ReconcileContext;
}

/** The reconciler of one channel kind. */
export function channelKindReconciler(
  rules: ChannelRules,
  deps: Dependencies,
): Reconciler<Channelable> {
  const work = new ChannelKindWork(rules, deps);
  const { backEnd } = rules;
  return {
    kind: rules.kind,
    conditions: rules.conditions,
    reconcile: (channel, context) => work.reconcile(channel, context),
    observeDeletion: (key) => {
      work.forget(formatKey(key));
    },
    ...(backEnd === undefined
      ? {}
      : {
          finalizer: backEnd.finalizer,
          finalize: (channel, context) => work.finalize(channel, context),
        }),
  };
}

class ChannelKindWork {
  readonly #rules: ChannelRules;
  readonly #deps: Dependencies;
  readonly #backEnds = new BackEnds();
  /** By key: how often the finalizer waited for the data plane. */
  readonly #waits = new Map<string, number>();

  constructor(rules: ChannelRules, deps: Dependencies) {
    this.#rules = rules;
    this.#deps = deps;
  }

  async reconcile(channel: Channelable, context: ReconcileContext): Promise<void> {
    const status = (channel.status ??= {});
    const marks = new Marks(this.#rules.conditions, status, context.now());
    const run: Run = { channel, status, marks, context };
    for (const type of this.#rules.always) marks.true(type);
    marks.eventPoliciesNotInUse();
    const { namespace = '', name } = channel.metadata;
    status.address = { name: 'http', url: this.#deps.addresses.channelUrl(namespace, name) };
    marks.true('Addressable');
    const { backEnd } = this.#rules;
    const made = backEnd === undefined ? NOTHING_MISSING : await this.#make(run, backEnd);
    setSubscribers(run, made.missing);
    if (made.retryInMs !== undefined) context.enqueueAfter(made.retryInMs);
    await this.#resolveDeadLetterSink(run);
  }

  /** Removes what stands behind the channel, once the data plane has let go of it. */
  async finalize(channel: Channelable, { signal, logger }: ReconcileContext): Promise<void> {
    const key = formatKey(channel.metadata);
    this.#waitForDataPlane(channel, key);
    const { backingSources } = this.#deps;
    if (backingSources === undefined) return;
    const backing = channelBacking(channel, backingSources);
    const open =
      'problem' in backing
        ? undefined
        : () => this.#deps.provision?.(backing.value, refOf(channel));
    const places = this.#placesOf(channel);
    await this.#backEnds.remove({ key, open, places, signal, logger });
    this.forget(key);
  }

  forget(key: string): void {
    this.#backEnds.forget(key);
    this.#waits.delete(key);
  }

  #waitForDataPlane(channel: Channelable, key: string): void {
    if (this.#deps.isInUse?.(refOf(channel)) !== true) return;
    const waits = (this.#waits.get(key) ?? 0) + 1;
    this.#waits.set(key, waits);
    if (waits <= IN_USE_WAITS_MAX) throw new RequeueAfter(IN_USE_RETRY_MS);
  }

  /** Marks what the back-end is made of; says which subscribers it has no place for yet. */
  async #make(run: Run, backEnd: BackEndRules): Promise<Made> {
    const { channel, status, marks, context } = run;
    const { backingSources } = this.#deps;
    const places = this.#placesOf(channel);
    if (backingSources === undefined) return blocked(run, backEnd, NO_SOURCES, places);
    const observer = observerOf(this.#rules.kind, channel.metadata);
    for (const reference of channelReferences(channel, backingSources)) {
      this.#deps.tracker.track(reference, observer);
    }
    const found = channelBacking(channel, backingSources);
    if ('problem' in found) return blocked(run, backEnd, found.problem, places);
    if (backEnd.configured !== undefined) marks.true(backEnd.configured);
    const annotations = channelAnnotations(channel, backingSources);
    if (Object.keys(annotations).length > 0) {
      status.annotations = { ...status.annotations, ...annotations };
    }
    const made = await this.#backEnds.make({
      key: formatKey(channel.metadata),
      backing: found.value,
      open: () => this.#deps.provision?.(found.value, refOf(channel)),
      places,
      signal: context.signal,
    });
    if (made.failure === undefined) marks.true(backEnd.made);
    else marks.false(backEnd.made, made.failure.reason, made.failure.message);
    return made;
  }

  #placesOf(channel: Channelable): readonly Place[] {
    const { namespace = '', name } = channel.metadata;
    return (channel.spec?.subscribers ?? []).map((entry) => {
      const startAt = this.#startOf(entry, channel);
      const storageName =
        entry.name === undefined || entry.name === ''
          ? undefined
          : channelStorageName(channel.kind, {
              namespace,
              channel: name,
              subscription: entry.name,
            });
      return {
        id: subscriberId(entry, namespace),
        uid: entry.uid,
        ...(startAt === undefined ? {} : { from: startAt }),
        ...(storageName === undefined ? {} : { storageName }),
      };
    });
  }

  /** Where a new subscriber begins: its Subscription says, else the channel. */
  #startOf(entry: SubscriberSpec, { metadata }: Channelable): Place['from'] {
    const key = subscriptionOf(entry, metadata.namespace ?? '');
    const subscription =
      key === undefined
        ? undefined
        : this.#deps.informers.get(SUBSCRIPTION).get(key.namespace, key.name);
    return flowSettings(subscription?.metadata.annotations, metadata.annotations).startAt;
  }

  async #resolveDeadLetterSink({ channel, status, marks, context }: Run): Promise<void> {
    clearDeliveryStatus(status);
    const sink = channel.spec?.delivery?.deadLetterSink;
    if (sink === undefined) {
      marks.true(
        'DeadLetterSinkResolved',
        'DeadLetterSinkNotConfigured',
        'No dead letter sink is configured.',
      );
      return;
    }
    const { namespace } = channel.metadata;
    const observer = observerOf(this.#rules.kind, channel.metadata);
    try {
      const options = { namespace, observer, signal: context.signal };
      const address = await this.#deps.resolver.resolve(sink, options);
      Object.assign(status, deliveryStatusFrom(address));
      marks.true('DeadLetterSinkResolved');
    } catch (error) {
      const reason = "Unable to get the DeadLetterSink's URI";
      marks.false('DeadLetterSinkResolved', reason, messageOf(error));
      // What it depends on is tracked; anything but a missing address is worth another try.
      if (!(error instanceof AddressError)) throw error;
    }
  }
}

const NO_SOURCES: BackingProblem = {
  condition: 'Ready',
  reason: 'NotConfigured',
  message: 'this process is not set up to serve channels of this kind',
};

/** The settings are not there, or wrong: nothing can be made, and nobody has a place. */
function blocked(
  { marks }: Run,
  backEnd: BackEndRules,
  { condition, reason, message }: BackingProblem,
  places: readonly Place[],
): Made {
  const isOwn = condition === backEnd.configured;
  if (isOwn) marks.unknown(backEnd.made, reason, message);
  marks.false(isOwn ? condition : backEnd.made, reason, message);
  return { missing: new Map(places.map(({ id }) => [id, message])) };
}

function setSubscribers({ channel, status }: Run, missing: ReadonlyMap<string, string>): void {
  const subscribers = channel.spec?.subscribers ?? [];
  const { namespace = '' } = channel.metadata;
  if (subscribers.length === 0) delete status.subscribers;
  else {
    status.subscribers = subscribers.map((entry) =>
      subscriberStatus(entry, missing.get(subscriberId(entry, namespace))),
    );
  }
}

function subscriberStatus(entry: SubscriberSpec, missing: string | undefined): SubscriberStatus {
  const problem = deliveryProblem(entry) ?? missing;
  return {
    ...(entry.uid === undefined ? {} : { uid: entry.uid }),
    ...(entry.generation === undefined ? {} : { observedGeneration: entry.generation }),
    ...(problem === undefined ? { ready: 'True' } : { ready: 'False', message: problem }),
  };
}

function refOf({ kind, metadata: { namespace = '', name } }: Channelable): ChannelRef {
  return { kind, namespace, name };
}
