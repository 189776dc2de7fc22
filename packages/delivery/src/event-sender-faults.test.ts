/** What a subscriber can do to an attempt. Nothing here may crash or hang. */
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { FakeClock, settle } from '@afflux/kernel/testing';
import { describe, expect, test } from 'vitest';
import { AddressGuard } from './address-guard.ts';
import type { SenderConfig } from './config.ts';
import { freePort, httpServer, requestTo, scripted, startedSender } from './testing/servers.ts';

/** Moves time on in steps until the outcome is there; sockets get their turns in between. */
async function settledWithin<T>(clock: FakeClock, promise: Promise<T>, ms: number): Promise<T> {
  const ended = watch(promise);
  for (let passed = 0; !ended.is && passed < ms; passed += 1000) await clock.advance(1000);
  if (!ended.is) throw new Error(`not settled after ${String(ms)} ms`);
  return promise;
}

function watch(promise: Promise<unknown>): { is: boolean } {
  const ended = { is: false };
  void promise.finally(() => {
    ended.is = true;
  });
  return ended;
}

async function senderWithClock(config: Partial<SenderConfig> = {}) {
  const clock = new FakeClock();
  return { clock, sender: await startedSender({ clock, config }) };
}

const HEAD_200 = 'HTTP/1.1 200 OK\r\n';

describe('F06 a subscriber that', () => {
  test('refuses connections is a retryable connection failure', async () => {
    const sender = await startedSender();
    const outcome = await sender.send(requestTo(`http://127.0.0.1:${String(await freePort())}/`));
    expect(outcome).toMatchObject({
      kind: 'failure',
      reason: 'connection',
      retryable: true,
      message: expect.stringContaining('ECONNREFUSED') as string,
    });
  });

  test('T05 accepts and never answers is cut off after the timeout', async () => {
    const server = await httpServer(() => undefined);
    const { clock, sender } = await senderWithClock();
    const outcome = sender.send(requestTo(server.url, { timeoutMs: 60_000 }));
    await server.gotRequests(1);
    await clock.advance(59_000);
    expect(sender.inFlight).toBe(1);
    await clock.advance(1100);
    expect(await outcome).toMatchObject({ reason: 'timeout', retryable: true });
    expect(sender.inFlight).toBe(0);
  });

  test('never lets a connection come about is cut off after the time to connect', async () => {
    const clock = new FakeClock();
    const guard = new AddressGuard({ resolve: () => undefined });
    const sender = await startedSender({ clock, guard });
    const outcome = sender.send(requestTo('http://silence.example/'));
    await clock.advance(10_100);
    expect(await outcome).toMatchObject({ reason: 'timeout', message: 'no connection in time' });
    expect(sender.inFlight).toBe(0);
  });

  test('T05 hangs holds its connections only for the timeout, and waiting counts as time', async () => {
    let isHanging = true;
    const server = await httpServer((_request, response) => {
      if (!isHanging) response.end();
    });
    const { clock, sender } = await senderWithClock({ connectionsPerOriginMax: 2 });
    const hanging = [1, 2, 3, 4].map(() => sender.send(requestTo(server.url)));
    await server.gotRequests(2);
    await clock.advance(60_100);
    for (const outcome of await Promise.all(hanging)) {
      expect(outcome).toMatchObject({ reason: 'timeout' });
    }
    expect(server.received).toHaveLength(2);
    isHanging = false;
    expect((await sender.send(requestTo(server.url))).kind).toBe('success');
  });

  test('waits too long with the response head is cut off by its own bound', async () => {
    const server = await httpServer(() => undefined);
    const { clock, sender } = await senderWithClock({ headersTimeoutMs: 5000 });
    const outcome = sender.send(requestTo(server.url));
    await server.gotRequests(1);
    await clock.advance(4900);
    expect(sender.inFlight).toBe(1);
    await clock.advance(200);
    expect(await outcome).toMatchObject({ reason: 'timeout', message: 'the response stalled' });
  });

  test('pauses within the body is cut off by its own bound', async () => {
    const server = await scripted((socket) => {
      socket.write(`${HEAD_200}content-length: 100\r\n\r\nsome`);
    });
    const { clock, sender } = await senderWithClock({ bodyTimeoutMs: 5000 });
    const outcome = sender.send(requestTo(server.url, { timeoutMs: 600_000 }));
    expect(await settledWithin(clock, outcome, 60_000)).toMatchObject({
      reason: 'timeout',
      message: 'the response stalled',
    });
  });

  test('drips its response is cut off by the total time, although no pause is long', async () => {
    let drips = 0;
    let drip: (() => void) | undefined;
    const server = await scripted((socket) => {
      socket.write(`${HEAD_200}content-length: 1000\r\n\r\n`);
      drip = () => {
        drips += 1;
        socket.write('x');
      };
    });
    const { clock, sender } = await senderWithClock({ bodyTimeoutMs: 5000 });
    const outcome = sender.send(requestTo(server.url, { timeoutMs: 30_000 }));
    const ended = watch(outcome);
    for (let seconds = 0; !ended.is && seconds < 60; seconds += 1) {
      drip?.();
      await Promise.all([settle(), clock.advance(1000)]);
      await settle();
    }
    expect(await outcome).toMatchObject({
      reason: 'timeout',
      message: 'no complete response within 30000 ms',
    });
    expect(drips).toBeGreaterThan(20);
  });

  test('answers with a failure and then hangs is a failure with that status', async () => {
    const server = await scripted((socket) => {
      socket.write('HTTP/1.1 400 Bad Request\r\ncontent-length: 100\r\n\r\nno such thing');
    });
    const { clock, sender } = await senderWithClock();
    const outcome = await settledWithin(clock, sender.send(requestTo(server.url)), 120_000);
    expect(outcome).toMatchObject({
      reason: 'status',
      status: 400,
      retryable: false,
      responseStart: Buffer.from('no such thing'),
    });
  });

  test.each([
    ['before the head', ''],
    ['within the head', 'HTTP/1.1 200 OK\r\ncontent-'],
    ['within the body', `${HEAD_200}content-length: 100\r\n\r\nsome`],
    ['within a chunk', `${HEAD_200}transfer-encoding: chunked\r\n\r\n64\r\nsome`],
  ])('resets %s of a success is a retryable connection failure', async (_where, start) => {
    for (const end of [(s: Socket) => s.resetAndDestroy(), (s: Socket) => s.end()]) {
      const server = await scripted((socket) => {
        socket.write(start, () => void end(socket));
      });
      const sender = await startedSender();
      const outcome = await sender.send(requestTo(server.url));
      expect(outcome).toMatchObject({ reason: 'connection', retryable: true });
      expect(server.connections()).toBe(1);
    }
  });

  test('resets within the body of a failure keeps its status', async () => {
    const server = await scripted((socket) => {
      socket.write('HTTP/1.1 422 No\r\ncontent-length: 100\r\n\r\nsome', () => {
        socket.resetAndDestroy();
      });
    });
    const sender = await startedSender();
    expect(await sender.send(requestTo(server.url))).toMatchObject({
      reason: 'status',
      status: 422,
      retryable: false,
    });
  });

  test('sends informational responses first is answered by the real one', async () => {
    const server = await scripted((socket) => {
      socket.write('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n');
      socket.write('HTTP/1.1 102 Processing\r\n\r\n');
      socket.write('HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n');
    });
    const sender = await startedSender();
    expect(await sender.send(requestTo(server.url))).toMatchObject({
      kind: 'success',
      status: 202,
    });
  });

  test.each([
    ['100 without being asked', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['101', 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'],
    ['103 without end', 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(1000)],
  ])('answers %s is a connection failure', async (_what, text) => {
    const server = await scripted((socket) => socket.write(text));
    const sender = await startedSender();
    expect(await sender.send(requestTo(server.url))).toMatchObject({
      reason: 'connection',
      retryable: true,
    });
  });

  test.each([
    ['one giant header', `x: ${'a'.repeat(200_000)}\r\n`],
    ['headers without end', 'x-header: some value\r\n'.repeat(20_000)],
  ])('sends %s is cut off; the event is not sent again', async (_what, headers) => {
    const server = await scripted((socket) => socket.write(HEAD_200 + headers));
    const sender = await startedSender();
    expect(await sender.send(requestTo(server.url))).toMatchObject({
      reason: 'response-too-large',
      retryable: false,
    });
  });

  test('replies with attributes of nearly 64 KiB is understood', async () => {
    const long = 'a'.repeat(60_000);
    const server = await scripted((socket) => {
      const event = 'ce-specversion: 1.0\r\nce-id: 1\r\nce-source: /r\r\nce-type: t\r\n';
      socket.write(`${HEAD_200}${event}ce-long: ${long}\r\ncontent-length: 0\r\n\r\n`);
    });
    const sender = await startedSender();
    const outcome = await sender.send(requestTo(server.url));
    expect(outcome.kind === 'success' && outcome.reply?.get('long')).toBe(long);
  });

  test.each([
    ['speaks another protocol', 'SSH-2.0-OpenSSH_9.9\r\n'],
    ['speaks HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['sends nonsense', '\u0000\u0001\u0002'.repeat(50)],
    [
      'mixes lengths',
      `${HEAD_200}content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
  ])('%s is a connection failure', async (_what, text) => {
    const server = await scripted((socket) => socket.end(text));
    const sender = await startedSender();
    expect(await sender.send(requestTo(server.url))).toMatchObject({
      reason: 'connection',
      retryable: true,
    });
  });

  test('redirects to itself is asked once; no redirect is followed', async () => {
    const server = await httpServer((_request, response) => {
      response.writeHead(307, { location: '/' }).end();
    });
    const sender = await startedSender();
    expect(await sender.send(requestTo(server.url))).toMatchObject({
      reason: 'status',
      status: 307,
      retryable: false,
    });
    expect(server.received).toHaveLength(1);
  });

  test('sends a compressed bomb as a reply: it is never unpacked', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    const server = await httpServer((_request, response) => {
      response.writeHead(200, {
        'content-encoding': 'gzip',
        'content-type': 'application/cloudevents+json',
      });
      response.end(bomb);
    });
    const sender = await startedSender();
    expect(await sender.send(requestTo(server.url))).toMatchObject({
      kind: 'success',
      replyIgnored: 'invalid',
    });
    expect(server.received[0]?.headers['accept-encoding']).toBeUndefined();
  });

  test.each([
    ['JSON that ends early', 'application/cloudevents+json', '{"specversion":"1.0",'],
    ['an event without id', 'application/cloudevents+json', '{"specversion":"1.0","type":"t"}'],
    ['a batch', 'application/cloudevents-batch+json', '[]'],
    ['an unknown format', 'application/cloudevents+avro', 'x'],
    ['nothing', 'application/cloudevents+json', ''],
  ])('replies with %s has succeeded; the reply is ignored', async (_what, type, body) => {
    const server = await httpServer((_request, response) => {
      response.writeHead(200, { 'content-type': type }).end(body);
    });
    const sender = await startedSender();
    expect(await sender.send(requestTo(server.url))).toMatchObject({
      kind: 'success',
      replyIgnored: 'invalid',
    });
  });
});

describe('T02 a response without end', () => {
  const REPLY_BYTES_MAX = 65_536;

  /** Writes until the other side has had enough; tells how much it could write. */
  async function endless(head: string) {
    let written = 0;
    const server = await scripted((socket) => {
      const chunk = Buffer.alloc(16_384, 'x');
      const write = (): void => {
        while (!socket.destroyed && socket.write(chunk)) written += chunk.length;
      };
      socket.on('drain', write);
      socket.write(`${head}\r\n`);
      write();
    });
    return { url: server.url, written: () => written };
  }

  test('is cut off when the reply is wanted, and the event is not sent again', async () => {
    const server = await endless(HEAD_200);
    const sender = await startedSender({ config: { replyBytesMax: REPLY_BYTES_MAX } });
    expect(await sender.send(requestTo(server.url))).toMatchObject({
      reason: 'response-too-large',
      status: 200,
      retryable: false,
    });
  });

  test.each([
    ['a success nobody wants the reply of', HEAD_200, { discardsReply: true }, 'success'],
    ['a 202', 'HTTP/1.1 202 Accepted\r\n', {}, 'success'],
    ['a failure', 'HTTP/1.1 500 No\r\n', {}, 'failure'],
  ] as const)('of %s counts by its status, and the connection is cut', async (...row) => {
    const [, head, more, kind] = row;
    const server = await endless(head);
    const sender = await startedSender();
    const outcome = await sender.send(requestTo(server.url, more));
    expect(outcome).toMatchObject({ kind, status: Number(head.slice(9, 12)) });
  });

  test('from many sinks at once costs a bounded amount of memory and traffic', async () => {
    const server = await endless(HEAD_200);
    const sender = await startedSender({ config: { replyBytesMax: REPLY_BYTES_MAX } });
    const before = process.memoryUsage().rss;
    const sends = Array.from({ length: 64 }, () => sender.send(requestTo(server.url)));
    for (const outcome of await Promise.all(sends)) expect(outcome.kind).toBe('failure');
    // Kernel buffers on both sides of each connection are part of what could be written.
    expect(server.written()).toBeLessThan(64 * (REPLY_BYTES_MAX + 8 * 1024 * 1024));
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * 1024 * 1024);
  });
});
