/**
 * `metadata.managedFields` as a table of owners: who, by which operation, at which apiVersion and through which
 * subresource, owns which fields. Owners are keyed by a text that is Kubernetes' own, because the order of conflicts
 * and the choice of what is forgotten first follow it.
 *
 * Entries that did not change are handed out as they came in, so the store sees them as the same references.
 */
import { isRecord, type ApiObject, type ManagedFields } from '@afflux/resources';
import { sameJson } from '../store/json.ts';
import { isEmptySet, parseFields, serialiseFields, union, type FieldSet } from './field-set.ts';

/** Managers of ordinary writes that are remembered one by one (Kubernetes' `DefaultMaxUpdateManagers`). */
export const UPDATE_MANAGERS_MAX = 10;

/** What the rest is remembered under. */
const FORGOTTEN_MANAGER = 'ancient-changes';

/** Who wrote, and how. */
export interface Identity {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string | undefined;
}

export interface Owner extends Identity {
  readonly time: string | undefined;
  readonly fields: FieldSet;
  /** The entry that this was read from and is still equal to. */
  readonly source?: ManagedFields | undefined;
}

/** By {@link identityKey}. */
export type Owners = Map<string, Owner>;

export function noOwners(): Owners {
  return new Map<string, Owner>();
}

/** Applies of one manager at several apiVersions are one owner, updates are not. */
export function identityKey(identity: Identity): string {
  const { manager, operation, apiVersion, subresource } = identity;
  return JSON.stringify({
    manager,
    operation,
    ...(operation === 'Update' ? { apiVersion } : {}),
    ...(subresource === undefined ? {} : { subresource }),
  });
}

/** Reads `managedFields`; undefined when an entry is malformed, and then none of them counts. */
export function decodeOwners(entries: unknown): Owners | undefined {
  const owners = noOwners();
  if (entries === undefined || entries === null) return owners;
  if (!Array.isArray(entries)) return undefined;
  for (const entry of entries) {
    const owner = decodeOwner(entry);
    if (owner === undefined) return undefined;
    owners.set(identityKey(owner), owner);
  }
  return owners;
}

function textOrAbsent(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string';
}

function decodeOwner(entry: unknown): Owner | undefined {
  if (!isRecord(entry)) return undefined;
  const {
    manager = '',
    operation,
    apiVersion,
    time,
    fieldsType,
    fieldsV1 = {},
    subresource,
  } = entry;
  if (operation !== 'Apply' && operation !== 'Update') return undefined;
  if (typeof apiVersion !== 'string' || apiVersion === '' || fieldsType !== 'FieldsV1') {
    return undefined;
  }
  if (typeof manager !== 'string' || !textOrAbsent(time) || !textOrAbsent(subresource)) {
    return undefined;
  }
  const fields = parseFields(fieldsV1);
  if (fields === undefined) return undefined;
  const through = subresource === '' ? undefined : subresource;
  return { manager, operation, apiVersion, subresource: through, time, fields, source: entry };
}

/** Writes `managedFields`; undefined for none. */
export function encodeOwners(owners: Owners): ManagedFields[] | undefined {
  if (owners.size === 0) return undefined;
  return [...owners.values()].sort(compareOwners).map((owner) => owner.source ?? encoded(owner));
}

function encoded(owner: Owner): ManagedFields {
  const { manager, operation, apiVersion, time, subresource } = owner;
  return {
    manager,
    operation,
    apiVersion,
    ...(time === undefined ? {} : { time }),
    fieldsType: 'FieldsV1',
    fieldsV1: serialiseFields(owner.fields),
    ...(subresource === undefined ? {} : { subresource }),
  };
}

function compareTexts(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** Whole seconds; an owner without a time is the oldest. */
function seconds(owner: Owner): number {
  const time = Date.parse(owner.time ?? '');
  return Number.isNaN(time) ? 0 : Math.floor(time / 1000);
}

function compareOwners(left: Owner, right: Owner): number {
  return (
    compareTexts(left.operation, right.operation) ||
    seconds(left) - seconds(right) ||
    compareTexts(left.manager, right.manager) ||
    compareTexts(left.apiVersion, right.apiVersion) ||
    compareTexts(left.subresource ?? '', right.subresource ?? '')
  );
}

/** Gives an owner other fields; one that owns nothing is gone. */
export function setFields(owners: Owners, key: string, owner: Owner, fields: FieldSet): void {
  if (isEmptySet(fields)) owners.delete(key);
  else if (fields !== owner.fields) owners.set(key, { ...owner, fields, source: undefined });
}

/** Merges the oldest managers of ordinary writes, within one apiVersion, until few enough are left. */
export function forgetOldest(owners: Owners): void {
  const updaters = [...owners].filter(([, owner]) => owner.operation === 'Update');
  let count = updaters.length;
  if (count <= UPDATE_MANAGERS_MAX) return;
  updaters.sort(([leftKey, left], [rightKey, right]) => {
    return seconds(left) - seconds(right) || compareTexts(leftKey, rightKey);
  });
  const oldest = new Map<string, string>();
  for (const [key, owner] of updaters) {
    if (count <= UPDATE_MANAGERS_MAX) return;
    const { apiVersion, time } = owner;
    const first = oldest.get(apiVersion);
    if (first === undefined) {
      oldest.set(apiVersion, key);
      continue;
    }
    const bucket = {
      manager: FORGOTTEN_MANAGER,
      operation: 'Update',
      apiVersion,
      subresource: undefined,
    } as const;
    const bucketKey = identityKey(bucket);
    const gathered = owners.get(bucketKey) ?? owners.get(first);
    if (!owners.has(bucketKey)) owners.delete(first);
    owners.delete(key);
    const fields = gathered === undefined ? owner.fields : union(gathered.fields, owner.fields);
    owners.set(bucketKey, { ...bucket, time, fields });
    count -= 1;
  }
}

/** A client sent `[]` or `[{}]`: forget who owns what. */
export function clearsOwners(entries: unknown): boolean {
  if (!Array.isArray(entries) || entries.length > 1) return false;
  const only: unknown = entries[0] ?? {};
  return isRecord(only) && Object.keys(only).length === 0;
}

function withoutTime({ time: _time, ...entry }: ManagedFields): ManagedFields {
  return entry;
}

/**
 * `old`, when `next` differs from it in nothing but times in `managedFields`; otherwise `next`. For after the
 * admission of an applied object, which may undo what the apply changed: such a write changes nothing.
 */
export function keepTimes(next: ApiObject, old: ApiObject): ApiObject {
  const { managedFields: after = [], ...nextMetadata } = next.metadata;
  const { managedFields: before = [], ...oldMetadata } = old.metadata;
  const isSame =
    after.length === before.length &&
    after.every((entry, index) => {
      const other = before[index];
      return other !== undefined && sameJson(withoutTime(entry), withoutTime(other));
    }) &&
    sameJson({ ...next, metadata: nextMetadata }, { ...old, metadata: oldMetadata });
  return isSame ? old : next;
}
