/**
 * Which channel carries the scenarios: the environment chooses (`AFFLUX_SCENARIO_CHANNEL`), the scenarios do not
 * change. Each process of the product that a scenario starts has storage of its own, which goes when the scenario
 * ends: a directory, a virtual host, or topics under a prefix.
 */
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AffluxOptions } from '@afflux/server';
import { request } from 'undici';

export const SCENARIO_CHANNELS = ['memory', 'durable', 'kafka', 'rabbitmq'] as const;

export type ScenarioChannel = (typeof SCENARIO_CHANNELS)[number];

const wanted = process.env['AFFLUX_SCENARIO_CHANNEL'] ?? 'memory';

const SCENARIO_CHANNEL = channelNamed(wanted);

function channelNamed(name: string): ScenarioChannel {
  const channel = SCENARIO_CHANNELS.find((one) => one === name);
  if (channel !== undefined) return channel;
  throw new Error(`AFFLUX_SCENARIO_CHANNEL=${name}: expected ${SCENARIO_CHANNELS.join(', ')}`);
}

/** What scenarios may need that not every channel promises; the text is printed where one is skipped for it. */
const PROMISES = {
  /** Queues have bounds of their own and refuse events beyond them; elsewhere retention is the bound. */
  boundedQueues: { memory: true, durable: false, kafka: false, rabbitmq: false },
  /** Closing delivers what was accepted, as nothing else would. */
  deliversAtClose: { memory: true, durable: false, kafka: false, rabbitmq: false },
  /** Events without a partition key keep the order of one producer. */
  totalOrder: { memory: true, durable: true, kafka: false, rabbitmq: true },
  /** An event meets the filters of when it was published; elsewhere those of when it is read. */
  filtersAtPublish: { memory: true, durable: true, kafka: false, rabbitmq: false },
  /** Events of several MiB: a topic of Kafka takes 1 MiB unless it is told otherwise. */
  largeEvents: { memory: true, durable: true, kafka: false, rabbitmq: true },
  /** A thousand at once; elsewhere each one is a consumer group or two queues, and that takes a server minutes. */
  cheapSubscriptions: { memory: true, durable: true, kafka: false, rabbitmq: false },
} as const;

export type ScenarioPromise = keyof typeof PROMISES;

/** The kind that stands behind a Broker or Channel that names none. */
export const BACKING_KIND = (
  {
    memory: 'InMemoryChannel',
    durable: 'DurableChannel',
    kafka: 'KafkaChannel',
    rabbitmq: 'RabbitmqChannel',
  } as const
)[SCENARIO_CHANNEL];

/** How the delivery of an event ends that nobody takes and that has no dead letter sink. */
export const GIVEN_UP_OUTCOME = SCENARIO_CHANNEL === 'memory' ? 'dropped' : 'stored';

const told = new Set<ScenarioPromise>();

/** Whether the scenario channel promises something. */
export function promises(promise: ScenarioPromise): boolean {
  return PROMISES[promise][SCENARIO_CHANNEL];
}

/** For `skipIf`: whether the scenario channel lacks what a scenario is about. Says so once per file. */
export function lacks(promise: ScenarioPromise): boolean {
  if (promises(promise)) return false;
  if (!told.has(promise)) {
    told.add(promise);
    process.stderr.write(`skipped on ${SCENARIO_CHANNEL}: scenarios that need ${promise}\n`);
  }
  return true;
}

/** Options for one process, objects that it needs, and how to forget what it stored. */
export interface ScenarioStorage {
  readonly options: AffluxOptions;
  readonly manifests: string;
  forget(): Promise<void>;
}

const NOTHING: ScenarioStorage = {
  options: {},
  manifests: '',
  forget: () => Promise.resolve(),
};

export function scenarioStorage(): Promise<ScenarioStorage> {
  const make: Readonly<Record<ScenarioChannel, () => Promise<ScenarioStorage>>> = {
    memory: () => Promise.resolve(NOTHING),
    durable: inDirectory,
    kafka: () => Promise.resolve(underPrefix()),
    rabbitmq: inVirtualHost,
  };
  return make[SCENARIO_CHANNEL]();
}

async function inDirectory(): Promise<ScenarioStorage> {
  const dataDir = await mkdtemp(join(tmpdir(), 'afflux-scenario-'));
  return {
    ...NOTHING,
    options: { dataDir, channel: { type: 'durable' } },
    forget: () => rm(dataDir, { recursive: true, force: true }),
  };
}

function underPrefix(): ScenarioStorage {
  const prefix = `scenario-${randomUUID()}`;
  const bootstrapServers = required('AFFLUX_TEST_KAFKA');
  const replicationFactor = Math.min(3, bootstrapServers.split(',').length);
  return {
    ...NOTHING,
    options: {
      channel: { type: 'kafka', kafka: { bootstrapServers, partitions: 2, replicationFactor } },
    },
    manifests: `
apiVersion: v1
kind: ConfigMap
metadata:
  name: config-kafka-features
  namespace: knative-eventing
data:
  channels-topic-template: '${prefix}.{{ .Namespace }}.{{ .Name }}'
---
`,
  };
}

async function inVirtualHost(): Promise<ScenarioStorage> {
  const name = `scenario-${randomUUID()}`;
  const url = new URL(required('AFFLUX_TEST_AMQP'));
  await virtualHost('PUT', name);
  url.pathname = `/${name}`;
  return {
    ...NOTHING,
    options: { channel: { type: 'rabbitmq', rabbitmq: { url: url.href } } },
    forget: () => virtualHost('DELETE', name),
  };
}

/** The user of the tests may do everything in a virtual host that it makes. */
async function virtualHost(method: 'PUT' | 'DELETE', name: string): Promise<void> {
  const management = new URL(required('AFFLUX_TEST_AMQP_MANAGEMENT'));
  const user = decodeURIComponent(management.username);
  const password = decodeURIComponent(management.password);
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  const answer = await request(`${management.origin}/api/vhosts/${name}`, {
    method,
    headers: { authorization, 'content-type': 'application/json' },
  });
  await answer.body.dump();
  if (answer.statusCode >= 300) {
    throw new Error(`virtual host ${name}: status ${String(answer.statusCode)}`);
  }
}

function required(variable: string): string {
  const value = process.env[variable];
  if (value !== undefined && value !== '') return value;
  throw new Error(`scenarios on ${SCENARIO_CHANNEL} need ${variable}`);
}
