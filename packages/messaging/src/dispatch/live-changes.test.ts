import type { ChannelLease, ChannelRef } from '@afflux/channels';
import { FakeClock } from '@afflux/kernel/testing';
import { describe, expect, test } from 'vitest';
import { memoryChannel, NAMESPACE, subscription } from '../testing/objects.ts';
import { postEvent } from '../testing/post.ts';
import { gate, startSink, statuses } from '../testing/sinks.ts';
import { startWorld, type World } from '../testing/world.ts';

const ONE_AT_A_TIME = { metadata: { annotations: { 'afflux.dev/max-in-flight': '1' } } };

function ids(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `e-${String(index).padStart(3, '0')}`);
}

async function postAll(world: World, events: readonly string[]): Promise<void> {
  const answers = await Promise.all(events.map((id) => postEvent(world.channelUrl('orders'), id)));
  expect(answers.map(({ status }) => status)).toEqual(events.map(() => 202));
}

describe('a subscriber that changes', () => {
  test('under load: no event is lost or doubled, later ones go to the new address', async () => {
    const world = await startWorld();
    const [before, after] = [await startSink(), await startSink()];
    await world.apply(
      memoryChannel('orders'),
      subscription('a', { subscriber: { uri: before.url } }),
    );
    const first = postAll(world, ids(100));
    await before.got(1);
    await world.change('Subscription', 'a', { spec: { subscriber: { uri: after.url } } });
    await first;
    await postAll(world, ids(200).slice(100));
    await world.settled();
    expect([...before.ids(), ...after.ids()].sort()).toEqual(ids(200));
    expect(after.ids()).toEqual(expect.arrayContaining(ids(200).slice(100)));
  });

  test('its backlog goes to the new address', async () => {
    const world = await startWorld();
    const [down, up] = [await startSink(statuses(503)), await startSink()];
    await world.apply(
      memoryChannel('orders'),
      subscription(
        'a',
        {
          subscriber: { uri: down.url },
          delivery: { retry: 100, backoffPolicy: 'linear', backoffDelay: 'PT0.05S' },
        },
        ONE_AT_A_TIME,
      ),
    );
    await postAll(world, ids(10));
    await down.got(2);
    await world.change('Subscription', 'a', { spec: { subscriber: { uri: up.url } } });
    await world.settled();
    expect([...new Set(up.ids())].sort()).toEqual(ids(10));
  });

  test('a dead letter sink that is added takes what fails from then on', async () => {
    const world = await startWorld();
    const [sink, dead] = [await startSink(statuses(422)), await startSink()];
    await world.apply(
      memoryChannel('orders'),
      subscription('a', { subscriber: { uri: sink.url } }),
    );
    await postAll(world, ['e-1']);
    await world.settled();
    await world.change('InMemoryChannel', 'orders', {
      spec: { delivery: { deadLetterSink: { uri: dead.url } } },
    });
    await postAll(world, ['e-2']);
    await dead.got(1);
    expect(dead.ids()).toEqual(['e-2']);
  });

  test('flow control follows the annotations of the Subscription, then those of its channel', async () => {
    const world = await startWorld();
    const held = gate();
    const sink = await startSink(held.answer);
    await world.apply(
      memoryChannel(
        'orders',
        {},
        {
          metadata: { annotations: { 'afflux.dev/max-in-flight': '4' } },
        },
      ),
      subscription('a', { subscriber: { uri: sink.url } }, ONE_AT_A_TIME),
    );
    await postAll(world, ids(9));
    await sink.got(1);
    const inFlight = () =>
      world.meter.observations('afflux_subscription_in_flight_events')[0]?.value;
    expect(inFlight()).toBe(1);
    const annotate = (value: string | null) =>
      world.change('Subscription', 'a', {
        metadata: { annotations: { 'afflux.dev/max-in-flight': value } },
      });
    await annotate('2');
    await sink.got(2);
    expect(inFlight()).toBe(2);
    await annotate(null);
    await sink.got(4);
    expect(inFlight()).toBe(4);
    held.open();
    await world.settled();
    expect(sink.ids().sort()).toEqual(ids(9));
  });
});

describe('a subscriber that is removed', () => {
  test('attempts under way finish, the backlog is dropped and its count logged', async () => {
    const world = await startWorld();
    const held = gate();
    const sink = await startSink(held.answer);
    await world.apply(
      memoryChannel('orders'),
      subscription('a', { subscriber: { uri: sink.url } }, ONE_AT_A_TIME),
    );
    await postAll(world, ids(5));
    await sink.got(1);
    await world.remove('Subscription', 'a');
    held.open();
    await expect
      .poll(() => world.logger.lines)
      .toContainEqual({
        level: 'warn',
        message: 'subscriber removed with events left',
        fields: {
          kind: 'InMemoryChannel',
          namespace: NAMESPACE,
          name: 'orders',
          subscriber: 'subscription:a.default',
          dropped: 4,
        },
      });
    expect(sink.ids()).toHaveLength(1);
    expect(world.hub.describe()).toMatchObject([{ events: 0, subscriptions: [] }]);
  });

  test('under load: the others get everything', async () => {
    const world = await startWorld();
    const [going, staying] = [await startSink(), await startSink()];
    await world.apply(
      memoryChannel('orders'),
      subscription('going', { subscriber: { uri: going.url } }),
      subscription('staying', { subscriber: { uri: staying.url } }),
    );
    const load = postAll(world, ids(200));
    await going.got(1);
    await world.remove('Subscription', 'going');
    await load;
    await world.settled();
    expect(staying.ids().sort()).toEqual(ids(200));
  });

  test('one that comes back while an attempt is under way starts anew with what was left', async () => {
    const entry = (uri: string) => ({ uid: 'by-hand', name: 'a', subscriberUri: uri });
    const annotations = { 'afflux.dev/max-in-flight': '1' };
    const held = gate();
    const [before, after] = [await startSink(held.answer), await startSink()];
    const world = await startWorld({
      before: [
        memoryChannel(
          'orders',
          { subscribers: [entry(before.url)] },
          { metadata: { annotations } },
        ),
      ],
    });
    await postAll(world, ids(3));
    await before.got(1);
    const rewrite = (subscribers: readonly object[]) =>
      world.store.patch(
        { apiVersion: 'messaging.knative.dev/v1', kind: 'InMemoryChannel' },
        { namespace: NAMESPACE, name: 'orders' },
        { type: 'merge', body: { spec: { subscribers } } },
        { fieldManager: 'controller' },
      );
    await rewrite([]);
    await world.idle();
    await rewrite([entry(after.url)]);
    await world.idle();
    await postAll(world, ['e-003']);
    await after.got(3);
    held.open();
    await world.settled();
    expect([...before.ids(), ...after.ids()].sort()).toEqual(ids(4));
  });
});

describe('a channel that is deleted', () => {
  test('takes nothing more, and delivers what it had accepted', async () => {
    const world = await startWorld();
    const held = gate();
    const sink = await startSink(held.answer);
    await world.apply(
      memoryChannel('orders'),
      subscription('a', { subscriber: { uri: sink.url } }, ONE_AT_A_TIME),
    );
    await postAll(world, ids(5));
    await sink.got(1);
    await world.remove('InMemoryChannel', 'orders');
    expect((await postEvent(world.channelUrl('orders'), 'late')).status).toBe(404);
    held.open();
    await expect.poll(() => world.hub.describe()).toEqual([]);
    expect(sink.ids().sort()).toEqual(ids(5));
  });

  test('a request that found its route before is refused as well', async () => {
    const world = await startWorld();
    await world.apply(memoryChannel('orders'));
    const route = world.routes.find('/default/channels/orders', undefined);
    await world.remove('InMemoryChannel', 'orders');
    expect(() => route?.accept([], { passthrough: undefined, trace: undefined })).toThrow(
      expect.objectContaining({
        code: 'AFFLUX_MESSAGING_CHANNEL_GONE',
        details: { status: 404 },
      }),
    );
  });

  test('what cannot be delivered in time is dropped, and its count logged', async () => {
    const world = await startWorld({ deletedDrainMsMax: 50 });
    const sink = await startSink(statuses(503));
    const delivery = { retry: 50, backoffPolicy: 'linear', backoffDelay: 'PT1H' } as const;
    await world.apply(
      memoryChannel('orders'),
      subscription('a', { subscriber: { uri: sink.url }, delivery }),
    );
    await postAll(world, ids(3));
    await sink.got(3);
    await world.remove('InMemoryChannel', 'orders');
    await expect
      .poll(() => world.logger.lines)
      .toContainEqual(
        expect.objectContaining({
          message: 'subscriber removed with events left',
          fields: expect.objectContaining({ dropped: 3 }) as object,
        }),
      );
    await expect.poll(() => world.hub.describe()).toEqual([]);
  });

  test('and made anew: what the old one had accepted still arrives, and what the new one takes', async () => {
    const world = await startWorld();
    const held = gate();
    const sink = await startSink(held.answer);
    await world.apply(
      memoryChannel('orders'),
      subscription('a', { subscriber: { uri: sink.url } }, ONE_AT_A_TIME),
    );
    await postAll(world, ids(3));
    await sink.got(1);
    const key = { namespace: NAMESPACE, name: 'orders' };
    await world.store.delete(memoryChannel('orders'), key);
    await world.apply(memoryChannel('orders'));
    await postAll(world, ['e-003']);
    held.open();
    await world.settled();
    expect(sink.ids().sort()).toEqual(ids(4));
    expect((await postEvent(world.channelUrl('orders'), 'e-004')).status).toBe(202);
  });

  test('a Subscription that does not come back with the new channel gets none of its events', async () => {
    const entry = { uid: 'by-hand', subscriberUri: 'http://localhost:9' };
    const held = gate();
    const sink = await startSink(held.answer);
    const world = await startWorld({
      before: [memoryChannel('orders', { subscribers: [{ ...entry, subscriberUri: sink.url }] })],
    });
    await postAll(world, ['e-000']);
    await sink.got(1);
    await world.remove('InMemoryChannel', 'orders');
    await world.apply(memoryChannel('orders'));
    await postAll(world, ['e-001']);
    held.open();
    await world.settled();
    expect(sink.ids()).toEqual(['e-000']);
  });
});

describe('life cycle', () => {
  test('start resolves when every channel that was there takes events', async () => {
    const sink = await startSink();
    const before = ids(20).map((name) =>
      memoryChannel(name, { subscribers: [{ uid: 'u', subscriberUri: sink.url }] }),
    );
    const world = await startWorld({ before });
    const answers = await Promise.all(
      before.map(({ metadata: { name } }) => postEvent(world.channelUrl(name), name)),
    );
    expect(answers.map(({ status }) => status)).toEqual(before.map(() => 202));
    await sink.got(20);
  });

  test('drain lets nothing in and waits for attempts under way', async () => {
    const world = await startWorld();
    const held = gate();
    const sink = await startSink(held.answer);
    await world.apply(
      memoryChannel('orders'),
      subscription('a', { subscriber: { uri: sink.url } }),
    );
    await postAll(world, ['e-1']);
    await sink.got(1);
    const drained = world.dispatch.drain();
    expect((await postEvent(world.channelUrl('orders'), 'e-2')).status).toBe(404);
    held.open();
    await drained;
    expect(world.hub.describe()).toMatchObject([{ events: 0 }]);
  });

  test('a drain that is cut short says so', async () => {
    const world = await startWorld();
    const sink = await startSink(() => undefined);
    await world.apply(
      memoryChannel('orders'),
      subscription('a', { subscriber: { uri: sink.url } }),
    );
    await postAll(world, ['e-1']);
    await sink.got(1);
    const grace = new AbortController();
    const drained = world.dispatch.drain(grace.signal);
    grace.abort();
    await expect(drained).rejects.toMatchObject({ code: 'AFFLUX_KERNEL_ABORTED' });
  });

  test('a channel that cannot be opened is reported and opened again', async () => {
    const clock = new FakeClock();
    let isBroken = true;
    const world: World = await startWorld({
      dispatch: {
        clock,
        openChannel: (ref: ChannelRef): ChannelLease => {
          const lease = world.open(ref);
          if (!isBroken) return lease;
          const ready = Promise.reject(new Error('disk on fire'));
          ready.catch(() => undefined);
          return { ...lease, ready };
        },
      },
    });
    await world.apply(memoryChannel('orders'));
    expect((await postEvent(world.channelUrl('orders'), 'e-1')).status).toBe(503);
    expect(world.logger.lines).toContainEqual(
      expect.objectContaining({ level: 'error', message: 'channel cannot be opened' }),
    );
    isBroken = false;
    await clock.advance(30_000);
    expect((await postEvent(world.channelUrl('orders'), 'e-2')).status).toBe(202);
  });

  test('an entry that cannot be served is reported once, and served when it is put right', async () => {
    const world = await startWorld();
    const sink = await startSink();
    const entry = { uid: 'by-hand', subscriberUri: sink.url, delivery: { timeout: 'soon' } };
    await world.apply(memoryChannel('orders', { subscribers: [entry] }));
    await world.change('InMemoryChannel', 'orders', { metadata: { labels: { touched: 'yes' } } });
    const reports = () =>
      world.logger.lines.filter(({ message }) => message === 'subscriber cannot be served');
    expect(reports()).toHaveLength(1);
    await world.store.patch(
      { apiVersion: 'messaging.knative.dev/v1', kind: 'InMemoryChannel' },
      { namespace: NAMESPACE, name: 'orders' },
      {
        type: 'merge',
        body: { spec: { subscribers: [{ ...entry, delivery: { timeout: 'PT1S' } }] } },
      },
      { fieldManager: 'controller' },
    );
    await world.idle();
    await postAll(world, ['e-1']);
    await sink.got(1);
  });
});
