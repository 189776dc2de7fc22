import type { Channel, Condition, Sequence } from '@afflux/resources';
import { describe, expect, test } from 'vitest';
import { SEQUENCE } from '../model/kinds.ts';
import { conditions, containing, without } from '../testing/matchers.ts';
import {
  address,
  channelRef,
  memoryChannel,
  NAMESPACE,
  ownedBy,
  READY,
  sequence,
  subscription,
} from '../testing/objects.ts';
import { messagingTable } from '../testing/table.ts';
import { sequenceChildren } from './sequence-children.ts';
import { SequenceReconciler } from './sequence.ts';

const TEMPLATE = { apiVersion: 'messaging.knative.dev/v1', kind: 'InMemoryChannel' };
const STEPS = [
  { uri: 'http://localhost:1' },
  { uri: 'http://localhost:2', delivery: { retry: 2 } },
];
const SEQ = made({ steps: STEPS });
const OWNED = { ownerReferences: [ownedBy(SEQ)] };
const STATUS_WRITE = { verb: 'updateStatus', kind: 'Sequence', key: 'default/pipe' } as const;

function made(spec: Sequence['spec'], status?: object): Sequence {
  return sequence(
    'pipe',
    { channelTemplate: TEMPLATE, ...spec },
    { metadata: { uid: 'pipe-uid' }, ...(status === undefined ? {} : { status }) },
  );
}

function stepChannel(step: number, status: object = {}, spec: Channel['spec'] = {}) {
  return memoryChannel(`pipe-kn-sequence-${String(step)}`, spec, { metadata: OWNED, status });
}

function readyChannel(step: number) {
  const name = `pipe-kn-sequence-${String(step)}`;
  return stepChannel(step, { conditions: [READY], address: address(name) });
}

function nextRef(step: number) {
  return { ref: { ...channelRef(`pipe-kn-sequence-${String(step)}`), namespace: NAMESPACE } };
}

function stepSubscription(step: number, spec: object, ready: Condition | undefined = READY) {
  const name = `pipe-kn-sequence-${String(step)}`;
  return subscription(
    name,
    { channel: channelRef(name), ...spec },
    { metadata: OWNED, status: { conditions: [ready] } },
  );
}

const SUBSCRIPTIONS = [
  stepSubscription(0, { subscriber: { uri: 'http://localhost:1' }, reply: nextRef(1) }),
  stepSubscription(1, { subscriber: { uri: 'http://localhost:2' }, delivery: { retry: 2 } }),
];
const CHILDREN = [readyChannel(0), readyChannel(1), ...SUBSCRIPTIONS];

describe('children of a Sequence', () => {
  test('one channel and one Subscription of the same name per step', () => {
    const { channels, subscriptions } = sequenceChildren(SEQ, TEMPLATE);
    const names = ['pipe-kn-sequence-0', 'pipe-kn-sequence-1'];
    expect(channels.map(({ metadata }) => metadata.name)).toEqual(names);
    expect(subscriptions.map(({ metadata }) => metadata.name)).toEqual(names);
    for (const child of [...channels, ...subscriptions]) {
      expect(child.metadata).toMatchObject({ namespace: NAMESPACE, ...OWNED });
    }
  });

  test('every step replies to the channel of the next one, the last to the reply of the Sequence', () => {
    const reply = { uri: 'http://localhost:9/reply' };
    const { subscriptions } = sequenceChildren(made({ steps: STEPS, reply }), TEMPLATE);
    expect(subscriptions.map(({ spec }) => spec)).toEqual([
      {
        channel: channelRef('pipe-kn-sequence-0'),
        subscriber: { uri: 'http://localhost:1' },
        reply: nextRef(1),
      },
      {
        channel: channelRef('pipe-kn-sequence-1'),
        subscriber: { uri: 'http://localhost:2' },
        reply,
        delivery: { retry: 2 },
      },
    ]);
  });

  test('without a reply of the Sequence the last step has none', () => {
    const { subscriptions } = sequenceChildren(SEQ, TEMPLATE);
    expect(subscriptions.at(-1)?.spec).not.toHaveProperty('reply');
  });

  test('channels have the spec of the template, but no subscribers of its', () => {
    const template = { ...TEMPLATE, spec: { delivery: { retry: 1 }, subscribers: [{ uid: 'x' }] } };
    const { channels } = sequenceChildren(SEQ, template);
    expect(channels.map(({ spec }) => spec)).toEqual([
      { delivery: { retry: 1 } },
      { delivery: { retry: 1 } },
    ]);
  });
});

describe('Sequence reconciler', () => {
  messagingTable(
    SEQUENCE,
    ({ deps, flow }) => new SequenceReconciler({ defaults: deps, children: flow }),
    [
      {
        name: 'all children are made, and the Sequence waits for them',
        world: [SEQ],
        key: 'default/pipe',
        writes: [
          { verb: 'create', kind: 'InMemoryChannel', key: 'default/pipe-kn-sequence-0' },
          { verb: 'create', kind: 'InMemoryChannel', key: 'default/pipe-kn-sequence-1' },
          { verb: 'create', kind: 'Subscription', key: 'default/pipe-kn-sequence-0' },
          { verb: 'create', kind: 'Subscription', key: 'default/pipe-kn-sequence-1' },
          STATUS_WRITE,
        ],
        status: {
          conditions: conditions(
            { type: 'ChannelsReady', status: 'Unknown', reason: 'ChannelsNotReady' },
            { type: 'SubscriptionsReady', status: 'Unknown', reason: 'SubscriptionsNotReady' },
            { type: 'Addressable', status: 'Unknown', reason: 'emptyAddress' },
            { type: 'EventPoliciesReady', status: 'True', reason: 'OIDCDisabled' },
            { type: 'Ready', status: 'Unknown' },
          ),
          channelStatuses: [0, 1].map((step) => ({
            channel: { ...channelRef(`pipe-kn-sequence-${String(step)}`), namespace: NAMESPACE },
            ready: { type: 'Ready', status: 'Unknown', reason: 'NoReady' },
          })),
        },
      },
      {
        name: 'the template of the configuration is used where there is none',
        world: [sequence('pipe', { steps: [STEPS[0] ?? {}] }, { metadata: { uid: 'pipe-uid' } })],
        key: 'default/pipe',
        writes: [
          { verb: 'create', kind: 'InMemoryChannel' },
          { verb: 'create', kind: 'Subscription' },
          STATUS_WRITE,
        ],
      },
      {
        name: 'it is ready at the address of its first channel when all children are ready',
        world: [SEQ, ...CHILDREN],
        key: 'default/pipe',
        writes: [STATUS_WRITE],
        status: {
          address: address('pipe-kn-sequence-0'),
          conditions: conditions(
            { type: 'ChannelsReady', status: 'True' },
            { type: 'SubscriptionsReady', status: 'True' },
            { type: 'Addressable', status: 'True' },
            { type: 'Ready', status: 'True' },
          ),
          subscriptionStatuses: [0, 1].map((step) => ({
            subscription: {
              apiVersion: 'messaging.knative.dev/v1',
              kind: 'Subscription',
              name: `pipe-kn-sequence-${String(step)}`,
              namespace: NAMESPACE,
            },
            ready: READY,
          })),
        },
      },
      {
        name: 'a child that is not ready leaves the Sequence Unknown, with its condition in the list',
        world: [
          SEQ,
          readyChannel(0),
          readyChannel(1),
          stepSubscription(
            0,
            { subscriber: { uri: 'http://localhost:1' }, reply: nextRef(1) },
            { type: 'Ready', status: 'False', reason: 'SubscriberResolveFailed' },
          ),
          ...SUBSCRIPTIONS.slice(1),
        ],
        key: 'default/pipe',
        writes: [STATUS_WRITE],
        status: {
          conditions: conditions(
            {
              type: 'SubscriptionsReady',
              status: 'Unknown',
              reason: 'SubscriptionsNotReady',
              message: 'Subscriptions are not ready yet, or there are none',
            },
            { type: 'Ready', status: 'Unknown' },
          ),
          subscriptionStatuses: [
            { ready: { status: 'False', reason: 'SubscriberResolveFailed' } },
            { ready: READY },
          ],
        },
      },
      {
        name: 'a changed step changes its Subscription in place',
        world: [made({ steps: [STEPS[0] ?? {}, { uri: 'http://localhost:7' }] }), ...CHILDREN],
        key: 'default/pipe',
        writes: [
          {
            verb: 'patch',
            kind: 'Subscription',
            key: 'default/pipe-kn-sequence-1',
            patch: {
              type: 'json',
              body: [
                { op: 'add', path: '/spec/subscriber', value: { uri: 'http://localhost:7' } },
                { op: 'remove', path: '/spec/delivery' },
              ],
            },
          },
          STATUS_WRITE,
        ],
      },
      {
        name: 'a changed template changes the channels in place',
        world: [
          made({
            steps: STEPS,
            channelTemplate: { ...TEMPLATE, spec: { delivery: { retry: 4 } } },
          }),
          ...CHILDREN,
        ],
        key: 'default/pipe',
        writes: [
          ...[0, 1].map((step) => ({
            verb: 'patch' as const,
            kind: 'InMemoryChannel',
            key: `default/pipe-kn-sequence-${String(step)}`,
            patch: {
              type: 'json',
              body: [{ op: 'add', path: '/spec/delivery', value: { retry: 4 } }],
            },
          })),
          STATUS_WRITE,
        ],
      },
      {
        name: 'fewer steps: what is too much is deleted',
        world: [made({ steps: STEPS.slice(0, 1) }), ...CHILDREN],
        key: 'default/pipe',
        writes: [
          {
            verb: 'patch',
            kind: 'Subscription',
            key: 'default/pipe-kn-sequence-0',
            patch: { body: [{ op: 'remove', path: '/spec/reply' }] },
          },
          { verb: 'delete', kind: 'InMemoryChannel', key: 'default/pipe-kn-sequence-1' },
          { verb: 'delete', kind: 'Subscription', key: 'default/pipe-kn-sequence-1' },
          STATUS_WRITE,
        ],
      },
      {
        name: 'children of others in the same namespace are not touched',
        world: [
          made({ steps: STEPS.slice(0, 1), reply: nextRef(1) }),
          ...CHILDREN.slice(0, 1),
          SUBSCRIPTIONS[0] ?? SEQ,
          memoryChannel('pipe-kn-sequence-1'),
          subscription('pipe-kn-sequence-1', { subscriber: { uri: 'http://localhost:1' } }),
        ],
        key: 'default/pipe',
        writes: [STATUS_WRITE],
      },
      {
        name: 'a channel of that name that somebody else made stops it, and is watched',
        world: [SEQ, memoryChannel('pipe-kn-sequence-0'), readyChannel(1)],
        key: 'default/pipe',
        writes: [STATUS_WRITE],
        status: {
          conditions: conditions({
            type: 'ChannelsReady',
            status: 'Unknown',
            reason: 'ChannelsNotReady',
            message: containing(
              '"pipe-kn-sequence-0" exists and does not belong to Sequence "pipe"',
            ),
          }),
        },
        tracked: ['messaging.knative.dev/v1/InMemoryChannel default/pipe-kn-sequence-0'],
      },
      {
        name: 'a Subscription of that name that somebody else made stops it',
        world: [
          SEQ,
          readyChannel(0),
          readyChannel(1),
          subscription('pipe-kn-sequence-0', { subscriber: { uri: 'http://localhost:1' } }),
          ...SUBSCRIPTIONS.slice(1),
        ],
        key: 'default/pipe',
        writes: [STATUS_WRITE],
        status: {
          conditions: conditions(
            { type: 'ChannelsReady', status: 'True' },
            {
              type: 'SubscriptionsReady',
              status: 'Unknown',
              message: containing('does not belong to Sequence "pipe"'),
            },
          ),
        },
      },
      {
        name: 'a Subscription that reads another channel is deleted; its successor follows it',
        world: [
          made({ steps: STEPS.slice(1) }),
          readyChannel(0),
          subscription(
            'pipe-kn-sequence-0',
            { subscriber: { uri: 'http://localhost:2' }, delivery: { retry: 2 } },
            {
              metadata: { ...OWNED, finalizers: ['subscriptions.messaging.knative.dev'] },
              status: { conditions: [READY] },
            },
          ),
        ],
        key: 'default/pipe',
        writes: [
          { verb: 'delete', kind: 'Subscription', key: 'default/pipe-kn-sequence-0' },
          STATUS_WRITE,
        ],
        status: {
          conditions: conditions({ type: 'SubscriptionsReady', status: 'Unknown' }),
          subscriptionStatuses: [{ ready: { status: 'Unknown', reason: 'NoReady' } }],
        },
      },
      {
        name: 'a template of an unknown kind names the kinds that there are',
        world: [
          made({ steps: STEPS, channelTemplate: { apiVersion: 'x/v1', kind: 'PigeonChannel' } }),
        ],
        key: 'default/pipe',
        writes: [STATUS_WRITE],
        status: {
          conditions: conditions({
            type: 'ChannelsReady',
            status: 'Unknown',
            message: containing('known: InMemoryChannel (messaging.knative.dev/v1)'),
          }),
        },
      },
      {
        name: 'an address that is gone leaves the status',
        world: [
          made({ steps: STEPS.slice(1) }, { address: address('pipe-kn-sequence-0') }),
          stepChannel(0),
          stepSubscription(0, {
            subscriber: { uri: 'http://localhost:2' },
            delivery: { retry: 2 },
          }),
        ],
        key: 'default/pipe',
        writes: [STATUS_WRITE],
        status: without('address'),
      },
      {
        name: 'a store that fails is tried again',
        world: [SEQ, readyChannel(0), readyChannel(1)],
        key: 'default/pipe',
        failures: [{ verb: 'create', kind: 'Subscription', error: new Error('no room') }],
        writes: [
          { verb: 'create', kind: 'Subscription' },
          { verb: 'create', kind: 'Subscription' },
          STATUS_WRITE,
        ],
        outcome: { error: 'no room' },
        status: {
          conditions: conditions({ type: 'SubscriptionsReady', message: 'no room' }),
        },
      },
    ],
  );
});
