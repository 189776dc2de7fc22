/**
 * HTTP to one API server: who asks, how long it may take, how large an answer may be, when to ask again, and what a
 * refusal means. It knows nothing of kinds; `kubernetes-store.ts` and `discovery.ts` do.
 *
 * A request is sent again in three cases only, in all of which the server certainly did nothing, or nothing is
 * changed by doing it twice: the server asks for it (429 or 503 with Retry-After), it refused a token that can be
 * renewed (401, once), or the connection broke under a GET (once). Anything else is the caller's decision.
 */
import { AffluxError, type Clock } from '@afflux/kernel';
import type { Dispatcher } from 'undici';
import { readBody, unpacked } from './answer-body.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { connectionError, isConnectionLost } from './connection-error.ts';
import { Connections } from './connections.ts';
import { CredentialSource, type Credentials } from './credentials.ts';
import { KubernetesError } from './errors.ts';
import { Lifetime } from './lifetime.ts';
import { refusalError } from './status-error.ts';
import { warningsOf } from './warnings.ts';

/** Bounds of a {@link RestClient}. */
export interface RestClientLimits {
  /** One attempt of a request, from connecting to the last byte. */
  readonly requestMsMax: number;
  /** Until a stream begins. */
  readonly streamStartMsMax: number;
  /** Without a byte on a stream; kube-apiserver sends a bookmark about once a minute. */
  readonly streamSilenceMsMax: number;
  /** Of one answer, packed and unpacked. */
  readonly answerBytesMax: number;
  /** How often a request is sent again because the server asks for it. */
  readonly retriesMax: number;
  /** Longest wait that a server may ask for; a longer one counts as this. */
  readonly retryAfterMsMax: number;
}

export const REST_CLIENT_LIMITS: RestClientLimits = {
  requestMsMax: 60_000,
  streamStartMsMax: 30_000,
  streamSilenceMsMax: 150_000,
  answerBytesMax: 64 * 1024 * 1024,
  retriesMax: 10,
  retryAfterMsMax: 30_000,
};

export interface RestClientOptions {
  readonly clock: Clock;
  /** How this program names itself to the server. Default `afflux`. */
  readonly userAgent?: string | undefined;
  readonly limits?: Partial<RestClientLimits> | undefined;
}

export type QueryValue = string | number | boolean | readonly string[] | undefined;

export interface RestRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the server's URL, escaped, with a slash at its beginning. */
  readonly path: string;
  readonly query?: Readonly<Record<string, QueryValue>> | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** A text goes as it is, anything else as JSON. */
  readonly body?: unknown;
  /** Default `application/json`. */
  readonly contentType?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export type RestHeaders = Readonly<Record<string, string | string[] | undefined>>;

export interface RestAnswer {
  readonly status: number;
  readonly headers: RestHeaders;
  /** What the server wants the author of the request to know. */
  readonly warnings: readonly string[];
  text(): string;
  /** Throws AFFLUX_KUBERNETES_ANSWER_INVALID for what is no JSON. */
  json(): unknown;
}

export interface StreamRequest extends Omit<RestRequest, 'method'> {
  /** Silence that ends the stream; 0: it may be silent for ever. Default: the client's limit. */
  readonly silenceMsMax?: number | undefined;
}

export interface RestStream {
  readonly status: number;
  readonly headers: RestHeaders;
  readonly warnings: readonly string[];
  /**
   * What comes, to be read once. Rejects when the connection breaks, the signal aborts or the stream falls silent;
   * leaving the loop ends the stream. A stream that is never read must be cancelled.
   */
  readonly chunks: AsyncIterable<Buffer>;
  cancel(): void;
}

/** A client for one cluster and one user. Safe to use concurrently; close it when done. */
export class RestClient {
  readonly access: ClusterAccess;
  readonly #clock: Clock;
  readonly #limits: RestClientLimits;
  readonly #userAgent: string;
  readonly #credentials: CredentialSource;
  readonly #connections: Connections;
  readonly #url: URL;

  /** Does no I/O. */
  constructor(access: ClusterAccess, options: RestClientOptions) {
    this.access = access;
    this.#clock = options.clock;
    this.#limits = { ...REST_CLIENT_LIMITS, ...options.limits };
    this.#userAgent = options.userAgent ?? 'afflux';
    this.#credentials = new CredentialSource(access, options.clock);
    this.#connections = new Connections(access);
    this.#url = new URL(access.server);
  }

  /**
   * Sends a request and reads its answer. Rejects with `StoreError` or `KubernetesError` for every answer that is
   * no success, and with AFFLUX_KERNEL_ABORTED when the signal aborts.
   */
  async request(request: RestRequest): Promise<RestAnswer> {
    const lifetime = new Lifetime(this.#clock, request.signal);
    try {
      for (let isFirst = true; ; isFirst = false) {
        try {
          return await this.#readWhole(request, lifetime);
        } catch (error) {
          if (!isFirst || request.method !== 'GET' || !isConnectionLost(error)) throw error;
        }
      }
    } catch (error) {
      throw this.#translate(error, lifetime);
    } finally {
      lifetime.end();
    }
  }

  /** Starts a GET whose answer goes on and on: a watch, a log. Resolves when it begins; rejects as `request`. */
  async stream(request: StreamRequest): Promise<RestStream> {
    const lifetime = new Lifetime(this.#clock, request.signal);
    try {
      const response = await this.#send({ ...request, method: 'GET' }, lifetime, 'streams');
      lifetime.disarm();
      // Who reads the chunks sees the failure; without a listener, one before that would be nobody's.
      response.body.on('error', () => undefined);
      const { statusCode: status, headers } = response;
      return {
        status,
        headers,
        warnings: warningsOf(headers['warning']),
        chunks: this.#follow(response, lifetime, request.silenceMsMax),
        cancel: () => {
          lifetime.abort(new Error('the stream was cancelled'));
          response.body.destroy();
        },
      };
    } catch (error) {
      lifetime.end();
      throw this.#translate(error, lifetime);
    }
  }

  /** Breaks all connections. Idempotent. */
  close(): Promise<void> {
    return this.#connections.close();
  }

  async #readWhole(request: RestRequest, lifetime: Lifetime): Promise<RestAnswer> {
    const response = await this.#send(request, lifetime, 'requests');
    const text = await this.#text(response);
    return {
      status: response.statusCode,
      headers: response.headers,
      warnings: warningsOf(response.headers['warning']),
      text: () => text,
      json: () => parseJson(text),
    };
  }

  /** Sends until there is an answer that counts; a success, or an error thrown. */
  async #send(
    request: RestRequest,
    lifetime: Lifetime,
    use: 'requests' | 'streams',
  ): Promise<Dispatcher.ResponseData> {
    const { requestMsMax, streamStartMsMax, retriesMax } = this.#limits;
    const msMax = use === 'requests' ? requestMsMax : streamStartMsMax;
    let hasRenewed = false;
    for (let retries = 0; ;) {
      lifetime.arm(msMax, () => this.#timeout(msMax));
      const credentials = await this.#credentials.get();
      const response = await this.#dispatch(request, credentials, lifetime, use);
      const { statusCode } = response;
      if (statusCode < 300) return response;
      const text = await this.#text(response);
      if (statusCode === 401 && !hasRenewed && this.#credentials.refused(credentials)) {
        hasRenewed = true;
        continue;
      }
      const waitMs = this.#retryAfterMs(response);
      if (waitMs === undefined || retries >= retriesMax) {
        throw refusalError(statusCode, text);
      }
      retries += 1;
      lifetime.disarm();
      await this.#clock.sleep(waitMs, lifetime.signal);
    }
  }

  #dispatch(
    request: RestRequest,
    credentials: Credentials,
    lifetime: Lifetime,
    use: 'requests' | 'streams',
  ): Promise<Dispatcher.ResponseData> {
    if (this.#connections.isClosed) {
      throw new KubernetesError('AFFLUX_KUBERNETES_CLOSED', 'the client is closed');
    }
    const agent = this.#connections.pool(credentials, use);
    const { authorization } = credentials;
    return agent.request({
      origin: this.#url.origin,
      path: this.#path(request),
      method: request.method,
      headers: {
        accept: 'application/json',
        'accept-encoding': 'gzip',
        'user-agent': this.#userAgent,
        ...(request.body === undefined
          ? {}
          : { 'content-type': request.contentType ?? 'application/json' }),
        ...(authorization === undefined ? {} : { authorization }),
        ...request.headers,
      },
      body: bodyText(request.body),
      signal: lifetime.signal,
    });
  }

  #path(request: RestRequest): string {
    const base = this.#url.pathname === '/' ? '' : this.#url.pathname;
    const query = queryText(request.query ?? {});
    return `${base}${request.path}${query === '' ? '' : `?${query}`}`;
  }

  #text(response: Dispatcher.ResponseData): Promise<string> {
    return readBody(response.body, encodingOf(response), this.#limits.answerBytesMax);
  }

  #retryAfterMs({ statusCode, headers }: Dispatcher.ResponseData): number | undefined {
    if (statusCode !== 429 && statusCode !== 503) return undefined;
    const value = headers['retry-after'];
    if (typeof value !== 'string' || !/^\d{1,9}$/.test(value)) return undefined;
    return Math.min(Number(value) * 1_000, this.#limits.retryAfterMsMax);
  }

  async *#follow(
    response: Dispatcher.ResponseData,
    lifetime: Lifetime,
    silenceMsMax: number = this.#limits.streamSilenceMsMax,
  ): AsyncGenerator<Buffer, void> {
    // Only waiting for the server counts as silence, not a reader that takes its time.
    const listen = (): void => {
      if (silenceMsMax > 0) lifetime.arm(silenceMsMax, () => this.#silent(silenceMsMax));
    };
    try {
      listen();
      for await (const chunk of unpacked(response.body, encodingOf(response))) {
        lifetime.disarm();
        yield chunk as Buffer;
        listen();
      }
    } catch (error) {
      throw this.#translate(error, lifetime);
    } finally {
      lifetime.end();
    }
  }

  #timeout(msMax: number): KubernetesError {
    return new KubernetesError(
      'AFFLUX_KUBERNETES_TIMEOUT',
      `${this.access.server} did not answer within ${String(msMax)} ms; a write may or may not have taken effect`,
      { details: { server: this.access.server, msMax } },
    );
  }

  #silent(silenceMsMax: number): KubernetesError {
    return new KubernetesError(
      'AFFLUX_KUBERNETES_STREAM_SILENT',
      `nothing came from ${this.access.server} for ${String(silenceMsMax)} ms`,
      { details: { server: this.access.server, silenceMsMax } },
    );
  }

  /** What was aborted fails with the reason of that; what the network threw is put in words. */
  #translate(error: unknown, lifetime: Lifetime): unknown {
    if (lifetime.signal.aborted) return lifetime.signal.reason;
    return isOurs(error) ? error : connectionError(error, this.access);
  }
}

/** Errors that say already what there is to say. */
function isOurs(error: unknown): boolean {
  return error instanceof AffluxError;
}

function encodingOf({ headers }: Dispatcher.ResponseData): string | undefined {
  const encoding = headers['content-encoding'];
  return typeof encoding === 'string' ? encoding.toLowerCase() : undefined;
}

function bodyText(body: unknown): string | null {
  if (body === undefined) return null;
  return typeof body === 'string' ? body : JSON.stringify(body);
}

function queryText(query: Readonly<Record<string, QueryValue>>): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    const values = typeof value === 'object' ? value : [String(value)];
    for (const each of values) parameters.append(name, each);
  }
  return parameters.toString();
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new KubernetesError(
      'AFFLUX_KUBERNETES_ANSWER_INVALID',
      'the server answered with something that is not JSON',
      { cause },
    );
  }
}
