/**
 * Tables as servers make them (`meta.k8s.io` Table): which columns there are, what a kubectl would add to them, and
 * the text with tabs that `tab-writer.ts` aligns. A server that answers with objects instead of a table gets the
 * plain columns NAME and AGE. Pure.
 */
import { isRecord } from '@afflux/resources';
import { ageOf } from '@afflux/resources/text';
import { kindWord, type KubeObject, type Metadata } from './objects.ts';
import { escaped } from './tab-writer.ts';

/** Asks for a table; a server that makes none answers with objects. */
export const TABLE_ACCEPT = [
  'application/json;as=Table;v=v1;g=meta.k8s.io',
  'application/json;as=Table;v=v1beta1;g=meta.k8s.io',
  'application/json',
].join(',');

export interface TableColumn {
  readonly name: string;
  readonly type?: string;
  readonly format?: string;
  /** 0 is always shown, others when asked for `wide`. */
  readonly priority?: number;
}

export interface TableRow {
  readonly cells: readonly unknown[];
  /** The object, or its metadata. */
  readonly object: { readonly metadata?: Metadata } | undefined;
}

export interface Table {
  /** Empty in later events of a watch: those of the first count. */
  readonly columns: readonly TableColumn[];
  readonly rows: readonly TableRow[];
  readonly resourceVersion: string;
}

/** Reads an answer: a table, a list, or an object. */
export function readTable(answer: unknown, nowMs: number): Table {
  const content = isRecord(answer) ? answer : {};
  const metadata = isRecord(content['metadata']) ? content['metadata'] : {};
  const version = metadata['resourceVersion'];
  const frame = { resourceVersion: typeof version === 'string' ? version : '' };
  if (content['kind'] === 'Table') {
    return {
      ...frame,
      columns: (content['columnDefinitions'] ?? []) as readonly TableColumn[],
      rows: (content['rows'] ?? []) as readonly TableRow[],
    };
  }
  const items = Array.isArray(content['items']) ? content['items'] : [answer];
  return { ...frame, columns: PLAIN_COLUMNS, rows: items.map((item) => plainRow(item, nowMs)) };
}

const PLAIN_COLUMNS: readonly TableColumn[] = [
  { name: 'Name', type: 'string', format: 'name' },
  { name: 'Age', type: 'string' },
];

function plainRow(item: unknown, nowMs: number): TableRow {
  const object = item as KubeObject;
  const { name = '', creationTimestamp } = object.metadata as Metadata & {
    readonly creationTimestamp?: string;
  };
  return { cells: [name, ageOf(creationTimestamp, nowMs)], object };
}

export interface TableStyle {
  readonly isWide: boolean;
  readonly hasHeaders: boolean;
  readonly withNamespace: boolean;
  /** Names with their kind before them, where several kinds are shown. */
  readonly kind: { readonly kind: string; readonly group: string } | undefined;
  readonly showLabels: boolean;
  readonly labelColumns: readonly string[];
}

/** The table as lines with tabs; nothing for a table without rows. */
export function tableLines(
  columns: readonly TableColumn[],
  rows: readonly TableRow[],
  style: TableStyle,
): string {
  if (rows.length === 0) return '';
  const shown = columns
    .map((column, index) => ({ column, index }))
    .filter(({ column }) => style.isWide || (column.priority ?? 0) === 0);
  const header = [
    ...(style.withNamespace ? ['Namespace'] : []),
    ...shown.map(({ column }) => column.name),
    ...style.labelColumns.map((label) => label.slice(label.lastIndexOf('/') + 1)),
    ...(style.showLabels ? ['Labels'] : []),
  ].map((name) => name.toUpperCase());
  const nameIndex = columns.findIndex(({ type, format }) => type === 'string' && format === 'name');
  const lines = rows.map((row) => {
    const metadata = row.object?.metadata ?? {};
    return [
      ...(style.withNamespace ? [metadata.namespace ?? ''] : []),
      ...shown.map(({ index }) => {
        const text = cellText(row.cells[index]);
        return index === nameIndex && style.kind !== undefined
          ? `${kindWord(style.kind)}/${text}`
          : text;
      }),
      ...style.labelColumns.map((label) => cellText(metadata.labels?.[label] ?? '')),
      ...(style.showLabels ? [labelsText(metadata.labels)] : []),
    ];
  });
  return [...(style.hasHeaders ? [header] : []), ...lines]
    .map((cells) => `${cells.join('\t')}\n`)
    .join('');
}

/** Up to the first line break; nothing for null. */
function cellText(cell: unknown): string {
  if (cell === null || cell === undefined) return '';
  const text = typeof cell === 'string' ? cell : JSON.stringify(cell);
  const [line = ''] = text.split(/[\f\n\r]/, 1);
  return `${escaped(line.replaceAll('\t', ' '))}${line.length < text.length ? '...' : ''}`;
}

function labelsText(labels: Readonly<Record<string, string>> = {}): string {
  const pairs = Object.keys(labels)
    .sort()
    .map((key) => `${key}=${labels[key] ?? ''}`);
  return pairs.length === 0 ? '<none>' : pairs.join(',');
}
