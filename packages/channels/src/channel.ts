/**
 * The channel SPI: what a storage system must be able to do to carry events. Glossary:
 *
 * - *channel*: takes events from producers and keeps one backlog per subscription.
 * - *subscription*: one reader's claim on the events that its selector wants; known by an id that lives
 *   longer than a process.
 * - *delivery*: one event handed to one subscription, from `take` until it is settled (`ack` or `release`).
 * - *progress*: what a reader must remember about an event between two deliveries. Opaque to the channel.
 * - *lane*: a subscription has a main lane, and an overflow lane for events that found the main one full.
 * - *dead letter*: an event that a subscription gave up, kept by the channel with the reason.
 * - *position*: where a channel that keeps events has one of them; text or number, made and read by the driver.
 *
 * Rules that hold for every driver, and that the conformance kit checks:
 *
 * 1. A publish takes all of its events or none, for all of their subscriptions or none.
 * 2. What was accepted stays until it is acknowledged; nothing accepted is dropped, except by
 *    `close({ drop: true })`, by retention (which counts, logs and describes what it took from a subscription)
 *    or, where the driver is not durable, by closing the channel.
 * 3. An event in flight or waiting for its retry still counts in the bounds of its subscription.
 * 4. Delivery is at least once; an event may be handed out again after a crash or a lost connection.
 *
 * A driver knows nothing of HTTP, triggers or Knative kinds, and does no flow control beyond its bounds:
 * that is `SubscriptionFlow`, above every driver.
 */
import type { CloudEvent } from '@afflux/events';
import type { Component } from '@afflux/kernel';

/**
 * Decides which subscriptions want an event. Several subscriptions share one selector, usually a compiled
 * index of all their filters; a channel calls each distinct selector once per event.
 */
export interface Selector {
  /**
   * Appends the ids of the subscriptions that want the event, each once. Must not throw, must not keep `out`
   * and must not call the channel. Ids that are not subscribed with this selector are ignored.
   */
  select(event: CloudEvent, out: string[]): void;
}

/** How progress is written down by drivers that keep it outside the process. */
export interface ProgressCodec<P> {
  encode(progress: P): Uint8Array;
  /** Throws when the bytes are not what `encode` wrote; the event is then delivered without progress. */
  decode(bytes: Uint8Array): P;
}

/** Bounds of one lane. Both are positive integers. */
export interface QueueBounds {
  /** Events accepted and not yet acknowledged. */
  readonly eventsMax: number;
  /** Sum of their `sizeBytes`. */
  readonly bytesMax: number;
}

/**
 * What happens to an event that matches this subscription when its main lane is full.
 *
 * - `backpressure`: the publish is refused for all with {@link ChannelFull}.
 * - `deadLetter`: the publish is accepted; this subscription's copy enters the overflow lane with the
 *   progress given, from which `takeOverflow` hands it out. When the overflow lane is full too,
 *   backpressure.
 */
export type OverflowPolicy<P> =
  | 'backpressure'
  | {
      /** Progress that the overflowing copy starts with. Must not throw. */
      readonly deadLetter: (event: CloudEvent) => P;
      /** Bound of the overflow lane in events. */
      readonly eventsMax: number;
      /** Bound of the overflow lane in bytes. Default: the `bytesMax` of the main lane. */
      readonly bytesMax?: number;
    };

/** Where a driver keeps an event. Only the driver can compare two of them; text and number mean the same. */
export type Position = string | number;

/**
 * Where a new subscription begins. Anything but `latest` needs the capability `replayable`. Ignored when the
 * subscription exists already. `position` is that of the first event wanted, `timeMs` (wall clock) the time at
 * which the first one was accepted or later.
 */
export type StartAt =
  'latest' | 'earliest' | { readonly position: Position } | { readonly timeMs: number };

export interface SubscribeOptions<P> {
  /** Unique within the channel, and the same after a restart. */
  readonly id: string;
  /** None: every event. */
  readonly selector?: Selector;
  /** For a durable driver the bound on what it reads ahead into memory; its backlog has its own retention. */
  readonly bounds: QueueBounds;
  /** Never applies where the backlog is not bounded by `bounds` (durable drivers). */
  readonly overflow: OverflowPolicy<P>;
  /** Needed by durable drivers; others ignore it. */
  readonly codec?: ProgressCodec<P>;
  /** Default `latest`: events accepted from now on. */
  readonly from?: StartAt;
  /** Value of the metric label `subscription`. Default: the id. */
  readonly label?: string;
  /**
   * What back-ends with names of their own call the subscription (consumer group, queue), where others look for
   * it. Default: made from the names of channel and subscription.
   */
  readonly storageName?: string;
}

export interface ReleaseOptions<P> {
  /** The event is handed out again after this long, at the earliest. 0 = at once. */
  readonly delayMs: number;
  /** Replaces the progress; absent, the earlier one stays. */
  readonly progress?: P;
}

/**
 * One event in the hands of one reader. It is settled by the first call of `ack` or `release`; later calls do
 * nothing, and so do calls after the event was dropped or the channel closed.
 */
export interface Delivery<P> {
  readonly event: CloudEvent;
  /** Where the driver keeps it: for logs and for `StartAt`. */
  readonly position: Position;
  /** Times this event was handed to this subscription, 1 = first. */
  readonly attempt: number;
  /** What the last `release` (or the overflow policy) left; undefined on a first delivery. */
  readonly progress: P | undefined;
  /** The subscription has done with the event. */
  ack(): void;
  /** Back to the channel, in the same lane, due after `delayMs`. It keeps its place in the bounds. */
  release(options: ReleaseOptions<P>): void;
  /**
   * Records progress without giving the delivery back, so that a crash resumes from it. For a reader that
   * holds on to an event between attempts to keep its order. Absent where there is nothing to record it in.
   */
  save?(progress: P): void;
  /**
   * The subscription gives the event up: it leaves the backlog and becomes a dead letter, in one step that a
   * crash cannot split. Present exactly where the channel has {@link Channel.deadLetters}. Until the step is
   * durable the event keeps its place in the bounds. Should the step fail, the channel takes it again until it
   * succeeds; the event is handed out again only by who does not know of it, after a crash or a lost connection.
   */
  deadLetter?(reason: DeadLetterReason): void;
}

/** Why a subscription gave an event up: what the last attempt met. Fit for people; no secrets. */
export interface DeadLetterReason {
  /** `status`, `connection`, `timeout`, `overflow`, … */
  readonly reason: string;
  /** The address that failed last: `subscriber`, `reply` or `dead-letter`. */
  readonly stage: string;
  /** That address, without user information, query and fragment. */
  readonly destination: string;
  /** HTTP status, or what stands for one. */
  readonly code: number;
  /** Base64 of the start of the response body. */
  readonly data: string;
  /** Attempts made at that stage. */
  readonly attempts: number;
  /** Wall clock of the last attempt, milliseconds since 1970. */
  readonly atMs: number;
}

export interface DeadLetter {
  /** Unique in its subscription, never reused; lower case letters, digits and `-`, at most 63. */
  readonly id: string;
  /** Id of the subscription that gave it up. */
  readonly subscription: string;
  readonly event: CloudEvent;
  readonly reason: DeadLetterReason;
  /** Wall clock at which it became a dead letter. */
  readonly storedMs: number;
}

export interface DeadLetterListOptions {
  /** Default: those of all subscriptions. */
  readonly subscription?: string;
  /** At most so many in one answer. */
  readonly limit: number;
  /** `next` of the page before. */
  readonly after?: string;
  readonly signal?: AbortSignal;
}

export interface DeadLetterPage {
  /** Oldest first within a subscription. */
  readonly letters: readonly DeadLetter[];
  /** Absent on the last page. */
  readonly next?: string;
}

/**
 * The dead letters of a channel. They outlive their subscription, until they are dropped, redriven or taken by
 * retention. All calls may be made at any time while the channel runs, and reject with
 * `AFFLUX_CHANNEL_UNAVAILABLE` when the back-end cannot be reached.
 */
export interface DeadLetters {
  list(options: DeadLetterListOptions): Promise<DeadLetterPage>;
  get(subscription: string, id: string): Promise<DeadLetter | undefined>;
  /**
   * Back to the backlog of the subscription that failed, as new: attempt 1, no progress. Resolves, when that
   * is durable, with how many of the ids were there. A crash in between may leave one in both places, never in
   * none. Rejects with `AFFLUX_CHANNEL_SUBSCRIPTION_UNKNOWN` when there is no such subscription any more.
   */
  redrive(subscription: string, ids: readonly string[]): Promise<number>;
  /** Forgets them. Resolves with how many of the ids were there. */
  drop(subscription: string, ids: readonly string[]): Promise<number>;
}

/** An event that a channel keeps, delivered or not. */
export interface KeptEvent {
  readonly event: CloudEvent;
  readonly position: Position;
  /** Wall clock at which the channel accepted it. */
  readonly acceptedMs: number;
}

export interface ReadOptions {
  /** Not `latest`. */
  readonly from: Exclude<StartAt, 'latest'>;
  /** First position or time no longer wanted. Default: what is accepted when the read begins. */
  readonly to?: { readonly position: Position } | { readonly timeMs: number };
  readonly signal?: AbortSignal;
}

/** What became of a subscription's backlog when it was closed. */
export interface SubscriptionClosed {
  /** Events kept for whoever subscribes with the same id. */
  readonly kept: number;
  /** Events forgotten, those in flight included. */
  readonly dropped: number;
}

export interface ChannelSubscription<P> {
  readonly id: string;
  /**
   * Present when the driver needs time to set the subscription up: resolves once every event published from
   * then on reaches it. Absent: it already does.
   */
  readonly ready?: Promise<void>;
  /**
   * Pulls the next due event of the main lane, synchronously. Undefined: nothing is due now, and the
   * callback of `onReadable` will say when that changes.
   */
  take(): Delivery<P> | undefined;
  /** The same for the overflow lane. Absent where the driver has none. */
  takeOverflow?(): Delivery<P> | undefined;
  /**
   * Sets the one callback (a later call replaces it). It is called once when a lane that `take` or
   * `takeOverflow` found empty has something due again, possibly from within `publish`: it must only note
   * the fact and pull later.
   */
  onReadable(callback: () => void): void;
  /**
   * Ends the subscription: no more events match it, `take` returns undefined. Idempotent. By default it
   * detaches: the backlog stays and goes to whoever subscribes with the same id; deliveries in flight may
   * still be settled. With `drop` the backlog is forgotten for good, in flight included.
   */
  close(options?: { readonly drop?: boolean }): SubscriptionClosed;
  describe(): SubscriptionDescription;
}

/** A snapshot; cheap enough for every scrape of the metrics. */
export interface SubscriptionDescription {
  readonly id: string;
  /** The name for people: `SubscribeOptions.label`, else the id. */
  readonly label: string;
  /** False: closed without `drop`, its backlog waits for a reader. */
  readonly attached: boolean;
  /** Events in the main lane: due, waiting for a retry, in flight. */
  readonly depth: number;
  /** Events in the overflow lane, likewise. */
  readonly overflow: number;
  /** Bytes of both lanes. */
  readonly bytes: number;
  /** Age of the oldest event of both lanes, 0 when there is none. */
  readonly oldestMs: number;
  /** Deliveries handed out and not settled, of both lanes. */
  readonly inFlight: number;
  /** Dead letters kept for it. Absent where the channel keeps none, or does not know without asking. */
  readonly deadLetters?: number;
  /** Events that retention took before the subscription had done with them. Absent where that cannot happen. */
  readonly lost?: number;
}

export interface ChannelDescription {
  readonly name: string;
  /** The driver's type. */
  readonly type: string;
  /** Events held, each counted once whatever the number of its subscriptions. */
  readonly events: number;
  /** Bytes held, likewise counted once. */
  readonly bytes: number;
  /** Events that closing the channel now would lose: for a memory channel all it holds. */
  readonly unsettled: number;
  /** Attached and detached subscriptions. */
  readonly subscriptions: readonly SubscriptionDescription[];
  /** What keeps it from working at present, for people; absent when nothing does. */
  readonly trouble?: string;
}

export interface PublishOptions {
  /** Ends the wait for the promise to be kept. After an abort the outcome is unknown, as after a crash. */
  readonly signal?: AbortSignal;
  /**
   * An event whose `source` and `id` are those of one accepted within so many milliseconds counts as accepted and
   * is not stored again. Needs the capability `deduplicates`; others refuse it.
   */
  readonly deduplicateMs?: number;
}

export interface Channel extends Component {
  /**
   * Takes all events for all subscriptions that want them, or none. Returns undefined when the channel's
   * promise is already kept, else a promise of it. Throws or rejects with
   *
   * - `AFFLUX_CHANNEL_FULL` ({@link ChannelFull}): no room now; try again after `retryAfterMs`,
   * - `AFFLUX_CHANNEL_EVENT_TOO_LARGE`, `AFFLUX_CHANNEL_BATCH_TOO_LARGE`: it can never fit,
   * - `AFFLUX_CHANNEL_UNAVAILABLE` ({@link ChannelUnavailable}): the back-end cannot take it now (away, blocked,
   *   disk full); try again after `retryAfterMs`,
   * - `AFFLUX_CHANNEL_CLOSED`: not running, draining or closed,
   * - `AFFLUX_CHANNEL_OUTCOME_UNKNOWN`: the back-end did not answer in time or the connection was lost after
   *   sending: the events are there or not,
   * - `AFFLUX_KERNEL_ABORTED`: the signal aborted.
   *
   * In every case but the last two nothing was accepted.
   */
  publish(events: readonly CloudEvent[], options?: PublishOptions): Promise<void> | undefined;
  /**
   * Idempotent per id. While the subscription is open, subscribing again changes selector, bounds and
   * overflow in place, keeps backlog and callback, and returns the same subscription. After a `close()` it
   * returns a new one that inherits the backlog. Lower bounds drop nothing: they refuse until there is room.
   * Throws `AFFLUX_CHANNEL_UNSUPPORTED` for what the driver's capabilities exclude, `AFFLUX_CHANNEL_CLOSED`
   * once draining or closed.
   */
  subscribe<P>(options: SubscribeOptions<P>): ChannelSubscription<P>;
  /** Works in every state; after `close` it tells what was left behind. */
  describe(): ChannelDescription;
  /**
   * Resolves true as soon as nothing is left that closing the channel would lose (memory: all backlogs are
   * empty; durable: all writes are synced), and subscriptions made until now have their place in the channel as far
   * as its back-end can be reached; false when the signal aborts or the channel closes first. Never
   * rejects. The channel goes on working meanwhile: for a shutdown stop the producers, wait here within the
   * grace period, then drain.
   */
  settled(options?: { readonly signal?: AbortSignal }): Promise<boolean>;
  /** Present where the driver's capability `deadLetters` says so. */
  readonly deadLetters?: DeadLetters;
  /**
   * The events that the channel still keeps, oldest first (per key where the order is per key), read in bounded
   * batches as the caller pulls, beside the live traffic. Changes nothing. Present where `replayable`.
   */
  read?(options: ReadOptions): AsyncIterable<KeptEvent>;
  /** Whether the subscription of this id would get this event now. Present where `replayable`. */
  wants?(subscription: string, event: CloudEvent): boolean;
  /**
   * Publishes to one subscription alone, whatever its selector says; the same promise and errors as `publish`,
   * and `AFFLUX_CHANNEL_SUBSCRIPTION_UNKNOWN`. Live events and these take turns: neither waits for all of the
   * others. Present where `deadLetters` or `replayable`.
   */
  publishTo?(
    subscription: string,
    events: readonly CloudEvent[],
    options?: { readonly signal?: AbortSignal },
  ): Promise<void>;
  /**
   * Takes over a changed configuration (credentials, retention) without losing anything in flight. Throws
   * `AFFLUX_CHANNEL_CONFIG_INVALID`, after which the earlier one holds. Absent: nothing can be changed.
   */
  reconfigure?(config: unknown): void;
}
