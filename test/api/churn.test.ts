/**
 * The informers of the JavaScript client under churn, while their connections are cut at random: at the end of each
 * period each cache must be the world that a list shows. `AFFLUX_API_CHURN_SECONDS=600` for the long form;
 * `AFFLUX_API_CHURN_SEED` repeats one.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { CoreV1Api, KubeConfig, makeInformer, type V1ConfigMap } from '@kubernetes/client-node';
import { seededRandom, type Random } from '@afflux/kernel';
import { expect, it, onTestFinished } from 'vitest';
import { startDev } from '../process/command.ts';
import { ApiClient, makeNamespace } from './api-client.ts';
import { CuttingProxy } from './cutting-proxy.ts';
import { RandomWrites } from './random-writes.ts';

const SECONDS = Number(process.env['AFFLUX_API_CHURN_SECONDS'] ?? 8);
const SEED = Number(process.env['AFFLUX_API_CHURN_SEED'] ?? Date.now() % 1_000_000);

/** After so long writers pause and caches are compared. */
const PERIOD_S = 4;
const PER_SECOND = 100;
const KEYS = 200;
/** Connections are cut about this often, in milliseconds. */
const CUT_EVERY_MS = 400;
const CUT_SHARE = 0.3;
const RESTART_MS = 50;

interface CoreList {
  readonly metadata?: { readonly resourceVersion?: string };
  readonly items: V1ConfigMap[];
}

it(
  'informers of a client library stay in sync under churn, with connections that break at random',
  { timeout: SECONDS * 10_000 + 60_000 },
  async () => {
    process.stdout.write(`churn: ${String(SECONDS)} s, seed ${String(SEED)}\n`);
    const random = seededRandom(SEED);
    const { controlUrl } = await startDev([]);
    const api = new ApiClient(controlUrl);
    onTestFinished(() => api.close());
    const namespaces = [await makeNamespace(api, 'churn'), await makeNamespace(api, 'churn')];
    const proxy = await CuttingProxy.start(controlUrl, random);
    onTestFinished(() => {
      proxy.close();
    });
    const informers = [
      new KeptInformer(proxy.url, '/api/v1/configmaps'),
      ...namespaces.map(
        (one) => new KeptInformer(proxy.url, `/api/v1/namespaces/${one}/configmaps`),
      ),
      new KeptInformer(proxy.url, '/api/v1/configmaps', 'colour=red'),
      new KeptInformer(proxy.url, '/api/v1/configmaps', 'colour in (green,blue)'),
    ];
    for (const informer of informers) informer.start();
    const stopCutting = cutNowAndThen(proxy, random);
    const writes = new RandomWrites({ api, namespaces, random, keys: KEYS, perSecond: PER_SECOND });
    let made = 0;
    let comparisons = 0;
    const until = performance.now() + SECONDS * 1_000;
    do {
      const report = await writes.run(PERIOD_S * PER_SECOND);
      expect(report.problems).toEqual([]);
      made += report.writes;
      for (const informer of informers) {
        const { items } = await api.list(informer.listPath);
        const world = worldOf(items);
        const where = `${informer.listPath}, seed ${String(SEED)}`;
        const patience = { timeout: 20_000, interval: 50, message: where };
        await expect.poll(() => differences(informer.cache(), world), patience).toEqual([]);
        await expect.poll(() => differences(informer.told(), world), patience).toEqual([]);
        comparisons += 1;
      }
    } while (performance.now() < until);
    stopCutting();
    for (const informer of informers) await informer.stop();
    const restarts = informers.reduce((sum, informer) => sum + informer.restarts, 0);
    process.stdout.write(
      `churn: ${String(made)} writes, ${String(proxy.cuts)} connections cut, ${String(restarts)} restarts, ${String(comparisons)} comparisons of caches with lists\n`,
    );
    expect(proxy.cuts).toBeGreaterThan(0);
  },
);

function cutNowAndThen(proxy: CuttingProxy, random: Random): () => void {
  let isOver = false;
  const cut = async (): Promise<void> => {
    while (!isOver) {
      await sleep(random.next() * 2 * CUT_EVERY_MS);
      proxy.cut(CUT_SHARE);
    }
  };
  void cut();
  return () => {
    isOver = true;
  };
}

/** Version of each object, by its name. */
type World = ReadonlyMap<string, string>;

interface Named {
  readonly metadata?: {
    readonly namespace?: string;
    readonly name?: string;
    readonly uid?: string;
    readonly resourceVersion?: string;
  };
  readonly data?: Readonly<Record<string, string>>;
}

function keyOf({ metadata }: Named): string {
  return `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}`;
}

function worldOf(objects: readonly Named[]): World {
  return new Map(objects.map((object) => [keyOf(object), versionOf(object)]));
}

function differences(found: World, expected: World): string[] {
  const keys = [...new Set([...found.keys(), ...expected.keys()])];
  const wrong = keys.filter((key) => found.get(key) !== expected.get(key));
  return wrong
    .slice(0, 10)
    .map((key) => `${key}: ${found.get(key) ?? 'absent'}, not ${expected.get(key) ?? 'absent'}`);
}

function versionOf({ metadata, data }: Named): string {
  return `${metadata?.uid ?? ''}@${metadata?.resourceVersion ?? ''} ${data?.['count'] ?? ''}`;
}

/** An informer that is started again whenever it stops with an error, as the library asks of its users. */
class KeptInformer {
  readonly listPath: string;
  readonly #informer;
  /** The world as the handlers were told of it. */
  readonly #told = new Map<string, string>();
  #isStopped = false;
  restarts = 0;

  constructor(server: string, path: string, labelSelector?: string) {
    const query =
      labelSelector === undefined ? '' : `?labelSelector=${encodeURIComponent(labelSelector)}`;
    this.listPath = path + query;
    const config = new KubeConfig();
    // The library refuses plain HTTP unless it is told that nothing is to be verified.
    config.loadFromClusterAndUser(
      { name: 'afflux', server, skipTLSVerify: true },
      { name: 'admin' },
    );
    const core = config.makeApiClient(CoreV1Api);
    const [, namespace] = /\/namespaces\/([^/]+)\//.exec(path) ?? [];
    const selected = labelSelector === undefined ? {} : { labelSelector };
    const list = (): Promise<CoreList> =>
      namespace === undefined
        ? core.listConfigMapForAllNamespaces(selected)
        : core.listNamespacedConfigMap({ namespace, ...selected });
    this.#informer = makeInformer<V1ConfigMap>(config, path, list, labelSelector);
    for (const verb of ['add', 'update'] as const) {
      this.#informer.on(verb, (object) => this.#told.set(keyOf(object), versionOf(object)));
    }
    this.#informer.on('delete', (object) => this.#told.delete(keyOf(object)));
    this.#informer.on('error', () => void this.#again());
  }

  start(): void {
    this.#informer.start().catch(() => void this.#again());
  }

  async #again(): Promise<void> {
    await sleep(RESTART_MS);
    if (this.#isStopped) return;
    this.restarts += 1;
    this.start();
  }

  cache(): World {
    return worldOf(this.#informer.list());
  }

  told(): World {
    return this.#told;
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#informer.stop();
  }
}
