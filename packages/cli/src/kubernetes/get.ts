/**
 * `afflux get`: what is asked for is read kind by kind (or name by name) and printed kind by kind. Tables come from
 * the server, which knows the columns of every kind; the other forms are made of whole objects.
 *
 * What cannot be read is said at the end, after everything that could.
 */
import type { ApiResource } from '@afflux/control-kubernetes';
import type { CommandIo } from '../io.ts';
import { Failures, failedWith, isNotFound } from './failure.ts';
import { listTables, styleOf, tableText, type GetFlags } from './get-tables.ts';
import { watchAndPrint } from './get-watch.ts';
import type { KubeObject } from './objects.ts';
import { parseOutputFormat } from './output-format.ts';
import { objectsText } from './printing.ts';
import { pathOfObject, readObject, readObjects, type Scope } from './reading.ts';
import { checkSelection, parseResourceArguments } from './resource-arguments.ts';
import { withSession, type Session } from './session.ts';
import { readTable, TABLE_ACCEPT, type Table, type TableStyle } from './table.ts';
import { resolveAll, type Wanted } from './wanted.ts';

export async function get(
  io: CommandIo,
  { args, flags }: { readonly args: readonly string[]; readonly flags: GetFlags },
): Promise<void> {
  const asked = parseResourceArguments(args);
  if (asked.length === 0) {
    throw failedWith(
      'error: Required resource not specified: name a type such as brokers, triggers or all',
    );
  }
  checkSelection(asked, flags);
  const format = parseOutputFormat(flags.output);
  await withSession(io, flags, async (session) => {
    const wanted = await resolveAll(session, asked);
    const scope: Scope = { ...flags, namespace: session.namespace };
    if (flags.watch) {
      const [only] = wanted;
      if (wanted.length !== 1 || only === undefined) {
        throw failedWith('error: you may only specify a single resource type');
      }
      await watchAndPrint(session, only, { scope, format, flags });
      return;
    }
    const failures = new Failures();
    if (format.as === 'table') {
      const style = { ...styleOf(flags, format), kind: undefined };
      await printTables(session, wanted, { scope, style, flags, failures });
    } else {
      const objects = await readAll(session, wanted, { scope, flags, failures });
      const isSingle = wanted.length === 1 && wanted[0]?.name !== undefined;
      if (objects.length > 0 || (failures.count === 0 && !isSingle)) {
        const { showManagedFields, headers: hasHeaders } = flags;
        io.out(objectsText(format, objects, { isSingle, showManagedFields, hasHeaders }));
      }
    }
    failures.end();
  });
}

interface Printing {
  readonly scope: Scope;
  readonly style: TableStyle;
  readonly flags: GetFlags;
  readonly failures: Failures;
}

async function printTables(
  session: Session,
  wanted: readonly Wanted[],
  { scope, style, flags, failures }: Printing,
): Promise<void> {
  const kinds = new Set(wanted.map(({ resource }) => idOf(resource)));
  let hasPrinted = false;
  for (const group of runs(wanted)) {
    const tables = await readTables(session, group, { scope, flags, failures });
    const { resource } = group[0] as Wanted;
    const text = tableText(tables, {
      ...style,
      withNamespace: scope.allNamespaces === true && resource.namespaced,
      kind: kinds.size > 1 ? resource : undefined,
    });
    if (text === '') continue;
    session.io.out(`${hasPrinted && style.hasHeaders ? '\n' : ''}${text}`);
    hasPrinted = true;
  }
  if (hasPrinted || failures.count > 0 || flags.ignoreNotFound) return;
  session.io.err(
    scope.allNamespaces === true || !wanted.some(({ resource }) => resource.namespaced)
      ? 'No resources found\n'
      : `No resources found in ${scope.namespace} namespace.\n`,
  );
}

function idOf({ plural, apiVersion }: ApiResource): string {
  return `${plural}.${apiVersion}`;
}

/** What follows each other and is of one kind is printed together. */
function runs(wanted: readonly Wanted[]): readonly (readonly Wanted[])[] {
  const groups: Wanted[][] = [];
  for (const one of wanted) {
    const last = groups.at(-1);
    const lastResource = last?.[0]?.resource;
    if (lastResource !== undefined && idOf(lastResource) === idOf(one.resource)) last?.push(one);
    else groups.push([one]);
  }
  return groups;
}

async function readTables(
  session: Session,
  wanted: readonly Wanted[],
  { scope, flags, failures }: Omit<Printing, 'style'>,
): Promise<readonly Table[]> {
  const tables: Table[] = [];
  for (const { resource, name } of wanted) {
    try {
      if (name === undefined) {
        tables.push(...(await listTables(session, resource, scope)));
      } else {
        const path = pathOfObject(resource, scope.namespace, name);
        const headers = { accept: TABLE_ACCEPT };
        const answer = await session.json({ method: 'GET', path, headers });
        tables.push(readTable(answer, session.io.clock.now()));
      }
    } catch (error) {
      if (!(flags.ignoreNotFound && isNotFound(error))) failures.add(error);
    }
  }
  return tables;
}

async function readAll(
  session: Session,
  wanted: readonly Wanted[],
  { scope, flags, failures }: Omit<Printing, 'style'>,
): Promise<readonly KubeObject[]> {
  const objects: KubeObject[] = [];
  for (const { resource, name } of wanted) {
    try {
      if (name === undefined) {
        objects.push(...(await readObjects(session, resource, scope)).items);
      } else {
        const { namespace } = scope;
        objects.push(await readObject(session, resource, { namespace, name }));
      }
    } catch (error) {
      if (!(flags.ignoreNotFound && isNotFound(error))) failures.add(error);
    }
  }
  return objects;
}
