/**
 * Flow control above every driver: moves events from a subscription to a handler, no faster, no more at once
 * and in no other order than its settings say.
 *
 * The flow runs in turns that the scheduler gives it. Whatever happens (an event arrives, a handler settles,
 * a pause ends, a setting changes) only asks for a turn; the turn looks at the state and starts what may
 * start. In a turn the main lane passes these gates, in this order: a free slot (`maxInFlight`), the circuit
 * breaker, a token of the rate, the event's key.
 *
 * - In unordered mode a retry goes back to the channel, which keeps it until it is due.
 * - In ordered mode the flow holds on to it, because its key must wait with it; the channel is told the
 *   progress where it can keep it (`save`). So every job of a busy key is here: running, held for its retry,
 *   runnable, or in line behind the key's owner.
 * - Events of the overflow lane have slots of their own and pass no other gate: they are on their way to
 *   another address, and must get there while the subscriber hangs.
 *
 * An event that was taken is always settled with the channel: acknowledged when the handler is done with
 * it, released in all other cases, faults of the handler, drain and close included.
 */
import { strict as assert } from 'node:assert';
import { setMaxListeners } from 'node:events';
import type { CloudEvent } from '@afflux/events';
import {
  abortedError,
  BACKOFF_MS_MAX,
  backoffMs,
  BaseComponent,
  type Clock,
  type Logger,
  type Meter,
  type OnStep,
  type Random,
  withJitter,
} from '@afflux/kernel';
import { Alarm, DEADLINE_TOLERANCE_MS } from '../alarm.ts';
import type { ChannelSubscription, Delivery } from '../channel.ts';
import { Heap } from '../heap.ts';
import { Waiters } from '../waiters.ts';
import { Breaker, type BreakerState, type Verdict } from './breaker.ts';
import { type FlowLabels, type FlowReadings, FlowTelemetry } from './flow-telemetry.ts';
import { isDueBefore, Job } from './job.ts';
import { KeyOrder } from './key-order.ts';
import { Line } from './line.ts';
import { FlowScheduler, type Seat } from './scheduler.ts';
import { assertSettings, type FlowSettings } from './settings.ts';
import type { Settlement } from './settlement.ts';
import { TokenBucket } from './token-bucket.ts';

/** Bound on what an ordered flow takes from the channel without being able to start it. */
const KEPT_MAX = 10_000;

/** Slots of the overflow lane; fewer where `maxInFlight` is lower. */
const OVERFLOW_IN_FLIGHT_MAX = 16;

/** First wait after a fault of the handler; doubles up to the general bound. */
const FAULT_DELAY_MS = 1_000;

/** Orders events; those without it share one key. */
const KEY_ATTRIBUTE = 'partitionkey';

/**
 * Makes one attempt. Owns the event until the promise settles. A rejection is a programmer error: it is
 * logged, and the event is tried again with backoff. The signal aborts when the flow is closed.
 */
export type Handle<P> = (
  event: CloudEvent,
  progress: P | undefined,
  signal: AbortSignal,
) => Promise<Settlement<P>>;

export interface FlowOptions<P> {
  /** The flow pulls from it and is its only reader; closing it is left to whoever subscribed. */
  readonly subscription: ChannelSubscription<P>;
  readonly handle: Handle<P>;
  readonly settings: FlowSettings;
  readonly labels: FlowLabels;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly meter: Meter;
  /** Shared by all flows of a process, for fairness between them. Default: one of its own. */
  readonly scheduler?: FlowScheduler;
  /**
   * How long an event must not be delivered yet, in milliseconds; 0 when it may be. Asked when the event is taken,
   * before any gate: one that has to wait goes back to the channel and holds neither a slot nor its key. Must not
   * throw. Only for channels with the capability `delayed`.
   */
  readonly notBefore?: (event: CloudEvent) => number;
  /** Told before an acknowledgement. */
  readonly onStep?: OnStep | undefined;
}

export interface FlowDescription {
  readonly subscription: string;
  /** Calls of the handler going on, of both lanes. */
  readonly inFlight: number;
  /** Events taken from the channel that wait here: for their key, their retry or a slot. */
  readonly kept: number;
  readonly breaker: BreakerState;
  readonly settings: FlowSettings;
}

export class SubscriptionFlow<P> extends BaseComponent implements FlowReadings {
  readonly name: string;
  readonly #subscription: ChannelSubscription<P>;
  readonly #handle: Handle<P>;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #telemetry: FlowTelemetry;
  readonly #scheduler: FlowScheduler;
  readonly #seat: Seat;
  readonly #alarm: Alarm;
  readonly #abort = new AbortController();
  readonly #breaker: Breaker;
  readonly #order = new KeyOrder<P>(KEPT_MAX);
  readonly #held = new Heap<Job<P>>(isDueBefore);
  readonly #runnable = new Line<Job<P>>();
  readonly #running = new Set<Job<P>>();
  readonly #quiet = new Waiters();
  readonly #notBefore: ((event: CloudEvent) => number) | undefined;
  readonly #onStep: OnStep | undefined;
  #overflowRunning = 0;
  #settings: FlowSettings;
  #bucket: TokenBucket | undefined;

  constructor(options: FlowOptions<P>) {
    super();
    assertSettings(options.settings);
    this.name = `flow ${options.labels.namespace}/${options.labels.name}/${options.labels.subscription}`;
    this.#subscription = options.subscription;
    this.#handle = options.handle;
    this.#settings = options.settings;
    this.#notBefore = options.notBefore;
    this.#onStep = options.onStep;
    this.#clock = options.clock;
    this.#random = options.random;
    this.#telemetry = new FlowTelemetry(options);
    this.#scheduler = options.scheduler ?? new FlowScheduler(options);
    this.#seat = this.#scheduler.join(options.labels.namespace, (startsMax) =>
      this.#turn(startsMax),
    );
    this.#alarm = new Alarm(options.clock, () => {
      this.#seat.wake();
    });
    this.#breaker = new Breaker(options.settings.breaker, options.random);
    this.#bucket = this.#makeBucket(options.settings.ratePerSecond);
    // Every attempt in flight may listen to it.
    setMaxListeners(0, this.#abort.signal);
  }

  /** May be replaced at any time; applies to what is started from then on. */
  get settings(): FlowSettings {
    return this.#settings;
  }

  set settings(settings: FlowSettings) {
    assertSettings(settings);
    const earlier = this.#settings;
    this.#settings = settings;
    this.#breaker.configure(settings.breaker);
    if (settings.ratePerSecond !== earlier.ratePerSecond) {
      this.#bucket = this.#makeBucket(settings.ratePerSecond);
    }
    if (settings.order === 'unordered') {
      for (const job of this.#order.clear()) this.#runnable.push(job);
    }
    this.#seat.wake();
  }

  get inFlight(): number {
    return this.#running.size;
  }

  get breakerState(): BreakerState {
    return this.#breaker.state;
  }

  /** @internal For the gauges. */
  queue() {
    return this.#subscription.describe();
  }

  describe(): FlowDescription {
    return {
      subscription: this.#subscription.id,
      inFlight: this.#running.size,
      kept: this.#kept,
      breaker: this.#breaker.state,
      settings: this.#settings,
    };
  }

  protected override onStart(): Promise<void> {
    this.#telemetry.start(this);
    this.#subscription.onReadable(() => {
      this.#seat.wake();
    });
    this.#seat.wake();
    return Promise.resolve();
  }

  protected override async onDrain(signal: AbortSignal): Promise<void> {
    this.#alarm.cancel();
    this.#releaseKept();
    if (this.#running.size === 0) return;
    if (!(await this.#quiet.wait(signal))) throw abortedError(signal);
  }

  protected override onClose(): Promise<void> {
    this.#abort.abort(new Error(`${this.name} was closed`));
    this.#alarm.cancel();
    this.#telemetry.stop();
    this.#seat.leave();
    this.#releaseKept();
    for (const job of [...this.#running]) {
      this.#leaveRunning(job);
      job.release(0);
    }
    return Promise.resolve();
  }

  /** The first turn may come before the component calls itself running. */
  get #isTaking(): boolean {
    return this.state === 'running' || this.state === 'starting';
  }

  get #kept(): number {
    return this.#order.parked + this.#held.size + this.#runnable.length;
  }

  #makeBucket(ratePerSecond: number | undefined): TokenBucket | undefined {
    if (ratePerSecond === undefined) return undefined;
    return new TokenBucket(ratePerSecond, this.#clock.monotonicMs());
  }

  #turn(startsMax: number): number {
    if (!this.#isTaking) return 0;
    const nowMs = this.#clock.monotonicMs();
    this.#wakeHeld(nowMs);
    const started = this.#startMain(startsMax, nowMs);
    return started + this.#startOverflow(startsMax - started, nowMs);
  }

  #startMain(startsMax: number, nowMs: number): number {
    let started = 0;
    while (started < startsMax && this.#mayStart(nowMs)) {
      const job = this.#runnable.shift() ?? this.#takeStartable();
      if (job === undefined) break;
      this.#bucket?.spend();
      job.isProbe = this.#breaker.begin();
      this.#start(job, nowMs);
      started += 1;
    }
    return started;
  }

  /** Asks the gates. When one is shut for a time that is known, the alarm asks for a turn then. */
  #mayStart(nowMs: number): boolean {
    if (this.#running.size - this.#overflowRunning >= this.#settings.maxInFlight) return false;
    const waitMs = Math.max(this.#breaker.waitMs(nowMs), this.#bucket?.waitMs(nowMs) ?? 0);
    if (waitMs === 0) return true;
    if (waitMs < Infinity) this.#alarm.set(nowMs + waitMs);
    return false;
  }

  #startOverflow(startsMax: number, nowMs: number): number {
    if (this.#subscription.takeOverflow === undefined) return 0;
    const slots = Math.min(this.#settings.maxInFlight, OVERFLOW_IN_FLIGHT_MAX);
    let started = 0;
    while (started < startsMax && this.#overflowRunning < slots) {
      const delivery = this.#subscription.takeOverflow();
      if (delivery === undefined) break;
      this.#overflowRunning += 1;
      this.#start(new Job(delivery, undefined, true), nowMs);
      started += 1;
    }
    return started;
  }

  /** Takes until there is a job whose key is free; the others stand in line. */
  #takeStartable(): Job<P> | undefined {
    while (this.#kept < KEPT_MAX) {
      const delivery = this.#subscription.take();
      if (delivery === undefined) return undefined;
      const earlyMs = this.#notBefore?.(delivery.event) ?? 0;
      if (earlyMs > 0) {
        delivery.release({ delayMs: earlyMs });
        continue;
      }
      if (this.#settings.order === 'unordered') return new Job(delivery, undefined, false);
      const key = keyOf(delivery);
      const job = new Job(delivery, key, false);
      if (this.#order.admit(key, job)) return job;
    }
    return undefined;
  }

  #start(job: Job<P>, nowMs: number): void {
    job.startedMs = nowMs;
    this.#scheduler.stalls.enter();
    job.stalledMs = this.#scheduler.stalls.stalledMs();
    this.#running.add(job);
    // Never rejects: a fault of the handler is dealt with in there.
    void this.#run(job);
  }

  async #run(job: Job<P>): Promise<void> {
    let settlement: Settlement<P>;
    try {
      settlement = await this.#handle(job.delivery.event, job.progress, this.#abort.signal);
    } catch (error) {
      this.#onFault(job, error);
      return;
    }
    this.#onSettled(job, settlement);
  }

  #onSettled(job: Job<P>, settlement: Settlement<P>): void {
    if (!this.#leaveRunning(job)) return;
    const nowMs = this.#clock.monotonicMs();
    job.faults = 0;
    if (!job.isOverflow) this.#judge(job, this.#verdict(job, settlement, nowMs), nowMs);
    if (settlement.kind === 'done') {
      this.#onStep?.('before-ack');
      job.delivery.ack();
      this.#endJob(job);
    } else if (settlement.kind === 'dead-letter') {
      assert(job.delivery.deadLetter !== undefined, 'the channel keeps no dead letters');
      job.delivery.deadLetter(settlement.letter);
      this.#endJob(job);
    } else {
      job.progress = settlement.progress;
      this.#retry(job, settlement.delayMs, nowMs);
    }
    this.#seat.wake();
  }

  #onFault(job: Job<P>, error: unknown): void {
    if (!this.#leaveRunning(job)) return;
    const nowMs = this.#clock.monotonicMs();
    this.#telemetry.handlerFailed(error, job.delivery.event.id, nowMs);
    if (!job.isOverflow) this.#judge(job, 'neutral', nowMs);
    job.faults += 1;
    const policy = {
      policy: 'exponential',
      delayMs: FAULT_DELAY_MS,
      delayMsMax: BACKOFF_MS_MAX,
    } as const;
    const fault = Math.max(job.faults, job.delivery.attempt);
    this.#retry(job, withJitter(backoffMs(fault, policy), this.#random), nowMs);
    this.#seat.wake();
  }

  /** False when the flow was closed meanwhile: the event is back in the channel already. */
  #leaveRunning(job: Job<P>): boolean {
    if (!this.#running.delete(job)) return false;
    if (job.isOverflow) this.#overflowRunning -= 1;
    this.#scheduler.stalls.leave();
    if (this.#running.size === 0) this.#quiet.resolve(true);
    return true;
  }

  #retry(job: Job<P>, delayMs: number, nowMs: number): void {
    if (job.key === undefined || !this.#isTaking) {
      job.release(delayMs);
      this.#endJob(job);
      return;
    }
    if (job.progress !== undefined) job.delivery.save?.(job.progress);
    job.dueMs = nowMs + Math.max(0, delayMs);
    this.#held.push(job);
    this.#alarm.set(job.dueMs);
  }

  /** The job's key goes to the next in line. */
  #endJob(job: Job<P>): void {
    if (job.key === undefined) return;
    const next = this.#order.finish(job.key, job);
    if (next !== undefined) this.#runnable.push(next);
  }

  #wakeHeld(nowMs: number): void {
    let job = this.#held.peek();
    while (job !== undefined && job.dueMs <= nowMs + DEADLINE_TOLERANCE_MS) {
      this.#held.pop();
      this.#runnable.push(job);
      job = this.#held.peek();
    }
    if (job !== undefined) this.#alarm.set(job.dueMs);
  }

  #verdict(job: Job<P>, settlement: Settlement<P>, nowMs: number): Verdict {
    if (settlement.healthy !== false) {
      const outcome =
        settlement.kind === 'done' ? (settlement.outcome ?? 'delivered') : settlement.kind;
      return outcome === 'delivered' ? 'healthy' : 'neutral';
    }
    // An attempt that failed while this process stood still says nothing about the subscriber.
    const lostMs = this.#scheduler.stalls.stalledMs() - job.stalledMs;
    return lostMs > 0 && lostMs * 2 >= nowMs - job.startedMs ? 'neutral' : 'unhealthy';
  }

  #judge(job: Job<P>, verdict: Verdict, nowMs: number): void {
    const change = this.#breaker.settle(verdict, job.isProbe, nowMs);
    if (change !== undefined) this.#telemetry.breakerChanged(change, this.#breaker, nowMs);
  }

  /** Everything that is here and not running goes back to the channel, to come again in its order. */
  #releaseKept(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const job of this.#order.clear()) job.release(0);
    for (let job = this.#runnable.shift(); job !== undefined; job = this.#runnable.shift()) {
      job.release(0);
    }
    for (const job of this.#held.drain()) job.release(Math.max(0, job.dueMs - nowMs));
  }
}

function keyOf(delivery: Delivery<unknown>): string {
  return delivery.event.getText(KEY_ATTRIBUTE) ?? '';
}
