/**
 * In which version objects of a kind are kept that is served in several: the storage version of its CRD, as in a
 * cluster; for a kind of Kubernetes itself, what its definition says.
 */
import type { StoredAs, StoredForm } from '@afflux/control';
import type { KindRegistry } from '@afflux/resources';
import type { UserKinds } from './user-kinds.ts';

export function storedAs(registry: KindRegistry, userKinds: UserKinds): StoredAs {
  const ours = new Map<string, string>();
  const foreign = new Map<string, StoredForm>();
  for (const { group, kind, apiVersion, crd, keptAs, selectableFields } of registry.all()) {
    if (crd?.isStorage === true) ours.set(`${group}/${kind}`, apiVersion);
    if (keptAs === undefined) continue;
    foreign.set(`${apiVersion}/${kind}`, { ...keptAs, selectable: selectableFields });
  }
  return ({ apiVersion, kind }) => {
    const kept = foreign.get(`${apiVersion}/${kind}`);
    if (kept !== undefined) return kept;
    const group = apiVersion.slice(0, Math.max(apiVersion.lastIndexOf('/'), 0));
    const stored = ours.get(`${group}/${kind}`) ?? userKinds.storedAs(group, kind);
    return stored === undefined || stored === apiVersion ? undefined : { apiVersion: stored };
  };
}
