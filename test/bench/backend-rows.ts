/**
 * Kafka and RabbitMQ: how much of a bare producer loop is left above the client library, and how long an event takes
 * from the producer to the subscriber. Needs `AFFLUX_TEST_KAFKA` and `AFFLUX_TEST_AMQP`; rows without their server
 * say so and measure nothing.
 */
import { randomUUID } from 'node:crypto';
import type { ConfigInput } from '@afflux/server';
import { Child } from './child.ts';
import { triggers } from './objects.ts';
import type { BenchRow, Row } from './row.ts';
import { binaryHeaders, EVENT_TYPE, KIB, startBroker, withStage } from './stage.ts';
import { median, percentile, spread } from './statistics.ts';

interface BackEnd {
  readonly name: 'kafka' | 'rabbitmq';
  readonly variable: string;
  /** Configuration of the driver for a topic or exchange of this name. */
  config(address: string, name: string): object;
  /** The address as the bare loop takes it. */
  server(address: string): string;
  /** A process whose default channel is on it. */
  process(address: string): ConfigInput;
}

const BACK_ENDS: readonly BackEnd[] = [
  {
    name: 'kafka',
    variable: 'AFFLUX_TEST_KAFKA',
    config: (address, topic) => ({
      bootstrapServers: address.split(','),
      topic,
      partitions: 4,
      replicationFactor: 1,
    }),
    server: (address) => address,
    process: (address) => ({
      channel: {
        type: 'kafka',
        kafka: { bootstrapServers: address, partitions: 4, replicationFactor: 1 },
      },
    }),
  },
  {
    name: 'rabbitmq',
    variable: 'AFFLUX_TEST_AMQP',
    config: (address, exchange) => {
      const url = new URL(address);
      const { username, password } = url;
      url.username = url.password = '';
      return { urls: [url.href], username, password, exchange };
    },
    server: (address) => address,
    process: (address) => ({ channel: { type: 'rabbitmq', rabbitmq: { url: address } } }),
  },
];

const PUBLISHERS = 256;
const EVENTS = 10_000;

/** Both loops in turn, into the same topic or exchange. */
async function againstBareLoop(
  backEnd: BackEnd,
  address: string,
  rounds: number,
): Promise<BenchRow[]> {
  const target = `bench-${randomUUID()}`;
  const config = JSON.stringify(backEnd.config(address, target));
  const ours = await Child.start('./channel-producer.js', [backEnd.name, config]);
  const bare = await Child.start('./bare-producer.js', [
    backEnd.name,
    backEnd.server(address),
    target,
  ]);
  const load = { publishers: PUBLISHERS, events: EVENTS };
  const rates: number[] = [];
  const limits: number[] = [];
  try {
    for (let round = -1; round < rounds; round += 1) {
      const limit = (await bare.ask('publish', load)) as number;
      const rate = (await ours.ask('publish', load)) as number;
      if (round < 0) continue;
      rates.push(rate);
      limits.push(limit);
    }
    await ours.ask('remove');
  } finally {
    await Promise.all([ours.stop(), bare.stop()]);
  }
  const ratio = median(rates.map((rate, index) => rate / (limits[index] ?? Number.NaN)));
  return [
    {
      name: `${backEnd.name}: publishes/s, ${String(PUBLISHERS)} publishers`,
      value: median(rates),
      unit: 'events/s',
      limit: median(limits),
      ratio,
      target: '≥ 0.8 × bare loop',
      ok: ratio >= 0.8,
      spread: spread(rates),
    },
  ];
}

/** From the moment an event was due at the producer to its arrival at the subscriber, over HTTP both ways. */
async function endToEnd(backEnd: BackEnd, address: string): Promise<BenchRow[]> {
  return withStage(async (stage) => {
    const objects = triggers({ matching: 1, others: 0, type: EVENT_TYPE, url: stage.sinkUrl });
    const { child, url } = await startBroker(objects, backEnd.process(address));
    const events = 2_000;
    try {
      await stage.sink.ask('reset');
      const reached = stage.sink.ask('until', events);
      await stage.load.ask('open', {
        url,
        connections: 64,
        headers: binaryHeaders(),
        bodyBytes: KIB,
        events,
        perSecond: 200,
      });
      await reached;
      const latencies = (await stage.sink.ask('latencies')) as number[];
      return [
        { share: 0.5, name: 'p50' },
        { share: 0.99, name: 'p99' },
      ].map(({ share, name }) => ({
        name: `${backEnd.name}: end to end at 200/s, ${name}`,
        value: percentile(latencies, share),
        unit: 'ms',
        limit: null,
        ratio: null,
        target: null,
        ok: null,
      }));
    } finally {
      await child.stop();
    }
  });
}

export const backEndRows: readonly Row[] = BACK_ENDS.map((backEnd) => ({
  name: `${backEnd.name}: publishes and latency`,
  async measure({ rounds }) {
    const address = process.env[backEnd.variable] ?? '';
    if (address === '') {
      process.stderr.write(`${backEnd.name}: not measured, ${backEnd.variable} is not set\n`);
      return [];
    }
    return [
      ...(await againstBareLoop(backEnd, address, rounds)),
      ...(await endToEnd(backEnd, address)),
    ];
  },
}));
