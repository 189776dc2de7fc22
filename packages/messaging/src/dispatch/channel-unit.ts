/**
 * One channel at work: a lease of the channel itself, its routes, and one dispatch per subscriber.
 *
 *     opening ──▶ open ── object deleted ──▶ deleted ── empty, or out of time ──▶ gone
 *                   ▲───────── made anew ───────┘
 *
 * The routes of a deleted channel are off at once, but what it had accepted is delivered for a bounded time.
 * Routes come after the subscribers that were known at that moment, so that the first event meets them.
 */
import type { ChannelLease, ChannelRef } from '@afflux/channels';
import type { CloudEvent } from '@afflux/events';
import { flowSettings, type SubscriberSpec } from '@afflux/resources';
import { channelFlowDefaults } from '../model/channel-backings.ts';
import type { Channelable } from '../model/channelable.ts';
import { channelHost } from '../model/names.ts';
import { subscriberId } from '../model/subscriber.ts';
import { ChannelRoute } from './channel-route.ts';
import { type ChannelDispatchOptions, DELETED_DRAIN_MS_MAX } from './dependencies.ts';
import { SubscriberDispatch } from './subscriber-dispatch.ts';
import type { RulesContext } from './subscriber-rules.ts';

/** Annotations of the Subscription of an entry, where it exists. */
export type AnnotationsOf = (entry: SubscriberSpec) => Readonly<Record<string, string>> | undefined;

export interface ChannelUnitOptions {
  readonly deps: ChannelDispatchOptions;
  /** Of the kind in `ref`. */
  readonly apiVersion: string;
  readonly ref: ChannelRef;
  readonly annotationsOf: AnnotationsOf;
  /** Called once, when nothing is left of a deleted channel. */
  readonly onGone: () => void;
}

export class ChannelUnit {
  readonly #options: ChannelUnitOptions;
  readonly #lease: ChannelLease;
  readonly #subscribers = new Map<string, SubscriberDispatch>();
  /** Being removed: attempts under way have not finished. */
  readonly #removing = new Map<string, SubscriberDispatch>();
  /** Entries that could not be served, so that each is reported once. */
  readonly #refused = new Map<string, SubscriberSpec>();
  /** Removals and the drain after a deletion, so that close can wait for them. */
  readonly #endings = new Set<Promise<void>>();
  readonly #lifetime = new AbortController();
  #route: ChannelRoute | undefined;
  #draining: AbortController | undefined;
  #object: Channelable | undefined;
  #isReady = false;
  #isDeleted = false;
  /** Draining or closed. */
  #isEnding = false;

  /** Throws when the channel cannot be named or made. */
  constructor(options: ChannelUnitOptions) {
    this.#options = options;
    this.#lease = options.deps.openChannel(options.ref);
  }

  /** Whether events are let in. */
  get isOpen(): boolean {
    return this.#route !== undefined;
  }

  /** Whether the subscriber of this id is served here. */
  serves(id: string): boolean {
    return this.#subscribers.has(id);
  }

  /**
   * Makes the unit agree with the object. Resolves when events are let in; rejects when the channel cannot be
   * opened, after which the unit is of no use.
   */
  async apply(object: Channelable): Promise<void> {
    const seen = this.#object?.metadata.uid;
    // Another object of that name: the earlier one was deleted, and nobody saw the moment in between.
    if (seen !== undefined && seen !== object.metadata.uid && !this.#isDeleted) this.delete();
    this.#object = object;
    this.#isDeleted = false;
    if (!this.#isReady) {
      await this.#lease.ready;
      this.#isReady = true;
    }
    // Whoever came later applies what it brought.
    if (!this.#isWanted(object)) return;
    await Promise.all(this.#applySubscribers(object));
    this.#open();
  }

  #isWanted(object: Channelable): boolean {
    return this.#object === object && !this.#isDeleted && !this.#isEnding;
  }

  /** The object is gone. */
  delete(): void {
    if (this.#isDeleted) return;
    this.#isDeleted = true;
    this.#closeRoute();
    for (const subscriber of this.#subscribers.values()) subscriber.leave();
    this.#track(this.#finish());
  }

  /** Nothing is let in any more; resolves when no attempt is under way. */
  async drain(signal?: AbortSignal): Promise<void> {
    this.#isEnding = true;
    this.#closeRoute();
    const drains = [...this.#subscribers.values()].map((subscriber) => subscriber.drain(signal));
    await Promise.all([...drains, ...this.#endings]);
  }

  async close(): Promise<void> {
    this.#isEnding = true;
    this.#lifetime.abort();
    this.#closeRoute();
    await Promise.all([...this.#subscribers.values()].map((subscriber) => subscriber.close()));
    await Promise.all(this.#endings);
    await this.#lease.release();
  }

  #open(): void {
    if (this.#isDeleted || this.#isEnding) return;
    if (this.#route !== undefined) {
      this.#route.deduplicateMs = this.#deduplicateMs();
      return;
    }
    const { deps, ref } = this.#options;
    const { channel, capabilities } = this.#lease;
    const { clock, onStep } = deps;
    const onAccepted = this.#acceptedHook();
    const route = new ChannelRoute({ ...ref, channel, capabilities, clock, onAccepted, onStep });
    route.deduplicateMs = this.#deduplicateMs();
    this.#route = route;
    deps.routes.setPath(route.path, route);
    deps.routes.setHost(channelHost(ref.namespace, ref.name), route);
  }

  #deduplicateMs(): number | undefined {
    return flowSettings(this.#object?.metadata.annotations).deduplicateMs;
  }

  /** A Broker's events are told of by the Broker. */
  #acceptedHook(): ((event: CloudEvent) => void) | undefined {
    const { onAccepted } = this.#options.deps;
    const metadata = this.#object?.metadata;
    const owner = metadata?.ownerReferences?.find(({ controller }) => controller === true);
    if (onAccepted === undefined || owner?.kind === 'Broker') return undefined;
    const { apiVersion, ref } = this.#options;
    const channel = { apiVersion, ...ref, uid: metadata?.uid ?? '' };
    return (event) => {
      onAccepted(event, channel);
    };
  }

  #closeRoute(): void {
    const { deps, ref } = this.#options;
    const route = this.#route;
    if (route === undefined) return;
    this.#route = undefined;
    deps.routes.deletePath(route.path, route);
    deps.routes.deleteHost(channelHost(ref.namespace, ref.name), route);
    route.close();
  }

  /** Starts, changes and removes subscribers; returns the starts. */
  #applySubscribers(object: Channelable): Promise<void>[] {
    const wanted = new Set<string>();
    const started: Promise<void>[] = [];
    for (const entry of object.spec?.subscribers ?? []) {
      const id = subscriberId(entry, this.#options.ref.namespace);
      // Of two entries with one id the first counts.
      if (wanted.has(id)) continue;
      wanted.add(id);
      const start = this.#serve(id, entry, object);
      if (start !== undefined) started.push(start);
    }
    for (const subscriber of [...this.#subscribers.values()]) {
      if (!wanted.has(subscriber.id) && !subscriber.isLeaving) this.#remove(subscriber);
    }
    for (const id of this.#refused.keys()) if (!wanted.has(id)) this.#refused.delete(id);
    return started;
  }

  #serve(id: string, entry: SubscriberSpec, object: Channelable): Promise<void> | undefined {
    const context = this.#contextOf(entry, object);
    try {
      const existing = this.#subscribers.get(id);
      if (existing !== undefined && isOther(existing.entry, entry)) this.#replace(existing);
      else if (existing !== undefined) {
        existing.serve(entry, context);
        this.#refused.delete(id);
        return undefined;
      }
      return this.#begin(id, entry, context);
    } catch (err) {
      // What it had stays as it was; the controller says the same in the status.
      if (this.#refused.get(id) === entry) return undefined;
      this.#refused.set(id, entry);
      this.#log('error', { err, subscriber: id }, 'subscriber cannot be served');
    }
    return undefined;
  }

  #begin(id: string, entry: SubscriberSpec, context: RulesContext): Promise<void> {
    const { deps, ref } = this.#options;
    const predecessor = this.#removing.get(id);
    if (predecessor !== undefined && isOther(predecessor.entry, entry)) this.#forget(predecessor);
    else predecessor?.handOver();
    const { channel, capabilities } = this.#lease;
    const options = { deps, channel, capabilities, ref, id, entry, context };
    const subscriber = new SubscriberDispatch(options);
    this.#subscribers.set(id, subscriber);
    this.#refused.delete(id);
    return subscriber.start();
  }

  /** By the kind, and by what the object says where it has a field of its own for it. */
  get #flowDefaults(): Readonly<Record<string, string>> | undefined {
    return this.#object === undefined ? undefined : channelFlowDefaults(this.#object);
  }

  #contextOf(entry: SubscriberSpec, { metadata, status }: Channelable): RulesContext {
    const { annotationsOf, ref } = this.#options;
    return {
      namespace: ref.namespace,
      annotations: [annotationsOf(entry), metadata.annotations, this.#flowDefaults],
      deadLetterUri: status?.deadLetterSinkUri,
      deadLetterCaCerts: status?.deadLetterSinkCACerts,
      capabilities: this.#lease.capabilities,
    };
  }

  /** The Subscription was made anew: the one of that name begins with nothing. */
  #replace(subscriber: SubscriberDispatch): void {
    this.#forget(subscriber);
    this.#remove(subscriber);
  }

  /** Its backlog goes at once, so that a successor does not inherit it. */
  #forget(subscriber: SubscriberDispatch): void {
    this.#logDropped(subscriber, subscriber.forget());
  }

  #remove(subscriber: SubscriberDispatch): void {
    this.#subscribers.delete(subscriber.id);
    this.#track(this.#drop(subscriber));
  }

  async #drop(subscriber: SubscriberDispatch): Promise<void> {
    const { id } = subscriber;
    this.#removing.set(id, subscriber);
    const dropped = await subscriber.remove(this.#lifetime.signal);
    if (this.#removing.get(id) === subscriber) this.#removing.delete(id);
    this.#logDropped(subscriber, dropped);
  }

  #logDropped({ label }: SubscriberDispatch, dropped: number): void {
    if (dropped === 0) return;
    this.#log('warn', { subscriber: label, dropped }, 'subscriber removed with events left');
  }

  /** Gives a deleted channel its time, then ends what is still leaving. */
  async #finish(): Promise<void> {
    this.#draining?.abort();
    const draining = new AbortController();
    this.#draining = draining;
    const { clock, deletedDrainMsMax = DELETED_DRAIN_MS_MAX } = this.#options.deps;
    const timer = clock.setTimer(deletedDrainMsMax, () => {
      draining.abort();
    });
    const signal = AbortSignal.any([draining.signal, this.#lifetime.signal]);
    await this.#lease.channel.settled({ signal });
    timer.cancel();
    // Made anew and deleted again meanwhile: the later drain takes over.
    if (this.#draining !== draining || this.#lifetime.signal.aborted) return;
    this.#draining = undefined;
    await this.#endLeaving();
    await this.#goAway();
  }

  async #endLeaving(): Promise<void> {
    const leaving = [...this.#subscribers.values()].filter(({ isLeaving }) => isLeaving);
    for (const { id } of leaving) this.#subscribers.delete(id);
    await Promise.all(leaving.map((subscriber) => this.#drop(subscriber)));
  }

  /** Unless it was made anew meanwhile. */
  async #goAway(): Promise<void> {
    if (!this.#isDeleted || this.#draining !== undefined) return;
    this.#options.onGone();
    await this.#lease.release();
  }

  #track(ending: Promise<void>): void {
    const tracked = ending
      .catch((err: unknown) => {
        this.#log('error', { err }, 'channel could not end cleanly');
      })
      .finally(() => this.#endings.delete(tracked));
    this.#endings.add(tracked);
  }

  #log(level: 'warn' | 'error', fields: Readonly<Record<string, unknown>>, message: string): void {
    const { kind, namespace, name } = this.#options.ref;
    this.#options.deps.logger[level]({ kind, namespace, name, ...fields }, message);
  }
}

/** Whether two entries with one id are of two Subscriptions, one of which took the name of the other. */
function isOther(before: SubscriberSpec, after: SubscriberSpec): boolean {
  return before.uid !== undefined && after.uid !== undefined && before.uid !== after.uid;
}
