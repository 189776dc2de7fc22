/**
 * The part of an object that fields can be owned of. Names, versions and what else only the store writes are
 * nobody's, and neither is the half of the object that a write cannot change: status on the ordinary way, all but
 * status on the way of the subresource.
 */
import type { ApiObject, JsonRecord } from '@afflux/resources';

/** Which half of the object a write is about. */
export interface WriteScope {
  /** Status is written apart (`StoredKind.hasStatus`). */
  readonly hasStatus: boolean;
  readonly subresource?: 'status' | undefined;
}

/** Metadata that is never owned. The first are Kubernetes'; the deletion fields are carried over on every write. */
const UNOWNED_METADATA: ReadonlySet<string> = new Set([
  'name',
  'namespace',
  'creationTimestamp',
  'selfLink',
  'uid',
  'clusterName',
  'generation',
  'managedFields',
  'resourceVersion',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
]);

/** The object without what nobody can own. Shares its subtrees. */
export function ownedPart(object: ApiObject, { hasStatus, subresource }: WriteScope): JsonRecord {
  if (subresource === 'status') return object.status === undefined ? {} : { status: object.status };
  const part: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(object)) {
    if (name === 'apiVersion' || name === 'kind') continue;
    if (name === 'status' && hasStatus) continue;
    if (name !== 'metadata') part[name] = value;
  }
  const metadata = Object.entries(object.metadata).filter(([name]) => !UNOWNED_METADATA.has(name));
  if (metadata.length > 0) part['metadata'] = Object.fromEntries(metadata);
  return part;
}
