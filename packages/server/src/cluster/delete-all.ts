/** Deletes objects that go with what they belong to. */
import {
  isConflict,
  isNotFound,
  RequeueAfter,
  type GroupVersionKind,
  type ResourceStore,
} from '@afflux/control';

/** How soon it is looked again whether finalizers have let the last objects go. */
const LOOK_AGAIN_MS = 200;

export interface DeleteAllOptions {
  /** Absent: of all namespaces. */
  readonly namespace?: string;
  readonly signal: AbortSignal;
  /** What the status says of those that finalizers hold, after `<n> objects`. */
  readonly left: string;
}

/**
 * Resolves when no object of the kinds is left. Rejects with RequeueAfter while finalizers hold some, otherwise as
 * the store does.
 */
export async function deleteAll(
  store: ResourceStore,
  kinds: readonly GroupVersionKind[],
  options: DeleteAllOptions,
): Promise<void> {
  let left = 0;
  for (const kind of kinds) left += await deleteKind(store, kind, options);
  if (left > 0) throw new RequeueAfter(LOOK_AGAIN_MS, `${String(left)} objects ${options.left}`);
}

/** Resolves with how many objects of the kind finalizers still hold. */
async function deleteKind(
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
