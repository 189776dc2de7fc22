/**
 * What a server serves, asked once for each client and again when something is missing, because kinds are installed
 * while programs run. A `Discovery` is also where a `KubernetesStore` looks kinds up.
 */
import type { Clock } from '@afflux/kernel';
import {
  aggregatedResources,
  apiPath,
  apiVersionOf,
  groupVersions,
  isAggregated,
  listedResources,
  type ApiResource,
  type CoreVersionsDocument,
  type GroupsDocument,
  type GroupVersion,
  type ResourcesDocument,
} from './discovery-documents.ts';
import { KubernetesError } from './errors.ts';
import { matchResources } from './resource-names.ts';
import type { RestClient } from './rest-client.ts';

/** Something that is missing is not asked for again sooner. */
const REFRESH_MS_MIN = 1_000;

/** Best form first; a server that knows none of them answers in the old form. */
const ACCEPT = [
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList',
  'application/json',
].join(',');

/** Everything that the server serves now. Groups whose server is away are left out. */
export async function resourcesOf(client: RestClient): Promise<readonly ApiResource[]> {
  const [core, groups] = await Promise.all([
    readDocument(client, '/api'),
    readDocument(client, '/apis'),
  ]);
  if (isAggregated(core) && isAggregated(groups)) {
    return [...aggregatedResources(core), ...aggregatedResources(groups)];
  }
  const versions = groupVersions(core as CoreVersionsDocument, groups as GroupsDocument);
  const lists = await Promise.all(versions.map((version) => listGroup(client, version)));
  return lists.flat();
}

async function readDocument(client: RestClient, path: string): Promise<unknown> {
  return (await client.request({ method: 'GET', path, headers: { accept: ACCEPT } })).json();
}

async function listGroup(client: RestClient, at: GroupVersion): Promise<readonly ApiResource[]> {
  try {
    const path = apiPath(apiVersionOf(at));
    const answer = await client.request({ method: 'GET', path });
    return listedResources(at, answer.json() as ResourcesDocument);
  } catch (error) {
    if (isGroupAway(error)) return [];
    throw error;
  }
}

/** Served by another server that does not answer, or gone since it was named. */
function isGroupAway(error: unknown): boolean {
  const status = (error as { status?: unknown }).status;
  return typeof status === 'number' && (status === 404 || status >= 500);
}

/** The resources of one client's server, kept. */
export class Discovery {
  readonly #client: RestClient;
  readonly #clock: Clock;
  #known:
    { readonly resources: Promise<readonly ApiResource[]>; readonly atMs: number } | undefined;

  constructor(client: RestClient, options: { readonly clock: Clock }) {
    this.#client = client;
    this.#clock = options.clock;
  }

  /** All resources, in the server's order. A failure is not kept: the next call asks again. */
  async resources(): Promise<readonly ApiResource[]> {
    if (this.#known === undefined) {
      const known = { resources: resourcesOf(this.#client), atMs: this.#clock.monotonicMs() };
      this.#known = known;
      known.resources.catch(() => {
        if (this.#known === known) this.#known = undefined;
      });
    }
    return this.#known.resources;
  }

  /**
   * What is meant by a name as people type it: one resource, or several for a category. Rejects with
   * AFFLUX_KUBERNETES_RESOURCE_UNKNOWN.
   */
  async resolve(name: string): Promise<readonly ApiResource[]> {
    const found = await this.#find((resources) => {
      const matches = matchResources(resources, name);
      return matches.length === 0 ? undefined : matches;
    });
    if (found !== undefined) return found;
    throw new KubernetesError(
      'AFFLUX_KUBERNETES_RESOURCE_UNKNOWN',
      `${this.#client.access.server} serves no resource named ${JSON.stringify(name)}`,
      { details: { name } },
    );
  }

  /** The resource of a kind; undefined when it is not served. */
  get(apiVersion: string, kind: string): Promise<ApiResource | undefined> {
    return this.#find((resources) =>
      resources.find((resource) => resource.apiVersion === apiVersion && resource.kind === kind),
    );
  }

  /** Looks, and looks once more in a fresh picture when there is nothing and the picture is not that new. */
  async #find<T>(
    look: (resources: readonly ApiResource[]) => T | undefined,
  ): Promise<T | undefined> {
    const found = look(await this.resources());
    if (found !== undefined || this.#known === undefined) return found;
    if (this.#clock.monotonicMs() - this.#known.atMs < REFRESH_MS_MIN) return undefined;
    this.#known = undefined;
    return look(await this.resources());
  }
}
