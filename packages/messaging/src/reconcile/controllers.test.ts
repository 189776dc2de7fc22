/** The controllers together, over a real store: what a user sees after applying objects in any order. */
import { isNotFound } from '@afflux/control';
import type {
  ApiObject,
  Channel,
  InMemoryChannel,
  KnativeStatus,
  Sequence,
  Subscription,
} from '@afflux/resources';
import { findCondition } from '@afflux/resources';
import { describe, expect, test } from 'vitest';
import { conditions, containing } from '../testing/matchers.ts';
import {
  channel,
  channelRef,
  memoryChannel,
  parallel,
  sequence,
  subscription,
} from '../testing/objects.ts';
import { startWorld, type World } from '../testing/world.ts';

const SUBSCRIBER = { uri: 'http://localhost:9/' };
const MESSAGING = 'messaging.knative.dev/v1';

function readyOf(object: ApiObject): string | undefined {
  return findCondition(object.status as KnativeStatus | undefined, 'Ready')?.status;
}

async function namesOf(world: World, kind: string): Promise<string[]> {
  const { items } = await world.store.list({ apiVersion: MESSAGING, kind });
  return items.map(({ metadata }) => metadata.name).sort();
}

describe('becoming ready', () => {
  const OBJECTS = [
    memoryChannel('orders'),
    channel('face'),
    subscription('direct', { subscriber: SUBSCRIBER }),
    subscription('faced', { channel: channelRef('face', 'Channel'), subscriber: SUBSCRIBER }),
    subscription('chained', {
      channel: channelRef('face', 'Channel'),
      subscriber: { ref: { ...channelRef('orders'), namespace: 'default' } },
      reply: { ref: { ...channelRef('face', 'Channel'), namespace: 'default' } },
    }),
    sequence('pipe', { steps: [SUBSCRIBER, SUBSCRIBER, SUBSCRIBER] }),
    parallel('fork', { branches: [{ filter: SUBSCRIBER, subscriber: SUBSCRIBER }] }),
  ];

  test.each([
    ['as they depend on each other', OBJECTS],
    ['the other way round', [...OBJECTS].reverse()],
  ])('all objects do, created %s', async (_order, objects) => {
    const world = await startWorld();
    await world.apply(...objects);
    for (const { kind, metadata } of objects) {
      const object = await world.get(kind, metadata.name);
      expect([kind, metadata.name, readyOf(object)]).toEqual([kind, metadata.name, 'True']);
    }
  });

  test('rest is rest: nothing is written any more', async () => {
    const world = await startWorld();
    await world.apply(...OBJECTS);
    const before = await world.store.list({ apiVersion: MESSAGING, kind: 'Subscription' });
    for (const controller of world.controllers) controller.resync();
    await world.idle();
    const after = await world.store.list({ apiVersion: MESSAGING, kind: 'Subscription' });
    expect(after.resourceVersion).toBe(before.resourceVersion);
  });

  test('a Channel shows what its backing channel says of the subscribers', async () => {
    const world = await startWorld();
    await world.apply(
      channel('face'),
      subscription('a', { channel: channelRef('face', 'Channel'), subscriber: SUBSCRIBER }),
    );
    const { metadata } = await world.get('Subscription', 'a');
    const { status } = await world.get<Channel>('Channel', 'face');
    expect(status?.subscribers).toEqual([
      { uid: metadata.uid, observedGeneration: 1, ready: 'True' },
    ]);
  });
});

describe('changes', () => {
  test('a destination that appears later is found', async () => {
    const world = await startWorld();
    const reply = { ref: { ...channelRef('later'), namespace: 'default' } };
    await world.apply(
      memoryChannel('orders'),
      subscription('a', { subscriber: SUBSCRIBER, reply }),
    );
    expect((await world.get<Subscription>('Subscription', 'a')).status).toMatchObject({
      conditions: conditions({
        type: 'ReferencesResolved',
        status: 'False',
        reason: 'ReplyResolveFailed',
        message: containing('InMemoryChannel "default/later" not found'),
      }),
    });
    await world.apply(memoryChannel('later'));
    expect(readyOf(await world.get('Subscription', 'a'))).toBe('True');
  });

  test('an address that changes reaches the channel', async () => {
    const world = await startWorld();
    const service = (externalName: string) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'svc', namespace: 'default' },
      spec: { type: 'ExternalName', externalName },
    });
    await world.apply(
      service('one.example.com'),
      memoryChannel('orders'),
      subscription('a', {
        subscriber: { ref: { apiVersion: 'v1', kind: 'Service', name: 'svc' } },
      }),
    );
    const uri = async () =>
      (await world.get<InMemoryChannel>('InMemoryChannel', 'orders')).spec.subscribers?.[0]
        ?.subscriberUri;
    expect(await uri()).toBe('http://one.example.com');
    await world.change('Service', 'svc', { spec: { externalName: 'two.example.com' } });
    expect(await uri()).toBe('http://two.example.com');
  });

  test('a changed delivery of a Channel reaches its Subscriptions in place', async () => {
    const world = await startWorld();
    await world.apply(
      channel('face', { delivery: { retry: 1 } }),
      subscription('a', { channel: channelRef('face', 'Channel'), subscriber: SUBSCRIBER }),
    );
    const before = await world.get<InMemoryChannel>('InMemoryChannel', 'face');
    await world.change('Channel', 'face', { spec: { delivery: { retry: 5 } } });
    const after = await world.get<InMemoryChannel>('InMemoryChannel', 'face');
    expect(after.metadata.uid).toBe(before.metadata.uid);
    expect(after.spec.delivery).toEqual({ retry: 5 });
    expect(after.spec.subscribers).toMatchObject([{ delivery: { retry: 5 } }]);
    expect(readyOf(await world.get('Subscription', 'a'))).toBe('True');
  });

  test('a Sequence that grows and shrinks has the children it needs, and no others', async () => {
    const world = await startWorld();
    const stepsOf = async (count: number) => {
      await world.change('Sequence', 'pipe', {
        spec: { steps: Array.from({ length: count }, () => SUBSCRIBER) },
      });
      return await world.get<Sequence>('Sequence', 'pipe');
    };
    await world.apply(sequence('pipe', { steps: [SUBSCRIBER] }));
    for (const count of [3, 1, 2]) {
      const object = await stepsOf(count);
      const names = Array.from({ length: count }, (_, i) => `pipe-kn-sequence-${String(i)}`);
      expect(await namesOf(world, 'InMemoryChannel')).toEqual(names);
      expect(await namesOf(world, 'Subscription')).toEqual(names);
      expect(object.status?.channelStatuses).toHaveLength(count);
      expect(readyOf(object)).toBe('True');
    }
  });

  test('a child that somebody deletes is made again', async () => {
    const world = await startWorld();
    await world.apply(sequence('pipe', { steps: [SUBSCRIBER] }), channel('face'));
    for (const [kind, name] of [
      ['InMemoryChannel', 'pipe-kn-sequence-0'],
      ['Subscription', 'pipe-kn-sequence-0'],
      ['InMemoryChannel', 'face'],
    ] as const) {
      const { metadata } = await world.get(kind, name);
      await world.remove(kind, name);
      const again = await world.get(kind, name);
      expect(again.metadata.uid).not.toBe(metadata.uid);
      expect(readyOf(again)).toBe('True');
    }
    expect(readyOf(await world.get('Sequence', 'pipe'))).toBe('True');
    expect(readyOf(await world.get('Channel', 'face'))).toBe('True');
  });

  test('a child that somebody changes is changed back', async () => {
    const world = await startWorld();
    await world.apply(sequence('pipe', { steps: [SUBSCRIBER] }));
    const other = { uri: 'http://localhost:9/other' };
    await world.change('Subscription', 'pipe-kn-sequence-0', { spec: { subscriber: other } });
    const { spec } = await world.get<Subscription>('Subscription', 'pipe-kn-sequence-0');
    expect(spec.subscriber).toEqual(SUBSCRIBER);
  });

  test('an object in the way of a child is waited for', async () => {
    const world = await startWorld();
    await world.apply(memoryChannel('face'), channel('face'));
    expect(readyOf(await world.get('Channel', 'face'))).toBe('False');
    await world.remove('InMemoryChannel', 'face');
    expect(readyOf(await world.get('Channel', 'face'))).toBe('True');
  });

  test('a template whose spec admission refuses is told in the condition', async () => {
    const world = await startWorld();
    const channelTemplate = {
      apiVersion: MESSAGING,
      kind: 'InMemoryChannel',
      spec: { delivery: { backoffDelay: 'soon' } },
    };
    await world.apply(
      channel('face', { channelTemplate }),
      sequence('pipe', { steps: [SUBSCRIBER], channelTemplate }),
    );
    const message = containing('spec.delivery.backoffDelay');
    expect((await world.get('Channel', 'face')).status).toMatchObject({
      conditions: conditions({ type: 'BackingChannelReady', status: 'False', message }),
    });
    expect((await world.get('Sequence', 'pipe')).status).toMatchObject({
      conditions: conditions({ type: 'ChannelsReady', status: 'Unknown', message }),
    });
  });
});

describe('deletion', () => {
  test('a deleted Subscription leaves its channel, and only it', async () => {
    const world = await startWorld();
    await world.apply(
      memoryChannel('orders'),
      subscription('a', { subscriber: SUBSCRIBER }),
      subscription('b', { subscriber: SUBSCRIBER }),
    );
    await world.remove('Subscription', 'a');
    const { spec, status } = await world.get<InMemoryChannel>('InMemoryChannel', 'orders');
    expect(spec.subscribers).toMatchObject([{ name: 'b' }]);
    expect(status?.subscribers).toHaveLength(1);
    await expect(world.get('Subscription', 'a')).rejects.toSatisfy(isNotFound);
  });

  test('a Channel and a Subscription of it go together', async () => {
    const world = await startWorld();
    await world.apply(
      channel('face'),
      subscription('a', { channel: channelRef('face', 'Channel'), subscriber: SUBSCRIBER }),
    );
    await world.remove('Channel', 'face');
    await world.remove('Subscription', 'a');
    expect(await namesOf(world, 'InMemoryChannel')).toEqual([]);
    expect(await namesOf(world, 'Subscription')).toEqual([]);
  });

  test.each(['Sequence', 'Parallel'] as const)('a %s takes its children along', async (kind) => {
    const world = await startWorld();
    await world.apply(
      kind === 'Sequence'
        ? sequence('flow', { steps: [SUBSCRIBER, SUBSCRIBER] })
        : parallel('flow', { branches: [{ filter: SUBSCRIBER, subscriber: SUBSCRIBER }] }),
    );
    expect(await namesOf(world, 'Subscription')).toHaveLength(2);
    await world.remove(kind, 'flow');
    await expect.poll(() => namesOf(world, 'InMemoryChannel')).toEqual([]);
    await expect.poll(() => namesOf(world, 'Subscription')).toEqual([]);
  });

  test('a Subscription whose channel is made anew is in it again', async () => {
    const world = await startWorld();
    await world.apply(memoryChannel('orders'), subscription('a', { subscriber: SUBSCRIBER }));
    await world.remove('InMemoryChannel', 'orders');
    expect((await world.get('Subscription', 'a')).status).toMatchObject({
      conditions: conditions({
        type: 'Ready',
        status: 'Unknown',
        reason: 'ChannelReferenceFailed',
      }),
    });
    await world.apply(memoryChannel('orders'));
    expect(readyOf(await world.get('Subscription', 'a'))).toBe('True');
  });
});

describe('other namespaces', () => {
  const elsewhere = (): Subscription => {
    const object = subscription('a', {
      channel: { ...channelRef('orders'), namespace: 'default' },
      subscriber: SUBSCRIBER,
    });
    return { ...object, metadata: { ...object.metadata, namespace: 'elsewhere' } };
  };
  const get = async (world: World) =>
    await world.store.get(
      { apiVersion: MESSAGING, kind: 'Subscription' },
      { namespace: 'elsewhere', name: 'a' },
    );

  test('T07 a Subscription reads a channel of another namespace only while the feature is on', async () => {
    const flags = { 'cross-namespace-event-links': 'Enabled' };
    const world = await startWorld({ flags });
    await world.apply(memoryChannel('orders'), elsewhere());
    expect(readyOf(await get(world))).toBe('True');
    // The Subscription was admitted; turning the feature off takes the grant away.
    flags['cross-namespace-event-links'] = 'Disabled';
    for (const controller of world.controllers) controller.resync();
    await world.idle();
    expect((await get(world)).status).toMatchObject({
      conditions: conditions({ type: 'Ready', reason: 'ChannelReferenceFailed' }),
    });
    const orders = await world.get<InMemoryChannel>('InMemoryChannel', 'orders');
    expect(orders.spec.subscribers).toEqual([]);
  });

  test('T07 and is out of it when it is deleted, whatever the feature is by then', async () => {
    const flags = { 'cross-namespace-event-links': 'Enabled' };
    const world = await startWorld({ flags });
    await world.apply(memoryChannel('orders'), elsewhere());
    flags['cross-namespace-event-links'] = 'Disabled';
    const { apiVersion, kind, metadata } = await get(world);
    await world.store.delete({ apiVersion, kind }, metadata);
    await world.idle();
    const orders = await world.get<InMemoryChannel>('InMemoryChannel', 'orders');
    expect(orders.spec.subscribers).toEqual([]);
    await expect(get(world)).rejects.toSatisfy(isNotFound);
  });

  test('T07 without the feature such a Subscription is not admitted', async () => {
    const world = await startWorld();
    await expect(world.apply(memoryChannel('orders'), elsewhere())).rejects.toThrow(
      'spec.channel.namespace',
    );
  });
});

test('the list of a channel with 500 Subscriptions is written a few dozen times, not 500', async () => {
  const world = await startWorld();
  const count = 500;
  await world.apply(
    memoryChannel('orders'),
    ...Array.from({ length: count }, (_, index) =>
      subscription(`s-${String(index)}`, { subscriber: SUBSCRIBER }),
    ),
  );
  const { items } = await world.store.list({ apiVersion: MESSAGING, kind: 'Subscription' });
  expect(items.filter((object) => readyOf(object) === 'True')).toHaveLength(count);
  const orders = await world.get<InMemoryChannel>('InMemoryChannel', 'orders');
  expect(orders.spec.subscribers).toHaveLength(count);
  // The generation counts the writes of the spec.
  expect(orders.metadata.generation).toBeLessThan(100);
});
