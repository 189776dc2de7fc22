/** What is Kafka's alone: security, faults of the connection, records of others, several members in a group. */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, connect, type Server, type Socket } from 'node:net';
import type { Channel, ChannelSubscription, Delivery, DriverContext } from '@afflux/channels';
import { REASON } from '@afflux/channels/testkit';
import { makeEvent } from '@afflux/events';
import { newUuid, seededRandom, systemClock } from '@afflux/kernel';
import { recordingLogger, RecordingMeter } from '@afflux/kernel/testing';
import { ConfigResourceTypes, Kafka, logLevel, Partitioners } from 'kafkajs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { kafkaDriver } from './driver.ts';

const { env } = process;
const servers = env['AFFLUX_TEST_KAFKA'] ?? '';
const bounds = { eventsMax: 1_000, bytesMax: 10_000_000 };
const closers: (() => Promise<unknown> | undefined)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function eventually<T>(read: () => T | undefined, deadlineMs = 20_000): Promise<T> {
  const endMs = systemClock.monotonicMs() + deadlineMs;
  for (;;) {
    const value = read();
    if (value !== undefined) return value;
    if (systemClock.monotonicMs() > endMs) return expect.fail('it did not come in time');
    await systemClock.sleep(10);
  }
}

function world(topic = `test-${newUuid()}`) {
  const logger = recordingLogger();
  const meter = new RecordingMeter();
  const config = {
    bootstrapServers: servers.split(','),
    topic,
    partitions: 1,
    replicationFactor: 1,
    sessionTimeoutMs: 6_000,
    heartbeatIntervalMs: 500,
    fetchWaitMs: 100,
  };
  const context = (change: object = {}): DriverContext => ({
    name: topic,
    namespace: 'test',
    config: { ...config, ...change },
    clock: systemClock,
    random: seededRandom(1),
    logger,
    meter,
  });
  const open = async (change: object = {}): Promise<Channel> => {
    const channel = kafkaDriver().create(context(change));
    closers.push(() => channel.close());
    await channel.start();
    return channel;
  };
  const ensure = async (change: object = {}) => {
    const provision = kafkaDriver().provision?.(context(change));
    closers.push(() => kafkaDriver().provision?.(context()).remove());
    return provision?.ensure();
  };
  return { topic, logger, context, open, ensure };
}

function event(id: string, extra: { data?: Buffer; key?: string } = {}) {
  const extensions = extra.key === undefined ? {} : { partitionkey: extra.key };
  return makeEvent({ id, source: '/test', type: 'test', data: extra.data, extensions });
}

function subscribe(channel: Channel, id = 'reader'): ChannelSubscription<string> {
  return channel.subscribe<string>({ id, bounds, overflow: 'backpressure' });
}

function take(subscription: ChannelSubscription<string>): Promise<Delivery<string>> {
  return eventually(() => subscription.take());
}

/** Records of a topic have at most this many bytes from now on. */
async function letRecordsBe(topic: string, bytesMax: number): Promise<void> {
  const admin = new Kafka({ brokers: servers.split(','), logLevel: logLevel.NOTHING }).admin();
  const configEntries = [{ name: 'max.message.bytes', value: String(bytesMax) }];
  const resources = [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries }];
  await admin.alterConfigs({ validateOnly: false, resources });
  await admin.disconnect();
}

async function roundTrip(channel: Channel): Promise<void> {
  const subscription = subscribe(channel);
  await subscription.ready;
  await channel.publish([event('1')]);
  const delivery = await take(subscription);
  expect(delivery.event.id).toBe('1');
  delivery.ack();
}

/** A way to Kafka that can be opened late, cut, and opened again; the brokers' own addresses go around it. */
async function proxy(port = 0) {
  const sockets = new Set<Socket>();
  const [host = '', target = ''] = (servers.split(',')[0] ?? '').split(':');
  const server: Server = createServer((inbound) => {
    const outbound = connect(Number(target), host);
    for (const socket of [inbound, outbound]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
    inbound.pipe(outbound).pipe(inbound);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address();
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return { port: typeof address === 'object' ? (address?.port ?? 0) : 0, close };
}

describe.skipIf(servers === '')('on a real Kafka (AFFLUX_TEST_KAFKA)', { timeout: 60_000 }, () => {
  const pem = (name: string): string => readFileSync(env[`AFFLUX_TEST_${name}`] ?? '', 'utf8');
  const sasl = (mechanism: string) => ({
    mechanism,
    user: env['AFFLUX_TEST_KAFKA_USER'],
    password: env['AFFLUX_TEST_KAFKA_PASSWORD'],
  });

  test.skipIf(env['AFFLUX_TEST_CA'] === undefined).each([
    ['SASL_SSL', 'PLAIN'],
    ['SASL_SSL', 'SCRAM-SHA-256'],
    ['SASL_PLAINTEXT', 'SCRAM-SHA-512'],
    ['SSL', 'a client certificate'],
  ])('%s with %s', async (protocol, mechanism) => {
    const { open, ensure } = world();
    const tls = { ca: pem('CA') };
    const certificate = { ...tls, cert: pem('CLIENT_CERT'), key: pem('CLIENT_KEY') };
    const secure = {
      bootstrapServers: [env[`AFFLUX_TEST_KAFKA_${protocol}`]],
      auth:
        protocol === 'SSL'
          ? { protocol, tls: certificate }
          : { protocol, sasl: sasl(mechanism), tls },
    };
    await ensure(secure);
    await roundTrip(await open(secure));
  });

  test.each(['gzip', 'snappy', 'lz4', 'zstd'])(
    'batches that the topic keeps with %s are read, also large ones',
    async (compression) => {
      const { open, ensure } = world();
      const config = { topicConfig: { 'compression.type': compression } };
      await ensure(config);
      const channel = await open(config);
      const subscription = subscribe(channel);
      await subscription.ready;
      // More than one block of snappy or LZ4, and some of it hard to compress.
      const data = Buffer.concat([Buffer.alloc(200_000, 'x'), randomBytes(100_000)]);
      await channel.publish([event('1', { data }), event('2')]);
      const first = await take(subscription);
      expect(first.event.data?.equals(data)).toBe(true);
      expect((await take(subscription)).event.id).toBe('2');
    },
  );

  test('wrong credentials: the channel says so, tells no secret, and works once they are right', async () => {
    const { open, ensure, logger, context } = world();
    await ensure();
    const canary = 'canary-secret-7f3a';
    const bootstrapServers = [env['AFFLUX_TEST_KAFKA_SASL_PLAINTEXT']];
    const protocol = 'SASL_PLAINTEXT';
    const wrong = { ...sasl('SCRAM-SHA-256'), password: canary };
    const refused = { bootstrapServers, auth: { protocol, sasl: wrong } };
    const channel = await open(refused);
    const trouble = await eventually(() => channel.describe().trouble);
    const failure: unknown = await Promise.resolve(channel.publish([event('1')])).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code: 'AFFLUX_CHANNEL_UNAVAILABLE' });
    const provision = kafkaDriver().provision?.(context(refused));
    const administration: unknown = await provision?.ensure().catch((error: unknown) => error);
    expect(administration).toMatchObject({ code: 'AFFLUX_CHANNEL_BACKEND_REFUSED' });
    const said = [trouble, failure, administration, logger.lines, channel.describe()];
    expect(said.map((each) => JSON.stringify(each) + String(each)).join()).not.toContain(canary);
    channel.reconfigure?.(
      context({ bootstrapServers, auth: { protocol, sasl: sasl('SCRAM-SHA-256') } }).config,
    );
    await eventually(() => (channel.describe().trouble === undefined ? true : undefined));
    await roundTrip(channel);
  });

  test('Kafka away at start: refused at once, and everything works when it comes', async () => {
    const { open, ensure } = world();
    await ensure();
    const free = await proxy();
    await free.close();
    const channel = await open({ bootstrapServers: [`127.0.0.1:${String(free.port)}`] });
    const subscription = subscribe(channel);
    await eventually(() => channel.describe().trouble);
    await expect(Promise.resolve(channel.publish([event('1')]))).rejects.toMatchObject({
      code: 'AFFLUX_CHANNEL_UNAVAILABLE',
    });
    const opened = await proxy(free.port);
    closers.push(opened.close);
    await subscription.ready;
    await eventually(() => (channel.describe().trouble === undefined ? true : undefined));
    await channel.publish([event('2')]);
    expect((await take(subscription)).event.id).toBe('2');
  });

  test('records that are no events are passed over, counted in the log and hold nothing up', async () => {
    const { topic, open, ensure, logger } = world();
    await ensure();
    const channel = await open();
    const subscription = subscribe(channel);
    await subscription.ready;
    const kafka = new Kafka({ brokers: servers.split(','), logLevel: logLevel.NOTHING });
    const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    const messages = [
      { value: 'no event' },
      { key: 'tombstone', value: null },
      { value: 'x', headers: { ce_specversion: '1.0' } },
    ];
    await producer.send({ topic, messages });
    await producer.disconnect();
    await channel.publish([event('good')]);
    const delivery = await take(subscription);
    expect(delivery.event.id).toBe('good');
    expect(delivery.event.get('knativekafkapartition')).toBe(0);
    expect(delivery.event.get('knativekafkaoffset')).toBe(3);
    delivery.ack();
    expect(logger.lines.some(({ message }) => message.includes('no events'))).toBe(true);
    await eventually(() => (channel.describe().events === 0 ? true : undefined));
  });

  test('an event beyond the bound of the topic is refused for good, others beside it are taken', async () => {
    const { open, ensure } = world();
    await ensure({ topicConfig: { 'max.message.bytes': '20000' } });
    const channel = await open();
    const large = channel.publish([event('large', { data: Buffer.alloc(50_000, 'x') })]);
    const small = channel.publish([event('small')]);
    await expect(Promise.resolve(large)).rejects.toMatchObject({
      code: 'AFFLUX_CHANNEL_EVENT_TOO_LARGE',
    });
    await small;
  });

  test('a dead letter that cannot be written waits, and nobody is asked for the event again', async () => {
    const { topic, logger, open, ensure } = world();
    await ensure();
    const channel = await open();
    const subscription = subscribe(channel);
    await subscription.ready;
    await letRecordsBe(`${topic}.dead-letters`, 1_000);
    await channel.publish([event('1', { data: Buffer.alloc(5_000, 'x') })]);
    (await take(subscription)).deadLetter?.(REASON);
    const isRefusedTwice = () =>
      logger.lines.filter(({ message }) => message === 'a dead letter was not written').length > 1;
    await eventually(() => (isRefusedTwice() ? true : undefined));
    expect(subscription.take()).toBeUndefined();
    await letRecordsBe(`${topic}.dead-letters`, 1_000_000);
    await eventually(() => (channel.describe().events === 0 ? true : undefined));
    expect(subscription.take()).toBeUndefined();
    const page = await channel.deadLetters?.list({ subscription: 'reader', limit: 5 });
    expect(page?.letters.map((letter) => letter.event.id)).toEqual(['1']);
  });

  test('a topic of another shape is named with the difference', async () => {
    const { ensure } = world();
    await ensure();
    await expect(ensure({ partitions: 2 })).rejects.toMatchObject({
      code: 'AFFLUX_CHANNEL_TOPOLOGY_INVALID',
      message: expect.stringContaining('1 partitions, not 2') as string,
    });
    await expect(ensure({ topicConfig: { 'retention.ms': '777' } })).rejects.toMatchObject({
      message: expect.stringContaining('retention.ms') as string,
    });
  });

  test('an external topic must be there and is never removed', async () => {
    const own = world();
    const missing = world();
    await expect(missing.ensure({ external: true })).rejects.toMatchObject({
      code: 'AFFLUX_CHANNEL_TOPOLOGY_INVALID',
    });
    await own.ensure();
    await kafkaDriver()
      .provision?.(own.context({ external: true }))
      .remove();
    const facts = await own.ensure({ external: true });
    expect(facts).toMatchObject({ topic: own.topic, partitions: '1' });
    const channel = await own.open({ external: true });
    expect(channel.deadLetters).toBeUndefined();
  });

  test('a subscriber slower than the session loses nothing and causes no rebalance', async () => {
    const { open, ensure } = world();
    await ensure();
    const channel = await open();
    const subscription = subscribe(channel);
    await subscription.ready;
    await channel.publish([event('slow'), event('next')]);
    const slow = await take(subscription);
    await systemClock.sleep(9_000);
    slow.ack();
    const next = await take(subscription);
    expect([slow.attempt, next.event.id, next.attempt]).toEqual([1, 'next', 1]);
    next.ack();
    await eventually(() => (channel.describe().events === 0 ? true : undefined));
  });

  test('a clock that is set back costs no member its group', async () => {
    const { open, ensure, logger } = world();
    await ensure();
    const now = Date.now.bind(Date);
    const ahead = vi.spyOn(Date, 'now').mockImplementation(() => now() + 3_600_000);
    closers.push(() => {
      ahead.mockRestore();
      return Promise.resolve();
    });
    const channel = await open();
    const subscription = subscribe(channel);
    await subscription.ready;
    await channel.publish([event('joined')]);
    (await take(subscription)).ack();
    ahead.mockRestore();
    await eventually(() =>
      logger.lines.find(({ fields }) => /set back/.test(String(fields['trouble']))),
    );
    await channel.publish([event('before')]);
    // Without a heartbeat for longer than the session nothing can be committed.
    await systemClock.sleep(9_000);
    (await take(subscription)).ack();
    await channel.close();
    const reopened = await open();
    const again = subscribe(reopened);
    await again.ready;
    await reopened.publish([event('after')]);
    expect((await take(again)).event.id).toBe('after');
  });

  test('two members share a group, and nothing is lost when one goes with work in flight', async () => {
    const { open, ensure } = world();
    const shape = { partitions: 4 };
    await ensure(shape);
    const [first, second] = [await open(shape), await open(shape)];
    const readers = [subscribe(first), subscribe(second)];
    for (const reader of readers) await reader.ready;
    const seen = new Map<string, number>();
    const pull = (reader: ChannelSubscription<string>, mayAck: boolean): void => {
      for (let found = reader.take(); found !== undefined; found = reader.take()) {
        if (!mayAck) continue;
        seen.set(found.event.id, (seen.get(found.event.id) ?? 0) + 1);
        found.ack();
      }
    };
    const ids = Array.from({ length: 200 }, (_, index) => `e${String(index)}`);
    for (const id of ids) await first.publish([event(id, { key: id })]);
    let isClosed = false;
    await eventually(() => {
      pull(readers[0] as ChannelSubscription<string>, true);
      if (!isClosed) pull(readers[1] as ChannelSubscription<string>, seen.size % 2 === 0);
      if (!isClosed && seen.size > 20) {
        isClosed = true;
        void second.close();
      }
      return seen.size === ids.length ? true : undefined;
    }, 40_000);
    expect([...seen.keys()].sort()).toEqual([...ids].sort());
  });
});
