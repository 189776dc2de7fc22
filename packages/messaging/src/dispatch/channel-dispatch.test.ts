import { IN_MEMORY_CHANNEL } from '../model/kinds.ts';
import { encodeStructured, makeEvent } from '@afflux/events';
import type { ApiObject } from '@afflux/resources';
import { describe, expect, test } from 'vitest';
import { channel, channelRef, memoryChannel, subscription } from '../testing/objects.ts';
import { postEvent } from '../testing/post.ts';
import { type Answer, replying, startSink, statuses } from '../testing/sinks.ts';
import { startWorld } from '../testing/world.ts';

/** Never answers; the connection stays open. */
const hanging: Answer = () => undefined;

describe('acceptance', () => {
  test('every subscriber of a channel gets every event, once', async () => {
    const world = await startWorld();
    const [first, second] = [await startSink(), await startSink()];
    await world.apply(
      memoryChannel('orders'),
      subscription('first', { subscriber: { uri: first.url } }),
      subscription('second', { subscriber: { uri: second.url } }),
    );
    expect((await postEvent(world.channelUrl('orders'), 'e-1')).status).toBe(202);
    expect((await postEvent(world.channelUrl('orders'), 'e-2')).status).toBe(202);
    await Promise.all([first.got(2), second.got(2)]);
    expect(first.ids().sort()).toEqual(['e-1', 'e-2']);
    expect(second.ids().sort()).toEqual(['e-1', 'e-2']);
  });

  test('a channel without subscribers takes events, too', async () => {
    const world = await startWorld();
    await world.apply(memoryChannel('orders'));
    expect((await postEvent(world.channelUrl('orders'), 'e-1')).status).toBe(202);
  });

  test('a channel that does not exist is 404', async () => {
    const world = await startWorld();
    await world.apply(memoryChannel('orders'));
    expect((await postEvent(world.channelUrl('nobody'), 'e-1')).status).toBe(404);
  });

  test('a malformed event is refused and reaches nobody', async () => {
    const world = await startWorld();
    const sink = await startSink();
    await world.apply(
      memoryChannel('orders'),
      subscription('a', { subscriber: { uri: sink.url } }),
    );
    const refused = await postEvent(world.channelUrl('orders'), 'e-1', {
      headers: { 'ce-type': '' },
    });
    expect(refused.status).toBe(400);
    await postEvent(world.channelUrl('orders'), 'e-2');
    await sink.got(1);
    expect(sink.ids()).toEqual(['e-2']);
  });

  test.each(['true', 'false'])('async-handler: %s changes nothing', async (value) => {
    const world = await startWorld();
    await world.apply(
      memoryChannel(
        'orders',
        {},
        {
          metadata: { annotations: { 'messaging.knative.dev/async-handler': value } },
        },
      ),
      subscription('a', { subscriber: { uri: (await startSink(hanging)).url } }),
    );
    expect((await postEvent(world.channelUrl('orders'), 'e-1')).status).toBe(202);
  });

  test.each([
    'orders-kn-channel.default.svc.cluster.local',
    'orders-kn-channel.default.svc',
    'orders-kn-channel.default:80',
  ])('a channel answers at its cluster name %s', async (host) => {
    const world = await startWorld();
    await world.apply(memoryChannel('orders'));
    // Not every form is a name that the listener lets in; which ones route is the table's business.
    expect(world.routes.findHost(host)).toMatchObject({ path: '/default/channels/orders' });
  });
});

describe('what a subscriber gets', () => {
  test('attributes and data as they came, in binary mode, and nothing added', async () => {
    const world = await startWorld();
    const sink = await startSink();
    await world.apply(
      memoryChannel('orders'),
      subscription('a', { subscriber: { uri: sink.url } }),
    );
    await postEvent(world.channelUrl('orders'), 'e-1', { headers: { 'ce-colour': 'blue' } });
    await sink.got(1);
    const { event, headers } = sink.received[0] ?? {};
    expect(event?.names().slice().sort()).toEqual(
      ['colour', 'datacontenttype', 'id', 'source', 'specversion', 'type'].sort(),
    );
    expect(event?.data?.toString()).toBe('hello');
    expect(headers).toMatchObject({
      'ce-colour': 'blue',
      prefer: 'reply',
      'kn-namespace': 'default',
    });
  });

  test('an event that was posted in structured mode, in binary mode', async () => {
    const world = await startWorld();
    const sink = await startSink();
    await world.apply(
      memoryChannel('orders'),
      subscription('a', { subscriber: { uri: sink.url } }),
    );
    const event = makeEvent({
      id: 'e-1',
      source: '/producer',
      type: 'test.event',
      datacontenttype: 'application/json',
      data: '{"n":1}',
    });
    const { headers, body } = encodeStructured(event);
    const response = await fetch(world.channelUrl('orders'), {
      method: 'POST',
      headers: { 'content-type': headers[headers.indexOf('content-type') + 1] ?? '' },
      body: new Uint8Array(body),
    });
    expect(response.status).toBe(202);
    await sink.got(1);
    expect(sink.received[0]?.headers).toMatchObject({ 'ce-id': 'e-1' });
    expect(sink.received[0]?.event.data?.toString()).toBe('{"n":1}');
  });

  test('structured mode where the delivery of the channel says json', async () => {
    const world = await startWorld();
    const sink = await startSink();
    await world.apply(
      memoryChannel('orders', { delivery: { format: 'json' } }),
      subscription('a', { subscriber: { uri: sink.url } }),
    );
    await postEvent(world.channelUrl('orders'), 'e-1');
    await sink.got(1);
    expect(sink.received[0]?.headers['content-type']).toMatch(/^application\/cloudevents\+json/);
    expect(sink.ids()).toEqual(['e-1']);
  });

  test("the producer's passthrough headers and trace, and no other header of its", async () => {
    const world = await startWorld();
    const sink = await startSink();
    await world.apply(
      memoryChannel('orders'),
      subscription('a', { subscriber: { uri: sink.url } }),
    );
    const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await postEvent(world.channelUrl('orders'), 'e-1', {
      headers: {
        'knative-hello': 'world',
        'x-request-id': 'r-1',
        traceparent: trace,
        authorization: 'Bearer canary',
        'x-other': 'no',
      },
    });
    await sink.got(1);
    const { headers } = sink.received[0] ?? {};
    expect(headers).toMatchObject({ 'knative-hello': 'world', 'x-request-id': 'r-1' });
    expect(headers?.['traceparent']).toContain('0af7651916cd43dd8448eb211c80319c');
    expect(headers).not.toHaveProperty('authorization');
    expect(headers).not.toHaveProperty('x-other');
  });
});

describe('failures', () => {
  test('a subscriber that fails at first gets the event again', async () => {
    const world = await startWorld();
    const sink = await startSink(statuses(500, 429, 200));
    await world.apply(
      memoryChannel('orders'),
      subscription('a', { subscriber: { uri: sink.url }, delivery: { retry: 3 } }),
    );
    await postEvent(world.channelUrl('orders'), 'e-1', {});
    await sink.got(3);
    expect(sink.ids()).toEqual(['e-1', 'e-1', 'e-1']);
  });

  test('what cannot be delivered goes to the dead letter sink of the Subscription', async () => {
    const world = await startWorld();
    const [sink, dead] = [await startSink(statuses(422)), await startSink()];
    await world.apply(
      memoryChannel('orders'),
      subscription('a', {
        subscriber: { uri: sink.url },
        delivery: { deadLetterSink: { uri: dead.url } },
      }),
    );
    await postEvent(world.channelUrl('orders'), 'e-1');
    await dead.got(1);
    expect(dead.received[0]?.headers).toMatchObject({
      'ce-id': 'e-1',
      'ce-knativeerrordest': sink.url,
      'ce-knativeerrorcode': '422',
      'ce-knativeerrordata': Buffer.from('failure 1').toString('base64'),
    });
    expect(dead.received[0]?.headers).not.toHaveProperty('prefer');
  });

  test("the channel's dead letter sink serves a Subscription with a delivery of its own", async () => {
    const world = await startWorld();
    const [sink, dead] = [await startSink(statuses(500)), await startSink()];
    await world.apply(
      memoryChannel('orders', { delivery: { retry: 9, deadLetterSink: { uri: dead.url } } }),
      subscription('a', { subscriber: { uri: sink.url }, delivery: { retry: 1 } }),
    );
    await postEvent(world.channelUrl('orders'), 'e-1');
    await dead.got(1);
    // Two attempts by its own rule, not ten by the channel's.
    expect(sink.ids()).toEqual(['e-1', 'e-1']);
    expect(dead.ids()).toEqual(['e-1']);
  });

  test("a subscriber written by hand falls back to the channel's dead letter sink", async () => {
    const world = await startWorld();
    const [sink, dead] = [await startSink(statuses(500)), await startSink()];
    await world.apply(
      memoryChannel('orders', {
        delivery: { deadLetterSink: { uri: dead.url } },
        subscribers: [{ name: 'by-hand', subscriberUri: sink.url }],
      }),
    );
    await postEvent(world.channelUrl('orders'), 'e-1');
    await dead.got(1);
    expect(dead.ids()).toEqual(['e-1']);
  });

  test('a channel can be the dead letter sink, also a generic one', async () => {
    const world = await startWorld();
    const [sink, dead] = [await startSink(statuses(500)), await startSink()];
    const deadRef = { ...channelRef('dead', 'Channel'), namespace: 'default' };
    await world.apply(
      channel('dead'),
      channel('orders', { delivery: { deadLetterSink: { ref: deadRef } } }),
      subscription('a', {
        channel: channelRef('orders', 'Channel'),
        subscriber: { uri: sink.url },
      }),
      subscription('b', {
        channel: channelRef('dead', 'Channel'),
        subscriber: { uri: dead.url },
      }),
    );
    await postEvent(world.channelUrl('orders'), 'e-1');
    await dead.got(1);
    expect(dead.received[0]?.headers).toMatchObject({
      'ce-id': 'e-1',
      'ce-knativeerrorcode': '500',
    });
  });

  test('a subscriber that never answers does not hold up the other', async () => {
    const world = await startWorld();
    const sink = await startSink();
    await world.apply(
      memoryChannel('orders'),
      subscription('stuck', { subscriber: { uri: (await startSink(hanging)).url } }),
      subscription('fast', { subscriber: { uri: sink.url } }),
    );
    for (let i = 0; i < 200; i += 1) {
      expect((await postEvent(world.channelUrl('orders'), `e-${String(i)}`)).status).toBe(202);
    }
    await sink.got(200);
  });

  test('a full queue refuses the producer with 429 and a time to wait', async () => {
    const world = await startWorld();
    const annotations = { 'afflux.dev/queue-events': '2', 'afflux.dev/max-in-flight': '1' };
    await world.apply(
      memoryChannel('orders'),
      subscription(
        'stuck',
        { subscriber: { uri: (await startSink(hanging)).url } },
        { metadata: { annotations } },
      ),
    );
    const answers = [];
    for (let i = 0; i < 3; i += 1) {
      answers.push(await postEvent(world.channelUrl('orders'), `e-${String(i)}`));
    }
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 429]);
    expect(Number(answers[2]?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  });

  test('overflow: dead-letter sends what finds the queue full to the dead letter sink', async () => {
    const world = await startWorld();
    const [stuck, dead] = [await startSink(hanging), await startSink()];
    await world.apply(
      memoryChannel(
        'orders',
        { delivery: { deadLetterSink: { uri: dead.url } } },
        { metadata: { annotations: { 'afflux.dev/overflow': 'dead-letter' } } },
      ),
      subscription(
        'stuck',
        { subscriber: { uri: stuck.url } },
        { metadata: { annotations: { 'afflux.dev/queue-events': '1' } } },
      ),
    );
    expect((await postEvent(world.channelUrl('orders'), 'e-1')).status).toBe(202);
    expect((await postEvent(world.channelUrl('orders'), 'e-2')).status).toBe(202);
    await dead.got(1);
    expect(dead.received[0]?.headers).toMatchObject({
      'ce-id': 'e-2',
      'ce-knativeerrordest': stuck.url,
      'ce-knativeerrorcode': '429',
    });
  });
});

describe('replies', () => {
  test('a reply goes to the reply channel and on to its subscribers', async () => {
    const world = await startWorld();
    const [replier, sink] = [await startSink(replying('replied')), await startSink()];
    const reply = { ref: { ...channelRef('replies'), namespace: 'default' } };
    await world.apply(
      memoryChannel('orders'),
      memoryChannel('replies'),
      subscription('a', { subscriber: { uri: replier.url }, reply }),
      subscription('b', { channel: channelRef('replies'), subscriber: { uri: sink.url } }),
    );
    await postEvent(world.channelUrl('orders'), 'e-1');
    await sink.got(1);
    expect(sink.received[0]?.event).toMatchObject({ id: 'e-1-reply', type: 'replied' });
    expect(sink.received[0]?.event.data?.toString()).toBe('hello>replied');
  });

  test('a reply without an address is discarded', async () => {
    const world = await startWorld();
    const replier = await startSink(replying('replied'));
    await world.apply(
      memoryChannel('orders'),
      subscription('a', { subscriber: { uri: replier.url } }),
    );
    await postEvent(world.channelUrl('orders'), 'e-1');
    await world.settled();
    expect(replier.ids()).toEqual(['e-1']);
  });

  test('a reply that fails once is sent again, alone', async () => {
    const world = await startWorld();
    const replier = await startSink(replying('replied'));
    const target = await startSink(statuses(503, 202));
    await world.apply(
      memoryChannel('orders'),
      subscription('a', {
        subscriber: { uri: replier.url },
        reply: { uri: target.url },
        delivery: { retry: 1 },
      }),
    );
    await postEvent(world.channelUrl('orders'), 'e-1');
    await target.got(2);
    await world.settled();
    expect(target.ids()).toEqual(['e-1-reply', 'e-1-reply']);
    expect(replier.ids()).toEqual(['e-1']);
  });

  test('a reply that keeps failing: the dead letter sink gets the original', async () => {
    const world = await startWorld();
    const replier = await startSink(replying('replied'));
    const [target, dead] = [await startSink(statuses(503)), await startSink()];
    await world.apply(
      memoryChannel('orders'),
      subscription('a', {
        subscriber: { uri: replier.url },
        reply: { uri: target.url },
        delivery: { retry: 1, deadLetterSink: { uri: dead.url } },
      }),
    );
    await postEvent(world.channelUrl('orders'), 'e-1');
    await dead.got(1);
    expect(target.ids()).toEqual(['e-1-reply', 'e-1-reply']);
    expect(replier.ids()).toEqual(['e-1']);
    expect(dead.received[0]?.event).toMatchObject({ id: 'e-1', type: 'test.event' });
    expect(dead.received[0]?.headers).toMatchObject({ 'ce-knativeerrordest': target.url });
  });

  test('a subscriber with nothing but a reply address gets the event there', async () => {
    const world = await startWorld();
    const sink = await startSink();
    await world.apply(
      memoryChannel('orders', { subscribers: [{ uid: 'by-hand', replyUri: sink.url }] }),
    );
    await postEvent(world.channelUrl('orders'), 'e-1');
    await sink.got(1);
    expect(sink.ids()).toEqual(['e-1']);
  });
});

describe('whoever wants to know what passes', () => {
  test('is told of each event that was taken, and by which channel', async () => {
    const told: unknown[] = [];
    const world = await startWorld({
      dispatch: {
        onAccepted: (event, { uid, ...name }) => {
          told.push([event.id, name, uid.length > 0]);
        },
      },
    });
    await world.apply(memoryChannel('orders'));
    await postEvent(world.channelUrl('orders'), 'e-1');
    await postEvent(world.channelUrl('orders'), 'e-2', { headers: { 'ce-type': '' } });
    const orders = { ...IN_MEMORY_CHANNEL, namespace: 'default', name: 'orders' };
    expect(told).toEqual([['e-1', orders, true]]);
  });

  test('is not told of what passes a channel that belongs to a Broker', async () => {
    let count = 0;
    const world = await startWorld({
      dispatch: {
        onAccepted: () => {
          count += 1;
        },
      },
    });
    const apiVersion = 'eventing.knative.dev/v1';
    const { metadata } = await world.store.create<ApiObject>({
      apiVersion,
      kind: 'Broker',
      metadata: { name: 'b', namespace: 'default' },
      spec: {},
    });
    const owner = { apiVersion, kind: 'Broker', name: 'b', uid: metadata.uid ?? '' };
    const ownerReferences = [{ ...owner, controller: true }];
    await world.apply(memoryChannel('b-kne-trigger', {}, { metadata: { ownerReferences } }));
    expect((await postEvent(world.channelUrl('b-kne-trigger'), 'e-1')).status).toBe(202);
    expect(count).toBe(0);
  });
});

describe('telemetry', () => {
  test('attempts are counted for channel and Subscription by the names of the contract', async () => {
    const world = await startWorld();
    const sink = await startSink();
    await world.apply(
      memoryChannel('orders'),
      subscription('a', { subscriber: { uri: sink.url } }),
    );
    await postEvent(world.channelUrl('orders'), 'e-1');
    await world.settled();
    const labels = [
      ...['', ''],
      ...['orders', 'default'],
      ...['subscription:a.default', 'send', 'knative', 'http', 'test.event', '202'],
    ];
    await expect
      .poll(() => world.meter.values('kn_eventing_dispatch_duration_seconds', ...labels))
      .toHaveLength(1);
    const queue = world.meter.observations('afflux_subscription_queue_events');
    expect(queue).toEqual([
      { value: 0, labels: ['default', 'InMemoryChannel', 'orders', 'subscription:a.default'] },
    ]);
  });
});
