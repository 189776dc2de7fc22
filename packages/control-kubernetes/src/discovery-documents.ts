/**
 * What a server says of the resources that it serves, in both forms that there are: the aggregated one (one document
 * for all groups, Kubernetes 1.26 and later) and the old one (one document for each group and version). Pure.
 */

/** A resource of a server: a kind with the names that people and paths use for it. */
export interface ApiResource {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  /** Groups of resources that are asked for together, such as `all`. */
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  /** `status`, `scale`, `log`, … */
  readonly subresources: readonly string[];
  readonly hasStatus: boolean;
}

/** One resource of the aggregated form. */
interface ResourceDiscovery {
  readonly resource: string;
  readonly singularResource?: string;
  readonly responseKind?: { readonly kind?: string };
  readonly scope?: string;
  readonly verbs?: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly subresources?: readonly { readonly subresource: string }[];
}

/** `APIGroupDiscoveryList`. */
export interface AggregatedDocument {
  readonly kind: 'APIGroupDiscoveryList';
  readonly items?: readonly {
    readonly metadata?: { readonly name?: string };
    readonly versions?: readonly {
      readonly version: string;
      readonly resources?: readonly ResourceDiscovery[];
    }[];
  }[];
}

/** `APIVersions`, at `/api`. */
export interface CoreVersionsDocument {
  readonly versions?: readonly string[];
}

/** `APIGroupList`, at `/apis`. */
export interface GroupsDocument {
  readonly groups?: readonly {
    readonly name: string;
    readonly versions?: readonly { readonly version: string }[];
    readonly preferredVersion?: { readonly version: string };
  }[];
}

/** `APIResourceList`, at the path of a group and version. */
export interface ResourcesDocument {
  readonly resources?: readonly {
    readonly name: string;
    readonly singularName?: string;
    readonly kind: string;
    readonly namespaced?: boolean;
    readonly verbs?: readonly string[];
    readonly shortNames?: readonly string[];
    readonly categories?: readonly string[];
  }[];
}

/** A group and one of its versions. */
export interface GroupVersion {
  readonly group: string;
  readonly version: string;
}

export function apiVersionOf({ group, version }: GroupVersion): string {
  return group === '' ? version : `${group}/${version}`;
}

/** Where a group and version is served. */
export function apiPath(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}

export function isAggregated(document: unknown): document is AggregatedDocument {
  return (document as { kind?: unknown } | null)?.kind === 'APIGroupDiscoveryList';
}

/** The resources, in the server's order of groups, each group's preferred version first. */
export function aggregatedResources(document: AggregatedDocument): ApiResource[] {
  return (document.items ?? []).flatMap(({ metadata, versions = [] }) =>
    versions.flatMap(({ version, resources = [] }) =>
      resources.flatMap((resource) =>
        fromAggregated({ group: metadata?.name ?? '', version }, resource),
      ),
    ),
  );
}

function fromAggregated(at: GroupVersion, resource: ResourceDiscovery): ApiResource[] {
  const kind = resource.responseKind?.kind ?? '';
  // A resource without a kind of its own only carries subresources.
  if (kind === '' || (resource.verbs ?? []).length === 0) return [];
  const subresources = (resource.subresources ?? []).map(({ subresource }) => subresource);
  return [
    {
      ...at,
      apiVersion: apiVersionOf(at),
      kind,
      plural: resource.resource,
      singular: resource.singularResource ?? '',
      shortNames: resource.shortNames ?? [],
      categories: resource.categories ?? [],
      namespaced: resource.scope === 'Namespaced',
      verbs: resource.verbs ?? [],
      subresources,
      hasStatus: subresources.includes('status'),
    },
  ];
}

/** Every group and version that the old form names, each group's preferred version first. */
export function groupVersions(core: CoreVersionsDocument, list: GroupsDocument): GroupVersion[] {
  const ofCore = (core.versions ?? []).map((version) => ({ group: '', version }));
  const ofGroups = (list.groups ?? []).flatMap(({ name, versions = [], preferredVersion }) => {
    const preferred = preferredVersion?.version;
    const names = versions.map(({ version }) => version);
    const ordered =
      preferred === undefined
        ? names
        : [preferred, ...names.filter((other) => other !== preferred)];
    return ordered.map((version) => ({ group: name, version }));
  });
  return [...ofCore, ...ofGroups];
}

/** The resources of one group and version in the old form, where subresources are entries of their own. */
export function listedResources(at: GroupVersion, document: ResourcesDocument): ApiResource[] {
  const entries = document.resources ?? [];
  return entries
    .filter(({ name }) => !name.includes('/'))
    .map((entry) => {
      const prefix = `${entry.name}/`;
      const subresources = entries
        .filter(({ name }) => name.startsWith(prefix))
        .map(({ name }) => name.slice(prefix.length));
      return {
        ...at,
        apiVersion: apiVersionOf(at),
        kind: entry.kind,
        plural: entry.name,
        singular: entry.singularName ?? '',
        shortNames: entry.shortNames ?? [],
        categories: entry.categories ?? [],
        namespaced: entry.namespaced === true,
        verbs: entry.verbs ?? [],
        subresources,
        hasStatus: subresources.includes('status'),
      };
    });
}
