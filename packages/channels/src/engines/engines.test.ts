import type { CloudEvent } from '@afflux/events';
import { makeEvent } from '@afflux/events';
import { seededRandom } from '@afflux/kernel';
import { FakeClock, recordingLogger, RecordingMeter } from '@afflux/kernel/testing';
import { expect, test } from 'vitest';
import type { Channel } from '../channel.ts';
import { ChannelUnavailable } from '../errors.ts';
import { memoryDriver } from '../memory/driver.ts';
import { keepingDriver } from '../testing/keeping-driver.ts';
import { REASON } from '../testkit/terms.ts';
import { refusal } from '../testkit/world.ts';
import { redrive, type RedriveProgress } from './redrive.ts';
import { replay, type ReplayProgress } from './replay.ts';

async function setUp(driver = keepingDriver()) {
  const clock = new FakeClock();
  const tools = { random: seededRandom(1), logger: recordingLogger(), meter: new RecordingMeter() };
  const channel = driver.create({ name: 'orders', config: {}, clock, ...tools });
  await channel.start();
  return { clock, channel };
}

function subscribe(channel: Channel, id: string, type?: string) {
  const select = (event: CloudEvent, out: string[]): void => {
    if (event.type === type) out.push(id);
  };
  const bounds = { eventsMax: 1_000, bytesMax: 1e9 };
  const selector = type === undefined ? {} : { selector: { select } };
  return channel.subscribe({ id, bounds, overflow: 'backpressure', ...selector });
}

async function publish(channel: Channel, count: number, type = 'order'): Promise<void> {
  const events = Array.from({ length: count }, (_, index) =>
    makeEvent({ id: String(index + 1), source: '/engines', type }),
  );
  await channel.publish(events);
}

function drain(subscription: ReturnType<typeof subscribe>): string[] {
  const ids: string[] = [];
  for (let next = subscription.take(); next !== undefined; next = subscription.take()) {
    ids.push(next.event.id);
    next.ack();
  }
  return ids;
}

/** A channel with a subscription that has given up so many events. */
async function withLetters(count: number) {
  const { clock, channel } = await setUp();
  const subscription = subscribe(channel, 'billing');
  await publish(channel, count);
  for (let index = 0; index < count; index += 1) subscription.take()?.deadLetter?.(REASON);
  return { clock, channel, subscription };
}

/** Lets a call of the channel fail a number of times first. */
function unavailable<A extends unknown[], R>(times: number, call: (...args: A) => Promise<R>) {
  let left = times;
  return (...args: A): Promise<R> => {
    left -= 1;
    return left >= 0 ? Promise.reject(new ChannelUnavailable('away')) : call(...args);
  };
}

test('redrive sends what is accepted back to its subscription and counts the rest', async () => {
  const { clock, channel, subscription } = await withLetters(250);
  const reports: RedriveProgress[] = [];
  const counts = await redrive({
    channel,
    accepts: ({ event }) => Number(event.id) <= 120,
    clock,
    onProgress: (progress) => void reports.push(progress),
  });
  expect(counts).toEqual({ seen: 250, matched: 120, sent: 120, failed: 0 });
  expect(reports.map(({ seen }) => seen)).toEqual([100, 200, 250]);
  expect(drain(subscription)).toHaveLength(120);
  expect((await channel.deadLetters?.list({ limit: 200 }))?.letters).toHaveLength(130);
});

test('a dry run of redrive changes nothing', async () => {
  const { clock, channel, subscription } = await withLetters(3);
  const options = { channel, clock, subscription: 'billing', dryRun: true };
  expect(await redrive(options)).toEqual({ seen: 3, matched: 3, sent: 0, failed: 0 });
  expect(subscription.take()).toBeUndefined();
});

test('redrive keeps its rate, and stops when told', async () => {
  const { clock, channel, subscription } = await withLetters(20);
  const stop = new AbortController();
  const running = refusal(() => redrive({ channel, clock, ratePerSecond: 2, signal: stop.signal }));
  await clock.advance(3_000);
  const sent = drain(subscription).length;
  expect(sent).toBeGreaterThanOrEqual(5);
  expect(sent).toBeLessThanOrEqual(8);
  stop.abort();
  expect((await running).code).toBe('AFFLUX_KERNEL_ABORTED');
  expect((await channel.deadLetters?.list({ limit: 50 }))?.letters).toHaveLength(20 - sent);
});

test('dead letters of a subscription that is gone are counted as failed and stay', async () => {
  const { clock, channel, subscription } = await withLetters(2);
  subscription.close({ drop: true });
  expect(await redrive({ channel, clock })).toEqual({ seen: 2, matched: 2, sent: 0, failed: 2 });
  expect((await channel.deadLetters?.list({ limit: 50 }))?.letters).toHaveLength(2);
});

test('redrive waits for a back-end that is away', async () => {
  const { clock, channel, subscription } = await withLetters(2);
  const letters = channel.deadLetters;
  if (letters === undefined) return expect.fail();
  letters.redrive = unavailable(2, letters.redrive.bind(letters));
  const running = redrive({ channel, clock });
  await clock.advance(10_000);
  expect((await running).sent).toBe(2);
  expect(drain(subscription)).toHaveLength(2);
});

test('what the channel cannot do is refused, naming the capability', async () => {
  const { clock, channel } = await setUp(memoryDriver());
  subscribe(channel, 'billing');
  const first = await refusal(() => redrive({ channel, clock }));
  const second = await refusal(() =>
    replay({ channel, clock, subscription: 'billing', from: 'earliest' }),
  );
  expect(first).toMatchObject({ code: 'AFFLUX_CHANNEL_UNSUPPORTED' });
  expect(first.message).toContain('deadLetters');
  expect(second).toMatchObject({ code: 'AFFLUX_CHANNEL_UNSUPPORTED' });
  expect(second.message).toContain('replayable');
});

test('replay sends what the subscription wants and the caller accepts, to it alone', async () => {
  const { clock, channel } = await setUp();
  const orders = subscribe(channel, 'orders', 'order');
  const all = subscribe(channel, 'all');
  await publish(channel, 120);
  await publish(channel, 30, 'other');
  drain(orders);
  drain(all);
  const reports: ReplayProgress[] = [];
  const counts = await replay({
    channel,
    subscription: 'orders',
    from: 'earliest',
    accepts: ({ id }) => Number(id) > 20,
    clock,
    onProgress: (progress) => void reports.push(progress),
  });
  expect(counts).toEqual({ seen: 150, matched: 100, sent: 100, position: 150 });
  expect(reports.map(({ sent }) => sent)).toEqual([50, 100, 100]);
  expect(drain(orders)).toHaveLength(100);
  expect(drain(all)).toEqual([]);
});

test('a replay that was stopped goes on from its position', async () => {
  const { clock, channel } = await setUp();
  const orders = subscribe(channel, 'orders');
  await publish(channel, 30);
  drain(orders);
  const stop = new AbortController();
  let last: ReplayProgress | undefined;
  const common = { channel, subscription: 'orders', clock, ratePerSecond: 10 };
  const running = refusal(() =>
    replay({
      ...common,
      from: 'earliest',
      signal: stop.signal,
      onProgress: (progress) => (last = progress),
    }),
  );
  await clock.advance(2_500);
  stop.abort();
  expect((await running).code).toBe('AFFLUX_KERNEL_ABORTED');
  expect(last?.sent).toBeGreaterThan(0);
  const rest = replay({ ...common, from: { position: last?.position ?? 0 } });
  await clock.advance(10_000);
  await rest;
  expect(new Set(drain(orders)).size).toBe(30);
});

test('replay of an unknown subscription or from nonsense is refused', async () => {
  const { clock, channel } = await setUp();
  subscribe(channel, 'orders');
  const unknown = await refusal(() =>
    replay({ channel, clock, subscription: 'gone', from: 'earliest' }),
  );
  expect(unknown.code).toBe('AFFLUX_CHANNEL_SUBSCRIPTION_UNKNOWN');
  const from = { position: 'nonsense' };
  const invalid = await refusal(() => replay({ channel, clock, subscription: 'orders', from }));
  expect(invalid.code).toBe('AFFLUX_CHANNEL_POSITION_INVALID');
});

test('replay waits for a back-end that is away, and sends nothing twice', async () => {
  const { clock, channel } = await setUp();
  const orders = subscribe(channel, 'orders');
  await publish(channel, 3);
  drain(orders);
  const publishTo = channel.publishTo?.bind(channel) ?? expect.fail();
  channel.publishTo = unavailable(1, publishTo);
  const running = replay({ channel, clock, subscription: 'orders', from: 'earliest' });
  await clock.advance(5_000);
  expect((await running).sent).toBe(3);
  expect(drain(orders)).toEqual(['1', '2', '3']);
});
