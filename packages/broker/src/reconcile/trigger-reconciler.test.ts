import type { ApiObject, Trigger } from '@afflux/resources';
import { describe, expect, it } from 'vitest';
import { TRIGGER } from '../model/kinds.ts';
import {
  broker,
  brokerChannel,
  brokerStatus,
  CHANNEL_NAME,
  readyBroker,
  serviceRef,
  trigger,
} from '../testing/objects.ts';
import {
  brokerTable,
  conditions,
  containing,
  REGISTRY,
  brokerWorld,
  startStore,
  without,
} from '../testing/table.ts';
import { TriggerReconciler } from './trigger-reconciler.ts';

const KEY = 'default/t';
const STATUS_WRITE = { verb: 'updateStatus', kind: 'Trigger', key: KEY } as const;
const NO_BACK_END = () => undefined;
const CHANNEL = { apiVersion: 'messaging.knative.dev/v1', kind: 'InMemoryChannel' };

/** The trigger `t`, which waits for the broker's channel in the role of a source. */
function waiting(reference: object = { ...CHANNEL, name: CHANNEL_NAME }) {
  const annotations = { 'knative.dev/dependency': JSON.stringify(reference) };
  return trigger('t', {}, { metadata: { annotations } });
}

/** That source with this status. */
function source(status: NonNullable<ReturnType<typeof brokerChannel>['status']>): ApiObject {
  return brokerChannel({}, { status });
}

function ready(status: 'True' | 'False' | 'Unknown', more: object = {}) {
  return { conditions: [{ type: 'Ready', status, ...more }] };
}

describe('Trigger reconciler', () => {
  brokerTable<Trigger>(
    TRIGGER,
    (world) => new TriggerReconciler({ ...world, registry: REGISTRY, provision: NO_BACK_END }),
    [
      {
        name: 'a broker that does not exist is named and waited for',
        world: [trigger('t')],
        key: KEY,
        writes: [STATUS_WRITE],
        status: {
          conditions: conditions(
            {
              type: 'BrokerReady',
              status: 'False',
              reason: 'BrokerDoesNotExist',
              message: 'Broker "main" does not exist',
            },
            { type: 'Ready', status: 'False', reason: 'BrokerDoesNotExist' },
          ),
        },
        tracked: ['eventing.knative.dev/v1/Broker default/main'],
      },
      {
        name: 'a broker that nobody has looked at yet leaves it open',
        world: [broker(), trigger('t')],
        key: KEY,
        writes: [STATUS_WRITE],
        status: {
          conditions: conditions(
            { type: 'BrokerReady', status: 'Unknown', reason: 'BrokerNotReconciled' },
            { type: 'Ready', status: 'Unknown' },
          ),
        },
      },
      {
        name: 'why a broker is not Ready is repeated',
        world: [
          broker({}, { status: ready('False', { reason: 'NoAddress', message: 'not yet' }) }),
          trigger('t'),
        ],
        key: KEY,
        writes: [STATUS_WRITE],
        status: {
          conditions: conditions({
            type: 'BrokerReady',
            status: 'False',
            reason: 'NoAddress',
            message: 'not yet',
          }),
        },
      },
      {
        name: 'a broker that is Ready without a channel is not enough',
        world: [broker({}, { status: ready('True') }), trigger('t')],
        key: KEY,
        writes: [STATUS_WRITE],
        status: {
          conditions: conditions({
            type: 'BrokerReady',
            status: 'False',
            reason: 'MissingBrokerChannel',
          }),
        },
      },
      {
        name: 'it is Ready with a Ready broker and a subscriber that has an address',
        world: [readyBroker(), trigger('t', { subscriber: serviceRef('mapped') })],
        key: KEY,
        writes: [STATUS_WRITE],
        status: {
          subscriberUri: 'http://localhost:9000',
          observedGeneration: 1,
          conditions: conditions(
            { type: 'BrokerReady', status: 'True' },
            { type: 'SubscriptionReady', status: 'True' },
            { type: 'DependencyReady', status: 'True' },
            { type: 'SubscriberResolved', status: 'True' },
            {
              type: 'DeadLetterSinkResolved',
              status: 'True',
              reason: 'DeadLetterSinkNotConfigured',
            },
            {
              type: 'OIDCIdentityCreated',
              status: 'True',
              reason: 'authentication-oidc feature disabled',
            },
            { type: 'Ready', status: 'True' },
          ),
        },
        tracked: ['eventing.knative.dev/v1/Broker default/main', 'v1/Service default/mapped'],
      },
      {
        name: 'brokerRef names the broker, also one of another namespace',
        world: [
          broker({}, { metadata: { namespace: 'other' }, status: brokerStatus() }),
          trigger('t', { brokerRef: { kind: 'Broker', name: 'main', namespace: 'other' } }),
        ],
        key: KEY,
        writes: [STATUS_WRITE],
        status: { conditions: conditions({ type: 'Ready', status: 'True' }) },
        tracked: ['eventing.knative.dev/v1/Broker other/main'],
      },
      {
        name: 'a Service without an address: what to add is in the condition, the old address goes',
        world: [
          readyBroker(),
          trigger(
            't',
            { subscriber: serviceRef('nobody') },
            { status: { subscriberUri: 'http://localhost:1/old' } },
          ),
        ],
        key: KEY,
        writes: [{ ...STATUS_WRITE, object: { status: without('subscriberUri') } }],
        status: {
          conditions: conditions(
            {
              type: 'SubscriberResolved',
              status: 'False',
              reason: "Unable to get the Subscriber's URI",
              message: containing(
                'add services: { "default/nobody": "http://localhost:9000" } to afflux.yaml',
              ),
            },
            { type: 'SubscriptionReady', status: 'Unknown', reason: 'NotResolved' },
            { type: 'Ready', status: 'False' },
          ),
        },
        tracked: ['eventing.knative.dev/v1/Broker default/main', 'v1/Service default/nobody'],
      },
      {
        name: 'CA certificates of subscriber and dead letter sink go into the status',
        world: [
          readyBroker(),
          trigger('t', {
            subscriber: { uri: 'https://localhost:1/', CACerts: 'one' },
            delivery: { deadLetterSink: { uri: 'https://localhost:2/', CACerts: 'two' } },
          }),
        ],
        key: KEY,
        writes: [STATUS_WRITE],
        status: { subscriberCACerts: 'one', deadLetterSinkCACerts: 'two' },
      },
      {
        name: "a dead letter sink of its own wins over the broker's",
        world: [
          readyBroker({}, { deadLetterSinkUri: 'http://localhost:1/broker' }),
          trigger('t', { delivery: { deadLetterSink: { uri: 'http://localhost:1/own' } } }),
        ],
        key: KEY,
        writes: [STATUS_WRITE],
        status: { deadLetterSinkUri: 'http://localhost:1/own' },
      },
      {
        name: "the broker's dead letter sink stands in, also for a trigger with a delivery",
        world: [
          readyBroker(
            {},
            { deadLetterSinkUri: 'https://localhost:1/broker', deadLetterSinkCACerts: 'ca' },
          ),
          trigger('t', { delivery: { retry: 1 } }),
        ],
        key: KEY,
        writes: [STATUS_WRITE],
        status: {
          deadLetterSinkUri: 'https://localhost:1/broker',
          deadLetterSinkCACerts: 'ca',
          conditions: conditions({ type: 'DeadLetterSinkResolved', status: 'True' }),
        },
      },
      {
        name: 'a dead letter sink without an address keeps the trigger from being Ready',
        world: [
          readyBroker({}, { deadLetterSinkUri: 'http://localhost:1/broker' }),
          trigger('t', { delivery: { deadLetterSink: serviceRef('nobody') } }),
        ],
        key: KEY,
        writes: [{ ...STATUS_WRITE, object: { status: without('deadLetterSinkUri') } }],
        status: {
          subscriberUri: 'http://localhost:9000/',
          conditions: conditions(
            {
              type: 'DeadLetterSinkResolved',
              status: 'False',
              reason: "Unable to get the dead letter sink's URI",
            },
            { type: 'Ready', status: 'False' },
          ),
        },
      },
      {
        name: 'a dependency that does not exist is waited for',
        world: [readyBroker(), waiting()],
        key: KEY,
        writes: [STATUS_WRITE],
        status: {
          subscriberUri: 'http://localhost:9000/',
          conditions: conditions(
            {
              type: 'DependencyReady',
              status: 'False',
              reason: 'DependencyDoesNotExist',
              message: `InMemoryChannel "default/${CHANNEL_NAME}" does not exist`,
            },
            { type: 'Ready', status: 'False' },
          ),
        },
        tracked: [
          'eventing.knative.dev/v1/Broker default/main',
          `messaging.knative.dev/v1/InMemoryChannel default/${CHANNEL_NAME}`,
        ],
      },
      {
        name: 'a dependency of a kind that is not known here does not exist and is not watched',
        world: [
          readyBroker(),
          waiting({ apiVersion: 'sources.example.com/v1', kind: 'PigeonSource', name: 'p' }),
        ],
        key: KEY,
        writes: [STATUS_WRITE],
        status: {
          conditions: conditions({
            type: 'DependencyReady',
            status: 'False',
            reason: 'DependencyDoesNotExist',
          }),
        },
        tracked: ['eventing.knative.dev/v1/Broker default/main'],
      },
      {
        name: 'what a dependency says of an earlier generation does not count',
        world: [readyBroker(), waiting(), source({ observedGeneration: 7, ...ready('True') })],
        key: KEY,
        writes: [STATUS_WRITE],
        status: {
          conditions: conditions({
            type: 'DependencyReady',
            status: 'Unknown',
            reason: 'GenerationNotEqual',
          }),
        },
      },
      {
        name: 'a dependency that says nothing of being ready leaves it open',
        world: [readyBroker(), waiting(), source({ observedGeneration: 1 })],
        key: KEY,
        writes: [STATUS_WRITE],
        status: {
          conditions: conditions({
            type: 'DependencyReady',
            status: 'Unknown',
            reason: 'DependencyNotConfigured',
          }),
        },
      },
      {
        name: 'why a dependency is not Ready is repeated',
        world: [
          readyBroker(),
          waiting(),
          source({ observedGeneration: 1, ...ready('False', { reason: 'Off', message: 'why' }) }),
        ],
        key: KEY,
        writes: [STATUS_WRITE],
        status: {
          conditions: conditions({
            type: 'DependencyReady',
            status: 'False',
            reason: 'Off',
            message: 'why',
          }),
        },
      },
      {
        name: 'a dependency that is not sure leaves it open',
        world: [readyBroker(), waiting(), source({ observedGeneration: 1, ...ready('Unknown') })],
        key: KEY,
        writes: [STATUS_WRITE],
        status: {
          conditions: conditions({
            type: 'DependencyReady',
            status: 'Unknown',
            reason: 'DependencyNotReady',
          }),
        },
      },
      {
        name: 'with a dependency that is Ready the trigger is',
        world: [readyBroker(), waiting(), source({ observedGeneration: 1, ...ready('True') })],
        key: KEY,
        writes: [STATUS_WRITE],
        status: {
          conditions: conditions(
            { type: 'DependencyReady', status: 'True' },
            { type: 'Ready', status: 'True' },
          ),
        },
      },
    ],
  );

  it.each([
    ['MTChannelBasedBroker', true],
    ['Kafka', true],
    ['KafkaNamespaced', true],
    ['RabbitMQBroker', true],
    ['Other', false],
  ])('a trigger of a broker of class %s: is it ours? %s', async (brokerClass, isOurs) => {
    const world = brokerWorld(startStore());
    const annotations = { 'eventing.knative.dev/broker.class': brokerClass };
    await world.store.create(broker({}, { metadata: { annotations } }));
    await world.brokers.start();
    const reconciler = new TriggerReconciler({
      ...world,
      registry: REGISTRY,
      provision: NO_BACK_END,
    });
    expect(reconciler.accepts(trigger('t'))).toBe(isOurs);
  });
});
