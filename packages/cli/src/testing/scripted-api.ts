/**
 * A server that speaks as much of Kubernetes' protocol as a test says: discovery of brokers, pods and events, and
 * one answer of the test's for every other request. For failures that no healthy server shows.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export interface ScriptedRequest {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Script = (request: ScriptedRequest, response: ServerResponse) => void;

export interface ScriptedApi {
  readonly url: string;
  /** Without discovery. */
  readonly requests: readonly ScriptedRequest[];
}

export async function startScriptedApi(script: Script): Promise<ScriptedApi> {
  const requests: ScriptedRequest[] = [];
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const url = new URL(incoming.url ?? '/', 'http://server');
      const document = DISCOVERY[url.pathname];
      if (document !== undefined) {
        answer(response, 200, document);
        return;
      }
      const request = {
        method: incoming.method ?? '',
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
        headers: incoming.headers,
        body: Buffer.concat(chunks).toString(),
      };
      requests.push(request);
      script(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  );
  return { url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, requests };
}

/** Answers with JSON. */
export function answer(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** Answers with a refusal. */
export function refuse(response: ServerResponse, code: number, reason: string, message: string) {
  const details = { name: 'x', kind: 'brokers' };
  answer(response, code, { kind: 'Status', status: 'Failure', code, reason, message, details });
}

function resource(plural: string, kind: string) {
  return {
    resource: plural,
    responseKind: { kind },
    scope: 'Namespaced',
    singularResource: kind.toLowerCase(),
    verbs: ['get', 'list', 'watch', 'patch', 'delete'],
    categories: plural === 'brokers' ? ['all'] : [],
  };
}

function groups(name: string, resources: readonly object[]) {
  const versions = [{ version: 'v1', resources }];
  return { kind: 'APIGroupDiscoveryList', items: [{ metadata: { name }, versions }] };
}

const DISCOVERY: Readonly<Record<string, object>> = {
  '/api': groups('', [resource('pods', 'Pod'), resource('events', 'Event')]),
  '/apis': groups('eventing.knative.dev', [resource('brokers', 'Broker')]),
};
