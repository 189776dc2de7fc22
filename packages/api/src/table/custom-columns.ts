/**
 * Columns that a CustomResourceDefinition, or a kind of ours, describes by JSONPath. As in kube-apiserver the first
 * value that a path finds is shown, a value of another type than the column's is no value, and a column whose path
 * cannot be read ends the list: it and those after it are left out.
 */
import type { ApiObject } from '@afflux/resources';
import type { ColumnDefinition, Columns } from './column.ts';
import { nameColumn } from './column.ts';
import { cellText } from './go-text.ts';
import { ageOf } from './human-duration.ts';
import type { JsonPath } from './json-path.ts';
import { evaluateJsonPath, parseJsonPath } from './json-path.ts';

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
  readonly path: JsonPath;
}

function readColumns(columns: readonly CustomColumn[]): ReadColumn[] {
  const read: ReadColumn[] = [];
  for (const column of columns) {
    const path = parseJsonPath(column.jsonPath);
    if (path === undefined) break;
    read.push({ column, path });
  }
  return read;
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
        const values = evaluateJsonPath(path, object) ?? [];
        return values.length === 0 ? null : cellOf(column.type, values[0], nowMs);
      }),
    ],
  };
}
