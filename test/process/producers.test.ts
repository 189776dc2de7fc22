/**
 * Far more producers than a laptop has, before a subscriber that hangs. They are processes' worth of sockets, so
 * this needs file descriptors: where the system allows fewer than 9,000 connections take, fewer producers come,
 * and the name of the test says how many.
 */
import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Child } from '../bench/child.ts';
import { brokerYaml, triggerYaml } from '../support/manifests.ts';
import { post } from '../support/process.ts';
import { startSubscriber } from '../support/subscriber.ts';
import { directoryWith, startDev } from './command.ts';
import type { Flood, FloodReport } from './producers.ts';

const PRODUCERS_WANTED = 9_000;
/** Descriptors that each process needs besides those of the producers. */
const OTHER_DESCRIPTORS = 500;
const PRODUCERS = Math.min(PRODUCERS_WANTED, descriptorsMax() - OTHER_DESCRIPTORS);

/** 2,000 of 9,000: most producers are refused in the first round, all of them later. */
const QUEUE_EVENTS = Math.floor((PRODUCERS * 2) / 9);
const BODY_BYTES = 16 * 1024;
const ROUNDS = 4;
/** It takes a second or so with two idle cores; tests share theirs. */
const ANSWER_MS_MAX = 8_000;
/** All rounds together bring 576 MiB; what may be held is the queue, the connections and the program. */
const RSS_BYTES_MAX = 448 * 1024 * 1024;
const RSS_GROWTH_BYTES_MAX = 128 * 1024 * 1024;

/** Node takes all that the system allows it, whatever the shell has set. */
function descriptorsMax(): number {
  const limit = execFileSync('bash', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).trim();
  return limit === 'unlimited' ? Number.POSITIVE_INFINITY : Number(limit);
}

async function rssBytes(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
  return Number(stdout.trim()) * 1024;
}

async function startProducers(): Promise<(flood: Flood) => Promise<FloodReport>> {
  const module = new URL('../dist/process/producers.js', import.meta.url).href;
  const child = await Child.start(module, []);
  onTestFinished(() => child.stop());
  return async (flood) => (await child.ask('flood', flood)) as FloodReport;
}

describe('producers without end before a subscriber that hangs', () => {
  it(
    `T02 F10 ${String(PRODUCERS)} at once: each gets 202 or 429 soon, and memory stays flat`,
    { timeout: 180_000 },
    async () => {
      const subscriber = await startSubscriber(() => undefined);
      const directory = await directoryWith({
        'all.yaml':
          brokerYaml() +
          triggerYaml({
            name: 'hanging',
            uri: subscriber.url,
            annotations: `afflux.dev/queue-events: "${String(QUEUE_EVENTS)}"`,
          }),
      });
      const { process, eventsUrl } = await startDev(['-f', directory]);
      const flood = await startProducers();
      const rss: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const report = await flood({
          url: `${eventsUrl}/default/main`,
          producers: PRODUCERS,
          bodyBytes: BODY_BYTES,
        });
        const { 202: accepted = 0, 429: refused = 0, ...others } = report.statuses;
        expect(others).toEqual({});
        expect(accepted + refused).toBe(PRODUCERS);
        expect(accepted).toBe(round === 0 ? QUEUE_EVENTS : 0);
        expect(report.withoutRetryAfter).toBe(0);
        expect(report.latenciesMs.at(-1)).toBeLessThan(ANSWER_MS_MAX);
        rss.push(await rssBytes(process.pid));
      }
      expect(Math.max(...rss)).toBeLessThan(RSS_BYTES_MAX);
      expect((rss.at(-1) ?? Infinity) - (rss[1] ?? 0)).toBeLessThan(RSS_GROWTH_BYTES_MAX);
      expect((await post(`${eventsUrl}/default/no-such-broker`)).status).toBe(404);
    },
  );
});
