/** Creates, updates and deletes objects at a given rate, each key one write at a time. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '@afflux/kernel';
import { configMap, configMaps, type ApiClient } from './api-client.ts';

const TICK_MS = 10;
/** Requests on their way at once. */
const IN_FLIGHT_MAX = 100;

export interface RandomWritesOptions {
  readonly api: ApiClient;
  readonly namespaces: readonly string[];
  readonly random: Random;
  readonly keys: number;
  readonly perSecond: number;
}

export interface WritesReport {
  readonly writes: number;
  readonly ms: number;
  readonly problems: readonly string[];
}

const COLOURS = ['red', 'green', 'blue'];

export class RandomWrites {
  readonly #options: RandomWritesOptions;
  /** Keys that exist. */
  readonly #present = new Set<string>();
  readonly #busy = new Set<string>();
  readonly #inFlight = new Set<Promise<void>>();
  readonly #problems: string[] = [];
  #count = 0;

  constructor(options: RandomWritesOptions) {
    this.#options = options;
  }

  /** Makes so many writes, at the rate or as fast as it goes, and resolves when all are answered. */
  async run(writes: number): Promise<WritesReport> {
    const began = performance.now();
    const { perSecond } = this.#options;
    for (let made = 0; made < writes;) {
      const due = Math.min(writes, ((performance.now() - began) / 1000) * perSecond);
      while (made < due && this.#inFlight.size < IN_FLIGHT_MAX) {
        if (!this.#begin()) break;
        made += 1;
      }
      await sleep(TICK_MS);
    }
    await Promise.all(this.#inFlight);
    return { writes, ms: performance.now() - began, problems: this.#problems };
  }

  #begin(): boolean {
    const { random, keys, namespaces } = this.#options;
    const number = Math.floor(random.next() * keys);
    const key = `key-${String(number)}`;
    if (this.#busy.has(key)) return false;
    const namespace = namespaces[number % namespaces.length] ?? 'default';
    this.#busy.add(key);
    const writing = this.#write(namespace, key)
      .catch((error: unknown) => void this.#problems.push(String(error)))
      .finally(() => {
        this.#busy.delete(key);
        this.#inFlight.delete(writing);
      });
    this.#inFlight.add(writing);
    return true;
  }

  async #write(namespace: string, key: string): Promise<void> {
    const { api, random } = this.#options;
    const path = configMaps(namespace, key);
    this.#count += 1;
    const colour = COLOURS[Math.floor(random.next() * COLOURS.length)] ?? '';
    const filling = 'x'.repeat(Math.floor(random.next() * 500));
    const body = configMap(key, { count: String(this.#count), filling }, { labels: { colour } });
    const isPresent = this.#present.has(key);
    if (!isPresent) {
      this.#expect(await api.post(configMaps(namespace), body), 201);
      this.#present.add(key);
    } else if (random.next() < 0.2) {
      this.#expect(await api.delete(path), 200);
      this.#present.delete(key);
    } else if (random.next() < 0.5) this.#expect(await api.put(path, body), 200);
    else this.#expect(await api.patch('merge', path, body), 200);
  }

  #expect({ status, text }: { readonly status: number; readonly text: string }, ok: number): void {
    if (status !== ok) throw new Error(`${String(status)} ${text.slice(0, 200)}`);
  }
}
