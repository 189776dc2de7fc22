import { describe } from 'vitest';
import { IN_MEMORY_CHANNEL } from '../model/kinds.ts';
import { conditions, containing, without } from '../testing/matchers.ts';
import { address, memoryChannel } from '../testing/objects.ts';
import { messagingTable, type Parts } from '../testing/table.ts';
import { channelKindReconciler } from './channel-kind.ts';
import { channelRules } from './channel-rules.ts';

const STATUS_WRITE = {
  verb: 'updateStatus',
  kind: 'InMemoryChannel',
  key: 'default/orders',
} as const;

function memoryReconciler(deps: Parts['deps']) {
  const rules = channelRules(IN_MEMORY_CHANNEL);
  if (rules === undefined) throw new Error('no rules');
  return channelKindReconciler(rules, deps);
}

/** Conditions in the order in which they are stored. */
const ALL_TRUE = [
  { type: 'Addressable', status: 'True' },
  { type: 'ChannelServiceReady', status: 'True' },
  { type: 'DeadLetterSinkResolved', status: 'True' },
  { type: 'DispatcherReady', status: 'True', severity: 'Info' },
  { type: 'EndpointsReady', status: 'True' },
  { type: 'EventPoliciesReady', status: 'True', reason: 'OIDCDisabled' },
  { type: 'Ready', status: 'True' },
  { type: 'ServiceReady', status: 'True' },
];

const UID = 'a-uid';

describe('InMemoryChannel reconciler', () => {
  messagingTable(IN_MEMORY_CHANNEL, ({ deps }) => memoryReconciler(deps), [
    {
      name: 'a channel is ready at its address as soon as it is there',
      world: [memoryChannel('orders')],
      key: 'default/orders',
      writes: [STATUS_WRITE],
      status: { address: address('orders'), conditions: ALL_TRUE, observedGeneration: 1 },
    },
    {
      name: 'without a dead letter sink the condition is True and says so',
      world: [memoryChannel('orders')],
      key: 'default/orders',
      writes: [STATUS_WRITE],
      status: {
        conditions: conditions({
          type: 'DeadLetterSinkResolved',
          status: 'True',
          reason: 'DeadLetterSinkNotConfigured',
          message: 'No dead letter sink is configured.',
        }),
      },
    },
    {
      name: 'every subscriber is marked ready in the generation that was seen',
      world: [
        memoryChannel('orders', {
          subscribers: [
            { uid: UID, name: 'a', generation: 3, subscriberUri: 'http://localhost:9' },
            { uid: 'b-uid', generation: 1, replyUri: 'http://localhost:9' },
          ],
        }),
      ],
      key: 'default/orders',
      writes: [STATUS_WRITE],
      status: {
        subscribers: [
          { uid: UID, observedGeneration: 3, ready: 'True' },
          { uid: 'b-uid', observedGeneration: 1, ready: 'True' },
        ],
      },
    },
    {
      name: 'a subscriber that the data plane cannot serve is marked so, and says why',
      world: [
        memoryChannel('orders', {
          subscribers: [
            {
              uid: UID,
              generation: 1,
              subscriberUri: 'http://localhost:9',
              delivery: { timeout: 'soon' },
            },
          ],
        }),
      ],
      key: 'default/orders',
      writes: [STATUS_WRITE],
      status: {
        subscribers: [
          {
            uid: UID,
            observedGeneration: 1,
            ready: 'False',
            message: 'delivery.timeout: invalid duration "soon"',
          },
        ],
      },
    },
    {
      name: 'subscribers that are gone leave the status',
      world: [
        memoryChannel('orders', {}, { status: { subscribers: [{ uid: UID, ready: 'True' }] } }),
      ],
      key: 'default/orders',
      writes: [STATUS_WRITE],
      status: without('subscribers'),
    },
    {
      name: 'a dead letter sink that is a channel is resolved to its address',
      world: [
        memoryChannel('dead', {}, { status: { address: address('dead') } }),
        memoryChannel('orders', {
          delivery: {
            deadLetterSink: {
              ref: {
                apiVersion: 'messaging.knative.dev/v1',
                kind: 'InMemoryChannel',
                name: 'dead',
                namespace: 'default',
              },
            },
          },
        }),
      ],
      key: 'default/orders',
      writes: [STATUS_WRITE],
      status: { deadLetterSinkUri: address('dead').url, conditions: ALL_TRUE },
      tracked: ['messaging.knative.dev/v1/InMemoryChannel default/dead'],
    },
    {
      name: 'a dead letter sink that does not exist is waited for, and the channel has its address meanwhile',
      world: [
        memoryChannel('orders', {
          delivery: {
            deadLetterSink: { ref: { apiVersion: 'v1', kind: 'Service', name: 'nobody' } },
          },
        }),
      ],
      key: 'default/orders',
      writes: [STATUS_WRITE],
      status: {
        address: address('orders'),
        conditions: conditions(
          {
            type: 'DeadLetterSinkResolved',
            status: 'False',
            reason: "Unable to get the DeadLetterSink's URI",
            message: containing('Service "default/nobody" has no address here'),
          },
          { type: 'Ready', status: 'False' },
        ),
      },
      tracked: ['v1/Service default/nobody'],
    },
    {
      name: 'an address of the dead letter sink that holds no longer leaves the status',
      world: [
        memoryChannel('orders', {}, { status: { deadLetterSinkUri: 'http://localhost:1/old' } }),
      ],
      key: 'default/orders',
      writes: [STATUS_WRITE],
      status: without('deadLetterSinkUri'),
    },
  ]);
});
