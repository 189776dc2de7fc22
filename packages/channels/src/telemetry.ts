/**
 * The metrics that every driver keeps. Names and labels are part of the channel contract, so that one
 * dashboard serves all drivers; the conformance kit asserts them. Depth, age and in-flight are gauges of the
 * flow above the driver.
 */
import type { BoundCounter, Counter } from '@afflux/kernel';
import type { DriverContext } from './driver.ts';

/** Labels of a channel's metrics, from its {@link DriverContext}. */
const CHANNEL_LABELS = ['namespace', 'kind', 'name'] as const;
const SUBSCRIPTION_LABELS = [...CHANNEL_LABELS, 'subscription'] as const;

export const CHANNEL_METRICS = {
  accepted: 'afflux_channel_accepted_events_total',
  refused: 'afflux_channel_refused_events_total',
  overflow: 'afflux_channel_overflow_events_total',
  deadLetters: 'afflux_channel_dead_letters_total',
  lost: 'afflux_channel_lost_events_total',
  duplicates: 'afflux_channel_suppressed_duplicates_total',
  unavailable: 'afflux_channel_unavailable_total',
} as const;

/** Why a publish was refused: value of the label `reason`. */
export type RefusalReason = 'full' | 'memory' | 'too-large';

export interface SubscriptionCounters {
  /** Events of publishes refused because this subscription had no room, now or ever. */
  readonly refused: BoundCounter;
  readonly tooLarge: BoundCounter;
  /** Copies that went to the overflow lane. */
  readonly overflow: BoundCounter;
  /** Events that became dead letters of the channel. */
  readonly deadLetters: BoundCounter;
  /** Events that retention took before the subscription had done with them. */
  readonly lost: BoundCounter;
}

/** A channel's counters; children are resolved when the channel and its subscriptions are made. */
export class ChannelTelemetry {
  readonly accepted: BoundCounter;
  /** Refusals that are the channel's and no subscription's: their label `subscription` is empty. */
  readonly refusedForMemory: BoundCounter;
  readonly tooLarge: BoundCounter;
  /** Events not stored again because `source` and `id` were those of an earlier one. */
  readonly duplicates: BoundCounter;
  /** Times the back-end went away (a connection lost, a disk full), not the publishes refused meanwhile. */
  readonly unavailable: BoundCounter;
  readonly #deadLetters: Counter;
  readonly #lost: Counter;
  readonly #refused: Counter;
  readonly #overflow: Counter;
  readonly #labels: readonly [string, string, string];

  constructor(context: Pick<DriverContext, 'namespace' | 'kind' | 'name' | 'meter'>) {
    const { meter } = context;
    this.#labels = [context.namespace ?? '', context.kind ?? 'Channel', context.name];
    this.accepted = meter
      .counter({
        name: CHANNEL_METRICS.accepted,
        help: 'Events accepted by a channel, whether or not a subscription wants them.',
        labels: CHANNEL_LABELS,
      })
      .labels(...this.#labels);
    this.#refused = meter.counter({
      name: CHANNEL_METRICS.refused,
      help: 'Events refused by a channel, counted for each subscription that had no room.',
      labels: [...SUBSCRIPTION_LABELS, 'reason'],
    });
    this.#overflow = meter.counter({
      name: CHANNEL_METRICS.overflow,
      help: 'Copies of accepted events that found the queue of a subscription full and go to its dead letter sink.',
      labels: SUBSCRIPTION_LABELS,
    });
    this.#deadLetters = meter.counter({
      name: CHANNEL_METRICS.deadLetters,
      help: 'Events that a subscription gave up and that the channel keeps as dead letters.',
      labels: SUBSCRIPTION_LABELS,
    });
    this.#lost = meter.counter({
      name: CHANNEL_METRICS.lost,
      help: 'Events that retention removed before the subscription had done with them.',
      labels: SUBSCRIPTION_LABELS,
    });
    this.duplicates = meter
      .counter({
        name: CHANNEL_METRICS.duplicates,
        help: 'Events not stored again because an event with their source and id was accepted before.',
        labels: CHANNEL_LABELS,
      })
      .labels(...this.#labels);
    this.unavailable = meter
      .counter({
        name: CHANNEL_METRICS.unavailable,
        help: 'Times the back-end of a channel became unavailable.',
        labels: CHANNEL_LABELS,
      })
      .labels(...this.#labels);
    this.refusedForMemory = this.#refusedFor('', 'memory');
    this.tooLarge = this.#refusedFor('', 'too-large');
  }

  forSubscription(label: string): SubscriptionCounters {
    return {
      refused: this.#refusedFor(label, 'full'),
      tooLarge: this.#refusedFor(label, 'too-large'),
      overflow: this.#overflow.labels(...this.#labels, label),
      deadLetters: this.#deadLetters.labels(...this.#labels, label),
      lost: this.#lost.labels(...this.#labels, label),
    };
  }

  #refusedFor(subscription: string, reason: RefusalReason): BoundCounter {
    return this.#refused.labels(...this.#labels, subscription, reason);
  }
}
