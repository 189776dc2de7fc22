/**
 * Validation of the ConfigMaps that configure the system. Which ConfigMaps those are and what may be in them is
 * the caller's to know; others, and fields of ConfigMaps that newer servers know, are let be.
 */
import { isRecord, type ApiObject, type FieldErrors } from '@afflux/resources';
import { ALLOWED, denied, own, type AdmissionRequest, type Verdict } from './admission-review.ts';

/** What is wrong with a ConfigMap; undefined, or no errors, when nothing is, or nobody reads it. */
export type ConfigProblems = (object: ApiObject) => FieldErrors | undefined;

export function configValidation(problems: ConfigProblems, request: AdmissionRequest): Verdict {
  const { operation, subResource, kind, object } = request;
  const isWrite = operation === 'CREATE' || operation === 'UPDATE';
  if (!isWrite || subResource !== '') return ALLOWED;
  if (kind.group !== '' || kind.kind !== 'ConfigMap') {
    const name = kind.group === '' ? kind.version : `${kind.group}/${kind.version}`;
    return denied(`decoding request failed: unhandled kind: ${name}, Kind=${kind.kind}`);
  }
  if (!isConfigMap(object)) {
    return denied('decoding request failed: cannot decode incoming new object: not a ConfigMap');
  }
  const errors = problems(object);
  return errors === undefined || errors.isEmpty
    ? ALLOWED
    : denied(`validation failed: ${errors.toString()}`);
}

/** A name, and texts for data. */
function isConfigMap(object: unknown): object is ApiObject {
  if (!isRecord(object)) return false;
  const metadata = own(object, 'metadata');
  if (!isRecord(metadata) || typeof own(metadata, 'name') !== 'string') return false;
  const data = own(object, 'data') ?? {};
  return isRecord(data) && Object.values(data).every((value) => typeof value === 'string');
}
