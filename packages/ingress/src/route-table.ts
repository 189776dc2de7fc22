/**
 * Who receives what is posted where. Features put their routes in as objects come and go; the listener looks
 * them up once per request.
 *
 * A route is found by path (`/<namespace>/<broker>`, `/<namespace>/channels/<channel>`), or, for the path `/`,
 * by host name (`<channel>-kn-channel.<namespace>.svc.cluster.local`). Matching tolerates what the originals
 * do not: one trailing slash, a query, a port in the host, upper case, and the short forms of a cluster name
 * (`….<namespace>.svc`, `….<namespace>`).
 */
import type { CloudEvent } from '@afflux/events';
import type { TraceContext } from '@afflux/kernel';

/** What comes with a request beside its events. */
export interface RequestContext {
  /** Flat list of names and values of the headers that are handed on to subscribers. */
  readonly passthrough: readonly string[] | undefined;
  readonly trace: TraceContext | undefined;
}

/** Where events posted to one address go. */
export interface EventRoute {
  readonly namespace: string;
  /** The canonical path, such as `/default/orders`: the value of the metric label `http_route`. */
  readonly path: string;
  /**
   * Takes all of the events or none. Returning means they are as safe as the channel promises; a rejection or
   * throw is answered by its `details.status` and `details.retryAfterMs` where it is an `AffluxError`.
   * Returns no promise when the events were taken at once.
   */
  accept(events: readonly CloudEvent[], context: RequestContext): Promise<void> | undefined;
}

/** Entries of the lookup cache for hosts as they were sent; more distinct hosts empty it. */
const HOST_CACHE_MAX = 1_000;

const CLUSTER_SUFFIX = /\.svc(\.[a-z0-9-]+)*$/;

/** The part of a host name that identifies a Service: `<name>.<namespace>`, without port and cluster domain. */
export function serviceHostKey(host: string): string {
  return host.toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '').replace(CLUSTER_SUFFIX, '');
}

export class RouteTable {
  readonly #byPath = new Map<string, EventRoute>();
  readonly #byHost = new Map<string, EventRoute>();
  readonly #hostKeys = new Map<string, string>();

  /** Adds or replaces the route of a path such as `/default/orders`. */
  setPath(path: string, route: EventRoute): void {
    this.#byPath.set(path, route);
  }

  /** Removes a path, but only while it still leads to this route. */
  deletePath(path: string, route: EventRoute): void {
    if (this.#byPath.get(path) === route) this.#byPath.delete(path);
  }

  /** Adds or replaces the route of a Service host name, in any of its forms. */
  setHost(host: string, route: EventRoute): void {
    this.#byHost.set(serviceHostKey(host), route);
  }

  deleteHost(host: string, route: EventRoute): void {
    const key = serviceHostKey(host);
    if (this.#byHost.get(key) === route) this.#byHost.delete(key);
  }

  /** The route for a request target and a `Host` header, or undefined. */
  find(target: string, host: string | undefined): EventRoute | undefined {
    const direct = this.#byPath.get(target);
    if (direct !== undefined) return direct;
    const path = normalizePath(target);
    if (path === '/') return host === undefined ? undefined : this.findHost(host);
    return this.#byPath.get(path);
  }

  /** The route of a host name as it was sent, or undefined. */
  findHost(host: string): EventRoute | undefined {
    if (this.#byHost.size === 0) return undefined;
    let key = this.#hostKeys.get(host);
    if (key === undefined) {
      key = serviceHostKey(host);
      if (this.#hostKeys.size >= HOST_CACHE_MAX) this.#hostKeys.clear();
      this.#hostKeys.set(host, key);
    }
    return this.#byHost.get(key);
  }
}

/** Path of an origin-form or absolute-form request target, without query and trailing slash. */
function normalizePath(target: string): string {
  let path = target;
  if (!path.startsWith('/')) {
    try {
      path = new URL(path).pathname;
    } catch {
      return target;
    }
  }
  const query = path.indexOf('?');
  if (query !== -1) path = path.slice(0, query);
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}
