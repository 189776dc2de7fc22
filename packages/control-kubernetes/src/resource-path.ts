/**
 * Paths of resources. Names come from outside, so a name that would make another path of it (empty, a dot, a slash)
 * is refused here, before a request for one object becomes one for a list.
 */
import {
  StoreError,
  type GroupVersionKind,
  type ObjectKey,
  type StoredKind,
} from '@afflux/control';
import { apiPath } from './discovery-documents.ts';

/** A kind and where it is served. */
export type ServedKind = GroupVersionKind & StoredKind;

/** Path of all objects of a kind, in one namespace or in all of them. */
export function collectionPath(kind: ServedKind, namespace: string | undefined): string {
  const base = apiPath(kind.apiVersion);
  const within =
    kind.namespaced && namespace !== undefined ? `/namespaces/${segment(namespace)}` : '';
  return `${base}${within}/${kind.plural}`;
}

/** Path of the collection that an object is created in. */
export function creationPath(
  kind: ServedKind,
  { namespace }: Pick<ObjectKey, 'namespace'>,
): string {
  if (kind.namespaced && (namespace ?? '') === '') {
    throw badRequest(`${kind.kind} objects need a namespace`);
  }
  return collectionPath(kind, namespace);
}

/** Path of one object, or of its subresource. */
export function objectPath(kind: ServedKind, key: ObjectKey, subresource?: 'status'): string {
  const tail = subresource === undefined ? '' : `/${subresource}`;
  return `${creationPath(kind, key)}/${segment(key.name)}${tail}`;
}

/** One segment of a path. Kubernetes allows no slash and no percent sign in names either. */
function segment(name: string): string {
  if (name === '' || name === '.' || name === '..' || /[/%]/.test(name)) {
    throw badRequest(`${JSON.stringify(name)} is no name`);
  }
  return encodeURIComponent(name);
}

function badRequest(message: string): StoreError {
  return new StoreError('AFFLUX_STORE_BAD_REQUEST', message);
}
