/**
 * Sends one event to one address, once. Decides nothing about retries: it turns everything that can happen
 * into an {@link Outcome}, within the time it was given, and never throws or rejects.
 *
 * It is the one HTTP client of the data plane, so the rules that protect others live here: the address guard,
 * no redirects, bounds on time, size and connections, and an explicit list of headers.
 */
import { abortedError, BaseComponent, systemClock } from '@afflux/kernel';
import type { Clock } from '@afflux/kernel';
import { AddressGuard } from './address-guard.ts';
import { Attempt } from './attempt.ts';
import type { AttemptContext } from './attempt.ts';
import { senderConfigSchema } from './config.ts';
import type { SenderConfig } from './config.ts';
import { DeadlineWheel } from './deadline-wheel.ts';
import { classifyError } from './error-outcome.ts';
import type { OriginPool, PoolContext } from './origin-pool.ts';
import { OriginPools } from './origin-pools.ts';
import { failed } from './outcome.ts';
import type { Failed, Outcome, SendRequest, Target } from './outcome.ts';
import { RequestWriter } from './request-writer.ts';

export interface EventSenderOptions {
  readonly clock?: Clock;
  /** Differences from the defaults of {@link senderConfigSchema}. */
  readonly config?: Partial<SenderConfig>;
  /** Default: a guard with the policy of `config` and the system's resolver. */
  readonly guard?: AddressGuard;
}

/** What is known about a target, worked out once per target object. */
interface Route {
  readonly origin: string;
  readonly path: string;
  pool: OriginPool;
}

export class EventSender extends BaseComponent {
  readonly name = 'event-sender';
  readonly #guard: AddressGuard;
  readonly #wheel: DeadlineWheel;
  readonly #pools: OriginPools;
  readonly #context: AttemptContext;
  readonly #routes = new WeakMap<Target, Route | Failed>();
  readonly #signals = new WeakSet<AbortSignal>();
  #inFlight = 0;
  #onIdle: (() => void) | undefined;

  constructor(options: EventSenderOptions = {}) {
    super();
    const clock = options.clock ?? systemClock;
    const config = senderConfigSchema.parse(options.config ?? {});
    this.#guard = options.guard ?? new AddressGuard({ policy: config });
    this.#wheel = new DeadlineWheel(clock);
    const monotonicMs = (): number => clock.monotonicMs();
    const poolContext: PoolContext = {
      config,
      guard: this.#guard,
      writer: new RequestWriter(),
      monotonicMs,
    };
    this.#pools = new OriginPools(poolContext, clock);
    this.#context = {
      wheel: this.#wheel,
      limits: config,
      monotonicMs,
      wallMs: () => clock.now(),
      onSettled: () => {
        this.#onSettled();
      },
    };
  }

  /** Attempts under way. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /**
   * Makes one attempt. Never rejects; safe to call any number of times at once. Aborting the signal, draining
   * or closing the sender ends it with reason `aborted`.
   */
  send(request: SendRequest, options: { readonly signal?: AbortSignal } = {}): Promise<Outcome> {
    const { signal } = options;
    if (this.state !== 'running') return notMade(`the sender is ${this.state}`);
    if (signal !== undefined && !this.#follow(signal)) return notMade('the caller gave up');
    const route = this.#routeTo(request.target);
    if ('kind' in route) return Promise.resolve(route);
    const attempt = new Attempt(this.#context, route.pool, route.path, request, signal);
    this.#inFlight += 1;
    attempt.start();
    return attempt.outcome;
  }

  /** Rejects with `AFFLUX_KERNEL_ABORTED` when the signal aborts first; attempts go on all the same. */
  protected override onDrain(signal: AbortSignal): Promise<void> {
    if (this.#inFlight === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#onIdle = resolve;
      const onAbort = (): void => {
        reject(abortedError(signal));
      };
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  protected override onClose(): Promise<void> {
    this.#cancel('the sender was closed', () => true);
    this.#pools.close();
    this.#wheel.close();
    return Promise.resolve();
  }

  #routeTo(target: Target): Route | Failed {
    const known = this.#routes.get(target);
    if (known !== undefined && ('kind' in known || !known.pool.isClosed)) return known;
    const route = this.#newRoute(target);
    // A lack of room is not a property of the target.
    if (!('kind' in route) || !route.retryable) this.#routes.set(target, route);
    return route;
  }

  #newRoute(target: Target): Route | Failed {
    try {
      const url = this.#guard.checkUrl(target.url);
      const pool = this.#pools.get(url.origin, target.caCerts);
      return pool === undefined
        ? failed('connection', 'too many origins are in use', { retryable: true })
        : { origin: url.origin, path: url.pathname + url.search, pool };
    } catch (error) {
      return classifyError(error, 0);
    }
  }

  /** False when the signal has aborted. One listener per signal, not per attempt: callers reuse theirs. */
  #follow(signal: AbortSignal): boolean {
    if (signal.aborted) return false;
    if (this.#signals.has(signal)) return true;
    this.#signals.add(signal);
    const onAbort = (): void => {
      this.#cancel('the caller gave up', (attempt) => attempt.signal === signal);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    return true;
  }

  #cancel(message: string, concerns: (attempt: Attempt) => boolean): void {
    this.#wheel.visit((entry) => {
      if (entry instanceof Attempt && concerns(entry)) entry.cancel(message);
    });
  }

  #onSettled(): void {
    this.#inFlight -= 1;
    if (this.#inFlight === 0) this.#onIdle?.();
  }
}

function notMade(message: string): Promise<Outcome> {
  return Promise.resolve(failed('aborted', message, { retryable: true }));
}
