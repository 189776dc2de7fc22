/** The metrics of a work queue under the names that client-go gave them, one label: the queue's name. */
import type { Clock, Meter } from '@afflux/kernel';

/** client-go's buckets: powers of ten, here from 10 µs on. */
const SECONDS_BOUNDS = [0.00001, 0.0001, 0.001, 0.01, 0.1, 1, 10, 100, 1000];

/** What the gauges read when somebody asks. */
export interface QueueState {
  depth(): number;
  /** Start times (monotonic) of the keys in processing. */
  startedMs(): Iterable<number>;
}

export class QueueMetrics {
  readonly #clock: Clock;
  readonly #adds;
  readonly #retries;
  readonly #queueSeconds;
  readonly #workSeconds;
  readonly #removeReaders: readonly (() => void)[];

  constructor(name: string, meter: Meter, clock: Clock, state: QueueState) {
    this.#clock = clock;
    const labels = ['name'];
    const counter = (metric: string, help: string) =>
      meter.counter({ name: metric, help, labels }).labels(name);
    const histogram = (metric: string, help: string) =>
      meter.histogram({ name: metric, help, labels, bounds: SECONDS_BOUNDS }).labels(name);
    const gauge = (metric: string, help: string, read: () => number) =>
      meter.observe({ name: metric, help, labels }, () => [{ value: read(), labels: [name] }]);
    this.#adds = counter('workqueue_adds_total', 'Keys added.');
    this.#retries = counter('workqueue_retries_total', 'Keys added again after a failure.');
    this.#queueSeconds = histogram('workqueue_queue_duration_seconds', 'Wait in the queue.');
    this.#workSeconds = histogram('workqueue_work_duration_seconds', 'Time in processing.');
    this.#removeReaders = [
      gauge('workqueue_depth', 'Keys waiting.', () => state.depth()),
      gauge('workqueue_unfinished_work_seconds', 'Time in processing so far, all keys.', () =>
        this.#running(state).reduce((sum, seconds) => sum + seconds, 0),
      ),
      gauge('workqueue_longest_running_processor_seconds', 'The longest of them.', () =>
        Math.max(0, ...this.#running(state)),
      ),
    ];
  }

  added(): void {
    this.#adds.add();
  }

  retried(): void {
    this.#retries.add();
  }

  taken(addedMs: number, nowMs: number): void {
    this.#queueSeconds.record((nowMs - addedMs) / 1000);
  }

  done(startedMs: number, nowMs: number): void {
    this.#workSeconds.record((nowMs - startedMs) / 1000);
  }

  close(): void {
    for (const remove of this.#removeReaders) remove();
  }

  #running(state: QueueState): number[] {
    const nowMs = this.#clock.monotonicMs();
    return [...state.startedMs()].map((startedMs) => (nowMs - startedMs) / 1000);
  }
}
