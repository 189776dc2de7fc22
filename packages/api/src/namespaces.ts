/** Objects are made in namespaces that exist and are not on their way out. */
import { isNotFound, StoreError, type ResourceStore } from '@afflux/control';
import type { ApiObject } from '@afflux/resources';
import { ApiError } from './errors.ts';
import type { Exchange } from './exchange.ts';

const NAMESPACE = { apiVersion: 'v1', kind: 'Namespace' } as const;

/** Rejects with NotFound or Forbidden, in kube-apiserver's words; `name` is that of the object to be made. */
export async function assertNamespace(
  exchange: Exchange,
  store: ResourceStore,
  name: string,
): Promise<void> {
  const { definition, path, signal } = exchange;
  const { namespace } = path;
  if (!definition.namespaced || namespace === undefined) return;
  const found = await findNamespace(store, namespace, signal);
  if (found.metadata.deletionTimestamp === undefined) return;
  const resource =
    definition.group === '' ? definition.plural : `${definition.plural}.${definition.group}`;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  throw new ApiError(
    'AFFLUX_API_FORBIDDEN',
    `${resource} ${JSON.stringify(name)} is forbidden: ${why}`,
    {
      details: {
        ...(name === '' ? {} : { name }),
        group: definition.group,
        kind: definition.plural,
        causes: [
          {
            reason: 'NamespaceTerminating',
            message: `namespace ${namespace} is being terminated`,
            field: 'metadata.namespace',
          },
        ],
      },
    },
  );
}

async function findNamespace(
  store: ResourceStore,
  name: string,
  signal: AbortSignal,
): Promise<ApiObject> {
  try {
    return await store.get(NAMESPACE, { name }, { signal });
  } catch (error) {
    if (!isNotFound(error)) throw error;
    throw new StoreError('AFFLUX_STORE_NOT_FOUND', `namespaces ${JSON.stringify(name)} not found`, {
      details: { name, plural: 'namespaces' },
    });
  }
}

/** Rejects with Forbidden the deletion of a Namespace that everything relies on. */
export function assertDeletable(
  { definition, path }: Exchange,
  isProtected: (namespace: string) => boolean,
): void {
  const { name = '' } = path;
  if (definition.apiVersion !== NAMESPACE.apiVersion || definition.kind !== NAMESPACE.kind) return;
  if (!isProtected(name)) return;
  throw new ApiError(
    'AFFLUX_API_FORBIDDEN',
    `namespaces ${JSON.stringify(name)} is forbidden: this namespace may not be deleted`,
    { details: { name, kind: 'namespaces' } },
  );
}
