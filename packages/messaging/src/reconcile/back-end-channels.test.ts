import { backendRefused, ChannelUnavailable, topologyInvalid } from '@afflux/channels';
import type { ReconcileContext } from '@afflux/control';
import { noopLogger } from '@afflux/kernel';
import { recordingLogger } from '@afflux/kernel/testing';
import { findCondition } from '@afflux/resources';
import { describe, expect, test } from 'vitest';
import type { BackingSources } from '../model/backing-sources.ts';
import type { Channelable } from '../model/channelable.ts';
import { DURABLE_CHANNEL, KAFKA_CHANNEL, RABBITMQ_CHANNEL } from '../model/kinds.ts';
import { FakeBackEnd, KAFKA_CONFIG, secret, sourcesOf } from '../testing/back-end.ts';
import { conditions } from '../testing/matchers.ts';
import { address, channelOf } from '../testing/objects.ts';
import { messagingTable, type Parts } from '../testing/table.ts';
import { channelKindReconciler } from './channel-kind.ts';
import { channelRules } from './channel-rules.ts';

const SOURCES = sourcesOf(
  KAFKA_CONFIG,
  secret('default', 'rabbit', { uri: 'amqp://r:5672', username: 'ann', password: 'hunter2' }),
);

const RABBIT_SPEC = { rabbitmqClusterReference: { connectionSecret: { name: 'rabbit' } } };

const A = { name: 'a', uid: 'a-uid', generation: 1, subscriberUri: 'http://localhost:9' };
const B = { name: 'b', uid: 'b-uid', generation: 1, subscriberUri: 'http://localhost:9' };

interface Given {
  readonly backEnd: FakeBackEnd;
  readonly sources?: BackingSources;
  readonly isInUse?: () => boolean;
}

function reconcilerOf(kind: typeof KAFKA_CHANNEL, deps: Parts['deps'], given: Given) {
  const rules = channelRules(kind);
  if (rules === undefined) throw new Error('no rules');
  return channelKindReconciler(rules, {
    ...deps,
    backingSources: given.sources ?? SOURCES,
    provision: given.backEnd.provision,
    ...(given.isInUse === undefined ? {} : { isInUse: given.isInUse }),
  });
}

describe.each([
  [DURABLE_CHANNEL, {}, 'StoreReady', undefined],
  [KAFKA_CHANNEL, {}, 'TopicReady', 'ConfigParsed'],
  [RABBITMQ_CHANNEL, RABBIT_SPEC, 'ExchangeReady', 'SecretReady'],
] as const)('%j', (kind, spec, made, configured) => {
  const finalizer = channelRules(kind)?.backEnd?.finalizer ?? '';
  const held = { metadata: { finalizers: [finalizer] } };
  const channel = (more: object = {}) => channelOf(kind, 'orders', { ...spec, ...more }, held);
  const STATUS = { verb: 'updateStatus', kind: kind.kind, key: 'default/orders' } as const;
  const failing = (error: Error): FakeBackEnd => {
    const backEnd = new FakeBackEnd();
    backEnd.failures.set('ensure', error);
    return backEnd;
  };

  messagingTable(kind, ({ deps }) => reconcilerOf(kind, deps, { backEnd: new FakeBackEnd() }), [
    {
      name: 'is ready at its address when what stands behind it and its subscribers is made',
      world: [channel({ subscribers: [A] })],
      key: 'default/orders',
      writes: [STATUS],
      status: {
        address: address('orders'),
        subscribers: [{ uid: 'a-uid', observedGeneration: 1, ready: 'True' }],
        conditions: conditions(
          { type: 'Ready', status: 'True' },
          { type: made, status: 'True' },
          { type: 'Addressable', status: 'True' },
        ),
      },
    },
    {
      name: 'is held by a finalizer',
      world: [channelOf(kind, 'orders', spec)],
      key: 'default/orders',
      writes: [{ verb: 'patch', kind: kind.kind, key: 'default/orders' }, STATUS],
    },
  ]);

  messagingTable(
    kind,
    ({ deps }) =>
      reconcilerOf(kind, deps, { backEnd: failing(new ChannelUnavailable('nobody answers')) }),
    [
      {
        name: 'is not ready while the back-end is away, and says so; so are its subscribers',
        world: [channel({ subscribers: [A] })],
        key: 'default/orders',
        writes: [STATUS],
        status: {
          address: address('orders'),
          subscribers: [
            { uid: 'a-uid', observedGeneration: 1, ready: 'False', message: 'nobody answers' },
          ],
          conditions: conditions(
            {
              type: made,
              status: 'False',
              reason: 'BackEndUnavailable',
              message: 'nobody answers',
            },
            { type: 'Ready', status: 'False', reason: 'BackEndUnavailable' },
          ),
        },
      },
    ],
  );

  messagingTable(
    kind,
    ({ deps }) =>
      reconcilerOf(kind, deps, { backEnd: failing(backendRefused('wrong user or password')) }),
    [
      {
        name: 'is not ready when the back-end refuses',
        world: [channel()],
        key: 'default/orders',
        writes: [STATUS],
        status: {
          conditions: conditions({ type: made, status: 'False', reason: 'BackEndRefused' }),
        },
      },
    ],
  );

  messagingTable(
    kind,
    ({ deps }) =>
      reconcilerOf(kind, deps, { backEnd: failing(topologyInvalid('has 1 partition, wanted 4')) }),
    [
      {
        name: 'is not ready when what is there does not fit',
        world: [channel()],
        key: 'default/orders',
        writes: [STATUS],
        status: {
          conditions: conditions({
            type: made,
            status: 'False',
            reason: 'TopologyInvalid',
            message: 'has 1 partition, wanted 4',
          }),
        },
      },
    ],
  );

  if (configured === undefined) return;
  messagingTable(
    kind,
    ({ deps }) => reconcilerOf(kind, deps, { backEnd: new FakeBackEnd(), sources: sourcesOf() }),
    [
      {
        name: 'is not ready without its settings, and asks nobody',
        world: [channel({ subscribers: [A] })],
        key: 'default/orders',
        writes: [STATUS],
        status: {
          subscribers: [{ ready: 'False' }],
          conditions: conditions(
            { type: configured, status: 'False' },
            { type: made, status: 'Unknown' },
            { type: 'Ready', status: 'False' },
          ),
        },
      },
    ],
  );
});

/** Runs without a store: what one process sees of one channel over time. */
function runsOf(given: Given) {
  const waits: number[] = [];
  const logger = recordingLogger();
  const context: ReconcileContext = {
    signal: new AbortController().signal,
    logger,
    now: () => '2026-11-01T10:00:00Z',
    enqueueAfter: (delayMs) => waits.push(delayMs),
  };
  const subscriptions = { get: () => undefined };
  const deps = {
    informers: { get: () => subscriptions },
    tracker: { track: () => undefined },
    addresses: { channelUrl: () => 'http://localhost:8080/default/channels/orders' },
    logger: noopLogger,
  } as unknown as Parts['deps'];
  const reconciler = reconcilerOf(KAFKA_CHANNEL, deps, given);
  return {
    waits,
    logger,
    run: async (...subscribers: readonly object[]): Promise<Channelable> => {
      const object = channelOf(KAFKA_CHANNEL, 'orders', { subscribers });
      await reconciler.reconcile(object, context);
      return object;
    },
    finalize: (...subscribers: readonly object[]) =>
      reconciler.finalize?.(channelOf(KAFKA_CHANNEL, 'orders', { subscribers }), context),
  };
}

function readiness({ status }: Channelable): (string | undefined)[] {
  return (status?.subscribers ?? []).map(({ ready }) => ready);
}

function reasonOf(object: Channelable, type: string): string | undefined {
  return findCondition(object.status, type)?.reason;
}

describe('over time', () => {
  test('each subscriber is asked for once, and removed when it is gone', async () => {
    const backEnd = new FakeBackEnd();
    const { run } = runsOf({ backEnd });
    await run(A);
    await run(A, B);
    expect(backEnd.takeCalls()).toEqual([
      'ensure',
      'ensureSubscription default/a',
      'ensure',
      'ensureSubscription default/b',
    ]);
    await run(B);
    expect(backEnd.takeCalls()).toEqual(['ensure', 'removeSubscription default/a']);
    expect([...backEnd.subscriptions.values()]).toEqual([
      { id: 'default/b', uid: 'b-uid', storageName: 'kafka.default.orders.b' },
    ]);
  });

  test('a Subscription that was made anew begins with nothing', async () => {
    const backEnd = new FakeBackEnd();
    const { run } = runsOf({ backEnd });
    await run(A);
    backEnd.takeCalls();
    const object = await run({ ...A, uid: 'another' });
    expect(backEnd.takeCalls()).toEqual([
      'ensure',
      'removeSubscription default/a',
      'ensureSubscription default/a',
    ]);
    expect(readiness(object)).toEqual(['True']);
  });

  test('a process that begins anew removes nothing', async () => {
    const backEnd = new FakeBackEnd();
    await runsOf({ backEnd }).run(A);
    backEnd.takeCalls();
    await runsOf({ backEnd }).run({ ...A, uid: 'after-the-restart' });
    expect(backEnd.takeCalls()).toEqual(['ensure', 'ensureSubscription default/a']);
  });

  test('waits grow while the back-end is away; then it is ready by itself, and waits begin anew', async () => {
    const backEnd = new FakeBackEnd();
    const { run, waits } = runsOf({ backEnd });
    backEnd.failures.set('ensure', new ChannelUnavailable('away'));
    for (let run_ = 1; run_ <= 7; run_ += 1) await run(A);
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    backEnd.failures.clear();
    const object = await run(A);
    expect(reasonOf(object, 'TopicReady') ?? '').toBe('');
    expect(readiness(object)).toEqual(['True']);
    backEnd.failures.set('ensure', new ChannelUnavailable('away'));
    await run(A);
    expect(waits.at(-1)).toBe(1_000);
  });

  test('a subscriber that was ready stays so while the back-end is away, a new one waits', async () => {
    const backEnd = new FakeBackEnd();
    const { run } = runsOf({ backEnd });
    await run(A);
    backEnd.failures.set('ensure', new ChannelUnavailable('away'));
    expect(readiness(await run(A, B))).toEqual(['True', 'False']);
  });

  test('what was made for another topology is asked for again', async () => {
    const backEnd = new FakeBackEnd();
    const { run } = runsOf({ backEnd });
    await run(A);
    backEnd.failures.set('ensure', topologyInvalid('another'));
    expect(readiness(await run(A))).toEqual(['False']);
    backEnd.failures.clear();
    backEnd.takeCalls();
    await run(A);
    expect(backEnd.takeCalls()).toEqual(['ensure', 'ensureSubscription default/a']);
  });

  test('one subscriber without a place does not hold the others up', async () => {
    const backEnd = new FakeBackEnd();
    const { run, waits } = runsOf({ backEnd });
    await run(A);
    backEnd.failures.set('ensureSubscription', new ChannelUnavailable('busy'));
    const object = await run(A, B);
    expect(readiness(object)).toEqual(['True', 'False']);
    expect(object.status?.subscribers?.[1]?.message).toBe('busy');
    expect(reasonOf(object, 'TopicReady') ?? '').toBe('');
    expect(waits).toEqual([1_000]);
  });

  test('a defect is no failure of the back-end', async () => {
    const backEnd = new FakeBackEnd();
    backEnd.failures.set('ensure', new TypeError('defect'));
    await expect(runsOf({ backEnd }).run(A)).rejects.toThrow('defect');
  });
});

describe('deletion', () => {
  test('removes the places of the subscribers and then the rest', async () => {
    const backEnd = new FakeBackEnd();
    const { run, finalize } = runsOf({ backEnd });
    await run(A, B);
    backEnd.takeCalls();
    await finalize(B);
    expect(backEnd.takeCalls()).toEqual([
      'removeSubscription default/a',
      'removeSubscription default/b',
      'remove',
    ]);
    expect(backEnd.exists).toBe(false);
  });

  test('waits until the data plane has let go, but not for ever', async () => {
    const backEnd = new FakeBackEnd();
    let isHeld = true;
    const { finalize } = runsOf({ backEnd, isInUse: () => isHeld });
    await expect(finalize(A)).rejects.toMatchObject({ delayMs: 1_000 });
    expect(backEnd.calls).toEqual([]);
    isHeld = false;
    await finalize(A);
    expect(backEnd.calls).toContain('remove');

    const stuck = runsOf({ backEnd, isInUse: () => true });
    for (let wait = 1; wait <= 40; wait += 1) {
      await expect(stuck.finalize(A)).rejects.toMatchObject({ delayMs: 1_000 });
    }
    await stuck.finalize(A);
  });

  test.each([
    ['a back-end that is away', SOURCES],
    ['settings that are gone', sourcesOf()],
  ])('%s is tried six times, then the object goes and the log says so', async (_name, sources) => {
    const backEnd = new FakeBackEnd();
    backEnd.failures.set('remove', new ChannelUnavailable('away'));
    const { finalize, logger } = runsOf({ backEnd, sources });
    for (let tries = 1; tries <= 5; tries += 1) {
      await expect(finalize(A)).rejects.toMatchObject({ delayMs: 5_000 });
    }
    await finalize(A);
    expect(logger.lines).toMatchObject([
      { level: 'error', message: 'left behind in the back-end: it cannot be removed' },
    ]);
  });
});
