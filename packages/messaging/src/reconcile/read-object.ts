/** Reading an object that a run depends on. */
import { type GroupVersionKind, isNotFound, type ObjectKey } from '@afflux/control';
import type { ApiObject } from '@afflux/resources';
import type { MessagingDependencies } from './dependencies.ts';

export type ObjectSource = Pick<MessagingDependencies, 'informers' | 'store'>;

/**
 * The object as the cache has it; straight from the store while the cache has no complete picture yet. The type
 * parameter is the caller's word for what objects of the kind look like.
 */
export async function readObject<T extends ApiObject = ApiObject>(
  { informers, store }: ObjectSource,
  kind: GroupVersionKind,
  key: ObjectKey,
  signal: AbortSignal,
): Promise<T | undefined> {
  const informer = informers.get<T>(kind);
  if (informer.hasSynced) return informer.get(key.namespace, key.name);
  return await readStored<T>({ store }, kind, key, signal);
}

/** The object as the store has it now. */
export async function readStored<T extends ApiObject = ApiObject>(
  { store }: Pick<ObjectSource, 'store'>,
  kind: GroupVersionKind,
  key: ObjectKey,
  signal: AbortSignal,
): Promise<T | undefined> {
  try {
    return (await store.get(kind, key, { signal })) as T;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}
