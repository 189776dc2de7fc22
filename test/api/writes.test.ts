/**
 * Many writes and many watches at once. Each watch replays what it is told, some of them cut and opened again where
 * they were; at the end each must know the very world that a list shows. `AFFLUX_API_WRITES_SECONDS=60` for the
 * long form; `AFFLUX_API_WRITES_SEED` repeats one.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seededRandom, type Random } from '@afflux/kernel';
import { expect, it, onTestFinished } from 'vitest';
import { startDev } from '../process/command.ts';
import { ApiClient, makeNamespace } from './api-client.ts';
import { RandomWrites } from './random-writes.ts';
import { Replay } from './replay.ts';
import { SOON, WatchStream } from './watch-stream.ts';

const SECONDS = Number(process.env['AFFLUX_API_WRITES_SECONDS'] ?? 2);
const SEED = Number(process.env['AFFLUX_API_WRITES_SEED'] ?? Date.now() % 1_000_000);

const PER_SECOND = 500;
const WATCHERS = 50;
/** Of these one in so many loses its connection now and then. */
const CUT_ONE_IN = 5;
const KEYS = 300;
/** On a machine that is busy with others everything takes longer. */
const MS_MAX = SECONDS * 5_000 + 60_000;

it.each(['in memory', 'on a disk'])(
  'no change is lost or told twice to 50 watches during 500 writes a second, %s',
  { timeout: MS_MAX },
  async (home) => {
    process.stdout.write(`writes: ${String(SECONDS)} s ${home}, seed ${String(SEED)}\n`);
    const { controlUrl } = await startDev(home === 'in memory' ? [] : await dataArguments());
    const api = new ApiClient(controlUrl);
    onTestFinished(() => api.close());
    const random = seededRandom(SEED);
    const namespaces = [await makeNamespace(api, 'writes'), await makeNamespace(api, 'writes')];
    const paths = [
      '/api/v1/configmaps?',
      ...namespaces.map((namespace) => `/api/v1/namespaces/${namespace}/configmaps?`),
      '/api/v1/configmaps?labelSelector=colour%3Dred&',
      `/api/v1/namespaces/${namespaces[0] ?? ''}/configmaps?labelSelector=colour!%3Dblue&`,
    ];
    const watchers = await Promise.all(
      Array.from({ length: WATCHERS }, async (_, index) => {
        const path = paths[index % paths.length] ?? '';
        const isCut = index % CUT_ONE_IN === 0;
        const watcher = new Watcher(api, path, isCut ? random : undefined);
        await watcher.list();
        return watcher;
      }),
    );
    const writes = new RandomWrites({ api, namespaces, random, keys: KEYS, perSecond: PER_SECOND });
    const report = await writes.run(SECONDS * PER_SECOND);
    expect(report.problems).toEqual([]);
    for (const watcher of watchers) {
      const list = await api.list(watcher.path);
      await expect.poll(() => watcher.replay.differences(list), SOON).toEqual([]);
      expect(watcher.replay.problems).toEqual([]);
    }
    const sum = (of: (watcher: Watcher) => number): number =>
      watchers.reduce((total, watcher) => total + of(watcher), 0);
    const events = sum(({ replay }) => replay.events);
    const perSecond = Math.round((report.writes * 1000) / report.ms);
    process.stdout.write(
      `writes: ${String(report.writes)} at ${String(perSecond)}/s ${home}, ${String(events)} events on ${String(WATCHERS)} watches, ${String(sum(({ cuts }) => cuts))} cut, ${String(sum(({ lists }) => lists - 1))} listed again\n`,
    );
    expect(events).toBeGreaterThan(report.writes);
  },
);

async function dataArguments(): Promise<string[]> {
  const data = await mkdtemp(join(tmpdir(), 'afflux-api-writes-'));
  onTestFinished(() => rm(data, { recursive: true, force: true }));
  return ['--data-dir', data];
}

/** How many events a watch that is cut now and then lives. */
const EVENTS_UNTIL_CUT = 200;

class Watcher {
  readonly path: string;
  readonly replay = new Replay();
  readonly #api: ApiClient;
  /** Decides when the connection is cut; undefined: never. */
  readonly #cutting: Random | undefined;
  #stream: WatchStream | undefined;
  #left = 0;
  cuts = 0;
  lists = 0;

  constructor(api: ApiClient, path: string, cutting: Random | undefined) {
    this.#api = api;
    this.path = path;
    this.#cutting = cutting;
  }

  async list(): Promise<void> {
    this.lists += 1;
    this.replay.reset(await this.#api.list(this.path));
    await this.#watch();
  }

  async #watch(): Promise<void> {
    this.#left = Math.ceil((this.#cutting?.next() ?? 0) * EVENTS_UNTIL_CUT);
    let hasExpired = false;
    let isOver = false;
    const again = (): void => {
      if (isOver) return;
      isOver = true;
      this.#stream?.close();
      this.#again(hasExpired).catch((error: unknown) => {
        this.replay.problems.push(String(error));
      });
    };
    this.#stream = await WatchStream.open(
      this.#api.url,
      `${this.path}watch=true&allowWatchBookmarks=true&resourceVersion=${String(this.replay.version)}`,
      {
        forget: true,
        onEvent: (event) => {
          if (isOver) return;
          if (event.type === 'ERROR') {
            hasExpired = event.object.code === 410;
            if (!hasExpired) this.replay.problems.push(JSON.stringify(event));
            again();
            return;
          }
          this.replay.take(event);
          this.#left -= 1;
          if (this.#cutting === undefined || this.#left > 0) return;
          this.cuts += 1;
          again();
        },
      },
    );
  }

  async #again(hasExpired: boolean): Promise<void> {
    if (hasExpired) await this.list();
    else await this.#watch();
  }
}
