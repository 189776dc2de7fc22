import { backendRefused, ChannelUnavailable } from '@afflux/channels';
import { describe, expect, it } from 'vitest';
import { BROKER } from '../model/kinds.ts';
import {
  CANARY,
  EXCHANGE,
  rabbitmqBroker,
  rabbitmqConfig,
  rabbitmqSecret,
  rabbitmqStatus,
  secret,
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
import { RabbitmqBrokerReconciler } from './rabbitmq-broker-reconciler.ts';

const KEY = 'default/main';
const WRITES = [
  {
    verb: 'patch',
    kind: 'Broker',
    key: KEY,
    patch: { body: { metadata: { finalizers: ['rabbitmqbrokers.eventing.afflux.dev'] } } },
  },
  { verb: 'updateStatus', kind: 'Broker', key: KEY },
] as const;
const TRACKED = [
  'eventing.knative.dev/v1alpha1/RabbitmqBrokerConfig default/br-config',
  'v1/Secret default/rabbit',
];

function make(provision: RecordingProvision | undefined) {
  return (world: BrokerWorld) =>
    new RabbitmqBrokerReconciler({
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

function problem(type: string, reason: string, text: string) {
  const message = containing(text);
  return conditions(
    { type, status: 'False', reason, message },
    { type: 'Ready', status: 'False', reason, message },
  );
}

describe('RabbitMQ broker reconciler', () => {
  brokerTable(BROKER, make(new RecordingProvision()), [
    {
      name: 'T30 it is Ready when its exchange is there; nothing of the Secret is shown',
      world: [rabbitmqConfig(), rabbitmqSecret(), rabbitmqBroker()],
      key: KEY,
      writes: WRITES,
      status: {
        address: { name: 'http', url: BROKER_URL },
        annotations: { 'afflux.dev/rabbitmq-exchange': EXCHANGE },
        conditions: conditions(
          ...[
            'Addressable',
            'DLXReady',
            'DeadLetterSinkReady',
            'ExchangeReady',
            'IngressReady',
            'Ready',
            'SecretReady',
          ].map((type) => ({ type, status: 'True' as const })),
        ),
      },
      tracked: TRACKED,
    },
    {
      name: 'the deprecated reference to a cluster works',
      world: [
        secret('rabbit-default-user', { host: 'h', username: 'u', password: CANARY }),
        rabbitmqBroker(
          {},
          {
            config: {
              apiVersion: 'rabbitmq.com/v1beta1',
              kind: 'RabbitmqCluster',
              name: 'rabbit',
              namespace: 'default',
            },
          },
        ),
      ],
      key: KEY,
      writes: WRITES,
      status: { conditions: conditions({ type: 'Ready', status: 'True' }) },
      tracked: ['v1/Secret default/rabbit-default-user'],
    },
    {
      name: 'a configuration that does not exist is named, and watched',
      world: [rabbitmqBroker()],
      key: KEY,
      writes: WRITES,
      status: { conditions: problem('ExchangeReady', 'ConfigInvalid', 'was not found') },
      tracked: TRACKED.slice(0, 1),
    },
    {
      name: 'T30 a Secret without an address is named with its key, and watched',
      world: [rabbitmqConfig(), secret('rabbit', { password: CANARY }), rabbitmqBroker()],
      key: KEY,
      writes: WRITES,
      status: { conditions: problem('SecretReady', 'SecretInvalid', 'data[uri]') },
      tracked: TRACKED,
    },
    {
      name: 'a dead letter sink that cannot be resolved is said',
      world: [
        rabbitmqConfig(),
        rabbitmqSecret(),
        rabbitmqBroker({}, { delivery: { deadLetterSink: serviceRef('nobody') } }),
      ],
      key: KEY,
      writes: WRITES,
      status: {
        conditions: conditions(
          { type: 'DeadLetterSinkReady', status: 'False' },
          { type: 'Ready', status: 'False' },
        ),
      },
    },
  ]);

  brokerTable(BROKER, make(failing(new ChannelUnavailable('RabbitMQ cannot be reached'))), [
    {
      name: 'F07 RabbitMQ away at start: not Ready with the reason, tried again soon',
      world: [rabbitmqConfig(), rabbitmqSecret(), rabbitmqBroker()],
      key: KEY,
      writes: WRITES,
      outcome: { requeueAfterMs: 1_000 },
      status: { conditions: problem('ExchangeReady', 'BackEndUnavailable', 'cannot be reached') },
    },
  ]);

  brokerTable(BROKER, make(failing(backendRefused('vhost "team" does not exist'))), [
    {
      name: 'a vhost that is missing is said',
      world: [rabbitmqConfig({ vhost: 'team' }), rabbitmqSecret(), rabbitmqBroker()],
      key: KEY,
      writes: WRITES,
      outcome: { requeueAfterMs: 1_000 },
      status: { conditions: problem('ExchangeReady', 'BackEndRefused', 'vhost "team"') },
    },
  ]);
});

describe('deletion', () => {
  it('removes the queues of its triggers and the exchange', async () => {
    const world = brokerWorld(startStore());
    await world.store.create(trigger('t'));
    await world.informers.start();
    const provision = new RecordingProvision();
    const deleted = rabbitmqBroker({ status: rabbitmqStatus() });
    await make(provision)(world).finalize(deleted, runContext(world));
    expect(provision.calls).toEqual([
      ['removeSubscription', { id: 'default/t', storageName: 't.default.t' }],
      'remove',
    ]);
  });

  it('does nothing where there never was an exchange', async () => {
    const world = brokerWorld(startStore());
    const provision = new RecordingProvision();
    await make(provision)(world).finalize(rabbitmqBroker(), runContext(world));
    expect(provision.calls).toEqual([]);
  });
});
