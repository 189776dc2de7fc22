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
import { abortedError, AffluxError, KernelError } from './errors.ts';

export type ComponentState = 'idle' | 'starting' | 'running' | 'draining' | 'closed';

export interface Component {
  /** For logs and for the error that says which component did not stop. */
  readonly name: string;
  readonly state: ComponentState;
  /**
   * Resolves when ready for work; while starting or running, a further call is the same start. Aborting the
   * signal makes it reject and leaves the component closed, as does a failure. Once draining or closed it
   * rejects with `AFFLUX_KERNEL_COMPONENT_STATE`: a component lives once.
   */
  start(signal?: AbortSignal): Promise<void>;
  /**
   * Stops intake, resolves when work in flight is done. Does nothing unless running. Aborting the signal ends
   * the wait, not the component. A further call is the same drain, its signal is not looked at.
   */
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
  /** Aborted by `close`, so that a hook that still waits stops waiting. */
  readonly #life = new AbortController();

  get state(): ComponentState {
    return this.#state;
  }

  start(signal?: AbortSignal): Promise<void> {
    const isUnderWay = this.#state === 'starting' || this.#state === 'running';
    if (isUnderWay && this.#starting !== undefined) return this.#starting;
    if (this.#state !== 'idle') return Promise.reject(this.#stateError('start'));
    this.#state = 'starting';
    this.#starting = this.#start(signal);
    return this.#starting;
  }

  async #start(signal?: AbortSignal): Promise<void> {
    const failure = await this.#tryStart(signal);
    if (this.#closing !== undefined) await this.#releaseLate(this.#closing, failure);
    if (failure !== undefined) {
      // A failure to close stays with the promise of `close`, which whoever closes next is given.
      await this.close().catch(() => undefined);
      throw failure.error;
    }
    this.#state = 'running';
  }

  /** Runs the hook; the failure is wrapped, so that a rejection with `undefined` counts as one. */
  async #tryStart(signal?: AbortSignal): Promise<{ readonly error: unknown } | undefined> {
    try {
      throwIfAborted(signal);
      await this.onStart(this.#signalFor(signal));
      throwIfAborted(signal);
      return undefined;
    } catch (error) {
      return { error };
    }
  }

  /** `close` overtook the start: what the hook acquired after `onClose` had run is given back as well. */
  async #releaseLate(
    closing: Promise<void>,
    failure: { readonly error: unknown } | undefined,
  ): Promise<never> {
    const errors = failure === undefined ? [] : [failure.error];
    await closing.catch(() => undefined);
    await this.onClose().catch((error: unknown) => errors.push(error));
    throw this.#stateError('start', errors.length > 1 ? new AggregateError(errors) : errors[0]);
  }

  drain(signal?: AbortSignal): Promise<void> {
    if (this.#draining !== undefined) return this.#draining;
    if (this.#state !== 'running') return Promise.resolve();
    this.#state = 'draining';
    this.#draining = this.#drain(signal);
    return this.#draining;
  }

  async #drain(signal?: AbortSignal): Promise<void> {
    await this.onDrain(this.#signalFor(signal));
  }

  close(): Promise<void> {
    if (this.#closing !== undefined) return this.#closing;
    this.#state = 'closed';
    this.#closing = this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#life.abort(this.#stateError('go on'));
    await this.onClose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Called once. The signal aborts when the caller's does and when the component is closed. */
  protected onStart(_signal: AbortSignal): Promise<void> {
    return Promise.resolve();
  }

  /** Called at most once, after `onStart`. The signal aborts as that of `onStart` does. */
  protected onDrain(_signal: AbortSignal): Promise<void> {
    return Promise.resolve();
  }

  /**
   * Gives back what is there now. Called once, and a second time only when `close` overtook `onStart`, after
   * `onStart` has settled; so it must bear finding nothing to do.
   */
  protected onClose(): Promise<void> {
    return Promise.resolve();
  }

  #signalFor(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined ? this.#life.signal : AbortSignal.any([signal, this.#life.signal]);
  }

  #stateError(verb: string, cause?: unknown): KernelError {
    return new KernelError(`cannot ${verb}: ${this.name} is ${this.#state}`, {
      code: 'AFFLUX_KERNEL_COMPONENT_STATE',
      cause,
      details: { component: this.name, state: this.#state },
    });
  }
}

function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw abortedError(signal);
}

/**
 * Starts in the order given. When one fails, those already started are closed in reverse and its error is
 * rethrown; when a close fails too, all errors come as one `AFFLUX_KERNEL_STOP_FAILED`, the first one first.
 */
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
    const closeErrors = await closeEach(started.reverse());
    throw closeErrors.length === 0 ? error : stopError([error, ...closeErrors]);
  }
}

/** Default bound on all closes of {@link stopAll} together. Closing waits for no work, so this is generous. */
const CLOSE_MS_MAX = 5000;

export interface StopOptions {
  /** Bound on all drains together; what has not drained by then is closed all the same. */
  readonly graceMs: number;
  /** Bound on all closes together, counted from the end of the drains. Default 5 seconds. */
  readonly closeMs?: number;
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
  const { undrained, errors } = await drainEach(reversed, options);
  errors.push(...(await closeEach(reversed, options)));
  if (errors.length > 0) throw stopError(errors);
  return { undrained };
}

async function drainEach(
  components: readonly Component[],
  { graceMs, clock }: StopOptions,
): Promise<{ undrained: string[]; errors: unknown[] }> {
  const errors: unknown[] = [];
  const undrained: string[] = [];
  const grace = deadline(clock, graceMs, 'grace period');
  for (const component of components) {
    // Only what runs, or was told to drain before, can have work in flight.
    if (component.state !== 'running' && component.state !== 'draining') continue;
    try {
      const drained = component.drain(grace.signal).then(() => true);
      // A drain that loses the race is observed here, so that its later rejection is not unhandled.
      drained.catch(() => undefined);
      if (!(await Promise.race([drained, grace.ended]))) undrained.push(component.name);
    } catch (error) {
      if (grace.signal.aborted) undrained.push(component.name);
      else errors.push(error);
    }
  }
  grace.cancel();
  return { undrained, errors };
}

/** Closes one after the other, whatever happens, and hands back what went wrong. */
async function closeEach(
  components: readonly Component[],
  options?: StopOptions,
): Promise<unknown[]> {
  const errors: unknown[] = [];
  const bound =
    options && deadline(options.clock, options.closeMs ?? CLOSE_MS_MAX, 'time to close');
  for (const component of components) {
    try {
      const closed = component.close().then(() => true);
      closed.catch(() => undefined);
      const inTime = bound === undefined ? await closed : await Promise.race([closed, bound.ended]);
      if (!inTime) errors.push(new Error(`${component.name} did not close in time`));
    } catch (error) {
      errors.push(error);
    }
  }
  bound?.cancel();
  return errors;
}

/** `ended` resolves with false, and the signal aborts, when the time is over. */
function deadline(clock: Clock, waitMs: number, what: string) {
  const controller = new AbortController();
  let cancel = (): void => undefined;
  const ended = new Promise<false>((resolve) => {
    const timer = clock.setTimer(waitMs, () => {
      controller.abort(new Error(`the ${what} of ${String(waitMs)} ms ended`));
      resolve(false);
    });
    cancel = () => {
      timer.cancel();
    };
  });
  return { ended, signal: controller.signal, cancel };
}

function stopError(errors: readonly unknown[]): KernelError {
  const messages = errors.map((error) => (error instanceof Error ? error.message : String(error)));
  return new KernelError(
    `${String(errors.length)} component(s) did not stop cleanly: ${messages.join('; ')}`,
    {
      code: 'AFFLUX_KERNEL_STOP_FAILED',
      cause: new AggregateError(errors),
      retryable: errors.every((error) => error instanceof AffluxError && error.retryable),
    },
  );
}
