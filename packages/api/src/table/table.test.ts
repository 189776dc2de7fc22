import type { ApiObject } from '@afflux/resources';
import { describe, expect, test } from 'vitest';
import type { CoreTableVector, CustomTableVector } from '../testing/vectors.ts';
import { readVectors } from '../testing/vectors.ts';
import type { IncludeObject, TableKind } from './table.ts';
import { tableOf } from './table.ts';

const CORE = readVectors('core-tables') as CoreTableVector[];
const CUSTOM = readVectors('custom-columns') as CustomTableVector;

/** Paths over the members of a map: Go walks those in no particular order. */
const UNORDERED = new Set(['Deep', 'Wild', 'RootDeep']);

describe.each(CORE.map((vector) => [vector.kind, vector] as const))(
  'a table of %s',
  (_, vector) => {
    const table = tableOf({ ...vector, printerColumns: [] }, vector.objects, {
      now: Date.parse(vector.now),
    });

    test('has the columns that kube-apiserver has', () => {
      expect(
        table.columnDefinitions?.map(({ name, type, format, priority }) => ({
          name,
          type,
          format,
          priority,
        })),
      ).toEqual(vector.columns);
    });

    test.each(
      vector.rows.map((row, index) => [vector.objects[index]?.metadata.name, row, index] as const),
    )('shows %s as kube-apiserver does', (_name, row, index) => {
      expect(table.rows[index]?.cells).toEqual(row.cells);
      expect(table.rows[index]?.conditions).toEqual(row.conditions);
    });
  },
);

describe('a table of a kind of a CRD', () => {
  const kind = {
    apiVersion: 'example.com/v1',
    kind: 'Widget',
    printerColumns: CUSTOM.printerColumns,
  };
  const table = tableOf(kind, CUSTOM.objects, { now: Date.parse(CUSTOM.now) });
  const columns = CUSTOM.columns.map(({ name }, index) => [name, index] as const);

  test('has the columns that kube-apiserver has, up to the first whose path cannot be read', () => {
    expect(
      table.columnDefinitions?.map(({ description, ...column }) =>
        column.name === 'Name' ? column : { ...column, description },
      ),
    ).toEqual(CUSTOM.columns);
    expect(kind.printerColumns.map(({ name }) => name)).toContain('AfterBad');
    expect(CUSTOM.columns.map(({ name }) => name)).not.toContain('AfterBad');
  });

  test.each(columns.filter(([name]) => !UNORDERED.has(name)))(
    'shows in column %s what kube-apiserver does',
    (_name, index) => {
      expect(table.rows.map(({ cells }) => cells[index])).toEqual(
        CUSTOM.rows.map(({ cells }) => cells[index]),
      );
    },
  );

  test.each([
    ['Deep', ['a', 'b', 'c', 'z']],
    ['Wild', ['x', 'y', '{"name":"z"}']],
    ['RootDeep', ['one', 'a', 'b', 'c', 'z']],
  ])('shows in column %s one of several values', (name, values) => {
    const index = CUSTOM.columns.findIndex((column) => column.name === name);
    expect(values).toContain(table.rows[0]?.cells[index]);
  });

  test('shows name and age where the CRD names no columns', () => {
    const plain = tableOf({ ...kind, printerColumns: [] }, CUSTOM.objects, {
      now: Date.parse(CUSTOM.now),
    });
    expect(plain.columnDefinitions?.map(({ name }) => name)).toEqual(['Name', 'Age']);
  });
});

describe('what goes with the rows', () => {
  const kind: TableKind = { apiVersion: 'v1', kind: 'ConfigMap', printerColumns: [] };
  const object: ApiObject & { data: Record<string, string> } = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'a', namespace: 'b', resourceVersion: '7' },
    data: { key: 'value' },
  };
  const now = 0;

  test('is the metadata of the object, unless the client asks for something else', () => {
    const shown = (includeObject?: IncludeObject): unknown =>
      tableOf(kind, [object], { now, includeObject }).rows[0]?.object;
    expect(shown()).toEqual({
      kind: 'PartialObjectMetadata',
      apiVersion: 'meta.k8s.io/v1',
      metadata: object.metadata,
    });
    expect(shown('Object')).toEqual(object);
    expect(shown('None')).toBeNull();
  });

  test('is in the version that the client asks for', () => {
    const table = tableOf(kind, [object], { now, version: 'v1beta1' });
    expect(table.apiVersion).toBe('meta.k8s.io/v1beta1');
    expect(table.rows[0]?.object).toMatchObject({ apiVersion: 'meta.k8s.io/v1beta1' });
  });

  test('is the version of the single object, or the metadata of the list', () => {
    expect(tableOf(kind, [object], { now }).metadata).toEqual({ resourceVersion: '7' });
    const metadata = { resourceVersion: '9', continue: 'x', remainingItemCount: 3 };
    expect(tableOf(kind, [object], { now, metadata }).metadata).toEqual(metadata);
    expect(tableOf(kind, [], { now, metadata })).toMatchObject({ rows: [], metadata });
  });

  test('is without columns for later events of a watch', () => {
    const table = tableOf(kind, [object], { now, omitColumns: true });
    expect(table.columnDefinitions).toBeNull();
    expect(table.rows).toHaveLength(1);
  });
});
