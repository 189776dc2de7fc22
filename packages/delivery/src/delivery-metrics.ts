/**
 * What one courier counts. The histogram has the name, the labels and the bounds of Knative's dispatch
 * duration (OpenTelemetry names with underscores). Prometheus wants the same labels on every child of a
 * name, so those that do not apply are empty, which Prometheus takes as absent.
 *
 * Children are resolved once. Label values that come from outside are bounded: event types beyond
 * `EVENT_TYPES_MAX` are counted as `other`, statuses have three digits by the time they get here.
 */
import type { BoundCounter, BoundHistogram, Counter, Histogram, Meter } from '@afflux/kernel';
import type { FailureReason, Outcome, ReplyIgnored } from './outcome.ts';
import type { Stage } from './plan.ts';

/** Constant label values of a courier. */
export interface CourierLabels {
  /** `messaging.destination.name`: `trigger:<name>.<namespace>` or `subscription:<name>.<namespace>`. */
  readonly destination: string;
  readonly brokerName?: string;
  readonly brokerNamespace?: string;
  readonly channelName?: string;
  readonly channelNamespace?: string;
}

/** Distinct event types per courier that get a series of their own. */
const EVENT_TYPES_MAX = 16;
const OTHER_TYPES = 'other';

const DISPATCH_LABELS = [
  'kn_broker_name',
  'kn_broker_namespace',
  'kn_channel_name',
  'kn_channel_namespace',
  'messaging_destination_name',
  'messaging_operation_name',
  'messaging_system',
  'url_scheme',
  'cloudevents_type',
  'http_response_status_code',
] as const;

/** How a delivery ends; `stored`: as a dead letter of the channel. */
type Ending = 'delivered' | 'dead-lettered' | 'dropped' | 'expired' | 'stored';

/** The series of one event type. */
interface TypeSeries {
  readonly label: string;
  readonly byStatus: Map<number, BoundHistogram>;
}

export class DeliveryMetrics {
  readonly #labels: CourierLabels;
  readonly #duration: Histogram;
  readonly #retries: Counter;
  readonly #ignored: Counter;
  readonly #endings: Readonly<Record<Ending, BoundCounter>>;
  #scheme = '';
  #byType = new Map<string, TypeSeries>();

  constructor(meter: Meter, labels: CourierLabels) {
    this.#labels = labels;
    this.#duration = meter.histogram({
      name: 'kn_eventing_dispatch_duration_seconds',
      help: 'Time of one attempt to deliver an event, from the request to the end of the response.',
      labels: DISPATCH_LABELS,
    });
    this.#retries = meter.counter({
      name: 'afflux_delivery_retries_total',
      help: 'Attempts that failed and will be made again.',
      labels: ['messaging_destination_name', 'stage', 'reason'],
    });
    this.#ignored = meter.counter({
      name: 'afflux_delivery_replies_ignored_total',
      help: 'Successful responses with a body that was not used as a reply.',
      labels: ['messaging_destination_name', 'reason'],
    });
    const events = meter.counter({
      name: 'afflux_delivery_events_total',
      help: 'Events whose delivery has ended, by how it ended.',
      labels: ['messaging_destination_name', 'outcome'],
    });
    this.#endings = {
      delivered: events.labels(labels.destination, 'delivered'),
      'dead-lettered': events.labels(labels.destination, 'dead-lettered'),
      dropped: events.labels(labels.destination, 'dropped'),
      expired: events.labels(labels.destination, 'expired'),
      stored: events.labels(labels.destination, 'stored'),
    };
  }

  /** The address has changed; series of another scheme are not continued. */
  useUrl(url: string): void {
    const scheme = url.startsWith('https:') ? 'https' : 'http';
    if (scheme === this.#scheme) return;
    this.#scheme = scheme;
    this.#byType = new Map();
  }

  onAttempt(eventType: string, outcome: Outcome): void {
    const status = outcome.status ?? 0;
    const series = this.#seriesOf(eventType);
    let child = series.byStatus.get(status);
    if (child === undefined) {
      child = this.#child(series.label, status);
      series.byStatus.set(status, child);
    }
    child.record(outcome.durationMs / 1000);
  }

  onEnd(ending: Ending): void {
    this.#endings[ending].add();
  }

  onRetry(stage: Stage, reason: FailureReason): void {
    this.#retries.labels(this.#labels.destination, stage, reason).add();
  }

  onReplyIgnored(reason: ReplyIgnored): void {
    this.#ignored.labels(this.#labels.destination, reason).add();
  }

  #seriesOf(eventType: string): TypeSeries {
    const known = this.#byType.get(eventType);
    if (known !== undefined) return known;
    const label = this.#byType.size < EVENT_TYPES_MAX ? eventType : OTHER_TYPES;
    const other = this.#byType.get(label);
    if (other !== undefined) return other;
    const series: TypeSeries = { label, byStatus: new Map() };
    this.#byType.set(label, series);
    return series;
  }

  #child(typeLabel: string, status: number): BoundHistogram {
    const labels = this.#labels;
    return this.#duration.labels(
      labels.brokerName ?? '',
      labels.brokerNamespace ?? '',
      labels.channelName ?? '',
      labels.channelNamespace ?? '',
      labels.destination,
      'send',
      'knative',
      this.#scheme,
      typeLabel,
      status === 0 ? '' : String(status),
    );
  }
}
