/**
 * F01 for objects: the process is killed at random moments while programs write, and started again on the same
 * directory. `AFFLUX_API_CRASH_ROUNDS=200` for the long form; `AFFLUX_API_CRASH_SEED` repeats one.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { seededRandom } from '@afflux/kernel';
import { expect, it, onTestFinished } from 'vitest';
import { startCommand, startDev } from '../process/command.ts';
import { ApiClient, configMaps } from './api-client.ts';
import { writeOn } from './ledger-writers.ts';
import { Ledger } from './ledger.ts';
import { WatchStream } from './watch-stream.ts';

const ROUNDS = Number(process.env['AFFLUX_API_CRASH_ROUNDS'] ?? 4);
const SEED = Number(process.env['AFFLUX_API_CRASH_SEED'] ?? Date.now() % 1_000_000);

const WRITERS = 6;
/** The longest that writers write before the kill. */
const WRITING_MS_MAX = 500;
/** A process that is killed while it starts lives this long at most. */
const STARTING_MS_MAX = 1_000;
/** One round on a machine that is busy with others. */
const ROUND_MS_MAX = 20_000;

const NAMESPACE = 'default';

it(
  'F01 every acknowledged write is there after kill -9 at a random moment, whole, and no version comes twice',
  { timeout: (ROUNDS + 2) * ROUND_MS_MAX },
  async () => {
    process.stdout.write(`crash rounds: ${String(ROUNDS)}, seed ${String(SEED)}\n`);
    const random = seededRandom(SEED);
    const data = await mkdtemp(join(tmpdir(), 'afflux-api-crash-'));
    onTestFinished(() => rm(data, { recursive: true, force: true }));
    const ledger = new Ledger();
    let unanswered = 0;
    for (let round = 1; round <= ROUNDS; round += 1) {
      if (random.next() < 0.25) await killAtStart(data, random.next() * STARTING_MS_MAX);
      const { process: server, controlUrl } = await startDev(['--data-dir', data]);
      const api = new ApiClient(controlUrl);
      const lastSeen = ledger.highestVersion;
      const list = await api.list(configMaps(NAMESPACE));
      expect(ledger.check(list), `round ${String(round)}, seed ${String(SEED)}`).toEqual([]);
      // Whoever watched the former life has to list again.
      if (lastSeen > 0) {
        const query = `?watch=true&resourceVersion=${String(lastSeen)}`;
        const watch = await WatchStream.open(controlUrl, configMaps(NAMESPACE) + query);
        await watch.ended();
        expect(watch.story).toEqual(['ERROR 410']);
      }
      const problems: string[] = [];
      let isOver = false;
      const writers = Array.from({ length: WRITERS }, (_, lane) =>
        writeOn(
          {
            api,
            namespace: NAMESPACE,
            ledger,
            random: seededRandom(random.next() * 2 ** 32),
            name: `${String(round)}-${String(lane)}`,
            lane,
            problems,
          },
          () => isOver,
        ),
      );
      await sleep(random.next() * WRITING_MS_MAX);
      server.kill('SIGKILL');
      await server.exited;
      isOver = true;
      await Promise.all(writers);
      await api.close();
      expect(problems, `round ${String(round)}, seed ${String(SEED)}`).toEqual([]);
      unanswered += ledger.unanswered;
    }
    const { controlUrl } = await startDev(['--data-dir', data]);
    const api = new ApiClient(controlUrl);
    onTestFinished(() => api.close());
    expect(ledger.check(await api.list(configMaps(NAMESPACE))), `seed ${String(SEED)}`).toEqual([]);
    process.stdout.write(
      `crash: ${String(ledger.acknowledged)} writes acknowledged (${String(ledger.deletions)} deletions), ${String(unanswered)} cut off by a kill\n`,
    );
    expect(ledger.acknowledged).toBeGreaterThan(ROUNDS);
  },
);

/** A start that is not waited for. */
async function killAtStart(data: string, afterMs: number): Promise<void> {
  const starting = startCommand(['dev', '--port', '0', '--control-port', '0', '--data-dir', data]);
  await sleep(afterMs);
  starting.kill('SIGKILL');
  await starting.exited;
}
