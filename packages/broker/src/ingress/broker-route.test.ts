import { ChannelFull, memoryDriver, type Capabilities, type Channel } from '@afflux/channels';
import type { CloudEvent } from '@afflux/events';
import { systemRandom } from '@afflux/kernel';
import { FakeClock, recordingLogger, RecordingMeter } from '@afflux/kernel/testing';
import { expect, it, onTestFinished, vi } from 'vitest';
import { event } from '../testing/dispatch-world.ts';
import { BrokerRoute, type BrokerRouteOptions } from './broker-route.ts';

const WITHOUT_CONTEXT = { passthrough: undefined, trace: undefined };
const ARRIVAL = 'knativearrivaltime';
const TTL = 'knativebrokerttl';

/** A route to a memory channel with one subscription, which keeps what was accepted. */
async function startRoute(
  options: Partial<BrokerRouteOptions> & {
    readonly publishTo?: Channel;
    readonly capabilities?: Partial<Capabilities>;
  } = {},
) {
  const { publishTo, capabilities, ...more } = options;
  const driver = memoryDriver();
  const clock = new FakeClock(Date.UTC(2026, 0, 1));
  const meter = new RecordingMeter();
  const channel = driver.create({
    name: 'c',
    config: {},
    clock,
    random: systemRandom,
    logger: recordingLogger(),
    meter,
  });
  await channel.start();
  onTestFinished(() => channel.close());
  const bounds = { eventsMax: 3, bytesMax: 1e6 };
  const subscription = channel.subscribe({ id: 's', bounds, overflow: 'backpressure' });
  const route = new BrokerRoute({
    namespace: 'ns',
    name: 'main',
    clock,
    meter,
    identity: { apiVersion: 'v1', kind: 'Broker', namespace: 'ns', name: 'main', uid: 'u' },
    ...more,
  });
  route.open(publishTo ?? channel, { ...driver.capabilities, ...capabilities });
  const accepted = (): CloudEvent[] => {
    const events: CloudEvent[] = [];
    for (let next = subscription.take(); next !== undefined; next = subscription.take()) {
      events.push(next.event);
    }
    return events;
  };
  return { route, clock, meter, accepted };
}

function withTtl(id: string, ttl: number | string): CloudEvent {
  return event(id, { extensions: { [TTL]: ttl } });
}

it('is known by namespace and path', async () => {
  const { route } = await startRoute();
  expect(route).toMatchObject({ namespace: 'ns', path: '/ns/main' });
});

it('writes hop count and arrival time on what enters and changes nothing else', async () => {
  const { route, accepted } = await startRoute();
  const original = event('1', { data: 'x', extensions: { colour: 'blue' } });
  expect(route.accept([original], WITHOUT_CONTEXT)).toBeUndefined();
  const [entered] = accepted();
  expect(entered?.get(TTL)).toBe(255);
  expect(entered?.get(ARRIVAL)).toBe('2026-01-01T00:00:00.000Z');
  expect(entered?.names().slice().sort()).toEqual([...original.names(), ARRIVAL, TTL].sort());
  expect(entered?.data).toBe(original.data);
  expect(original.get(TTL)).toBeUndefined();
});

it('overwrites an arrival time with that of the last entry', async () => {
  const { route, clock, accepted } = await startRoute();
  await clock.advance(1500);
  await route.accept([event('1', { extensions: { [ARRIVAL]: 'yesterday' } })], WITHOUT_CONTEXT);
  clock.jumpWallClock(-1000);
  await route.accept([event('2')], WITHOUT_CONTEXT);
  expect(accepted().map((entered) => entered.get(ARRIVAL))).toEqual([
    '2026-01-01T00:00:01.500Z',
    '2026-01-01T00:00:00.500Z',
  ]);
});

it('T17 each entry costs a hop, and nobody can bring more than the limit', async () => {
  const { route, accepted } = await startRoute();
  await route.accept([withTtl('1', 10), withTtl('2', 9999), withTtl('3', '2')], WITHOUT_CONTEXT);
  expect(accepted().map((entered) => entered.get(TTL))).toEqual([9, 255, 1]);
});

it('T17 one event at the hop limit refuses its whole batch', async () => {
  const onAccepted = vi.fn();
  const { route, meter, accepted } = await startRoute({ onAccepted });
  expect(() => route.accept([event('1'), withTtl('2', 1), event('3')], WITHOUT_CONTEXT)).toThrow(
    expect.objectContaining({ code: 'AFFLUX_BROKER_HOP_LIMIT', details: { status: 400 } }),
  );
  expect(accepted()).toEqual([]);
  expect(onAccepted).not.toHaveBeenCalled();
  expect(meter.sum('afflux_broker_hop_limit_total', 'main', 'ns')).toBe(1);
});

it('a batch that does not fit the channel is refused whole, and nobody is told of it', async () => {
  const onAccepted = vi.fn();
  const { route, accepted } = await startRoute({ onAccepted });
  const batch = ['1', '2', '3', '4'].map((id) => event(id));
  expect(() => route.accept(batch, WITHOUT_CONTEXT)).toThrow();
  expect(accepted()).toEqual([]);
  expect(onAccepted).not.toHaveBeenCalled();
});

it('carries headers and trace of the request beside the event', async () => {
  const { route, accepted } = await startRoute();
  const context = { passthrough: ['x-request-id', 'r'], trace: undefined };
  await route.accept([event('1')], context);
  await route.accept([event('2')], WITHOUT_CONTEXT);
  expect(accepted().map(({ carried }) => carried)).toEqual([context, undefined]);
});

it.each([
  ['kept at once', undefined, 1],
  ['kept later', Promise.resolve(), 1],
  ['broken', new ChannelFull({ retryAfterMs: 1, subscriptions: ['s'], reason: 'full' }), 0],
])('tells of an event once the promise of the channel is %s', async (_name, outcome, calls) => {
  const promise = outcome instanceof ChannelFull ? Promise.reject(outcome) : outcome;
  const onAccepted = vi.fn();
  const channel = { publish: () => promise } as unknown as Channel;
  const { route } = await startRoute({ onAccepted, publishTo: channel });
  const pending = route.accept([event('1')], WITHOUT_CONTEXT);
  expect(onAccepted).toHaveBeenCalledTimes(promise === undefined ? 1 : 0);
  await Promise.allSettled([pending]);
  expect(onAccepted).toHaveBeenCalledTimes(calls);
});

it.each<[string, string, string, boolean, string | undefined]>([
  ['a time to come', 'notbefore', '2026-01-01T01:00:00Z', true, undefined],
  ['a time to come, without the capability', 'notbefore', '2026-01-01T01:00:00Z', false, 'delay'],
  ['a time past, without the capability', 'notbefore', '2025-01-01T01:00:00Z', false, 'delay'],
  ['no time', 'notbefore', 'tomorrow', true, 'RFC 3339'],
  ['a time too far ahead', 'notbefore', '2028-01-01T01:00:00Z', true, 'a year'],
  ['an end', 'expirytime', '2026-01-01T01:00:00Z', false, undefined],
  ['an end that is no time', 'expirytime', 'soon', false, 'RFC 3339'],
])('%s: %s %s where delaying is possible: %s', async (_what, name, text, delayed, problem) => {
  const { route, accepted } = await startRoute({ capabilities: { delayed } });
  const batch = [event('1'), event('2', { extensions: { [name]: text } })];
  const enter = () => route.accept(batch, WITHOUT_CONTEXT);
  if (problem === undefined) {
    await enter();
    expect(accepted()).toHaveLength(2);
    return;
  }
  expect(enter).toThrow(
    expect.objectContaining({
      code: 'AFFLUX_BROKER_EVENT_TIME',
      details: { status: 400, attribute: name },
      message: expect.stringContaining(problem) as string,
    }),
  );
  expect(accepted()).toEqual([]);
});

it('answers 503 before its channel is there and after it was taken off', async () => {
  const { route } = await startRoute();
  const unavailable = expect.objectContaining({
    code: 'AFFLUX_CHANNEL_UNAVAILABLE',
    details: { namespace: 'ns', broker: 'main', status: 503, retryAfterMs: 1_000 },
  }) as Error;
  route.close();
  expect(() => route.accept([event('1')], WITHOUT_CONTEXT)).toThrow(unavailable);
});
