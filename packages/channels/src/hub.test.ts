import { makeEvent } from '@afflux/events';
import { noopLogger, noopMeter, systemClock, systemRandom } from '@afflux/kernel';
import { settle } from '@afflux/kernel/testing';
import { expect, test, vi } from 'vitest';
import type { Channel } from './channel.ts';
import { ChannelHub } from './hub.ts';
import { memoryDriver } from './memory/driver.ts';

const driver = memoryDriver();
const ref = { kind: 'InMemoryChannel', namespace: 'ns', name: 'orders' };

function make(name = 'orders'): Channel {
  return driver.create({
    name,
    config: {},
    clock: systemClock,
    random: systemRandom,
    logger: noopLogger,
    meter: noopMeter,
  });
}

const event = () => makeEvent({ id: 'e', source: '/s', type: 't' });
const options = {
  bounds: { eventsMax: 10, bytesMax: 1e6 },
  overflow: 'backpressure',
} as const;

test('users of one reference share one started channel, closed with the last lease', async () => {
  const hub = new ChannelHub();
  const first = hub.acquire(ref, make, driver.capabilities);
  const second = hub.acquire(ref, () => expect.fail('made twice'), driver.capabilities);
  expect(second.channel).toBe(first.channel);
  expect(second.capabilities).toBe(driver.capabilities);
  await second.ready;
  expect(first.channel.state).toBe('running');
  await first.release();
  await first.release();
  expect(hub.get(ref)).toBe(first.channel);
  await second.release();
  expect(first.channel.state).toBe('closed');
  expect(hub.get(ref)).toBeUndefined();
});

test('references differ by kind, namespace and name', () => {
  const hub = new ChannelHub();
  const variants = [
    ref,
    { ...ref, kind: 'Other' },
    { ...ref, namespace: 'x' },
    { ...ref, name: 'x' },
  ];
  const channels = variants.map(
    (variant) => hub.acquire(variant, make, driver.capabilities).channel,
  );
  expect(new Set(channels).size).toBe(4);
  expect(hub.describe().map((described) => described.ref)).toEqual(variants);
});

test('a channel that cannot start is forgotten, so that the next acquire makes a new one', async () => {
  const hub = new ChannelHub();
  const broken = make();
  await broken.close();
  const lease = hub.acquire(ref, () => broken, driver.capabilities);
  await expect(lease.ready).rejects.toMatchObject({ code: 'AFFLUX_KERNEL_COMPONENT_STATE' });
  const next = hub.acquire(ref, make, driver.capabilities);
  await next.ready;
  await lease.release();
  expect(hub.get(ref)).toBe(next.channel);
  expect(next.channel.state).toBe('running');
});

test('a successor starts only when its predecessors are closed', async () => {
  const hub = new ChannelHub();
  const slow = make();
  let finishClosing = (): void => undefined;
  const closing = new Promise<void>((resolve) => (finishClosing = resolve));
  vi.spyOn(slow, 'close').mockReturnValue(closing);
  const first = hub.acquire(ref, () => slow, driver.capabilities);
  await first.ready;
  const firstReleased = first.release();
  const second = hub.acquire(ref, make, driver.capabilities);
  void second.release();
  const third = hub.acquire(ref, make, driver.capabilities);
  await settle();
  expect(third.channel.state).toBe('idle');
  finishClosing();
  await firstReleased;
  await third.ready;
  expect(third.channel.state).toBe('running');
});

test('settled follows events from channel to channel', async () => {
  const hub = new ChannelHub();
  const from = hub.acquire(ref, make, driver.capabilities);
  const to = hub.acquire({ ...ref, name: 'next' }, make, driver.capabilities);
  await Promise.all([from.ready, to.ready]);
  const source = from.channel.subscribe({ id: 's', ...options });
  const sink = to.channel.subscribe({ id: 's', ...options });
  await from.channel.publish([event()]);
  let isSettled = false;
  const settled = hub.settled().then((result) => (isSettled = result));
  const delivery = source.take();
  await to.channel.publish([event()]);
  delivery?.ack();
  await settle();
  expect(isSettled).toBe(false);
  sink.take()?.ack();
  expect(await settled).toBe(true);
});

test('settled gives up with the grace period and passes over channels that were closed', async () => {
  const hub = new ChannelHub();
  const lease = hub.acquire(ref, make, driver.capabilities);
  await lease.ready;
  lease.channel.subscribe({ id: 's', ...options });
  await lease.channel.publish([event()]);
  const grace = new AbortController();
  const settled = hub.settled({ signal: grace.signal });
  grace.abort();
  expect(await settled).toBe(false);
  await lease.channel.close();
  expect(await hub.settled()).toBe(true);
});

test('drain and close reach every channel, whoever holds leases', async () => {
  const hub = new ChannelHub();
  await hub.start();
  const one = hub.acquire(ref, make, driver.capabilities);
  const other = hub.acquire({ ...ref, name: 'other' }, make, driver.capabilities);
  await Promise.all([one.ready, other.ready]);
  await hub.drain();
  expect([one.channel.state, other.channel.state]).toEqual(['draining', 'draining']);
  await hub.close();
  expect([one.channel.state, other.channel.state]).toEqual(['closed', 'closed']);
  await one.release();
  expect(() => hub.acquire(ref, make, driver.capabilities)).toThrow('closed hub');
});

test('what outlives the process is waited for until it is written down, unless it is in trouble', async () => {
  const hub = new ChannelHub();
  const durable = { ...driver.capabilities, durable: true };
  const channels = [
    { name: 'kept', trouble: undefined, capabilities: durable },
    { name: 'away', trouble: 'the server is away', capabilities: durable },
    { name: 'memory', trouble: undefined, capabilities: driver.capabilities },
  ].map(({ name, trouble, capabilities }) => {
    const lease = hub.acquire({ ...ref, name }, () => make(name), capabilities);
    const { channel } = lease;
    if (trouble !== undefined) {
      const described = { ...channel.describe(), trouble };
      vi.spyOn(channel, 'describe').mockReturnValue(described);
    }
    let write: () => void = () => undefined;
    const written = new Promise<boolean>((resolve) => {
      write = () => {
        resolve(true);
      };
    });
    const settled = vi.spyOn(channel, 'settled').mockReturnValue(written);
    return { lease, settled, write };
  });
  await Promise.all(channels.map(({ lease }) => lease.ready));
  const [kept, away, memory] = channels;
  let isRecorded = false;
  const recorded = hub.recorded().then(() => (isRecorded = true));
  await settle();
  expect(isRecorded).toBe(false);
  kept?.write();
  await recorded;
  expect(kept?.settled).toHaveBeenCalledOnce();
  expect(away?.settled).not.toHaveBeenCalled();
  expect(memory?.settled).not.toHaveBeenCalled();
});
