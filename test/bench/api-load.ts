/**
 * A client of an API server as a process of its own. The server is named in the first argument (JSON of an
 * `ApiAccess`).
 *
 * - `closed`: a number of connections, each with its next request when the last is answered.
 * - `watch`: opens watches, and `write` writes one object again and again: the next time when every watch has
 *   shown the last one.
 */
import { ApiClient, type ApiAccess, type ApiRequest } from './api-client.ts';
import { serveQuestions } from './child.ts';

export type Verb = 'create' | 'update' | 'get' | 'list';

export interface VerbLoad {
  readonly verb: Verb;
  /** Path of the collection. */
  readonly collection: string;
  /** An object without a name. */
  readonly object: object;
  /** Objects are called `<names>-0` and so on. */
  readonly names: string;
  /** Objects that are there, for all verbs but `create`. */
  readonly count: number;
  readonly connections: number;
  /** Whichever comes first ends the load. */
  readonly durationMs: number;
  readonly requestsMax: number;
}

export interface VerbReport {
  readonly requests: number;
  readonly elapsedMs: number;
}

export interface WatchLoad {
  readonly collection: string;
  readonly watchers: number;
}

export interface WriteLoad {
  readonly collection: string;
  readonly object: object;
  readonly name: string;
  readonly writes: number;
}

export interface WriteReport {
  readonly elapsedMs: number;
  /** From the answer to the writer until the last watch has shown it; 0 where that came first. */
  readonly delaysMs: readonly number[];
}

/** Texts in a body that change with each request. */
const NAME = '@name@';
const VERSION = '@version@';
const TEXT = '@text@';

/** Makes bodies from a template: serialising each would cost more than sending it. */
class Bodies {
  readonly #text: string;

  constructor(object: object) {
    const metadata = {
      name: NAME,
      resourceVersion: VERSION,
      annotations: { 'bench.afflux.dev/text': TEXT },
    };
    this.#text = JSON.stringify({ ...object, metadata });
  }

  of(name: string, version: string, text: string): string {
    return this.#text.replace(NAME, name).replace(VERSION, version).replace(TEXT, text);
  }
}

/** The version of the object in an answer. It is in metadata, which nobody's text comes before. */
function versionIn(body: Buffer): string {
  return /"resourceVersion":"(\d+)"/.exec(body.toString('latin1'))?.[1] ?? '';
}

const EXPECTED: Readonly<Record<Verb, number>> = { create: 201, update: 200, get: 200, list: 200 };

class Load {
  readonly #client: ApiClient;
  readonly #load: VerbLoad;
  readonly #bodies: Bodies;
  readonly #deadlineMs: number;
  #sent = 0;

  constructor(client: ApiClient, load: VerbLoad) {
    this.#client = client;
    this.#load = load;
    this.#bodies = new Bodies(load.object);
    this.#deadlineMs = performance.now() + load.durationMs;
  }

  async run(): Promise<VerbReport> {
    const started = performance.now();
    await Promise.all(
      Array.from({ length: this.#load.connections }, (_, index) => this.#one(index)),
    );
    return { requests: this.#sent, elapsedMs: performance.now() - started };
  }

  async #one(index: number): Promise<void> {
    const { verb, names, collection, requestsMax } = this.#load;
    // Each connection updates an object of its own, so that no update meets another one's version.
    let version = verb === 'update' ? await this.#versionOf(index) : '';
    while (this.#sent < requestsMax && performance.now() < this.#deadlineMs) {
      const number = this.#sent;
      this.#sent += 1;
      const request = this.#request(number, index, version);
      const { status, body } = await this.#client.send(request);
      if (status !== EXPECTED[verb]) {
        throw new Error(
          `${verb} ${collection}/${names}: ${String(status)} ${body.toString('utf8', 0, 500)}`,
        );
      }
      if (verb === 'update') version = versionIn(body);
    }
  }

  #request(number: number, index: number, version: string): ApiRequest {
    const { verb, collection, names, count } = this.#load;
    switch (verb) {
      case 'create':
        return {
          method: 'POST',
          path: collection,
          body: this.#bodies.of(`${names}-${String(number)}`, '', ''),
        };
      case 'update': {
        const name = `${names}-${String(index)}`;
        const body = this.#bodies.of(name, version, String(number));
        return { method: 'PUT', path: `${collection}/${name}`, body };
      }
      case 'get':
        return { method: 'GET', path: `${collection}/${names}-${String(number % count)}` };
      case 'list':
        return { method: 'GET', path: collection };
    }
  }

  async #versionOf(index: number): Promise<string> {
    const { collection, names } = this.#load;
    const path = `${collection}/${names}-${String(index)}`;
    return versionIn((await this.#client.send({ method: 'GET', path })).body);
  }
}

/** Watches that count what they are shown. */
class Watches {
  readonly #shown: number[];
  readonly #clients: ApiClient[] = [];
  #behind = 0;
  #wanted = 0;
  #reached: (ms: number) => void = () => undefined;
  #failed: (cause: unknown) => void = () => undefined;

  constructor(watchers: number) {
    this.#shown = Array.from({ length: watchers }, () => 0);
  }

  async open(access: ApiAccess, path: string): Promise<void> {
    await Promise.all(
      this.#shown.map((_, index) => {
        const client = new ApiClient(access, 1);
        this.#clients.push(client);
        return client.follow(path, {
          onLines: (count) => {
            this.#onLines(index, count);
          },
          onEnd: (cause) => {
            this.#failed(cause);
          },
        });
      }),
    );
  }

  /** Resolves with the time when all have been shown one change more. To be called before the change. */
  next(): Promise<number> {
    this.#wanted += 1;
    this.#behind = this.#shown.length;
    return new Promise((resolve, reject) => {
      this.#reached = resolve;
      this.#failed = reject;
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
  }

  #onLines(index: number, count: number): void {
    const shown = (this.#shown[index] ?? 0) + count;
    this.#shown[index] = shown;
    if (shown > this.#wanted) this.#failed(new Error('a watch has shown more than was written'));
    if (shown !== this.#wanted) return;
    this.#behind -= 1;
    if (this.#behind === 0) this.#reached(performance.now());
  }
}

async function write(client: ApiClient, watches: Watches, load: WriteLoad): Promise<WriteReport> {
  const { collection, object, name, writes } = load;
  const path = `${collection}/${name}`;
  const bodies = new Bodies(object);
  let version = versionIn((await client.send({ method: 'GET', path })).body);
  const delaysMs: number[] = [];
  const started = performance.now();
  for (let number = 0; number < writes; number += 1) {
    const shown = watches.next();
    // A text that no other call has written: an update that changes nothing is shown to nobody.
    const body = bodies.of(name, version, `${version}-${String(number)}`);
    const reply = await client.send({ method: 'PUT', path, body });
    const answered = performance.now();
    if (reply.status !== 200) throw new Error(`PUT ${path}: ${reply.body.toString('utf8')}`);
    version = versionIn(reply.body);
    delaysMs.push(Math.max(0, (await shown) - answered));
  }
  return { elapsedMs: performance.now() - started, delaysMs };
}

await serveQuestions(() => {
  const access = JSON.parse(process.argv[2] ?? '') as ApiAccess;
  const clients = new Map<number, ApiClient>();
  const clientOf = (connections: number): ApiClient => {
    const client = clients.get(connections) ?? new ApiClient(access, connections);
    clients.set(connections, client);
    return client;
  };
  let watches: Watches | undefined;
  return Promise.resolve({
    closed: (load) => {
      const verbLoad = load as VerbLoad;
      return new Load(clientOf(verbLoad.connections), verbLoad).run();
    },
    watch: async (load) => {
      const { collection, watchers } = load as WatchLoad;
      const list = await clientOf(1).sendChecked({ method: 'GET', path: collection });
      const { resourceVersion } = (list as { metadata: { resourceVersion: string } }).metadata;
      watches = new Watches(watchers);
      await watches.open(access, `${collection}?watch=true&resourceVersion=${resourceVersion}`);
      return true;
    },
    write: async (load) => {
      if (watches === undefined) throw new Error('there are no watches');
      return await write(clientOf(1), watches, load as WriteLoad);
    },
    unwatch: async () => {
      await watches?.close();
      watches = undefined;
      return true;
    },
  });
});
