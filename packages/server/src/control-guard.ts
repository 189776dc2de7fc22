/**
 * Who may call the control port (threats T09, T23, T26): the first thing that every request meets, whatever its
 * path, so that there is no path around it. A page in a browser gives itself away by headers that it cannot forge;
 * off loopback, callers show the token. Only probes are free.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Names and origins, as the event port judges them. */
export interface CallerGuard {
  allowsHost(host: string | undefined): boolean;
  allowsOrigin(origin: string, host: string | undefined): boolean;
}

/** Why a caller is turned away. */
export interface Refusal {
  readonly code: 401 | 403;
  readonly reason: 'Unauthorized' | 'Forbidden';
  readonly message: string;
}

/** Routes that probes call without a token; they tell nothing but yes or no, and which part is not ready. */
const PROBES: ReadonlySet<string> = new Set(['/healthz', '/livez', '/readyz']);

export class ControlGuard {
  readonly #callers: CallerGuard;
  readonly #tokenHash: Buffer | undefined;

  /** Without a token everybody on this machine may call: the port must be on loopback then. */
  constructor({
    callers,
    token,
  }: {
    readonly callers: CallerGuard;
    readonly token: string | undefined;
  }) {
    this.#callers = callers;
    this.#tokenHash = token === undefined ? undefined : hashOf(token);
  }

  /** `route` is the one that was found for the request, not its path as it was written. */
  refusalOf(headers: IncomingHttpHeaders, route: string | undefined): Refusal | undefined {
    const { host, origin } = headers;
    if (!this.#callers.allowsHost(host)) {
      return forbidden(`host ${JSON.stringify(host ?? '')} is not ours`);
    }
    if (origin !== undefined && !this.#callers.allowsOrigin(origin, host)) {
      return forbidden(`origin ${JSON.stringify(origin)} is not allowed`);
    }
    if (headers['sec-fetch-site'] === 'cross-site') {
      return forbidden('a page of another site may not call this port');
    }
    if (route !== undefined && PROBES.has(route)) return undefined;
    if (this.#tokenHash === undefined || this.#isToken(headers.authorization)) return undefined;
    return { code: 401, reason: 'Unauthorized', message: 'Unauthorized' };
  }

  #isToken(authorization: string | undefined): boolean {
    const [, token] = /^Bearer +([^\s]{1,4096})$/i.exec(authorization ?? '') ?? [];
    // Equal lengths, so that the time of the comparison tells nothing.
    return token !== undefined && timingSafeEqual(hashOf(token), this.#tokenHash ?? Buffer.of());
  }
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function forbidden(why: string): Refusal {
  return { code: 403, reason: 'Forbidden', message: `forbidden: ${why}` };
}
