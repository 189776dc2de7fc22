/**
 * The API servers that take turns: `afflux dev` in memory, with a data directory, and a real kube-apiserver. Each has
 * a load generator of its own and a namespace that is gone afterwards.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Pool } from 'undici';
import { connectTo, send, sendChecked, type ApiAccess } from './api-client.ts';
import {
  CONFIG_MAPS,
  customDefinition,
  customKind,
  type BenchKind,
  type KindName,
} from './api-objects.ts';
import { cpuMicrosOf, realServer } from './api-real.ts';
import { Child } from './child.ts';
import { startDev, withDirectory } from './stage.ts';

export type ContenderName = 'memory' | '--data-dir' | 'kube-apiserver';

export class Contender {
  readonly name: ContenderName;
  readonly access: ApiAccess;
  readonly load: Child;
  readonly namespace: string;
  readonly kinds: Readonly<Record<KindName, BenchKind>>;
  /** The server itself, where it is ours. */
  readonly server: Child | undefined;
  readonly #cpuMicros: () => Promise<number>;
  readonly #group: string;
  readonly #pool: Pool;

  private constructor(
    name: ContenderName,
    access: ApiAccess,
    load: Child,
    cpu: { readonly server?: Child; readonly pids?: readonly number[] },
  ) {
    const id = randomUUID().slice(0, 8);
    this.name = name;
    this.access = access;
    this.load = load;
    this.namespace = `bench-api-${id}`;
    this.#group = `b${id}.bench.afflux.dev`;
    this.kinds = { configMap: CONFIG_MAPS, custom: customKind(this.#group) };
    this.#pool = connectTo(access, 1);
    const { server, pids = [] } = cpu;
    this.server = server;
    this.#cpuMicros = async () => {
      if (server !== undefined) return (await server.usage()).cpuMicros;
      return pids.length === 0 ? Number.NaN : await cpuMicrosOf(pids);
    };
  }

  static async start(
    name: ContenderName,
    access: ApiAccess,
    cpu: { readonly server?: Child; readonly pids?: readonly number[] },
  ): Promise<Contender> {
    const load = await Child.start('./api-load.js', [JSON.stringify(access)]);
    const contender = new Contender(name, access, load, cpu);
    await contender.#prepare();
    return contender;
  }

  /** User and system time so far; NaN where it is not known. */
  cpuMicros(): Promise<number> {
    return this.#cpuMicros();
  }

  /** Removes all objects of a kind. */
  async clear(kind: BenchKind): Promise<void> {
    const path = kind.collection(this.namespace);
    await sendChecked(this.#pool, { method: 'DELETE', path }, [200]);
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
    await sendChecked(this.#pool, { method: 'POST', path, body }, [201]);
  }

  /** A kind that was just defined takes a moment to be served. */
  async #served(path: string): Promise<void> {
    for (let tries = 0; tries < 100; tries += 1) {
      const { status } = await send(this.#pool, { method: 'GET', path });
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
    await this.#pool.destroy();
  }

  async #remove(): Promise<void> {
    const path = `/api/v1/namespaces/${this.namespace}`;
    for (const kind of Object.values(this.kinds)) await this.clear(kind);
    const definition = `${DEFINITIONS}/benchitems.${this.#group}`;
    await sendChecked(this.#pool, { method: 'DELETE', path: definition }, [200]);
    await sendChecked(this.#pool, { method: 'DELETE', path }, [200]);
    // No controller finishes a namespace there.
    const found = await sendChecked(this.#pool, { method: 'GET', path }, [200]);
    const body = JSON.stringify({ ...(found as object), spec: { finalizers: [] } });
    await sendChecked(this.#pool, { method: 'PUT', path: `${path}/finalize`, body }, [200]);
  }
}

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** All that there are, ours first. `names` leaves out others. */
export async function withContenders<T>(
  names: readonly ContenderName[],
  work: (contenders: readonly Contender[]) => Promise<T>,
): Promise<T> {
  return withDirectory(async (dataDir) => {
    const contenders: Contender[] = [];
    try {
      for (const name of names) {
        const contender = await startContender(name, dataDir);
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
): Promise<Contender | undefined> {
  if (name === 'kube-apiserver') {
    const real = await realServer(process.env);
    return real && (await Contender.start(name, real.access, { pids: real.pids }));
  }
  const flags = name === '--data-dir' ? ['--data-dir', dataDir] : [];
  const { child: server, controlUrl } = await startDev([], flags);
  return await Contender.start(name, { url: controlUrl }, { server });
}
