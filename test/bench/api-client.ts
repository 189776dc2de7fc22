/**
 * Requests to an API server over HTTP/1.1 with kept connections. As little as possible happens here: the load
 * generator shares a small machine with what it measures.
 */
import { Pool } from 'undici';

/** How a server is reached; without `tls` over plain HTTP. */
export interface ApiAccess {
  readonly url: string;
  /** PEM texts. */
  readonly tls?: Readonly<Record<'ca' | 'cert' | 'key', string | undefined>>;
  readonly token?: string;
}

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  /** JSON text. */
  readonly body?: string;
}

interface ApiReply {
  readonly status: number;
  readonly body: Buffer;
}

const NO_BODY = Buffer.alloc(0);

/** Hears of an answer without end. */
export interface Follower {
  /** How many lines a piece of the answer completes. */
  onLines(count: number): void;
  /** It ended all the same. */
  onEnd(cause: unknown): void;
}

export class ApiClient {
  readonly #pool: Pool;
  readonly #headers: Readonly<Record<string, string>>;

  /** No pipelining, and no limit on how long an answer takes. */
  constructor({ url, tls, token }: ApiAccess, connections: number) {
    this.#pool = new Pool(url, {
      connections,
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      ...(tls === undefined ? {} : { connect: tls }),
    });
    this.#headers = {
      accept: 'application/json',
      'user-agent': 'afflux-bench',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
  }

  /** Resolves with the whole answer, whatever its status. */
  send({ method, path, body }: ApiRequest): Promise<ApiReply> {
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const request = { method, path, body: body ?? null, headers: { ...this.#headers, ...type } };
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let status = 0;
      this.#pool.dispatch(request, {
        onRequestStart: () => undefined,
        onResponseStart: (_controller, code) => {
          status = code;
        },
        onResponseData: (_controller, chunk) => {
          chunks.push(chunk);
        },
        onResponseEnd: () => {
          const [first = NO_BODY] = chunks;
          resolve({ status, body: chunks.length < 2 ? first : Buffer.concat(chunks) });
        },
        onResponseError: (_controller, error) => {
          reject(error);
        },
      });
    });
  }

  /** The JSON of an answer that must have this status. */
  async sendChecked(request: ApiRequest, expected = 200): Promise<unknown> {
    const { status, body } = await this.send(request);
    const text = body.toString('utf8');
    if (status === expected) return JSON.parse(text) as unknown;
    throw new Error(`${request.method} ${request.path}: ${String(status)} ${text.slice(0, 500)}`);
  }

  /** Asks for an answer without end; resolves when it has begun. */
  follow(path: string, follower: Follower): Promise<void> {
    return new Promise((resolve, reject) => {
      const request = { method: 'GET', path, headers: this.#headers } as const;
      this.#pool.dispatch(request, {
        onRequestStart: () => undefined,
        onResponseStart: (_controller, status) => {
          if (status === 200) resolve();
          else reject(new Error(`GET ${path}: ${String(status)}`));
        },
        onResponseData: (_controller, chunk) => {
          const count = linesIn(chunk);
          if (count > 0) follower.onLines(count);
        },
        onResponseEnd: () => {
          follower.onEnd(new Error(`GET ${path} has ended`));
        },
        onResponseError: (_controller, error) => {
          reject(error);
          follower.onEnd(error);
        },
      });
    });
  }

  /** Cuts everything off that is on its way. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}

const NEWLINE = 0x0a;

function linesIn(chunk: Buffer): number {
  let count = 0;
  for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}
