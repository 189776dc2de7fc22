/**
 * Which resources somebody means by a name: `trigger`, `triggers`, `Trigger`, `imc`, `triggers.eventing.knative.dev`,
 * `deployments.v1.apps`, or a category such as `all`. Pure.
 *
 * Where several groups know the name, the first in the server's order wins (the core group leads), and its preferred
 * version. Full names go before short names, and both before categories.
 */
import type { ApiResource } from './discovery-documents.ts';

/** The resource that is meant, or all of a category; empty when nothing has that name. */
export function matchResources(
  resources: readonly ApiResource[],
  name: string,
): readonly ApiResource[] {
  const [bare = '', ...rest] = name.toLowerCase().split('.');
  const suffix = rest.join('.');
  const candidates = suffix === '' ? resources : within(resources, suffix);
  const first =
    candidates.find((resource) => isFullName(resource, bare)) ??
    candidates.find((resource) => resource.shortNames.includes(bare));
  if (first !== undefined) return [first];
  return suffix === '' ? categoryOf(resources, bare) : [];
}

function isFullName({ plural, singular, kind }: ApiResource, name: string): boolean {
  return plural === name || singular === name || kind.toLowerCase() === name;
}

/** Resources of `<group>`, `<version>.<group>`, `<version>` of the core group, or of a group that begins so. */
function within(resources: readonly ApiResource[], suffix: string): readonly ApiResource[] {
  const exact = resources.filter(
    ({ group, version }) =>
      suffix === group || suffix === `${version}.${group}` || (group === '' && suffix === version),
  );
  return exact.length > 0 ? exact : resources.filter(({ group }) => group.startsWith(suffix));
}

/** What can be listed of a category, each resource in its preferred version. */
function categoryOf(resources: readonly ApiResource[], category: string): readonly ApiResource[] {
  const found = new Map<string, ApiResource>();
  for (const resource of resources) {
    const isMeant = resource.categories.includes(category) && resource.verbs.includes('list');
    const id = `${resource.plural}.${resource.group}`;
    if (isMeant && !found.has(id)) found.set(id, resource);
  }
  return [...found.values()];
}
