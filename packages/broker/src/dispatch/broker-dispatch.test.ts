import type { Outcome } from '@afflux/delivery';
import { encodeBinary } from '@afflux/events';
import type { Trigger } from '@afflux/resources';
import { describe, expect, it, vi } from 'vitest';
import { event, startDispatch } from '../testing/dispatch-world.ts';
import { broker, BROKER_URL, brokerStatus, readyBroker, trigger } from '../testing/objects.ts';

const FIRST = 'http://localhost:9000/first';
const SECOND = 'http://localhost:9000/second';
const SINK = 'http://localhost:9000/dead';
const ONE_AT_A_TIME = { annotations: { 'afflux.dev/max-in-flight': '1' } };
const GONE: Outcome = {
  kind: 'failure',
  reason: 'status',
  status: 404,
  retryable: false,
  message: 'no',
  durationMs: 1,
};

/** A trigger whose subscriber has this address. */
function at(
  url: string | undefined,
  spec: Partial<Trigger['spec']> = {},
  metadata: Trigger['metadata'] | object = {},
  name = 't',
): Trigger {
  return trigger(name, spec, {
    metadata,
    status: url === undefined ? {} : { subscriberUri: url },
  });
}

function ofType(type: string): Partial<Trigger['spec']> {
  return { filter: { attributes: { type } } };
}

describe('which events go where', () => {
  it('an event goes to the triggers whose filters match', async () => {
    const world = await startDispatch();
    await world.put(
      readyBroker(),
      at(FIRST, ofType('a'), {}, 'first'),
      at(SECOND, { filters: [{ prefix: { type: 'a' } }] }, {}, 'second'),
    );
    await world.post([event('1', { type: 'a' }), event('2', { type: 'ab' }), event('3')]);
    await world.settled();
    expect(world.sender.idsTo(FIRST)).toEqual(['1']);
    expect(world.sender.idsTo(SECOND)).toEqual(['1', '2']);
  });

  it('a changed filter holds for the next event and takes nothing from the backlog', async () => {
    const world = await startDispatch();
    await world.put(readyBroker(), at(FIRST, ofType('a'), ONE_AT_A_TIME));
    const open = world.sender.hold();
    await world.post([event('1', { type: 'a' }), event('2', { type: 'a' })]);
    await world.sent(1);
    await world.put(at(FIRST, ofType('b'), ONE_AT_A_TIME));
    await world.post([event('3', { type: 'a' }), event('4', { type: 'b' })]);
    open();
    await world.settled();
    expect(world.sender.idsTo(FIRST)).toEqual(['1', '2', '4']);
  });

  it('a trigger that was there before its broker gets the first event', async () => {
    const world = await startDispatch();
    await world.put(at(FIRST));
    await world.put(broker());
    await expect(world.post(event('0'))).rejects.toMatchObject({
      code: 'AFFLUX_CHANNEL_UNAVAILABLE',
    });
    await world.put(readyBroker());
    await world.post(event('1'));
    await world.settled();
    expect(world.sender.idsTo(FIRST)).toEqual(['1']);
  });

  it('a broker of another class is not served', async () => {
    const world = await startDispatch();
    await world.put(
      broker(
        {},
        {
          metadata: { annotations: { 'eventing.knative.dev/broker.class': 'Other' } },
          status: brokerStatus(),
        },
      ),
    );
    await expect(world.post(event('1'))).rejects.toThrow('no route');
  });

  it('a trigger of a broker in another namespace is served by that broker', async () => {
    const world = await startDispatch();
    const brokerRef = { kind: 'Broker', name: 'main', namespace: 'default' };
    await world.put(readyBroker(), at(FIRST, { brokerRef }, { namespace: 'other' }));
    await world.post(event('1'));
    await world.settled();
    expect(world.sender.requests).toMatchObject([{ target: { url: FIRST }, namespace: 'other' }]);
  });

  it.each([
    ['from the beginning', undefined],
    ['after a change', ofType('test.event')],
  ])('a filter that cannot be compiled matches nothing, %s', async (_when, before) => {
    const world = await startDispatch();
    await world.put(readyBroker(), at(SECOND, {}, {}, 'other'));
    if (before !== undefined) await world.put(at(FIRST, before));
    await world.put(at(FIRST, { filters: [{ cesql: '(((' }] }));
    await world.post(event('1'));
    await world.settled();
    expect(world.sender.idsTo(FIRST)).toEqual([]);
    expect(world.sender.idsTo(SECOND)).toEqual(['1']);
    expect(world.messages()).toContain('filter of a trigger cannot be compiled');
  });
});

describe('changes', () => {
  it('a changed subscriber gets what was queued for the old one', async () => {
    const world = await startDispatch();
    await world.put(readyBroker(), at(FIRST, {}, ONE_AT_A_TIME));
    const open = world.sender.hold();
    await world.post([event('1'), event('2'), event('3')]);
    await world.sent(1);
    await world.put(at(SECOND, {}, ONE_AT_A_TIME));
    open();
    await world.settled();
    expect(world.sender.idsTo(FIRST)).toEqual(['1']);
    expect(world.sender.idsTo(SECOND)).toEqual(['2', '3']);
  });

  it('a trigger whose subscriber lost its address keeps delivering to the last one', async () => {
    const world = await startDispatch();
    await world.put(readyBroker(), at(FIRST));
    await world.put(at(undefined));
    await world.post(event('1'));
    await world.settled();
    expect(world.sender.idsTo(FIRST)).toEqual(['1']);
  });

  it('a trigger without an address gets nothing until it has one', async () => {
    const world = await startDispatch();
    await world.put(readyBroker(), at(undefined));
    await world.post(event('1'));
    await world.put(at(FIRST));
    await world.post(event('2'));
    await world.settled();
    expect(world.sender.idsTo(FIRST)).toEqual(['2']);
  });

  it("the broker's delivery changes for triggers that have none, at once", async () => {
    const world = await startDispatch();
    await world.put(readyBroker(), at(FIRST));
    world.sender.answer = () => ({ ...GONE, status: 500, retryable: true });
    await world.put(readyBroker({ delivery: { retry: 2 } }));
    await world.post(event('1'));
    const later = async () => {
      await world.clock.advance(1000);
      return world.sender.idsTo(FIRST);
    };
    await expect.poll(later).toEqual(['1', '1', '1']);
  });

  it('a broker that lost its channel for the moment keeps working', async () => {
    const world = await startDispatch();
    await world.put(readyBroker(), at(FIRST));
    await world.put(broker());
    await world.post(event('1'));
    await world.settled();
    expect(world.sender.idsTo(FIRST)).toEqual(['1']);
  });
});

describe('removal', () => {
  it('a removed trigger gets nothing more, and how much it lost is logged', async () => {
    const world = await startDispatch();
    await world.put(readyBroker(), at(FIRST, {}, ONE_AT_A_TIME));
    const open = world.sender.hold();
    await world.post([event('1'), event('2'), event('3')]);
    await world.sent(1);
    await world.remove(trigger('t'));
    await world.post(event('4'));
    open();
    await expect
      .poll(() => world.logger.lines)
      .toContainEqual({
        level: 'warn',
        message: 'trigger removed with undelivered events',
        fields: { trigger: 'default/t', dropped: 2 },
      });
    await world.settled();
    expect(world.sender.idsTo(FIRST)).toEqual(['1']);
  });

  it('a trigger that was made anew gets only what came after', async () => {
    const world = await startDispatch();
    await world.put(readyBroker(), at(FIRST, {}, ONE_AT_A_TIME));
    const open = world.sender.hold();
    await world.post([event('1'), event('2')]);
    await world.sent(1);
    await world.remove(trigger('t'));
    await world.put(at(SECOND, {}, { ...ONE_AT_A_TIME, uid: 'second-uid' }));
    await world.post(event('3'));
    open();
    await world.settled();
    expect(world.sender.idsTo(FIRST)).toEqual(['1']);
    expect(world.sender.idsTo(SECOND)).toEqual(['3']);
  });

  it('a deleted broker lets nothing in, lets attempts finish and logs what its triggers lost', async () => {
    const world = await startDispatch();
    await world.put(readyBroker(), at(FIRST, {}, ONE_AT_A_TIME));
    const open = world.sender.hold();
    await world.post([event('1'), event('2'), event('3')]);
    await world.sent(1);
    await world.remove(readyBroker());
    await expect(world.post(event('4'))).rejects.toThrow('no route');
    open();
    await expect
      .poll(() => world.logger.lines)
      .toMatchObject([{ level: 'warn', fields: { dropped: 2 } }]);
    await expect.poll(() => world.hub.describe()).toEqual([]);
    expect(world.sender.idsTo(FIRST)).toEqual(['1']);
  });

  it('a broker that was made anew serves the triggers that are still there', async () => {
    const world = await startDispatch();
    await world.put(readyBroker(), at(FIRST));
    await world.remove(readyBroker());
    await world.put(broker({}, { metadata: { uid: 'second-uid' }, status: brokerStatus() }));
    await world.post(event('1'));
    await world.settled();
    expect(world.sender.idsTo(FIRST)).toEqual(['1']);
  });

  it('what ends with the old broker takes nothing from the new one', async () => {
    const world = await startDispatch();
    // The data plane of channels holds on to a deleted channel until it is empty.
    const lease = world.lease();
    await world.put(readyBroker(), at(FIRST, {}, ONE_AT_A_TIME));
    const open = world.sender.hold();
    await world.post([event('1'), event('2')]);
    await world.sent(1);
    await world.remove(readyBroker());
    await world.put(broker({}, { metadata: { uid: 'second-uid' }, status: brokerStatus() }));
    open();
    await expect.poll(() => world.messages()).toContain('trigger removed with undelivered events');
    await world.post(event('3'));
    await world.settled();
    expect(world.sender.idsTo(FIRST)).toEqual(['1', '3']);
    await lease.release();
  });

  it('closing gives nothing up: what was not delivered is told by the channel', async () => {
    const world = await startDispatch();
    const lease = world.lease();
    await world.put(readyBroker(), at(FIRST, {}, ONE_AT_A_TIME));
    world.sender.hold();
    await world.post([event('1'), event('2')]);
    await world.sent(1);
    await world.dispatch.close();
    expect(lease.channel.describe()).toMatchObject({ unsettled: 2 });
    await expect(world.post(event('3'))).rejects.toThrow('no route');
  });
});

describe('what travels along', () => {
  const replied: Outcome = {
    kind: 'success',
    status: 200,
    durationMs: 1,
    reply: event('reply', { type: 'answer' }),
    replyPassthrough: ['knative-from', 'subscriber'],
  };

  it('T17 the hop count is not sent to subscribers', async () => {
    const world = await startDispatch();
    await world.put(readyBroker(), at(FIRST));
    await world.post(event('1'));
    const [request] = await world.sent(1);
    if (request === undefined) throw new Error('nothing sent');
    const { headers } = encodeBinary(request.event, {
      ...(request.omitAttribute === undefined ? {} : { omit: request.omitAttribute }),
    });
    expect(headers).not.toContain('ce-knativebrokerttl');
    expect(headers).toContain('ce-knativearrivaltime');
  });

  it('T17 a reply goes to the broker with the count of the event it answers', async () => {
    const world = await startDispatch();
    await world.put(readyBroker(), at(FIRST));
    world.sender.answer = ({ target }) => (target.url === FIRST ? replied : { ...replied });
    await world.post(event('1', { extensions: { knativebrokerttl: 10 } }));
    const [, reply] = await world.sent(2);
    expect(reply).toMatchObject({
      target: { url: BROKER_URL },
      passthrough: ['knative-from', 'subscriber'],
      omitAttribute: undefined,
    });
    expect(reply?.event.type).toBe('answer');
    expect(reply?.event.get('knativebrokerttl')).toBe(9);
  });

  it('T17 a dead letter keeps its count', async () => {
    const world = await startDispatch();
    await world.put(
      readyBroker(),
      trigger('t', {}, { status: { subscriberUri: FIRST, deadLetterSinkUri: SINK } }),
    );
    world.sender.answer = ({ target }) =>
      target.url === FIRST ? GONE : { kind: 'success', status: 200, durationMs: 1 };
    await world.post(event('1'));
    const [, letter] = await world.sent(2);
    expect(letter).toMatchObject({ target: { url: SINK }, omitAttribute: undefined });
    expect(letter?.event.get('knativebrokerttl')).toBe(255);
    expect(letter?.event.get('knativeerrorcode')).toBe(404);
  });

  it('T17 an event that has used up its hops is refused with 400 and counted', async () => {
    const world = await startDispatch();
    await world.put(readyBroker(), at(FIRST));
    const spent = event('1', { extensions: { knativebrokerttl: 1 } });
    await expect(world.post(spent)).rejects.toMatchObject({
      code: 'AFFLUX_BROKER_HOP_LIMIT',
      retryable: false,
      details: { status: 400 },
    });
    expect(world.meter.sum('afflux_broker_hop_limit_total', 'main', 'default')).toBe(1);
    await world.settled();
    expect(world.sender.requests).toEqual([]);
  });

  it("the producer's passthrough headers and trace reach the subscriber", async () => {
    const world = await startDispatch();
    await world.put(readyBroker(), at(FIRST));
    const context = {
      passthrough: ['x-request-id', 'r-1'],
      trace: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
    };
    await world.post(event('1'), context);
    expect(await world.sent(1)).toMatchObject([context]);
  });

  it('whoever wants to know is told of each event that was taken, and of its broker', async () => {
    const onAccepted = vi.fn();
    const world = await startDispatch({ onAccepted });
    await world.put(readyBroker());
    await world.post([event('1'), event('2')]);
    const identity = { kind: 'Broker', namespace: 'default', name: 'main' };
    expect(onAccepted.mock.calls).toMatchObject([
      [{ id: '1' }, identity],
      [{ id: '2' }, identity],
    ]);
  });
});
