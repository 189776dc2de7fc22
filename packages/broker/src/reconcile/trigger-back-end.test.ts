/** Triggers whose broker has a back-end: their subscriptions are made before they are Ready, and removed. */
import { ChannelUnavailable, topologyInvalid, unsupported } from '@afflux/channels';
import { RequeueAfter } from '@afflux/control';
import type { ApiObject, Broker, Trigger } from '@afflux/resources';
import { describe, expect, it } from 'vitest';
import { TRIGGER } from '../model/kinds.ts';
import {
  kafkaBroker,
  kafkaStatus,
  rabbitmqBroker,
  rabbitmqStatus,
} from '../testing/back-end-objects.ts';
import { broker, readyBroker, trigger } from '../testing/objects.ts';
import { RecordingProvision } from '../testing/recording-provision.ts';
import {
  brokerTable,
  brokerWorld,
  conditions,
  containing,
  REGISTRY,
  runContext,
  startStore,
  type BrokerWorld,
} from '../testing/table.ts';
import { TriggerReconciler } from './trigger-reconciler.ts';

const KEY = 'default/t';
const FINALIZERS = ['triggers.eventing.afflux.dev'];
const WRITES = [
  {
    verb: 'patch',
    kind: 'Trigger',
    key: KEY,
    patch: { body: { metadata: { finalizers: FINALIZERS } } },
  },
  { verb: 'updateStatus', kind: 'Trigger', key: KEY },
] as const;
const KAFKA = kafkaBroker({ status: kafkaStatus() });
const RABBITMQ = rabbitmqBroker({ status: rabbitmqStatus() });
const ALL_READY = conditions(
  { type: 'SubscriptionReady', status: 'True' },
  { type: 'DependencyReady', status: 'True' },
  { type: 'Ready', status: 'True' },
);

function make(provision: RecordingProvision | undefined) {
  return (world: BrokerWorld) =>
    new TriggerReconciler({ ...world, registry: REGISTRY, provision: () => provision });
}

function failing(error: Error): RecordingProvision {
  const provision = new RecordingProvision();
  provision.failures.ensureSubscription = error;
  return provision;
}

function storedIn(annotations: Record<string, string>, more: Partial<Trigger['metadata']> = {}) {
  return trigger('t', {}, { metadata: more, status: { annotations } });
}

/** A reconciler in a world with these objects, which its informers have seen. */
async function start(provision: RecordingProvision, objects: readonly ApiObject[]) {
  const world = brokerWorld(startStore());
  for (const object of objects) {
    const created = await world.store.create(object);
    if (object.status !== undefined) {
      await world.store.updateStatus({ ...created, status: object.status });
    }
  }
  await world.informers.start();
  return { world, reconciler: make(provision)(world) };
}

describe('Trigger with a back-end', () => {
  brokerTable<Trigger>(TRIGGER, make(new RecordingProvision()), [
    {
      name: 'of Kafka is Ready when its group is there, and says which one it is',
      world: [KAFKA, trigger('t')],
      key: KEY,
      writes: WRITES,
      status: { annotations: { 'group.id': 'knative-trigger-default-t' }, conditions: ALL_READY },
    },
    {
      name: 'of Kafka keeps the group that its status says',
      world: [KAFKA, storedIn({ 'group.id': 'old' }, { finalizers: FINALIZERS })],
      key: KEY,
      writes: WRITES.slice(1),
      status: { annotations: { 'group.id': 'old' }, conditions: ALL_READY },
    },
    {
      name: 'of RabbitMQ is Ready when its queue is there, and says which one it is',
      world: [RABBITMQ, trigger('t')],
      key: KEY,
      writes: WRITES,
      status: {
        annotations: { 'afflux.dev/rabbitmq-queue': 't.default.t' },
        conditions: ALL_READY,
      },
    },
    {
      name: 'of a channel that has one is Ready when its subscription is there',
      world: [readyBroker(), trigger('t')],
      key: KEY,
      writes: WRITES,
      status: { conditions: ALL_READY },
    },
    {
      name: 'waits for a broker that is not Ready, without a finalizer',
      world: [kafkaBroker(), trigger('t')],
      key: KEY,
      writes: WRITES.slice(1),
      status: { conditions: conditions({ type: 'BrokerReady', status: 'Unknown' }) },
    },
  ]);

  brokerTable<Trigger>(TRIGGER, make(failing(new ChannelUnavailable('away'))), [
    {
      name: 'F07 of Kafka says as a dependency that Kafka is away, and gives no group',
      world: [KAFKA, trigger('t')],
      key: KEY,
      writes: WRITES,
      outcome: { requeueAfterMs: 1_000 },
      status: {
        subscriberUri: 'http://localhost:9000/',
        conditions: conditions(
          { type: 'DependencyReady', status: 'False', reason: 'BackEndUnavailable' },
          { type: 'SubscriptionReady', status: 'False', reason: 'BackEndUnavailable' },
          { type: 'Ready', status: 'False', message: 'away' },
        ),
      },
    },
    {
      name: 'F07 of a channel says it of its subscription',
      world: [readyBroker(), trigger('t')],
      key: KEY,
      writes: WRITES,
      outcome: { requeueAfterMs: 1_000 },
      status: {
        conditions: conditions(
          { type: 'DependencyReady', status: 'True' },
          { type: 'SubscriptionReady', status: 'False', reason: 'BackEndUnavailable' },
        ),
      },
    },
  ]);

  brokerTable<Trigger>(TRIGGER, make(failing(topologyInvalid('queue "t.default.t" is classic'))), [
    {
      name: 'of RabbitMQ says what does not fit',
      world: [RABBITMQ, trigger('t')],
      key: KEY,
      writes: WRITES,
      outcome: { requeueAfterMs: 1_000 },
      status: {
        conditions: conditions({
          type: 'DependencyReady',
          status: 'False',
          reason: 'TopologyInvalid',
          message: containing('classic'),
        }),
      },
    },
  ]);

  brokerTable<Trigger>(TRIGGER, make(failing(unsupported('rabbitmq', 'replayable', 'begin'))), [
    {
      name: 'of RabbitMQ says that it cannot begin before now',
      world: [RABBITMQ, trigger('t')],
      key: KEY,
      writes: WRITES,
      outcome: { requeueAfterMs: 1_000 },
      status: {
        conditions: conditions({
          type: 'SubscriptionReady',
          status: 'False',
          reason: 'Unsupported',
        }),
      },
    },
  ]);

  it('begins where its annotation says, else that of the broker', async () => {
    const at = (offset: string) => ({ annotations: { 'afflux.dev/initial-offset': offset } });
    const provision = new RecordingProvision();
    const early = kafkaBroker({ status: kafkaStatus(), metadata: at('earliest') });
    const { world, reconciler } = await start(provision, [early]);
    await reconciler.reconcile(trigger('a'), runContext(world));
    const timed = trigger('b', {}, { metadata: at('2026-01-01T00:00:00Z') });
    await reconciler.reconcile(timed, runContext(world));
    expect(provision.calls).toEqual([
      [
        'ensureSubscription',
        { id: 'default/a', storageName: 'knative-trigger-default-a', from: 'earliest' },
      ],
      [
        'ensureSubscription',
        {
          id: 'default/b',
          storageName: 'knative-trigger-default-b',
          from: { timeMs: Date.UTC(2026, 0, 1) },
        },
      ],
    ]);
  });

  it('asks once, and again for another trigger of its name or after a failure', async () => {
    const provision = new RecordingProvision();
    const { world, reconciler } = await start(provision, [KAFKA]);
    const run = (uid: string) =>
      reconciler.reconcile(trigger('t', {}, { metadata: { uid } }), runContext(world));
    await run('first');
    await run('first');
    expect(provision.calls).toHaveLength(1);
    provision.failures.ensureSubscription = new ChannelUnavailable('away');
    await expect(run('second')).rejects.toBeInstanceOf(RequeueAfter);
    delete provision.failures.ensureSubscription;
    await run('second');
    await run('second');
    expect(provision.calls).toHaveLength(3);
  });
});

describe('deletion', () => {
  const deleted = storedIn({ 'group.id': 'old' });

  it('removes the subscription under the name that the back-end knows', async () => {
    const provision = new RecordingProvision();
    const { world, reconciler } = await start(provision, [KAFKA]);
    await reconciler.finalize(deleted, runContext(world));
    expect(provision.calls).toEqual([
      ['removeSubscription', { id: 'default/t', storageName: 'old' }],
    ]);
  });

  it.each<[string, readonly Broker[]]>([
    ['a broker that is gone took it along', []],
    ['a broker without a channel never had it', [broker()]],
  ])('%s', async (_what, brokers) => {
    const provision = new RecordingProvision();
    const { world, reconciler } = await start(provision, brokers);
    await reconciler.finalize(deleted, runContext(world));
    expect(provision.calls).toEqual([]);
  });

  it('F07 is not held up for ever by a back-end that is away', async () => {
    const provision = new RecordingProvision();
    provision.failures.removeSubscription = new ChannelUnavailable('away');
    const { world, reconciler } = await start(provision, [KAFKA]);
    for (let tries = 0; tries < 5; tries += 1) {
      await expect(reconciler.finalize(deleted, runContext(world))).rejects.toMatchObject({
        delayMs: 5_000,
      });
    }
    await reconciler.finalize(deleted, runContext(world));
    expect(world.logger.lines).toMatchObject([
      { level: 'error', fields: { what: 'subscription old' } },
    ]);
  });

  it('one with our finalizer is ours, whoever serves its broker now', async () => {
    const other = broker(
      {},
      { metadata: { annotations: { 'eventing.knative.dev/broker.class': 'Other' } } },
    );
    const { reconciler } = await start(new RecordingProvision(), [other]);
    const metadata = { finalizers: FINALIZERS, deletionTimestamp: '2026-01-01T00:00:00Z' };
    expect(reconciler.accepts(trigger('t'))).toBe(false);
    expect(reconciler.accepts(trigger('t', {}, { metadata }))).toBe(true);
  });
});
