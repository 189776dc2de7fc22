import { ChannelUnavailable, topologyInvalid } from '@afflux/channels';
import type { KafkaSink } from '@afflux/resources';
import { describe, expect, it } from 'vitest';
import { KAFKA_SINK } from '../model/kinds.ts';
import { CANARY, kafkaSink, secret } from '../testing/back-end-objects.ts';
import { RecordingProvision } from '../testing/recording-provision.ts';
import {
  brokerTable,
  brokerWorld,
  conditions,
  containing,
  runContext,
  startStore,
  type BrokerWorld,
} from '../testing/table.ts';
import { KafkaSinkReconciler } from './kafka-sink-reconciler.ts';

const KEY = 'default/out';
const STATUS_WRITE = { verb: 'updateStatus', kind: 'KafkaSink', key: KEY } as const;
const FINALIZER_WRITE = {
  verb: 'patch',
  kind: 'KafkaSink',
  key: KEY,
  patch: { body: { metadata: { finalizers: ['kafkasinks.eventing.knative.dev'] } } },
} as const;
const OWNED = { numPartitions: 3, replicationFactor: 1 };
const WITH_SECRET = { auth: { secret: { ref: { name: 'auth' } } } };
const OWNER = { 'eventing.knative.dev/topic.owner': 'kafka-sink-controller' };

function make(provision: RecordingProvision | undefined) {
  return (world: BrokerWorld) =>
    new KafkaSinkReconciler({
      ...world,
      provision: () => provision,
      sinkUrl: (namespace, name) => `http://localhost:8080/${namespace}/sinks/${name}`,
    });
}

function failing(error: Error): RecordingProvision {
  const provision = new RecordingProvision();
  provision.failures.ensure = error;
  return provision;
}

function problem(type: string, reason: string, text: string) {
  const message = containing(text);
  return conditions(
    { type, status: 'False', reason, message },
    { type: 'Ready', status: 'False', reason, message },
  );
}

describe('KafkaSink reconciler', () => {
  brokerTable<KafkaSink>(KAFKA_SINK, make(new RecordingProvision()), [
    {
      name: 'one of a topic of others is Ready when the topic is there, and needs no finalizer',
      world: [kafkaSink()],
      key: KEY,
      writes: [STATUS_WRITE],
      status: {
        address: { name: 'http', url: 'http://localhost:8080/default/sinks/out' },
        annotations: { 'default.topic': 'out-topic' },
        conditions: conditions(
          ...[
            'Addressable',
            'ConfigMapUpdated',
            'ConfigParsed',
            'DataPlaneAvailable',
            'EventPoliciesReady',
            'ProbeSucceeded',
            'Ready',
            'TopicReady',
          ].map((type) => ({ type, status: 'True' as const })),
        ),
      },
    },
    {
      name: 'one with partitions and copies says that the topic is its own',
      world: [kafkaSink(OWNED)],
      key: KEY,
      writes: [FINALIZER_WRITE, STATUS_WRITE],
      status: { annotations: OWNER },
    },
    {
      name: 'T30 a Secret that is missing is named, and watched',
      world: [kafkaSink(WITH_SECRET)],
      key: KEY,
      writes: [STATUS_WRITE],
      status: { conditions: problem('ConfigParsed', 'SecretInvalid', '"default/auth" was not') },
      tracked: ['v1/Secret default/auth'],
    },
    {
      name: 'T30 a Secret that lacks a key is named with the key',
      world: [secret('auth', { protocol: 'SASL_SSL', password: CANARY }), kafkaSink(WITH_SECRET)],
      key: KEY,
      writes: [STATUS_WRITE],
      status: { conditions: problem('ConfigParsed', 'SecretInvalid', '(key: user)') },
    },
  ]);

  brokerTable<KafkaSink>(KAFKA_SINK, make(failing(new ChannelUnavailable('away'))), [
    {
      name: 'F07 Kafka away: not Ready with the reason, tried again soon',
      world: [kafkaSink()],
      key: KEY,
      writes: [STATUS_WRITE],
      outcome: { requeueAfterMs: 1_000 },
      status: { conditions: problem('TopicReady', 'BackEndUnavailable', 'away') },
    },
  ]);

  brokerTable<KafkaSink>(KAFKA_SINK, make(failing(topologyInvalid('no topic "out-topic"'))), [
    {
      name: "a topic of others that is missing is said in Knative's words",
      world: [kafkaSink()],
      key: KEY,
      writes: [STATUS_WRITE],
      outcome: { requeueAfterMs: 1_000 },
      status: { conditions: problem('TopicReady', 'Topic is not present or invalid', 'no topic') },
    },
  ]);

  brokerTable<KafkaSink>(KAFKA_SINK, make(undefined), [
    {
      name: 'a process without a driver for Kafka says so',
      world: [kafkaSink()],
      key: KEY,
      writes: [STATUS_WRITE],
      outcome: { requeueAfterMs: 1_000 },
      status: { conditions: problem('TopicReady', 'DriverMissing', 'no driver') },
    },
  ]);
});

describe('deletion', () => {
  it.each<[string, KafkaSink, readonly string[]]>([
    [
      'removes a topic that was made here',
      kafkaSink(OWNED, { status: { annotations: OWNER } }),
      ['remove'],
    ],
    ['leaves a topic of others alone', kafkaSink({}, { status: { annotations: {} } }), []],
    ['does nothing where no topic was made yet', kafkaSink(OWNED), []],
  ])('%s', async (_what, sink, calls) => {
    const provision = new RecordingProvision();
    const world = brokerWorld(startStore());
    await make(provision)(world).finalize(sink, runContext(world));
    expect(provision.calls).toEqual(calls);
  });
});
