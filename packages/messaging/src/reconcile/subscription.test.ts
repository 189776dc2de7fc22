import { StoreError } from '@afflux/control';
import type { ApiObject } from '@afflux/resources';
import { describe } from 'vitest';
import { SUBSCRIPTION } from '../model/kinds.ts';
import { conditions, containing } from '../testing/matchers.ts';
import {
  address,
  channel,
  channelRef,
  memoryChannel,
  NAMESPACE,
  ownedBy,
  READY,
  subscription,
} from '../testing/objects.ts';
import { messagingTable } from '../testing/table.ts';
import { SubscriberLists } from './subscriber-lists.ts';
import { ChannelSource } from './subscription-channel.ts';
import { SubscriptionReconciler } from './subscription.ts';

const FINALIZER = 'subscriptions.messaging.knative.dev';
const UID = 'a-uid';
const TEMPLATE = { apiVersion: 'messaging.knative.dev/v1', kind: 'InMemoryChannel' };
const KEY = 'default/a';
const SUBSCRIBER = { uri: 'http://localhost:9000/in' };
const STATUS_WRITE = { verb: 'updateStatus', kind: 'Subscription', key: KEY } as const;

/** The Subscription under test, which has its finalizer already. */
function tested(spec: Parameters<typeof subscription>[1] = {}, parts: { status?: object } = {}) {
  return subscription(
    'a',
    { subscriber: SUBSCRIBER, ...spec },
    { metadata: { uid: UID, finalizers: [FINALIZER] }, ...parts },
  );
}

/** What the channel gets to see of it. */
const ENTRY = { name: 'a', uid: UID, generation: 1, subscriberUri: SUBSCRIBER.uri };
const SERVED = { uid: UID, observedGeneration: 1, ready: 'True' as const };

function patched(...subscribers: readonly object[]) {
  return {
    verb: 'patch',
    kind: 'InMemoryChannel',
    key: 'default/orders',
    patch: { type: 'merge', body: { spec: { subscribers } } },
  } as const;
}

function serviceRef(name: string) {
  return { ref: { apiVersion: 'v1', kind: 'Service', name, namespace: NAMESPACE } };
}

describe('Subscription reconciler', () => {
  messagingTable(
    SUBSCRIPTION,
    ({ deps }) =>
      new SubscriptionReconciler({
        resolver: deps.resolver,
        channels: new ChannelSource(deps),
        lists: new SubscriberLists(deps),
      }),
    [
      {
        name: 'its entry goes into the channel, and it waits for the channel to serve it',
        world: [memoryChannel('orders'), tested()],
        key: KEY,
        writes: [patched(ENTRY), STATUS_WRITE],
        status: {
          physicalSubscription: { subscriberUri: SUBSCRIBER.uri },
          conditions: conditions(
            { type: 'ReferencesResolved', status: 'True' },
            { type: 'AddedToChannel', status: 'True' },
            {
              type: 'ChannelReady',
              status: 'Unknown',
              reason: 'SubscriptionNotMarkedReadyByChannel',
              message: containing('subscription "a" not present in channel "orders"'),
            },
            {
              type: 'OIDCIdentityCreated',
              status: 'True',
              reason: 'authentication-oidc feature disabled',
            },
            { type: 'Ready', status: 'Unknown' },
          ),
        },
      },
      {
        name: 'the finalizer is put on before anything else',
        world: [
          memoryChannel('orders'),
          subscription('a', { subscriber: SUBSCRIBER }, { metadata: { uid: UID } }),
        ],
        key: KEY,
        writes: [{ verb: 'patch', kind: 'Subscription', key: KEY }, patched(ENTRY), STATUS_WRITE],
      },
      {
        name: 'it is ready when the channel serves its entry in this generation',
        world: [
          memoryChannel('orders', { subscribers: [ENTRY] }, { status: { subscribers: [SERVED] } }),
          tested(),
        ],
        key: KEY,
        writes: [STATUS_WRITE],
        events: ['Normal SubscriberSync'],
        status: {
          conditions: conditions(
            { type: 'ChannelReady', status: 'True' },
            { type: 'Ready', status: 'True' },
          ),
        },
      },
      {
        name: 'what the channel says of an earlier generation does not count',
        world: [
          memoryChannel(
            'orders',
            { subscribers: [ENTRY] },
            { status: { subscribers: [{ ...SERVED, observedGeneration: 7 }] } },
          ),
          tested(),
        ],
        key: KEY,
        writes: [STATUS_WRITE],
        status: { conditions: conditions({ type: 'ChannelReady', status: 'Unknown' }) },
      },
      {
        name: 'an entry that the channel cannot serve makes it not ready, with the reason',
        world: [
          memoryChannel(
            'orders',
            { subscribers: [ENTRY] },
            { status: { subscribers: [{ ...SERVED, ready: 'False', message: 'too hot' }] } },
          ),
          tested(),
        ],
        key: KEY,
        writes: [STATUS_WRITE],
        events: ['Warning SubscriptionNotMarkedReadyByChannel'],
        status: {
          conditions: conditions({
            type: 'ChannelReady',
            status: 'False',
            reason: 'SubscriptionNotMarkedReadyByChannel',
            message: 'Subscription marked by Channel as False: too hot',
          }),
        },
      },
      {
        name: 'an entry about which the channel is not sure leaves it open',
        world: [
          memoryChannel(
            'orders',
            { subscribers: [ENTRY] },
            { status: { subscribers: [{ ...SERVED, ready: 'Unknown' }] } },
          ),
          tested(),
        ],
        key: KEY,
        writes: [STATUS_WRITE],
        status: {
          conditions: conditions({
            type: 'ChannelReady',
            status: 'Unknown',
            message: 'Subscription marked by Channel as Unknown',
          }),
        },
      },
      {
        name: 'entries of others stay where they are',
        world: [
          memoryChannel('orders', {
            subscribers: [
              { uid: 'x-uid', subscriberUri: 'http://localhost:1' },
              { ...ENTRY, generation: 0, subscriberUri: 'http://localhost:2' },
              { name: 'by-hand', subscriberUri: 'http://localhost:3' },
            ],
          }),
          tested(),
        ],
        key: KEY,
        writes: [
          patched({ uid: 'x-uid', subscriberUri: 'http://localhost:1' }, ENTRY, {
            name: 'by-hand',
            subscriberUri: 'http://localhost:3',
          }),
          STATUS_WRITE,
        ],
      },
      {
        name: 'subscriber, reply and dead letter sink are resolved, and watched',
        world: [
          memoryChannel('orders'),
          memoryChannel('next', {}, { status: { address: address('next') } }),
          tested({
            subscriber: serviceRef('mapped'),
            reply: { ref: { ...channelRef('next'), namespace: NAMESPACE } },
            delivery: { retry: 2, deadLetterSink: { uri: 'http://localhost:9/dead' } },
          }),
        ],
        key: KEY,
        writes: [
          patched({
            name: 'a',
            uid: UID,
            generation: 1,
            subscriberUri: 'http://localhost:9000',
            replyUri: address('next').url,
            delivery: { retry: 2, deadLetterSink: { uri: 'http://localhost:9/dead' } },
          }),
          STATUS_WRITE,
        ],
        status: {
          physicalSubscription: {
            subscriberUri: 'http://localhost:9000',
            replyUri: address('next').url,
            deadLetterSinkUri: 'http://localhost:9/dead',
          },
        },
        tracked: [
          'messaging.knative.dev/v1/InMemoryChannel default/next',
          'v1/Service default/mapped',
        ],
      },
      {
        name: "without a delivery of its own the channel's holds",
        world: [
          memoryChannel(
            'orders',
            { delivery: { retry: 5, deadLetterSink: { uri: 'http://localhost:9/d' } } },
            { status: { deadLetterSinkUri: 'http://localhost:9/d' } },
          ),
          tested(),
        ],
        key: KEY,
        writes: [
          patched({
            ...ENTRY,
            delivery: { retry: 5, deadLetterSink: { uri: 'http://localhost:9/d' } },
          }),
          STATUS_WRITE,
        ],
        status: { physicalSubscription: { deadLetterSinkUri: 'http://localhost:9/d' } },
      },
      {
        name: 'no channel: the condition says so, and nothing is written but the status',
        world: [tested()],
        key: KEY,
        writes: [STATUS_WRITE],
        status: {
          conditions: conditions(
            {
              type: 'ReferencesResolved',
              status: 'Unknown',
              reason: 'ChannelReferenceFailed',
              message:
                'Failed to get Spec.Channel or backing channel: InMemoryChannel "orders" not found',
            },
            { type: 'Ready', status: 'Unknown', reason: 'ChannelReferenceFailed' },
          ),
        },
      },
      {
        name: 'a channel kind that is not served here is named together with those that are',
        world: [
          tested({ channel: { apiVersion: 'example.com/v1', kind: 'PigeonChannel', name: 'p' } }),
        ],
        key: KEY,
        writes: [STATUS_WRITE],
        status: {
          conditions: conditions({
            type: 'ReferencesResolved',
            reason: 'ChannelReferenceFailed',
            message: containing('known: InMemoryChannel'),
          }),
        },
      },
      {
        name: 'a Channel that is not ready is waited for',
        world: [channel('orders'), tested({ channel: channelRef('orders', 'Channel') })],
        key: KEY,
        writes: [STATUS_WRITE],
        status: {
          conditions: conditions({
            type: 'ReferencesResolved',
            status: 'Unknown',
            reason: 'ChannelReferenceFailed',
            message: containing('Channel "orders" is not ready'),
          }),
        },
      },
      {
        name: 'a Subscription of a Channel goes into the channel that backs it',
        world: [
          channel(
            'orders',
            {},
            {
              metadata: { uid: 'orders-uid' },
              status: { conditions: [READY], channel: channelRef('orders') },
            },
          ),
          memoryChannel(
            'orders',
            {},
            { metadata: { ownerReferences: [ownedBy(channel('orders'))] } },
          ),
          tested({ channel: channelRef('orders', 'Channel') }),
        ],
        key: KEY,
        writes: [patched(ENTRY), STATUS_WRITE],
      },
      {
        name: 'a subscriber without an address: what to add is in the condition, the entry stays',
        world: [
          memoryChannel('orders', { subscribers: [ENTRY] }, { status: { subscribers: [SERVED] } }),
          tested(
            { subscriber: serviceRef('nobody') },
            { status: { physicalSubscription: { subscriberUri: SUBSCRIBER.uri } } },
          ),
        ],
        key: KEY,
        writes: [STATUS_WRITE],
        status: {
          physicalSubscription: { subscriberUri: SUBSCRIBER.uri },
          conditions: conditions(
            {
              type: 'ReferencesResolved',
              status: 'False',
              reason: 'SubscriberResolveFailed',
              message: containing(
                'Failed to resolve spec.subscriber: Service "default/nobody" has no address here: add services',
              ),
            },
            { type: 'Ready', status: 'False' },
          ),
        },
        tracked: ['v1/Service default/nobody'],
      },
      {
        name: 'a reply that does not resolve',
        world: [memoryChannel('orders'), tested({ reply: serviceRef('nobody') })],
        key: KEY,
        writes: [STATUS_WRITE],
        status: {
          conditions: conditions({
            type: 'ReferencesResolved',
            status: 'False',
            reason: 'ReplyResolveFailed',
          }),
        },
      },
      {
        name: 'a dead letter sink that does not resolve',
        world: [
          memoryChannel('orders'),
          tested({ delivery: { deadLetterSink: serviceRef('nobody') } }),
        ],
        key: KEY,
        writes: [STATUS_WRITE],
        status: {
          conditions: conditions({
            type: 'ReferencesResolved',
            status: 'False',
            reason: 'DeadLetterSinkResolveFailed',
          }),
        },
      },
      {
        name: "the channel's dead letter sink is not there yet",
        world: [
          memoryChannel('orders', { delivery: { deadLetterSink: serviceRef('nobody') } }),
          tested(),
        ],
        key: KEY,
        writes: [STATUS_WRITE],
        status: {
          conditions: conditions({
            type: 'ReferencesResolved',
            status: 'False',
            reason: 'DeadLetterSinkResolveFailed',
            message: containing("channel orders didn't set status.deadLetterSinkURI"),
          }),
        },
      },
      {
        name: 'a channel that cannot be written is tried again, and the condition says why',
        world: [memoryChannel('orders'), tested()],
        key: KEY,
        failures: [
          {
            verb: 'patch',
            kind: 'InMemoryChannel',
            error: new StoreError('AFFLUX_STORE_UNAVAILABLE', 'not now'),
          },
        ],
        writes: [patched(ENTRY), STATUS_WRITE],
        outcome: { error: 'not now' },
        status: {
          conditions: conditions({
            type: 'AddedToChannel',
            status: 'False',
            reason: 'PhysicalChannelSyncFailed',
            message: 'Failed to sync physical Channel: not now',
          }),
        },
      },
    ],
  );

  const leaving = (spec: Parameters<typeof subscription>[1] = {}): ApiObject => {
    const object = tested(spec);
    return {
      ...object,
      metadata: { ...object.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' },
    };
  };
  const LET_GO = { verb: 'patch', kind: 'Subscription', key: KEY } as const;

  messagingTable(
    SUBSCRIPTION,
    ({ deps }) =>
      new SubscriptionReconciler({
        resolver: deps.resolver,
        channels: new ChannelSource(deps),
        lists: new SubscriberLists(deps),
      }),
    [
      {
        name: 'a Subscription that is deleted takes its entry out, and only that',
        world: [
          memoryChannel('orders', {
            subscribers: [{ uid: 'x-uid', subscriberUri: 'http://localhost:1' }, ENTRY],
          }),
          leaving(),
        ],
        key: KEY,
        writes: [patched({ uid: 'x-uid', subscriberUri: 'http://localhost:1' }), LET_GO],
      },
      {
        name: 'a Subscription that never got into its channel just goes',
        world: [memoryChannel('orders'), leaving()],
        key: KEY,
        writes: [LET_GO],
      },
      {
        name: 'a Subscription whose channel is gone just goes',
        world: [leaving()],
        key: KEY,
        writes: [LET_GO],
      },
      {
        name: 'a Subscription whose Channel is gone just goes',
        world: [leaving({ channel: channelRef('orders', 'Channel') })],
        key: KEY,
        writes: [LET_GO],
      },
      {
        name: 'a Subscription of a kind that is not served here just goes',
        world: [leaving({ channel: { apiVersion: 'example.com/v1', kind: 'Pigeon', name: 'p' } })],
        key: KEY,
        writes: [LET_GO],
      },
      {
        name: 'a deleted Subscription of a Channel leaves the channel behind it, ready or not',
        world: [
          channel('orders', { channelTemplate: TEMPLATE }),
          memoryChannel('orders', { subscribers: [ENTRY] }),
          leaving({ channel: channelRef('orders', 'Channel') }),
        ],
        key: KEY,
        writes: [patched(), LET_GO],
      },
    ],
  );
});
