/** `afflux wait`: until objects have a condition, a value, or are gone. One after the other, under one deadline. */
import type { CommandIo } from '../io.ts';
import { awaitObject, Deadline } from './awaiting.ts';
import type { TargetFlags } from './command.ts';
import { Failures, failedWith, isNotFound } from './failure.ts';
import type { ObjectTarget } from './manifest-targets.ts';
import { objectsOfArguments, objectsOfManifests, type NamingFlags } from './named-objects.ts';
import { objectWord } from './objects.ts';
import { readObject } from './reading.ts';
import { withSession, type Session } from './session.ts';
import { isMet, parseWaitCondition, type WaitCondition } from './wait-condition.ts';

export interface WaitFlags extends TargetFlags, NamingFlags {
  readonly for: string;
  readonly timeout: number;
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
): Promise<readonly ObjectTarget[]> {
  if (flags.filename.length > 0) {
    if (args.length > 0) throw failedWith('error: give files or types and names, not both');
    return objectsOfManifests(session, flags, { failures, mayMissKinds: false });
  }
  if (args.length === 0) throw failedWith('error: name what to wait for: TYPE/NAME or -f FILE');
  return objectsOfArguments(session, args, flags);
}

async function waitForOne(
  session: Session,
  object: ObjectTarget,
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
