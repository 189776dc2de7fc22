/** What differs between back-ends: how the product is told of them, what they promise, what stands between. */
import type { RunRecord } from './history.ts';
import type { Behaviour } from './subscribers.ts';
import { brokerYaml, NO_DEFAULT_DELIVERY, triggerYaml } from '../support/manifests.ts';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export interface Backend {
  readonly name: string;
  readonly promises: Pick<RunRecord, 'allOrNone' | 'orderAlone' | 'graceMs' | 'starvedMs'>;
  /** Has a store for the dead letters of triggers without a sink. */
  readonly store: boolean;
  /** Delivers events at the time that they name. */
  readonly delays: boolean;
  /** Keeps its data in a directory. */
  readonly onDisk: boolean;
  /** Survives the process: without it only faults that leave it alive make sense. */
  readonly durable: boolean;
  /** Servers outside the process, which several processes of the product may share. */
  readonly remote: boolean;
  /** After a kill deliveries may take this long to go on. */
  readonly resumeMs: number;
  /** Once in so many times a fault waits for that, so that it strikes in the midst of deliveries, too. */
  readonly resumeOneIn: number;
  /** Producers wait at most so long between two requests: what piles up while nobody delivers has a bound. */
  readonly pauseMs: number;
  /** Resident memory: what the queues of all triggers may hold by their settings, and the process itself. */
  readonly rssBytesMax: number;
  /** At the end of a group all that is owed must arrive within this. */
  readonly quietMs: number;
  /** Names the servers; undefined: it needs none. */
  readonly variable?: string;
  /** The command that stops and starts single servers. */
  readonly nodeVariable?: string;
  /** Addresses that a proxy has to stand before. */
  endpoints(): readonly Endpoint[];
  /** The broker `main` of a namespace, with what it needs. */
  broker(namespace: string): string;
}

/** What a process sent before it was killed may still reach a subscriber a moment later. */
const LAST_WORDS_MS = 1_000;

const MEBIBYTE = 2 ** 20;

const IN_PROCESS = {
  promises: { allOrNone: true, graceMs: LAST_WORDS_MS, starvedMs: 10_000 },
  remote: false,
  resumeMs: 0,
  resumeOneIn: 1,
  quietMs: 60_000,
  pauseMs: 60,
  rssBytesMax: 500 * MEBIBYTE,
  endpoints: () => [],
  broker: (namespace: string) => brokerYaml('main', '', '', namespace),
} as const;

const memory: Backend = {
  ...IN_PROCESS,
  name: 'memory',
  store: false,
  delays: false,
  onDisk: false,
  durable: false,
};

const durable: Backend = {
  ...IN_PROCESS,
  name: 'durable',
  store: true,
  delays: true,
  onDisk: true,
  durable: true,
};

const REMOTE = {
  promises: { allOrNone: false, graceMs: 30_000, starvedMs: 60_000 },
  store: true,
  delays: false,
  onDisk: false,
  durable: true,
  remote: true,
  rssBytesMax: 700 * MEBIBYTE,
} as const;

const kafka: Backend = {
  ...REMOTE,
  name: 'kafka',
  // The group waits for the session of the one who was killed.
  resumeMs: 40_000,
  resumeOneIn: 6,
  quietMs: 240_000,
  pauseMs: 300,
  promises: { ...REMOTE.promises, starvedMs: 180_000 },
  variable: 'AFFLUX_TEST_KAFKA',
  nodeVariable: 'AFFLUX_TEST_KAFKA_NODE',
  endpoints: () => kafkaAddresses().map((address) => endpointOf(`kafka://${address}`, 9092)),
  broker: (namespace) => `
apiVersion: v1
kind: ConfigMap
metadata:
  name: kafka-broker-config
  namespace: knative-eventing
data:
  default.topic.partitions: '4'
  default.topic.replication.factor: '${String(Math.min(3, kafkaAddresses().length))}'
  bootstrap.servers: ${kafkaAddresses().join(',')}
---
${classBroker(namespace, 'Kafka', 'v1, kind: ConfigMap, name: kafka-broker-config, namespace: knative-eventing')}`,
};

const rabbitmq: Backend = {
  ...REMOTE,
  name: 'rabbitmq',
  // Of one queue each of several consumers gets its share.
  promises: { ...REMOTE.promises, orderAlone: true },
  resumeMs: 3_000,
  resumeOneIn: 2,
  quietMs: 90_000,
  pauseMs: 60,
  variable: 'AFFLUX_TEST_AMQP',
  nodeVariable: 'AFFLUX_TEST_AMQP_NODE',
  endpoints: () => amqpUrls().map((url) => endpointOf(url, 5672)),
  broker: (namespace) => {
    const { hostname, port, username, password } = new URL(amqpUrls()[0] ?? '');
    return `
apiVersion: v1
kind: Secret
metadata:
  name: rabbitmq-credentials
  namespace: ${namespace}
stringData:
  username: '${decodeURIComponent(username)}'
  password: '${decodeURIComponent(password)}'
  port: '${port}'
  uri: ${hostname}
---
apiVersion: eventing.knative.dev/v1alpha1
kind: RabbitmqBrokerConfig
metadata:
  name: main-config
  namespace: ${namespace}
spec:
  rabbitmqClusterReference:
    namespace: ${namespace}
    connectionSecret:
      name: rabbitmq-credentials
  queueType: quorum
---
${classBroker(namespace, 'RabbitMQBroker', 'eventing.knative.dev/v1alpha1, kind: RabbitmqBrokerConfig, name: main-config')}`;
  },
};

export const BACKENDS: readonly Backend[] = [memory, durable, kafka, rabbitmq];

function classBroker(namespace: string, brokerClass: string, config: string): string {
  const annotation = `eventing.knative.dev/broker.class: ${brokerClass}`;
  return brokerYaml('main', `config: { apiVersion: ${config} }`, annotation, namespace);
}

function kafkaAddresses(): readonly string[] {
  return (process.env['AFFLUX_TEST_KAFKA'] ?? '').split(',');
}

function amqpUrls(): readonly string[] {
  const first = process.env['AFFLUX_TEST_AMQP'] ?? '';
  return (process.env['AFFLUX_TEST_AMQP_URLS'] ?? first).split(',');
}

function endpointOf(url: string, usualPort: number): Endpoint {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port === '' ? usualPort : port) };
}

/** Everything that the product is told at its start; names that others see come from the namespace. */
export function manifestsOf(
  backend: Backend,
  behaviours: readonly Behaviour[],
  options: { readonly namespace: string; readonly sinkUrl: (path: string) => string },
): string {
  const { namespace, sinkUrl } = options;
  const triggers = behaviours.map((behaviour) => {
    const { name, types, annotations = '', deadLetters } = behaviour;
    const filters = types.map((type) => `- exact: { type: ${type} }`).join('\n      ');
    const sink =
      deadLetters === 'sink' ? `\n  deadLetterSink:\n    uri: ${sinkUrl(`dead/${name}`)}` : '';
    const spec = `
filters:
  - any:
      ${filters}
delivery:
  ${behaviour.delivery.replaceAll('\n', '\n  ')}${sink}`;
    return triggerYaml({ name, namespace, uri: sinkUrl(name), spec, annotations });
  });
  return NO_DEFAULT_DELIVERY + backend.broker(namespace) + triggers.join('');
}
