/**
 * Comparing the stored object with the one that shall replace it, where a kind does not let its spec change.
 * The wording is Knative's (`Immutable fields changed (-old +new)`), and so is the form of the small diff in
 * the details: Go names of fields, the old value after `-:`, the new one after `+:`.
 */
import { isDeepStrictEqual } from 'node:util';
import { FieldErrors } from './field-errors.ts';

/** More differences than this are cut from the details. */
const LISTED_CHANGES_MAX = 20;

/** Names that Go does not spell by raising the first letter. */
const GO_NAMES: Readonly<Record<string, string>> = {
  apiVersion: 'APIVersion',
  uri: 'URI',
  CACerts: 'CACerts',
};

function goName(field: string): string {
  return GO_NAMES[field] ?? field.charAt(0).toUpperCase() + field.slice(1);
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function collectChanges(path: string, before: unknown, after: unknown, changes: string[]): void {
  if (isDeepStrictEqual(before, after)) return;
  if (isObject(before) && isObject(after) && Array.isArray(before) === Array.isArray(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const step = Array.isArray(before) ? `[${key}]` : `.${goName(key)}`;
      collectChanges(path + step, before[key], after[key], changes);
    }
    return;
  }
  const removed = before === undefined ? '' : `\t-: "${shown(before)}"\n`;
  const added = after === undefined ? '' : `\t+: "${shown(after)}"\n`;
  changes.push(`${path}:\n${removed}${added}`);
}

/** What must stay as it is. */
export interface Immutable {
  readonly before: unknown;
  readonly after: unknown;
  /** Go type at the root of the diff, such as `v1.BrokerSpec` or `string`. */
  readonly typeName: string;
  readonly paths: readonly string[];
  /** What the message calls it; default `fields`. */
  readonly noun?: 'fields' | 'annotations';
}

/** One problem with a diff when the two differ, none when they are equal. */
export function requireUnchanged(immutable: Immutable): FieldErrors {
  const errors = new FieldErrors();
  const { before, after, typeName, paths, noun = 'fields' } = immutable;
  const changes: string[] = [];
  collectChanges(`{${typeName}}`, before, after, changes);
  if (changes.length === 0) return errors;
  const details = changes.slice(0, LISTED_CHANGES_MAX).join('');
  return errors.add(`Immutable ${noun} changed (-old +new)`, paths, details);
}

/** The spec without the fields that may change. */
export function withoutFields(spec: object, ...names: readonly string[]): object {
  return Object.fromEntries(Object.entries(spec).filter(([name]) => !names.includes(name)));
}
