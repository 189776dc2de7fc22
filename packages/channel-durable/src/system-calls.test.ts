/**
 * A killed process does not show a missing sync: what it wrote is still in the page cache. So the system calls of
 * a process that publishes are looked at: each accepted event must have been written, then synced, then made valid
 * by a root written through, before the process says that it was accepted.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { checkData, dataStats } from './data-tools.ts';
import { proof } from './testing/proof.ts';

const EVENTS = 25;
const publisher = fileURLToPath(new URL('../dist/testing/publisher.js', import.meta.url));

const hasStrace = spawnSync('strace', ['-V']).status === 0;
if (!hasStrace) process.stdout.write('system calls are not looked at: strace is not installed\n');

interface Call {
  readonly name: string;
  readonly fd: string;
  readonly text: string;
  /** Lines of the trace at which it began and ended. */
  readonly from: number;
  readonly to: number;
}

/** Calls of all threads; one that another interrupts in the trace is put together again. */
function calls(trace: string): Call[] {
  const begun = new Map<string, { text: string; from: number }>();
  const found: Call[] = [];
  for (const [line, text] of trace.split('\n').entries()) {
    const [, thread = '', rest = ''] = /^(\d+) +(.*)$/.exec(text) ?? [];
    if (rest.endsWith('<unfinished ...>')) begun.set(thread, { text: rest, from: line });
    const resumed = /^<\.\.\. \w+ resumed>/.exec(rest);
    const start = resumed === null ? undefined : begun.get(thread);
    const whole = start === undefined ? rest : start.text + rest.slice(resumed?.[0].length);
    const [, name = '', fd = ''] = /^(\w+)\((\w+)/.exec(whole) ?? [];
    if (/= \d+$/.test(whole))
      found.push({ name, fd, text: whole, from: start?.from ?? line, to: line });
  }
  return found;
}

test.skipIf(!hasStrace)('F03 every accepted event follows a completed sync of its data', () => {
  const place = mkdtempSync(join(tmpdir(), 'afflux-durable-calls-'));
  const log = join(place, 'trace');
  try {
    const traced = 'trace=openat,fdatasync,fsync,pwrite64,pwritev,writev,write';
    const child = [process.execPath, publisher, join(place, 'data'), String(EVENTS)];
    const run = spawnSync('strace', ['-f', '-s', '200000', '-e', traced, '-o', log, ...child]);
    expect(run.status, run.stderr.toString()).toBe(0);
    const all = calls(readFileSync(log, 'latin1'));
    const opened = all.filter(({ name, text }) => name === 'openat' && text.includes('/data.mdb"'));
    const isThrough = ({ text }: Call): boolean => text.includes('O_DSYNC');
    const fdOf = ({ text }: Call): string => text.slice(text.lastIndexOf(' ') + 1);
    const through = opened.filter(isThrough).map(fdOf);
    const plain = opened.filter((call) => !isThrough(call)).map(fdOf);
    expect(through.length).toBeGreaterThan(0);
    for (let number = 1; number <= EVENTS; number += 1) {
      const said = all.find(({ text }) => text.includes(`"accepted ${String(number)}\\n"`));
      const written = all.find(
        ({ text, fd }) => plain.includes(fd) && text.includes(proof(number)),
      );
      const synced = all.find(
        ({ name, fd, from }) => name === 'fdatasync' && fd === written?.fd && from > written.to,
      );
      const valid = all.find(
        ({ name, fd, from }) =>
          name === 'pwrite64' && through.includes(fd) && from > (synced?.to ?? Infinity),
      );
      expect(valid, `event ${String(number)} is written, synced and made valid`).toBeDefined();
      expect(said?.from, `event ${String(number)} is accepted after that`).toBeGreaterThan(
        valid?.to ?? Infinity,
      );
    }
  } finally {
    rmSync(place, { recursive: true });
  }
});

test.skipIf(!hasStrace).each(['fdatasync', 'pwrite64'])(
  'F03 after an error of the disk in %s nothing is accepted, and what was accepted is there',
  async (call) => {
    const place = mkdtempSync(join(tmpdir(), 'afflux-durable-calls-'));
    const directory = join(place, 'data');
    try {
      // From some call on the disk fails for good, in whichever thread.
      const inject = ['-f', '-o', '/dev/null', '-e', `inject=${call}:error=EIO:when=40+`];
      const child = [process.execPath, publisher, directory, '1000'];
      const run = spawnSync('strace', [...inject, ...child], { timeout: 60_000 });
      const said = run.stdout.toString();
      // The one under way may be there or not; the process says so and lives to say it.
      expect(said).toContain('failed');
      expect(said).toContain('AFFLUX_CHANNEL_OUTCOME_UNKNOWN');
      const accepted = said.match(/^accepted/gm)?.length ?? 0;
      expect(accepted).toBeGreaterThan(0);
      expect((await checkData(directory)).problems).toEqual([]);
      const { channels } = await dataStats(directory);
      const events = channels.find(({ name }) => name === 'published')?.events ?? 0;
      expect([accepted, accepted + 1]).toContain(events);
    } finally {
      rmSync(place, { recursive: true });
    }
  },
  90_000,
);
