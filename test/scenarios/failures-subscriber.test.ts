/**
 * Subscribers that misbehave (F06). Each case ends in a delivery or in a dead letter that says why; none of
 * them holds anything for ever.
 */
import { gzipSync } from 'node:zlib';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Afflux } from '@afflux/server';
import { brokerYaml, triggerYaml } from '../support/manifests.ts';
import { drained, metricOf, post, startAfflux } from '../support/process.ts';
import { startRawServer } from '../support/raw-server.ts';
import {
  failFirst,
  gate,
  inTurn,
  startSubscriber,
  UNREACHABLE,
  type Delivery,
  type Subscriber,
} from '../support/subscriber.ts';

interface World {
  readonly afflux: Afflux;
  readonly url: string;
  readonly dead: Subscriber;
}

/** A trigger to this address with a dead letter sink; `delivery` is the rest of its delivery. */
async function startWith(uri: string, delivery = 'retry: 0', annotations = ''): Promise<World> {
  const dead = await startSubscriber();
  const afflux = await startAfflux(
    brokerYaml() +
      triggerYaml({
        name: 'one',
        uri,
        annotations,
        spec: `delivery: { ${delivery}, deadLetterSink: { uri: '${dead.url}' } }`,
      }),
    { shutdownGrace: 1_000 },
  );
  return { afflux, url: afflux.brokerUrl('default', 'main'), dead };
}

const QUICK = 'backoffPolicy: linear, backoffDelay: PT0.01S';

function reasonOf(letter: Delivery | undefined): {
  readonly code: string | undefined;
  readonly data: string;
} {
  const data = letter?.event.getText('knativeerrordata') ?? '';
  return {
    code: letter?.event.getText('knativeerrorcode'),
    data: Buffer.from(data, 'base64').toString(),
  };
}

describe('F06 a subscriber that answers', () => {
  it.each([404, 408, 409, 429, 500, 502, 503, 504])(
    'F06 %i and then 200 gets the event again',
    async (status) => {
      const sink = await startSubscriber(failFirst(1, status));
      const { afflux, url, dead } = await startWith(sink.url, `retry: 1, ${QUICK}`);
      await post(url, { id: 'again' });
      await sink.received(2);
      await drained(afflux);
      expect([sink.ids, dead.deliveries.length]).toEqual([['again', 'again'], 0]);
    },
  );

  it.each([300, 301, 302, 303, 304, 307, 308, 400, 401, 403, 405, 410, 413, 415, 422])(
    'F06 %i gets it once; the dead letter says so',
    async (status) => {
      const sink = await startSubscriber(status);
      const { url, dead } = await startWith(sink.url, `retry: 3, ${QUICK}`);
      await post(url);
      const [letter] = await dead.received(1);
      expect(reasonOf(letter).code).toBe(String(status));
      expect(sink.deliveries).toHaveLength(1);
    },
  );

  it('F06 with a redirect to itself is not followed', async () => {
    const sink = await startSubscriber((_delivery, _count) => ({
      status: 307,
      headers: { location: sink.url },
    }));
    const { afflux, url, dead } = await startWith(sink.url);
    await post(url);
    await dead.received(1);
    await drained(afflux);
    expect(sink.deliveries).toHaveLength(1);
  });

  it('F06 with a redirect elsewhere sends nothing there', async () => {
    const elsewhere = await startSubscriber();
    const sink = await startSubscriber({ status: 302, headers: { location: elsewhere.url } });
    const { afflux, url, dead } = await startWith(sink.url);
    await post(url);
    await dead.received(1);
    await drained(afflux);
    expect(elsewhere.deliveries).toHaveLength(0);
  });

  it('F06 429 with Retry-After is left alone for so long', async () => {
    const sink = await startSubscriber(
      inTurn({ status: 429, headers: { 'retry-after': '1' } }, 200),
    );
    const { url } = await startWith(sink.url, `retry: 1, ${QUICK}`);
    await post(url);
    const [first, second] = await sink.received(2);
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(990);
  });
});

/** Writes the same again and again until nobody takes it any more. */
function writeWithoutEnd(socket: Socket, text: string): void {
  // A failed write tells its callback before the socket counts as destroyed; what the callback then writes would be
  // failed at once, and call it again, for ever.
  const more = (error?: Error | null): void => {
    if ((error ?? undefined) === undefined && !socket.destroyed) socket.write(text, more);
  };
  more();
}

describe('F06 a subscriber that', () => {
  it('F06 refuses connections makes a dead letter', async () => {
    const { url, dead } = await startWith(UNREACHABLE, `retry: 2, ${QUICK}`);
    await post(url);
    const [letter] = await dead.received(1);
    expect(reasonOf(letter)).toEqual({
      code: '500',
      data: expect.stringContaining('ECONNREFUSED') as string,
    });
  });

  it('F06 refuses connections at first and then comes up gets what waited', async () => {
    const early = await startSubscriber();
    await early.close();
    const { url } = await startWith(
      early.url,
      'retry: 20, backoffPolicy: linear, backoffDelay: PT0.05S',
    );
    await post(url, { id: 'waited' });
    const late = await startSubscriber(200, early.port);
    await late.received(1);
    expect(late.ids).toEqual(['waited']);
  });

  it('F05 has a name that does not exist makes a dead letter', async () => {
    const { url, dead } = await startWith('http://no-such-host.invalid/');
    await post(url);
    const [letter] = await dead.received(1);
    expect(reasonOf(letter).code).toBe('500');
  });

  it('F06 hangs is given up after the timeout', async () => {
    const sink = await startSubscriber(() => undefined);
    const { url, dead } = await startWith(sink.url, 'retry: 0, timeout: PT0.2S');
    await post(url);
    const [letter] = await dead.received(1);
    expect(reasonOf(letter).code).toBe('500');
  });

  it('T05 hangs holds no slot for ever', async () => {
    const sink = await startSubscriber((_delivery, count) => (count === 1 ? undefined : 200));
    const { url, dead } = await startWith(
      sink.url,
      'retry: 0, timeout: PT0.2S',
      'afflux.dev/max-in-flight: "1"',
    );
    await post(url, { id: 'hangs' });
    await post(url, { id: 'next' });
    await sink.received(2);
    await dead.received(1);
    expect([sink.ids, dead.ids]).toEqual([['hangs', 'next'], ['hangs']]);
  });

  it('F06 drips its answer is given up after the timeout', async () => {
    const drips: NodeJS.Timeout[] = [];
    const server = await startRawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n');
      drips.push(setInterval(() => socket.write('x'), 20));
      socket.on('close', () => {
        drips.forEach(clearInterval);
      });
    });
    const { url, dead } = await startWith(server.url, 'retry: 0, timeout: PT0.3S');
    await post(url);
    await dead.received(1);
    await expect.poll(() => server.connections).toBe(0);
  });

  const broken: readonly [string, (socket: Socket) => void][] = [
    ['closes without a word', (socket) => socket.end()],
    ['resets instead of answering', (socket) => socket.resetAndDestroy()],
    [
      'resets within its headers',
      (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-', () => socket.resetAndDestroy()),
    ],
    [
      'resets within its body',
      (socket) =>
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf', () =>
          socket.resetAndDestroy(),
        ),
    ],
    ['speaks no HTTP', (socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n')],
    [
      'says its length twice',
      (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxy'),
    ],
    [
      'ends a chunk where it must not',
      (socket) => socket.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'),
    ],
  ];

  it.each(broken)('F06 %s and then behaves gets the event again', async (_what, misbehave) => {
    const server = await startRawServer((socket, count) => {
      if (count === 1) misbehave(socket);
      else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    });
    const { afflux, url, dead } = await startWith(server.url, `retry: 3, ${QUICK}`);
    await post(url);
    await server.received(2);
    await drained(afflux);
    expect(dead.deliveries).toHaveLength(0);
  });

  it('F06 sends an interim answer first has taken the event', async () => {
    const server = await startRawServer((socket) => {
      socket.write('HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    });
    const { afflux, url, dead } = await startWith(server.url, `retry: 3, ${QUICK}`);
    await post(url);
    await server.received(1);
    await drained(afflux);
    expect([server.requests, dead.deliveries.length]).toEqual([1, 0]);
  });

  it('F06 switches protocols has not taken the event', async () => {
    const server = await startRawServer((socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n');
    });
    const { url, dead } = await startWith(server.url);
    await post(url);
    await dead.received(1);
  });

  it('F06 sends headers without end is cut off', async () => {
    const server = await startRawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      writeWithoutEnd(socket, `x-more: ${'y'.repeat(8000)}\r\n`);
    });
    const { url, dead } = await startWith(server.url);
    await post(url);
    await dead.received(1);
    await expect.poll(() => server.connections).toBe(0);
  });

  it('T02 F06 answers 200 with a body without end is cut off', async () => {
    const server = await startRawServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
      writeWithoutEnd(socket, `10000\r\n${'x'.repeat(0x10000)}\r\n`);
    });
    const { url, dead } = await startWith(server.url);
    await post(url);
    const [letter] = await dead.received(1);
    expect(reasonOf(letter).code).toBe('502');
    await expect.poll(() => server.connections).toBe(0);
  });

  it('T02 F06 answers 422 with a body without end leaves its start in the dead letter', async () => {
    const server = await startRawServer((socket) => {
      socket.write('HTTP/1.1 422 No\r\nTransfer-Encoding: chunked\r\n\r\n');
      writeWithoutEnd(socket, `1000\r\n${'x'.repeat(0x1000)}\r\n`);
    });
    const { url, dead } = await startWith(server.url);
    await post(url);
    const [letter] = await dead.received(1);
    expect(reasonOf(letter)).toEqual({ code: '422', data: 'x'.repeat(768) });
  });

  it('F06 answers with a compressed bomb is not unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    const sink = await startSubscriber({
      status: 200,
      headers: {
        'content-encoding': 'gzip',
        'ce-specversion': '1.0',
        'ce-id': 'bomb',
        'ce-source': '/bomb',
        'ce-type': 'bomb',
      },
      body: bomb,
    });
    const { afflux, url, dead } = await startWith(sink.url);
    await post(url);
    await drained(afflux);
    // Neither a reply (it would have come back) nor a failure: the event was taken.
    expect([sink.deliveries.length, dead.deliveries.length]).toEqual([1, 0]);
  });
});

describe('F06 a 200 with', () => {
  const invalid = {
    'no id': { 'ce-specversion': '1.0', 'ce-source': '/s', 'ce-type': 't' },
    'an unknown version': {
      'ce-specversion': '7.0',
      'ce-id': '1',
      'ce-source': '/s',
      'ce-type': 't',
    },
    'broken structured JSON': { 'content-type': 'application/cloudevents+json' },
    'a batch': { 'content-type': 'application/cloudevents-batch+json' },
  } as const;

  it.each(Object.entries(invalid))(
    'F06 a reply event with %s is a delivery',
    async (_what, headers) => {
      const sink = await startSubscriber({ status: 200, headers, body: '{"a":' });
      const { afflux, url, dead } = await startWith(sink.url, `retry: 3, ${QUICK}`);
      await post(url);
      await drained(afflux);
      expect([sink.deliveries.length, dead.deliveries.length]).toEqual([1, 0]);
    },
  );

  it.each([
    ['a broken reply event', invalid['no id']],
    ['a body that is no event', { 'content-type': 'text/plain' }],
  ])(
    'F06 %s is dead-lettered without a retry under reply-policy: strict',
    async (_what, headers) => {
      const sink = await startSubscriber({ status: 200, headers, body: 'ok' });
      const { url, dead } = await startWith(
        sink.url,
        `retry: 3, ${QUICK}`,
        'afflux.dev/reply-policy: strict',
      );
      await post(url);
      const [letter] = await dead.received(1);
      expect(reasonOf(letter).code).toBe('502');
      expect(sink.deliveries).toHaveLength(1);
    },
  );

  it('F06 an ignored reply is counted', async () => {
    const sink = await startSubscriber({ status: 200, headers: invalid['no id'], body: 'x' });
    const { afflux, url } = await startWith(sink.url);
    await post(url);
    await sink.received(1);
    await expect.poll(() => metricOf(afflux, 'afflux_delivery_replies_ignored_total')).toBe(1);
  });
});

describe('one subscriber that never answers', () => {
  it('F06 does not hold up another: all its deliveries arrive meanwhile', async () => {
    const [stuck, fast] = [await startSubscriber(), await startSubscriber()];
    const afflux = await startAfflux(
      brokerYaml() +
        triggerYaml({ name: 'stuck', uri: stuck.url }) +
        triggerYaml({ name: 'fast', uri: fast.url }),
    );
    const closed = gate();
    stuck.answer = closed.answer;
    const count = 300;
    for (let index = 0; index < count; index += 1) {
      const answer = await post(afflux.brokerUrl('default', 'main'), { id: String(index) });
      expect(answer.status).toBe(202);
    }
    await fast.received(count);
    expect(new Set(fast.ids).size).toBe(count);
    // As many as may be in flight, none of them answered.
    await stuck.received(128);
    const labels = { subscription: 'trigger:stuck.default' };
    expect(await metricOf(afflux, 'afflux_subscription_in_flight_events', labels)).toBe(128);
    closed.open();
    await stuck.received(count);
  });
});
