/** Tables of a server as `get` shows them, whether once or change by change. */
import type { ApiResource } from '@afflux/control-kubernetes';
import type { TargetFlags } from './command.ts';
import type { OutputFormat } from './output-format.ts';
import { readPages, type Page, type Scope } from './reading.ts';
import type { Session } from './session.ts';
import { alignTabs, TABLE_TABS } from './tab-writer.ts';
import {
  readTable,
  TABLE_ACCEPT,
  tableLines,
  type Table,
  type TableColumn,
  type TableRow,
  type TableStyle,
} from './table.ts';

export interface GetFlags extends TargetFlags {
  readonly allNamespaces: boolean;
  readonly selector?: string;
  readonly fieldSelector?: string;
  readonly output?: string;
  readonly watch: boolean;
  readonly headers: boolean;
  readonly showLabels: boolean;
  readonly labelColumns: readonly string[];
  readonly showManagedFields: boolean;
  readonly ignoreNotFound: boolean;
}

export function styleOf(
  flags: GetFlags,
  format: Extract<OutputFormat, { as: 'table' }>,
): Omit<TableStyle, 'kind'> {
  return {
    isWide: format.isWide,
    hasHeaders: flags.headers,
    withNamespace: false,
    showLabels: flags.showLabels,
    labelColumns: flags.labelColumns,
  };
}

/** A table, or a list from a server that makes none. */
interface TablePage extends Page {
  readonly rows?: readonly unknown[];
  readonly items?: readonly unknown[];
}

/** The pages of a list as tables. */
export async function listTables(
  session: Session,
  resource: ApiResource,
  scope: Scope,
): Promise<readonly Table[]> {
  const pages = await readPages<TablePage>(session, resource, {
    scope,
    accept: TABLE_ACCEPT,
    size: ({ rows, items }) => (rows ?? items ?? []).length,
  });
  return pages.map((page) => readTable(page, session.io.clock.now()));
}

/** All rows under the first columns that there are, aligned. */
export function tableText(
  tables: readonly Table[],
  style: TableStyle,
  remembered: number[] = [],
): string {
  const columns: readonly TableColumn[] =
    tables.find((table) => table.columns.length > 0)?.columns ?? [];
  const rows: readonly TableRow[] = tables.flatMap((table) => table.rows);
  return alignTabs(tableLines(columns, rows, style), TABLE_TABS, remembered);
}
