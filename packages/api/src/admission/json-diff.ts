/**
 * The JSON patch (RFC 6902) that leads from one JSON value to another. Objects are compared field by field,
 * lists place by place, which is what defaulting changes; it does not look for the shortest patch, so an item
 * put in front of a list replaces every item after it.
 *
 * Pure. Values are bounded in depth by whoever decoded them.
 */
import { isRecord } from '@afflux/resources';

/** One step of a patch. `path` is a JSON pointer (RFC 6901). */
export type PatchOperation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

type JsonRecord = Readonly<Record<string, unknown>>;

/**
 * Empty when the two are equal. A field that is undefined counts as absent; a null that is absent afterwards
 * stays, because in Kubernetes it means the same.
 */
export function jsonDiff(before: unknown, after: unknown): PatchOperation[] {
  const operations: PatchOperation[] = [];
  collect(before, after, '', operations);
  return operations;
}

function collect(
  before: unknown,
  after: unknown,
  path: string,
  operations: PatchOperation[],
): void {
  if (Array.isArray(before) && Array.isArray(after)) {
    collectItems(before, after, path, operations);
  } else if (isRecord(before) && isRecord(after)) {
    collectFields(before, after, path, operations);
  } else if (before !== after) {
    operations.push({ op: 'replace', path, value: after });
  }
}

function collectFields(
  before: JsonRecord,
  after: JsonRecord,
  path: string,
  operations: PatchOperation[],
): void {
  for (const key of Object.keys(before)) {
    if ((before[key] ?? undefined) !== undefined && !has(after, key)) {
      operations.push({ op: 'remove', path: `${path}/${escaped(key)}` });
    }
  }
  for (const [key, value] of Object.entries(after)) {
    if (value === undefined) continue;
    const place = `${path}/${escaped(key)}`;
    if (has(before, key)) collect(before[key], value, place, operations);
    else operations.push({ op: 'add', path: place, value });
  }
}

function collectItems(
  before: readonly unknown[],
  after: readonly unknown[],
  path: string,
  operations: PatchOperation[],
): void {
  for (const [index, value] of after.entries()) {
    const place = `${path}/${String(index)}`;
    if (index < before.length) collect(before[index], value, place, operations);
    else operations.push({ op: 'add', path: place, value });
  }
  // From the end, so that no removal moves what is still to be removed.
  for (let index = before.length - 1; index >= after.length; index -= 1) {
    operations.push({ op: 'remove', path: `${path}/${String(index)}` });
  }
}

function has(record: JsonRecord, key: string): boolean {
  return Object.hasOwn(record, key) && record[key] !== undefined;
}

/** One step of a JSON pointer. */
function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}
