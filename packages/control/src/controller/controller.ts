/**
 * Drives one reconciler: changes become keys, keys become runs, outcomes become retries.
 *
 *     informer ─change→ keysFor ─key→ work queue ─→ workers ─→ ObjectReconciler
 *                                        ▲  retry, requeue      │
 *                                        └──────────────────────┘
 *
 * What follows a run: nothing thrown → the key is well. SkipKey → the same. RequeueAfter → again after that
 * time. Conflict → again soon, quietly. PermanentError → logged, not again until something changes. Anything
 * else → logged, again after 5 ms, 10 ms, … 1000 s.
 *
 * Invariants: one key never runs twice at the same time; first come, first served (resyncs come last); each
 * run has a deadline, told through its signal; a run that ignores its signal keeps its worker, and shows in
 * `workqueue_longest_running_processor_seconds`.
 */
import { setMaxListeners } from 'node:events';
import {
  BaseComponent,
  noopMeter,
  systemRandom,
  type Clock,
  type Logger,
  type Meter,
  type Random,
} from '@afflux/kernel';
import type { ApiObject } from '@afflux/resources';
import { ControlError, isConflict, PermanentError, RequeueAfter, SkipKey } from '../errors.ts';
import { nextTurn, TurnBudget } from '../event-loop.ts';
import type { Informer, ObjectChange } from '../informer/informer.ts';
import { WorkQueue } from '../queue/work-queue.ts';
import { keyOf, parseKey } from '../store/keys.ts';
import type { ResourceStore } from '../store/resource-store.ts';
import { timestamp } from '../timestamp.ts';
import { observerOf, type Tracker } from '../tracker.ts';
import { controllerMetrics, type ControllerMetrics, type RunResult } from './controller-metrics.ts';
import { ObjectReconciler } from './object-reconciler.ts';
import type { ReconcileContext, Reconciler } from './reconciler.ts';
import type { EventTarget } from './run-events.ts';

/** Runs at the same time, of different keys (Knative: 2 per controller). */
const WORKERS = 2;
/** Time that one run has (Knative's `reconciler.DefaultTimeout`). */
const DEADLINE_MS = 30_000;

export interface ControllerOptions<T extends ApiObject = ApiObject> {
  /** Label of metrics and field of log lines; unique in the process. */
  readonly name: string;
  readonly store: ResourceStore;
  /** Of the reconciler's kind. Started by the controller if nobody else did; never closed by it. */
  readonly informer: Informer<T>;
  readonly reconciler: Reconciler<T>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly meter?: Meter;
  readonly random?: Random;
  /** Default 2. */
  readonly workers?: number;
  /** Default 30 s. */
  readonly deadlineMs?: number;
  /** Which keys a change of the informer's kind concerns. Default: the object's own. */
  readonly keysFor?: (change: ObjectChange<T>) => readonly string[];
  /**
   * What this controller's runs track, as observers named by `observerOf(kind, key)`: its notifications
   * enqueue, each run renews what it tracks, and an object that is gone tracks nothing. May be shared.
   */
  readonly tracker?: Tracker;
  /** Where Kubernetes Events about the objects go. Absent: none are recorded. */
  readonly events?: EventTarget | undefined;
}

/** See the head of the file. `drain` works off what waits; `close` aborts what runs and drops what waits. */
export class Controller<T extends ApiObject = ApiObject> extends BaseComponent {
  readonly name: string;
  readonly #options: ControllerOptions<T>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #queue: WorkQueue;
  readonly #runner: ObjectReconciler<T>;
  readonly #metrics: ControllerMetrics;
  readonly #budget: TurnBudget;
  readonly #lifetime = new AbortController();
  readonly #running = new Set<AbortController>();
  #subscriptions: (() => void)[] = [];
  #workers: Promise<void>[] = [];

  constructor(options: ControllerOptions<T>) {
    super();
    // Every run that waits listens to it.
    setMaxListeners(0, this.#lifetime.signal);
    const { name, clock, random = systemRandom, meter = noopMeter, informer } = options;
    this.name = name;
    this.#options = options;
    this.#clock = clock;
    this.#logger = options.logger.child({ component: 'controller', controller: name });
    this.#queue = new WorkQueue({ name, clock, meter });
    this.#metrics = controllerMetrics(name, meter, () => this.#running.size);
    this.#budget = new TurnBudget(clock);
    this.#runner = new ObjectReconciler({
      reconciler: options.reconciler,
      store: options.store,
      read: (key) => {
        const { namespace, name: objectName } = parseKey(key);
        return informer.get(namespace, objectName);
      },
      clock,
      random,
      events: options.events,
    });
  }

  /** Runs this key soon. Keys are `<namespace>/<name>`, or the name alone for cluster-scoped kinds. */
  enqueue(key: string): void {
    this.#queue.add(key);
  }

  /** Runs this key when `delayMs` has passed, or earlier. */
  enqueueAfter(key: string, delayMs: number): void {
    this.#queue.addAfter(key, delayMs);
  }

  /** Runs every object of the kind again, after everything else: for changes that concern all. */
  resync(): void {
    for (const object of this.#options.informer.list()) this.#queue.add(keyOf(object), 'slow');
  }

  /**
   * No key waits or runs, and no change that has arrived is held back. A key whose write met another one waits for a
   * moment and counts; other keys that are due later do not.
   */
  get isIdle(): boolean {
    return this.state !== 'starting' && this.#queue.isIdle && this.#options.informer.isIdle;
  }

  /** Resolves when {@link isIdle} has lasted for a turn of the event loop. For several at once: `allIdle`. */
  async idle(): Promise<void> {
    // Whoever started it hears of its failure.
    if (this.state === 'starting') await this.start().catch(() => undefined);
    do {
      await this.#queue.idle();
      await nextTurn();
    } while (!this.isIdle);
  }

  protected override async onStart(signal?: AbortSignal): Promise<void> {
    const { informer, tracker, keysFor = ownKey, workers = WORKERS } = this.#options;
    await informer.start(signal);
    this.#subscriptions.push(
      informer.onChange((change) => {
        for (const key of keysFor(change)) this.#queue.add(key);
      }),
    );
    if (tracker !== undefined) {
      const prefix = this.#observerOf('');
      this.#subscriptions.push(
        tracker.onNotify((observer) => {
          if (observer.startsWith(prefix)) this.#queue.add(observer.slice(prefix.length));
        }),
      );
    }
    this.#workers = Array.from({ length: workers }, () => this.#work());
  }

  protected override async onDrain(): Promise<void> {
    this.#unsubscribe();
    this.#queue.shutDown();
    await Promise.all(this.#workers);
  }

  protected override onClose(): Promise<void> {
    this.#unsubscribe();
    this.#lifetime.abort();
    for (const run of this.#running) run.abort(this.#lifetime.signal.reason);
    this.#queue.close();
    this.#runner.close();
    this.#metrics.close();
    return Promise.resolve();
  }

  #unsubscribe(): void {
    for (const unsubscribe of this.#subscriptions) unsubscribe();
    this.#subscriptions = [];
  }

  async #work(): Promise<void> {
    for (;;) {
      const key = await this.#queue.take();
      if (key === undefined) return;
      await this.#process(key);
      this.#queue.done(key);
      const turn = this.#budget.spent();
      if (turn !== undefined) await turn;
    }
  }

  /** One run and what follows from it. Never rejects. */
  async #process(key: string): Promise<void> {
    const { deadlineMs = DEADLINE_MS } = this.#options;
    // Controllers of one kind share the observer's name: what the one tracks is not for the others to drop.
    const tracker = this.#runner.concerns(key) ? this.#options.tracker : undefined;
    const run = new AbortController();
    this.#running.add(run);
    const deadline = this.#clock.setTimer(deadlineMs, () => {
      run.abort(deadlineError(key, deadlineMs));
    });
    const context = this.#contextOf(key, run.signal);
    const startedMs = this.#clock.monotonicMs();
    let result: RunResult = 'success';
    const observer = this.#observerOf(key);
    tracker?.passBegins(observer);
    try {
      const sighting = await this.#runner.run(key, context, this.#lifetime.signal);
      if (sighting === 'gone') tracker?.untrack(observer);
      else tracker?.passEnds(observer);
      this.#queue.forget(key);
    } catch (error) {
      result = this.#follow(key, error, run.signal, context.logger);
    }
    deadline.cancel();
    this.#running.delete(run);
    const seconds = (this.#clock.monotonicMs() - startedMs) / 1000;
    this.#metrics.ran(result, seconds);
    context.logger.debug({ result, seconds }, 'reconciled');
  }

  /** What a failed run means for its key. The order is Knative's. */
  #follow(key: string, thrown: unknown, signal: AbortSignal, logger: Logger): RunResult {
    if (thrown instanceof SkipKey || this.#queue.isShutDown) {
      this.#queue.forget(key);
      return 'success';
    }
    if (thrown instanceof RequeueAfter) {
      this.#queue.addAfter(key, thrown.delayMs);
      return 'requeue_after';
    }
    if (isConflict(thrown)) {
      this.#queue.oweRateLimited(key);
      return 'requeue';
    }
    // A run that was cut short says so, and why it noticed.
    const err = signal.aborted ? deadlineError(key, undefined, thrown) : thrown;
    if (err instanceof PermanentError) {
      this.#queue.forget(key);
      this.#metrics.failedForGood();
      logger.error({ err }, 'reconcile failed, not retried');
      return 'error';
    }
    const retryInMs = this.#queue.addRateLimited(key);
    logger.warn({ err, retryInMs }, 'reconcile failed, retrying');
    return 'error';
  }

  #observerOf(key: string): string {
    return observerOf(this.#options.reconciler.kind, { name: key });
  }

  #contextOf(key: string, signal: AbortSignal): ReconcileContext {
    let now: string | undefined;
    return {
      signal,
      logger: this.#logger.child({ ...parseKey(key), kind: this.#options.reconciler.kind.kind }),
      now: () => (now ??= timestamp(this.#clock)),
      enqueueAfter: (delayMs) => {
        this.#queue.addAfter(key, delayMs);
      },
    };
  }
}

function ownKey({ old, new: next }: ObjectChange): readonly string[] {
  const object = next ?? old;
  return object === undefined ? [] : [keyOf(object)];
}

function deadlineError(key: string, deadlineMs: number | undefined, cause?: unknown): ControlError {
  const limit = deadlineMs === undefined ? 'its deadline' : `its ${String(deadlineMs)} ms`;
  return new ControlError(`the run for ${key} exceeded ${limit}`, {
    code: 'AFFLUX_CONTROL_DEADLINE',
    retryable: true,
    cause,
  });
}
