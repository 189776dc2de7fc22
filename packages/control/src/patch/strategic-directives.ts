/** What the files of the strategic merge patch share. */
import { StoreError } from '../errors.ts';
import type { MergeSchema } from '../store/resource-store.ts';

export type MutableRecord = Record<string, unknown>;

/** Merges an object of the patch into one of the document. */
export type MergeObject = (
  target: MutableRecord,
  patch: MutableRecord,
  schema: MergeSchema | undefined,
) => MutableRecord;

export function badPatch(message: string): StoreError {
  return new StoreError('AFFLUX_STORE_BAD_REQUEST', message);
}
