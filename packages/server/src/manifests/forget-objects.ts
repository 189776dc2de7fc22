/**
 * Takes objects out of a store on which nothing acts yet, with all that they own, as if they had never been written.
 *
 * This is how objects go whose file went while the process was stopped. Deleting them would run their finalizers,
 * which remove what stands behind them, backlogs included; but a file that is missing at a start may be a mistake, so
 * what was kept for a trigger waits for it, as long as its channel keeps what nobody reads.
 */
import { isNotFound, type ResourceStore } from '@afflux/control';
import type { ApiObject, KindRegistry } from '@afflux/resources';
import type { ObjectReference } from './manifest-source.ts';

export async function forgetObjects(
  store: ResourceStore,
  registry: KindRegistry,
  references: readonly ObjectReference[],
): Promise<void> {
  if (references.length === 0) return;
  const all = await everything(store, registry);
  const wanted = new Set(references.map(idOf));
  const doomed = all.filter((object) =>
    wanted.has(
      idOf({ ...object, ...object.metadata, namespace: object.metadata.namespace ?? 'default' }),
    ),
  );
  // What they own is found behind them, level by level; it goes first, so that no collector has to look for it.
  for (const object of doomed) {
    const { uid } = object.metadata;
    for (const other of all) {
      const isOwned = other.metadata.ownerReferences?.some((owner) => owner.uid === uid) === true;
      if (isOwned && !doomed.includes(other)) doomed.push(other);
    }
  }
  for (const object of doomed.reverse()) await forget(store, object);
}

async function everything(store: ResourceStore, registry: KindRegistry): Promise<ApiObject[]> {
  const found: ApiObject[] = [];
  for (const kind of registry.all()) found.push(...(await store.list(kind)).items);
  return found;
}

async function forget(store: ResourceStore, object: ApiObject): Promise<void> {
  const { metadata } = object;
  try {
    if (metadata.finalizers !== undefined) {
      const body = { metadata: { finalizers: null } };
      await store.patch(object, metadata, { type: 'merge', body });
    }
    await store.delete(object, metadata);
  } catch (error) {
    // One that was on its way out already went with its last finalizer.
    if (!isNotFound(error)) throw error;
  }
}

function idOf({ apiVersion, kind, namespace, name }: ObjectReference): string {
  return `${apiVersion}/${kind}/${namespace}/${name}`;
}
