/**
 * Sets of field paths, and `fieldsV1`, the form in which `managedFields` carry them: one JSON object per step, `{}`
 * for a place that belongs to the set, `.` for a place that belongs to it although places below it do, too.
 *
 * A set is an immutable tree; operations share what they do not change and give back their first operand when the
 * result is equal to it. No subtree is empty, so a set is empty when its root has no children. The whole object is
 * never a member.
 */
import { isRecord } from '@afflux/resources';
import { compareElements, displayElement, parseElement, type PathElement } from './path-element.ts';

/** A place and what is below it. */
export interface FieldSet {
  /** The place itself belongs to the set. */
  readonly isMember: boolean;
  readonly children: ReadonlyMap<PathElement, FieldSet>;
}

const NO_CHILDREN: ReadonlyMap<PathElement, FieldSet> = new Map();

/** The set without a member. */
export const NO_FIELDS: FieldSet = { isMember: false, children: NO_CHILDREN };

/** A member with nothing below it. */
export const LEAF: FieldSet = { isMember: true, children: NO_CHILDREN };

export function isEmptySet(set: FieldSet): boolean {
  return !set.isMember && set.children.size === 0;
}

/** What belongs to either. */
export function union(left: FieldSet, right: FieldSet): FieldSet {
  if (left === right || isEmptySet(right)) return left;
  if (isEmptySet(left)) return right;
  let children: Map<PathElement, FieldSet> | undefined;
  for (const [element, theirs] of right.children) {
    const ours = left.children.get(element);
    const both = ours === undefined ? theirs : union(ours, theirs);
    if (both === ours) continue;
    children ??= new Map(left.children);
    children.set(element, both);
  }
  const isMember = left.isMember || right.isMember;
  if (children === undefined && isMember === left.isMember) return left;
  return { isMember, children: children ?? left.children };
}

/** What belongs to both. */
export function intersection(left: FieldSet, right: FieldSet): FieldSet {
  if (left === right) return left;
  const children = new Map<PathElement, FieldSet>();
  for (const [element, ours] of left.children) {
    const theirs = right.children.get(element);
    if (theirs === undefined) continue;
    const both = intersection(ours, theirs);
    if (!isEmptySet(both)) children.set(element, both);
  }
  return { isMember: left.isMember && right.isMember, children };
}

/** What belongs to the left set only. Taking away a place does not take away what is below it. */
export function difference(left: FieldSet, right: FieldSet): FieldSet {
  let children: Map<PathElement, FieldSet> | undefined;
  for (const [element, theirs] of right.children) {
    const ours = left.children.get(element);
    if (ours === undefined) continue;
    const rest = difference(ours, theirs);
    if (rest === ours) continue;
    children ??= new Map(left.children);
    if (isEmptySet(rest)) children.delete(element);
    else children.set(element, rest);
  }
  const isMember = left.isMember && !right.isMember;
  if (children === undefined && isMember === left.isMember) return left;
  return { isMember, children: children ?? left.children };
}

/** Whether two sets have the same members. */
export function sameFields(left: FieldSet, right: FieldSet): boolean {
  if (left === right) return true;
  if (left.isMember !== right.isMember || left.children.size !== right.children.size) return false;
  for (const [element, ours] of left.children) {
    const theirs = right.children.get(element);
    if (theirs === undefined || !sameFields(ours, theirs)) return false;
  }
  return true;
}

/** The members as people read them (`.data.key`), in Kubernetes' order: a place before what is below it. */
export function displayPaths(set: FieldSet): string[] {
  const paths: string[] = [];
  collectPaths(set, '', paths);
  return paths;
}

function collectPaths(set: FieldSet, prefix: string, paths: string[]): void {
  const children = sortedChildren(set);
  for (const [element, child] of children) {
    if (child.isMember) paths.push(prefix + displayElement(element));
  }
  for (const [element, child] of children) {
    collectPaths(child, prefix + displayElement(element), paths);
  }
}

function sortedChildren(set: FieldSet): [PathElement, FieldSet][] {
  return [...set.children].sort(([left], [right]) => compareElements(left, right));
}

/** The set as `fieldsV1`, in canonical order. */
export function serialiseFields(set: FieldSet): Record<string, unknown> {
  const wire: Record<string, unknown> = {};
  for (const [element, child] of sortedChildren(set)) {
    const below = serialiseFields(child);
    wire[element] = child.isMember && child.children.size > 0 ? { '.': {}, ...below } : below;
  }
  return wire;
}

/** Reads `fieldsV1`; undefined when it is malformed. Steps of an unknown sort are skipped. */
export function parseFields(wire: unknown): FieldSet | undefined {
  try {
    return { ...parseNode(wire), isMember: false };
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function parseNode(wire: unknown): FieldSet {
  if (!isRecord(wire)) {
    throw new SyntaxError('fieldsV1 consists of objects');
  }
  const children = new Map<PathElement, FieldSet>();
  let isMember = false;
  for (const [text, below] of Object.entries(wire)) {
    if (text === '.') {
      isMember = true;
      continue;
    }
    const element = parseElement(text);
    if (element === undefined) continue;
    const child = parseNode(below);
    const known = children.get(element);
    children.set(element, known === undefined ? child : union(known, child));
  }
  return children.size === 0 ? LEAF : { isMember, children };
}
