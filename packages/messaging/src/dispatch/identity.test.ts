import { describe, expect, test } from 'vitest';
import { DURABLE_CHANNEL, KAFKA_CHANNEL } from '../model/kinds.ts';
import { channelOf, memoryChannel, NAMESPACE, subscription } from '../testing/objects.ts';
import { postEvent } from '../testing/post.ts';
import { gate, startSink, statuses } from '../testing/sinks.ts';
import { startWorld, type World } from '../testing/world.ts';

const ONE_AT_A_TIME = { 'afflux.dev/max-in-flight': '1' };
const PATIENT = { retry: 100, backoffPolicy: 'linear', backoffDelay: 'PT0.05S' } as const;

async function postAll(world: World, ...ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    expect((await postEvent(world.channelUrl('orders'), id)).status).toBe(202);
  }
}

async function writeEntries(world: World, subscribers: readonly object[]): Promise<void> {
  await world.store.patch(
    { apiVersion: 'messaging.knative.dev/v1', kind: 'InMemoryChannel' },
    { namespace: NAMESPACE, name: 'orders' },
    { type: 'merge', body: { spec: { subscribers } } },
    { fieldManager: 'controller' },
  );
  await world.idle();
}

describe('a Subscription that was made anew', () => {
  test('by a process that starts from the same files finds its backlog', async () => {
    const first = await startWorld();
    const [down, up] = [await startSink(statuses(503)), await startSink()];
    const a = (uri: string) => subscription('a', { subscriber: { uri }, delivery: PATIENT });
    await first.apply(memoryChannel('orders'), a(down.url));
    const { uid } = (await first.get('Subscription', 'a')).metadata;
    await postAll(first, 'e-1', 'e-2');
    // Holds the channel as a back-end would, while nobody of the first process does any more.
    const lease = first.open({ kind: 'InMemoryChannel', namespace: NAMESPACE, name: 'orders' });
    await first.dispatch.close();

    const second = await startWorld({ dispatch: { openChannel: first.open } });
    await second.apply(memoryChannel('orders'), a(up.url));
    expect((await second.get('Subscription', 'a')).metadata.uid).not.toBe(uid);
    await up.got(2);
    expect(up.ids().sort()).toEqual(['e-1', 'e-2']);
    await second.dispatch.close();
    await lease.release();
  });

  test('while running begins with nothing, and what is dropped is counted in the log', async () => {
    const held = gate();
    const [before, after] = [await startSink(held.answer), await startSink()];
    const entry = (uid: string, subscriberUri: string) => ({ uid, name: 'a', subscriberUri });
    const world = await startWorld({
      before: [
        memoryChannel(
          'orders',
          { subscribers: [entry('one', before.url)] },
          { metadata: { annotations: ONE_AT_A_TIME } },
        ),
      ],
    });
    await postAll(world, 'e-1', 'e-2', 'e-3');
    await before.got(1);
    await writeEntries(world, [entry('two', after.url)]);
    await postAll(world, 'e-4');
    await after.got(1);
    expect(world.logger.lines).toContainEqual({
      level: 'warn',
      message: 'subscriber removed with events left',
      fields: {
        kind: 'InMemoryChannel',
        namespace: NAMESPACE,
        name: 'orders',
        subscriber: 'subscription:a.default',
        dropped: 3,
      },
    });
    // The attempt under way finishes.
    held.open();
    await world.settled();
    expect(before.ids()).toEqual(['e-1']);
    expect(after.ids()).toEqual(['e-4']);
  });

  test('after it was gone, while an attempt is still under way, begins with nothing as well', async () => {
    const held = gate();
    const [before, after] = [await startSink(held.answer), await startSink()];
    const world = await startWorld();
    const a = (uri: string) =>
      subscription('a', { subscriber: { uri } }, { metadata: { annotations: ONE_AT_A_TIME } });
    await world.apply(memoryChannel('orders'), a(before.url));
    await postAll(world, 'e-1', 'e-2');
    await before.got(1);
    await world.remove('Subscription', 'a');
    await world.apply(a(after.url));
    await postAll(world, 'e-3');
    await after.got(1);
    held.open();
    await world.settled();
    expect(before.ids()).toEqual(['e-1']);
    expect(after.ids()).toEqual(['e-3']);
  });

  test('with the name of one in another namespace is another subscriber', async () => {
    const world = await startWorld({ flags: { 'cross-namespace-event-links': 'Enabled' } });
    const [own, other] = [await startSink(), await startSink()];
    const channel = {
      apiVersion: 'messaging.knative.dev/v1',
      kind: 'InMemoryChannel',
      name: 'orders',
      namespace: NAMESPACE,
    };
    await world.apply(
      memoryChannel('orders'),
      subscription('a', { channel, subscriber: { uri: own.url } }),
      subscription(
        'a',
        { channel, subscriber: { uri: other.url } },
        { metadata: { namespace: 'crm' } },
      ),
    );
    await postAll(world, 'e-1');
    await Promise.all([own.got(1), other.got(1)]);
    const [described] = world.hub.describe();
    expect(described?.subscriptions.map(({ id, label }) => [id, label]).sort()).toEqual([
      ['crm/a', 'subscription:a.crm'],
      ['default/a', 'subscription:a.default'],
    ]);
  });
});

describe.each([DURABLE_CHANNEL, KAFKA_CHANNEL])('$kind', (kind) => {
  const WORLD = { channelKinds: [kind] };

  test('is served like any other channel, under its own kind', async () => {
    const sink = await startSink();
    const entry = { uid: 'u-1', name: 'a', subscriberUri: sink.url };
    const world = await startWorld({
      dispatch: WORLD,
      before: [channelOf(kind, 'orders', { subscribers: [entry] })],
    });
    await postAll(world, 'e-1');
    await sink.got(1);
    expect(world.hub.describe()).toMatchObject([
      { ref: { kind: kind.kind, namespace: NAMESPACE, name: 'orders' } },
    ]);
  });

  test('is closed as soon as its deletion begins, so that its finalizer can do its work', async () => {
    const world = await startWorld({
      dispatch: WORLD,
      before: [channelOf(kind, 'orders', {}, { metadata: { finalizers: ['test/held'] } })],
    });
    await postAll(world, 'e-1');
    const key = { namespace: NAMESPACE, name: 'orders' };
    await world.store.delete(kind, key);
    await world.idle();
    await expect.poll(() => world.hub.describe()).toEqual([]);
    expect((await postEvent(world.channelUrl('orders'), 'e-2')).status).toBe(404);
  });

  test('tells producers to come back while it cannot be opened', async () => {
    let isAway = true;
    const world: World = await startWorld({
      dispatch: {
        ...WORLD,
        openChannel: (ref) => {
          if (isAway) throw new Error('nobody knows where');
          return world.open(ref);
        },
      },
    });
    await world.apply(channelOf(kind, 'orders'));
    const refused = await postEvent(world.channelUrl('orders'), 'e-1');
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('1');
    isAway = false;
    // Any change of the object is a reason to look again, before the clock is.
    const body = { metadata: { labels: { touched: 'yes' } } };
    await world.store.patch(
      kind,
      { namespace: NAMESPACE, name: 'orders' },
      { type: 'merge', body },
    );
    await world.idle();
    await postAll(world, 'e-2');
    await world.store.delete(kind, { namespace: NAMESPACE, name: 'orders' });
  });
});
