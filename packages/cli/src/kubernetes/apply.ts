/**
 * `afflux apply`: server-side apply of manifests, in an order in which each object finds what it needs: namespaces
 * and definitions of kinds, then configuration, then the rest as it stands in the files. Every object is tried; what
 * failed is said at the end.
 *
 * Each object is read before it is applied, so that a second apply says `unchanged`.
 */
import type { ApiResource } from '@afflux/control-kubernetes';
import { goJson } from '@afflux/resources/text';
import type { CommandIo } from '../io.ts';
import type { TargetFlags } from './command.ts';
import { Failures, failedWith, isNotFound, reasonOf } from './failure.ts';
import { readManifests, type ManifestObject } from './manifest-files.ts';
import { targetOf, unknownKindText, type ObjectTarget } from './manifest-targets.ts';
import { objectWord, withoutManagedFields, type KubeObject } from './objects.ts';
import { pathOfObject, readObject } from './reading.ts';
import { withSession, type Session } from './session.ts';

/** How long a kind whose definition was applied just now may take to be served. */
const NEW_KIND_MS_MAX = 10_000;
const NEW_KIND_POLL_MS = 500;

export interface ApplyFlags extends TargetFlags {
  readonly filename: readonly string[];
  readonly recursive: boolean;
  readonly dryRun: boolean;
  readonly fieldManager: string;
  readonly forceConflicts: boolean;
  readonly validate: 'strict' | 'warn' | 'ignore';
}

export async function apply(io: CommandIo, flags: ApplyFlags): Promise<void> {
  const { objects, problems } = await readManifests(io, { paths: flags.filename, ...flags });
  if (objects.length === 0 && problems.length === 0) {
    throw failedWith('error: no objects passed to apply');
  }
  await withSession(io, flags, async (session) => {
    const failures = new Failures();
    for (const problem of problems) failures.addText(problem);
    const ordered = inApplyOrder(objects);
    const definesKinds = ordered.some(({ object }) => object.kind === DEFINITION);
    for (const one of ordered) {
      try {
        const target = await servedTarget(session, one, definesKinds && !flags.dryRun);
        if (target === undefined) failures.addText(unknownKindText(one));
        else io.out(await applyOne(session, { object: one.object, target, flags }));
      } catch (error) {
        if (reasonOf(error) === 'Conflict') failures.addText(conflictText(error));
        else failures.add(error);
      }
    }
    failures.end();
  });
}

const DEFINITION = 'CustomResourceDefinition';

/** Lower goes first; equal ones keep their order. */
const RANKS: Readonly<Record<string, number>> = {
  Namespace: 0,
  [DEFINITION]: 1,
  ServiceAccount: 2,
  ConfigMap: 2,
  Secret: 2,
};
const RANK_OF_REST = 3;

/** The order in which objects are applied. Pure. */
export function inApplyOrder(objects: readonly ManifestObject[]): readonly ManifestObject[] {
  const rankOf = ({ object }: ManifestObject): number => RANKS[object.kind] ?? RANK_OF_REST;
  return [...objects].sort((a, b) => rankOf(a) - rankOf(b));
}

/** The target; a kind that is only just being installed is waited for. */
async function servedTarget(
  session: Session,
  one: ManifestObject,
  mayAppear: boolean,
): Promise<ObjectTarget | undefined> {
  const { clock, interrupted } = session.io;
  const startMs = clock.monotonicMs();
  for (;;) {
    const target = await targetOf(session, one);
    const isOver = !mayAppear || clock.monotonicMs() - startMs >= NEW_KIND_MS_MAX;
    if (target !== undefined || isOver) return target;
    await clock.sleep(NEW_KIND_POLL_MS, interrupted);
  }
}

async function applyOne(
  session: Session,
  {
    object,
    target,
    flags,
  }: {
    readonly object: KubeObject;
    readonly target: ObjectTarget;
    readonly flags: ApplyFlags;
  },
): Promise<string> {
  const { resource, namespace, name } = target;
  const before = await currentObject(session, target);
  const answer = await session.request({
    method: 'PATCH',
    path: pathOfObject(resource, namespace, name),
    query: {
      fieldManager: flags.fieldManager,
      fieldValidation: capitalised(flags.validate),
      ...(flags.forceConflicts ? { force: true } : {}),
      ...(flags.dryRun ? { dryRun: 'All' } : {}),
    },
    contentType: 'application/apply-patch+yaml',
    body: inNamespace(object, target),
  });
  for (const warning of answer.warnings) session.io.err(`Warning: ${warning}\n`);
  const after = answer.json() as KubeObject;
  const isCreated = answer.status === 201 || before === undefined;
  const word = isCreated ? 'created' : isSame(before, after, resource) ? 'unchanged' : 'configured';
  return `${objectWord(resource, name)} ${word}${flags.dryRun ? ' (server dry run)' : ''}\n`;
}

/** What the manifest leaves to the command line is said to the server, too. */
function inNamespace(object: KubeObject, { resource, namespace }: ObjectTarget): KubeObject {
  if (!resource.namespaced) return object;
  return { ...object, metadata: { ...object.metadata, namespace } };
}

async function currentObject(
  session: Session,
  { resource, namespace, name }: ObjectTarget,
): Promise<KubeObject | undefined> {
  try {
    return await readObject(session, resource, { namespace, name });
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

/**
 * Whether what was applied changed nothing. The content is compared, not the version: a dry run leaves that alone,
 * and controllers write the status of an object at any moment.
 */
function isSame(before: KubeObject, after: KubeObject, { hasStatus }: ApiResource): boolean {
  const content = (object: KubeObject): string => {
    const { metadata, status, ...rest } = withoutManagedFields(object);
    const { resourceVersion: _, generation: __, ...kept } = metadata;
    return goJson({ ...rest, metadata: kept, status: hasStatus ? undefined : status });
  };
  return content(before) === content(after);
}

function capitalised(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** The server says which fields and whose they are; what can be done about it is ours to say. */
function conflictText(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return `error: ${message}
Somebody else manages these fields. Either
* take them over: apply again with --force-conflicts,
* leave them to the others: remove them from the manifest, or
* share them: write the values into the manifest that they have now.`;
}
