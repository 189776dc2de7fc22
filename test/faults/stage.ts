/**
 * One group of rounds: subscribers and producers that stay, and a product that is started, struck and started
 * again over the same data. All that happens goes into one history.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { manifestsOf, type Backend } from './backends.ts';
import type { Chance } from './chance.ts';
import { storedLetters } from './dead-letters.ts';
import { mountDisk, unmountDisk } from './disk.ts';
import { Producer } from './producers.ts';
import { Product, type StopAt } from './product.ts';
import { Proxy } from './proxy.ts';
import { nowMs, Recorder } from './recorder.ts';
import { Sinks } from './sinks.ts';
import { behaviours } from './subscribers.ts';
import { passed, until } from './wait.ts';

const PRODUCERS = 4;
const LOAD_MS_MAX = 300;
const ACCEPTING_MS = 300;
const FIRST_ACCEPTED_MS = 30_000;
const MEMORY_EVERY_MS = 500;
export const CLOCK_STEP_MS = 3_600_000;

const CONFIG = 'log:\n  level: warn\nshutdownGrace: 5s\n';

interface Ports {
  readonly port: number;
  readonly controlPort: number;
}

export interface StageOptions {
  readonly backend: Backend;
  readonly directory: string;
  readonly seed: string;
  readonly chance: Chance;
  /** The data lies on a small disk in memory. */
  readonly smallDisk: boolean;
}

export class Stage {
  readonly options: StageOptions;
  readonly recorder: Recorder;
  readonly #sinks: Sinks;
  readonly #proxies = new Map<number, Proxy>();
  /** Steps that were not reached in time. */
  readonly missed: string[] = [];
  #producers: readonly Producer[] = [];
  #other: Product | undefined;
  #isMounted = false;
  readonly #lettersSeen = new Set<string>();
  /** Names that a back-end keeps follow from it: nobody else's rounds have the same. */
  readonly #namespace = `f${String(process.pid)}-${String(Math.round(nowMs()))}`;
  #ports: Ports = { port: 0, controlPort: 0 };
  #product: Product | undefined;
  #sampling: NodeJS.Timeout | undefined;

  constructor(options: StageOptions) {
    this.options = options;
    this.recorder = new Recorder(join(options.directory, 'history.jsonl'));
    this.#sinks = new Sinks(this.recorder, behaviours(options.backend));
  }

  get dataDir(): string {
    return join(this.options.directory, 'data');
  }

  get proxies(): readonly Proxy[] {
    return [...this.#proxies.values()];
  }

  get product(): Product {
    if (this.#product === undefined) throw new Error('the product has not been started');
    return this.#product;
  }

  async open(): Promise<void> {
    const { backend, directory, seed, chance } = this.options;
    const list = behaviours(backend);
    await mkdir(this.dataDir, { recursive: true });
    if (this.options.smallDisk) await mountDisk(this.dataDir);
    this.#isMounted = this.options.smallDisk;
    await this.#sinks.start();
    for (const endpoint of backend.endpoints()) {
      const proxy = new Proxy(endpoint);
      await proxy.start();
      this.#proxies.set(endpoint.port, proxy);
    }
    this.#ports = { port: await freePort(), controlPort: await freePort() };
    const names = {
      namespace: this.#namespace,
      sinkUrl: (path: string) => this.#sinks.url(path),
    };
    await writeFile(join(directory, 'manifests.yaml'), manifestsOf(backend, list, names));
    await writeFile(join(directory, 'afflux.yaml'), CONFIG);
    const promises = { ...backend.promises, rssBytesMax: backend.rssBytesMax };
    this.recorder.add({ kind: 'run', backend: backend.name, seed, ...promises });
    for (const { name, types, order, deadLetters, attemptsMax, stuck = false } of list) {
      const promised = { name, types, order, deadLetters, attemptsMax, stuck };
      this.recorder.add({ kind: 'subscriber', ...promised });
    }
    this.#producers = Array.from({ length: PRODUCERS }, (_, index) =>
      this.#producer(`p${String(index + 1)}`, chance),
    );
    // Triggers get what is accepted once they are there: from then on, whatever happens.
    await this.ensureUp();
    for (const producer of this.#producers) producer.start();
    const isTaking = await until(() => this.isAccepting(), { withinMs: FIRST_ACCEPTED_MS });
    if (!isTaking) throw new Error(`nothing is accepted: see ${directory}/product.log`);
    this.#sampling = setInterval(() => {
      this.#sampleMemory();
    }, MEMORY_EVERY_MS);
  }

  /** Starts the product, over what an earlier one left, without waiting for it. */
  launch(stopAt?: StopAt): Product {
    this.#product = this.#newProduct(this.#ports, stopAt);
    return this.#product;
  }

  /** A second process over the same servers, at other ports, to which nobody sends events. */
  launchOther(): Product {
    this.#other = this.#newProduct({ port: 0, controlPort: 0 });
    return this.#other;
  }

  #newProduct(ports: Ports, stopAt?: StopAt): Product {
    const { backend, directory } = this.options;
    const redirect = [...this.#proxies].map(([port, proxy]) => [String(port), proxy.port]);
    return new Product({
      directory,
      ...ports,
      dataDir: backend.onDisk ? this.dataDir : undefined,
      stopAt,
      redirect: Object.fromEntries(redirect) as Record<string, number>,
      clockStepMs: CLOCK_STEP_MS,
    });
  }

  /**
   * Lets producers and subscribers work for a moment. Where deliveries take a while to go on after a kill, it
   * sometimes waits for them, so that faults strike in the midst of them, too.
   */
  async loadForAWhile(): Promise<void> {
    const { chance, backend } = this.options;
    const waits = chance.oneIn(backend.resumeOneIn);
    const forMs = chance.between(0, LOAD_MS_MAX);
    const before = this.recorder.arrivals;
    if (waits && backend.resumeMs > 0) {
      await until(() => this.recorder.arrivals > before, { withinMs: backend.resumeMs });
    }
    await passed(forMs);
  }

  /** Whether an event has been accepted within the last moment. */
  isAccepting(): boolean {
    return nowMs() - this.recorder.acceptedAt < ACCEPTING_MS;
  }

  /** A product at work, that will stop itself where it is told to, if it is. */
  async ensureUp(stopAt?: StopAt): Promise<Product> {
    if (this.#product?.isRunning === true) {
      if (stopAt === undefined) return this.#product;
      this.recorder.fault('kill');
      await this.#product.kill();
    }
    const product = this.launch(stopAt);
    const isReady = await product.ready;
    // One that stops itself may do so on what it finds at its start.
    if (!isReady && (product.isRunning || stopAt === undefined)) {
      throw new Error(`the product did not start: see ${this.options.directory}/product.log`);
    }
    this.recorder.up();
    return product;
  }

  async kill(): Promise<void> {
    this.recorder.fault('kill');
    await this.#product?.kill();
  }

  /** Ends the load and waits until nobody is owed anything; then closes the history. */
  async finish(): Promise<readonly string[]> {
    await this.ensureUp();
    await Promise.all(this.#producers.map((producer) => producer.stop()));
    this.#sinks.release();
    const isPaid = async (): Promise<boolean> => {
      // Servers that are coming back make this fail for a while.
      const isRead = await this.#readLetters().then(
        () => true,
        () => false,
      );
      return isRead && this.recorder.owed().length === 0;
    };
    await until(isPaid, { withinMs: this.options.backend.quietMs, everyMs: 200 });
    const owed = this.recorder.owed();
    this.recorder.add({ kind: 'quiet', at: nowMs() });
    return owed;
  }

  /** Safe at any time: whatever runs is ended. */
  async close(): Promise<void> {
    clearInterval(this.#sampling);
    await Promise.all([this.#product?.kill(), this.#other?.kill()]);
    await Promise.all(this.#producers.map((producer) => producer.stop()));
    if (this.#isMounted) await unmountDisk(this.dataDir);
    await this.#sinks.close();
    for (const proxy of this.#proxies.values()) proxy.close();
    await this.recorder.close();
  }

  #producer(name: string, chance: Chance): Producer {
    return new Producer({
      name,
      origin: `http://127.0.0.1:${String(this.#ports.port)}`,
      path: `/${this.#namespace}/main`,
      recorder: this.recorder,
      chance: chance.fork(name),
      delays: this.options.backend.delays,
      pauseMs: this.options.backend.pauseMs,
    });
  }

  async #readLetters(): Promise<void> {
    if (!this.options.backend.store) return;
    const controlUrl = `http://127.0.0.1:${String(this.#ports.controlPort)}`;
    for (const letter of await storedLetters(controlUrl, this.#namespace)) {
      const { name, trigger, id, destination, code } = letter;
      if (this.#lettersSeen.has(name)) continue;
      this.#lettersSeen.add(name);
      const reason = { where: 'store', destination, code } as const;
      this.recorder.add({ kind: 'deadLetter', at: nowMs(), subscriber: trigger, id, ...reason });
    }
  }

  #sampleMemory(): void {
    const rssBytes = this.#product?.rssBytes;
    if (rssBytes !== undefined && rssBytes > 0) {
      this.recorder.add({ kind: 'memory', at: nowMs(), rssBytes });
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
