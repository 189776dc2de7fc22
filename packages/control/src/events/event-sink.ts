/**
 * Writes one Event: makes it new, or counts up the one that is there. A refusal is final, as in client-go:
 * whoever may not write Events, or writes into a namespace that is going, is not told twice. What could work
 * later (no connection, a server that is busy) is tried again, twelve times, ten seconds apart.
 */
import type { Clock, Random } from '@afflux/kernel';
import { untilAborted } from '@afflux/kernel';
import { isAlreadyExists, isNotFound, StoreError } from '../errors.ts';
import type { ResourceStore } from '../store/resource-store.ts';
import type { CoreEvent } from './core-event.ts';
import { EVENT } from './core-event.ts';

const TRIES_MAX = 12;
const RETRY_MS = 10_000;
/** Time that one write has. */
const WRITE_MS_MAX = 10_000;

export interface EventSinkOptions {
  readonly store: Pick<ResourceStore, 'create' | 'patch'>;
  readonly clock: Clock;
  readonly random: Random;
  /** Makes a name for an Event about an object of this name. */
  readonly newName: (objectName: string) => string;
}

/** When to stop. */
export interface SinkSignals {
  /** Ends everything. */
  readonly lifetime: AbortSignal;
  /** Ends the tries: what does not work now is given up. */
  readonly patience: AbortSignal;
}

/** What was done, and the Event under the name it has. */
export interface Stored {
  readonly result: 'created' | 'counted';
  readonly event: CoreEvent;
}

/** Rejects with what the last try failed with. */
export async function storeEvent(
  options: EventSinkOptions,
  event: CoreEvent,
  { lifetime, patience }: SinkSignals,
): Promise<Stored> {
  const { clock, random } = options;
  for (let tries = 1; ; tries += 1) {
    try {
      return await inTime(clock, lifetime, (signal) => write(options, event, signal));
    } catch (error) {
      if (tries === TRIES_MAX || patience.aborted || lifetime.aborted || isFinal(error))
        throw error;
    }
    // The first wait is of random length, so that those who lost the same server do not return together.
    const waitMs = tries === 1 ? RETRY_MS * random.next() : RETRY_MS;
    await clock.sleep(waitMs, patience).catch(() => undefined);
  }
}

function isFinal(error: unknown): boolean {
  return error instanceof StoreError && !error.retryable;
}

async function write(
  { store, newName }: EventSinkOptions,
  event: CoreEvent,
  signal: AbortSignal,
): Promise<Stored> {
  const { metadata, count, lastTimestamp, message } = event;
  if (count > 1) {
    try {
      const body = { count, lastTimestamp, message };
      await store.patch(EVENT, metadata, { type: 'merge', body }, { signal });
      return { result: 'counted', event };
    } catch (error) {
      // It was removed meanwhile, as all Events are after an hour: it comes back with its count.
      if (!isNotFound(error)) throw error;
    }
  }
  try {
    return await create(store, event, signal);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    // Two processes told of the same object in the same moment.
    const name = newName(event.involvedObject.name);
    return create(store, { ...event, metadata: { ...metadata, name } }, signal);
  }
}

async function create(
  store: EventSinkOptions['store'],
  event: CoreEvent,
  signal: AbortSignal,
): Promise<Stored> {
  await store.create(event, { signal });
  return { result: 'created', event };
}

async function inTime<T>(
  clock: Clock,
  lifetime: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const onEnd = (): void => {
    controller.abort(lifetime.reason);
  };
  lifetime.addEventListener('abort', onEnd, { once: true });
  if (lifetime.aborted) onEnd();
  const timer = clock.setTimer(WRITE_MS_MAX, () => {
    controller.abort(new Error(`no answer within ${String(WRITE_MS_MAX)} ms`));
  });
  try {
    return await untilAborted(work(controller.signal), controller.signal);
  } finally {
    timer.cancel();
    lifetime.removeEventListener('abort', onEnd);
  }
}
