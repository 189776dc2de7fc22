/**
 * The rows of the bench. Each knows its name and measures itself; a result with a `limit` was compared with the
 * raw relay (or, where it says so, with another row) within the same run.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { makeEvent, type CloudEvent } from '@afflux/events';
import { compileFilter, FilterIndex } from '@afflux/filters';
import { apiRows } from './api-rows.ts';
import { Child } from './child.ts';
import { backEndRows } from './backend-rows.ts';
import { durableRows } from './durable-rows.ts';
import type { LoadReport } from './load.ts';
import { triggers } from './objects.ts';
import type { MeasureOptions, Row } from './row.ts';
import {
  batchBody,
  binaryHeaders,
  CONNECTIONS,
  cpuPerDelivery,
  EVENT_TYPE,
  KIB,
  ONE_KIB,
  startBroker,
  startDev,
  structuredBody,
  withStage,
  type Load,
} from './stage.ts';
import { median, percentile, spread } from './statistics.ts';

interface Compared {
  readonly brokerMicros: number[];
  readonly relayMicros: number[];
  readonly brokerPerSecond: number[];
  readonly relayPerSecond: number[];
}

/** Broker and relay in turn. The relay's figure is per event, whatever the fan-out of the broker. */
async function compare(
  { rounds, profile }: MeasureOptions,
  load: Load,
  fanOut: { readonly matching: number; readonly others: number },
): Promise<Compared> {
  return withStage(async (stage) => {
    const objects = triggers({ ...fanOut, type: EVENT_TYPE, url: stage.sinkUrl });
    const { child, url } = await startBroker(objects);
    const compared: Compared = {
      brokerMicros: [],
      relayMicros: [],
      brokerPerSecond: [],
      relayPerSecond: [],
    };
    const deliveries = fanOut.matching * (load.eventsPerRequest ?? 1);
    try {
      for (let round = -1; round < rounds; round += 1) {
        if (round === 0 && profile !== undefined) await child.ask('startProfile');
        const ours = await cpuPerDelivery(child, url, stage, load, deliveries);
        const relayLoad =
          load.eventsPerRequest === undefined ? load : { ...ONE_KIB, requests: load.requests };
        const raw = await cpuPerDelivery(stage.relay, stage.relayUrl, stage, relayLoad, 1);
        if (round < 0) continue;
        compared.brokerMicros.push(ours.micros);
        compared.relayMicros.push(raw.micros);
        compared.brokerPerSecond.push(ours.perSecond);
        compared.relayPerSecond.push(raw.perSecond);
      }
      if (profile !== undefined) await child.ask('stopProfile', profile);
    } finally {
      await child.stop();
    }
    return compared;
  });
}

function pairRatio(values: readonly number[], limits: readonly number[]): number {
  return median(values.map((value, index) => value / (limits[index] ?? Number.NaN)));
}

/** CPU per event against the relay, with throughput beside it. */
function cpuRow(
  name: string,
  load: Load,
  fanOut: { matching: number; others: number },
  targetMax: number | null,
): Row {
  return {
    name,
    async measure(options) {
      const c = await compare(options, load, fanOut);
      const ratio = pairRatio(c.brokerMicros, c.relayMicros);
      const speed = pairRatio(c.brokerPerSecond, c.relayPerSecond);
      return [
        {
          name,
          value: median(c.brokerMicros),
          unit: 'µs CPU/event',
          limit: median(c.relayMicros),
          ratio,
          target: targetMax === null ? null : `≤ ${String(targetMax)} × relay`,
          ok: targetMax === null ? null : ratio <= targetMax,
          spread: spread(c.brokerMicros),
        },
        {
          name: `${name}: throughput`,
          value: median(c.brokerPerSecond),
          unit: 'events/s',
          limit: median(c.relayPerSecond),
          ratio: speed,
          target: null,
          ok: null,
          spread: spread(c.brokerPerSecond),
        },
      ];
    },
  };
}

/** CPU per delivery against that of one trigger: two brokers in turn within one run. */
function againstOneTrigger(
  name: string,
  fanOut: { matching: number; others: number },
  targetMax: number,
  requests: number,
): Row {
  return {
    name,
    measure: ({ rounds }) =>
      withStage(async (stage) => {
        const type = EVENT_TYPE;
        const one = await startBroker(
          triggers({ matching: 1, others: 0, type, url: stage.sinkUrl }),
        );
        const many = await startBroker(triggers({ ...fanOut, type, url: stage.sinkUrl }));
        const oneMicros: number[] = [];
        const manyMicros: number[] = [];
        try {
          for (let round = -1; round < rounds; round += 1) {
            const a = await cpuPerDelivery(one.child, one.url, stage, ONE_KIB, 1);
            const b = await cpuPerDelivery(
              many.child,
              many.url,
              stage,
              { ...ONE_KIB, requests },
              fanOut.matching,
            );
            if (round < 0) continue;
            oneMicros.push(a.micros);
            manyMicros.push(b.micros);
          }
        } finally {
          await Promise.all([one.child.stop(), many.child.stop()]);
        }
        const ratio = pairRatio(manyMicros, oneMicros);
        return [
          {
            name,
            value: median(manyMicros),
            unit: 'µs CPU/delivery',
            limit: median(oneMicros),
            ratio,
            target: `≤ ${String(targetMax)} × 1 trigger`,
            ok: ratio <= targetMax,
            spread: spread(manyMicros),
          },
        ];
      }),
  };
}

const matchingOnly: Row = {
  name: '10,000 triggers, 10 match: matching',
  measure({ rounds }) {
    const index = new FilterIndex<number>();
    for (let key = 0; key < 10_000; key += 1) {
      const type = key < 10 ? EVENT_TYPE : `other.type.${String(key)}`;
      index.set(String(key), compileFilter({ filters: [{ exact: { type } }] }), key);
    }
    const event: CloudEvent = makeEvent({
      id: '1',
      source: '/bench',
      type: EVENT_TYPE,
      subject: 'orders/4711',
    });
    const micros: number[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      const out: number[] = [];
      const started = performance.now();
      for (let count = 0; count < 20_000; count += 1) {
        out.length = 0;
        index.match(event, out);
      }
      if (out.length !== 10) throw new Error(`matched ${String(out.length)} instead of 10`);
      if (round > 0) micros.push(((performance.now() - started) * 1000) / 20_000);
    }
    const value = median(micros);
    return Promise.resolve([
      {
        name: this.name,
        value,
        unit: 'µs/event',
        limit: null,
        ratio: null,
        target: '≤ 50 µs',
        ok: value <= 50,
        spread: spread(micros),
      },
    ]);
  },
};

const latency: Row = {
  name: 'latency at 1,000/s',
  measure: ({ rounds }) =>
    withStage(async (stage) => {
      const { child, url } = await startBroker(
        triggers({ matching: 1, others: 0, type: EVENT_TYPE, url: stage.sinkUrl }),
      );
      const through: number[][] = [];
      const direct: number[][] = [];
      const one = async (target: string): Promise<number[]> => {
        await stage.sink.ask('reset');
        const events = 4_000;
        const reached = stage.sink.ask('until', events);
        await stage.load.ask('open', {
          url: target,
          connections: CONNECTIONS,
          headers: binaryHeaders(),
          bodyBytes: KIB,
          events,
          perSecond: 1_000,
        });
        await reached;
        return (await stage.sink.ask('latencies')) as number[];
      };
      try {
        for (let round = -1; round < rounds; round += 1) {
          const a = await one(url);
          const b = await one(stage.sinkUrl);
          if (round < 0) continue;
          through.push(a);
          direct.push(b);
        }
      } finally {
        await child.stop();
      }
      return [
        { share: 0.5, name: 'p50', targetMs: 0.5 },
        { share: 0.99, name: 'p99', targetMs: 2.5 },
      ].map(({ share, name, targetMs }) => {
        const ours = median(through.map((values) => percentile(values, share)));
        const raw = median(direct.map((values) => percentile(values, share)));
        return {
          name: `added latency at 1,000/s, ${name}`,
          value: ours - raw,
          unit: 'ms',
          limit: raw,
          ratio: ours / raw,
          target: `≤ ${String(targetMs)} ms`,
          ok: ours - raw <= targetMs,
        };
      });
    }),
};

const startUp: Row = {
  name: 'start to first delivered event',
  async measure({ rounds }) {
    const wall: number[] = [];
    const cpu: number[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      const figures = await startOnce();
      if (round === 0) continue;
      wall.push(figures.wallMs);
      cpu.push(figures.cpuMs);
    }
    return [
      {
        name: 'start to first event: wall',
        value: median(wall),
        unit: 'ms',
        limit: null,
        ratio: null,
        target: '≤ 1000 ms',
        ok: median(wall) <= 1000,
        spread: spread(wall),
      },
      {
        name: 'start to first event: CPU',
        value: median(cpu),
        unit: 'ms',
        limit: null,
        ratio: null,
        target: '≤ 400 ms',
        ok: median(cpu) <= 400,
        spread: spread(cpu),
      },
    ];
  },
};

/** From the fork of `afflux dev` to the arrival of the first event at the subscriber. */
async function startOnce(): Promise<{ wallMs: number; cpuMs: number }> {
  const sink = await Child.start('./sink.js', []);
  const load = await Child.start('./load.js', []);
  const url = (await sink.ask('address')) as string;
  try {
    const started = performance.now();
    const { child, url: brokerUrl } = await startDev(
      triggers({ matching: 1, others: 0, type: EVENT_TYPE, url }),
    );
    const reached = sink.ask('until', 1);
    await load.ask('closed', {
      url: brokerUrl,
      connections: 1,
      headers: binaryHeaders(),
      bodyBytes: KIB,
      events: 1,
    });
    await reached;
    const wallMs = performance.now() - started;
    const { cpuMicros } = await child.usage();
    await child.stop();
    return { wallMs, cpuMs: cpuMicros / 1000 };
  } finally {
    await Promise.all([sink.stop(), load.stop()]);
  }
}

const idleMemory: Row = {
  name: 'idle memory',
  async measure() {
    const { child } = await startDev([]);
    await delay(3_000);
    const { rssBytes } = await child.usage();
    await child.stop();
    const value = rssBytes / KIB / KIB;
    return [
      {
        name: this.name,
        value,
        unit: 'MiB RSS',
        limit: null,
        ratio: null,
        target: '≤ 90 MiB',
        ok: value <= 90,
      },
    ];
  },
};

const deadSubscriber: Row = {
  name: 'memory with a dead subscriber',
  async measure() {
    const sink = await Child.start('./sink.js', ['hang']);
    const load = await Child.start('./load.js', []);
    const url = (await sink.ask('address')) as string;
    const { child, url: brokerUrl } = await startDev(
      triggers({ matching: 1, others: 0, type: EVENT_TYPE, url }),
    );
    const flood = (durationMs: number): Promise<unknown> =>
      load.ask('flood', {
        url: brokerUrl,
        connections: 256,
        headers: binaryHeaders(),
        bodyBytes: KIB,
        durationMs,
      });
    await flood(10_000);
    const full = (await child.usage()).rssBytes / KIB / KIB;
    const report = (await flood(20_000)) as LoadReport;
    const later = (await child.usage()).rssBytes / KIB / KIB;
    await Promise.all([child.stop(), sink.stop(), load.stop()]);
    const ratio = later / full;
    const refused = report.statuses['429'] ?? 0;
    return [
      {
        name: this.name,
        value: later,
        unit: 'MiB RSS',
        limit: full,
        ratio,
        target: '≤ 1.1 × when full',
        ok: ratio <= 1.1 && refused > 0,
      },
    ];
  },
};

export const rows: readonly Row[] = [
  cpuRow('1 trigger, 1 KiB', ONE_KIB, { matching: 1, others: 0 }, 1.25),
  againstOneTrigger('10 triggers, 1 matches', { matching: 1, others: 9 }, 1.1, ONE_KIB.requests),
  againstOneTrigger('100 triggers, 1 matches', { matching: 1, others: 99 }, 1.1, ONE_KIB.requests),
  againstOneTrigger(
    '1,000 triggers, 1 matches',
    { matching: 1, others: 999 },
    1.2,
    ONE_KIB.requests,
  ),
  againstOneTrigger('10 triggers, all match', { matching: 10, others: 0 }, 0.8, 2_000),
  againstOneTrigger('100 triggers, all match', { matching: 100, others: 0 }, 0.8, 300),
  matchingOnly,
  cpuRow(
    'structured, 1 KiB',
    {
      headers: { 'content-type': 'application/cloudevents+json' },
      bodyBytes: 0,
      body: structuredBody(KIB),
      requests: 12_000,
    },
    { matching: 1, others: 0 },
    null,
  ),
  cpuRow(
    'batch of 100',
    {
      headers: { 'content-type': 'application/cloudevents-batch+json' },
      bodyBytes: 0,
      body: batchBody(100),
      requests: 100,
      eventsPerRequest: 100,
    },
    { matching: 1, others: 0 },
    null,
  ),
  cpuRow('64 B body', { ...ONE_KIB, bodyBytes: 64 }, { matching: 1, others: 0 }, null),
  cpuRow(
    '64 KiB body',
    { ...ONE_KIB, bodyBytes: 64 * KIB, requests: 4_000 },
    { matching: 1, others: 0 },
    null,
  ),
  cpuRow(
    '1 MiB body',
    { ...ONE_KIB, bodyBytes: KIB * KIB, requests: 400 },
    { matching: 1, others: 0 },
    null,
  ),
  latency,
  startUp,
  idleMemory,
  deadSubscriber,
  ...durableRows,
  ...backEndRows,
  ...apiRows(process.env),
];
