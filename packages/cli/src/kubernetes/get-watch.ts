/**
 * `afflux get -w`: what there is, then every change as it comes, until Ctrl-C. Columns never become narrower, so that
 * the lines stay below each other. A version that the server has forgotten begins the picture anew.
 */
import { isAborted, isExpired } from './failure.ts';
import { listTables, styleOf, tableText, type GetFlags } from './get-tables.ts';
import type { KubeObject } from './objects.ts';
import type { OutputFormat } from './output-format.ts';
import { objectsText } from './printing.ts';
import { readObject, readObjects, type Scope } from './reading.ts';
import type { Session } from './session.ts';
import { readTable, TABLE_ACCEPT, type Table, type TableColumn } from './table.ts';
import type { Wanted } from './wanted.ts';
import { objectVersion, watchEvents } from './watching.ts';

interface Watching {
  readonly scope: Scope;
  readonly format: OutputFormat;
  readonly flags: GetFlags;
}

/** Resolves when the command is interrupted. */
export async function watchAndPrint(
  session: Session,
  wanted: Wanted,
  watching: Watching,
): Promise<void> {
  const { name, resource } = wanted;
  const { scope } = watching;
  // A name that is not there is a mistake; a watch would wait for it without a word.
  if (name !== undefined) await readObject(session, resource, { namespace: scope.namespace, name });
  const fieldSelector = name === undefined ? scope.fieldSelector : `metadata.name=${name}`;
  const following = { ...watching, scope: { ...scope, fieldSelector } };
  try {
    for (;;) {
      try {
        await (watching.format.as === 'table'
          ? followTable(session, wanted, following)
          : followObjects(session, wanted, following));
      } catch (error) {
        if (!isExpired(error)) throw error;
      }
    }
  } catch (error) {
    if (!isAborted(error) || !session.io.interrupted.aborted) throw error;
  }
}

async function followTable(
  session: Session,
  { resource }: Wanted,
  { scope, format, flags }: Watching,
): Promise<void> {
  if (format.as !== 'table') return;
  const tables = await listTables(session, resource, scope);
  const widths: number[] = [];
  let columns: readonly TableColumn[] = tables[0]?.columns ?? [];
  let hasHeaders = flags.headers;
  const print = (shown: readonly Table[]): void => {
    const text = tableText(
      shown,
      {
        ...styleOf(flags, format),
        hasHeaders,
        withNamespace: scope.allNamespaces === true && resource.namespaced,
        kind: undefined,
      },
      widths,
    );
    // The last newline ends the text; without rows there is none, and the header is still to come.
    if (text !== '') hasHeaders = false;
    session.io.out(text);
  };
  print(tables);
  const resourceVersion = tables.at(-1)?.resourceVersion ?? '';
  for await (const { object } of watchEvents(session, resource, {
    scope,
    resourceVersion,
    accept: TABLE_ACCEPT,
    versionOf: tableVersion,
  })) {
    const table = readTable(object, session.io.clock.now());
    if (table.columns.length > 0) ({ columns } = table);
    print([{ ...table, columns }]);
  }
}

/** The version of the only row, or of the table itself for a bookmark. */
function tableVersion(object: unknown): string | undefined {
  const table = readTable(object, 0);
  const ofRow = table.rows[0]?.object?.metadata?.resourceVersion;
  const version = ofRow ?? table.resourceVersion;
  return version === '' ? undefined : version;
}

async function followObjects(
  session: Session,
  { resource }: Wanted,
  { scope, format, flags }: Watching,
): Promise<void> {
  if (format.as === 'table') return;
  const { items, resourceVersion } = await readObjects(session, resource, scope);
  let hasHeaders = flags.headers;
  const print = (object: KubeObject): void => {
    const { showManagedFields } = flags;
    const text = objectsText(format, [object], { isSingle: true, showManagedFields, hasHeaders });
    hasHeaders = false;
    // Several documents in one stream of YAML.
    session.io.out(format.as === 'yaml' ? `---\n${text}` : text);
  };
  for (const item of items) print(item);
  for await (const { object } of watchEvents(session, resource, {
    scope,
    resourceVersion,
    versionOf: objectVersion,
  })) {
    print(object as KubeObject);
  }
}
