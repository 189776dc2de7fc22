/**
 * Removes Events from a local store, as an API server does by itself: those that were not heard of for an
 * hour, and the oldest of a namespace that has more than a thousand. Works in passes of bounded size; a pass
 * that did not finish is followed by the next one soon.
 *
 * An Event is removed in the state that was looked at: one that is counted up meanwhile stays.
 */
import { BaseComponent, type Clock, type Logger, type Timer } from '@afflux/kernel';
import type { ApiObject } from '@afflux/resources';
import { isConflict, isNotFound } from '../errors.ts';
import { TurnBudget } from '../event-loop.ts';
import type { ResourceStore } from '../store/resource-store.ts';
import { EVENT, lastHeardOfMs } from './core-event.ts';

/** Bounds of {@link EventReaper}. */
export interface EventReaperLimits {
  /** How long an Event stays after it was last heard of. */
  readonly ttlMs: number;
  readonly perNamespaceMax: number;
  readonly perPassMax: number;
  /** From the end of a pass to the next one. */
  readonly passEveryMs: number;
}

/** The defaults of {@link EventReaperLimits}. */
export const EVENT_REAPER_LIMITS: EventReaperLimits = {
  ttlMs: 3_600_000,
  perNamespaceMax: 1_000,
  perPassMax: 1_000,
  passEveryMs: 60_000,
};

/** The wait after a pass that left something to do. */
const NEXT_PART_MS = 1_000;

export interface EventReaperOptions {
  readonly store: Pick<ResourceStore, 'list' | 'delete'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits?: Partial<EventReaperLimits>;
}

interface Heard {
  readonly event: ApiObject;
  readonly atMs: number;
}

/** The Events that are to go, those that were heard of longest ago first. Pure. */
export function eventsToRemove(
  events: readonly ApiObject[],
  nowMs: number,
  { ttlMs, perNamespaceMax, perPassMax }: Omit<EventReaperLimits, 'passEveryMs'>,
): ApiObject[] {
  const namespaces = new Map<string, Heard[]>();
  for (const event of events) {
    const heard = { event, atMs: lastHeardOfMs(event, nowMs) };
    const namespace = event.metadata.namespace ?? '';
    const others = namespaces.get(namespace);
    if (others === undefined) namespaces.set(namespace, [heard]);
    else others.push(heard);
  }
  const byAge = (left: Heard, right: Heard): number => left.atMs - right.atMs;
  return [...namespaces.values()]
    .flatMap((heard) => {
      const surplus = heard.length - perNamespaceMax;
      return heard
        .sort(byAge)
        .filter(({ atMs }, index) => index < surplus || nowMs - atMs >= ttlMs);
    })
    .sort(byAge)
    .slice(0, perPassMax)
    .map(({ event }) => event);
}

/** See the head of the file. The first pass is at the start; `start` does not wait for it. */
export class EventReaper extends BaseComponent {
  readonly name = 'event-reaper';
  readonly #store: EventReaperOptions['store'];
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #limits: EventReaperLimits;
  readonly #budget: TurnBudget;
  readonly #lifetime = new AbortController();
  #timer: Timer | undefined;
  #passing: Promise<void> = Promise.resolve();
  #isStopped = false;

  constructor({ store, clock, logger, limits }: EventReaperOptions) {
    super();
    this.#store = store;
    this.#clock = clock;
    this.#logger = logger.child({ component: this.name });
    this.#limits = { ...EVENT_REAPER_LIMITS, ...limits };
    this.#budget = new TurnBudget(clock);
  }

  protected override onStart(): Promise<void> {
    this.#next(0);
    return Promise.resolve();
  }

  protected override onDrain(): Promise<void> {
    this.#stop();
    return this.#passing;
  }

  protected override onClose(): Promise<void> {
    this.#stop();
    this.#lifetime.abort();
    return Promise.resolve();
  }

  #stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  #next(waitMs: number): void {
    if (this.#isStopped) return;
    this.#timer = this.#clock.setTimer(waitMs, () => {
      this.#passing = this.#passAndGoOn();
    });
  }

  /** Never rejects. */
  async #passAndGoOn(): Promise<void> {
    let waitMs = this.#limits.passEveryMs;
    try {
      const removed = await this.#pass();
      if (removed > 0) this.#logger.debug({ removed }, 'old events removed');
      if (removed === this.#limits.perPassMax) waitMs = NEXT_PART_MS;
    } catch (err) {
      if (!this.#lifetime.signal.aborted) this.#logger.warn({ err }, 'old events not removed');
    }
    this.#next(waitMs);
  }

  /** Resolves with the number of Events that were to go. */
  async #pass(): Promise<number> {
    const { signal } = this.#lifetime;
    const { items } = await this.#store.list(EVENT, { signal });
    const doomed = eventsToRemove(items, this.#clock.now(), this.#limits);
    for (const { metadata } of doomed) {
      const { uid, resourceVersion } = metadata;
      try {
        await this.#store.delete(EVENT, metadata, {
          preconditions: { uid, resourceVersion },
          signal,
        });
      } catch (error) {
        if (!isNotFound(error) && !isConflict(error)) throw error;
      }
      const turn = this.#budget.spent();
      if (turn !== undefined) await turn;
    }
    return doomed.length;
  }
}
