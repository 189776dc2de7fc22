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
  const uids = new Set(doomed.map(({ metadata }) => metadata.uid));
  for (let found = ownedBy(all, uids); found.length > 0; found = ownedBy(all, uids)) {
    doomed.push(...found);
    for (const { metadata } of found) uids.add(metadata.uid);
  }
  for (const object of doomed.reverse()) await forget(store, object);
}

/** Objects that have no owner but these, and are not among them. */
function ownedBy(
  all: readonly ApiObject[],
  uids: ReadonlySet<string | undefined>,
): readonly ApiObject[] {
  return all.filter(({ metadata: { uid, ownerReferences = [] } }) => {
    const areAllDoomed = ownerReferences.every((owner) => uids.has(owner.uid));
    return ownerReferences.length > 0 && areAllDoomed && !uids.has(uid);
  });
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
