import type { SubscriptionDescription } from '@afflux/channels';
import { StoreError, type Patch } from '@afflux/control';
import { FakeClock, RecordingMeter, recordingLogger } from '@afflux/kernel/testing';
import { Health } from '@afflux/observability';
import type { ApiObject, KnativeStatus } from '@afflux/resources';
import { describe, expect, it, onTestFinished } from 'vitest';
import { directoryOf, KeepingChannel, ListedLetters } from '../testing/keeping.ts';
import { BacklogReporter, REPORT_MS, WRITES_MAX } from './backlog-reporter.ts';

interface World {
  readonly clock: FakeClock;
  readonly health: Health;
  readonly meter: RecordingMeter;
  readonly logger: ReturnType<typeof recordingLogger>;
  /** What was written, in order. */
  readonly writes: string[];
  readonly objects: Map<string, ApiObject<unknown, KnativeStatus>>;
  readonly subscriptions: Partial<SubscriptionDescription>[];
  readonly round: () => Promise<void>;
}

function object(kind: string, name: string): ApiObject<unknown, KnativeStatus> {
  return {
    apiVersion: 'eventing.knative.dev/v1',
    kind,
    metadata: { name, namespace: 'default' },
    status: { annotations: { 'knative.dev/channelName': 'kept' } },
  };
}

async function startReporter(
  options: {
    readonly subscriptions?: Partial<SubscriptionDescription>[];
    readonly trouble?: () => string | undefined;
    readonly fail?: () => void;
  } = {},
): Promise<World> {
  const { subscriptions = [] } = options;
  const channel = new KeepingChannel({
    ref: { name: 'main-kne-trigger' },
    broker: 'main',
    letters: new ListedLetters([]),
    subscriptions,
  });
  const describeChannel = channel.describe.bind(channel);
  channel.describe = () => {
    const trouble = options.trouble?.();
    return { ...describeChannel(), ...(trouble === undefined ? {} : { trouble }) };
  };
  const clock = new FakeClock();
  const [health, meter, logger] = [new Health(), new RecordingMeter(), recordingLogger()];
  const objects = new Map<string, ApiObject<unknown, KnativeStatus>>();
  for (const one of [object('Trigger', 'orders'), object('Broker', 'main')]) {
    objects.set(`${one.kind}/${one.metadata.name}`, one);
  }
  const writes: string[] = [];
  const reporter = new BacklogReporter({
    directory: directoryOf(channel),
    store: {
      patch: ({ kind }, { name }, patch: Patch) => {
        options.fail?.();
        const { status } = patch.body as { status: { annotations: Record<string, string | null> } };
        const target = objects.get(`${kind}/${name}`);
        writes.push(`${kind}/${name} ${JSON.stringify(status.annotations)}`);
        if (target?.status === undefined) throw new Error('patched what is not there');
        const merged = Object.entries({ ...target.status.annotations, ...status.annotations });
        target.status.annotations = Object.fromEntries(
          merged.filter((entry): entry is [string, string] => entry[1] !== null),
        );
        return Promise.resolve(target);
      },
    },
    find: (kind, _namespace, name) => objects.get(`${kind}/${name}`),
    health,
    clock,
    logger,
    meter,
  });
  await reporter.start();
  onTestFinished(() => reporter.close());
  const round = () => clock.advance(REPORT_MS);
  return { clock, health, meter, logger, writes, objects, subscriptions, round };
}

const ORDERS = { id: 'o', label: 'trigger:default/orders' };

describe('status annotations', () => {
  it('tell of backlog, dead letters and losses at trigger and broker, and leave the others alone', async () => {
    const { round, objects } = await startReporter({
      subscriptions: [{ ...ORDERS, depth: 3, overflow: 1, deadLetters: 2, lost: 5 }],
    });
    await round();
    const annotations = {
      'knative.dev/channelName': 'kept',
      'afflux.dev/backlog': '4',
      'afflux.dev/dead-letters': '2',
      'afflux.dev/lost-events': '5',
    };
    expect(objects.get('Trigger/orders')?.status?.annotations).toEqual(annotations);
    expect(objects.get('Broker/main')?.status?.annotations).toEqual(annotations);
  });

  it('are written when they change and not otherwise; a zero takes them away', async () => {
    const { round, writes, subscriptions, objects } = await startReporter({
      subscriptions: [{ ...ORDERS, depth: 3 }],
    });
    await round();
    await round();
    expect(writes).toHaveLength(2);
    subscriptions[0] = { ...ORDERS, depth: 0 };
    await round();
    expect(writes).toHaveLength(4);
    expect(objects.get('Trigger/orders')?.status?.annotations).toEqual({
      'knative.dev/channelName': 'kept',
    });
  });

  it('are bounded in number per round; who waited longest comes first', async () => {
    const many = WRITES_MAX + 20;
    const subscriptions = Array.from({ length: many }, (_, index) => ({
      id: String(index),
      label: `trigger:default/t-${String(index)}`,
      depth: 1,
    }));
    const world = await startReporter({ subscriptions });
    world.objects.delete('Broker/main');
    for (let index = 0; index < many; index += 1) {
      const name = `t-${String(index)}`;
      world.objects.set(`Trigger/${name}`, object('Trigger', name));
    }
    await world.round();
    expect(world.writes).toHaveLength(WRITES_MAX);
    subscriptions.forEach((one) => (one.depth = 2));
    await world.round();
    expect(world.writes).toHaveLength(2 * WRITES_MAX);
    expect(world.writes[WRITES_MAX]).toContain(`t-${String(WRITES_MAX)} `);
  });

  it('that cannot be written are left to the next round', async () => {
    let isBroken = true;
    const { round, writes, logger } = await startReporter({
      subscriptions: [{ ...ORDERS, depth: 1 }],
      fail: () => {
        if (isBroken) throw new StoreError('AFFLUX_STORE_INVALID', 'no');
      },
    });
    await round();
    expect(logger.lines.map(({ message }) => message)).toContain(
      'backlog cannot be written into the status',
    );
    isBroken = false;
    await round();
    expect(writes).toHaveLength(2);
  });
});

it('losses are logged once per loss', async () => {
  const { round, logger, subscriptions } = await startReporter({
    subscriptions: [{ ...ORDERS, lost: 5 }],
  });
  const losses = () =>
    logger.lines.filter(
      ({ message, fields }) =>
        message === 'retention took events that were not delivered' && fields['kind'] === 'Trigger',
    );
  await round();
  await round();
  expect(losses().map(({ fields }) => fields['more'])).toEqual([5]);
  subscriptions[0] = { ...ORDERS, lost: 7 };
  await round();
  expect(losses().map(({ fields }) => fields['more'])).toEqual([5, 2]);
});

it('a channel in trouble is a reason in /readyz, and the process stays ready', async () => {
  let trouble: string | undefined = 'disk full';
  const { round, health } = await startReporter({ trouble: () => trouble });
  await round();
  expect(health.ready()).toEqual({
    ok: true,
    reasons: ['channels: degraded (default/main-kne-trigger: disk full)'],
  });
  trouble = undefined;
  await round();
  expect(health.ready()).toEqual({ ok: true, reasons: [] });
});

it('gauges tell of dead letters, of backlogs that nobody reads, and of trouble', async () => {
  const { meter } = await startReporter({
    subscriptions: [
      { ...ORDERS, deadLetters: 2 },
      { id: 'gone', label: 'trigger:default/gone', attached: false, depth: 7 },
    ],
  });
  const labels = ['default', 'DurableChannel', 'main-kne-trigger'];
  expect(meter.observations('afflux_subscription_dead_letters')).toEqual([
    { value: 2, labels: [...labels, 'trigger:default/orders'] },
  ]);
  expect(meter.observations('afflux_subscription_detached_events')).toEqual([
    { value: 7, labels: [...labels, 'trigger:default/gone'] },
  ]);
  expect(meter.observations('afflux_channel_trouble')).toEqual([{ value: 0, labels }]);
});
