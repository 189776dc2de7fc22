/**
 * Columns that a CustomResourceDefinition, or a kind of ours, describes by JSONPath. As in kube-apiserver the first
 * value that a path finds is shown, a value of another type than the column's is no value, and a column whose path
 * cannot be read ends the list: it and those after it are left out.
 */
import { ResourcesError, type ApiObject } from '@afflux/resources';
import {
  ageOf,
  findValues,
  goJson,
  goText,
  parseJsonPath,
  type Steps,
} from '@afflux/resources/text';
import type { ColumnDefinition, Columns } from './column.ts';
import { nameColumn } from './column.ts';

/** Longest path of a column that is read. */
const JSON_PATH_LENGTH_MAX = 1024;

/** Most values that a path may look at in one object. */
const JSON_PATH_VISITS_MAX = 10_000;

/** A column as a CRD has it. */
export interface CustomColumn {
  readonly name: string;
  readonly type: string;
  readonly jsonPath: string;
  readonly format?: string | undefined;
  readonly description?: string | undefined;
  readonly priority?: number | undefined;
}

/** What a kind without columns shows besides the name. */
const AGE: CustomColumn = {
  name: 'Age',
  type: 'date',
  jsonPath: '.metadata.creationTimestamp',
  description: 'How long ago the object was created.',
};

interface ReadColumn {
  readonly column: CustomColumn;
  readonly path: Steps;
}

function readColumns(columns: readonly CustomColumn[]): ReadColumn[] {
  const read: ReadColumn[] = [];
  for (const column of columns) {
    const path = readPath(column.jsonPath);
    if (path === undefined) break;
    read.push({ column, path });
  }
  return read;
}

/** A column's path has no braces; undefined when it cannot be read. */
function readPath(text: string): Steps | undefined {
  const parts = unlessRefused(() =>
    parseJsonPath(`{${text}}`, { lengthMax: JSON_PATH_LENGTH_MAX + 2 }),
  );
  const [first] = parts ?? [];
  return first?.is === 'path' ? first.steps : undefined;
}

/** The first value that a path finds; undefined when it finds none, or fails on the object. */
function firstValue(path: Steps, object: ApiObject): unknown {
  const found = unlessRefused(() => findValues(path, object, { visitsMax: JSON_PATH_VISITS_MAX }));
  return found?.[0];
}

function unlessRefused<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (error instanceof ResourcesError) return undefined;
    throw error;
  }
}

function definitionOf({ name, type, format, description, priority, jsonPath }: CustomColumn) {
  return {
    name,
    type,
    format: format ?? '',
    description:
      description ?? `Custom resource definition column (in JSONPath format): ${jsonPath}`,
    priority: priority ?? 0,
  } satisfies ColumnDefinition;
}

/** As kube-apiserver writes it into a column of texts. */
function cellText(value: unknown): string {
  if (value === null) return '<no value>';
  return typeof value === 'object' ? goJson(value) : goText(value);
}

function cellOf(type: string, value: unknown, nowMs: number): unknown {
  switch (type) {
    case 'string':
      return cellText(value);
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      return typeof value === 'string' ? ageOf(value, nowMs) : null;
    default:
      return null;
  }
}

/** The columns of a kind by its descriptions; just the age when it has none. */
export function customColumns(described: readonly CustomColumn[]): Columns {
  const columns = readColumns(described.length === 0 ? [AGE] : described);
  return {
    definitions: [nameColumn(), ...columns.map(({ column }) => definitionOf(column))],
    cells: (object: ApiObject, nowMs: number) => [
      object.metadata.name,
      ...columns.map(({ column, path }) => {
        const value = firstValue(path, object);
        return value === undefined ? null : cellOf(column.type, value, nowMs);
      }),
    ],
  };
}
