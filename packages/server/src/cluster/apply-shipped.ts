/** Objects that every process begins with, written so that what users changed of them stays. */
import { isConflict, type ResourceStore } from '@afflux/control';
import type { ApiObject } from '@afflux/resources';

/** Who they are by. */
const SHIPPED_MANAGER = 'afflux-shipped';

/**
 * Applies an object, unless somebody owns fields of it by now: theirs is the later word.
 *
 * @param force - Takes those fields back instead.
 */
export async function applyShipped(
  store: ResourceStore,
  object: ApiObject,
  force = false,
): Promise<void> {
  try {
    await store.patch(
      object,
      object.metadata,
      { type: 'apply', body: object, force },
      { fieldManager: SHIPPED_MANAGER },
    );
  } catch (error) {
    if (!isConflict(error)) throw error;
  }
}
