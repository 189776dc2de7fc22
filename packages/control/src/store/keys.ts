/** Names of kinds and objects as strings, for maps, queues and messages. */
import type { ApiObject } from '@afflux/resources';
import type { GroupVersionKind, ObjectKey } from './resource-store.ts';

/** `<apiVersion>/<kind>`; unique among kinds. */
export function kindId(kind: GroupVersionKind): string {
  return `${kind.apiVersion}/${kind.kind}`;
}

/** `<namespace>/<name>`, or the name alone without a namespace; unique within a kind. */
export function formatKey(key: ObjectKey): string {
  return key.namespace === undefined || key.namespace === ''
    ? key.name
    : `${key.namespace}/${key.name}`;
}

/** The inverse of {@link formatKey}. */
export function parseKey(text: string): ObjectKey {
  const slash = text.indexOf('/');
  return slash === -1
    ? { name: text }
    : { namespace: text.slice(0, slash), name: text.slice(slash + 1) };
}

/** {@link formatKey} of an object. */
export function keyOf(object: ApiObject): string {
  return formatKey(object.metadata);
}

/**
 * {@link formatKey} of the object that controls this one, when that is of the given kind; what a controller
 * enqueues when one of its children changes.
 */
export function controllerKeyOf(object: ApiObject, kind: GroupVersionKind): string | undefined {
  const owner = object.metadata.ownerReferences?.find((reference) => reference.controller === true);
  if (owner?.apiVersion !== kind.apiVersion || owner.kind !== kind.kind) return undefined;
  return formatKey({ namespace: object.metadata.namespace, name: owner.name });
}
