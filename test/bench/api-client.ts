/**
 * Requests to an API server over HTTP/1.1 with kept connections. As little as possible happens here: the load
 * generator shares a small machine with what it measures.
 */
import { Pool, type Dispatcher } from 'undici';

/** How a server is reached; without `tls` over plain HTTP. */
export interface ApiAccess {
  readonly url: string;
  /** PEM texts. */
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string };
}

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  /** JSON text. */
  readonly body?: string;
}

export interface ApiReply {
  readonly status: number;
  readonly body: Buffer;
}

const NO_BODY = Buffer.alloc(0);

/** One connection for each of `connections`, no pipelining, no limit on how long an answer takes. */
export function connectTo({ url, tls }: ApiAccess, connections: number): Pool {
  return new Pool(url, {
    connections,
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    ...(tls === undefined ? {} : { connect: tls }),
  });
}

function headersOf({ body }: ApiRequest): Record<string, string> {
  const accept = { accept: 'application/json', 'user-agent': 'afflux-bench' };
  return body === undefined ? accept : { ...accept, 'content-type': 'application/json' };
}

/** Resolves with the whole answer, whatever its status. */
export function send(dispatcher: Dispatcher, request: ApiRequest): Promise<ApiReply> {
  const { method, path, body = null } = request;
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let status = 0;
    dispatcher.dispatch(
      { method, path, body, headers: headersOf(request) },
      {
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
      },
    );
  });
}

/** The JSON of an answer that must have one of these states. */
export async function sendChecked(
  dispatcher: Dispatcher,
  request: ApiRequest,
  statuses: readonly number[],
): Promise<unknown> {
  const { status, body } = await send(dispatcher, request);
  const text = body.toString('utf8');
  if (statuses.includes(status)) return JSON.parse(text) as unknown;
  throw new Error(`${request.method} ${request.path}: ${String(status)} ${text.slice(0, 500)}`);
}

/** Hears of an answer without end. */
export interface Follower {
  /** How many lines a piece of the answer completes. */
  onLines(count: number): void;
  /** It ended all the same. */
  onEnd(cause: unknown): void;
}

/** Asks for an answer without end; resolves when it has begun. */
export function follow(dispatcher: Dispatcher, path: string, follower: Follower): Promise<void> {
  return new Promise((resolve, reject) => {
    dispatcher.dispatch(
      { method: 'GET', path, headers: headersOf({ method: 'GET', path }) },
      {
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
      },
    );
  });
}

const NEWLINE = 0x0a;

function linesIn(chunk: Buffer): number {
  let count = 0;
  for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, at + 1)) count += 1;
  return count;
}
