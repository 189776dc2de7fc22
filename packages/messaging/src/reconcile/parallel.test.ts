import type { Parallel, ParallelBranch } from '@afflux/resources';
import { describe, expect, test } from 'vitest';
import { PARALLEL } from '../model/kinds.ts';
import { conditions, containing } from '../testing/matchers.ts';
import {
  address,
  channelRef,
  memoryChannel,
  NAMESPACE,
  ownedBy,
  parallel,
  READY,
  subscription,
} from '../testing/objects.ts';
import { messagingTable } from '../testing/table.ts';
import { parallelChildren } from './parallel-children.ts';
import { ParallelReconciler } from './parallel.ts';

const TEMPLATE = { apiVersion: 'messaging.knative.dev/v1', kind: 'InMemoryChannel' };
const FILTER = { uri: 'http://localhost:1/filter' };
const FIRST: ParallelBranch = {
  filter: FILTER,
  subscriber: { uri: 'http://localhost:1' },
  delivery: { retry: 2 },
};
const SECOND: ParallelBranch = { subscriber: { uri: 'http://localhost:2' } };
const PAR = made({ branches: [FIRST, SECOND] });
const OWNED = { ownerReferences: [ownedBy(PAR)] };
const STATUS_WRITE = { verb: 'updateStatus', kind: 'Parallel', key: 'default/fork' } as const;

function made(spec: Parallel['spec']): Parallel {
  return parallel(
    'fork',
    { channelTemplate: TEMPLATE, ...spec },
    { metadata: { uid: 'fork-uid' } },
  );
}

function child(name: string, isReady = true) {
  return memoryChannel(
    name,
    {},
    {
      metadata: OWNED,
      status: isReady ? { conditions: [READY], address: address(name) } : {},
    },
  );
}

function branchRef(branch: number) {
  return { ref: { ...channelRef(`fork-kn-parallel-${String(branch)}`), namespace: NAMESPACE } };
}

/** The children of {@link PAR}, ready, in the shape in which the store has them. */
const CHANNELS = [
  child('fork-kn-parallel'),
  child('fork-kn-parallel-0'),
  child('fork-kn-parallel-1'),
];
const OUTLINE = parallelChildren(PAR, TEMPLATE);
const SUBSCRIPTIONS = [...OUTLINE.filters, ...OUTLINE.subscriptions].map((outline) => ({
  ...outline,
  status: { conditions: [READY] },
}));

describe('children of a Parallel', () => {
  test('an ingress channel, and per branch a channel and two Subscriptions', () => {
    const { ingress, channels, filters, subscriptions } = parallelChildren(PAR, TEMPLATE);
    const names = (children: readonly { metadata: { name: string } }[]) =>
      children.map(({ metadata }) => metadata.name);
    expect(ingress.metadata.name).toBe('fork-kn-parallel');
    expect(names(channels)).toEqual(['fork-kn-parallel-0', 'fork-kn-parallel-1']);
    expect(names(filters)).toEqual(['fork-kn-parallel-filter-0', 'fork-kn-parallel-filter-1']);
    expect(names(subscriptions)).toEqual(['fork-kn-parallel-0', 'fork-kn-parallel-1']);
    for (const object of [ingress, ...channels, ...filters, ...subscriptions]) {
      expect(object.metadata).toMatchObject({ namespace: NAMESPACE, ...OWNED });
    }
  });

  test('a filter replies to the channel of its branch; its delivery is not that of the branch', () => {
    const { filters, subscriptions } = parallelChildren(PAR, TEMPLATE);
    expect(filters[0]?.spec).toEqual({
      channel: channelRef('fork-kn-parallel'),
      subscriber: FILTER,
      reply: branchRef(0),
    });
    expect(subscriptions[0]?.spec).toEqual({
      channel: channelRef('fork-kn-parallel-0'),
      subscriber: FIRST.subscriber,
      delivery: { retry: 2 },
    });
  });

  test('without a filter the channel of the branch is the subscriber itself', () => {
    const { filters } = parallelChildren(PAR, TEMPLATE);
    expect(filters[1]?.spec).toEqual({
      channel: channelRef('fork-kn-parallel'),
      subscriber: branchRef(1),
    });
  });

  test('replies go to the branch where it says so, else to the Parallel', () => {
    const reply = { uri: 'http://localhost:9/all' };
    const own = { uri: 'http://localhost:9/own' };
    const spec = { branches: [{ ...FIRST, reply: own }, SECOND], reply };
    const { subscriptions } = parallelChildren(made(spec), TEMPLATE);
    expect(subscriptions.map((object) => object.spec?.reply)).toEqual([own, reply]);
  });
});

describe('Parallel reconciler', () => {
  messagingTable(
    PARALLEL,
    ({ deps, flow }) => new ParallelReconciler({ defaults: deps, children: flow }),
    [
      {
        name: 'all children are made, and the Parallel is not ready before they are',
        world: [PAR],
        key: 'default/fork',
        writes: [
          { verb: 'create', kind: 'InMemoryChannel', key: 'default/fork-kn-parallel' },
          { verb: 'create', kind: 'InMemoryChannel', key: 'default/fork-kn-parallel-0' },
          { verb: 'create', kind: 'InMemoryChannel', key: 'default/fork-kn-parallel-1' },
          { verb: 'create', kind: 'Subscription', key: 'default/fork-kn-parallel-filter-0' },
          { verb: 'create', kind: 'Subscription', key: 'default/fork-kn-parallel-filter-1' },
          { verb: 'create', kind: 'Subscription', key: 'default/fork-kn-parallel-0' },
          { verb: 'create', kind: 'Subscription', key: 'default/fork-kn-parallel-1' },
          STATUS_WRITE,
        ],
        status: {
          conditions: conditions(
            { type: 'ChannelsReady', status: 'False', reason: 'ChannelsNotReady' },
            { type: 'SubscriptionsReady', status: 'False', reason: 'SubscriptionsNotReady' },
            { type: 'Addressable', status: 'False', reason: 'emptyAddress' },
            { type: 'EventPoliciesReady', status: 'True' },
            { type: 'Ready', status: 'False' },
          ),
          ingressChannelStatus: {
            channel: { ...channelRef('fork-kn-parallel'), namespace: NAMESPACE },
            ready: { type: 'Ready', status: 'False', reason: 'NotAddressable' },
          },
        },
      },
      {
        name: 'it is ready at the address of its ingress channel when all children are ready',
        world: [PAR, ...CHANNELS, ...SUBSCRIPTIONS],
        key: 'default/fork',
        writes: [STATUS_WRITE],
        status: {
          address: address('fork-kn-parallel'),
          ingressChannelStatus: { ready: { status: 'True' } },
          branchStatuses: [0, 1].map((branch) => ({
            filterSubscriptionStatus: {
              subscription: { name: `fork-kn-parallel-filter-${String(branch)}` },
              ready: READY,
            },
            filterChannelStatus: {
              channel: { name: `fork-kn-parallel-${String(branch)}` },
              ready: { status: 'True' },
            },
            subscriberSubscriptionStatus: {
              subscription: { name: `fork-kn-parallel-${String(branch)}` },
              ready: READY,
            },
          })),
          conditions: conditions(
            { type: 'ChannelsReady', status: 'True' },
            { type: 'SubscriptionsReady', status: 'True' },
            { type: 'Addressable', status: 'True' },
            { type: 'Ready', status: 'True' },
          ),
        },
      },
      {
        name: 'a branch channel without an address makes it not ready',
        world: [PAR, ...CHANNELS.slice(0, 2), child('fork-kn-parallel-1', false), ...SUBSCRIPTIONS],
        key: 'default/fork',
        writes: [STATUS_WRITE],
        status: {
          conditions: conditions({ type: 'ChannelsReady', status: 'False' }),
          branchStatuses: [
            { filterChannelStatus: { ready: { status: 'True' } } },
            { filterChannelStatus: { ready: { status: 'False', reason: 'NotAddressable' } } },
          ],
        },
      },
      {
        name: 'a Subscription that is not ready makes it not ready',
        world: [
          PAR,
          ...CHANNELS,
          ...SUBSCRIPTIONS.slice(0, 3),
          { ...OUTLINE.subscriptions[1], status: {} } as (typeof SUBSCRIPTIONS)[number],
        ],
        key: 'default/fork',
        writes: [STATUS_WRITE],
        status: {
          conditions: conditions({ type: 'SubscriptionsReady', status: 'False' }),
          branchStatuses: [
            {},
            { subscriberSubscriptionStatus: { ready: { status: 'Unknown', reason: 'NoReady' } } },
          ],
        },
      },
      {
        name: 'fewer branches: what is too much is deleted',
        world: [made({ branches: [FIRST] }), ...CHANNELS, ...SUBSCRIPTIONS],
        key: 'default/fork',
        writes: [
          { verb: 'delete', kind: 'InMemoryChannel', key: 'default/fork-kn-parallel-1' },
          { verb: 'delete', kind: 'Subscription', key: 'default/fork-kn-parallel-1' },
          { verb: 'delete', kind: 'Subscription', key: 'default/fork-kn-parallel-filter-1' },
          STATUS_WRITE,
        ],
      },
      {
        name: 'a filter that is taken out changes its Subscription in place',
        world: [
          made({
            branches: [{ ...FIRST, filter: undefined } as unknown as ParallelBranch, SECOND],
          }),
          ...CHANNELS,
          ...SUBSCRIPTIONS,
        ],
        key: 'default/fork',
        writes: [
          {
            verb: 'patch',
            kind: 'Subscription',
            key: 'default/fork-kn-parallel-filter-0',
            patch: {
              body: [
                { op: 'add', path: '/spec/subscriber', value: branchRef(0) },
                { op: 'remove', path: '/spec/reply' },
              ],
            },
          },
          STATUS_WRITE,
        ],
      },
      {
        name: 'a child of that name that somebody else made stops it',
        world: [PAR, subscription('fork-kn-parallel-0', { subscriber: FILTER }), ...CHANNELS],
        key: 'default/fork',
        writes: [
          { verb: 'create', kind: 'Subscription' },
          { verb: 'create', kind: 'Subscription' },
          { verb: 'create', kind: 'Subscription' },
          STATUS_WRITE,
        ],
        status: {
          conditions: conditions({
            type: 'SubscriptionsReady',
            status: 'False',
            message: containing(
              '"fork-kn-parallel-0" exists and does not belong to Parallel "fork"',
            ),
          }),
        },
      },
      {
        name: 'a template of an unknown kind names the kinds that there are',
        world: [
          made({ branches: [FIRST], channelTemplate: { apiVersion: 'x/v1', kind: 'Pigeon' } }),
        ],
        key: 'default/fork',
        writes: [STATUS_WRITE],
        status: {
          conditions: conditions({
            type: 'ChannelsReady',
            status: 'False',
            message: containing('known: InMemoryChannel'),
          }),
        },
      },
    ],
  );
});
