/** Subscriptions are known by namespace and name: what a restart finds again, and what a successor does not. */
import type { Outcome } from '@afflux/delivery';
import type { Trigger } from '@afflux/resources';
import { describe, expect, it } from 'vitest';
import { event, startDispatch } from '../testing/dispatch-world.ts';
import { broker, brokerStatus, CHANNEL_NAME, readyBroker, trigger } from '../testing/objects.ts';

const FIRST = 'http://localhost:9000/first';
const SECOND = 'http://localhost:9000/second';
const ONE_AT_A_TIME = { annotations: { 'afflux.dev/max-in-flight': '1' } };
const OK: Outcome = { kind: 'success', status: 200, durationMs: 1 };
const BUSY: Outcome = {
  kind: 'failure',
  reason: 'status',
  status: 500,
  retryable: true,
  message: 'no',
  durationMs: 1,
};

/** The trigger `t` with this subscriber, one delivery at a time. */
function at(url: string, uid = 't-uid', spec: Partial<Trigger['spec']> = {}): Trigger {
  return trigger('t', spec, {
    metadata: { ...ONE_AT_A_TIME, uid },
    status: { subscriberUri: url },
  });
}

/** A world in which the trigger `t` has one attempt under way and two events queued; `settle` ends the attempt. */
async function startBusy(spec: Partial<Trigger['spec']> = {}) {
  const world = await startDispatch();
  await world.put(readyBroker(), at(FIRST, 't-uid', spec));
  let settle: (outcome: Outcome) => void = () => undefined;
  const settled = new Promise<Outcome>((resolve) => (settle = resolve));
  world.sender.answer = ({ target }) => (target.url === FIRST ? settled : OK);
  await world.post([event('1'), event('2'), event('3')]);
  await world.sent(1);
  return { world, settle };
}

async function untilLost(world: Awaited<ReturnType<typeof startDispatch>>, dropped: number) {
  await expect
    .poll(() => world.logger.lines)
    .toContainEqual({
      level: 'warn',
      message: 'trigger removed with undelivered events',
      fields: { trigger: 'default/t', dropped },
    });
}

describe('a restart', () => {
  it('from the same files finds the backlog again, though every uid is another', async () => {
    const world = await startDispatch();
    const lease = world.lease();
    await world.put(readyBroker(), at(FIRST));
    world.sender.hold();
    await world.post([event('1'), event('2')]);
    await world.sent(1);
    await world.dispatch.close();
    expect(lease.channel.describe()).toMatchObject({
      subscriptions: [{ id: 'default/t', depth: 2 }],
    });
    await world.remove(readyBroker());
    await world.remove(trigger('t'));
    await world.put(
      broker({}, { metadata: { uid: 'another-broker' }, status: brokerStatus() }),
      at(SECOND, 'another-trigger'),
    );
    world.sender.answer = () => OK;
    await using dispatch = world.makeDispatch();
    await dispatch.start();
    await world.settled();
    expect(world.sender.idsTo(SECOND)).toEqual(['1', '2']);
    await lease.release();
  });
});

describe('a successor of the same name', () => {
  it.each([
    ['delivered', OK],
    ['to be retried', BUSY],
  ])('begins with nothing; the attempt that was under way is %s afterwards', async (...row) => {
    const [, outcome] = row;
    const { world, settle } = await startBusy({ delivery: { retry: 5, backoffDelay: 'PT1S' } });
    await world.remove(trigger('t'));
    await world.put(at(SECOND, 'second-uid'));
    await world.post(event('4'));
    await world.settled();
    expect(world.sender.idsTo(SECOND)).toEqual(['4']);
    settle(outcome);
    await untilLost(world, 2);
    await world.clock.advance(60_000);
    await world.post(event('5'));
    await world.settled();
    expect(world.sender.idsTo(FIRST)).toEqual(['1']);
    expect(world.sender.idsTo(SECOND)).toEqual(['4', '5']);
  });

  it.each([
    ['delivered', OK],
    ['to be retried', BUSY],
  ])('begins with nothing; the attempt that was under way is %s before', async (...row) => {
    const [, outcome] = row;
    const { world, settle } = await startBusy({ delivery: { retry: 5, backoffDelay: 'PT1S' } });
    await world.remove(trigger('t'));
    settle(outcome);
    await untilLost(world, 2);
    await world.put(at(SECOND, 'second-uid'));
    await world.post(event('4'));
    await world.clock.advance(60_000);
    await world.settled();
    expect(world.sender.idsTo(FIRST)).toEqual(['1']);
    expect(world.sender.idsTo(SECOND)).toEqual(['4']);
  });

  it('with the same subscriber gets no event of its predecessor twice', async () => {
    const { world, settle } = await startBusy();
    await world.remove(trigger('t'));
    await world.put(at(FIRST, 'second-uid'));
    settle(OK);
    await untilLost(world, 2);
    await world.post(event('4'));
    await world.settled();
    expect(world.sender.idsTo(FIRST)).toEqual(['1', '4']);
  });

  it('removed in its turn takes nothing from a third', async () => {
    const { world, settle } = await startBusy();
    await world.remove(trigger('t'));
    await world.put(at(SECOND, 'second-uid'));
    await world.remove(trigger('t'));
    await world.put(at(SECOND, 'third-uid'));
    settle(OK);
    await world.post(event('4'));
    await world.settled();
    expect(world.sender.idsTo(SECOND)).toEqual(['4']);
  });

  it('keeps its filter when the end of its predecessor comes late', async () => {
    const { world, settle } = await startBusy();
    await world.remove(trigger('t'));
    await world.put(at(SECOND, 'second-uid', { filter: { attributes: { type: 'wanted' } } }));
    settle(OK);
    await untilLost(world, 2);
    await world.post([event('4'), event('5', { type: 'wanted' })]);
    await world.settled();
    expect(world.sender.idsTo(SECOND)).toEqual(['5']);
  });

  it.each(['before', 'after'])(
    'of the broker begins with nothing; the attempt that was under way ends %s',
    async (when) => {
      const { world, settle } = await startBusy();
      await world.remove(readyBroker());
      if (when === 'before') {
        settle(OK);
        await untilLost(world, 2);
      }
      await world.put(broker({}, { metadata: { uid: 'second' }, status: brokerStatus() }));
      await world.put(at(SECOND));
      await world.post(event('4'));
      settle(OK);
      await untilLost(world, 2);
      await world.settled();
      expect(world.sender.idsTo(FIRST)).toEqual(['1']);
      expect(world.sender.idsTo(SECOND)).toEqual(['4']);
    },
  );
});

describe('an object that is being deleted', () => {
  const finalizers = ['somebody.example.com'];

  it('counts as gone: a trigger gets nothing more, whatever finalizers wait for', async () => {
    const world = await startDispatch();
    const held = { ...at(FIRST), metadata: { ...at(FIRST).metadata, finalizers } };
    await world.put(readyBroker(), held);
    await world.remove(held);
    await world.post(event('1'));
    await world.settled();
    expect(world.sender.requests).toEqual([]);
    expect(world.lease().channel.describe().subscriptions).toEqual([]);
  });

  it('counts as gone: a broker has no address any more', async () => {
    const world = await startDispatch();
    const held = broker({}, { metadata: { finalizers }, status: brokerStatus() });
    await world.put(held, at(FIRST));
    await world.remove(held);
    await expect(world.post(event('1'))).rejects.toThrow('no route');
    expect(world.hub.describe()).toEqual([]);
  });
});

describe('a trigger that moves to another broker', () => {
  it('begins there with nothing', async () => {
    const { world, settle } = await startBusy({
      brokerRef: { kind: 'Broker', name: 'main', namespace: 'default' },
    });
    const ref = { kind: 'InMemoryChannel', namespace: 'default', name: 'other' };
    const other = readyBroker(
      {},
      {
        annotations: {
          'knative.dev/channelKind': ref.kind,
          'knative.dev/channelName': ref.name,
        },
      },
    );
    await world.put({ ...other, metadata: { ...other.metadata, name: 'other', uid: 'o' } });
    const moved = { kind: 'Broker', name: 'other', namespace: 'default' };
    await world.put(at(SECOND, 't-uid', { brokerRef: moved }));
    settle(OK);
    await untilLost(world, 2);
    await world.post(event('4'));
    await world.post(event('5'), undefined, '/default/other');
    await world.settled();
    expect(world.sender.idsTo(FIRST)).toEqual(['1']);
    expect(world.sender.idsTo(SECOND)).toEqual(['5']);
    const subscriptions = (name: string) =>
      world
        .lease({ ...ref, name })
        .channel.describe()
        .subscriptions.map(({ id }) => id);
    expect(subscriptions('other')).toEqual(['default/t']);
    expect(subscriptions(CHANNEL_NAME)).toEqual([]);
  });
});
