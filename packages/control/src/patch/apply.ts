/**
 * Server-side apply: merges a partial object, the *intent* of one manager, into an object, and remembers in
 * `metadata.managedFields` who wants what.
 *
 * - A field that the manager mentions becomes its own. Where another manager owns it with another value, that is a
 *   conflict, unless the apply is forced; where the value is the same, both own it.
 * - A field that the manager mentioned last time and does not mention now is removed when nobody else owns it.
 * - What the schema calls a set or a map is merged item by item, what it calls atomic is one value.
 *
 * Pure: storage, admission and defaults come after it. Fields that admission fills in are nobody's.
 */
import { isRecord, type ApiObject, type ObjectMeta } from '@afflux/resources';
import { StoreError } from '../errors.ts';
import { sameJson } from '../store/json.ts';
import type { MergeSchema } from '../store/resource-store.ts';
import { applyConflict, type Conflict } from './apply-conflict.ts';
import type { FieldChanges } from './field-changes.ts';
import { checkManager } from './field-manager.ts';
import { objectSchema } from './field-rules.ts';
import {
  difference,
  intersection,
  isEmptySet,
  NO_FIELDS,
  sameFields,
  union,
  type FieldSet,
} from './field-set.ts';
import { fieldsOf } from './fields-of.ts';
import { listProblem } from './intent-lists.ts';
import { lastAppliedFields, withLastApplied } from './last-applied.ts';
import {
  decodeOwners,
  encodeOwners,
  identityKey,
  noOwners,
  type Identity,
  type Owner,
  type Owners,
} from './managed-fields.ts';
import { mergeIntent } from './merge-intent.ts';
import { ownedPart, type WriteScope } from './owned-part.ts';
import { withoutAbandoned } from './remove-fields.ts';
import { dispossess, ownableChanges, recordUpdate } from './take-ownership.ts';

export interface ApplyOptions extends WriteScope {
  /** Required; undefined is refused in Kubernetes' words. */
  readonly manager: string | undefined;
  /** Take fields from others instead of failing. */
  readonly force?: boolean | undefined;
  /** RFC 3339, whole seconds. */
  readonly now: string;
  readonly schema: MergeSchema | undefined;
}

/** Owns, from the first apply on, what was there before it. */
const BEFORE_FIRST_APPLY = 'before-first-apply';

/** The manager that may take over from its own client-side applies. */
const KUBECTL = 'kubectl';

/** Metadata that an intent may carry without wanting it: printed by clients that send whole objects. */
const SYSTEM_METADATA: ReadonlySet<string> = new Set([
  'creationTimestamp',
  'selfLink',
  'generation',
  'managedFields',
]);

/**
 * The object after the apply: `current` itself when nothing changes. A `uid`, a `resourceVersion` and the fields of a
 * deletion stand in the result as the intent has them, for the store to compare. Throws `StoreError`: Conflict with
 * one cause per field,
 * BadRequest or Invalid for what is no intent.
 */
export function apply(
  current: ApiObject | undefined,
  intent: unknown,
  options: ApplyOptions,
): ApiObject {
  const { manager, subresource } = options;
  checkManager(manager, 'PatchOptions', { isRequired: true });
  const wanted = decodeIntent(intent, options);
  const { apiVersion, kind, metadata } = wanted;
  const writer: Identity = { manager, operation: 'Apply', apiVersion, subresource };
  const writerKey = identityKey(writer);
  const owners = ownersBefore(current, writer, options);
  const before = owners.get(writerKey);
  const live = current ?? { apiVersion, kind, metadata: { name: metadata.name } };
  if (current === undefined) checkNew(wanted);
  const { object, changes, fields } = merge(live, wanted, owners, writerKey, options);
  enter(
    owners,
    { ...writer, fields, time: changes === undefined ? before?.time : options.now },
    before,
  );
  return withOwners(
    manager === KUBECTL ? withLastApplied(object, intent) : object,
    owners,
    current,
  );
}

function badRequest(message: string): StoreError {
  return new StoreError('AFFLUX_STORE_BAD_REQUEST', message);
}

/** The part of an intent that this write is about. */
function decodeIntent(
  intent: unknown,
  { hasStatus, subresource, schema }: ApplyOptions,
): ApiObject {
  if (!isRecord(intent)) throw badRequest('an intent must be a JSON object');
  const { apiVersion, kind, metadata, status, ...rest } = intent;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string' || !isRecord(metadata)) {
    throw badRequest('an intent needs apiVersion, kind and metadata');
  }
  if (metadata['managedFields'] !== undefined && metadata['managedFields'] !== null) {
    throw badRequest('metadata.managedFields must be nil');
  }
  const problem = listProblem(intent, objectSchema(schema));
  if (problem !== undefined) {
    const { namespace = '', name = '' } = metadata as { namespace?: string; name?: string };
    const what = `${namespace}/${name}; ${apiVersion}, Kind=${kind}`;
    throw badRequest(`failed to create typed patch object (${what}): ${problem}`);
  }
  const named = Object.fromEntries(
    Object.entries(metadata).filter(([field]) => !SYSTEM_METADATA.has(field)),
  );
  const wanted: Record<string, unknown> = { apiVersion, kind, metadata: named };
  if (subresource !== 'status') Object.assign(wanted, rest);
  const isAboutStatus = subresource === 'status' || !hasStatus;
  if (isAboutStatus && status !== undefined) wanted['status'] = status;
  return wanted as unknown as ApiObject;
}

/** An intent for an object that is not there may name a version, which says nothing, but not a uid. */
function checkNew({ kind, metadata }: ApiObject): void {
  const { name, uid } = metadata;
  delete metadata.resourceVersion;
  if (uid === undefined || uid === '') return;
  throw new StoreError(
    'AFFLUX_STORE_CONFLICT',
    `Operation cannot be fulfilled on ${kind} "${name}": uid mismatch: the provided object specified uid ${uid}, and no existing object was found`,
    { details: { kind, name } },
  );
}

/** The owners that the object has, or gets because it was never applied before. */
function ownersBefore(
  current: ApiObject | undefined,
  { apiVersion, subresource }: Identity,
  options: ApplyOptions,
): Owners {
  const owners = decodeOwners(current?.metadata.managedFields) ?? noOwners();
  if (current === undefined || owners.size > 0) return owners;
  const changes = ownableChanges(undefined, current, options.schema, options);
  if (changes === undefined) return owners;
  const first = {
    manager: BEFORE_FIRST_APPLY,
    operation: 'Update',
    apiVersion,
    subresource,
  } as const;
  recordUpdate(owners, first, changes, options.now);
  return owners;
}

interface Merged {
  readonly object: ApiObject;
  /** What the apply changes of the object; undefined for nothing. */
  readonly changes: FieldChanges | undefined;
  /** The fields of the intent. */
  readonly fields: FieldSet;
}

/** Merges, removes what was abandoned, and takes from the other owners what they lose. */
function merge(
  live: ApiObject,
  wanted: ApiObject,
  owners: Owners,
  writerKey: string,
  options: ApplyOptions,
): Merged {
  const schema = objectSchema(options.schema);
  const fields = fieldsOf(ownedPart(wanted, options), schema);
  const last = owners.get(writerKey)?.fields ?? NO_FIELDS;
  let owned = fields;
  for (const [key, owner] of owners) {
    if (key !== writerKey) owned = union(owned, owner.fields);
  }
  const merged = mergeIntent(live, wanted, schema);
  const object = withoutAbandoned(merged, last, owned, schema) as ApiObject;
  const changes = ownableChanges(live, object, options.schema, options);
  if (changes !== undefined) {
    if (options.force !== true)
      refuseConflicts(conflictsOf(owners, writerKey, changes), live, options);
    dispossess(owners, changes, writerKey);
  }
  return { object, changes, fields };
}

function conflictsOf(owners: Owners, writerKey: string, changes: FieldChanges): Conflict[] {
  const written = union(changes.modified, changes.added);
  return [...owners]
    .filter(([key]) => key !== writerKey)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([, owner]) => ({ owner, fields: intersection(owner.fields, written) }))
    .filter(({ fields }) => !isEmptySet(fields));
}

function refuseConflicts(
  conflicts: readonly Conflict[],
  live: ApiObject,
  options: ApplyOptions,
): void {
  if (conflicts.length === 0) return;
  const allowed =
    options.manager === KUBECTL ? lastAppliedFields(live, objectSchema(options.schema)) : NO_FIELDS;
  const refused = conflicts
    .map(({ owner, fields }) => ({ owner, fields: difference(fields, allowed) }))
    .filter(({ fields }) => !isEmptySet(fields));
  if (refused.length > 0) throw applyConflict(refused);
}

/** Makes the fields of the intent those of the writer, replacing what it owned before. */
function enter(owners: Owners, writer: Owner, before: Owner | undefined): void {
  const key = identityKey(writer);
  if (isEmptySet(writer.fields)) owners.delete(key);
  else if (
    before === undefined ||
    before.time !== writer.time ||
    before.apiVersion !== writer.apiVersion ||
    !sameFields(before.fields, writer.fields)
  ) {
    owners.set(key, writer);
  }
}

/** Labels, finalizers and the like that are empty say nothing, and are not stored. */
function isNothing(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

/** The object with its owners; `current` when it is equal to that. */
function withOwners(object: ApiObject, owners: Owners, current: ApiObject | undefined): ApiObject {
  const entries = Object.entries(object.metadata).filter(
    ([name, value]) => name !== 'managedFields' && !isNothing(value),
  );
  const metadata = Object.fromEntries(entries) as unknown as ObjectMeta;
  const managedFields = encodeOwners(owners);
  const result: ApiObject = {
    ...object,
    metadata: managedFields === undefined ? metadata : { ...metadata, managedFields },
  };
  return current !== undefined && sameJson(result, current) ? current : result;
}
