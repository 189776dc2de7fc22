/** What the network and the process can do to an attempt. Nothing here may crash or hang. */
import { once } from 'node:events';
import net from 'node:net';
import type { Socket } from 'node:net';
import { seededRandom } from '@afflux/kernel';
import { FakeClock } from '@afflux/kernel/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { AddressGuard } from './address-guard.ts';
import type { ResolveName } from './address-guard.ts';
import { httpServer, rawServer, requestTo, scripted, startedSender } from './testing/servers.ts';

describe('a kept-alive connection that was closed while idle', () => {
  const ANSWER = 'HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n';

  test('under the next request is replaced once within the same attempt', async () => {
    const server = await scripted((socket, request) => {
      if (request === 2) socket.resetAndDestroy();
      else socket.write(ANSWER);
    });
    const sender = await startedSender();
    expect((await sender.send(requestTo(server.url))).kind).toBe('success');
    expect((await sender.send(requestTo(server.url))).kind).toBe('success');
    expect(server.connections()).toBe(2);
  });

  test('is replaced only once', async () => {
    let requests = 0;
    const server = await scripted((socket, request) => {
      requests = request;
      if (request === 1) socket.write(ANSWER);
      else socket.resetAndDestroy();
    });
    const sender = await startedSender();
    await sender.send(requestTo(server.url));
    expect(await sender.send(requestTo(server.url))).toMatchObject({ reason: 'connection' });
    expect(requests).toBe(3);
  });

  test('is replaced only once, even when all connections left were used before', async () => {
    let requests = 0;
    const server = await scripted((socket, request) => {
      requests = request;
      if (request === 2 || request === 4) socket.resetAndDestroy();
      else socket.write(ANSWER);
    });
    const sender = await startedSender({ config: { connectionsPerOriginMax: 1 } });
    await sender.send(requestTo(server.url));
    // The second one takes over the fresh connection while the first one looks for one.
    const [first, second] = [1, 2].map(() => sender.send(requestTo(server.url)));
    expect(await second).toMatchObject({ kind: 'success' });
    expect(await first).toMatchObject({ reason: 'connection' });
    expect(requests).toBe(4);
  });

  test('is not replaced once a byte of the response has come', async () => {
    let requests = 0;
    const server = await scripted((socket, request) => {
      requests = request;
      if (request === 1) socket.write(ANSWER);
      else socket.write('HTTP/1.1 2', () => socket.resetAndDestroy());
    });
    const sender = await startedSender();
    await sender.send(requestTo(server.url));
    expect(await sender.send(requestTo(server.url))).toMatchObject({ reason: 'connection' });
    expect(requests).toBe(2);
  });

  test('and whose target has come back is not noticed by the caller', async () => {
    const sockets: Socket[] = [];
    const server = await rawServer((socket) => {
      sockets.push(socket);
      socket.on('data', (chunk) => {
        if (chunk.toString('latin1').endsWith('{"total": 1.50}')) socket.write(ANSWER);
      });
    });
    const sender = await startedSender();
    await Promise.all([1, 2, 3, 4].map(() => sender.send(requestTo(server.url))));
    for (const socket of sockets) socket.resetAndDestroy();
    const again = await Promise.all([1, 2, 3, 4].map(() => sender.send(requestTo(server.url))));
    expect(again.map(({ kind }) => kind)).toEqual(Array(4).fill('success'));
  });
});

describe('F05', () => {
  test('a name that cannot be resolved is a retryable connection failure', async () => {
    const resolve: ResolveName = (hostname, callback) => {
      const error = new Error(`getaddrinfo ENOTFOUND ${hostname}`);
      callback(Object.assign(error, { code: 'ENOTFOUND' }), []);
    };
    const sender = await startedSender({ guard: new AddressGuard({ resolve }) });
    expect(await sender.send(requestTo('http://no-such-name.example/'))).toMatchObject({
      reason: 'connection',
      retryable: true,
      message: 'getaddrinfo ENOTFOUND no-such-name.example',
    });
  });

  test('a name whose address changes is followed with the next connection', async () => {
    const address = (await canListen('127.0.0.2')) ? '127.0.0.2' : '::1';
    const family = address === '::1' ? 6 : 4;
    const server = await httpServer((_request, response) => response.end(), address);
    let answer = { address: '127.0.0.1', family: 4 };
    const guard = new AddressGuard({
      policy: { allowLoopback: true },
      resolve: (_hostname, callback) => {
        callback(null, [answer]);
      },
    });
    const sender = await startedSender({ guard });
    const target = { url: `http://moving.example:${String(server.port)}/` };
    expect(await sender.send(requestTo(target))).toMatchObject({ reason: 'connection' });
    answer = { address, family };
    expect(await sender.send(requestTo(target))).toMatchObject({ kind: 'success' });
  });
});

describe('F10 a process out of sockets', () => {
  afterEach(() => {
    vi.restoreAllMocks();
  });

  test('gets back the socket of a connection that did not come about in time', async () => {
    const connect = vi.spyOn(net, 'connect');
    const clock = new FakeClock();
    const guard = new AddressGuard({ resolve: () => undefined });
    const sender = await startedSender({ clock, guard });
    const outcome = sender.send(requestTo('http://silence.example/'));
    await clock.advance(10_100);
    expect(await outcome).toMatchObject({ reason: 'timeout' });
    const sockets = connect.mock.results.map(({ value }) => value as Socket);
    expect(sockets.map(({ destroyed }) => destroyed)).toEqual([true]);
  });

  const emfile = (): Error => Object.assign(new Error('connect EMFILE'), { code: 'EMFILE' });

  test.each([
    [
      'asynchronously',
      () => {
        const socket = new net.Socket();
        process.nextTick(() => socket.destroy(emfile()));
        return socket;
      },
    ],
    [
      'synchronously',
      () => {
        throw emfile();
      },
    ],
  ])('that says so %s gets outcomes, and goes on when there are some again', async (_how, fail) => {
    const server = await httpServer((_request, response) => response.end());
    const sender = await startedSender({ config: { connectionsPerOriginMax: 4 } });
    const connect = vi.spyOn(net, 'connect').mockImplementation(fail);
    const sends = Array.from({ length: 20 }, () => sender.send(requestTo(server.url)));
    for (const outcome of await Promise.all(sends)) {
      expect(outcome).toMatchObject({
        reason: 'connection',
        retryable: true,
        message: 'connect EMFILE',
      });
    }
    connect.mockRestore();
    expect((await sender.send(requestTo(server.url))).kind).toBe('success');
    expect(sender.inFlight).toBe(0);
  });
});

async function canListen(address: string): Promise<boolean> {
  const server = net.createServer();
  try {
    server.listen(0, address);
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}

describe('F06 any mixture of all of it', () => {
  /** What the server does with a request, chosen by the dice. */
  const MISCHIEF: readonly ((socket: Socket) => void)[] = [
    (socket) => void socket.write('HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n'),
    (socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'),
    (socket) => void socket.write('HTTP/1.1 500 No\r\ncontent-length: 1\r\n\r\nx'),
    (socket) => socket.resetAndDestroy(),
    (socket) => socket.end(),
    () => undefined,
    (socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx'),
    (socket) => void socket.write('HTTP/1.1 200 OK\r\ncontent-le', () => socket.end()),
    (socket) => void socket.write('nonsense\r\n\r\n'),
    (socket) => void socket.end('HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n'),
    (socket) => void socket.write('HTTP/1.1 200 OK\r\n\r\nno length', () => socket.end()),
  ];

  /** Sockets that the sender has closed and the server has not yet seen closing. */
  const CLOSING_MAX = 8;

  test.each([1, 2, 3])('ends every attempt and keeps the bounds (seed %i)', async (seed) => {
    const random = seededRandom(seed);
    const server = await scripted((socket) => {
      MISCHIEF[Math.floor(random.next() * MISCHIEF.length)]?.(socket);
    });
    const clock = new FakeClock();
    const sender = await startedSender({ clock, config: { connectionsPerOriginMax: 8 } });
    const target = { url: server.url };
    const controller = new AbortController();
    const sends = Array.from({ length: 400 }, (_, index) =>
      sender.send(requestTo(target, { timeoutMs: 5000, discardsReply: index % 3 === 0 }), {
        signal: index % 50 === 49 ? controller.signal : new AbortController().signal,
      }),
    );
    const outcomes = Promise.all(sends);
    await clock.advance(1000);
    controller.abort();
    for (let step = 0; sender.inFlight > 0 && step < 1000; step += 1) await clock.advance(100);
    const kinds = new Set((await outcomes).map(({ kind }) => kind));
    expect(sender.inFlight).toBe(0);
    expect([...kinds].sort()).toEqual(['failure', 'success']);
    expect(server.openMax()).toBeLessThanOrEqual(8 + CLOSING_MAX);
  });
});
