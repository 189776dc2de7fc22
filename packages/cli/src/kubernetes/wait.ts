/** `afflux wait`: until objects have a condition, a value, or are gone. One after the other, under one deadline. */
import type { CommandIo } from '../io.ts';
import { awaitObject, Deadline, type AwaitedObject } from './awaiting.ts';
import type { TargetFlags } from './command.ts';
import { Failures, failedWith, isNotFound } from './failure.ts';
import { readManifests } from './manifest-files.ts';
import { targetOf, unknownKindText } from './manifest-targets.ts';
import { objectWord } from './objects.ts';
import { readObject, readObjects, type Scope } from './reading.ts';
import { parseResourceArguments, requireNames } from './resource-arguments.ts';
import { withSession, type Session } from './session.ts';
import { isMet, parseWaitCondition, type WaitCondition } from './wait-condition.ts';
import { resolveAll } from './wanted.ts';

export interface WaitFlags extends TargetFlags {
  readonly for: string;
  readonly timeout: number;
  readonly filename: readonly string[];
  readonly recursive: boolean;
  readonly selector?: string;
  readonly fieldSelector?: string;
  readonly all: boolean;
  readonly allNamespaces: boolean;
}

export async function wait(
  io: CommandIo,
  { args, flags }: { readonly args: readonly string[]; readonly flags: WaitFlags },
): Promise<void> {
  const condition = parseWaitCondition(flags.for);
  await withSession(io, flags, async (session) => {
    const failures = new Failures();
    const deadline = new Deadline(io.clock, flags.timeout, io.interrupted);
    try {
      const objects = await awaitedObjects(session, { args, flags, failures });
      // Nothing left of a selection is what somebody who waits for its end wants.
      if (objects.length === 0 && failures.count === 0 && condition.is !== 'delete') {
        throw failedWith('error: no matching resources found');
      }
      for (const object of objects) {
        try {
          await waitForOne(session, object, { condition, deadline, failures });
        } catch (error) {
          failures.add(error);
        }
      }
    } finally {
      deadline.close();
    }
    failures.end();
  });
}

/** What is to be waited for, with who named it: a manifest, a name or a selection. */
async function awaitedObjects(
  session: Session,
  {
    args,
    flags,
    failures,
  }: {
    readonly args: readonly string[];
    readonly flags: WaitFlags;
    readonly failures: Failures;
  },
): Promise<readonly AwaitedObject[]> {
  if (flags.filename.length > 0) {
    if (args.length > 0) throw failedWith('error: give files or types and names, not both');
    return fromManifests(session, flags, failures);
  }
  const asked = parseResourceArguments(args);
  if (asked.length === 0) throw failedWith('error: name what to wait for: TYPE/NAME or -f FILE');
  requireNames(asked, flags);
  const scope: Scope = { ...flags, namespace: session.namespace };
  const objects: AwaitedObject[] = [];
  for (const { resource, name } of await resolveAll(session, asked)) {
    if (name !== undefined) {
      objects.push({ resource, namespace: scope.namespace, name });
      continue;
    }
    const { items } = await readObjects(session, resource, scope);
    for (const { metadata } of items) {
      const { namespace = '', name: found = '' } = metadata;
      objects.push({ resource, namespace, name: found });
    }
  }
  return objects;
}

async function fromManifests(
  session: Session,
  flags: WaitFlags,
  failures: Failures,
): Promise<readonly AwaitedObject[]> {
  const { objects, problems } = await readManifests(session.io, {
    paths: flags.filename,
    recursive: flags.recursive,
  });
  for (const problem of problems) failures.addText(problem);
  const found: AwaitedObject[] = [];
  for (const one of objects) {
    const target = await targetOf(session, one);
    if (target === undefined) failures.addText(unknownKindText(one));
    else found.push(target);
  }
  return found;
}

async function waitForOne(
  session: Session,
  object: AwaitedObject,
  {
    condition,
    deadline,
    failures,
  }: {
    readonly condition: WaitCondition;
    readonly deadline: Deadline;
    readonly failures: Failures;
  },
): Promise<void> {
  const { resource, name } = object;
  if (condition.is !== 'create') {
    try {
      await readObject(session, resource, object);
    } catch (error) {
      // Gone before anybody waited: as kubectl, without a word.
      if (condition.is === 'delete' && isNotFound(error)) return;
      throw error;
    }
  }
  const hasHappened = await awaitObject(session, object, {
    isMet: (seen) => isMet(condition, seen),
    deadline,
  });
  if (hasHappened) {
    session.io.out(`${objectWord(resource, name)} condition met\n`);
    return;
  }
  const place = `${resource.plural}/${name}`;
  failures.addPlain(
    deadline.isOnlyALook
      ? `condition not met for ${place}`
      : `timed out waiting for the condition on ${place}`,
  );
}
