import { backendRefused, ChannelUnavailable, topologyInvalid } from '@afflux/channels';
import { RequeueAfter } from '@afflux/control';
import { describe, expect, it } from 'vitest';
import { BROKER } from '../model/kinds.ts';
import {
  CANARY,
  kafkaBroker,
  kafkaConfig,
  kafkaStatus,
  secret,
  TOPIC,
} from '../testing/back-end-objects.ts';
import { BROKER_URL, serviceRef, trigger } from '../testing/objects.ts';
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
import { KafkaBrokerReconciler } from './kafka-broker-reconciler.ts';

const KEY = 'default/main';
const STATUS_WRITE = { verb: 'updateStatus', kind: 'Broker', key: KEY } as const;
const FINALIZERS = ['brokers.eventing.knative.dev'];
const FINALIZER_WRITE = {
  verb: 'patch',
  kind: 'Broker',
  key: KEY,
  patch: { body: { metadata: { finalizers: FINALIZERS } } },
} as const;
const EXTERNAL = { annotations: { 'kafka.eventing.knative.dev/external.topic': 'theirs' } };
const CREDENTIALS = { 'auth.secret.ref.name': 'kafka-auth' };

function make(provision: RecordingProvision | undefined) {
  return (world: BrokerWorld) =>
    new KafkaBrokerReconciler({
      ...world,
      provision: () => provision,
      brokerUrl: (namespace, name) => `http://localhost:8080/${namespace}/${name}`,
    });
}

function failing(error: Error): RecordingProvision {
  const provision = new RecordingProvision();
  provision.failures.ensure = error;
  return provision;
}

/** The condition is False with this reason and message, and Ready says the same. */
function problem(type: string, reason: string, text: string) {
  const message = containing(text);
  return conditions(
    { type, status: 'False', reason, message },
    { type: 'Ready', status: 'False', reason, message },
  );
}

describe('Kafka broker reconciler', () => {
  brokerTable(BROKER, make(new RecordingProvision()), [
    {
      name: 'it is Ready when its topic is there, and says which one it is',
      world: [kafkaConfig(), kafkaBroker()],
      key: KEY,
      writes: [FINALIZER_WRITE, STATUS_WRITE],
      status: {
        address: { name: 'http', url: BROKER_URL },
        annotations: {
          'default.topic': TOPIC,
          'default.topic.partitions': '4',
          'default.topic.replication.factor': '1',
          'bootstrap.servers': 'kafka-1:9092,kafka-2:9092',
        },
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
      tracked: ['v1/ConfigMap default/br-config'],
    },
    {
      name: 'T30 the status names the Secret and shows nothing of it; the Secret is watched',
      world: [
        kafkaConfig(CREDENTIALS),
        secret('kafka-auth', { protocol: 'SASL_PLAINTEXT', user: 'u', password: CANARY }),
        kafkaBroker(),
      ],
      key: KEY,
      writes: [FINALIZER_WRITE, STATUS_WRITE],
      status: {
        annotations: {
          'auth.secret.ref.name': 'kafka-auth',
          'auth.secret.ref.namespace': 'default',
        },
      },
      tracked: ['v1/ConfigMap default/br-config', 'v1/Secret default/kafka-auth'],
    },
    {
      name: 'an external topic is named without partitions and copies',
      world: [kafkaConfig(), kafkaBroker({ metadata: EXTERNAL })],
      key: KEY,
      writes: [FINALIZER_WRITE, STATUS_WRITE],
      status: {
        annotations: {
          'default.topic': 'theirs',
          'bootstrap.servers': 'kafka-1:9092,kafka-2:9092',
        },
      },
    },
    {
      name: 'a ConfigMap that does not exist is named, and watched',
      world: [kafkaBroker()],
      key: KEY,
      writes: [FINALIZER_WRITE, STATUS_WRITE],
      status: {
        conditions: problem('ConfigParsed', 'ConfigInvalid', '"default/br-config" of spec.config'),
      },
      tracked: ['v1/ConfigMap default/br-config'],
    },
    {
      name: 'a ConfigMap without a positive number of partitions is refused',
      world: [kafkaConfig({ 'default.topic.partitions': '-1' }), kafkaBroker()],
      key: KEY,
      writes: [FINALIZER_WRITE, STATUS_WRITE],
      status: {
        conditions: problem('ConfigParsed', 'ConfigInvalid', 'data[default.topic.partitions]'),
      },
    },
    {
      name: 'T30 a Secret that lacks a key is named with the key, and its other values are not shown',
      world: [
        kafkaConfig(CREDENTIALS),
        secret('kafka-auth', { protocol: 'SASL_SSL', password: CANARY }),
        kafkaBroker(),
      ],
      key: KEY,
      writes: [FINALIZER_WRITE, STATUS_WRITE],
      status: { conditions: problem('ConfigParsed', 'SecretInvalid', '(key: user)') },
      tracked: ['v1/ConfigMap default/br-config', 'v1/Secret default/kafka-auth'],
    },
    {
      name: 'a broker whose ConfigMap is gone goes on with what its status says',
      world: [kafkaBroker({ metadata: { finalizers: FINALIZERS }, status: kafkaStatus() })],
      key: KEY,
      writes: [STATUS_WRITE],
      status: {
        annotations: { 'default.topic': TOPIC },
        conditions: conditions({ type: 'Ready', status: 'True' }),
      },
    },
    {
      name: 'a dead letter sink that cannot be resolved leaves it without an address',
      world: [
        kafkaConfig(),
        kafkaBroker({}, { delivery: { deadLetterSink: serviceRef('nobody') } }),
      ],
      key: KEY,
      writes: [FINALIZER_WRITE, STATUS_WRITE],
      status: { conditions: problem('Addressable', 'nil URL', 'dead letter sink') },
    },
    {
      name: 'a resolved dead letter sink is in the status, for triggers that have none',
      world: [
        kafkaConfig(),
        kafkaBroker({}, { delivery: { deadLetterSink: serviceRef('mapped') } }),
      ],
      key: KEY,
      writes: [FINALIZER_WRITE, STATUS_WRITE],
      status: { deadLetterSinkUri: 'http://localhost:9000' },
    },
  ]);

  const away = new ChannelUnavailable('Kafka at kafka-1:9092 cannot be reached');
  brokerTable(BROKER, make(failing(away)), [
    {
      name: 'F07 Kafka away at start: not Ready with the reason, tried again soon',
      world: [kafkaConfig(), kafkaBroker()],
      key: KEY,
      writes: [FINALIZER_WRITE, STATUS_WRITE],
      outcome: { requeueAfterMs: 1_000 },
      status: {
        conditions: problem('TopicReady', 'BackEndUnavailable', 'cannot be reached'),
      },
    },
  ]);

  brokerTable(BROKER, make(failing(backendRefused('wrong user or password'))), [
    {
      name: 'wrong credentials are said',
      world: [kafkaConfig(), kafkaBroker()],
      key: KEY,
      writes: [FINALIZER_WRITE, STATUS_WRITE],
      outcome: { requeueAfterMs: 1_000 },
      status: { conditions: problem('TopicReady', 'BackEndRefused', 'wrong user') },
    },
  ]);

  brokerTable(BROKER, make(failing(topologyInvalid('the topic has 2 partitions, not 4'))), [
    {
      name: 'a topic that does not fit is said',
      world: [kafkaConfig(), kafkaBroker()],
      key: KEY,
      writes: [FINALIZER_WRITE, STATUS_WRITE],
      outcome: { requeueAfterMs: 1_000 },
      status: { conditions: problem('TopicReady', 'TopologyInvalid', '2 partitions') },
    },
    {
      name: "an external topic that does not fit is said in Knative's words",
      world: [kafkaConfig(), kafkaBroker({ metadata: EXTERNAL })],
      key: KEY,
      writes: [FINALIZER_WRITE, STATUS_WRITE],
      outcome: { requeueAfterMs: 1_000 },
      status: { conditions: problem('TopicReady', 'Topic is not present or invalid', '2 parti') },
    },
  ]);

  brokerTable(BROKER, make(undefined), [
    {
      name: 'a process without a driver for Kafka says so',
      world: [kafkaConfig(), kafkaBroker()],
      key: KEY,
      writes: [FINALIZER_WRITE, STATUS_WRITE],
      outcome: { requeueAfterMs: 1_000 },
      status: { conditions: problem('TopicReady', 'DriverMissing', 'no driver') },
    },
  ]);

  brokerTable(BROKER, make(failing(new Error('a defect'))), [
    {
      name: 'what is no failure of Kafka is a failure of the run',
      world: [kafkaConfig(), kafkaBroker()],
      key: KEY,
      writes: [FINALIZER_WRITE, STATUS_WRITE],
      outcome: { error: 'a defect' },
    },
  ]);
});

describe('waits', () => {
  it('F07 double up to 30 s while Kafka is away, and begin anew once it was there', async () => {
    const world = brokerWorld(startStore());
    const provision = failing(new ChannelUnavailable('away'));
    const reconciler = make(provision)(world);
    const kept = () => kafkaBroker({ status: kafkaStatus() });
    const wait = async () => {
      const error: unknown = await reconciler.reconcile(kept(), runContext(world)).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      return error instanceof RequeueAfter ? error.delayMs : error;
    };
    const waits: unknown[] = [];
    for (let run = 0; run < 7; run += 1) waits.push(await wait());
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    delete provision.failures.ensure;
    expect(await wait()).toBeUndefined();
    provision.failures.ensure = new ChannelUnavailable('away');
    expect(await wait()).toBe(1_000);
  });
});

describe('deletion', () => {
  /** A deleted broker, with or without a ConfigMap; calls `finalize` until it gives in. */
  async function finalize(
    provision: RecordingProvision | undefined,
    parts: Parameters<typeof kafkaBroker>[0] = { status: kafkaStatus() },
  ) {
    const world = brokerWorld(startStore());
    const group = { 'group.id': 'old-group' };
    const created = await world.store.create(trigger('t'));
    await world.store.updateStatus({ ...created, status: { annotations: group } });
    await world.store.create(trigger('other', { broker: 'other' }));
    await world.informers.start();
    const reconciler = make(provision)(world);
    const waits: unknown[] = [];
    for (let tries = 0; tries < 10; tries += 1) {
      try {
        await reconciler.finalize(kafkaBroker(parts), runContext(world));
        return { waits, world };
      } catch (error) {
        waits.push(error instanceof RequeueAfter ? error.delayMs : error);
      }
    }
    throw new Error('never gave in');
  }

  it('removes the groups of its triggers and the topic, also when the ConfigMap is gone', async () => {
    const provision = new RecordingProvision();
    const { waits } = await finalize(provision);
    expect(waits).toEqual([]);
    expect(provision.calls).toEqual([
      ['removeSubscription', { id: 'default/t', storageName: 'old-group' }],
      'remove',
    ]);
  });

  it('does nothing where there never was a topic', async () => {
    const provision = new RecordingProvision();
    await finalize(provision, {});
    expect(provision.calls).toEqual([]);
  });

  it.each([
    ['Kafka is away', 'remove', new ChannelUnavailable('away')],
    ['a group is in use', 'removeSubscription', new ChannelUnavailable('in use')],
    ['it is refused', 'remove', backendRefused('no permission')],
  ] as const)('F07 gives up after 5 more tries when %s, and says what is left', async (...row) => {
    const [, call, error] = row;
    const provision = new RecordingProvision();
    provision.failures[call] = error;
    const { waits, world } = await finalize(provision);
    expect(waits).toEqual([5_000, 5_000, 5_000, 5_000, 5_000]);
    expect(world.logger.lines).toMatchObject([
      {
        level: 'error',
        message: 'left behind in the back-end: it cannot be removed',
        fields: { what: `topic ${TOPIC}` },
      },
    ]);
  });

  it('gives up as well when there is no way to Kafka any more', async () => {
    const { waits, world } = await finalize(undefined);
    expect(waits).toHaveLength(5);
    expect(world.logger.lines).toHaveLength(1);
  });

  it('a defect is no reason to give up', async () => {
    const provision = new RecordingProvision();
    provision.failures.remove = new Error('a defect');
    await expect(finalize(provision)).rejects.toThrow('never gave in');
  });
});
