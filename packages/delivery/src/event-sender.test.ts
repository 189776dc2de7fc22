import { once } from 'node:events';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { decodeHttp, makeEvent, sameEvent } from '@afflux/events';
import { FakeClock, settle } from '@afflux/kernel/testing';
import * as fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { AddressGuard } from './address-guard.ts';
import type { SendRequest } from './outcome.ts';
import { TEST_CA, TEST_CERT, TEST_KEY } from './testing/certificates.ts';
import { freePort, httpServer, requestTo, startedSender, testEvent } from './testing/servers.ts';
import type { Answer, TestHttpServer } from './testing/servers.ts';

const ok: Answer = (_request, response) => response.end();

/** Sends one request to a server that answers 200 and returns what arrived there. */
async function arrivalOf(more: Partial<SendRequest>) {
  const server = await httpServer(ok);
  const sender = await startedSender();
  const outcome = await sender.send(requestTo(`${server.url}in?x=1#frag`, more));
  expect(outcome).toMatchObject({ kind: 'success', status: 200 });
  const [received] = server.received;
  if (received === undefined) throw new Error('nothing arrived');
  return received;
}

describe('request', () => {
  test('binary mode carries the bytes and the header values as they came, and nothing else', async () => {
    const { method, path, rawHeaders, body } = await arrivalOf({ namespace: 'team-a' });
    expect([method, path, body.toString()]).toEqual(['POST', '/in?x=1', '{"total": 1.50}']);
    expect(rawHeaders.filter((_, index) => index % 2 === 0).sort()).toEqual([
      'ce-id',
      'ce-knativebrokerttl',
      'ce-source',
      'ce-specversion',
      'ce-type',
      'connection',
      'content-length',
      'content-type',
      'host',
      'kn-namespace',
      'prefer',
    ]);
    expect(Object.fromEntries(pairs(rawHeaders))).toMatchObject({
      prefer: 'reply',
      'kn-namespace': 'team-a',
      'content-length': '15',
    });
  });

  test('structured mode carries the same event', async () => {
    const { rawHeaders, body } = await arrivalOf({ format: 'json' });
    const [event] = decodeHttp(rawHeaders, body);
    expect(event && sameEvent(event, testEvent())).toBe(true);
    expect(body.toString()).toContain('"data":{"total": 1.50}');
  });

  test.each(['binary', 'json'] as const)('an attribute can be left out (%s)', async (format) => {
    const { rawHeaders, body } = await arrivalOf({ format, omitAttribute: 'knativebrokerttl' });
    const [event] = decodeHttp(rawHeaders, body);
    expect(event?.names()).not.toContain('knativebrokerttl');
    expect(event?.id).toBe('e-1');
  });

  test('nothing of one event is left in the request of the next', async () => {
    const server = await httpServer(ok);
    const sender = await startedSender();
    const long = testEvent({ 'ce-first': '1', 'ce-second': '2', 'ce-third': '3' });
    const trace = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
    await sender.send(requestTo(server.url, { event: long, trace, namespace: 'team-a' }));
    const short = makeEvent({ id: '2', source: '/s', type: 't' });
    await sender.send(requestTo(server.url, { event: short }));
    await sender.send(requestTo(server.url, { event: long }));
    const attributes = server.received.map(({ headers }) =>
      Object.keys(headers).filter((name) => /^(ce-|kn-|trace)/.test(name)),
    );
    expect(attributes.map(({ length }) => length)).toEqual([10, 4, 8]);
    expect(server.received[1]?.body.length).toBe(0);
  });

  test('without a wanted reply there is no Prefer header', async () => {
    const { headers } = await arrivalOf({ wantsReply: false });
    expect(headers['prefer']).toBeUndefined();
  });

  test('an event without data is sent with an empty body', async () => {
    const event = makeEvent({ id: '1', source: '/s', type: 't' });
    const { headers, body } = await arrivalOf({ event });
    expect([headers['content-length'], body.length]).toEqual(['0', 0]);
  });

  test('trace context is passed on', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const trace = { traceparent, tracestate: 'a=1', baggage: 'k=v' };
    const { headers } = await arrivalOf({ trace });
    expect(headers).toMatchObject(trace);
  });

  test('T32 oversized and malformed trace context is left out, the event still goes', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const big = { traceparent, tracestate: 'a'.repeat(513), baggage: 'b'.repeat(8193) };
    const { headers } = await arrivalOf({ trace: big });
    expect([headers['traceparent'], headers['tracestate'], headers['baggage']]).toEqual([
      traceparent,
      undefined,
      undefined,
    ]);
    for (const broken of ['', '00-zz', `${traceparent}\r\nx: y`, 'x'.repeat(100_000)]) {
      const arrival = await arrivalOf({ trace: { traceparent: broken, tracestate: 'a=1' } });
      expect(arrival.headers['traceparent']).toBeUndefined();
      expect(arrival.headers['tracestate']).toBeUndefined();
    }
    const split = { traceparent, tracestate: 'a=1\r\nx-evil: 1', baggage: 'b\u0000' };
    expect((await arrivalOf({ trace: split })).headers).not.toHaveProperty('x-evil');
  });

  test('T10 of the producer’s headers only the pass-through set is sent', async () => {
    const passthrough = [
      ...['X-Request-Id', 'r-1', 'Knative-Hello', 'world', 'x-b3-traceid', 'abc'],
      ...['authorization', 'Bearer canary', 'cookie', 'c=1', 'host', 'evil.example'],
      ...['content-length', '3', 'transfer-encoding', 'chunked', 'connection', 'close'],
      ...['retry-after', '9', 'prefer', 'respond-async', 'ce-id', 'other', 'x-forwarded-for', '1'],
      ...['te', 'trailers', 'upgrade', 'h2c', 'proxy-authorization', 'canary'],
      ...['knative-split', 'a\r\nx-evil: 1', 'knative-bad name', 'v', 'knative-', ''],
    ];
    const { headers, rawHeaders } = await arrivalOf({ passthrough });
    expect(headers).toMatchObject({
      'x-request-id': 'r-1',
      'knative-hello': 'world',
      'x-b3-traceid': 'abc',
      'ce-id': 'e-1',
      prefer: 'reply',
    });
    expect(JSON.stringify(rawHeaders)).not.toMatch(/canary|evil|chunked|forwarded|h2c|bad name/);
  });

  test('T10 no pass-through header can break a request or add one', async () => {
    const server = await httpServer(ok);
    const sender = await startedSender();
    const name = fc.oneof(
      fc.constantFrom('knative-a', 'X-B3-', 'x-request-id', 'Host', 'expect', 'content-length'),
      fc.string({ unit: 'binary', maxLength: 20 }).map((text) => `knative-${text}`),
    );
    const value = fc.string({ unit: 'binary', maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(name, value), { maxLength: 50 }), async (headers) => {
        const before = server.received.length;
        const outcome = await sender.send(requestTo(server.url, { passthrough: headers.flat() }));
        expect(outcome.kind).toBe('success');
        const [arrival, ...more] = server.received.slice(before);
        expect(more).toEqual([]);
        const sent = pairs(arrival?.rawHeaders ?? []).map(([key]) => key);
        const own = sent.filter((key) => !/^(knative-|x-b3-|x-request-id$)/.test(key));
        expect(own).toHaveLength(10);
        expect(sent.length - own.length).toBeLessThanOrEqual(32);
      }),
      { numRuns: 50 },
    );
  });

  test('pass-through headers are bounded in number and size', async () => {
    const many = Array.from({ length: 100 }, (_, index) => [`knative-${String(index)}`, 'v']);
    const { rawHeaders } = await arrivalOf({ passthrough: many.flat() });
    expect(pairs(rawHeaders).filter(([name]) => name.startsWith('knative-'))).toHaveLength(32);
    const large = ['knative-a', 'x'.repeat(5000), 'knative-b', 'x'.repeat(5000)];
    const { headers } = await arrivalOf({ passthrough: large });
    expect([headers['knative-a']?.length, headers['knative-b']]).toEqual([5000, undefined]);
  });
});

describe('connections', () => {
  test('are kept and used again', async () => {
    const server = await httpServer(ok);
    const sender = await startedSender();
    for (let round = 0; round < 5; round += 1) await sender.send(requestTo(server.url));
    expect(server.connections()).toBe(1);
  });

  test('are bounded per origin; what finds none waits its turn', async () => {
    const server = await httpServer(ok);
    const sender = await startedSender({ config: { connectionsPerOriginMax: 3 } });
    const sends = Array.from({ length: 50 }, () => sender.send(requestTo(server.url)));
    const outcomes = await Promise.all(sends);
    expect(outcomes.every(({ kind }) => kind === 'success')).toBe(true);
    expect([server.connections(), server.received.length]).toEqual([3, 50]);
  });

  test('beyond the bound on waiting an attempt fails at once and may be retried', async () => {
    const held: (() => void)[] = [];
    const server = await httpServer((_request, response) => {
      held.push(() => response.end());
    });
    const config = { connectionsPerOriginMax: 1, waitingPerOriginMax: 1 };
    const sender = await startedSender({ config });
    const [first, second, third] = [1, 2, 3].map(() => sender.send(requestTo(server.url)));
    expect(await third).toMatchObject({ reason: 'connection', retryable: true });
    await server.gotRequests(1);
    held[0]?.();
    await server.gotRequests(2);
    held[1]?.();
    expect([(await first)?.kind, (await second)?.kind]).toEqual(['success', 'success']);
  });

  test('origins are bounded: an idle one makes room, busy ones do not', async () => {
    const servers: TestHttpServer[] = [];
    const held: (() => void)[] = [];
    for (let index = 0; index < 3; index += 1) {
      servers.push(
        await httpServer((request, response) => {
          if (request.path === '/hold') held.push(() => response.end());
          else response.end();
        }),
      );
    }
    const [a = '', b = '', c = ''] = servers.map(({ url }) => url);
    const sender = await startedSender({ config: { originsMax: 2 } });
    const targetA = { url: a };
    expect((await sender.send(requestTo(targetA))).kind).toBe('success');
    const holding = sender.send(requestTo(`${b}hold`));
    await servers[1]?.gotRequests(1);
    expect((await sender.send(requestTo(c))).kind).toBe('success');
    // `a` made room for `c`; it is found again, and now `c` goes.
    expect((await sender.send(requestTo(targetA))).kind).toBe('success');
    const holdingToo = sender.send(requestTo(`${a}hold`));
    await servers[0]?.gotRequests(3);
    expect(await sender.send(requestTo(c))).toMatchObject({
      reason: 'connection',
      retryable: true,
      message: 'too many origins are in use',
    });
    for (const release of held) release();
    expect([(await holding).kind, (await holdingToo).kind]).toEqual(['success', 'success']);
  });

  test('an origin unused for a while is forgotten, and its connection closed', async () => {
    const server = await httpServer(ok);
    const clock = new FakeClock();
    const sender = await startedSender({ clock, config: { keepAliveMs: 3_600_000 } });
    const target = { url: server.url };
    await sender.send(requestTo(target));
    await clock.advance(130_000);
    expect(clock.pending).toBe(0);
    await sender.send(requestTo(target));
    expect(server.connections()).toBe(2);
  });

  test('F05 a connection beyond its age is replaced, and the name resolved anew', async () => {
    const server = await httpServer(ok);
    const clock = new FakeClock();
    let asked = 0;
    const guard = new AddressGuard({
      policy: { allowLoopback: true },
      resolve: (_hostname, callback) => {
        asked += 1;
        callback(null, [{ address: '127.0.0.1', family: 4 }]);
      },
    });
    const sender = await startedSender({ clock, guard, config: { connectionAgeMsMax: 1000 } });
    const target = { url: `http://aged.example:${String(server.port)}/` };
    await sender.send(requestTo(target));
    await sender.send(requestTo(target));
    expect(asked).toBe(1);
    await clock.advance(1500);
    // This one still goes over the old connection, which is closed after it.
    await sender.send(requestTo(target));
    await sender.send(requestTo(target));
    expect([asked, server.connections()]).toEqual([2, 2]);
  });
});

describe('TLS', () => {
  async function tlsServer() {
    const server = createServer({ cert: TEST_CERT, key: TEST_KEY }, (request, response) => {
      request.resume();
      response.writeHead(202).end();
    });
    server.on('tlsClientError', () => undefined);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    return (server.address() as AddressInfo).port;
  }

  const guard = new AddressGuard({
    policy: { allowLoopback: true },
    resolve: (_hostname, callback) => {
      callback(null, [{ address: '127.0.0.1', family: 4 }]);
    },
  });

  test('a target with certificates of its own is trusted by them, and only that target', async () => {
    const port = String(await tlsServer());
    const sender = await startedSender({ guard });
    const url = `https://sink.example:${port}/`;
    expect(await sender.send(requestTo({ url, caCerts: TEST_CA }))).toMatchObject({ status: 202 });
    expect(await sender.send(requestTo({ url }))).toMatchObject({
      reason: 'connection',
      retryable: true,
      message: expect.stringMatching(/certificate/) as string,
    });
  });

  test('the name in the certificate must be the target’s', async () => {
    const port = String(await tlsServer());
    const sender = await startedSender({ guard });
    const target = { url: `https://other.example:${port}/`, caCerts: TEST_CA };
    expect(await sender.send(requestTo(target))).toMatchObject({
      reason: 'connection',
      message: expect.stringContaining('other.example') as string,
    });
  });

  test('certificates that cannot be read are a failed connection', async () => {
    const port = String(await tlsServer());
    const sender = await startedSender({ guard });
    const caCerts = '-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----';
    const target = { url: `https://sink.example:${port}/`, caCerts };
    expect(await sender.send(requestTo(target))).toMatchObject({ reason: 'connection' });
  });
});

describe('life cycle', () => {
  const hang: Answer = () => undefined;

  test('an aborted signal ends the attempts it belongs to and no others', async () => {
    const held: (() => void)[] = [];
    const server = await httpServer((_request, response) => {
      held.push(() => response.end());
    });
    const sender = await startedSender({ config: { connectionsPerOriginMax: 2 } });
    const controller = new AbortController();
    const { signal } = controller;
    const mine = [1, 2, 3].map(() => sender.send(requestTo(server.url), { signal }));
    const other = sender.send(requestTo(server.url), { signal: new AbortController().signal });
    await server.gotRequests(2);
    controller.abort();
    for (const outcome of await Promise.all(mine)) {
      expect(outcome).toMatchObject({ reason: 'aborted' });
    }
    await server.gotRequests(3);
    for (const release of held) release();
    expect((await other).kind).toBe('success');
    expect(await sender.send(requestTo(server.url), { signal })).toMatchObject({
      reason: 'aborted',
    });
  });

  test('draining lets attempts under way end and takes no new ones', async () => {
    const held: (() => void)[] = [];
    const server = await httpServer((_request, response) => {
      held.push(() => response.end());
    });
    const sender = await startedSender();
    const outcome = sender.send(requestTo(server.url));
    await server.gotRequests(1);
    let isDrained = false;
    const drained = sender.drain().then(() => {
      isDrained = true;
    });
    expect(await sender.send(requestTo(server.url))).toMatchObject({ reason: 'aborted' });
    await settle();
    expect([isDrained, sender.inFlight]).toEqual([false, 1]);
    held[0]?.();
    expect((await outcome).kind).toBe('success');
    await drained;
    expect(sender.inFlight).toBe(0);
  });

  test('draining stops waiting when it is told to', async () => {
    const server = await httpServer(hang);
    const sender = await startedSender();
    const outcome = sender.send(requestTo(server.url));
    await server.gotRequests(1);
    const controller = new AbortController();
    const drained = sender.drain(controller.signal);
    controller.abort();
    await expect(drained).rejects.toMatchObject({ code: 'AFFLUX_KERNEL_ABORTED' });
    expect(sender.inFlight).toBe(1);
    await sender.close();
    expect(await outcome).toMatchObject({ reason: 'aborted' });
  });

  test('closing ends everything at once and leaves no timer behind', async () => {
    const server = await httpServer(hang);
    const clock = new FakeClock();
    const sender = await startedSender({ clock, config: { connectionsPerOriginMax: 1 } });
    const outcomes = [1, 2].map(() => sender.send(requestTo(server.url)));
    await server.gotRequests(1);
    await sender.close();
    for (const outcome of await Promise.all(outcomes)) {
      expect(outcome).toMatchObject({ reason: 'aborted', message: 'the sender was closed' });
    }
    expect([sender.inFlight, clock.pending]).toEqual([0, 0]);
    expect(await sender.send(requestTo(server.url))).toMatchObject({ reason: 'aborted' });
  });

  test('T30 secrets in a target’s address appear in no message', async () => {
    const port = String(await freePort());
    const sender = await startedSender();
    for (const url of [
      `http://127.0.0.1:${port}/?token=canary`,
      `http://user:canary@127.0.0.1:${port}/`,
      'canary://canary',
      'http://169.254.169.254/canary?canary',
    ]) {
      expect(JSON.stringify(await sender.send(requestTo(url)))).not.toContain('canary');
    }
  });
});

function pairs(raw: readonly string[]): [string, string][] {
  return raw.flatMap((name, index) =>
    index % 2 === 0 ? [[name.toLowerCase(), raw[index + 1] ?? ''] as [string, string]] : [],
  );
}
