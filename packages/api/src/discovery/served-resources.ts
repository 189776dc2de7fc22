/**
 * Everything that can be addressed on this port, as one list: the kinds of the registry, what others serve beside
 * them, and the reviews that `kubectl auth` asks for. Discovery says it in its forms, OpenAPI makes paths of it.
 */
import type { KindDefinition, KindRegistry } from '@afflux/resources';
import type { ExtraResource } from '../extra-resource.ts';
import { REVIEW_NAMES, type ReviewName } from '../reviews.ts';
import { verbsOf } from '../verbs.ts';

/** A part of an object with an address of its own. */
export interface Subresource {
  readonly name: string;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly verbs: readonly string[];
}

/** A resource under one group and version. */
export interface ServedResource extends ExtraResource {
  readonly subresources: readonly Subresource[];
  /** Absent for what is not in the registry. */
  readonly definition?: KindDefinition;
}

const PARTIAL: readonly string[] = ['get', 'patch', 'update'];

/** The server answers these itself; there are no objects of them. */
function reviewResource({ group, kind }: ReviewName): ServedResource {
  const singular = kind.toLowerCase();
  return {
    group,
    version: 'v1',
    plural: `${singular}s`,
    singular,
    kind,
    namespaced: false,
    verbs: ['create'],
    shortNames: [],
    categories: [],
    subresources: [],
  };
}

function subresourcesOf(definition: KindDefinition): Subresource[] {
  const { group, version, apiVersion, kind, hasStatus, scale } = definition;
  const isPod = apiVersion === 'v1' && kind === 'Pod';
  const own = { group, version, kind };
  const found: Subresource[] = [];
  if (isPod) found.push({ name: 'log', ...own, verbs: ['get'] });
  if (hasStatus) found.push({ name: 'status', ...own, verbs: isPod ? ['get'] : PARTIAL });
  if (scale !== undefined) {
    const scaleKind = { group: 'autoscaling', version: 'v1', kind: 'Scale' };
    found.push({ name: 'scale', ...scaleKind, verbs: PARTIAL });
  }
  return found;
}

function kindResource(definition: KindDefinition): ServedResource {
  const { group, version, plural, singular, kind, namespaced, shortNames, categories } = definition;
  return {
    ...{ group, version, plural, singular, kind, namespaced, shortNames, categories },
    verbs: verbsOf(definition),
    subresources: subresourcesOf(definition),
    definition,
  };
}

/** Lists everything, sorted by plural; a kind of the registry wins over an extra resource of the same name. */
export function servedResources(
  registry: KindRegistry,
  extra: readonly ExtraResource[],
): ServedResource[] {
  const others = extra
    .filter(({ group, version, plural }) => !registry.byResource(group, version, plural))
    .map((resource) => ({ ...resource, subresources: [] }));
  return [...registry.all().map(kindResource), ...REVIEW_NAMES.map(reviewResource), ...others].sort(
    (left, right) => left.plural.localeCompare(right.plural, 'en'),
  );
}
