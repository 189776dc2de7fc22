/** A real subscriber for scenarios: records what it gets and answers as it is told. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeHttp, type CloudEvent } from '@afflux/events';
import { expect, onTestFinished } from 'vitest';

export interface Delivery {
  readonly event: CloudEvent;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly atMs: number;
}

/** What to answer: a status, or everything by hand. The count begins at 1. */
export type Answer =
  | number
  | {
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: string | Buffer;
    }
  | ((delivery: Delivery, count: number, response: ServerResponse) => Answer | undefined);

export interface Subscriber {
  readonly url: string;
  readonly port: number;
  readonly deliveries: readonly Delivery[];
  /** Data of all deliveries as text, in order. */
  readonly texts: readonly string[];
  readonly ids: readonly string[];
  answer: Answer;
  /** Resolves when that many deliveries have arrived; fails the test when they do not come. */
  received(count: number, timeoutMs?: number): Promise<readonly Delivery[]>;
  /** Resolves when nobody is connected: nothing that a process sent before it ended is still on its way. */
  abandoned(): Promise<void>;
  close(): Promise<void>;
}

export async function startSubscriber(answer: Answer = 200, port = 0): Promise<Subscriber> {
  const deliveries: Delivery[] = [];
  const server = createServer({ maxHeaderSize: 96 * 1024 }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('error', () => undefined);
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const [event] = decodeHttp(request.rawHeaders, Buffer.concat(chunks));
      if (event === undefined) throw new Error('a request without an event');
      const delivery: Delivery = {
        event,
        path: request.url ?? '/',
        headers: request.headers,
        atMs: performance.now(),
      };
      deliveries.push(delivery);
      respond(subscriber.answer, delivery, deliveries.length, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', 4096, resolve));
  const address = server.address() as AddressInfo;
  const subscriber: Subscriber = {
    url: `http://127.0.0.1:${String(address.port)}/`,
    port: address.port,
    deliveries,
    get texts() {
      return deliveries.map(({ event }) => event.data?.toString() ?? '');
    },
    get ids() {
      return deliveries.map(({ event }) => event.id);
    },
    answer,
    async received(count, timeoutMs = 15_000) {
      await expect
        .poll(() => deliveries.length, { timeout: timeoutMs, interval: 10 })
        .toBeGreaterThanOrEqual(count);
      return deliveries;
    },
    async abandoned() {
      const connections = (): Promise<number> =>
        new Promise((resolve) => {
          server.getConnections((_error, count) => {
            resolve(count);
          });
        });
      await expect.poll(connections).toBe(0);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
  onTestFinished(() => subscriber.close());
  return subscriber;
}

function respond(
  answer: Answer,
  delivery: Delivery,
  count: number,
  response: ServerResponse,
): void {
  if (typeof answer === 'function') {
    const next = answer(delivery, count, response);
    // Undefined: the function answers by itself, or never.
    if (next !== undefined) respond(next, delivery, count, response);
    return;
  }
  const { status, headers = {}, body } = typeof answer === 'number' ? { status: answer } : answer;
  response.writeHead(status, headers);
  response.end(body);
}

/** Fails the first `count` requests, then answers 200. */
export function failFirst(count: number, status = 500): Answer {
  return (_delivery, request) => (request <= count ? status : 200);
}

/** Answers every event with a new one of this type and text. */
export function replyWith(
  type: string,
  text = 'reply',
  extensions: Record<string, string> = {},
): Answer {
  return (delivery) => ({
    status: 200,
    headers: {
      'ce-specversion': '1.0',
      'ce-id': `reply-${delivery.event.id}`,
      'ce-source': '/subscriber',
      'ce-type': type,
      'content-type': 'text/plain',
      ...extensions,
    },
    body: text,
  });
}

/** A gate that requests stand before: nothing is answered until it opens, then everything is. */
export interface Gate {
  readonly answer: Answer;
  /** Answers what waits and all that comes later. */
  open(status?: number): void;
}

/** For a subscriber that hangs as long as the test wants; it opens by itself at the end of the test. */
export function gate(): Gate {
  const waiting: ServerResponse[] = [];
  let openStatus: number | undefined;
  const opened: Gate = {
    answer: (_delivery, _count, response) => {
      if (openStatus !== undefined) return openStatus;
      waiting.push(response);
      return undefined;
    },
    open: (status = 200) => {
      openStatus = status;
      for (const response of waiting.splice(0)) response.writeHead(status).end();
    },
  };
  onTestFinished(() => {
    opened.open();
  });
  return opened;
}

/** An address where nobody listens: connections are refused. */
export const UNREACHABLE = 'http://127.0.0.1:1/';

/** Answers by the number of the request, beginning with the first; the last answer stays. */
export function inTurn(first: Answer, ...others: readonly Answer[]): Answer {
  const answers = [first, ...others];
  return (_delivery, count) => answers[Math.min(count, answers.length) - 1] ?? first;
}
