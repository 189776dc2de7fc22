/** Deletes objects that go with what they belong to. */
import { isConflict, isNotFound, type GroupVersionKind, type ResourceStore } from '@afflux/control';

export interface DeleteAllOptions {
  /** Absent: of all namespaces. */
  readonly namespace?: string;
  readonly signal: AbortSignal;
}

/** Resolves with how many objects of the kind finalizers still hold. Rejects as the store does. */
export async function deleteAll(
  store: ResourceStore,
  kind: GroupVersionKind,
  { namespace, signal }: DeleteAllOptions,
): Promise<number> {
  const { items } = await store.list(kind, { namespace, signal });
  let left = 0;
  for (const { metadata } of items) {
    const { uid } = metadata;
    try {
      const held = await store.delete(kind, metadata, { preconditions: { uid }, signal });
      if (held !== undefined) left += 1;
    } catch (error) {
      // One that was made anew meanwhile is met at the next look.
      if (isConflict(error)) left += 1;
      else if (!isNotFound(error)) throw error;
    }
  }
  return left;
}
