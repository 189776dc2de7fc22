/**
 * Suppression of duplicates for channels that cannot do it themselves: what was published by this process within a
 * window of time, by `source` and `id`. Not exact: it knows nothing of other processes and forgets with this one, and
 * the oldest first when more events come within the window than it is to remember.
 *
 * A duplicate of a publish that is still going on waits for its outcome: it is accepted with it, and takes its turn
 * when it was refused. A publish that failed is forgotten, so that the producer may try again; also one of unknown
 * outcome, because a duplicate is better than a loss.
 */
import { createHash } from 'node:crypto';
import type { CloudEvent } from '@afflux/events';
import { abortedError, type Clock } from '@afflux/kernel';
import type { Channel, PublishOptions } from './channel.ts';

/** Events remembered by default: about 20 MB. */
const EVENTS_MAX = 100_000;

interface Remembered {
  /** Monotonic time of the publish. */
  readonly atMs: number;
  /** Resolves when the publish has an outcome; undefined once it was accepted. */
  pending: Promise<void> | undefined;
}

export interface DuplicateWindowOptions {
  readonly clock: Clock;
  /** Events remembered at most. Default 100,000. */
  readonly eventsMax?: number;
  /** Told how many events were suppressed. */
  readonly onSuppressed?: (events: number) => void;
}

export class DuplicateWindow {
  readonly #clock: Clock;
  readonly #eventsMax: number;
  readonly #onSuppressed: ((events: number) => void) | undefined;
  /** In the order remembered: the oldest first. */
  readonly #known = new Map<string, Remembered>();

  constructor({ clock, eventsMax = EVENTS_MAX, onSuppressed }: DuplicateWindowOptions) {
    this.#clock = clock;
    this.#eventsMax = eventsMax;
    this.#onSuppressed = onSuppressed;
  }

  /** Events remembered now. */
  get size(): number {
    return this.#known.size;
  }

  /**
   * Publishes those events that are no duplicates within `windowMs`, all or none of them. Resolves when all are
   * accepted, by this publish or an earlier one; rejects as `publish` of the channel does.
   */
  async publish(
    channel: Pick<Channel, 'publish'>,
    events: readonly CloudEvent[],
    windowMs: number,
    options: Pick<PublishOptions, 'signal'> = {},
  ): Promise<void> {
    const keys = events.map(keyOf);
    // From the look that finds nothing pending until the own publish is remembered, nothing else may run.
    for (let others = this.#pending(keys); others.length > 0; others = this.#pending(keys)) {
      await untilAbort(Promise.all(others), options.signal);
    }
    if (options.signal?.aborted === true) throw abortedError(options.signal);
    const fresh = this.#fresh(events, keys, windowMs);
    const suppressed = events.length - fresh.size;
    if (fresh.size > 0) await this.#publish(channel, fresh, options);
    if (suppressed > 0) this.#onSuppressed?.(suppressed);
  }

  /** Outcomes of the publishes of these events that are still going on. */
  #pending(keys: readonly string[]): Promise<void>[] {
    const pending = keys.map((key) => this.#known.get(key)?.pending);
    return pending.filter((promise) => promise !== undefined);
  }

  /** Those not known within the window, each once. */
  #fresh(
    events: readonly CloudEvent[],
    keys: readonly string[],
    windowMs: number,
  ): Map<string, CloudEvent> {
    const sinceMs = this.#clock.monotonicMs() - windowMs;
    const fresh = new Map<string, CloudEvent>();
    for (const [index, event] of events.entries()) {
      const key = keys[index] ?? '';
      const known = this.#known.get(key);
      const isKnown = known !== undefined && known.atMs > sinceMs;
      if (!isKnown && !fresh.has(key)) fresh.set(key, event);
    }
    this.#forgetBefore(sinceMs);
    return fresh;
  }

  async #publish(
    channel: Pick<Channel, 'publish'>,
    fresh: ReadonlyMap<string, CloudEvent>,
    options: Pick<PublishOptions, 'signal'>,
  ): Promise<void> {
    let settle = (): void => undefined;
    const pending = new Promise<void>((resolve) => (settle = resolve));
    const own: Remembered = { atMs: this.#clock.monotonicMs(), pending };
    for (const key of fresh.keys()) {
      this.#known.delete(key);
      this.#known.set(key, own);
    }
    try {
      await channel.publish([...fresh.values()], options);
    } catch (error) {
      for (const key of fresh.keys()) if (this.#known.get(key) === own) this.#known.delete(key);
      throw error;
    } finally {
      own.pending = undefined;
      settle();
    }
    this.#forgetBeyond();
  }

  /** Windows may differ between calls: only what is older than the present one is forgotten. */
  #forgetBefore(sinceMs: number): void {
    for (const [key, { atMs, pending }] of this.#known) {
      if (atMs > sinceMs || pending !== undefined) return;
      this.#known.delete(key);
    }
  }

  #forgetBeyond(): void {
    for (const [key, { pending }] of this.#known) {
      if (this.#known.size <= this.#eventsMax) return;
      if (pending === undefined) this.#known.delete(key);
    }
  }
}

/** Of a bounded length, whatever the producer sends. */
function keyOf({ source, id }: CloudEvent): string {
  return createHash('sha256')
    .update(`${String(source.length)} ${source}${id}`)
    .digest('base64');
}

/** Rejects as soon as the signal aborts. */
async function untilAbort(promise: Promise<unknown>, signal?: AbortSignal): Promise<void> {
  let end = (): void => undefined;
  const aborted = new Promise<void>((resolve) => (end = resolve));
  signal?.addEventListener('abort', end, { once: true });
  if (signal?.aborted !== true) await Promise.race([promise, aborted]);
  signal?.removeEventListener('abort', end);
  if (signal?.aborted === true) throw abortedError(signal);
}

/**
 * Publishes with suppression of duplicates: by the channel where it is capable, which is exact, else by the window.
 */
export async function publishOnce(
  target: {
    readonly channel: Channel;
    readonly isExact: boolean;
    readonly window: DuplicateWindow;
  },
  events: readonly CloudEvent[],
  windowMs: number,
  options: Pick<PublishOptions, 'signal'> = {},
): Promise<void> {
  const { channel, isExact, window } = target;
  if (isExact) await channel.publish(events, { ...options, deduplicateMs: windowMs });
  else await window.publish(channel, events, windowMs, options);
}
