/**
 * What it costs that a 202 means "on disk": the durable channel against the memory channel and against the disk's
 * own sync, in one run. The data directories are on the file system of the temporary directory; `AFFLUX_BENCH_DIR`
 * names another place.
 */
import { open as openFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Child } from './child.ts';
import type { LoadReport } from './load.ts';
import { trigger, triggers } from './objects.ts';
import type { BenchRow, Row } from './row.ts';
import {
  batchBody,
  binaryHeaders,
  EVENT_TYPE,
  KIB,
  startBroker,
  withDirectory,
  withStage,
} from './stage.ts';
import { median, percentile, spread } from './statistics.ts';

const PRODUCERS = 256;
const BATCH = 200;
const SMALL_BACKLOG = 10_000;
const LARGE_BACKLOG = 1_000_000;

/** Time of appending 1 KiB and syncing it, one after the other: what the disk gives to a single writer. */
async function syncTimesMs(directory: string, count: number): Promise<number[]> {
  const file = await openFile(join(directory, 'sync-probe'), 'a');
  const bytes = Buffer.alloc(KIB, 'x');
  const times: number[] = [];
  try {
    for (let done = 0; done < count; done += 1) {
      const started = performance.now();
      await file.write(bytes);
      await file.datasync();
      times.push(performance.now() - started);
    }
  } finally {
    await file.close();
  }
  return times;
}

/** Accepted events per second, deliveries going on beside; resolves when all of them have arrived. */
async function acceptedPerSecond(
  stage: { sink: Child; load: Child },
  url: string,
  events: number,
): Promise<number> {
  await stage.sink.ask('reset');
  const reached = stage.sink.ask('until', events);
  const report = (await stage.load.ask('closed', {
    url,
    connections: PRODUCERS,
    headers: binaryHeaders(),
    bodyBytes: KIB,
    events,
  })) as LoadReport;
  const accepted = report.statuses['202'] ?? 0;
  if (accepted !== events) throw new Error(`not all accepted: ${JSON.stringify(report.statuses)}`);
  await reached;
  return (events * 1000) / report.elapsedMs;
}

const throughput: Row = {
  name: 'durable: accepted events/s, 256 producers',
  measure: ({ rounds, profile }) =>
    withStage((stage) =>
      withDirectory(async (dataDir) => {
        const objects = triggers({ matching: 1, others: 0, type: EVENT_TYPE, url: stage.sinkUrl });
        const memory = await startBroker(objects);
        const durable = await startBroker(objects, { dataDir });
        const memoryRates: number[] = [];
        const durableRates: number[] = [];
        try {
          for (let round = -1; round < rounds; round += 1) {
            if (round === 0 && profile !== undefined) await durable.child.ask('startProfile');
            const ours = await acceptedPerSecond(stage, durable.url, 20_000);
            const limit = await acceptedPerSecond(stage, memory.url, 20_000);
            if (round < 0) continue;
            durableRates.push(ours);
            memoryRates.push(limit);
          }
          if (profile !== undefined) await durable.child.ask('stopProfile', profile);
        } finally {
          await Promise.all([memory.child.stop(), durable.child.stop()]);
        }
        const ratio = median(durableRates.map((rate, index) => rate / (memoryRates[index] ?? NaN)));
        return [
          {
            name: throughput.name,
            value: median(durableRates),
            unit: 'events/s',
            limit: median(memoryRates),
            ratio,
            target: '≥ 0.6 × memory',
            ok: ratio >= 0.6,
            spread: spread(durableRates),
          },
        ];
      }),
    ),
};

const publishTime: Row = {
  name: 'durable: publish at 1,000/s',
  measure: ({ rounds }) =>
    withStage((stage) =>
      withDirectory(async (dataDir) => {
        const objects = triggers({ matching: 1, others: 0, type: EVENT_TYPE, url: stage.sinkUrl });
        const durable = await startBroker(objects, { dataDir });
        const memory = await startBroker(objects);
        const ours: number[] = [];
        const inMemory: number[] = [];
        const syncs: number[] = [];
        const syncP99: number[] = [];
        try {
          for (let round = -1; round < rounds; round += 1) {
            const value = await publishP99(stage, durable.url);
            const limit = await publishP99(stage, memory.url);
            const probe = await syncTimesMs(dataDir, 500);
            if (round < 0) continue;
            ours.push(value);
            inMemory.push(limit);
            syncs.push(median(probe));
            syncP99.push(percentile(probe, 0.99));
          }
        } finally {
          await Promise.all([durable.child.stop(), memory.child.stop()]);
        }
        const value = median(ours);
        const row = (name: string, limit: number, target: string | null): BenchRow => ({
          name,
          value,
          unit: 'ms',
          limit,
          ratio: value / limit,
          target,
          ok: target === null ? null : value <= 3 * limit,
          spread: spread(ours),
        });
        return [
          row('durable: publish p99 at 1,000/s (sync: median)', median(syncs), '≤ 3 × sync'),
          row('durable: publish p99 at 1,000/s (sync: p99)', median(syncP99), null),
          row('durable: publish p99 at 1,000/s (memory: p99)', median(inMemory), null),
        ];
      }),
    ),
};

async function publishP99({ load }: { load: Child }, url: string): Promise<number> {
  const report = (await load.ask('open', {
    url,
    connections: 64,
    headers: binaryHeaders(),
    bodyBytes: KIB,
    events: 4_000,
    perSecond: 1_000,
  })) as LoadReport;
  return percentile(report.latenciesMs, 0.99);
}

/** A trigger whose events outlive a subscriber that does not answer for minutes. */
function patientObjects(url: string): object[] {
  const patient = trigger('patient', EVENT_TYPE, url) as { spec: object };
  return [
    { ...patient, spec: { ...patient.spec, delivery: { retry: 1_000, backoffDelay: 'PT1S' } } },
  ];
}

interface BacklogFigures {
  readonly rssMiB: number;
  readonly drainPerSecond: number;
  /** Delivered as they come, with nothing left behind: before anything piled up. */
  readonly livePerSecond: number;
}

/**
 * The same traffic with two outcomes: a subscriber that holds its answers from the beginning, or for the last `kept`
 * events alone. Then lets it go.
 */
async function backlogOf(kept: number): Promise<BacklogFigures> {
  return withStage((stage) =>
    withDirectory(async (dataDir) => {
      const { child, url } = await startBroker(patientObjects(stage.sinkUrl), { dataDir });
      const delivered = LARGE_BACKLOG - kept;
      try {
        const livePerSecond = await acceptedPerSecond(stage, url, 50_000);
        await stage.sink.ask('reset');
        if (delivered > 0) {
          const reached = stage.sink.ask('until', delivered);
          await publishBatches(stage, url, delivered);
          await reached;
          await stage.sink.ask('reset');
        }
        await stage.sink.ask('hold', true);
        await publishBatches(stage, url, kept);
        const { rssBytes } = await child.usage();
        const reached = stage.sink.ask('until', Math.floor(kept * 0.98));
        const started = performance.now();
        await stage.sink.ask('hold', false);
        await reached;
        const elapsedS = (performance.now() - started) / 1000;
        const drainPerSecond = (kept * 0.98) / elapsedS;
        return { rssMiB: rssBytes / KIB / KIB, drainPerSecond, livePerSecond };
      } finally {
        await child.stop();
      }
    }),
  );
}

async function publishBatches(stage: { load: Child }, url: string, events: number): Promise<void> {
  const report = (await stage.load.ask('closed', {
    url,
    connections: 16,
    headers: { 'content-type': 'application/cloudevents-batch+json' },
    bodyBytes: 0,
    body: batchBody(BATCH),
    events: events / BATCH,
  })) as LoadReport;
  if (report.statuses['202'] !== events / BATCH) {
    throw new Error(`not every batch was accepted: ${JSON.stringify(report.statuses)}`);
  }
}

const backlog: Row = {
  name: 'durable: backlog of 1,000,000',
  async measure() {
    const small = await backlogOf(SMALL_BACKLOG);
    const large = await backlogOf(LARGE_BACKLOG);
    const memory = large.rssMiB / small.rssMiB;
    const drain = large.drainPerSecond / large.livePerSecond;
    return [
      {
        name: 'durable: memory with a backlog of 1,000,000',
        value: large.rssMiB,
        unit: 'MiB RSS',
        limit: small.rssMiB,
        ratio: memory,
        target: '≤ 1.1 × with 10,000',
        ok: memory <= 1.1,
      },
      {
        name: 'durable: drain of a backlog of 1,000,000',
        value: large.drainPerSecond,
        unit: 'events/s',
        limit: large.livePerSecond,
        ratio: drain,
        target: '≥ 0.8 × with none',
        ok: drain >= 0.8,
      },
      {
        name: 'durable: drain of a backlog of 1,000,000 (10,000 in memory)',
        value: large.drainPerSecond,
        unit: 'events/s',
        limit: small.drainPerSecond,
        ratio: large.drainPerSecond / small.drainPerSecond,
        target: null,
        ok: null,
      },
    ];
  },
};

/** Milliseconds from the fork to the open ports, on the directory as it is. */
async function startMs(dataDir: string, objects: object[]): Promise<number> {
  const started = performance.now();
  const { child } = await startBroker(objects, { dataDir });
  const elapsed = performance.now() - started;
  await child.stop();
  return elapsed;
}

const coldStart: Row = {
  name: 'durable: cold start with 1,000,000 stored',
  measure: ({ rounds }) =>
    withStage((stage) =>
      withDirectory((full) =>
        withDirectory(async (empty) => {
          const objects = patientObjects(stage.sinkUrl);
          const { child, url } = await startBroker(objects, { dataDir: full });
          await stage.sink.ask('hold', true);
          await publishBatches(stage, url, LARGE_BACKLOG);
          await child.stop();
          const ours: number[] = [];
          const limits: number[] = [];
          for (let round = -1; round < rounds; round += 1) {
            const limit = await startMs(empty, objects);
            const value = await startMs(full, objects);
            if (round < 0) continue;
            ours.push(value);
            limits.push(limit);
          }
          const ratio = median(ours.map((value, index) => value / (limits[index] ?? NaN)));
          return [
            {
              name: coldStart.name,
              value: median(ours),
              unit: 'ms',
              limit: median(limits),
              ratio,
              target: '≤ 1.5 × empty',
              ok: ratio <= 1.5,
              spread: spread(ours),
            },
          ];
        }),
      ),
    ),
};

const OTHERS = 10;

/** End-to-end p99 of ten triggers, without and with an eleventh whose subscriber never answers. */
const stuckTrigger: Row = {
  name: 'durable: one stuck trigger beside ten',
  measure: ({ rounds }) =>
    withStage(async (stage) => {
      const hanging = await Child.start('./sink.js', ['hang']);
      const stuckUrl = (await hanging.ask('address')) as string;
      const ten = triggers({ matching: OTHERS, others: 0, type: EVENT_TYPE, url: stage.sinkUrl });
      const stuck = trigger('stuck', EVENT_TYPE, stuckUrl);
      const measured = await withDirectory((healthyDir) =>
        withDirectory(async (stuckDir) => {
          const healthy = await startBroker(ten, { dataDir: healthyDir });
          const beside = await startBroker([...ten, stuck], { dataDir: stuckDir });
          const ours: number[] = [];
          const limits: number[] = [];
          try {
            for (let round = -1; round < rounds; round += 1) {
              const limit = await endToEndP99(stage, healthy.url);
              const value = await endToEndP99(stage, beside.url);
              if (round < 0) continue;
              ours.push(value);
              limits.push(limit);
            }
          } finally {
            await Promise.all([healthy.child.stop(), beside.child.stop(), hanging.stop()]);
          }
          return { ours, limits };
        }),
      );
      const { ours, limits } = measured;
      const ratio = median(ours.map((value, index) => value / (limits[index] ?? NaN)));
      return [
        {
          name: stuckTrigger.name,
          value: median(ours),
          unit: 'ms p99',
          limit: median(limits),
          ratio,
          target: '< 1.1 × without',
          ok: ratio < 1.1,
          spread: spread(ours),
        },
      ];
    }),
};

async function endToEndP99(stage: { sink: Child; load: Child }, url: string): Promise<number> {
  const events = 1_200;
  await stage.sink.ask('reset');
  const reached = stage.sink.ask('until', events * OTHERS);
  await stage.load.ask('open', {
    url,
    connections: 32,
    headers: binaryHeaders(),
    bodyBytes: KIB,
    events,
    perSecond: 200,
  });
  await reached;
  return percentile((await stage.sink.ask('latencies')) as number[], 0.99);
}

export const durableRows: readonly Row[] = [
  throughput,
  publishTime,
  backlog,
  coldStart,
  stuckTrigger,
];
