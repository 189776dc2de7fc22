/**
 * The life of everything that is started and stopped: listeners, controllers, channels, senders.
 *
 *     idle ─start→ starting ─→ running ─drain→ draining ─→ (running work done) ─close→ closed
 *       └──────────────────────────── close ────────────────────────────────────────→ closed
 *
 * A component does no I/O in its constructor. `start` resolves when it is ready for work. `drain` stops
 * intake and resolves when what was in flight is finished. `close` gives everything back, whatever the state,
 * any number of times, also while `start` or `drain` is still waiting.
 */
import type { Clock } from './clock.ts';
import { AffluxError, KernelError } from './errors.ts';

export type ComponentState = 'idle' | 'starting' | 'running' | 'draining' | 'closed';

export interface Component {
  /** For logs and for the error that says which component did not stop. */
  readonly name: string;
  readonly state: ComponentState;
  /** Resolves when ready for work. Aborting the signal makes it reject and leaves the component closed. */
  start(signal?: AbortSignal): Promise<void>;
  /** Stops intake, resolves when work in flight is done. Does nothing unless running. */
  drain(signal?: AbortSignal): Promise<void>;
  /** Idempotent; never waits for work in flight. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** The state machine behind {@link Component}; subclasses fill in the three hooks. */
export abstract class BaseComponent implements Component {
  abstract readonly name: string;
  #state: ComponentState = 'idle';
  #starting: Promise<void> | undefined;
  #draining: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  get state(): ComponentState {
    return this.#state;
  }

  start(signal?: AbortSignal): Promise<void> {
    if (this.#starting !== undefined && this.#state !== 'closed') return this.#starting;
    if (this.#state !== 'idle') return Promise.reject(this.#stateError('start'));
    this.#state = 'starting';
    this.#starting = this.#start(signal);
    return this.#starting;
  }

  async #start(signal?: AbortSignal): Promise<void> {
    try {
      signal?.throwIfAborted();
      await this.onStart(signal);
      signal?.throwIfAborted();
    } catch (error) {
      await this.close();
      throw error;
    }
    // `close` may have run while `onStart` was waiting.
    if (this.state === 'closed') throw this.#stateError('start');
    this.#state = 'running';
  }

  drain(signal?: AbortSignal): Promise<void> {
    if (this.#draining !== undefined) return this.#draining;
    if (this.#state !== 'running') return Promise.resolve();
    this.#state = 'draining';
    this.#draining = this.onDrain(signal);
    return this.#draining;
  }

  close(): Promise<void> {
    if (this.#closing !== undefined) return this.#closing;
    this.#state = 'closed';
    this.#closing = this.onClose();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  protected onStart(_signal?: AbortSignal): Promise<void> {
    return Promise.resolve();
  }

  protected onDrain(_signal?: AbortSignal): Promise<void> {
    return Promise.resolve();
  }

  protected onClose(): Promise<void> {
    return Promise.resolve();
  }

  #stateError(verb: string): KernelError {
    return new KernelError(`cannot ${verb} ${this.name}: it is ${this.#state}`, {
      code: 'AFFLUX_KERNEL_COMPONENT_STATE',
      details: { component: this.name, state: this.#state },
    });
  }
}

/** Starts in the order given. When one fails, those already started are closed in reverse and it is rethrown. */
export async function startAll(
  components: readonly Component[],
  signal?: AbortSignal,
): Promise<void> {
  const started: Component[] = [];
  try {
    for (const component of components) {
      started.push(component);
      await component.start(signal);
    }
  } catch (error) {
    for (const component of started.reverse()) await component.close();
    throw error;
  }
}

export interface StopOptions {
  /** Bound on all drains together; what has not drained by then is closed all the same. */
  readonly graceMs: number;
  readonly clock: Clock;
}

/** What {@link stopAll} could not do in order. */
export interface StopReport {
  /** Components whose drain was cut short by the grace period. */
  readonly undrained: readonly string[];
}

/**
 * Drains in reverse order within the grace period, then closes in reverse order. Never stops half-way: every
 * component is closed, all errors are collected into one `AFFLUX_KERNEL_STOP_FAILED` whose cause is an
 * `AggregateError`.
 */
export async function stopAll(
  components: readonly Component[],
  options: StopOptions,
): Promise<StopReport> {
  const reversed = [...components].reverse();
  const errors: unknown[] = [];
  const undrained: string[] = [];
  const grace = new AbortController();
  const timer = options.clock.setTimer(options.graceMs, () => {
    grace.abort(new Error(`the grace period of ${String(options.graceMs)} ms ended`));
  });
  const graceEnded = new Promise<'ended'>((resolve) => {
    grace.signal.addEventListener('abort', () => {
      resolve('ended');
    });
  });
  for (const component of reversed) {
    try {
      const drained = component.drain(grace.signal).then(() => 'drained' as const);
      // A drain that loses the race is observed here, so that its later rejection is not unhandled.
      drained.catch(() => undefined);
      if ((await Promise.race([drained, graceEnded])) === 'ended') undrained.push(component.name);
    } catch (error) {
      if (grace.signal.aborted) undrained.push(component.name);
      else errors.push(error);
    }
  }
  timer.cancel();
  for (const component of reversed) {
    try {
      await component.close();
    } catch (error) {
      errors.push(error);
    }
  }
  if (errors.length > 0) {
    const first = errors[0];
    throw new KernelError(
      `${String(errors.length)} component(s) did not stop cleanly: ${first instanceof Error ? first.message : String(first)}`,
      {
        code: 'AFFLUX_KERNEL_STOP_FAILED',
        cause: new AggregateError(errors),
        retryable: errors.every((error) => error instanceof AffluxError && error.retryable),
      },
    );
  }
  return { undrained };
}
