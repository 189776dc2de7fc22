/**
 * Putting a controller's finalizer on an object and taking it off: merge patches with the whole list and the
 * version it was read at, so that two writers cannot overwrite each other (the loser gets a Conflict).
 */
import type { ApiObject } from '@afflux/resources';
import { isConflict, isNotFound } from '../errors.ts';
import type { ResourceStore, WriteOptions } from '../store/resource-store.ts';

/** The finalizer is on the object. */
export function hasFinalizer(object: ApiObject, finalizer: string): boolean {
  return object.metadata.finalizers?.includes(finalizer) === true;
}

function setFinalizers(
  store: ResourceStore,
  object: ApiObject,
  finalizers: readonly string[],
  options: WriteOptions,
): Promise<ApiObject> {
  const { resourceVersion } = object.metadata;
  const body = { metadata: { finalizers, resourceVersion } };
  return store.patch(object, object.metadata, { type: 'merge', body }, options);
}

/** Resolves with the object as it is with the finalizer. Rejects with Conflict when it changed meanwhile. */
export async function addFinalizer(
  store: ResourceStore,
  object: ApiObject,
  finalizer: string,
  options: WriteOptions,
): Promise<ApiObject> {
  if (hasFinalizer(object, finalizer)) return object;
  const finalizers = [...(object.metadata.finalizers ?? []), finalizer];
  return setFinalizers(store, object, finalizers, options);
}

/** Resolves when the finalizer is off the object, or the object is gone. */
export async function clearFinalizer(
  store: ResourceStore,
  object: ApiObject,
  finalizer: string,
  options: WriteOptions,
): Promise<void> {
  const finalizers = (object.metadata.finalizers ?? []).filter((name) => name !== finalizer);
  try {
    await setFinalizers(store, object, finalizers, options);
  } catch (error) {
    if (isNotFound(error)) return;
    if (!isConflict(error) || !(await isGone(store, object, options))) throw error;
  }
}

async function isGone(
  store: ResourceStore,
  object: ApiObject,
  { signal }: WriteOptions,
): Promise<boolean> {
  try {
    const present = await store.get(object, object.metadata, { signal });
    return present.metadata.uid !== object.metadata.uid;
  } catch (error) {
    if (isNotFound(error)) return true;
    throw error;
  }
}
