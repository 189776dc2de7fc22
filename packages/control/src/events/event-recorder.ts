/**
 * Tells the users of an object what happened to it, as core v1 Event objects beside it.
 *
 *     record ─→ queue (1000) ─→ combine, count, filter ─→ at most 10 a second ─→ store
 *
 * Invariants: `record` takes constant time, never waits, never throws and never fails what it reports on; one
 * write at a time, in the order of the records; whatever is too much is dropped and counted, and the log says
 * so once a minute. The pace keeps the Events of a bad moment from crowding out the objects of their namespace
 * (a local store has a bound on both) and from taking an API server's time.
 *
 * It does not remove Events: an API server does, and `EventReaper` does it for a local store.
 */
import {
  BaseComponent,
  BoundedQueue,
  noopMeter,
  systemRandom,
  type BoundCounter,
  type Clock,
  type Logger,
  type Meter,
  type Random,
} from '@afflux/kernel';
import { setMaxListeners } from 'node:events';
import { TurnBudget } from '../event-loop.ts';
import type { ResourceStore } from '../store/resource-store.ts';
import { eventName, makeEvent, type CoreEvent, type EventToRecord } from './core-event.ts';
import { EventCorrelator } from './event-correlator.ts';
import { storeEvent, type EventSinkOptions } from './event-sink.ts';
import { RateLimitedLog } from './rate-limited-log.ts';
import { TokenBucket } from './token-bucket.ts';

/** Bounds of the recorder. */
export interface EventRecorderLimits {
  /** Records that may wait. */
  readonly queueMax: number;
  /** Writes at once, before the pace begins. */
  readonly writeBurst: number;
  /** Time between writes at the pace. */
  readonly writeEveryMs: number;
}

/** The defaults of {@link EventRecorderLimits}. */
export const EVENT_RECORDER_LIMITS: EventRecorderLimits = {
  queueMax: 1_000,
  writeBurst: 500,
  writeEveryMs: 100,
};

export interface EventRecorderOptions {
  /** `source.component` of what names no other. */
  readonly component: string;
  readonly store: Pick<ResourceStore, 'create' | 'patch'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter?: Meter;
  readonly random?: Random;
  readonly limits?: Partial<EventRecorderLimits>;
}

/** What became of a record. */
type Result = 'created' | 'counted' | 'filtered' | 'dropped' | 'failed';

interface Waiting {
  readonly occurrence: CoreEvent;
  readonly recordedMs: number;
}

/**
 * See the head of the file. What is recorded before the start waits for it. `drain` writes what waits, each
 * once and without the pace; `close` drops it. What is recorded after either is dropped.
 */
export class EventRecorder extends BaseComponent {
  readonly name = 'event-recorder';
  readonly #component: string;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #log: RateLimitedLog;
  readonly #counters: Readonly<Record<Result, BoundCounter>>;
  readonly #queue: BoundedQueue<Waiting>;
  readonly #correlator = new EventCorrelator();
  readonly #pace: TokenBucket;
  readonly #budget: TurnBudget;
  readonly #sink: EventSinkOptions;
  readonly #lifetime = new AbortController();
  readonly #patience = new AbortController();
  #lastNanos = 0n;
  #wake: () => void = () => undefined;
  #isWriting = false;
  #idlers: (() => void)[] = [];
  #working: Promise<void> = Promise.resolve();

  constructor(options: EventRecorderOptions) {
    super();
    const { component, clock, logger, random = systemRandom, meter = noopMeter } = options;
    const limits = { ...EVENT_RECORDER_LIMITS, ...options.limits };
    setMaxListeners(0, this.#lifetime.signal, this.#patience.signal);
    this.#component = component;
    this.#clock = clock;
    this.#random = random;
    this.#log = new RateLimitedLog(logger.child({ component: this.name }), clock);
    this.#counters = countersOf(meter);
    this.#queue = new BoundedQueue(limits.queueMax);
    const { writeBurst: burst, writeEveryMs: refillMs } = limits;
    this.#pace = new TokenBucket({ burst, refillMs }, clock.monotonicMs());
    this.#budget = new TurnBudget(clock);
    const newName = (objectName: string): string => this.#newName(objectName);
    this.#sink = { store: options.store, clock, random, newName };
  }

  /** Tells of something that happened to an object, soon or, when there is too much to tell, not at all. */
  record(event: EventToRecord): void {
    if (this.state === 'draining' || this.state === 'closed') {
      this.#counters.dropped.add();
      return;
    }
    try {
      const component = event.component ?? this.#component;
      const name = this.#newName(event.object.metadata.name);
      const occurrence = makeEvent({ ...event, component }, name, this.#clock.now());
      if (this.#queue.push({ occurrence, recordedMs: this.#clock.monotonicMs() })) this.#wake();
      else this.#drop(occurrence);
    } catch (err) {
      // A malformed object: nothing that the caller, in the middle of something else, could do about it.
      this.#counters.failed.add();
      this.#log.warn({ err }, 'event could not be made');
    }
  }

  /** Resolves when nothing waits and nothing is being written. */
  async idle(): Promise<void> {
    if (this.#isIdle) return;
    await new Promise<void>((resolve) => this.#idlers.push(resolve));
  }

  protected override onStart(): Promise<void> {
    this.#working = this.#work();
    return Promise.resolve();
  }

  protected override async onDrain(): Promise<void> {
    this.#patience.abort();
    this.#wake();
    await this.#working;
  }

  protected override async onClose(): Promise<void> {
    this.#lifetime.abort();
    this.#patience.abort();
    this.#queue.clear();
    this.#wake();
    await this.#working;
    this.#tellIdlers();
  }

  get #isIdle(): boolean {
    return this.#queue.length === 0 && !this.#isWriting;
  }

  /** Never rejects. */
  async #work(): Promise<void> {
    for (;;) {
      const waiting = this.#queue.shift();
      if (waiting === undefined) {
        this.#tellIdlers();
        if (this.#patience.signal.aborted) return;
        await new Promise<void>((resolve) => (this.#wake = resolve));
        continue;
      }
      this.#isWriting = true;
      await this.#write(waiting);
      this.#isWriting = false;
      const turn = this.#budget.spent();
      if (turn !== undefined) await turn;
    }
  }

  async #write({ occurrence, recordedMs }: Waiting): Promise<void> {
    const correlated = this.#correlator.correlate(occurrence, recordedMs);
    if (correlated === undefined) {
      this.#counters.filtered.add();
      return;
    }
    await this.#paced();
    const signals = { lifetime: this.#lifetime.signal, patience: this.#patience.signal };
    try {
      const { result, event } = await storeEvent(this.#sink, correlated.event, signals);
      this.#correlator.stored(correlated.key, event);
      this.#counters[result].add();
    } catch (err) {
      this.#counters.failed.add();
      if (signals.lifetime.aborted) return;
      this.#log.warn({ err, ...fieldsOf(occurrence) }, 'event could not be written');
    }
  }

  async #paced(): Promise<void> {
    for (;;) {
      const nowMs = this.#clock.monotonicMs();
      if (this.#patience.signal.aborted || this.#pace.take(nowMs)) return;
      const { signal } = this.#patience;
      await this.#clock.sleep(this.#pace.waitMs(nowMs), signal).catch(() => undefined);
    }
  }

  #drop(occurrence: CoreEvent): void {
    this.#counters.dropped.add();
    this.#log.warn(fieldsOf(occurrence), 'event dropped, too many wait to be written');
  }

  /** Times within the millisecond are made up, and never the same twice. */
  #newName(objectName: string): string {
    const nanos = BigInt(this.#clock.now()) * 1_000_000n + BigInt(this.#randomBelow(1_000_000));
    this.#lastNanos = nanos > this.#lastNanos ? nanos : this.#lastNanos + 1n;
    return eventName(objectName, this.#lastNanos);
  }

  #randomBelow(bound: number): number {
    return Math.floor(this.#random.next() * bound);
  }

  #tellIdlers(): void {
    for (const resolve of this.#idlers.splice(0)) resolve();
  }
}

function fieldsOf({ involvedObject, reason }: CoreEvent): Record<string, unknown> {
  const { kind, namespace, name } = involvedObject;
  return { kind, namespace, name, reason };
}

function countersOf(meter: Meter): Readonly<Record<Result, BoundCounter>> {
  const total = meter.counter({
    name: 'afflux_kubernetes_events_total',
    help: 'Kubernetes Events recorded, by what became of them.',
    labels: ['result'],
  });
  return {
    created: total.labels('created'),
    counted: total.labels('counted'),
    filtered: total.labels('filtered'),
    dropped: total.labels('dropped'),
    failed: total.labels('failed'),
  };
}
