/**
 * The way from client-side to server-side apply, as Kubernetes paves it for the manager `kubectl`: fields that the
 * annotation of the last client-side apply accounts for may be taken without force, and an annotation that is there
 * follows each server-side apply.
 */
import { isRecord, type ApiObject } from '@afflux/resources';
import { goJson } from '@afflux/resources/text';
import { mutableCopy } from '../store/json.ts';
import type { MergeSchema } from '../store/resource-store.ts';
import { changesBetween } from './field-changes.ts';
import { difference, NO_FIELDS, type FieldSet } from './field-set.ts';
import { fieldsOf } from './fields-of.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Size of all annotations of an object (Kubernetes' `TotalAnnotationSizeLimitB`). */
const ANNOTATIONS_BYTES_MAX = 262_144;

function lastApplied(object: ApiObject): string {
  return object.metadata.annotations?.[LAST_APPLIED] ?? '';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Fields that still have the values of the last client-side apply. */
export function lastAppliedFields(live: ApiObject, schema: MergeSchema): FieldSet {
  const applied = parsed(lastApplied(live));
  if (!isRecord(applied) || applied['apiVersion'] !== live.apiVersion) return NO_FIELDS;
  const fields = fieldsOf(applied, schema);
  const changes = changesBetween(applied, live, schema);
  if (changes === undefined) return fields;
  return difference(
    difference(difference(fields, changes.modified), changes.added),
    changes.removed,
  );
}

/** The object with the annotation brought up to date, when it has one. */
export function withLastApplied(object: ApiObject, intent: unknown): ApiObject {
  if (lastApplied(object) === '' || !isRecord(intent)) return object;
  const config: Record<string, unknown> = mutableCopy(intent);
  const { metadata } = config;
  if (isRecord(metadata) && isRecord(metadata['annotations'])) {
    const { [LAST_APPLIED]: _own, ...annotations } = metadata['annotations'];
    config['metadata'] = { ...metadata, annotations };
  }
  const annotations: Record<string, string> = {
    ...object.metadata.annotations,
    [LAST_APPLIED]: `${goJson(config)}\n`,
  };
  const bytes = Object.entries(annotations)
    .map(([name, text]) => Buffer.byteLength(name) + Buffer.byteLength(text))
    .reduce((sum, size) => sum + size, 0);
  if (bytes <= ANNOTATIONS_BYTES_MAX)
    return { ...object, metadata: { ...object.metadata, annotations } };
  const { [LAST_APPLIED]: _tooLong, ...others } = annotations;
  return { ...object, metadata: { ...object.metadata, annotations: others } };
}
