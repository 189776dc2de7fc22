/**
 * `afflux describe`: an object as kubectl describes those of custom kinds, all of it with titles instead of field
 * names, and the events about it. Kinds that kubectl has a form of its own for (pods, services) are shown so, too.
 */
import type { ApiResource } from '@afflux/control-kubernetes';
import type { CommandIo } from '../io.ts';
import type { TargetFlags } from './command.ts';
import { describeText, type KubeEvent } from './describe-text.ts';
import { Failures, failedWith, isNotFound } from './failure.ts';
import type { KubeObject } from './objects.ts';
import { readObject, readObjects, type Scope } from './reading.ts';
import { checkSelection, parseResourceArguments } from './resource-arguments.ts';
import { withSession, type Session } from './session.ts';
import { resolveAll, type Wanted } from './wanted.ts';

export interface DescribeFlags extends TargetFlags {
  readonly allNamespaces: boolean;
  readonly selector?: string;
  readonly showEvents: boolean;
}

export async function describe(
  io: CommandIo,
  { args, flags }: { readonly args: readonly string[]; readonly flags: DescribeFlags },
): Promise<void> {
  const asked = parseResourceArguments(args);
  if (asked.length === 0)
    throw failedWith('error: You must specify the type of resource to describe');
  checkSelection(asked, flags);
  await withSession(io, flags, async (session) => {
    const scope: Scope = { ...flags, namespace: session.namespace };
    const failures = new Failures();
    let count = 0;
    for (const wanted of await resolveAll(session, asked)) {
      try {
        for (const object of await objectsOf(session, wanted, scope)) {
          const events = flags.showEvents ? await eventsOf(session, object) : undefined;
          const text = describeText(object, { events, nowMs: io.clock.now() });
          io.out(`${count === 0 ? '' : '\n\n'}${text}`);
          count += 1;
        }
      } catch (error) {
        failures.add(error);
      }
    }
    if (count === 0 && failures.count === 0) {
      io.err(
        flags.allNamespaces
          ? 'No resources found\n'
          : `No resources found in ${scope.namespace} namespace.\n`,
      );
    }
    failures.end();
  });
}

/** The object of that name; if there is none, those whose names begin so; without a name all. */
async function objectsOf(
  session: Session,
  { resource, name }: Wanted,
  scope: Scope,
): Promise<readonly KubeObject[]> {
  if (name === undefined) return (await readObjects(session, resource, scope)).items;
  try {
    return [await readObject(session, resource, { namespace: scope.namespace, name })];
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const similar = await beginningWith(session, { resource, name }, scope);
    if (similar.length === 0) throw error;
    return similar;
  }
}

async function beginningWith(
  session: Session,
  { resource, name }: { readonly resource: ApiResource; readonly name: string },
  scope: Scope,
): Promise<readonly KubeObject[]> {
  const { items } = await readObjects(session, resource, scope);
  return items.filter(({ metadata }) => metadata.name?.startsWith(name) === true);
}

/** Events about the object; none where the server has no events or does not show them. */
async function eventsOf(
  session: Session,
  { metadata }: KubeObject,
): Promise<readonly KubeEvent[] | undefined> {
  const { uid, namespace = 'default' } = metadata;
  if (uid === undefined) return undefined;
  try {
    const resource = await session.resourceOf('v1', 'Event');
    if (resource === undefined) return undefined;
    const fieldSelector = `involvedObject.uid=${uid}`;
    const { items } = await readObjects(session, resource, { namespace, fieldSelector });
    return items as unknown as readonly KubeEvent[];
  } catch (error) {
    // Whoever may read the object may not be allowed to read events: the object is what was asked for.
    if (isForbidden(error)) return undefined;
    throw error;
  }
}

function isForbidden(error: unknown): boolean {
  return (error as { reason?: unknown }).reason === 'Forbidden';
}
