/** Starts the product inside the test, and posts to it as a producer would. */
import { createAfflux, type Afflux, type AffluxOptions } from '@afflux/server';
import { expect, onTestFinished } from 'vitest';
import { request } from 'undici';
import { promises, scenarioStorage } from './scenario-channel.ts';

export async function startAfflux(manifests: string, options: AffluxOptions = {}): Promise<Afflux> {
  const storage = await scenarioStorage();
  const afflux = createAfflux({
    log: { level: 'silent' },
    shutdownGrace: 10_000,
    ...storage.options,
    ...options,
  });
  onTestFinished(async () => {
    await afflux.close();
    await storage.forget();
  });
  await afflux.start();
  if (storage.manifests !== '') await afflux.apply(storage.manifests);
  if (manifests !== '') await afflux.apply(manifests);
  return afflux;
}

/**
 * Stops taking events and delivers everything that was accepted. Afterwards nothing can arrive anywhere any
 * more, so that "this was not delivered" can be asserted without waiting for it.
 */
export async function drained(afflux: Afflux): Promise<void> {
  // A channel that keeps its events leaves them for the next process, instead of delivering them at the end.
  if (!promises('deliversAtClose')) {
    await afflux.delivered(AbortSignal.timeout(15_000));
  }
  expect(await afflux.close()).toEqual({ left: [], kept: [] });
}

export interface Posted {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Attributes by name; required ones have defaults. */
export type Attributes = Readonly<Record<string, string>>;

let nextId = 0;

/** Posts one event in binary mode. */
export async function post(
  url: string,
  attributes: Attributes = {},
  data: string | Buffer = '{}',
  headers: Readonly<Record<string, string>> = {},
): Promise<Posted> {
  nextId += 1;
  const { datacontenttype = 'application/json', ...others } = {
    specversion: '1.0',
    id: `event-${String(nextId)}`,
    source: '/test',
    type: 'test.event',
    ...attributes,
  };
  const ceHeaders: [string, string][] = Object.entries(others).map(([name, value]) => [
    `ce-${name}`,
    value,
  ]);
  return send(
    url,
    { ...Object.fromEntries(ceHeaders), 'content-type': datacontenttype, ...headers },
    data,
  );
}

/** Posts a structured event or a batch. */
export async function postJson(
  url: string,
  value: object,
  contentType = 'application/cloudevents+json',
): Promise<Posted> {
  return send(url, { 'content-type': contentType }, JSON.stringify(value));
}

export async function send(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string | Buffer,
  method = 'POST',
): Promise<Posted> {
  const answer = await request(url, { method: method as 'POST', headers: { ...headers }, body });
  return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
}

/** The conditions of an object as `type → status`. */
export async function conditionsOf(
  afflux: Afflux,
  apiVersion: string,
  kind: string,
  name: string,
  namespace = 'default',
): Promise<Record<string, string>> {
  const object = await afflux.get({ apiVersion, kind }, namespace, name);
  const { conditions = [] } = object.status as {
    conditions?: { type: string; status: string }[];
  };
  return Object.fromEntries(conditions.map(({ type, status }) => [type, status]));
}

/** The Ready condition with its reason and message. */
export async function readyOf(
  afflux: Afflux,
  kind: string,
  name: string,
  namespace = 'default',
): Promise<{ readonly ready: string; readonly reason: string; readonly message: string }> {
  await afflux.settled();
  const found = afflux
    .objects()
    .find(
      (object) => object.kind === kind && object.name === name && object.namespace === namespace,
    );
  expect(found, `${kind} ${namespace}/${name}`).toBeDefined();
  return {
    ready: found?.ready ?? '',
    reason: found?.reason ?? '',
    message: found?.message ?? '',
  };
}

const API_VERSIONS: Readonly<Record<string, string>> = {
  Broker: 'eventing.knative.dev/v1',
  Trigger: 'eventing.knative.dev/v1',
  EventType: 'eventing.knative.dev/v1beta3',
  Channel: 'messaging.knative.dev/v1',
  InMemoryChannel: 'messaging.knative.dev/v1',
  DurableChannel: 'messaging.afflux.dev/v1alpha1',
  KafkaChannel: 'messaging.knative.dev/v1',
  RabbitmqChannel: 'messaging.afflux.dev/v1alpha1',
  Subscription: 'messaging.knative.dev/v1',
  Sequence: 'flows.knative.dev/v1',
  Parallel: 'flows.knative.dev/v1',
  ConfigMap: 'v1',
  Service: 'v1',
  Secret: 'v1',
};

/** Group, version and kind of a kind that scenarios use. */
export function kindOf(kind: string): { readonly apiVersion: string; readonly kind: string } {
  return { apiVersion: API_VERSIONS[kind] ?? 'v1', kind };
}

/** An object as a user would see it: its fields are looked at, not typed. */
export interface SeenObject {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly generation: number;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status: {
    readonly observedGeneration?: number;
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly reason?: string;
      readonly message?: string;
    }[];
    readonly address?: { readonly url?: string };
    readonly annotations?: Readonly<Record<string, string>>;
    readonly subscriberUri?: string;
    readonly deadLetterSinkUri?: string;
    readonly [field: string]: unknown;
  };
}

export async function seen(
  afflux: Afflux,
  kind: string,
  name: string,
  namespace = 'default',
): Promise<SeenObject> {
  const object: unknown = await afflux.get(kindOf(kind), namespace, name);
  return object as SeenObject;
}

/** The sum of a metric's series that have these labels. */
export async function metricOf(
  afflux: Afflux,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<number> {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  return (await afflux.metrics())
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
    .filter((line) => wanted.every((label) => line.includes(label)))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
