/**
 * Writes the status that a run arrived at: the first attempt on the state that the run saw, later ones on the
 * state of the moment, because a status overwrites whatever was there (client-go's retry on conflict: five
 * attempts, 10 ms apart, ±10 %).
 */
import { withJitter, type Clock, type Random } from '@afflux/kernel';
import type { ApiObject } from '@afflux/resources';
import { isConflict, StoreError } from '../errors.ts';
import { sameJson } from '../store/json.ts';
import type { ResourceStore, WriteOptions } from '../store/resource-store.ts';

const ATTEMPTS_MAX = 5;
const DELAY_MS = 10;

export interface StatusWriterOptions {
  readonly store: ResourceStore;
  readonly clock: Clock;
  readonly random: Random;
}

/** The object is not there; not: its kind has no status to write. */
function isGone(error: unknown): boolean {
  return error instanceof StoreError && error.code === 'AFFLUX_STORE_NOT_FOUND';
}

function withStatus(object: ApiObject, status: unknown): ApiObject {
  return { ...object, status };
}

/** Resolves when the status is stored, or the object is gone. Rejects with Conflict after five attempts. */
export async function writeStatus(
  { store, clock, random }: StatusWriterOptions,
  seen: ApiObject,
  status: unknown,
  options: WriteOptions,
): Promise<void> {
  let base = seen;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await store.updateStatus(withStatus(base, status), options);
      return;
    } catch (error) {
      if (isGone(error)) return;
      if (!isConflict(error) || attempt === ATTEMPTS_MAX) throw error;
    }
    await clock.sleep(withJitter(DELAY_MS, random), options.signal);
    const present = await readAgain(store, seen, options);
    if (present === undefined || sameJson(present.status, status)) return;
    base = present;
  }
}

/** The object of the moment; undefined when it is gone, another one of its name included. */
async function readAgain(
  store: ResourceStore,
  seen: ApiObject,
  { signal }: WriteOptions,
): Promise<ApiObject | undefined> {
  try {
    const present = await store.get(seen, seen.metadata, { signal });
    return present.metadata.uid === seen.metadata.uid ? present : undefined;
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}
