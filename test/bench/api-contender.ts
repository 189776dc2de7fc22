/**
 * The API servers that take turns: `afflux dev` in memory, with a data directory, and a real kube-apiserver. Each has
 * a load generator of its own and a namespace that is gone afterwards.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { ApiClient, type ApiAccess } from './api-client.ts';
import {
  CONFIG_MAPS,
  customDefinition,
  customKind,
  type BenchKind,
  type KindName,
} from './api-objects.ts';
import { cpuMicrosOf, type RealServer, type RealServers } from './api-real.ts';
import { Child } from './child.ts';
import { startDev, withDirectory } from './stage.ts';

export type ContenderName = 'memory' | '--data-dir' | 'kube-apiserver' | 'kube-apiserver, synced';

/** Who answers before the disk has it, and is compared with its like. */
export const IN_MEMORY: readonly ContenderName[] = ['memory', 'kube-apiserver'];

/** Those, and who waits for the disk. */
export const ALL: readonly ContenderName[] = [...IN_MEMORY, '--data-dir', 'kube-apiserver, synced'];

export class Contender {
  readonly name: ContenderName;
  readonly access: ApiAccess;
  readonly load: Child;
  readonly namespace: string;
  readonly kinds: Readonly<Record<KindName, BenchKind>>;
  readonly #process: Child | RealServer;
  readonly #group: string;
  readonly #client: ApiClient;

  private constructor(
    name: ContenderName,
    access: ApiAccess,
    load: Child,
    process: Child | RealServer,
  ) {
    const id = randomUUID().slice(0, 8);
    this.name = name;
    this.access = access;
    this.load = load;
    this.namespace = `bench-api-${id}`;
    this.#group = `b${id}.bench.afflux.dev`;
    this.kinds = { configMap: CONFIG_MAPS, custom: customKind(this.#group) };
    this.#client = new ApiClient(access, 1);
    this.#process = process;
  }

  static async start(
    name: ContenderName,
    access: ApiAccess,
    process: Child | RealServer,
  ): Promise<Contender> {
    const load = await Child.start('./api-load.js', [JSON.stringify(access)]);
    const contender = new Contender(name, access, load, process);
    await contender.#prepare();
    return contender;
  }

  /** The server itself, where it is ours. */
  get server(): Child | undefined {
    return this.#process instanceof Child ? this.#process : undefined;
  }

  /** How kubectl reaches it where it is not ours. */
  get kubeconfig(): string | undefined {
    return this.#process instanceof Child ? undefined : this.#process.kubeconfig;
  }

  /** User and system time so far; NaN where it is not known. */
  async cpuMicros(): Promise<number> {
    if (this.#process instanceof Child) return (await this.#process.usage()).cpuMicros;
    const { pids } = this.#process;
    return pids.length === 0 ? Number.NaN : await cpuMicrosOf(pids);
  }

  /** Removes all objects of a kind. */
  async clear(kind: BenchKind): Promise<void> {
    const path = kind.collection(this.namespace);
    await this.#client.sendChecked({ method: 'DELETE', path });
  }

  async #prepare(): Promise<void> {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: this.namespace } };
    await this.#create('/api/v1/namespaces', namespace);
    await this.#create(DEFINITIONS, customDefinition(this.#group));
    for (const kind of Object.values(this.kinds))
      await this.#served(kind.collection(this.namespace));
  }

  async #create(path: string, object: object): Promise<void> {
    const body = JSON.stringify(object);
    await this.#client.sendChecked({ method: 'POST', path, body }, 201);
  }

  /** A kind that was just defined takes a moment to be served. */
  async #served(path: string): Promise<void> {
    for (let tries = 0; tries < 100; tries += 1) {
      const { status } = await this.#client.send({ method: 'GET', path });
      if (status === 200) return;
      await delay(100);
    }
    throw new Error(`${this.name} does not serve ${path}`);
  }

  /** Leaves a server that others use as it was. */
  async close(): Promise<void> {
    await this.load.stop();
    if (this.server === undefined) await this.#remove();
    else await this.server.stop();
    await this.#client.close();
  }

  async #remove(): Promise<void> {
    const path = `/api/v1/namespaces/${this.namespace}`;
    for (const kind of Object.values(this.kinds)) await this.clear(kind);
    const definition = `${DEFINITIONS}/benchitems.${this.#group}`;
    await this.#client.sendChecked({ method: 'DELETE', path: definition });
    await this.#client.sendChecked({ method: 'DELETE', path });
    // No controller finishes a namespace there.
    const found = await this.#client.sendChecked({ method: 'GET', path });
    const body = JSON.stringify({ ...(found as object), spec: { finalizers: [] } });
    await this.#client.sendChecked({ method: 'PUT', path: `${path}/finalize`, body });
  }
}

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** All that there are, ours first. `names` leaves out others. */
export async function withContenders<T>(
  names: readonly ContenderName[],
  real: RealServers,
  work: (contenders: readonly Contender[]) => Promise<T>,
): Promise<T> {
  return withDirectory(async (dataDir) => {
    const contenders: Contender[] = [];
    try {
      for (const name of names) {
        const contender = await startContender(name, dataDir, real);
        if (contender !== undefined) contenders.push(contender);
      }
      return await work(contenders);
    } finally {
      await Promise.all(contenders.map((contender) => contender.close()));
    }
  });
}

async function startContender(
  name: ContenderName,
  dataDir: string,
  real: RealServers,
): Promise<Contender | undefined> {
  if (name !== 'memory' && name !== '--data-dir') {
    const server = await real.get(name === 'kube-apiserver, synced');
    return server && (await Contender.start(name, server.access, server));
  }
  const flags = name === '--data-dir' ? ['--data-dir', dataDir] : [];
  const { child, controlUrl } = await startDev([], flags);
  return await Contender.start(name, { url: controlUrl }, child);
}
