/** Real listeners on free ports of the loopback interface, and a started sender that may reach them. */
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import type {
  IncomingMessage,
  RequestListener,
  Server as HttpServer,
  ServerResponse,
} from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Server as TcpServer, Socket } from 'node:net';
import { decodeHttp, makeEvent } from '@afflux/events';
import type { CloudEvent } from '@afflux/events';
import type { Clock } from '@afflux/kernel';
import { onTestFinished } from 'vitest';
import type { AddressGuard } from '../address-guard.ts';
import type { SenderConfig } from '../config.ts';
import { EventSender } from '../event-sender.ts';
import type { SendRequest, Target } from '../outcome.ts';

/** A request as the test server got it. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

export interface TestServer {
  readonly url: string;
  readonly port: number;
  /** Connections accepted so far. */
  connections(): number;
  /** Connections open at one time, at most. */
  openMax(): number;
}

export interface TestHttpServer extends TestServer {
  readonly received: readonly Received[];
  /** Resolves when `count` requests have been received whole. */
  gotRequests(count: number): Promise<void>;
}

export type Answer = (request: Received, response: ServerResponse) => void;

/** Reads each request whole, then lets `answer` respond (or not). */
export async function httpServer(answer: Answer, address = '127.0.0.1'): Promise<TestHttpServer> {
  const received: Received[] = [];
  const arrivals = createHttpServer();
  arrivals.on('request', collect(received, answer, arrivals));
  const server = await listen(arrivals, address);
  return {
    ...server,
    received,
    async gotRequests(count) {
      while (received.length < count) await once(arrivals, 'received');
    },
  };
}

/** Plain TCP: the test writes the response itself. */
export function rawServer(onConnection: (socket: Socket) => void): Promise<TestServer> {
  return listen(
    createTcpServer((socket) => {
      socket.on('error', () => undefined);
      onConnection(socket);
    }),
    '127.0.0.1',
  );
}

/** A server that reads each request whole and then does what the test says, knowing which request it is. */
export function scripted(answer: (socket: Socket, request: number) => void): Promise<TestServer> {
  let requests = 0;
  return rawServer((socket) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      // The body of `testEvent`, which every request ends with.
      if (!text.endsWith('{"total": 1.50}')) return;
      text = '';
      answer(socket, (requests += 1));
    });
  });
}

/** A port that nothing listens on. */
export async function freePort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export interface TestSenderOptions {
  readonly config?: Partial<SenderConfig>;
  readonly clock?: Clock;
  readonly guard?: AddressGuard;
}

/** Allowed to reach loopback addresses; closed when the test ends. */
export async function startedSender(options: TestSenderOptions = {}): Promise<EventSender> {
  const sender = new EventSender({
    ...options,
    config: { allowLoopback: true, ...options.config },
  });
  await sender.start();
  onTestFinished(() => sender.close());
  return sender;
}

/** An event as the ingress makes it: binary mode, with a hop limit. */
export function testEvent(attributes: Readonly<Record<string, string>> = {}): CloudEvent {
  const headers = {
    'ce-specversion': '1.0',
    'ce-id': 'e-1',
    'ce-source': '/orders',
    'ce-type': 'com.example.order',
    'ce-knativebrokerttl': '255',
    'content-type': 'application/json',
    ...attributes,
  };
  const [event] = decodeHttp(Object.entries(headers).flat(), Buffer.from('{"total": 1.50}'));
  return event ?? makeEvent({ id: '-', source: '-', type: '-' });
}

export function requestTo(target: string | Target, more: Partial<SendRequest> = {}): SendRequest {
  return {
    event: testEvent(),
    target: typeof target === 'string' ? { url: target } : target,
    timeoutMs: 60_000,
    wantsReply: true,
    ...more,
  };
}

function collect(received: Received[], answer: Answer, server: HttpServer): RequestListener {
  return (request, response) => {
    const parts: Buffer[] = [];
    request.on('error', () => undefined);
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const whole: Received = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        rawHeaders: request.rawHeaders,
        body: Buffer.concat(parts),
      };
      received.push(whole);
      server.emit('received');
      answer(whole, response);
    });
  };
}

async function listen(server: TcpServer, address: string): Promise<TestServer> {
  const sockets = new Set<Socket>();
  let connections = 0;
  let openMax = 0;
  server.on('connection', (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    openMax = Math.max(openMax, sockets.size);
    socket.on('close', () => sockets.delete(socket));
  });
  server.listen(0, address);
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const { port } = server.address() as AddressInfo;
  const host = address.includes(':') ? `[${address}]` : address;
  return {
    url: `http://${host}:${String(port)}/`,
    port,
    connections: () => connections,
    openMax: () => openMax,
  };
}
