/** Requests to the API as any program makes them, and the product to make them to, in this process. */
import { createAfflux, type Afflux, type AffluxOptions } from '@afflux/server';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, onTestFinished } from 'vitest';

/** An object of the API: tests look at its fields, they are not typed. */
export interface Seen {
  readonly kind: string;
  readonly apiVersion: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation?: number;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly labels?: Readonly<Record<string, string>>;
    readonly managedFields?: readonly { readonly manager: string; readonly operation: string }[];
    readonly [field: string]: unknown;
  };
  readonly data?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

export interface SeenList {
  readonly kind: string;
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
  readonly items: readonly Seen[];
}

/** What the server says about a failure. */
export interface SeenStatus {
  readonly kind: 'Status';
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly details?: { readonly causes?: readonly { readonly field?: string }[] };
}

export interface Answered<T = Seen & SeenStatus> {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** The JSON of the answer. */
  readonly body: T;
}

export interface CallOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export class ApiClient {
  readonly url: string;
  readonly #agent: Agent;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(url: string, headers: Readonly<Record<string, string>> = {}) {
    this.url = url;
    this.#headers = headers;
    this.#agent = new Agent({ connections: 64, pipelining: 1 });
  }

  /** Objects are sent as JSON, text and bytes as they are. */
  async call<T = Seen & SeenStatus>(
    method: string,
    path: string,
    body?: object | string | Buffer,
    { headers = {}, signal }: CallOptions = {},
  ): Promise<Answered<T>> {
    const isRaw = typeof body === 'string' || Buffer.isBuffer(body);
    const answer = await request(this.url + path, {
      method,
      dispatcher: this.#agent,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...this.#headers,
        ...headers,
      },
      body: body === undefined ? null : isRaw ? body : JSON.stringify(body),
      ...(signal === undefined ? {} : { signal }),
    });
    const text = await answer.body.text();
    return {
      status: answer.statusCode,
      headers: answer.headers,
      text,
      get body() {
        return JSON.parse(text) as T;
      },
    };
  }

  get<T = Seen & SeenStatus>(path: string, options?: CallOptions): Promise<Answered<T>> {
    return this.call<T>('GET', path, undefined, options);
  }

  async list(path: string): Promise<SeenList> {
    const answer = await this.get<SeenList>(path);
    if (answer.status !== 200) throw new Error(`${String(answer.status)}: ${answer.text}`);
    return answer.body;
  }

  post(path: string, body: object | string, options?: CallOptions): Promise<Answered> {
    return this.call('POST', path, body, options);
  }

  put(path: string, body: object | string, options?: CallOptions): Promise<Answered> {
    return this.call('PUT', path, body, options);
  }

  delete(path: string, body?: object, options?: CallOptions): Promise<Answered> {
    return this.call('DELETE', path, body, options);
  }

  /** `type` is one of merge, json, strategic-merge, apply. */
  patch(type: string, path: string, body: object | string): Promise<Answered> {
    const suffix = type === 'apply' ? 'apply-patch+yaml' : `${type}-patch+json`;
    return this.call('PATCH', path, body, {
      headers: { 'content-type': `application/${suffix}` },
    });
  }

  close(): Promise<void> {
    return this.#agent.destroy();
  }
}

export interface Laptop {
  readonly afflux: Afflux;
  readonly api: ApiClient;
  /** Ends this life; another may begin on the same data directory. */
  readonly stop: () => Promise<void>;
}

/** Starts the product in this process on free ports, until the test ends. */
export async function startLaptop(
  options: AffluxOptions = {},
  atEnd: (cleanUp: () => Promise<void>) => void = onTestFinished,
): Promise<Laptop> {
  const afflux = createAfflux({ log: { level: 'silent' }, shutdownGrace: 0, ...options });
  atEnd(async () => {
    await afflux.close();
  });
  await afflux.start();
  const { controlToken } = afflux;
  const headers =
    controlToken === undefined ? {} : { authorization: `Bearer ${controlToken.token}` };
  // Plain HTTP is there beside TLS, and what is asked here is the same over either.
  const api = new ApiClient(afflux.controlUrl.replace('https:', 'http:'), headers);
  atEnd(() => api.close());
  const stop = async (): Promise<void> => {
    await api.close();
    await afflux.close();
  };
  return { afflux, api, stop };
}

/** One for all tests of a file, from the first to the last; `started` is given it before them. */
export function shareLaptop(started: (laptop: Laptop) => void): void {
  let laptop: Laptop;
  beforeAll(async () => {
    laptop = await startLaptop({}, () => undefined);
    started(laptop);
  });
  afterAll(async () => {
    await laptop.stop();
  });
}

/** Path of a kind in a namespace, or of one of its objects. */
export function configMaps(namespace: string, name = ''): string {
  const base = `/api/v1/namespaces/${namespace}/configmaps`;
  return name === '' ? base : `${base}/${name}`;
}

export function configMap(
  name: string,
  data: Readonly<Record<string, string>> = {},
  metadata: object = {},
): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data };
}

let namespaces = 0;

/** A new namespace. */
export async function makeNamespace(api: ApiClient, prefix = 'test'): Promise<string> {
  namespaces += 1;
  const name = `${prefix}-${String(namespaces)}`;
  const { status, text } = await api.post('/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name },
  });
  if (status !== 201) throw new Error(text);
  return name;
}
