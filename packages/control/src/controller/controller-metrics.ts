/** The metrics of a controller under the names that controller-runtime gave them. */
import type { Meter } from '@afflux/kernel';

/** controller-runtime's buckets for reconcile times, thinned out. */
const SECONDS_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** How a run ended, in controller-runtime's words; `requeue` is a conflict. */
export type RunResult = 'success' | 'error' | 'requeue' | 'requeue_after';

export interface ControllerMetrics {
  ran(result: RunResult, seconds: number): void;
  /** A run failed for good. */
  failedForGood(): void;
  close(): void;
}

export function controllerMetrics(
  name: string,
  meter: Meter,
  activeWorkers: () => number,
): ControllerMetrics {
  const total = meter.counter({
    name: 'controller_runtime_reconcile_total',
    help: 'Runs, by controller and result.',
    labels: ['controller', 'result'],
  });
  const terminal = meter
    .counter({
      name: 'controller_runtime_terminal_reconcile_errors_total',
      help: 'Runs that failed and are not retried.',
      labels: ['controller'],
    })
    .labels(name);
  const seconds = meter
    .histogram({
      name: 'controller_runtime_reconcile_time_seconds',
      help: 'Duration of a run.',
      labels: ['controller'],
      bounds: SECONDS_BOUNDS,
    })
    .labels(name);
  const results = {
    success: total.labels(name, 'success'),
    error: total.labels(name, 'error'),
    requeue: total.labels(name, 'requeue'),
    requeue_after: total.labels(name, 'requeue_after'),
  };
  const close = meter.observe(
    {
      name: 'controller_runtime_active_workers',
      help: 'Runs in progress.',
      labels: ['controller'],
    },
    () => [{ value: activeWorkers(), labels: [name] }],
  );
  return {
    ran: (result, duration) => {
      results[result].add();
      seconds.record(duration);
    },
    failedForGood: () => {
      terminal.add();
    },
    close,
  };
}
