/** What a flow says about itself: gauges read on demand, a counter of circuit openings, and its log lines. */
import type { BoundCounter, Logger, Meter } from '@afflux/kernel';
import type { SubscriptionDescription } from '../channel.ts';
import type { Breaker, BreakerState } from './breaker.ts';

/** Values of the labels that all flow metrics have, and of the same fields in its log lines. */
export interface FlowLabels {
  /** Also the group in which the flow gets its fair share. */
  readonly namespace: string;
  /** What the channel belongs to: `Broker`, `InMemoryChannel`, … */
  readonly kind: string;
  readonly name: string;
  /** The trigger or subscription. */
  readonly subscription: string;
}

const FLOW_METRICS = {
  queueEvents: 'afflux_subscription_queue_events',
  queueBytes: 'afflux_subscription_queue_bytes',
  oldestAge: 'afflux_subscription_oldest_event_age_seconds',
  inFlight: 'afflux_subscription_in_flight_events',
  breakerState: 'afflux_subscription_circuit_breaker_state',
  breakerOpened: 'afflux_subscription_circuit_breaker_opened_total',
} as const;

const LABELS = ['namespace', 'kind', 'name', 'subscription'] as const;

const BREAKER_VALUES: Readonly<Record<BreakerState, number>> = {
  closed: 0,
  'half-open': 1,
  open: 2,
};

/** At most one log line per this time about faults of the handler; it says how many there were. */
const FAULT_LOG_MS = 1_000;

export interface FlowReadings {
  readonly inFlight: number;
  readonly breakerState: BreakerState;
  queue(): SubscriptionDescription;
}

export class FlowTelemetry {
  readonly #labels: readonly [string, string, string, string];
  readonly #meter: Meter;
  readonly #logger: Logger;
  readonly #opened: BoundCounter;
  #observers: (() => void)[] = [];
  #faults = 0;
  #faultLogMs = -Infinity;

  constructor(options: { meter: Meter; logger: Logger; labels: FlowLabels }) {
    const { namespace, kind, name, subscription } = options.labels;
    this.#labels = [namespace, kind, name, subscription];
    this.#meter = options.meter;
    this.#logger = options.logger.child({ namespace, kind, name, subscription });
    this.#opened = options.meter
      .counter({
        name: FLOW_METRICS.breakerOpened,
        help: 'Times the circuit breaker of a subscription opened, failed probes included.',
        labels: LABELS,
      })
      .labels(...this.#labels);
  }

  /** Registers the gauges. Until {@link stop} they read the flow when somebody asks. */
  start(flow: FlowReadings): void {
    const queued = (): SubscriptionDescription => flow.queue();
    this.#observe(FLOW_METRICS.queueEvents, 'Events accepted and not yet done with.', () => {
      const { depth, overflow } = queued();
      return depth + overflow;
    });
    this.#observe(FLOW_METRICS.queueBytes, 'Bytes of those events.', () => queued().bytes);
    this.#observe(
      FLOW_METRICS.oldestAge,
      'Age of the oldest of those events.',
      () => queued().oldestMs / 1000,
    );
    this.#observe(
      FLOW_METRICS.inFlight,
      'Deliveries going on in this process.',
      () => flow.inFlight,
    );
    this.#observe(
      FLOW_METRICS.breakerState,
      'Circuit breaker: 0 closed, 1 half-open, 2 open.',
      () => BREAKER_VALUES[flow.breakerState],
    );
  }

  stop(): void {
    for (const remove of this.#observers) remove();
    this.#observers = [];
  }

  breakerChanged(change: 'opened' | 'closed', breaker: Breaker, nowMs: number): void {
    if (change === 'closed') {
      this.#logger.info({}, 'circuit closed');
      return;
    }
    this.#opened.add();
    this.#logger.warn({ pauseMs: Math.round(breaker.waitMs(nowMs)) }, 'circuit opened');
  }

  handlerFailed(err: unknown, eventId: string, nowMs: number): void {
    this.#faults += 1;
    if (nowMs - this.#faultLogMs < FAULT_LOG_MS) return;
    this.#logger.error({ err, eventId, faults: this.#faults }, 'delivery handler failed');
    this.#faults = 0;
    this.#faultLogMs = nowMs;
  }

  #observe(name: string, help: string, read: () => number): void {
    const options = { name, help, labels: LABELS };
    this.#observers.push(
      this.#meter.observe(options, () => [{ value: read(), labels: this.#labels }]),
    );
  }
}
