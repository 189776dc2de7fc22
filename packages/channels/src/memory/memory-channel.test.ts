import { makeEvent } from '@afflux/events';
import { noopMeter, systemRandom } from '@afflux/kernel';
import { FakeClock, recordingLogger, RecordingMeter } from '@afflux/kernel/testing';
import { expect, test } from 'vitest';
import type { Channel } from '../channel.ts';
import { ChannelFull } from '../errors.ts';
import { refusal } from '../testkit/world.ts';
import { MemoryBudget } from './budget.ts';
import { memoryDriver } from './driver.ts';
import { EVENT_OVERHEAD_BYTES } from './stored-event.ts';

const clock = new FakeClock();
const WIDE = { eventsMax: 1_000_000, bytesMax: 1e12 };

async function open(
  budget: MemoryBudget,
  namespace: string,
  config: unknown = {},
  meter = noopMeter,
): Promise<Channel> {
  const channel = memoryDriver({ budget }).create({
    name: 'ch',
    namespace,
    config,
    clock,
    random: systemRandom,
    logger: recordingLogger(),
    meter,
  });
  await channel.start();
  return channel;
}

function subscribe(channel: Channel, id: string, bounds = WIDE) {
  return channel.subscribe({ id, bounds, overflow: 'backpressure' });
}

const event = (dataBytes = 100) =>
  makeEvent({ id: 'e', source: '/s', type: 't', data: Buffer.alloc(dataBytes) });

async function fill(channel: Channel): Promise<ChannelFull> {
  for (;;) {
    try {
      await channel.publish([event()]);
    } catch (error) {
      if (error instanceof ChannelFull) return error;
      throw error;
    }
  }
}

test('T27 when one namespace has used its share of memory, others still publish', async () => {
  const budget = new MemoryBudget({ bytesMax: 100_000 });
  const noisy = await open(budget, 'noisy');
  const quiet = await open(budget, 'quiet');
  subscribe(noisy, 'stuck');
  subscribe(quiet, 'reader');
  const full = await fill(noisy);
  expect(full).toMatchObject({ subscriptions: [], retryAfterMs: 1_000, retryable: true });
  expect(full.details).toMatchObject({ reason: 'memory' });
  expect(budget.usedBytes).toBeLessThanOrEqual(75_000);
  for (let count = 0; count < 10; count += 1) await quiet.publish([event()]);
  expect(quiet.describe().events).toBe(10);
});

test('the memory budget counts an event once however many subscriptions hold it', async () => {
  const budget = new MemoryBudget();
  const channel = await open(budget, 'ns');
  const subscriptions = Array.from({ length: 50 }, (_, index) => subscribe(channel, String(index)));
  const published = event(10_000);
  await channel.publish([published]);
  expect(budget.usedBytes).toBe(published.sizeBytes + EVENT_OVERHEAD_BYTES);
  for (const subscription of subscriptions) {
    expect(budget.usedBytes).toBeGreaterThan(0);
    subscription.take()?.ack();
  }
  expect(budget.usedBytes).toBe(0);
});

test('a refusal for memory is all or none and is counted', async () => {
  const meter = new RecordingMeter();
  const budget = new MemoryBudget({ bytesMax: 10_000 });
  const channel = await open(budget, 'ns', {}, meter);
  subscribe(channel, 'reader');
  await channel.publish([event(3_000)]);
  const before = channel.describe();
  const error = await refusal(() => channel.publish([event(100), event(3_000)]));
  expect(error.code).toBe('AFFLUX_CHANNEL_FULL');
  expect(channel.describe()).toEqual(before);
  const refused = 'afflux_channel_refused_events_total';
  expect(meter.sum(refused, 'ns', 'Channel', 'ch', '', 'memory')).toBe(2);
});

test('an event or batch beyond the share of a namespace is refused for good', async () => {
  const channel = await open(new MemoryBudget({ bytesMax: 10_000 }), 'ns');
  subscribe(channel, 'reader');
  const single = await refusal(() => channel.publish([event(8_000)]));
  expect(single).toMatchObject({ code: 'AFFLUX_CHANNEL_EVENT_TOO_LARGE', retryable: false });
  const batch = await refusal(() => channel.publish([event(4_000), event(4_000)]));
  expect(batch).toMatchObject({ code: 'AFFLUX_CHANNEL_BATCH_TOO_LARGE', retryable: false });
});

test('an event that nobody wants takes no memory, also within a batch', async () => {
  const budget = new MemoryBudget({ bytesMax: 10_000 });
  const channel = await open(budget, 'ns');
  const selector = {
    select: ({ id }: { id: string }, out: string[]) => {
      if (id === 'wanted') out.push('reader');
    },
  };
  channel.subscribe({ id: 'reader', selector, bounds: WIDE, overflow: 'backpressure' });
  const wanted = makeEvent({ id: 'wanted', source: '/s', type: 't' });
  await channel.publish([event(9_000), wanted, event(9_000)]);
  expect(budget.usedBytes).toBe(wanted.sizeBytes + EVENT_OVERHEAD_BYTES);
});

test('closing a channel gives back all of its memory', async () => {
  const budget = new MemoryBudget();
  const channel = await open(budget, 'ns');
  const subscription = subscribe(channel, 'reader');
  subscribe(channel, 'detached').close();
  await channel.publish([event(), event(), event()]);
  subscription.take();
  subscription.take()?.release({ delayMs: 1_000 });
  await channel.close();
  expect(budget.usedBytes).toBe(0);
});

test('the longer a subscription has been full the longer producers are told to wait', async () => {
  const channel = await open(new MemoryBudget(), 'ns', { retryAfterMsMax: 10_000 });
  const subscription = subscribe(channel, 'stuck', { eventsMax: 1, bytesMax: 1e6 });
  await channel.publish([event()]);
  expect((await fill(channel)).retryAfterMs).toBe(1_000);
  await clock.advance(4_000);
  expect((await fill(channel)).retryAfterMs).toBe(4_000);
  await clock.advance(60_000);
  expect((await fill(channel)).retryAfterMs).toBe(10_000);
  subscription.take()?.ack();
  expect((await fill(channel)).retryAfterMs).toBe(1_000);
});

test('a selector or overflow policy that throws leaves everything as it was', async () => {
  const budget = new MemoryBudget();
  const channel = await open(budget, 'ns');
  subscribe(channel, 'first');
  const throwing = {
    select: () => {
      throw new TypeError('a bug');
    },
  };
  const selective = channel.subscribe({
    id: 'selective',
    selector: throwing,
    bounds: WIDE,
    overflow: 'backpressure',
  });
  expect(() => channel.publish([event(), event()])).toThrow('a bug');
  selective.close();
  const bounds = { eventsMax: 1, bytesMax: 1e6 };
  channel.subscribe({
    id: 'overflowing',
    bounds,
    overflow: {
      eventsMax: 5,
      deadLetter: () => {
        throw new TypeError('another bug');
      },
    },
  });
  expect(() => channel.publish([event(), event()])).toThrow('another bug');
  expect(channel.describe()).toMatchObject({ events: 0, bytes: 0 });
  for (const described of channel.describe().subscriptions) {
    expect(described).toMatchObject({ depth: 0, overflow: 0, bytes: 0 });
  }
  expect(budget.usedBytes).toBe(0);
  await channel.publish([event()]);
  expect(channel.describe().events).toBe(1);
});

test('publishing from within a selector is a programmer error', async () => {
  const channel = await open(new MemoryBudget(), 'ns');
  const selector = { select: () => void channel.publish([event()]) };
  channel.subscribe({ id: 'reader', selector, bounds: WIDE, overflow: 'backpressure' });
  expect(() => channel.publish([event()])).toThrow('within publish');
});

test('one timer wakes a thousand retries', async () => {
  const own = new FakeClock();
  const channel = memoryDriver().create({
    name: 'ch',
    config: {},
    clock: own,
    random: systemRandom,
    logger: recordingLogger(),
    meter: noopMeter,
  });
  await channel.start();
  const subscription = subscribe(channel, 'reader');
  await channel.publish(Array.from({ length: 1_000 }, () => event()));
  for (let index = 0; index < 1_000; index += 1) {
    subscription.take()?.release({ delayMs: 1_000 + ((index * 37) % 1_000) });
  }
  expect(own.pending).toBe(1);
  await own.advance(2_000);
  let due = 0;
  while (subscription.take() !== undefined) due += 1;
  expect(due).toBe(1_000);
  expect(own.pending).toBe(0);
});

test('a wrong configuration names every problem at its path', async () => {
  const driver = memoryDriver();
  const context = { clock, random: systemRandom, logger: recordingLogger(), meter: noopMeter };
  const error = await refusal(() =>
    driver.create({ name: 'ch', config: { retryAfterMsMin: 'x', speed: 1 }, ...context }),
  );
  expect(error.code).toBe('AFFLUX_CHANNEL_CONFIG_INVALID');
  expect(error.message).toContain('retryAfterMsMin');
  expect(error.message).toContain('speed');
  expect(() =>
    driver.create({
      name: 'ch',
      config: { retryAfterMsMin: 5_000, retryAfterMsMax: 1 },
      ...context,
    }),
  ).toThrow('retryAfterMsMax: must not be below retryAfterMsMin');
});
