/**
 * Who may post from a browser, and under which names (threat T09).
 *
 * A page on the internet can make a visitor's browser post to a loopback port, and can point a name of its own
 * at 127.0.0.1 so that the answer counts as same-origin. Both are shut by two checks on headers that a page
 * cannot forge: `Host` must be a name of ours, and `Origin`, where a browser sends one, must be ours or listed.
 */
import type { IngressConfig } from './config.ts';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\]|\[::ffff:127(\.\d{1,3}){3}\])$/;
const CACHE_MAX = 1_000;

function hostName(host: string): string {
  return host.toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '');
}

export class HostGuard {
  readonly #names: ReadonlySet<string>;
  readonly #origins: ReadonlySet<string>;
  readonly #answersToAll: boolean;
  readonly #known = new Map<string, boolean>();

  /** A listener that was opened to the network by `host` answers to every name: its names are not known here. */
  constructor(config: Pick<IngressConfig, 'host' | 'allowedHosts' | 'allowedOrigins'>) {
    this.#names = new Set([config.host.toLowerCase(), ...config.allowedHosts.map(hostName)]);
    this.#origins = new Set(config.allowedOrigins.map((origin) => origin.toLowerCase()));
    this.#answersToAll =
      this.#names.has('*') ||
      config.host === '0.0.0.0' ||
      config.host === '::' ||
      config.host === '';
  }

  /** Whether a `Host` header names this listener. Names of cluster services are for the route table to judge. */
  allowsHost(host: string | undefined): boolean {
    if (this.#answersToAll) return true;
    if (host === undefined) return false;
    let known = this.#known.get(host);
    if (known === undefined) {
      const name = hostName(host);
      known = LOOPBACK.test(name) || name.endsWith('.localhost') || this.#names.has(name);
      if (this.#known.size >= CACHE_MAX) this.#known.clear();
      this.#known.set(host, known);
    }
    return known;
  }

  /** Whether a browser's `Origin` may post here: only what is listed, or a page served from this very address. */
  allowsOrigin(origin: string, host: string | undefined): boolean {
    const lower = origin.toLowerCase();
    return (
      this.#origins.has(lower) ||
      this.#origins.has('*') ||
      (host !== undefined && (lower === `http://${host}` || lower === `https://${host}`))
    );
  }
}
