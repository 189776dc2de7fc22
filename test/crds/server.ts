/** A kube-apiserver as the tests of the CRDs use it: through `kubectl proxy`, which knows how to log in. */
import { spawn, execFile } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { builtinKinds } from '@afflux/resources';

const run = promisify(execFile);

/** What the server made of a request. */
export interface Answer {
  readonly isTaken: boolean;
  readonly object: Record<string, unknown>;
  /** Message of a Status, or the warnings of a success. */
  readonly said: string;
}

export class Server {
  readonly #address: string;
  readonly #stop: () => Promise<void>;

  private constructor(address: string, stop: () => Promise<void>) {
    this.#address = address;
    this.#stop = stop;
  }

  static async connect(): Promise<Server> {
    const child = spawn('kubectl', ['proxy', '--port=0'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(child, 'exit');
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
    const address = /127\.0\.0\.1:\d+/.exec(line)?.[0];
    if (address === undefined) throw new Error(`kubectl proxy said ${line}`);
    return new Server(`http://${address}`, async () => {
      child.kill();
      await exited;
    });
  }

  close(): Promise<void> {
    return this.#stop();
  }

  /** Output of a kubectl command; throws with what it complained about. */
  async kubectl(...args: readonly string[]): Promise<string> {
    return (await run('kubectl', [...args])).stdout;
  }

  async create(object: Record<string, unknown>, query = ''): Promise<Answer> {
    return this.#send('POST', collectionOf(object), object, query);
  }

  /** Sends the object as it shall be, over whatever is there. */
  async replace(object: Record<string, unknown>, query = ''): Promise<Answer> {
    const path = `${collectionOf(object)}/${metadataOf(object).name}`;
    const stored = await this.#send('GET', path);
    const { resourceVersion } = stored.object['metadata'] as { resourceVersion?: string };
    const metadata = { ...metadataOf(object), resourceVersion };
    return this.#send('PUT', path, { ...object, metadata }, query);
  }

  async remove(object: Record<string, unknown>): Promise<void> {
    await this.#send('DELETE', `${collectionOf(object)}/${metadataOf(object).name}`);
  }

  async #send(method: string, path: string, body?: object, query = ''): Promise<Answer> {
    const response = await fetch(`${this.#address}${path}?${query}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const object = (await response.json()) as Record<string, unknown>;
    const said = response.ok ? (response.headers.get('warning') ?? '') : String(object['message']);
    return { isTaken: response.ok, object, said };
  }
}

function metadataOf(object: Record<string, unknown>): { name: string; namespace: string } {
  return object['metadata'] as { name: string; namespace: string };
}

const KINDS = builtinKinds();

function collectionOf(object: Record<string, unknown>): string {
  const apiVersion = String(object['apiVersion']);
  const plural = KINDS.get(apiVersion, String(object['kind']))?.plural ?? '';
  return `/apis/${apiVersion}/namespaces/${metadataOf(object).namespace}/${plural}`;
}
