/**
 * The refusals of a store in Kubernetes' words, so that people and programs that know the one understand the
 * other. Only the shapes that clients look at are the same: which resource, which object, which field.
 */
import { StoreError } from '../errors.ts';
import type { GroupVersionKind, ObjectKey, StoredKind } from './resource-store.ts';

/** One problem of one field. */
export interface FieldRefusal {
  readonly field: string;
  /** Kubernetes' words for the sort of problem. */
  readonly problem: 'Invalid value' | 'Required value' | 'Forbidden';
  readonly value?: string;
  readonly detail?: string;
}

/** A kind together with what the store knows of it. */
export type NamedKind = GroupVersionKind & StoredKind;

function resourceName(kind: StoredKind): string {
  return kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`;
}

function detailsOf(
  kind: Pick<NamedKind, 'kind' | 'group' | 'plural'>,
  key: ObjectKey,
): Record<string, unknown> {
  return {
    kind: kind.kind,
    group: kind.group,
    plural: kind.plural,
    namespace: key.namespace,
    name: key.name,
  };
}

/** The kind is not served, as for a CRD that is not installed. */
export function kindUnknown(kind: GroupVersionKind): StoreError {
  return new StoreError(
    'AFFLUX_STORE_KIND_UNKNOWN',
    `the store has no kind ${kind.kind} in ${kind.apiVersion}`,
    { details: { apiVersion: kind.apiVersion, kind: kind.kind } },
  );
}

/** The kind has no status that is written apart. */
export function noStatusSubresource(kind: NamedKind, key: ObjectKey): StoreError {
  return new StoreError(
    'AFFLUX_STORE_KIND_UNKNOWN',
    `${resourceName(kind)} have no status subresource`,
    { details: detailsOf(kind, key) },
  );
}

export function notFound(kind: NamedKind, key: ObjectKey): StoreError {
  return new StoreError('AFFLUX_STORE_NOT_FOUND', `${resourceName(kind)} "${key.name}" not found`, {
    details: detailsOf(kind, key),
  });
}

export function alreadyExists(kind: NamedKind, key: ObjectKey): StoreError {
  return new StoreError(
    'AFFLUX_STORE_ALREADY_EXISTS',
    `${resourceName(kind)} "${key.name}" already exists`,
    { details: detailsOf(kind, key) },
  );
}

/** Somebody wrote in between. */
export function modified(kind: NamedKind, key: ObjectKey): StoreError {
  return conflict(
    kind,
    key,
    'the object has been modified; please apply your changes to the latest version and try again',
  );
}

/** What the caller assumed of the object's identity is not so. */
export function preconditionFailed(
  kind: NamedKind,
  key: ObjectKey,
  field: 'UID' | 'ResourceVersion',
  wanted: string,
  actual: string,
): StoreError {
  return conflict(
    kind,
    key,
    `Precondition failed: ${field} in precondition: ${wanted}, ${field} in object meta: ${actual}`,
  );
}

function conflict(kind: NamedKind, key: ObjectKey, why: string): StoreError {
  return new StoreError(
    'AFFLUX_STORE_CONFLICT',
    `Operation cannot be fulfilled on ${resourceName(kind)} "${key.name}": ${why}`,
    { details: detailsOf(kind, key) },
  );
}

const CAUSE_REASONS = {
  'Invalid value': 'FieldValueInvalid',
  'Required value': 'FieldValueRequired',
  Forbidden: 'FieldValueForbidden',
} as const satisfies Record<FieldRefusal['problem'], string>;

function problemText({ problem, value, detail }: FieldRefusal): string {
  const parts: string[] = [problem];
  if (value !== undefined) parts.push(JSON.stringify(value));
  if (detail !== undefined) parts.push(detail);
  return parts.join(': ');
}

/** One problem as the causes of a Status name it. */
export interface RefusalCause {
  readonly reason: string;
  readonly message: string;
  /** Empty: of the object as a whole. */
  readonly field: string;
}

/** Fields are wrong; the message lists every one. */
export function invalid(
  kind: NamedKind,
  key: ObjectKey,
  refusals: readonly FieldRefusal[],
): StoreError {
  const causes = refusals.map((refusal) => ({
    reason: CAUSE_REASONS[refusal.problem],
    message: problemText(refusal),
    field: refusal.field,
  }));
  return invalidObject(kind, key, causes);
}

/** As `invalid`, for problems that are put in words already. */
export function invalidObject(
  kind: Pick<NamedKind, 'kind' | 'group' | 'plural'>,
  key: ObjectKey,
  causes: readonly RefusalCause[],
  details: Readonly<Record<string, unknown>> = {},
): StoreError {
  const texts = causes.map(({ field, message }) =>
    field === '' ? message : `${field}: ${message}`,
  );
  const name = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
  const list = texts.length === 1 ? texts.join('') : `[${texts.join(', ')}]`;
  return new StoreError(
    'AFFLUX_STORE_INVALID',
    `${name} ${JSON.stringify(key.name)} is invalid: ${list}`,
    {
      details: { ...detailsOf(kind, key), causes, ...details },
    },
  );
}

/** Fields of an object that Strict does not let pass, in words, one after the other. */
export function strictRefusal(
  { apiVersion, kind }: GroupVersionKind,
  problems: readonly string[],
): StoreError {
  const version = apiVersion.slice(apiVersion.lastIndexOf('/') + 1);
  return new StoreError(
    'AFFLUX_STORE_BAD_REQUEST',
    `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: strict decoding error: ${problems.join(', ')}`,
  );
}

/** The kind does not take this sort of patch. */
export function unsupportedPatch(): StoreError {
  return new StoreError(
    'AFFLUX_STORE_UNSUPPORTED_MEDIA_TYPE',
    'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
  );
}

/** Nothing can be written now; nothing of the write took effect. */
export function cannotBeKept(cause: unknown): StoreError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new StoreError('AFFLUX_STORE_UNAVAILABLE', `the object cannot be kept: ${why}`, { cause });
}

export function badRequest(message: string): StoreError {
  return new StoreError('AFFLUX_STORE_BAD_REQUEST', message);
}

/** The namespace holds as many objects as it may. */
export function quotaExceeded(kind: NamedKind, key: ObjectKey, objectsMax: number): StoreError {
  const where = key.namespace === undefined ? 'the cluster scope' : `namespace "${key.namespace}"`;
  return new StoreError(
    'AFFLUX_STORE_QUOTA_EXCEEDED',
    `${resourceName(kind)} "${key.name}" is forbidden: exceeded quota: ${where} holds ${String(objectsMax)} objects, which is all it may`,
    { details: { ...detailsOf(kind, key), objectsMax } },
  );
}

export function tooLarge(
  kind: NamedKind,
  key: ObjectKey,
  bytes: number,
  bytesMax: number,
): StoreError {
  return new StoreError(
    'AFFLUX_STORE_TOO_LARGE',
    `${resourceName(kind)} "${key.name}" takes ${String(bytes)} bytes of JSON; at most ${String(bytesMax)} are stored`,
    { details: { ...detailsOf(kind, key), bytes, bytesMax } },
  );
}

/** The version to watch from was forgotten. */
export function expired(wanted: string, oldest: string): StoreError {
  return new StoreError('AFFLUX_STORE_EXPIRED', `too old resource version: ${wanted} (${oldest})`, {
    details: { resourceVersion: wanted, oldestResourceVersion: oldest },
  });
}

/** The reader of a watch let too many changes wait. */
export function readerTooSlow(backlogMax: number): StoreError {
  return new StoreError(
    'AFFLUX_STORE_EXPIRED',
    `the watch ended because ${String(backlogMax)} changes waited for its reader`,
    { details: { backlogMax } },
  );
}

export function tooManyWatches(watchesMax: number): StoreError {
  return new StoreError(
    'AFFLUX_STORE_TOO_MANY_WATCHES',
    `the store serves ${String(watchesMax)} watches already, which is all it does`,
    { details: { watchesMax } },
  );
}
