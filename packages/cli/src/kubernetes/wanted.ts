/** What a command is about: kinds as the server knows them, each with one name or all of its objects. */
import type { ApiResource } from '@afflux/control-kubernetes';
import type { ResourceArgument } from './resource-arguments.ts';
import type { Session } from './session.ts';

/** One thing to read: a kind, or one object of it. */
export interface Wanted {
  readonly resource: ApiResource;
  readonly name: string | undefined;
}

/** The resources of all types that were named, in their order. */
export async function resolveAll(
  session: Session,
  asked: readonly ResourceArgument[],
): Promise<readonly Wanted[]> {
  const wanted: Wanted[] = [];
  for (const { type, name } of asked) {
    const resources = await session.resolve(type);
    wanted.push(...resources.map((resource) => ({ resource, name })));
  }
  return wanted;
}
