/**
 * Who owns what after an ordinary write. The writer owns the fields that it gave another value or brought about;
 * everybody else loses those, and the ones that are gone. Runs on every write of the store, hence: no change, no
 * work, and the cost of a change is that of what changed.
 */
import type { ApiObject, ManagedFields } from '@afflux/resources';
import { sameJson } from '../store/json.ts';
import type { MergeSchema } from '../store/resource-store.ts';
import { changesBetween, type FieldChanges } from './field-changes.ts';
import { managerOrUnknown } from './field-manager.ts';
import { objectSchema } from './field-rules.ts';
import { difference, intersection, isEmptySet, NO_FIELDS, union } from './field-set.ts';
import {
  clearsOwners,
  decodeOwners,
  encodeOwners,
  forgetOldest,
  identityKey,
  noOwners,
  setFields,
  type Identity,
  type Owners,
} from './managed-fields.ts';
import { ownedPart, type WriteScope } from './owned-part.ts';

export interface OwnershipOptions extends WriteScope {
  /** Absent or empty: `unknown`. */
  readonly manager: string | undefined;
  /** RFC 3339, whole seconds. */
  readonly now: string;
  readonly schema: MergeSchema | undefined;
}

/** What a write of one half of an object changes; undefined for nothing. */
export function ownableChanges(
  old: ApiObject | undefined,
  next: ApiObject,
  schema: MergeSchema | undefined,
  scope: WriteScope,
): FieldChanges | undefined {
  const before = old === undefined ? {} : ownedPart(old, scope);
  return changesBetween(before, ownedPart(next, scope), objectSchema(schema));
}

/**
 * The `managedFields` to store with `next`; undefined for none. What `next` carries there is what the client sent:
 * a list of its own replaces the old one, an empty one clears it, nothing (or something malformed) leaves it. Gives
 * back the list of `old` itself when nothing changed. As in Kubernetes, an object that exists without
 * `managedFields` stays without them until its first apply.
 */
export function takeOwnership(
  old: ApiObject | undefined,
  next: ApiObject,
  options: OwnershipOptions,
): ManagedFields[] | undefined {
  const kept = old?.metadata.managedFields;
  if (old === next) return kept;
  const sent = options.subresource === undefined ? next.metadata.managedFields : undefined;
  const owners = sent === undefined || sent === kept ? undefined : sentOwners(sent, kept);
  if (old !== undefined && owners === undefined && (kept ?? []).length === 0) return undefined;
  if (old !== undefined && owners?.size === 0) return undefined;
  const changes = ownableChanges(old, next, options.schema, options);
  if (changes === undefined && owners === undefined) return kept;
  const all = owners ?? decodeOwners(kept) ?? noOwners();
  if (changes !== undefined) {
    const { manager, now, subresource } = options;
    const writer = {
      manager,
      operation: 'Update',
      apiVersion: next.apiVersion,
      subresource,
    } as const;
    recordUpdate(all, { ...writer, manager: managerOrUnknown(manager) }, changes, now);
  }
  return encodeOwners(all);
}

/** The owners that a client sent itself; undefined when it sent nothing new. */
function sentOwners(
  sent: readonly ManagedFields[] | null,
  kept: ManagedFields[] | undefined,
): Owners | undefined {
  if (clearsOwners(sent)) return noOwners();
  if (sent === null || sameJson(sent, kept)) return undefined;
  const owners = decodeOwners(sent);
  // Written anew, so that what we do not know and what is not canonical goes.
  for (const [key, owner] of owners ?? []) owners?.set(key, { ...owner, source: undefined });
  return owners;
}

/** Enters an ordinary write into the table of owners. */
export function recordUpdate(
  owners: Owners,
  writer: Identity,
  changes: FieldChanges,
  now: string,
): void {
  const written = union(changes.modified, changes.added);
  const writerKey = identityKey(writer);
  const before = owners.get(writerKey)?.fields ?? NO_FIELDS;
  dispossess(owners, changes);
  if (!isEmptySet(written)) {
    const fields = union(difference(before, changes.removed), written);
    owners.set(writerKey, { ...writer, time: now, fields });
  }
  forgetOldest(owners);
}

/** Takes what changed and what is gone from everybody, except from one who keeps it. */
export function dispossess(owners: Owners, changes: FieldChanges, exceptKey?: string): void {
  const written = union(changes.modified, changes.added);
  for (const [key, owner] of owners) {
    if (key === exceptKey) continue;
    const lost = intersection(owner.fields, written);
    setFields(owners, key, owner, difference(difference(owner.fields, lost), changes.removed));
  }
}
