/** What a deletion does to an object, and when it may. Pure. */
import type { ApiObject } from '@afflux/resources';
import { preconditionFailed, type NamedKind } from '../store/refusals.ts';
import type { DeleteOptions, Propagation } from '../store/resource-store.ts';
import { FOREGROUND_FINALIZER, ORPHAN_FINALIZER } from './write-rules.ts';

const FINALIZER_OF: Readonly<Record<Propagation, string | undefined>> = {
  Background: undefined,
  Foreground: FOREGROUND_FINALIZER,
  Orphan: ORPHAN_FINALIZER,
};

/**
 * The object as it waits for its finalizers: itself when it waits already, undefined when nothing holds it and it
 * is to go at once.
 */
export function deletionOf(
  object: ApiObject,
  propagation: Propagation,
  now: string,
): ApiObject | undefined {
  const { metadata } = object;
  const isNew = metadata.deletionTimestamp === undefined;
  const finalizers = new Set(metadata.finalizers);
  const added = FINALIZER_OF[propagation];
  if (isNew && added !== undefined) finalizers.add(added);
  if (finalizers.size === 0) return undefined;
  if (!isNew) return object;
  return {
    ...object,
    metadata: {
      ...metadata,
      finalizers: [...finalizers],
      deletionTimestamp: now,
      deletionGracePeriodSeconds: 0,
      ...(metadata.generation === undefined ? {} : { generation: metadata.generation + 1 }),
    },
  };
}

/** Throws Conflict unless it is the very object that the caller saw. */
export function checkPreconditions(
  kind: NamedKind,
  { metadata }: ApiObject,
  { uid, resourceVersion }: NonNullable<DeleteOptions['preconditions']>,
): void {
  const { uid: actualUid = '', resourceVersion: actualVersion = '' } = metadata;
  if (uid !== undefined && uid !== actualUid) {
    throw preconditionFailed(kind, metadata, 'UID', uid, actualUid);
  }
  if (resourceVersion !== undefined && resourceVersion !== actualVersion) {
    throw preconditionFailed(kind, metadata, 'ResourceVersion', resourceVersion, actualVersion);
  }
}
