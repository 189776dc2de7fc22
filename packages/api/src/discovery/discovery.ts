/**
 * Says which resources there are, in every form that clients ask for: group by group as ever, or all at once
 * (aggregated discovery), which takes kubectl two requests instead of a dozen. Every answer is made at the first
 * request, kept until the kinds change, and the same object until then: do not change it.
 */
import { createHash } from 'node:crypto';
import type { KindRegistry } from '@afflux/resources';
import type { ExtraResource } from '../extra-resource.ts';
import type { AggregatedForm } from './accept.ts';
import { PerGeneration } from './per-generation.ts';
import type { ServedResource, Subresource } from './served-resources.ts';
import { servedResources } from './served-resources.ts';
import { compareGroups, compareVersions } from './version-order.ts';

/** A text that may be cached by its tag. */
export interface TaggedText {
  readonly body: string;
  /** With its quotes. */
  readonly etag: string;
  readonly contentType: string;
}

/** Resources of one version of a group. */
interface VersionView {
  readonly version: string;
  readonly resources: readonly ServedResource[];
}

/** One group, its best version first. */
interface GroupView {
  readonly name: string;
  readonly versions: readonly VersionView[];
}

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

function groupViews(resources: readonly ServedResource[]): GroupView[] {
  return [...grouped(resources, ({ group }) => group)]
    .sort(([left], [right]) => compareGroups(left, right))
    .map(([name, members]) => ({
      name,
      versions: [...grouped(members, ({ version }) => version)]
        .sort(([left], [right]) => compareVersions(left, right))
        .map(([version, ofVersion]) => ({ version, resources: ofVersion })),
    }));
}

function groupVersion(group: string, version: string): string {
  return group === '' ? version : `${group}/${version}`;
}

/** Lists that are empty are left out of the answers. */
function unlessEmpty(name: string, list: readonly unknown[]): object {
  return list.length === 0 ? {} : { [name]: list };
}

function names({ shortNames, categories }: ServedResource): object {
  return { ...unlessEmpty('shortNames', shortNames), ...unlessEmpty('categories', categories) };
}

function oldGroup({ name, versions }: GroupView): object {
  const listed = versions.map(({ version }) => ({
    groupVersion: groupVersion(name, version),
    version,
  }));
  return { name, versions: listed, preferredVersion: listed[0] };
}

function oldSubresource(resource: ServedResource, subresource: Subresource): object {
  const { name, group, version, kind, verbs } = subresource;
  const isOther = group !== resource.group || version !== resource.version;
  return {
    name: `${resource.plural}/${name}`,
    singularName: '',
    namespaced: resource.namespaced,
    ...(isOther ? { group, version } : {}),
    kind,
    verbs,
  };
}

function oldResources(resource: ServedResource): object[] {
  const { plural, singular, namespaced, kind, verbs, subresources } = resource;
  return [
    { name: plural, singularName: singular, namespaced, kind, verbs, ...names(resource) },
    ...subresources.map((subresource) => oldSubresource(resource, subresource)),
  ];
}

function aggregatedResource(resource: ServedResource): object {
  const { group, version, plural, singular, namespaced, kind, verbs } = resource;
  const subresources = resource.subresources.map((subresource) => ({
    subresource: subresource.name,
    responseKind: {
      group: subresource.group,
      version: subresource.version,
      kind: subresource.kind,
    },
    verbs: subresource.verbs,
  }));
  return {
    resource: plural,
    responseKind: { group, version, kind },
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs,
    ...names(resource),
    ...unlessEmpty('subresources', subresources),
  };
}

function aggregatedGroup({ name, versions }: GroupView): object {
  return {
    metadata: name === '' ? {} : { name },
    versions: versions.map(({ version, resources }) => ({
      version,
      resources: resources.map(aggregatedResource),
      freshness: 'Current',
    })),
  };
}

function taggedList(groups: readonly GroupView[], form: AggregatedForm): TaggedText {
  const body = JSON.stringify({
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${form}`,
    metadata: {},
    items: groups.map(aggregatedGroup),
  });
  return {
    body,
    etag: `"${createHash('sha256').update(body).digest('hex').toUpperCase()}"`,
    contentType: `application/json;g=apidiscovery.k8s.io;v=${form};as=APIGroupDiscoveryList`,
  };
}

/** Which groups stand under `/api`, and which under `/apis`. */
function isUnder(root: 'api' | 'apis', { name }: GroupView): boolean {
  return (name === '') === (root === 'api');
}

export interface DiscoveryOptions {
  readonly registry: KindRegistry;
  readonly extra?: readonly ExtraResource[];
}

export class Discovery {
  readonly #groups: PerGeneration<readonly GroupView[]>;
  /** Answers of the current generation by what was asked. */
  readonly #answers: PerGeneration<Map<string, unknown>>;

  constructor({ registry, extra = [] }: DiscoveryOptions) {
    this.#groups = new PerGeneration(registry, () => groupViews(servedResources(registry, extra)));
    this.#answers = new PerGeneration(registry, () => new Map<string, unknown>());
  }

  /** `/api` in the old form. */
  api(): object {
    return this.#answer('api', () => ({
      kind: 'APIVersions',
      versions: this.#under('api').flatMap(({ versions }) =>
        versions.map(({ version }) => version),
      ),
      serverAddressByClientCIDRs: [],
    }));
  }

  /** `/apis` in the old form. */
  apis(): object {
    return this.#answer('apis', () => ({
      kind: 'APIGroupList',
      apiVersion: 'v1',
      groups: this.#under('apis').map(oldGroup),
    }));
  }

  /** `/apis/<group>`; undefined when there is no such group. */
  group(name: string): object | undefined {
    return this.#answer(`group ${name}`, () => {
      const view = this.#under('apis').find((group) => group.name === name);
      return view === undefined
        ? undefined
        : { kind: 'APIGroup', apiVersion: 'v1', ...oldGroup(view) };
    });
  }

  /** `/api/<version>` (of the group '') and `/apis/<group>/<version>`; undefined when there is no such version. */
  resources(group: string, version: string): object | undefined {
    return this.#answer(`resources ${group}/${version}`, () => {
      const view = this.#groups
        .get()
        .find(({ name }) => name === group)
        ?.versions.find((candidate) => candidate.version === version);
      if (view === undefined) return undefined;
      return {
        kind: 'APIResourceList',
        apiVersion: 'v1',
        groupVersion: groupVersion(group, version),
        resources: view.resources.flatMap(oldResources),
      };
    });
  }

  /** `/api` or `/apis` with everything below, as JSON text. */
  aggregated(root: 'api' | 'apis', form: AggregatedForm): TaggedText {
    return this.#answer(`${root} ${form}`, () => taggedList(this.#under(root), form));
  }

  #under(root: 'api' | 'apis'): GroupView[] {
    return this.#groups.get().filter((group) => isUnder(root, group));
  }

  /** What was answered before, or what `make` makes. What does not exist is not kept: anything can be asked for. */
  #answer<T>(key: string, make: () => T): T {
    const answers = this.#answers.get();
    const known = answers.get(key);
    if (known !== undefined) return known as T;
    const made = make();
    if (made !== undefined) answers.set(key, made);
    return made;
  }
}
