/** Processes that are killed while they write, and disks that fail under them. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { noopLogger, type Random, seededRandom } from '@afflux/kernel';
import { FakeClock } from '@afflux/kernel/testing';
import { expect, onTestFinished, test } from 'vitest';
import { openDataDirectory } from './directory.ts';
import { openKeyValueTable } from './key-value-table.ts';
import { LAST_KEY, tableAfter } from './testing/batches.ts';

const ROUNDS = 20;

/** Batches of one round, far more than it makes before it is killed. */
const BATCHES = 100_000;

/** A round is killed after so many of its batches at most. */
const BATCHES_HEARD_MAX = 40;

/** Turns of the event loop between the last batch that is waited for and the kill. */
const TURNS_MAX = 50;

const writer = fileURLToPath(new URL('../dist/testing/writer-process.js', import.meta.url));

const hasStrace = spawnSync('strace', ['-V']).status === 0;
if (!hasStrace) process.stdout.write('failing system calls are not tested: strace is not there\n');

function newPlace(): string {
  const place = mkdtempSync(join(tmpdir(), 'afflux-data-crash-'));
  onTestFinished(() => {
    rmSync(place, { recursive: true });
  });
  return place;
}

/** Batches that a process said are written before it was killed, which happens at some moment. */
async function killedRound(path: string, seed: number, from: number, random: Random) {
  const numbers = [seed, from, BATCHES].map(String);
  const child = spawn(process.execPath, [writer, path, ...numbers]);
  const ended = once(child, 'close');
  const heardMax = Math.floor(random.next() * BATCHES_HEARD_MAX);
  const written: number[] = [];
  let isKilled = false;
  for await (const line of createInterface({ input: child.stdout })) {
    const [word, number = ''] = line.split(' ');
    expect(word, line).not.toBe('failed');
    if (word === 'written') written.push(Number(number));
    if (isKilled || written.length < heardMax) continue;
    isKilled = true;
    let turns = Math.floor(random.next() * TURNS_MAX);
    const wait = (): void => {
      if ((turns -= 1) <= 0) child.kill('SIGKILL');
      else setImmediate(wait);
    };
    wait();
  }
  await ended;
  expect(isKilled).toBe(true);
  return written;
}

/** What the next process finds. */
async function found(path: string): Promise<Map<string, string>> {
  const directory = openDataDirectory(path, { clock: new FakeClock(), logger: noopLogger });
  const table = openKeyValueTable(directory, 'written');
  const pairs = new Map(table.entries((key, why) => expect.fail(`${key}: ${why}`)));
  await directory.close();
  return pairs;
}

test('F01 what was written before kill -9 is there, and of no write a part', async () => {
  expect(existsSync(writer), `${writer}: build the packages first (tsc -b)`).toBe(true);
  const seed = Date.now() % 1_000_000;
  process.stdout.write(`kill -9 while writing: seed ${String(seed)}\n`);
  const random = seededRandom(seed);
  const path = newPlace();
  let last = 0;
  for (let round = 1; round <= ROUNDS; round += 1) {
    const written = await killedRound(path, seed, last + 1, random);
    // They resolve in order.
    expect(written).toEqual(written.map((_, index) => last + 1 + index));
    const pairs = await found(path);
    const reached = Number(pairs.get(LAST_KEY) ?? 0);
    expect(reached).toBeGreaterThanOrEqual(written.at(-1) ?? last);
    expect(pairs).toEqual(tableAfter(seed, reached));
    last = reached;
  }
  expect(last).toBeGreaterThan(ROUNDS);
}, 120_000);

test.skipIf(!hasStrace).each(['fdatasync', 'pwrite64'])(
  'F03 after an error of the disk in %s every write is refused, and what was written is there',
  async (call) => {
    const path = join(newPlace(), 'data');
    // From some call on the disk fails for good, in whichever thread.
    const inject = ['-f', '-o', '/dev/null', '-e', `inject=${call}:error=EIO:when=40+`];
    const child = [process.execPath, writer, path, '7', '1', String(BATCHES)];
    const said = spawnSync('strace', [...inject, ...child], { timeout: 60_000 }).stdout.toString();
    expect(said).toContain('failed AFFLUX_DATA_DISK_FAILED');
    expect(said).toContain('refused AFFLUX_DATA_DISK_FAILED');
    expect(said).toMatch(/^closed$/m);
    const written = said.match(/^written \d+$/gm)?.length ?? 0;
    expect(written).toBeGreaterThan(0);
    const pairs = await found(path);
    const reached = Number(pairs.get(LAST_KEY));
    expect(reached).toBeGreaterThanOrEqual(written);
    expect(pairs).toEqual(tableAfter(7, reached));
  },
  90_000,
);
