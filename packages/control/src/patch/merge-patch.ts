/**
 * JSON merge patch, RFC 7396: an object in the patch is merged field by field, null removes a field, anything
 * else replaces. Pure; the result shares nothing with the patch.
 */
import { isRecord } from '@afflux/resources';
import { mutableCopy } from '../store/json.ts';
import type { MutableRecord } from './strategic-directives.ts';

function mergeInto(target: MutableRecord, patch: MutableRecord): void {
  for (const key of Object.keys(patch)) {
    const change = patch[key];
    const present = Object.hasOwn(target, key) ? target[key] : undefined;
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
    if (change === null) delete target[key];
    else if (isRecord(change)) {
      const merged = isRecord(present) ? present : {};
      mergeInto(merged, change);
      target[key] = merged;
    } else target[key] = change;
  }
}

/** Applies the patch to a document. The document is not changed. */
export function mergePatch(document: unknown, patch: unknown): unknown {
  const change = mutableCopy(patch);
  if (!isRecord(change)) return change;
  const target = isRecord(document) ? mutableCopy(document) : {};
  mergeInto(target, change);
  return target;
}
