/**
 * In which version objects of a kind are kept that is served in several: the storage version of its CRD, as in a
 * cluster.
 */
import type { StoredAs } from '@afflux/control';
import type { KindRegistry } from '@afflux/resources';
import type { UserKinds } from './user-kinds.ts';

export function storedAs(registry: KindRegistry, userKinds: UserKinds): StoredAs {
  const ours = new Map<string, string>();
  for (const { group, kind, apiVersion, crd } of registry.all()) {
    if (crd?.isStorage === true) ours.set(`${group}/${kind}`, apiVersion);
  }
  return ({ apiVersion, kind }) => {
    const group = apiVersion.slice(0, Math.max(apiVersion.lastIndexOf('/'), 0));
    const stored = ours.get(`${group}/${kind}`) ?? userKinds.storedAs(group, kind);
    return stored === apiVersion ? undefined : stored;
  };
}
