/**
 * What a patch makes of a stored object, and who owns its fields after a write. Pure: drafts in, drafts out.
 */
import type { ApiObject } from '@afflux/resources';
import { apply } from '../patch/apply.ts';
import { applyPatch } from '../patch/apply-patch.ts';
import { keepPlace } from '../patch/keep-place.ts';
import { strategicMergePatch } from '../patch/strategic-merge.ts';
import { takeOwnership } from '../patch/take-ownership.ts';
import { freezeOver, mutableCopy } from '../store/json.ts';
import { badRequest, unsupportedPatch, type NamedKind } from '../store/refusals.ts';
import type { ObjectKey, Patch, PatchOptions, WriteOptions } from '../store/resource-store.ts';
import { assertObjectShape, isKubernetesGroup } from './write-rules.ts';

/** The patched object as a private draft. `old` may be absent for server-side apply only. */
export function draftOf(
  kind: NamedKind,
  key: ObjectKey,
  old: ApiObject | undefined,
  patch: Patch,
  options: PatchOptions,
  now: string,
): ApiObject {
  const draft = mutableCopy(patched(kind, key, old, patch, options, now));
  assertObjectShape(draft);
  keepPlace(draft, kind, old?.metadata ?? key);
  // A patch is conditional only if it says so.
  const version = old?.metadata.resourceVersion;
  if (version !== undefined) draft.metadata.resourceVersion ??= version;
  return draft;
}

function patched(
  kind: NamedKind,
  key: ObjectKey,
  old: ApiObject | undefined,
  patch: Patch,
  { fieldManager, subresource }: PatchOptions,
  now: string,
): unknown {
  const { mergeSchema: schema, hasStatus } = kind;
  switch (patch.type) {
    case 'merge':
    case 'json':
      return applyPatch(old, patch);
    case 'strategic':
      if (!isKubernetesGroup(kind)) throw unsupportedPatch();
      return strategicMergePatch(old, patch.body, schema);
    case 'apply':
      return apply(old, named(patch.body, key, kind), {
        manager: fieldManager,
        force: patch.force,
        now,
        schema,
        hasStatus,
        subresource,
      });
  }
}

/** The intent with the name and namespace of the place it is applied to, where it does not say them. */
function named(body: unknown, key: ObjectKey, kind: NamedKind): unknown {
  const intent: unknown = mutableCopy(body);
  assertObjectShape(intent);
  if (intent.apiVersion !== kind.apiVersion || intent.kind !== kind.kind) {
    throw badRequest(
      `the object is a ${intent.kind} of ${intent.apiVersion}, the request is about a ${kind.kind} of ${kind.apiVersion}`,
    );
  }
  // An absent name is read as that of the request; another one is refused with every patch.
  intent.metadata.name ||= key.name;
  if (kind.namespaced && key.namespace !== undefined) intent.metadata.namespace ??= key.namespace;
  return intent;
}

/**
 * The frozen object with the fields that its writer owns now. Writers without a name own nothing, so that their
 * writes do not hinder an apply.
 */
export function ownedBy(
  kind: NamedKind,
  old: ApiObject | undefined,
  frozen: ApiObject,
  { fieldManager }: Pick<WriteOptions, 'fieldManager'>,
  now: string,
  subresource?: 'status',
): ApiObject {
  if (fieldManager === undefined || frozen === old) return frozen;
  const before = old?.metadata.managedFields;
  const managedFields = takeOwnership(old, frozen, {
    manager: fieldManager,
    now,
    schema: kind.mergeSchema,
    hasStatus: kind.hasStatus,
    subresource,
  });
  const { managedFields: sent, ...metadata } = frozen.metadata;
  if (managedFields === sent) return frozen;
  if (managedFields === undefined) return { ...frozen, metadata };
  return {
    ...frozen,
    metadata: { ...metadata, managedFields: freezeOver(managedFields, before).value },
  };
}
