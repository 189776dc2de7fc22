/**
 * What a request shows to prove who asks: a header, a certificate, or both. Tokens in files are read again when the
 * last look is a minute old (Kubernetes renews them), credentials of programs when they expire; both at once after the
 * server said 401. Many requests at the same time cause one read.
 */
import { readFile } from 'node:fs/promises';
import type { Clock } from '@afflux/kernel';
import type { ClusterAccess } from './cluster-access.ts';
import { KubernetesError } from './errors.ts';
import { runExecPlugin } from './exec-credential.ts';

/** A token file is looked at again after so long (client-go). */
const TOKEN_FILE_MS_MAX = 60_000;
/** Credentials that expire sooner than this are renewed. */
const EXPIRY_MARGIN_MS = 10_000;

export interface Credentials {
  readonly authorization?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

/** Credentials with the moment from which they are not to be used; undefined: no such moment. */
interface Held {
  readonly credentials: Credentials;
  readonly isStale: () => boolean;
}

export class CredentialSource {
  readonly #access: ClusterAccess;
  readonly #clock: Clock;
  #held: Held | undefined;
  #pending: Promise<Held> | undefined;

  constructor(access: ClusterAccess, clock: Clock) {
    this.#access = access;
    this.#clock = clock;
  }

  /** Credentials that are good now. Rejects with AFFLUX_KUBERNETES_CREDENTIALS_FAILED. */
  async get(): Promise<Credentials> {
    if (this.#held?.isStale() === false) return this.#held.credentials;
    this.#pending ??= this.#obtain().finally(() => {
      this.#pending = undefined;
    });
    this.#held = await this.#pending;
    return this.#held.credentials;
  }

  /** The server refused these. True when asking for others can help. */
  refused(credentials: Credentials): boolean {
    const { exec, tokenFile } = this.#access;
    if (exec === undefined && tokenFile === undefined) return false;
    // Somebody else may have fetched new ones since.
    if (this.#held?.credentials === credentials) this.#held = undefined;
    return true;
  }

  async #obtain(): Promise<Held> {
    const { cert, key, exec, tokenFile, token, username, password } = this.#access;
    if (tokenFile !== undefined) return this.#readTokenFile(tokenFile);
    if (exec !== undefined && token === undefined) {
      const { expiresAtMs, ...found } = await runExecPlugin(exec, this.#access);
      return {
        credentials: {
          authorization: found.token === undefined ? undefined : `Bearer ${found.token}`,
          cert: found.cert ?? cert,
          key: found.key ?? key,
        },
        isStale: () =>
          expiresAtMs !== undefined && this.#clock.now() > expiresAtMs - EXPIRY_MARGIN_MS,
      };
    }
    return {
      credentials: { authorization: fixedHeader({ token, username, password }), cert, key },
      isStale: () => false,
    };
  }

  async #readTokenFile(path: string): Promise<Held> {
    const readMs = this.#clock.monotonicMs();
    let token: string;
    try {
      token = (await readFile(path, 'utf8')).trim();
    } catch (cause) {
      throw new KubernetesError(
        'AFFLUX_KUBERNETES_CREDENTIALS_FAILED',
        `the token file ${path} cannot be read`,
        { cause, details: { file: path } },
      );
    }
    const { cert, key } = this.#access;
    return {
      credentials: { authorization: `Bearer ${token}`, cert, key },
      isStale: () => this.#clock.monotonicMs() - readMs > TOKEN_FILE_MS_MAX,
    };
  }
}

function fixedHeader(
  access: Pick<ClusterAccess, 'token' | 'username' | 'password'>,
): string | undefined {
  const { token, username, password } = access;
  if (token !== undefined) return `Bearer ${token}`;
  if (username === undefined) return undefined;
  return `Basic ${Buffer.from(`${username}:${password ?? ''}`, 'utf8').toString('base64')}`;
}
