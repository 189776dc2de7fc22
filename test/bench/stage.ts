/**
 * What the rows share: the processes that take part in a comparison, the loads, and one round through one process.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConfigInput } from '@afflux/server';
import { Child } from './child.ts';
import type { ClosedLoad, LoadReport } from './load.ts';
import { broker, BROKER_NAME } from './objects.ts';

export const EVENT_TYPE = 'com.example.order.created';
export const KIB = 1024;
export const CONNECTIONS = 64;

export function binaryHeaders(): Record<string, string> {
  return {
    'ce-specversion': '1.0',
    'ce-id': '8f8e5c2a-41f6-4f6e-9d24-1b8e3a2f1c77',
    'ce-source': '/bench/producer',
    'ce-type': EVENT_TYPE,
    'ce-time': '2026-11-22T10:00:00Z',
    'ce-subject': 'orders/4711',
    'content-type': 'application/octet-stream',
  };
}

export function structuredBody(bytes: number): string {
  return JSON.stringify({
    specversion: '1.0',
    id: '8f8e5c2a-41f6-4f6e-9d24-1b8e3a2f1c77',
    source: '/bench/producer',
    type: EVENT_TYPE,
    time: '2026-11-22T10:00:00Z',
    subject: 'orders/4711',
    datacontenttype: 'application/json',
    data: { text: 'x'.repeat(bytes) },
  });
}

/** A batch in structured mode. */
export function batchBody(events: number): string {
  return `[${Array.from({ length: events }, () => structuredBody(200)).join(',')}]`;
}

export interface Load {
  readonly headers: Record<string, string>;
  readonly bodyBytes: number;
  readonly body?: string;
  /** Requests per round. */
  readonly requests: number;
  /** Events that one request carries. */
  readonly eventsPerRequest?: number;
}

export const ONE_KIB: Load = { headers: binaryHeaders(), bodyBytes: KIB, requests: 12_000 };

/** Everything that takes part in a comparison; closed at the end whatever happens. */
export async function withStage<T>(
  work: (stage: {
    relay: Child;
    sink: Child;
    load: Child;
    relayUrl: string;
    sinkUrl: string;
  }) => Promise<T>,
): Promise<T> {
  const sink = await Child.start('./sink.js', []);
  const sinkUrl = (await sink.ask('address')) as string;
  const relay = await Child.start('./relay.js', [sinkUrl]);
  const load = await Child.start('./load.js', []);
  try {
    return await work({
      relay,
      sink,
      load,
      relayUrl: (await relay.ask('address')) as string,
      sinkUrl,
    });
  } finally {
    await Promise.all([relay.stop(), sink.stop(), load.stop()]);
  }
}

export async function startBroker(
  objects: object[],
  config: ConfigInput = {},
): Promise<{ child: Child; url: string }> {
  const child = await Child.start('./broker.js', [JSON.stringify(config)]);
  await child.ask('apply', [broker(), ...objects]);
  return { child, url: `${(await child.ask('address')) as string}/default/${BROKER_NAME}` };
}

/** A directory that is gone afterwards, on the file system that `AFFLUX_BENCH_DIR` names. */
export async function withDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(
    join(process.env['AFFLUX_BENCH_DIR'] ?? tmpdir(), 'afflux-bench-'),
  );
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The installed command with a manifest file and further flags. */
export async function startDev(
  objects: object[],
  flags: readonly string[] = [],
): Promise<{ child: Child; url: string; controlUrl: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'afflux-bench-'));
  const file = join(directory, 'manifests.json');
  const items = [broker(), ...objects];
  await writeFile(file, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  const child = await Child.start('./dev.js', ['-f', file, ...flags]);
  return {
    child,
    url: `${(await child.ask('address')) as string}/default/${BROKER_NAME}`,
    controlUrl: (await child.ask('controlAddress')) as string,
  };
}

/** CPU microseconds per delivery of one round through one process. */
export async function cpuPerDelivery(
  under: Child,
  url: string,
  stage: { sink: Child; load: Child },
  load: Load,
  deliveriesPerRequest: number,
): Promise<{ micros: number; perSecond: number }> {
  await stage.sink.ask('reset');
  const before = await under.usage();
  const reached = stage.sink.ask('until', load.requests * deliveriesPerRequest);
  const started = performance.now();
  const request: ClosedLoad = {
    url,
    connections: CONNECTIONS,
    headers: load.headers,
    bodyBytes: load.bodyBytes,
    events: load.requests,
    ...(load.body === undefined ? {} : { body: load.body }),
  };
  const report = (await stage.load.ask('closed', request)) as LoadReport;
  if ((report.statuses['202'] ?? 0) !== load.requests) {
    throw new Error(`not every event was accepted: ${JSON.stringify(report.statuses)}`);
  }
  await reached;
  const elapsedS = (performance.now() - started) / 1000;
  const after = await under.usage();
  const deliveries = load.requests * deliveriesPerRequest;
  return {
    micros: (after.cpuMicros - before.cpuMicros) / deliveries,
    perSecond: deliveries / elapsedS,
  };
}
