/**
 * The objects that `delete` and `wait` are about: those that manifests name, or names and selections on the command
 * line. Nothing named never means everything.
 */
import type { Failures } from './failure.ts';
import { readManifests } from './manifest-files.ts';
import { targetOf, unknownKindText, type ObjectTarget } from './manifest-targets.ts';
import { readObjects, type Scope } from './reading.ts';
import { parseResourceArguments, requireNames } from './resource-arguments.ts';
import type { Session } from './session.ts';
import { resolveAll } from './wanted.ts';

/** Flags that say which objects are meant. */
export interface NamingFlags {
  readonly filename: readonly string[];
  readonly recursive: boolean;
  readonly selector?: string;
  readonly fieldSelector?: string;
  readonly all: boolean;
  readonly allNamespaces: boolean;
}

export interface NamedObject extends ObjectTarget {
  /** The file that named it. */
  readonly source?: string;
}

/** What `-f` names. What cannot be read is a failure, and so is a kind that the server does not have, unless it may. */
export async function objectsOfManifests(
  session: Session,
  { filename, recursive }: NamingFlags,
  { failures, mayMissKinds }: { readonly failures: Failures; readonly mayMissKinds: boolean },
): Promise<readonly NamedObject[]> {
  const { objects, problems } = await readManifests(session.io, { paths: filename, recursive });
  for (const problem of problems) failures.addText(problem);
  const named: NamedObject[] = [];
  for (const one of objects) {
    const target = await targetOf(session, one);
    if (target !== undefined) named.push({ ...target, source: one.source });
    else if (!mayMissKinds) failures.addText(unknownKindText(one));
  }
  return named;
}

/** What `TYPE NAME`, or `TYPE` with a selection, stand for. */
export async function objectsOfArguments(
  session: Session,
  args: readonly string[],
  flags: NamingFlags,
): Promise<readonly NamedObject[]> {
  const asked = parseResourceArguments(args);
  requireNames(asked, flags);
  const scope: Scope = { ...flags, namespace: session.namespace };
  const named: NamedObject[] = [];
  for (const { resource, name } of await resolveAll(session, asked)) {
    if (name !== undefined) {
      named.push({ resource, namespace: scope.namespace, name });
      continue;
    }
    const { items } = await readObjects(session, resource, scope);
    for (const { metadata } of items) {
      const { namespace = '', name: found = '' } = metadata;
      named.push({ resource, namespace, name: found });
    }
  }
  return named;
}
