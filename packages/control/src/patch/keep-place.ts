/** What a patch may not change: which object it is of. */
import type { ApiObject } from '@afflux/resources';
import { badRequest } from '../store/refusals.ts';
import type { GroupVersionKind, ObjectKey } from '../store/resource-store.ts';

/**
 * Gives the draft the name and namespace of its place where the patch took them away. Throws BadRequest for one that
 * would be another object.
 */
export function keepPlace(
  draft: ApiObject,
  kind: GroupVersionKind & { readonly namespaced: boolean },
  place: ObjectKey,
): void {
  if (draft.apiVersion !== kind.apiVersion || draft.kind !== kind.kind) {
    throw badRequest('a patch cannot change apiVersion or kind');
  }
  const { metadata } = draft;
  // Charts label what has no namespace with that of the release.
  if (!kind.namespaced) delete metadata.namespace;
  const { name } = place;
  const namespace = kind.namespaced ? place.namespace : undefined;
  metadata.name ||= name;
  if (namespace !== undefined) metadata.namespace ??= namespace;
  if (metadata.name !== name) {
    throw badRequest(
      `the name of the object (${metadata.name}) does not match the name on the URL (${name})`,
    );
  }
  if (metadata.namespace !== namespace) {
    throw badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
  }
}
