import { connect } from 'amqplib';
import { readFileSync } from 'node:fs';
import { systemClock } from '@afflux/kernel';
import { CHANNEL_METRICS } from '@afflux/channels/driver';
import { REASON } from '@afflux/channels/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { rabbitmqDriver } from './driver.ts';
import {
  Bench,
  event,
  fastClock,
  READER,
  refusal,
  soon,
  subscribe,
  take,
} from './testing/bench.ts';
import { Proxy } from './testing/proxy.ts';
import { dropVhost, makeVhost, realServer, skipReason } from './testing/real.ts';

const reason = skipReason(process.env);

describe.skipIf(reason !== undefined)(`faults of a real server ${reason ?? ''}`, () => {
  const server = realServer(process.env);
  beforeAll(() => makeVhost(server));
  afterAll(() => dropVhost(server));
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench(server);
  });
  afterEach(() => bench.close());

  /** Work on the server beside the product. */
  async function beside<T>(
    run: (channel: Awaited<ReturnType<typeof open>>['channel']) => Promise<T>,
  ) {
    const { model, channel } = await open();
    try {
      return await run(channel);
    } finally {
      await model.close();
    }
  }

  async function open() {
    const { url, username, password, vhost } = server;
    const { hostname, port } = new URL(url);
    const model = await connect({
      hostname,
      port: Number(port),
      username,
      password,
      vhost: encodeURIComponent(vhost),
    });
    return { model, channel: await model.createConfirmChannel() };
  }

  function exchangeOf(context: { readonly config: unknown }): string {
    return (context.config as { exchange: string }).exchange;
  }

  test('wrong credentials: said, refused, and not shown', async () => {
    const canary = 'canary-7f3a';
    const context = bench.context({ password: canary });
    const channel = await bench.open(context);
    const error = await refusal(() => channel.publish([event()]));
    expect(error.code).toBe('AFFLUX_CHANNEL_UNAVAILABLE');
    expect(channel.describe().trouble).toContain('refuses the credentials');
    const ensured = await refusal(() => rabbitmqDriver().provision?.(context).ensure());
    expect(ensured.code).toBe('AFFLUX_CHANNEL_BACKEND_REFUSED');
    const shown = JSON.stringify([
      bench.logger.lines,
      channel.describe(),
      [error, ensured].map((each) => [each.message, String(each.cause), each.stack]),
    ]);
    expect(shown).not.toContain(canary);
    expect(shown).not.toContain(server.password);
  });

  test('a vhost that is missing is named', async () => {
    const context = bench.context({ vhost: 'no-such-vhost' });
    const error = await refusal(() => rabbitmqDriver().provision?.(context).ensure());
    expect(error).toMatchObject({ code: 'AFFLUX_CHANNEL_BACKEND_REFUSED' });
    expect(error.message).toContain('no-such-vhost');
  });

  test('away at start: refused at once, ready by itself later', async () => {
    const proxy = new Proxy(server.url);
    await proxy.reserve();
    const channel = await bench.open(bench.context({ urls: [proxy.url] }));
    const subscription = channel.subscribe<string>({
      id: 'reader',
      bounds: { eventsMax: 100, bytesMax: 1_000_000 },
      overflow: 'backpressure',
    });
    expect((await refusal(() => channel.publish([event()]))).code).toBe(
      'AFFLUX_CHANNEL_UNAVAILABLE',
    );
    await proxy.open();
    await subscription.ready;
    await soon(() => channel.describe().trouble === undefined);
    const sent = event();
    await channel.publish([sent]);
    expect((await take(subscription)).event.id).toBe(sent.id);
    await channel.close();
    await proxy.cut();
  });

  test('the next address is tried when one is away', async () => {
    const channel = await bench.open(bench.context({ urls: ['amqp://127.0.0.1:1', server.url] }));
    await soon(() => channel.describe().trouble === undefined);
    await channel.publish([event()]);
  });

  test('a publish whose connection is lost has an unknown outcome; what is in flight comes once', async () => {
    const proxy = new Proxy(server.url);
    await proxy.open();
    const channel = await bench.open(bench.context({ urls: [proxy.url] }));
    const subscription = await subscribe(channel);
    const [first, second] = [event(), event()];
    await channel.publish([first, second]);
    const held = await take(subscription);
    expect(held.event.id).toBe(first.id);
    proxy.swallow();
    const lost = event();
    const publishing = refusal(() => channel.publish([lost]));
    await systemClock.sleep(50);
    await proxy.cut();
    expect((await publishing).code).toBe('AFFLUX_CHANNEL_OUTCOME_UNKNOWN');
    expect((await refusal(() => channel.publish([event()]))).code).toBe(
      'AFFLUX_CHANNEL_UNAVAILABLE',
    );
    await proxy.open();
    await soon(() => channel.describe().trouble === undefined);
    const ids = new Set<string>();
    while (ids.size < 2) {
      const delivery = await take(subscription);
      ids.add(delivery.event.id);
      delivery.ack();
    }
    held.ack();
    expect([...ids].sort()).toEqual([second.id, lost.id].sort());
    await soon(() => channel.describe().events === 0);
    expect(subscription.take()).toBeUndefined();
    expect(bench.meter.sum(CHANNEL_METRICS.unavailable, 'own', 'Own', channel.name)).toBe(1);
    await channel.close();
    await proxy.cut();
  });

  test('a confirm that does not come in time: unknown', async () => {
    const proxy = new Proxy(server.url);
    await proxy.open();
    const channel = await bench.open(bench.context({ urls: [proxy.url], confirmTimeoutMs: 200 }));
    proxy.swallow();
    expect((await refusal(() => channel.publish([event()]))).code).toBe(
      'AFFLUX_CHANNEL_OUTCOME_UNKNOWN',
    );
    await proxy.cut();
  });

  test('a queue with other settings is named and nothing else is harmed', async () => {
    const context = bench.context();
    const queue = `${exchangeOf(context)}.reader`;
    await beside((channel) =>
      channel.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'classic' } }),
    );
    const provision = rabbitmqDriver().provision?.(context);
    const error = await refusal(() => provision?.ensureSubscription({ id: 'reader' }));
    expect(error.code).toBe('AFFLUX_CHANNEL_TOPOLOGY_INVALID');
    expect(error.message).toContain(queue);
    const channel = await bench.open(context);
    void channel.subscribe({
      id: 'reader',
      bounds: { eventsMax: 1, bytesMax: 1 },
      overflow: 'backpressure',
    });
    await soon(() => channel.describe().trouble?.includes(queue));
    const other = await subscribe(channel, { id: 'other' });
    await channel.publish([event()]);
    (await take(other)).ack();
  });

  test('F07 a queue deleted by somebody is declared again, and takes all that is accepted', async () => {
    const context = bench.context();
    const channel = await bench.open(context);
    const subscription = await subscribe(channel);
    await beside((admin) => admin.deleteQueue(`${exchangeOf(context)}.reader`));
    await soon(() => bench.logger.lines.some(({ message }) => message.includes('deleted by')));
    const sent = event();
    await soon(() =>
      channel
        .publish([sent])
        ?.then(() => true)
        .catch(() => undefined),
    );
    const arrived = await take(subscription);
    expect(arrived.event.id).toBe(sent.id);
    arrived.ack();
  });

  test('F07 what no queue takes is refused, and what somebody removed is declared again', async () => {
    const context = bench.context();
    const channel = await bench.open(context);
    const subscription = await subscribe(channel);
    const exchange = exchangeOf(context);
    await beside((admin) =>
      admin.unbindQueue(`${exchange}.reader`, exchange, '', { 'x-match': 'all' }),
    );
    const refused = await refusal(() => channel.publish([event()]));
    expect(refused).toMatchObject({ code: 'AFFLUX_CHANNEL_UNAVAILABLE', retryAfterMs: 1_000 });
    expect(channel.describe().events).toBe(0);
    const again = await soon(() => {
      void channel.publish([event()])?.catch(() => undefined);
      return subscription.take();
    });
    again.ack();
  });

  test('F07 an exchange deleted by somebody takes no event that nobody would get', async () => {
    const context = bench.context();
    const channel = await bench.open(context);
    const subscription = await subscribe(channel);
    await beside((admin) => admin.deleteExchange(exchangeOf(context)));
    const accepted: string[] = [];
    for (let count = 0; accepted.length < 20; count += 1) {
      const sent = event();
      try {
        await channel.publish([sent]);
        accepted.push(sent.id);
      } catch {
        await systemClock.sleep(5);
      }
      expect(count).toBeLessThan(2_000);
    }
    for (const id of accepted) {
      const delivery = await take(subscription);
      expect(delivery.event.id).toBe(id);
      delivery.ack();
    }
  });

  test('what reads and what provisions declare the same queues without losing the connection', async () => {
    const driver = rabbitmqDriver();
    const context = bench.context();
    const channel = driver.create(context);
    await channel.start();
    const provision = driver.provision?.(context);
    const ids = Array.from({ length: 60 }, (_, index) => `reader-${String(index)}`);
    await Promise.all(
      ids.map(async (id) => {
        const reading = subscribe(channel, { id });
        await Promise.all([reading, provision?.ensureSubscription({ id })]);
        await channel.publishTo?.(id, [event(id)]);
        (await take(await reading)).ack();
      }),
    );
    expect(bench.logger.lines.filter(({ level }) => level === 'warn')).toEqual([]);
    await channel.close();
    await driver.close?.();
  });

  test('a subscription that is dropped while it begins leaves no reader behind', async () => {
    const channel = await bench.open();
    for (let round = 0; round < 20; round += 1) {
      const id = `reader-${String(round)}`;
      const first = channel.subscribe({ ...READER, id });
      // Later and later in what it takes to open an AMQP channel and to declare the queues.
      for (let turn = 0; turn < round; turn += 1) await new Promise(setImmediate);
      first.close({ drop: true });
      const second = await subscribe(channel, { id });
      await channel.publish([event(id)]);
      const delivery = await take(second);
      expect(delivery.event.data?.toString()).toBe(id);
      delivery.ack();
      second.close({ drop: true });
    }
  });

  test('two instances share the events of one subscription', async () => {
    const context = bench.context();
    const [one, other] = [await bench.open(context), await bench.open(context)];
    const bounds = { eventsMax: 1, bytesMax: 1_000_000 };
    const readers = [await subscribe(one, { bounds }), await subscribe(other, { bounds })];
    const sent = Array.from({ length: 200 }, () => event());
    await one.publish(sent);
    const counts = [0, 0];
    const ids: string[] = [];
    await soon(() => {
      for (const [index, reader] of readers.entries()) {
        const delivery = reader.take();
        if (delivery === undefined) continue;
        counts[index] = (counts[index] ?? 0) + 1;
        ids.push(delivery.event.id);
        delivery.ack();
      }
      return ids.length === 200;
    });
    expect(new Set(ids).size).toBe(200);
    expect(Math.min(...counts)).toBeGreaterThan(0);
  });

  test('a selector is asked by the reader when another process publishes', async () => {
    const context = bench.context();
    const [publisher, reader] = [await bench.open(context), await bench.open(context)];
    const wanted = event();
    const selector = {
      select: ({ id }: { id: string }, out: string[]) => {
        if (id === wanted.id) out.push('reader');
      },
    };
    const subscription = await subscribe(reader, { selector });
    await publisher.publish([event(), wanted, event()]);
    (await take(subscription)).ack();
    await systemClock.sleep(200);
    expect(subscription.take()).toBeUndefined();
  });

  test('long waits go through their own queue, hop by hop, with attempts and progress', async () => {
    const context = bench.context({ confirmTimeoutMs: 100_000 }, fastClock(40));
    const channel = await bench.open(context);
    const subscription = await subscribe(channel);
    const [slow, quick] = [event(), event()];
    await channel.publish([slow, quick]);
    (await take(subscription)).release({ delayMs: 75_000, progress: 'half-way' });
    (await take(subscription)).ack();
    expect(await channel.settled()).toBe(true);
    await soon(() =>
      beside(async (admin) => {
        const { consumerCount } = await admin.checkQueue(`${exchangeOf(context)}.reader.wait`);
        return consumerCount === 1;
      }),
    );
    const again = await take(subscription);
    expect(again).toMatchObject({ attempt: 2, progress: 'half-way' });
    expect(again.event.id).toBe(slow.id);
    again.ack();
    await soon(() => channel.describe().events === 0);
  });

  test('dead letters keep the order of time, look after look', async () => {
    const channel = await bench.open();
    const subscription = await subscribe(channel);
    const sent = Array.from({ length: 20 }, () => event());
    await channel.publish(sent);
    for (const _ of sent) (await take(subscription)).deadLetter?.(REASON);
    const list = () => channel.deadLetters?.list({ subscription: 'reader', limit: 5 });
    await soon(async () => (await channel.deadLetters?.list({ limit: 50 }))?.letters.length === 20);
    for (let look = 0; look < 3; look += 1) {
      const page = await list();
      expect(page?.letters.map((letter) => letter.event.id)).toEqual(
        sent.slice(0, 5).map(({ id }) => id),
      );
    }
  });

  test('a dead letter that cannot be written waits, and nobody is asked for the event again', async () => {
    const context = bench.context({}, fastClock(20));
    const channel = await bench.open(context);
    const subscription = await subscribe(channel);
    const queue = `${exchangeOf(context)}.reader.dead`;
    // In the way: a queue with other settings, which cannot be declared.
    await beside((admin) =>
      admin.assertQueue(queue, { durable: true, arguments: { 'x-queue-type': 'classic' } }),
    );
    const sent = event();
    await channel.publish([sent]);
    (await take(subscription)).deadLetter?.(REASON);
    const refused = () =>
      bench.logger.lines.filter(({ message }) => message.includes('could not be written back'));
    await soon(() => refused().length >= 2);
    expect(subscription.take()).toBeUndefined();
    expect(channel.describe().events).toBe(1);
    await beside((admin) => admin.deleteQueue(queue));
    await soon(() => channel.describe().events === 0);
    expect(subscription.take()).toBeUndefined();
    const page = await channel.deadLetters?.list({ subscription: 'reader', limit: 5 });
    expect(page?.letters.map((letter) => letter.event.id)).toEqual([sent.id]);
  });

  test('a message that is no event becomes a dead letter as it is', async () => {
    const context = bench.context();
    const channel = await bench.open(context);
    await subscribe(channel);
    await beside((admin) => {
      admin.publish(exchangeOf(context), '', Buffer.from('not an event'));
      return admin.waitForConfirms();
    });
    const letter = await soon(
      async () => (await channel.deadLetters?.list({ limit: 5 }))?.letters[0],
    );
    expect(letter).toMatchObject({ subscription: 'reader', reason: { reason: 'undecodable' } });
    expect(letter.event.data?.toString()).toBe('not an event');
  });

  test('too large: attributes beyond the header table, data beyond the bound', async () => {
    const channel = await bench.open(bench.context({ maxEventBytes: 100_000 }));
    const wide = event().with({ wide: 'x'.repeat(50_000) });
    for (const large of [wide, event('x'.repeat(100_001))]) {
      expect((await refusal(() => channel.publish([large]))).code).toBe(
        'AFFLUX_CHANNEL_EVENT_TOO_LARGE',
      );
    }
    await channel.publish([event('x'.repeat(90_000))]);
  });

  test('new credentials take over without losing what is in flight', async () => {
    const context = bench.context();
    const channel = await bench.open(context);
    const subscription = await subscribe(channel);
    await channel.publish([event(), event()]);
    const held = await take(subscription);
    const config = context.config as Record<string, unknown>;
    channel.reconfigure?.({ ...config, urls: [`${server.url}/`] });
    expect(() => channel.reconfigure?.({ ...config, exchange: 'other' })).toThrow();

    const next = await soon(() => subscription.take());
    next.ack();
    held.ack();
    await soon(() => channel.describe().trouble === undefined);
    await channel.publish([event()]);
    (await take(subscription)).ack();
    await soon(() => channel.describe().events === 0);
  });

  test.skipIf(process.env['AFFLUX_TEST_AMQPS'] === undefined)(
    'TLS, with the password and with a client certificate',
    async () => {
      const pem = (name: string) => readFileSync(process.env[`AFFLUX_TEST_${name}`] ?? '', 'utf8');
      const { host } = new URL(process.env['AFFLUX_TEST_AMQPS'] ?? '');
      const tls = { ca: pem('CA'), cert: pem('CLIENT_CERT'), key: pem('CLIENT_KEY') };
      const byPassword = { urls: [`amqps://${host}`], tls: { ca: tls.ca } };
      const byCertificate = {
        urls: [`amqps://${host}`],
        tls,
        username: undefined,
        password: undefined,
      };
      for (const config of [byPassword, byCertificate]) {
        const channel = await bench.open(bench.context(config));
        await channel.publish([event()]);
      }
      const stranger = await bench.open(bench.context({ urls: [`amqps://${host}`], tls: {} }));
      expect(stranger.describe().trouble).toContain('no trusted TLS connection');
    },
  );
});
