/**
 * Objects as a `Table` of meta.k8s.io: what `kubectl get` asks for and prints. The server makes the cells, so that
 * kubectl needs to know nothing of a kind; columns of a priority above 0 are always sent, kubectl leaves them out
 * unless asked for `-o wide`.
 *
 * Of a watch every event is a table of one row (a bookmark's, too: of an object with nothing but a version); only the
 * first of them says what the columns are.
 */
import type { ApiObject } from '@afflux/resources';
import type { ColumnDefinition, Columns, RowCondition } from './column.ts';
import { coreColumns } from './core-columns.ts';
import type { CustomColumn } from './custom-columns.ts';
import { customColumns } from './custom-columns.ts';

/** What of the object itself goes with a row; query parameter `includeObject`. */
export type IncludeObject = 'Metadata' | 'Object' | 'None';

/** What a table must know about a kind; a `KindDefinition` says it. */
export interface TableKind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly printerColumns: readonly CustomColumn[];
}

export interface TableMetadata {
  readonly resourceVersion?: string | undefined;
  readonly continue?: string | undefined;
  readonly remainingItemCount?: number | undefined;
}

export interface TableOptions {
  /** For ages: milliseconds since 1970. */
  readonly now: number;
  /** Version of meta.k8s.io. Default v1. */
  readonly version?: 'v1' | 'v1beta1' | undefined;
  /** Default Metadata. */
  readonly includeObject?: IncludeObject | undefined;
  /** For later events of a watch. Default false. */
  readonly omitColumns?: boolean | undefined;
  /** Of the list. Default: the version of the object, if there is just one. */
  readonly metadata?: TableMetadata | undefined;
}

export interface TableRow {
  readonly cells: readonly unknown[];
  readonly conditions?: readonly RowCondition[];
  readonly object: object | null;
}

export interface Table {
  readonly kind: 'Table';
  readonly apiVersion: string;
  readonly metadata: TableMetadata;
  readonly columnDefinitions: readonly ColumnDefinition[] | null;
  readonly rows: readonly TableRow[];
}

/** The object without everything but its metadata, as it goes with a row by default. */
function partialObject(object: ApiObject, version: 'v1' | 'v1beta1'): object {
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: `meta.k8s.io/${version}`,
    metadata: object.metadata,
  };
}

function columnsOf({ apiVersion, kind, printerColumns }: TableKind): Columns {
  return coreColumns(apiVersion, kind) ?? customColumns(printerColumns);
}

function shownObject(object: ApiObject, { includeObject, version }: TableOptions): object | null {
  switch (includeObject ?? 'Metadata') {
    case 'None':
      return null;
    case 'Object':
      return object;
    case 'Metadata':
      return partialObject(object, version ?? 'v1');
  }
}

function defaultMetadata(objects: readonly ApiObject[]): TableMetadata {
  const [only] = objects;
  return only === undefined || objects.length > 1
    ? {}
    : { resourceVersion: only.metadata.resourceVersion };
}

/** Makes the table. Pure; bears objects that their kind would refuse. */
export function tableOf(
  kind: TableKind,
  objects: readonly ApiObject[],
  options: TableOptions,
): Table {
  const columns = columnsOf(kind);
  return {
    kind: 'Table',
    apiVersion: `meta.k8s.io/${options.version ?? 'v1'}`,
    metadata: options.metadata ?? defaultMetadata(objects),
    columnDefinitions: options.omitColumns === true ? null : columns.definitions,
    rows: objects.map((object) => {
      const conditions = columns.conditions?.(object);
      return {
        cells: columns.cells(object, options.now),
        ...(conditions === undefined ? {} : { conditions }),
        object: shownObject(object, options),
      };
    }),
  };
}
