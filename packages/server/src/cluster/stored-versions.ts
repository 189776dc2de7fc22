/**
 * In which version objects of a kind are kept that is served in several: what its definition says, or the storage
 * version of its CRD, as in a cluster.
 */
import type { StoredAs, StoredForm } from '@afflux/control';
import type { KindDefinition, KindRegistry } from '@afflux/resources';

export function storedAs(registry: KindRegistry): StoredAs {
  const ours = new Map<string, string>();
  for (const { group, kind, apiVersion, crd } of registry.all()) {
    if (crd?.isStorage === true) ours.set(`${group}/${kind}`, apiVersion);
  }
  /** Kinds of users come and go. */
  const forms = new WeakMap<KindDefinition, StoredForm>();
  return ({ apiVersion, kind }) => {
    const definition = registry.get(apiVersion, kind);
    if (definition === undefined) return undefined;
    const { group, keptAs, selectableFields, hasStatus } = definition;
    if (keptAs !== undefined) {
      const form = forms.get(definition) ?? { ...keptAs, selectable: selectableFields, hasStatus };
      forms.set(definition, form);
      return form;
    }
    const stored = ours.get(`${group}/${kind}`);
    return stored === undefined || stored === apiVersion ? undefined : { apiVersion: stored };
  };
}
