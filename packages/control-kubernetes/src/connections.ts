/**
 * The connections to one cluster: a bounded pool for requests, and one without a bound for streams, so that watches
 * never starve requests. Both live as long as the client; a client certificate that changes gets new ones, and what
 * runs on the old ones runs to its end there.
 */
import { Agent } from 'undici';
import type { ClusterAccess } from './cluster-access.ts';
import type { Credentials } from './credentials.ts';

/** Connections for requests at the same time; more requests wait. */
const CONNECTIONS_MAX = 32;
const CONNECT_MS_MAX = 10_000;
/** Shorter than any server or load balancer keeps an idle connection. */
const IDLE_MS_MAX = 30_000;

interface Pools {
  readonly cert: string | undefined;
  readonly requests: Agent;
  readonly streams: Agent;
}

export class Connections {
  readonly #access: ClusterAccess;
  #pools: Pools | undefined;
  readonly #open = new Set<Agent>();
  #isClosed = false;

  constructor(access: ClusterAccess) {
    this.#access = access;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The pool for a request with these credentials. */
  pool(credentials: Credentials, use: 'requests' | 'streams'): Agent {
    if (this.#pools === undefined || this.#pools.cert !== credentials.cert) {
      const old = this.#pools;
      this.#pools = this.#openPools(credentials);
      if (old !== undefined) for (const agent of [old.requests, old.streams]) this.#retire(agent);
    }
    return this.#pools[use];
  }

  /** Breaks every connection; what is under way fails. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const agents = [...this.#open];
    this.#open.clear();
    await Promise.all(agents.map((agent) => agent.destroy()));
  }

  #retire(agent: Agent): void {
    const done = (): void => {
      this.#open.delete(agent);
    };
    // It fails only when it was destroyed meanwhile, which is as good.
    void agent.close().then(done, done);
  }

  #openPools({ cert, key }: Credentials): Pools {
    const { ca, tlsServerName, insecureSkipTlsVerify } = this.#access;
    const connect = {
      timeout: CONNECT_MS_MAX,
      rejectUnauthorized: insecureSkipTlsVerify !== true,
      // What a kubeconfig names is trusted as it is, as Go does, also where its own issuer is not there.
      ...(ca === undefined ? {} : { ca, allowPartialTrustChain: true }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(tlsServerName === undefined ? {} : { servername: tlsServerName }),
    };
    // The deadlines of undici are off: the client has its own, on the clock that it was given.
    const common = {
      connect,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: IDLE_MS_MAX,
      keepAliveMaxTimeout: IDLE_MS_MAX,
    };
    const requests = new Agent({ ...common, connections: CONNECTIONS_MAX });
    const streams = new Agent(common);
    for (const agent of [requests, streams]) this.#open.add(agent);
    return { cert, requests, streams };
  }
}
