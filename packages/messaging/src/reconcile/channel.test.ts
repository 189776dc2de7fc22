import { describe } from 'vitest';
import { CHANNEL } from '../model/kinds.ts';
import { conditions, containing, without } from '../testing/matchers.ts';
import { address, channel, memoryChannel, ownedBy, READY } from '../testing/objects.ts';
import { messagingTable } from '../testing/table.ts';
import { ChannelReconciler } from './channel.ts';

const TEMPLATE = { apiVersion: 'messaging.knative.dev/v1', kind: 'InMemoryChannel' };
const STATUS_WRITE = { verb: 'updateStatus', kind: 'Channel', key: 'default/orders' } as const;

const FACE = channel('orders', { channelTemplate: TEMPLATE }, { metadata: { uid: 'orders-uid' } });
const OWNED = { metadata: { ownerReferences: [ownedBy(FACE)] } };
const SUBSCRIBERS = [{ uid: 'a-uid', observedGeneration: 1, ready: 'True' as const }];
const DEAD = 'http://localhost:9/dead';

function face(spec: typeof FACE.spec) {
  return channel('orders', { channelTemplate: TEMPLATE, ...spec }, { metadata: FACE.metadata });
}

function backing(status: object, spec: object = {}) {
  return memoryChannel('orders', spec, { ...OWNED, status });
}

describe('Channel reconciler', () => {
  messagingTable(
    CHANNEL,
    ({ deps, children }) =>
      new ChannelReconciler({ defaults: deps, children, channelKinds: deps.channelKinds }),
    [
      {
        name: 'the backing channel is made under the same name and belongs to the Channel',
        world: [FACE],
        key: 'default/orders',
        writes: [
          {
            verb: 'create',
            kind: 'InMemoryChannel',
            key: 'default/orders',
            object: { metadata: { ownerReferences: [ownedBy(FACE)] }, spec: {} },
          },
          STATUS_WRITE,
        ],
        status: {
          channel: { ...TEMPLATE, name: 'orders', namespace: 'default' },
          conditions: conditions(
            {
              type: 'BackingChannelReady',
              status: 'Unknown',
              reason: 'BackingChannelNotConfigured',
            },
            { type: 'Addressable', status: 'False', reason: 'EmptyHostname' },
            { type: 'Ready', status: 'False' },
          ),
        },
      },
      {
        name: 'an object that passed no admission gets the template of the configuration',
        world: [channel('orders', {}, { metadata: FACE.metadata })],
        key: 'default/orders',
        writes: [{ verb: 'create', kind: 'InMemoryChannel', key: 'default/orders' }, STATUS_WRITE],
      },
      {
        name: 'address, subscribers and readiness of the backing channel are shown as its own',
        world: [
          FACE,
          backing({ conditions: [READY], address: address('orders'), subscribers: SUBSCRIBERS }),
        ],
        key: 'default/orders',
        writes: [STATUS_WRITE],
        status: {
          address: address('orders'),
          subscribers: SUBSCRIBERS,
          conditions: conditions(
            { type: 'BackingChannelReady', status: 'True' },
            { type: 'Addressable', status: 'True' },
            { type: 'DeadLetterSinkResolved', reason: 'DeadLetterSinkNotConfigured' },
            { type: 'EventPoliciesReady', status: 'True', reason: 'OIDCDisabled' },
            { type: 'Ready', status: 'True' },
          ),
        },
      },
      {
        name: 'a backing channel that is not ready passes its reason on',
        world: [
          FACE,
          backing({
            address: address('orders'),
            conditions: [{ type: 'Ready', status: 'False', reason: 'Broken', message: 'it is' }],
          }),
        ],
        key: 'default/orders',
        writes: [STATUS_WRITE],
        status: {
          conditions: conditions(
            { type: 'BackingChannelReady', status: 'False', reason: 'Broken', message: 'it is' },
            { type: 'Ready', status: 'False', reason: 'Broken' },
          ),
        },
      },
      {
        name: 'the delivery of the Channel is that of the backing channel',
        world: [face({ delivery: { retry: 3 } })],
        key: 'default/orders',
        writes: [
          { verb: 'create', kind: 'InMemoryChannel', object: { spec: { delivery: { retry: 3 } } } },
          STATUS_WRITE,
        ],
      },
      {
        name: "the template's own spec wins over the delivery of the Channel",
        world: [
          face({
            channelTemplate: { ...TEMPLATE, spec: { delivery: { retry: 9 } } },
            delivery: { retry: 3 },
          }),
        ],
        key: 'default/orders',
        writes: [
          { verb: 'create', kind: 'InMemoryChannel', object: { spec: { delivery: { retry: 9 } } } },
          STATUS_WRITE,
        ],
      },
      {
        name: 'a changed delivery is changed in place, subscribers are left alone',
        world: [
          face({ delivery: { retry: 3 } }),
          backing(
            { conditions: [READY], address: address('orders') },
            { delivery: { retry: 1 }, subscribers: [{ uid: 'a-uid', subscriberUri: DEAD }] },
          ),
        ],
        key: 'default/orders',
        writes: [
          {
            verb: 'patch',
            kind: 'InMemoryChannel',
            patch: {
              type: 'json',
              body: [{ op: 'add', path: '/spec/delivery', value: { retry: 3 } }],
            },
          },
          STATUS_WRITE,
        ],
      },
      {
        name: 'a delivery that was taken out is taken out of the backing channel, too',
        world: [
          FACE,
          backing({ conditions: [READY], address: address('orders') }, { delivery: { retry: 1 } }),
        ],
        key: 'default/orders',
        writes: [
          {
            verb: 'patch',
            kind: 'InMemoryChannel',
            patch: { type: 'json', body: [{ op: 'remove', path: '/spec/delivery' }] },
          },
          STATUS_WRITE,
        ],
      },
      {
        name: 'what admission adds to the backing channel is no difference',
        world: [
          face({
            delivery: { deadLetterSink: { ref: { apiVersion: 'v1', kind: 'Service', name: 'd' } } },
          }),
          backing(
            { conditions: [READY], address: address('orders'), deadLetterSinkUri: DEAD },
            {
              delivery: {
                deadLetterSink: {
                  ref: { apiVersion: 'v1', kind: 'Service', name: 'd', namespace: 'default' },
                },
              },
            },
          ),
        ],
        key: 'default/orders',
        writes: [STATUS_WRITE],
        status: {
          deadLetterSinkUri: DEAD,
          conditions: conditions({ type: 'DeadLetterSinkResolved', status: 'True' }),
        },
      },
      {
        name: 'a dead letter sink that the backing channel has not resolved is said so',
        world: [
          face({ delivery: { deadLetterSink: { uri: DEAD } } }),
          backing(
            { conditions: [READY], address: address('orders') },
            { delivery: { deadLetterSink: { uri: DEAD } } },
          ),
        ],
        key: 'default/orders',
        writes: [STATUS_WRITE],
        status: {
          conditions: conditions({
            type: 'DeadLetterSinkResolved',
            status: 'False',
            reason: "Backing Channel orders didn't set status.deadLetterSinkURI",
          }),
        },
      },
      {
        name: 'a template of an unknown kind names the kinds that there are',
        world: [
          channel(
            'orders',
            { channelTemplate: { apiVersion: 'example.com/v1', kind: 'PigeonChannel' } },
            { metadata: FACE.metadata, status: { address: address('orders') } },
          ),
        ],
        key: 'default/orders',
        writes: [STATUS_WRITE],
        status: {
          conditions: conditions(
            {
              type: 'BackingChannelReady',
              status: 'False',
              reason: 'ChannelFailure',
              message:
                'PigeonChannel (example.com/v1) is not a channel kind that is served here; known: InMemoryChannel (messaging.knative.dev/v1)',
            },
            { type: 'Addressable', status: 'False', reason: 'EmptyHostname' },
          ),
        },
      },
      {
        name: 'a channel of that name that somebody else made is not touched, and is watched',
        world: [FACE, memoryChannel('orders')],
        key: 'default/orders',
        writes: [STATUS_WRITE],
        status: {
          conditions: conditions({
            type: 'BackingChannelReady',
            status: 'False',
            reason: 'ChannelFailure',
            message: containing('exists and does not belong to Channel "orders"'),
          }),
        },
        tracked: ['messaging.knative.dev/v1/InMemoryChannel default/orders'],
      },
      {
        name: 'a store that fails is tried again, and the condition says what it said',
        world: [FACE],
        key: 'default/orders',
        failures: [{ verb: 'create', kind: 'InMemoryChannel', error: new Error('disk on fire') }],
        writes: [{ verb: 'create', kind: 'InMemoryChannel' }, STATUS_WRITE],
        outcome: { error: 'disk on fire' },
        status: {
          conditions: conditions({
            type: 'BackingChannelReady',
            status: 'False',
            reason: 'ChannelFailure',
            message: 'disk on fire',
          }),
        },
      },
      {
        name: 'subscribers that the backing channel no longer shows leave the status',
        world: [
          channel(
            'orders',
            { channelTemplate: TEMPLATE },
            { metadata: FACE.metadata, status: { subscribers: SUBSCRIBERS } },
          ),
          backing({ conditions: [READY], address: address('orders') }),
        ],
        key: 'default/orders',
        writes: [STATUS_WRITE],
        status: without('subscribers'),
      },
    ],
  );
});
