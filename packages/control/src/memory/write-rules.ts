/**
 * What a write may change, and what the store fills in itself: the rules for system metadata, generations
 * and the status subresource. Pure functions over drafts; a draft is a private mutable copy.
 */
import { isRecord, type ApiObject, type ObjectMeta, type OwnerReference } from '@afflux/resources';
import type { StoredKind } from '../store/resource-store.ts';
import {
  badRequest,
  invalid,
  modified,
  preconditionFailed,
  type FieldRefusal,
  type NamedKind,
} from '../store/refusals.ts';
import {
  checkAnnotations,
  checkFinalizers,
  checkGenerateName,
  checkLabels,
  checkName,
  checkNamespace,
} from './name-rules.ts';

/** Kubernetes' own finalizers, which its garbage collector serves. */
export const FOREGROUND_FINALIZER = 'foregroundDeletion';
export const ORPHAN_FINALIZER = 'orphan';

/** What a finalizer may be called without a domain (`helper.IsStandardFinalizerName`). */
const STANDARD_FINALIZERS: ReadonlySet<string> = new Set([
  'kubernetes',
  FOREGROUND_FINALIZER,
  ORPHAN_FINALIZER,
]);

/** Kinds of Kubernetes itself that kube-apiserver asks for no more than custom resources. */
const TAKING_ANY_FINALIZER: ReadonlySet<string> = new Set([
  'customresourcedefinitions',
  'events',
  'leases',
]);

/** An apiVersion as Go parses it; the group may be empty. */
const GROUP_VERSION = /^(?:[^/]*\/)?[^/]+$/;

/** Maps from texts to texts; Go reads a null in them as the empty text. */
const TEXT_MAPS: readonly string[] = ['labels', 'annotations'];

/** Fields that only the store writes; an update carries them over, a create drops them. */
const SYSTEM_FIELDS: ReadonlySet<string> = new Set([
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'generation',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'selfLink',
]);

function pickFields(metadata: ObjectMeta, areSystem: boolean): Partial<ObjectMeta> {
  const entries = Object.entries(metadata);
  return Object.fromEntries(
    entries.filter(
      ([field, value]) => SYSTEM_FIELDS.has(field) === areSystem && isKept(field, value),
    ),
  );
}

/** What the author of an object says of its metadata, without what says nothing. */
function authorsFields(metadata: ObjectMeta, { namespaced }: StoredKind): Partial<ObjectMeta> {
  const entries = Object.entries<unknown>(pickFields(metadata, false))
    // As kube-apiserver does: charts give a namespace to whatever they contain.
    .filter(([field, value]) => value !== null && (namespaced || field !== 'namespace'))
    .map(([field, value]) => [field, TEXT_MAPS.includes(field) ? withoutNulls(value) : value]);
  return Object.fromEntries(entries) as Partial<ObjectMeta>;
}

/** A map of texts in which every null is the empty text. */
function withoutNulls(map: unknown): unknown {
  if (!isRecord(map)) return map;
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, value ?? '']));
}

/** Metadata as it is kept: without empty lists and maps. */
export function keptMetadata(metadata: ObjectMeta): ObjectMeta {
  const entries = Object.entries(metadata).filter(([field, value]) => isKept(field, value));
  return { name: metadata.name, ...Object.fromEntries(entries) };
}

/** As in Kubernetes, metadata has no empty lists and maps; only an empty managedFields says something. */
function isKept(field: string, value: unknown): boolean {
  if (typeof value !== 'object' || value === null || field === 'managedFields') return true;
  return Object.keys(value).length > 0;
}

/** Kinds of Kubernetes itself: a group without a dot, or one of its own. */
export function isKubernetesGroup({ group }: Pick<StoredKind, 'group'>): boolean {
  return !group.includes('.') || group.endsWith('.k8s.io');
}

/** Groups of Kubernetes whose kinds carry no generation. */
const WITHOUT_GENERATION: ReadonlySet<string> = new Set(['', 'coordination.k8s.io']);

function countsGenerations(kind: StoredKind): boolean {
  return !WITHOUT_GENERATION.has(kind.group);
}

/**
 * Throws BadRequest unless the value has the shape that everything below relies on. A null is let through where it
 * reads as absent or empty; the fields that an author writes lose it with the next step (`stampNew`,
 * `keepSystemFields`).
 */
export function assertObjectShape(value: unknown): asserts value is ApiObject {
  if (!isRecord(value)) throw badRequest('an object must be a JSON object');
  for (const field of ['apiVersion', 'kind']) {
    if (typeof value[field] !== 'string' || value[field] === '') {
      throw badRequest(`an object needs the text field ${field}`);
    }
  }
  const metadata = value['metadata'];
  if (!isRecord(metadata)) throw badRequest('an object needs metadata');
  for (const field of ['name', 'namespace', 'uid', 'resourceVersion']) {
    if (metadata[field] !== undefined) assertText(metadata[field], `metadata.${field}`);
  }
  assertText(metadata['generateName'] ?? '', 'metadata.generateName');
  for (const field of TEXT_MAPS) assertTexts(metadata[field], `metadata.${field}`);
  assertList(metadata['finalizers'], 'metadata.finalizers', (item) => typeof item === 'string');
  assertList(metadata['ownerReferences'], 'metadata.ownerReferences', isRecord);
}

function assertText(value: unknown, path: string): void {
  if (typeof value !== 'string') throw badRequest(`${path} must be text`);
}

function assertTexts(value: unknown, path: string): void {
  if (value === undefined || value === null) return;
  const areTexts =
    isRecord(value) &&
    Object.values(value).every((item) => item === null || typeof item === 'string');
  if (!areTexts) throw badRequest(`${path} must map text to text`);
}

function assertList(value: unknown, path: string, test: (item: unknown) => boolean): void {
  if (value === undefined || value === null) return;
  if (!Array.isArray(value) || !value.every(test)) throw badRequest(`${path} has the wrong type`);
}

/** Whether a version says nothing: it is absent, or zero, as in Kubernetes, where versions are numbers. */
function isNoVersion(resourceVersion: string | undefined): boolean {
  return /^0*$/.test(resourceVersion ?? '');
}

/** Fills in what the store decides about a new object. */
export function stampNew(
  draft: ApiObject,
  kind: StoredKind,
  stamp: { readonly uid: string; readonly now: string },
): void {
  const { metadata } = draft;
  if (!isNoVersion(metadata.resourceVersion)) {
    throw badRequest('resourceVersion should not be set on objects to be created');
  }
  draft.metadata = {
    name: metadata.name,
    ...authorsFields(metadata, kind),
    uid: stamp.uid,
    creationTimestamp: stamp.now,
    ...(countsGenerations(kind) ? { generation: 1 } : {}),
  };
  if (kind.hasStatus) delete draft.status;
}

/** Refuses a write that was prepared on another state of the object than the stored one. */
export function checkVersion(draft: ApiObject, old: ApiObject, kind: NamedKind): void {
  const { uid, resourceVersion } = draft.metadata;
  const actualUid = old.metadata.uid ?? '';
  if (uid !== undefined && uid !== '' && uid !== actualUid) {
    throw preconditionFailed(kind, old.metadata, 'UID', uid, actualUid);
  }
  if (isNoVersion(resourceVersion)) {
    // Kubernetes' own kinds take an update without a version; custom resources do not.
    if (isKubernetesGroup(kind)) return;
    throw invalid(kind, old.metadata, [
      {
        field: 'metadata.resourceVersion',
        problem: 'Invalid value',
        value: '',
        detail: 'must be specified for an update',
      },
    ]);
  }
  if (resourceVersion !== old.metadata.resourceVersion) throw modified(kind, old.metadata);
}

/**
 * Carries over from the stored object what an update cannot change. Most of that is ignored in the draft; throws
 * Invalid for an update that is meant as a deletion.
 */
export function keepSystemFields(draft: ApiObject, old: ApiObject, kind: NamedKind): void {
  const refusals = checkDeletionFields(draft.metadata, old.metadata);
  if (refusals.length > 0) throw invalid(kind, old.metadata, refusals);
  draft.metadata = {
    name: old.metadata.name,
    ...authorsFields(draft.metadata, kind),
    ...pickFields(old.metadata, true),
  };
  if (!kind.hasStatus) return;
  if (old.status === undefined) delete draft.status;
  else draft.status = old.status;
}

/** As in kube-apiserver, the time of a deletion that has begun is carried over in silence, its grace is not. */
function checkDeletionFields(next: ObjectMeta, old: ObjectMeta): FieldRefusal[] {
  const fields = ['deletionTimestamp', 'deletionGracePeriodSeconds'] as const;
  return fields.flatMap((field): FieldRefusal[] => {
    const value: unknown = next[field] ?? old[field];
    const mayDiffer = field === 'deletionTimestamp' && old[field] !== undefined;
    if (mayDiffer || value === old[field]) return [];
    return [
      {
        field: `metadata.${field}`,
        problem: 'Invalid value',
        detail: `${JSON.stringify(value)}: field is immutable`,
      },
    ];
  });
}

/** Whether two frozen states differ in what the generation counts. */
export function changesGeneration(next: ApiObject, old: ApiObject, kind: StoredKind): boolean {
  if (!countsGenerations(kind)) return false;
  const after = next as unknown as Record<string, unknown>;
  const before = old as unknown as Record<string, unknown>;
  const isCounted = (field: string): boolean =>
    field !== 'metadata' && (field !== 'status' || !kind.hasStatus);
  return (
    Object.keys(after).some((field) => isCounted(field) && after[field] !== before[field]) ||
    Object.keys(before).some((field) => isCounted(field) && !Object.hasOwn(after, field))
  );
}

/** Everything that can be wrong with the metadata of an object about to be stored. */
export function checkMetadata(
  object: ApiObject,
  old: ApiObject | undefined,
  kind: NamedKind,
): void {
  const { metadata } = object;
  const refusals = [
    ...checkGenerateName(kind.group, kind.plural, metadata.generateName),
    ...checkName(kind.group, kind.plural, metadata.name),
    ...checkNamespace(kind.namespaced, metadata.namespace),
    ...checkLabels(metadata.labels ?? {}),
    ...checkAnnotations(metadata.annotations ?? {}),
    ...checkFinalizers(metadata.finalizers ?? []),
    ...checkOwnFinalizers(kind, metadata.finalizers ?? []),
    ...checkOwners(metadata.ownerReferences ?? []),
    ...checkNewFinalizers(metadata, old?.metadata),
  ];
  if (refusals.length > 0) throw invalid(kind, metadata, refusals);
}

/** Finalizers together, and those that Kubernetes' own kinds do not take. */
function checkOwnFinalizers(kind: NamedKind, finalizers: readonly string[]): FieldRefusal[] {
  const field = 'metadata.finalizers';
  const refusals: FieldRefusal[] = [];
  if (finalizers.includes(ORPHAN_FINALIZER) && finalizers.includes(FOREGROUND_FINALIZER)) {
    const detail = `finalizer ${ORPHAN_FINALIZER} and ${FOREGROUND_FINALIZER} cannot be both set`;
    refusals.push({ field, problem: 'Invalid value', detail });
  }
  if (!isKubernetesGroup(kind) || TAKING_ANY_FINALIZER.has(kind.plural)) return refusals;
  for (const [index, value] of finalizers.entries()) {
    if (value.includes('/') || STANDARD_FINALIZERS.has(value)) continue;
    const detail = 'name is neither a standard finalizer name nor is it fully qualified';
    refusals.push({
      field: `${field}[${String(index)}]`,
      problem: 'Invalid value',
      value,
      detail,
    });
  }
  return refusals;
}

function checkOwner(owner: OwnerReference, path: string): FieldRefusal[] {
  const refusals: FieldRefusal[] = [];
  for (const part of ['apiVersion', 'kind', 'name', 'uid'] as const) {
    if (typeof owner[part] === 'string' && owner[part] !== '') continue;
    refusals.push({ field: `${path}.${part}`, problem: 'Required value' });
  }
  if (refusals.length > 0) return refusals;
  const { apiVersion, kind } = owner;
  if (!GROUP_VERSION.test(apiVersion)) {
    const detail = 'must be <group>/<version>, or a version of the core group';
    const field = `${path}.apiVersion`;
    refusals.push({ field, problem: 'Invalid value', value: apiVersion, detail });
  }
  if (apiVersion === 'v1' && kind === 'Event') {
    const detail = '/v1, Kind=Event is disallowed from being an owner';
    refusals.push({ field: path, problem: 'Invalid value', detail });
  }
  return refusals;
}

function checkOwners(owners: readonly OwnerReference[]): FieldRefusal[] {
  const refusals = owners.flatMap((owner, index) =>
    checkOwner(owner, `metadata.ownerReferences[${String(index)}]`),
  );
  if (owners.filter((owner) => owner.controller === true).length > 1) {
    refusals.push({
      field: 'metadata.ownerReferences',
      problem: 'Invalid value',
      detail: 'only one owner can be the controller',
    });
  }
  return refusals;
}

function checkNewFinalizers(next: ObjectMeta, old: ObjectMeta | undefined): FieldRefusal[] {
  if (old?.deletionTimestamp === undefined) return [];
  const added = (next.finalizers ?? []).filter((name) => old.finalizers?.includes(name) !== true);
  if (added.length === 0) return [];
  return [
    {
      field: 'metadata.finalizers',
      problem: 'Forbidden',
      detail: `no new finalizers can be added if the object is being deleted, found new finalizers ${JSON.stringify(added)}`,
    },
  ];
}
