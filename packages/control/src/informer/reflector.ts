/**
 * Follows one kind of a store for ever: list, then watch from there, and again when that breaks. It keeps no
 * objects; it hands pictures and changes to a sink, in order.
 *
 * How a watch can end, and what follows:
 *
 *     ended        watch again from the last version (after a wait, when it was short and empty)
 *     silent       no sign of life for SILENCE_MS_MAX: the same, the connection is dead
 *     unavailable  a retryable error: wait, then watch again from the last version
 *     expired      list at once (after a wait, when the list before it brought nothing)
 *     failed       anything else: wait, then list
 */
import { AffluxError, type Clock, type Logger, type Random } from '@afflux/kernel';
import type { ApiObject } from '@afflux/resources';
import { isExpired } from '../errors.ts';
import { TurnBudget } from '../event-loop.ts';
import type { Change, GroupVersionKind, ResourceStore } from '../store/resource-store.ts';
import { ReconnectBackoff } from './reconnect-backoff.ts';

/** A watch without a sign of life for so long is given up; bookmarks come about once a minute. */
const SILENCE_MS_MAX = 150_000;
/** A watch that ends sooner and brought nothing counts as a failure (client-go). */
const SHORT_WATCH_MS = 1_000;

/** How a watch ended. */
export type WatchEnding = 'ended' | 'silent' | 'unavailable' | 'expired' | 'failed';

/** Where pictures and changes go. Neither call may throw. */
export interface ReflectorSink {
  /** A complete picture begins; what it does not contain is gone. Each of its objects is put after this. */
  begin(items: readonly ApiObject[]): void;
  put(object: ApiObject): void;
  remove(object: ApiObject): void;
  /** A picture is complete. */
  synced(): void;
  watchEnded(ending: WatchEnding): void;
}

export interface ReflectorOptions {
  readonly store: ResourceStore;
  readonly gvk: GroupVersionKind;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly sink: ReflectorSink;
}

/** A function, because the compiler believes that a signal once looked at stays as it was. */
function isOver(signal: AbortSignal): boolean {
  return signal.aborted;
}

export class Reflector {
  readonly #options: ReflectorOptions;
  readonly #clock: Clock;
  readonly #backoff: ReconnectBackoff;
  readonly #budget: TurnBudget;
  #version: string | undefined;
  #lastSignMs = 0;
  /** Changes since the last list; a list that expires before any change came must not repeat at once. */
  #changeCount = 0;
  #isYielding = false;

  constructor(options: ReflectorOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#backoff = new ReconnectBackoff(options.clock, options.random);
    this.#budget = new TurnBudget(options.clock);
  }

  /** True while it pauses in the middle of a burst for the sake of the event loop. */
  get isYielding(): boolean {
    return this.#isYielding;
  }

  /** Resolves when the signal aborts; never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        if (this.#version === undefined) await this.#list(signal);
        else await this.#watch(this.#version, signal);
      } catch (err) {
        if (!isOver(signal)) await this.#recover(err, signal);
      }
    }
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { store, gvk, sink } = this.#options;
    const { items, resourceVersion } = await store.list(gvk, { signal });
    if (isOver(signal)) return;
    sink.begin(items);
    for (const item of items) {
      sink.put(item);
      const turn = this.#budget.spent();
      if (turn !== undefined) await this.#pause(turn);
      if (isOver(signal)) return;
    }
    this.#version = resourceVersion;
    this.#changeCount = 0;
    sink.synced();
  }

  async #watch(resourceVersion: string, signal: AbortSignal): Promise<void> {
    const { store, gvk, sink } = this.#options;
    const attempt = new AbortController();
    const abort = (): void => {
      attempt.abort();
    };
    signal.addEventListener('abort', abort, { once: true });
    const beganMs = this.#clock.monotonicMs();
    const guard = this.#guardSilence(beganMs, abort);
    let isEmpty = true;
    try {
      for await (const change of store.watch(gvk, { resourceVersion, signal: attempt.signal })) {
        isEmpty = false;
        this.#lastSignMs = this.#clock.monotonicMs();
        this.#apply(change);
        const turn = this.#budget.spent();
        if (turn !== undefined) await this.#pause(turn);
      }
    } finally {
      guard.stop();
      signal.removeEventListener('abort', abort);
      abort();
    }
    if (isOver(signal)) return;
    sink.watchEnded(guard.wasSilent ? 'silent' : 'ended');
    if (isEmpty && this.#elapsedMs(beganMs) < SHORT_WATCH_MS) await this.#wait(signal);
  }

  #apply(change: Change): void {
    const { sink } = this.#options;
    switch (change.type) {
      case 'BOOKMARK':
        this.#version = change.resourceVersion;
        return;
      case 'ADDED':
      case 'MODIFIED':
        sink.put(change.object);
        break;
      case 'DELETED':
        sink.remove(change.object);
        break;
    }
    this.#changeCount += 1;
    this.#version = change.object.metadata.resourceVersion ?? this.#version;
  }

  async #recover(err: unknown, signal: AbortSignal): Promise<void> {
    const { logger, sink } = this.#options;
    if (isExpired(err)) {
      sink.watchEnded('expired');
      this.#version = undefined;
      logger.info({ err }, 'watch expired, listing again');
      if (this.#changeCount > 0) return;
    } else if (err instanceof AffluxError && err.retryable) {
      sink.watchEnded('unavailable');
      logger.warn({ err }, 'store unavailable, trying again');
    } else {
      sink.watchEnded('failed');
      this.#version = undefined;
      logger.warn({ err }, 'list or watch failed, listing again');
    }
    await this.#wait(signal);
  }

  async #wait(signal: AbortSignal): Promise<void> {
    // The only failure of a sleep is the abort, which `run` looks at itself.
    await this.#clock.sleep(this.#backoff.nextMs(), signal).catch(() => undefined);
  }

  async #pause(turn: Promise<void>): Promise<void> {
    this.#isYielding = true;
    await turn;
    this.#isYielding = false;
  }

  #elapsedMs(sinceMs: number): number {
    return this.#clock.monotonicMs() - sinceMs;
  }

  /** Calls `abort` when no change came for too long. One timer, armed anew only when it fires. */
  #guardSilence(beganMs: number, abort: () => void): { wasSilent: boolean; stop(): void } {
    this.#lastSignMs = beganMs;
    const check = (): void => {
      const silentMs = this.#elapsedMs(this.#lastSignMs);
      if (silentMs < SILENCE_MS_MAX) {
        timer = this.#clock.setTimer(SILENCE_MS_MAX - silentMs, check);
        return;
      }
      guard.wasSilent = true;
      abort();
    };
    let timer = this.#clock.setTimer(SILENCE_MS_MAX, check);
    const guard = {
      wasSilent: false,
      stop: () => {
        timer.cancel();
      },
    };
    return guard;
  }
}
