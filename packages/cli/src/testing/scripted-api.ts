/**
 * A server that speaks as much of Kubernetes' protocol as a test says: discovery of brokers, pods and events, and
 * one answer of the test's for every other request. For failures that no healthy server shows.
 */
import {
  json,
  scriptedServer,
  status,
  type Answerer,
  type SeenRequest,
} from '@afflux/control-kubernetes/testing';
import type { ServerResponse } from 'node:http';

export interface ScriptedApi {
  readonly url: string;
  /** Without discovery. */
  readonly requests: readonly SeenRequest[];
}

export async function startScriptedApi(script: Answerer): Promise<ScriptedApi> {
  const requests: SeenRequest[] = [];
  const { url } = await scriptedServer((response, request) => {
    const document = DISCOVERY[request.path];
    if (document !== undefined) {
      answer(response, 200, document);
      return;
    }
    requests.push(request);
    script(response, request);
  });
  return { url, requests };
}

/** Answers with JSON. */
export function answer(response: ServerResponse, code: number, body: unknown): void {
  json(body, code)(response);
}

/** Answers with a refusal. */
export function refuse(response: ServerResponse, code: number, reason: string, message: string) {
  status(code, { reason, message, details: { name: 'x', kind: 'brokers' } })(response);
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
