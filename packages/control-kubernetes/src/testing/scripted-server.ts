/** An HTTP server that answers as a test says, and remembers what it was asked. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '@afflux/kernel';
import { onTestFinished } from 'vitest';
import type { ClusterAccess } from '../cluster-access.ts';

export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  /** The two halves of `url`. */
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Answers one request, or leaves it unanswered. */
export type Answerer = (response: ServerResponse, request: SeenRequest) => void;

/** Answers every request in the same way. */
export type SimpleAnswerer = (response: ServerResponse) => void;

export interface ScriptedServer {
  /** Without a slash at the end. */
  readonly url: string;
  readonly access: ClusterAccess;
  readonly requests: readonly SeenRequest[];
  /** Resolves when so many requests have come. */
  received(count: number): Promise<void>;
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

/** Starts a server whose n-th request gets the n-th answer; the last answer is for all that follow. */
export async function scriptedServer(...answers: readonly Answerer[]): Promise<ScriptedServer> {
  const requests: SeenRequest[] = [];
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  const server = createServer((request, response) => {
    void read(request).then((body) => {
      const { method = '', url = '', headers } = request;
      const { pathname: path, searchParams } = new URL(url, 'http://server');
      const query = Object.fromEntries(searchParams);
      const seen = { method, url, path, query, headers, body };
      requests.push(seen);
      const answer = answers[Math.min(requests.length, answers.length) - 1];
      answer?.(response, seen);
      for (const { count, resolve } of waiting) if (requests.length >= count) resolve();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return {
    url,
    access: { server: url, namespace: 'default', origin: 'a test' },
    requests,
    received: (count) =>
      new Promise((resolve) => {
        if (requests.length >= count) resolve();
        else waiting.push({ count, resolve });
      }),
  };
}

/** Answers with JSON. */
export function json(
  body: unknown,
  status = 200,
  headers: Readonly<Record<string, string | string[]>> = {},
): SimpleAnswerer {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
}

/** Answers with a Status. */
export function status(
  code: number,
  fields: Readonly<Record<string, unknown>> = {},
  headers: Readonly<Record<string, string>> = {},
): SimpleAnswerer {
  return json(
    { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, ...fields },
    code,
    headers,
  );
}

/** Begins an answer and sends these pieces, each by itself; leaves it open unless it says to end. */
export function pieces(
  chunks: readonly (string | Buffer)[],
  then: 'end' | 'reset' | 'hang' = 'end',
): SimpleAnswerer {
  return (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.socket?.setNoDelay(true);
    const send = (index: number): void => {
      const chunk = chunks[index];
      if (chunk !== undefined) {
        response.write(chunk, () => {
          // By itself: what is written in one turn may arrive in one piece.
          systemClock.setTimer(1, () => {
            send(index + 1);
          });
        });
      } else if (then === 'end') response.end();
      else if (then === 'reset') response.socket?.resetAndDestroy();
    };
    response.flushHeaders();
    send(0);
  };
}

/** Takes the request and says nothing. */
export const silence: Answerer = () => undefined;

/** Breaks the connection. */
export const reset: Answerer = (response) => {
  response.socket?.resetAndDestroy();
};
