/**
 * JSONPath on the command line: the templates of `-o jsonpath`, the paths of custom columns and of `wait`. What the
 * dialect is, `@afflux/resources/text` knows; here are the bounds, and the texts that templates make. Pure.
 */
import { AffluxError } from '@afflux/kernel';
import {
  findValues,
  goJson,
  goText,
  parseJsonPath as parse,
  type JsonPath,
  type Steps,
} from '@afflux/resources/text';
import { usageError } from '../errors.ts';

export type { JsonPath };

/** Longest template. */
const TEMPLATE_LENGTH_MAX = 10_000;

/** Most values that a path may look at: `..` over the longest lists, and an end to what never ends. */
const VISITS_MAX = 10_000_000;

/** Reads a template such as `{.metadata.name}{"\n"}`. Throws a usage error that says what is not understood. */
export function parseJsonPath(template: string): JsonPath {
  return orUsageError(() => parse(template, { lengthMax: TEMPLATE_LENGTH_MAX }));
}

/** Reads a path without braces, as custom columns have it, with or without the leading dot. */
export function parsePath(text: string): JsonPath {
  const inner = text.startsWith('{') && text.endsWith('}') ? text.slice(1, -1) : text;
  const path = /^[.[$@]/.test(inner) ? inner : `.${inner}`;
  return parseJsonPath(`{${path}}`);
}

/** The text that a template makes of a value. */
export function jsonPathText(path: JsonPath, value: unknown): string {
  return path.map((part) => partText(part, value)).join('');
}

/** What the paths of a template find; several values where there is a `*`, a slice or a filter. */
export function jsonPathValues(path: JsonPath, value: unknown): readonly unknown[] {
  return path.flatMap((part) => (part.is === 'path' ? valuesAt(part.steps, value) : []));
}

function partText(part: JsonPath[number], value: unknown): string {
  switch (part.is) {
    case 'text':
      return part.text;
    case 'path':
      return valuesAt(part.steps, value).map(shown).join(' ');
    case 'range':
      return valuesAt(part.steps, value)
        .map((item) => jsonPathText(part.parts, item))
        .join('');
  }
}

function valuesAt(steps: Steps, value: unknown): readonly unknown[] {
  return orUsageError(() => findValues(steps, value, { visitsMax: VISITS_MAX }));
}

/** A value as kubectl prints it inside text. */
function shown(value: unknown): string {
  return typeof value === 'object' ? goJson(value) : goText(value);
}

function orUsageError<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    const isRefusal =
      error instanceof AffluxError && (error.code as string) === 'AFFLUX_RESOURCES_JSON_PATH';
    throw isRefusal ? usageError(error.message) : error;
  }
}
