/** `/log` of a Pod. Nothing that runs in Pods writes logs here yet; what can be asked for is answered truthfully. */
import type { ResourceStore } from '@afflux/control';
import { ApiError, methodNotAllowed, unknownPath } from './errors.ts';
import type { Answer, Exchange } from './exchange.ts';

export async function podLog(
  method: string,
  exchange: Exchange,
  { store }: { readonly store: ResourceStore },
): Promise<Answer> {
  const { definition, path, signal } = exchange;
  if (definition.apiVersion !== 'v1' || definition.kind !== 'Pod') throw unknownPath();
  if (method !== 'GET') throw methodNotAllowed();
  const { namespace, name = '' } = path;
  await store.get(definition, { namespace, name }, { signal });
  throw new ApiError(
    'AFFLUX_API_BAD_REQUEST',
    `pods ${JSON.stringify(name)} has no log here: this process runs no containers`,
  );
}
