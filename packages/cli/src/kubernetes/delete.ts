/**
 * `afflux delete`: objects of manifests, by name, or by selection; nothing named never means everything. Then it
 * waits until they are gone, finalizers and all, or somebody made others of the same name.
 */
import { isRecord } from '@afflux/resources';
import type { CommandIo } from '../io.ts';
import { awaitObject, Deadline } from './awaiting.ts';
import type { TargetFlags } from './command.ts';
import { Failures, failedWith, isNotFound } from './failure.ts';
import type { ObjectTarget } from './manifest-targets.ts';
import {
  objectsOfArguments,
  objectsOfManifests,
  type NamedObject,
  type NamingFlags,
} from './named-objects.ts';
import { kindWord } from './objects.ts';
import { pathOfObject } from './reading.ts';
import { withSession, type Session } from './session.ts';

export interface DeleteFlags extends TargetFlags, NamingFlags {
  readonly cascade: 'background' | 'foreground' | 'orphan';
  readonly wait: boolean;
  readonly timeout?: number;
  readonly ignoreNotFound: boolean;
  readonly dryRun: boolean;
}

const PROPAGATION = {
  background: 'Background',
  foreground: 'Foreground',
  orphan: 'Orphan',
} as const;

/** An object that is on its way, known by its uid: another of its name is not it. */
interface Deleted extends ObjectTarget {
  readonly uid: string;
}

export async function deleteObjects(
  io: CommandIo,
  { args, flags }: { readonly args: readonly string[]; readonly flags: DeleteFlags },
): Promise<void> {
  await withSession(io, flags, async (session) => {
    const failures = new Failures();
    const doomed = await doomedObjects(session, { args, flags, failures });
    if (doomed.length === 0 && failures.count === 0) io.out('No resources found\n');
    const deleted: Deleted[] = [];
    for (const object of doomed) {
      try {
        const gone = await deleteOne(session, object, flags);
        if (gone !== undefined) deleted.push(gone);
      } catch (error) {
        if (isNotFound(error) && flags.ignoreNotFound) continue;
        const { source } = object;
        failures.add(error, source === undefined ? '' : `error when deleting "${source}": `);
      }
    }
    if (flags.wait && !flags.dryRun) await waitUntilGone(session, deleted, { flags, failures });
    failures.end();
  });
}

interface Request {
  readonly args: readonly string[];
  readonly flags: DeleteFlags;
  readonly failures: Failures;
}

async function doomedObjects(
  session: Session,
  { args, flags, failures }: Request,
): Promise<readonly NamedObject[]> {
  if (flags.filename.length > 0) {
    if (args.length > 0 || flags.all || flags.selector !== undefined) {
      throw failedWith('error: give files, or types with names or a selection, not both');
    }
    const mayMissKinds = flags.ignoreNotFound;
    return objectsOfManifests(session, flags, { failures, mayMissKinds });
  }
  if (args.length === 0) throw failedWith('error: name what to delete: TYPE NAME or -f FILE');
  return objectsOfArguments(session, args, flags);
}

async function deleteOne(
  session: Session,
  { resource, namespace, name }: NamedObject,
  flags: DeleteFlags,
): Promise<Deleted | undefined> {
  const answer = await session.json({
    method: 'DELETE',
    path: pathOfObject(resource, namespace, name),
    body: {
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: PROPAGATION[flags.cascade],
      ...(flags.dryRun ? { dryRun: ['All'] } : {}),
    },
  });
  const note = flags.dryRun ? ' (server dry run)' : '';
  session.io.out(`${kindWord(resource)} "${name}" deleted${note}\n`);
  const uid = uidOf(answer);
  return uid === undefined ? undefined : { resource, namespace, name, uid };
}

/** Of the object, or of the Status that says which object went. */
function uidOf(answer: unknown): string | undefined {
  const content = isRecord(answer) ? answer : {};
  const holder = content['kind'] === 'Status' ? content['details'] : content['metadata'];
  const uid = isRecord(holder) ? holder['uid'] : undefined;
  return typeof uid === 'string' ? uid : undefined;
}

async function waitUntilGone(
  session: Session,
  deleted: readonly Deleted[],
  { flags, failures }: Pick<Request, 'flags' | 'failures'>,
): Promise<void> {
  const { clock, interrupted } = session.io;
  const deadline = new Deadline(clock, flags.timeout, interrupted);
  try {
    for (const object of deleted) {
      try {
        const isGone = await awaitObject(session, object, {
          isMet: (seen) => seen === undefined || seen.metadata.uid !== object.uid,
          deadline,
        });
        if (isGone) continue;
        const place = `${object.resource.plural}/${object.name}`;
        failures.addPlain(`timed out waiting for the condition on ${place}`);
      } catch (error) {
        failures.add(error);
      }
    }
  } finally {
    deadline.close();
  }
}
