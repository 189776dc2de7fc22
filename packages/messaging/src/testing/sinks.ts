/** Subscribers: real HTTP listeners on free ports of the loopback interface. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CloudEvent, decodeHttp } from '@afflux/events';
import { onTestFinished } from 'vitest';

/** A request as the sink got it. */
export interface Received {
  readonly event: CloudEvent;
  readonly headers: IncomingHttpHeaders;
}

export interface Sink {
  readonly url: string;
  readonly received: readonly Received[];
  /** Ids of the events received, in order. */
  ids(): string[];
  /** Resolves when so many requests have been received whole. */
  got(count: number): Promise<void>;
}

/** Answers a request, now or later. */
export type Answer = (received: Received, response: ServerResponse, count: number) => void;

/** A sink that takes everything, unless `answer` says otherwise. */
export async function startSink(
  answer: Answer = (_received, response) => response.writeHead(202).end(),
): Promise<Sink> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const [event] = decodeHttp(request.rawHeaders, Buffer.concat(chunks));
      if (event === undefined) throw new Error('a request without an event');
      const arrival = { event, headers: request.headers };
      received.push(arrival);
      server.emit('received');
      answer(arrival, response, received.length);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}/`,
    received,
    ids: () => received.map(({ event }) => event.id),
    async got(count) {
      while (received.length < count) await once(server, 'received');
    },
  };
}

/** Answers with these statuses in turn, then with the last. */
export function statuses(...codes: readonly number[]): Answer {
  return (_received, response, count) => {
    const code = codes[Math.min(count, codes.length) - 1] ?? 200;
    response.writeHead(code).end(code >= 300 ? `failure ${String(count)}` : undefined);
  };
}

/** Replies with the event, one attribute changed. */
export function replying(type: string): Answer {
  return ({ event }, response) => {
    response.writeHead(200, {
      'ce-specversion': '1.0',
      'ce-id': `${event.id}-reply`,
      'ce-source': '/replier',
      'ce-type': type,
      'content-type': 'text/plain',
    });
    response.end(`${event.data?.toString() ?? ''}>${type}`);
  };
}

/** Holds its answers back until told to give them. */
export function gate(): { readonly answer: Answer; open(): void } {
  const held: ServerResponse[] = [];
  let isOpen = false;
  return {
    answer: (_received, response) => {
      if (isOpen) response.writeHead(202).end();
      else held.push(response);
    },
    open() {
      isOpen = true;
      for (const response of held.splice(0)) response.writeHead(202).end();
    },
  };
}
