/**
 * Reading of values whose shape is not known: a member that is missing, or of another type than expected, reads as
 * empty. Tables are shown of every object that is stored, so nothing here may fail.
 */
import { isRecord, type JsonRecord } from '@afflux/resources';

/** Members of an object; none for anything else. */
export function membersOf(value: unknown): JsonRecord {
  return isRecord(value) ? value : {};
}

/** The member at the end of a path of names; undefined where one of them is missing. */
export function memberAt(value: unknown, ...names: readonly string[]): unknown {
  let found = value;
  for (const name of names) {
    const members = membersOf(found);
    found = Object.hasOwn(members, name) ? members[name] : undefined;
  }
  return found;
}

export function textAt(value: unknown, ...names: readonly string[]): string {
  const found = memberAt(value, ...names);
  return typeof found === 'string' ? found : '';
}

export function numberAt(value: unknown, ...names: readonly string[]): number {
  const found = memberAt(value, ...names);
  return typeof found === 'number' ? found : 0;
}

export function listAt(value: unknown, ...names: readonly string[]): readonly unknown[] {
  const found = memberAt(value, ...names);
  return Array.isArray(found) ? found : [];
}

/** How many members an object has. */
export function sizeAt(value: unknown, ...names: readonly string[]): number {
  return Object.keys(membersOf(memberAt(value, ...names))).length;
}

/** What stands in a cell that would be empty. */
export function orNone(text: string): string {
  return text === '' ? '<none>' : text;
}
