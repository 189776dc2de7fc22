/**
 * What `kn` (Knative's client) asks for, request by request, as its typed and dynamic clients send it. The client itself
 * runs in `kn-client.test.ts` where there is one.
 *
 * kn describes kinds by their CustomResourceDefinitions: channel types are those with one label, source types those
 * with another. A typed client writes empty parts (`"status":{}`), and sends an object back as it has read it.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  makeNamespace,
  startLaptop,
  type ApiClient,
  type Laptop,
  type Seen,
} from './api-client.ts';

/** What client-go's typed clients, and its dynamic one, accept. */
const TYPED = { headers: { accept: 'application/json, */*', 'user-agent': 'kn/v1 (linux/amd64)' } };
const DYNAMIC = { headers: { accept: 'application/json', 'user-agent': 'kn/v1 (linux/amd64)' } };

let laptop: Laptop;
let api: ApiClient;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  laptop = await startLaptop({}, (cleanUp) => {
    closing.push(cleanUp);
  });
  api = laptop.api;
});

afterAll(async () => {
  for (const close of closing) await close();
});

function pathOf(group: string, namespace: string, plural: string, name = ''): string {
  const path = `/apis/${group}/namespaces/${namespace}/${plural}`;
  return name === '' ? path : `${path}/${name}`;
}

const EVENTING = 'eventing.knative.dev/v1';
const MESSAGING = 'messaging.knative.dev/v1';

function brokerBody(namespace: string, name: string, spec: object = {}): object {
  return {
    kind: 'Broker',
    apiVersion: EVENTING,
    metadata: { name, namespace },
    spec,
    status: {},
  };
}

/** As an update of kn does it: reads, changes, writes everything back. */
async function update(path: string, change: (object: Seen) => object): Promise<Seen> {
  const { body } = await api.get(path, TYPED);
  const updated = await api.put(path, change(body), TYPED);
  expect(updated.status, updated.text).toBe(200);
  return updated.body;
}

function deleteOptions(apiVersion: string, more: object = {}): object {
  return { kind: 'DeleteOptions', apiVersion, ...more };
}

function readiness(object: Seen): string | undefined {
  const { conditions = [] } = object['status'] as {
    conditions?: readonly { readonly type: string; readonly status: string }[];
  };
  return conditions.find(({ type }) => type === 'Ready')?.status;
}

describe('kn broker', () => {
  test('create makes one with its delivery, list and describe show it Ready', async () => {
    const namespace = await makeNamespace(api, 'kn');
    const path = pathOf(EVENTING, namespace, 'brokers');
    const delivery = { retry: 3, deadLetterSink: { uri: 'http://localhost:9000/' } };
    const created = await api.post(path, brokerBody(namespace, 'main', { delivery }), TYPED);
    expect(created.status, created.text).toBe(201);
    expect(created.body['spec']).toMatchObject({ delivery });
    await laptop.afflux.settled();
    const { items } = await api.list(path);
    expect(items.map((item) => [item.metadata.name, readiness(item)])).toEqual([['main', 'True']]);
    const described = await api.get(`${path}/main`, TYPED);
    expect(described.body['status']).toMatchObject({
      address: { url: `${laptop.afflux.url}/${namespace}/main` },
    });
  });

  test('create of one that is there says that it is', async () => {
    const namespace = await makeNamespace(api, 'kn');
    const path = pathOf(EVENTING, namespace, 'brokers');
    await api.post(path, brokerBody(namespace, 'main'), TYPED);
    const { status, body } = await api.post(path, brokerBody(namespace, 'main'), TYPED);
    expect([status, body.reason, body.message]).toEqual([
      409,
      'AlreadyExists',
      'brokers.eventing.knative.dev "main" already exists',
    ]);
  });

  test('update sends back what it read, with another delivery', async () => {
    const namespace = await makeNamespace(api, 'kn');
    const path = pathOf(EVENTING, namespace, 'brokers');
    const spec = { delivery: { retry: 3 } };
    await api.post(path, brokerBody(namespace, 'main', spec), TYPED);
    await laptop.afflux.settled();
    const updated = await update(`${path}/main`, (broker) => ({
      ...broker,
      spec: { ...(broker['spec'] as object), delivery: { retry: 5 } },
    }));
    expect(updated['spec']).toMatchObject({ delivery: { retry: 5 } });
    expect(updated.metadata.generation).toBe(2);
  });

  test('delete --wait deletes in the foreground and watches the one name until it is gone', async () => {
    const namespace = await makeNamespace(api, 'kn');
    const path = pathOf(EVENTING, namespace, 'brokers');
    await api.post(path, brokerBody(namespace, 'main'), TYPED);
    await laptop.afflux.settled();
    const { body } = await api.get(`${path}/main`, TYPED);
    const { resourceVersion } = body.metadata;
    const options = deleteOptions(EVENTING, { propagationPolicy: 'Foreground' });
    expect((await api.delete(`${path}/main`, options, TYPED)).status).toBe(200);
    const selector = `fieldSelector=metadata.name%3Dmain&resourceVersion=${resourceVersion}`;
    await laptop.afflux.settled();
    const watched = await api.get(`${path}?${selector}&timeoutSeconds=1&watch=true`, TYPED);
    const events = watched.text.trim().split('\n');
    expect(JSON.parse(events.at(-1) ?? '')).toMatchObject({
      type: 'DELETED',
      object: { metadata: { name: 'main' } },
    });
    expect((await api.get(`${path}/main`, TYPED)).status).toBe(404);
  });
});

describe('kn trigger', () => {
  test('create finds its sink by a dynamic client, update changes filter and sink, delete removes', async () => {
    const namespace = await makeNamespace(api, 'kn');
    const brokers = pathOf(EVENTING, namespace, 'brokers');
    await api.post(brokers, brokerBody(namespace, 'main'), TYPED);
    expect((await api.get(`${brokers}/main`, DYNAMIC)).body.kind).toBe('Broker');
    const path = pathOf(EVENTING, namespace, 'triggers');
    const trigger = {
      kind: 'Trigger',
      apiVersion: EVENTING,
      metadata: { name: 'orders', namespace },
      spec: {
        broker: 'main',
        filter: { attributes: { type: 'a' } },
        subscriber: {
          ref: { kind: 'Broker', namespace, name: 'main', apiVersion: EVENTING },
        },
      },
      status: {},
    };
    expect((await api.post(path, trigger, TYPED)).status).toBe(201);
    await laptop.afflux.settled();
    expect(readiness((await api.list(path)).items[0] as Seen)).toBe('True');
    const updated = await update(`${path}/orders`, (read) => ({
      ...read,
      spec: { ...(read['spec'] as object), filter: { attributes: { type: 'b' } } },
    }));
    expect(updated['spec']).toMatchObject({ filter: { attributes: { type: 'b' } } });
    const deleted = await api.delete(`${path}/orders`, deleteOptions(EVENTING), TYPED);
    expect(deleted.body).toMatchObject({ kind: 'Status', status: 'Success' });
    expect((await api.list(path)).items).toEqual([]);
  });
});

describe('kn channel', () => {
  const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

  test('list-types finds the channel kinds by a label of their definitions', async () => {
    const selector = 'labelSelector=messaging.knative.dev%2Fsubscribable%3Dtrue';
    const { body } = await api.get<{ kind: string; items: readonly Seen[] }>(
      `${CRDS}?${selector}`,
      DYNAMIC,
    );
    expect(body.kind).toBe('CustomResourceDefinitionList');
    const specs = body.items.map(
      ({ spec }) => spec as { names: { kind: string }; versions: { name: string }[] },
    );
    expect(specs.map(({ names }) => names.kind)).toEqual(
      expect.arrayContaining(['InMemoryChannel', 'DurableChannel', 'KafkaChannel']),
    );
    // The dynamic client needs to know of each item what it is; kn takes the type from its names and versions.
    expect(new Set(body.items.map(({ kind }) => kind))).toEqual(
      new Set(['CustomResourceDefinition']),
    );
    expect(specs.every(({ versions }) => versions.length > 0)).toBe(true);
  });

  test('create with and without a type, list and describe tell the type and the address', async () => {
    const namespace = await makeNamespace(api, 'kn');
    const path = pathOf(MESSAGING, namespace, 'channels');
    const body = (name: string, spec: object): object => ({
      kind: 'Channel',
      apiVersion: MESSAGING,
      metadata: { name, namespace },
      spec,
      status: {},
    });
    const channelTemplate = { kind: 'InMemoryChannel', apiVersion: MESSAGING };
    expect((await api.post(path, body('a', {}), TYPED)).status).toBe(201);
    expect((await api.post(path, body('b', { channelTemplate }), TYPED)).status).toBe(201);
    await laptop.afflux.settled();
    const { items } = await api.list(path);
    const specs = items.map(({ spec }) => spec as { channelTemplate: unknown });
    for (const spec of specs) expect(spec.channelTemplate).toMatchObject(channelTemplate);
    expect(items.map(readiness)).toEqual(['True', 'True']);
    const described = await api.get(`${path}/a`, TYPED);
    expect(described.body['status']).toMatchObject({
      address: { url: `${laptop.afflux.url}/${namespace}/channels/a` },
    });
    const deleted = await api.delete(`${path}/a`, deleteOptions(MESSAGING), TYPED);
    expect(deleted.status).toBe(200);
  });
});

describe('kn subscription', () => {
  test('create without a namespace in the body, update of the sink, delete', async () => {
    const namespace = await makeNamespace(api, 'kn');
    const channels = pathOf(MESSAGING, namespace, 'channels');
    for (const name of ['orders', 'billing']) {
      await api.post(channels, {
        kind: 'Channel',
        apiVersion: MESSAGING,
        metadata: { name, namespace },
        spec: {},
      });
    }
    const path = pathOf(MESSAGING, namespace, 'subscriptions');
    const subscription = {
      kind: 'Subscription',
      apiVersion: MESSAGING,
      metadata: { name: 'bills' },
      spec: {
        channel: { kind: 'Channel', name: 'orders', apiVersion: MESSAGING },
        subscriber: { ref: { kind: 'Channel', namespace, name: 'billing', apiVersion: MESSAGING } },
      },
      status: { physicalSubscription: {} },
    };
    const created = await api.post(path, subscription, TYPED);
    expect(created.status, created.text).toBe(201);
    expect(created.body.metadata.namespace).toBe(namespace);
    await laptop.afflux.settled();
    expect(readiness((await api.get(`${path}/bills`, TYPED)).body)).toBe('True');
    const updated = await update(`${path}/bills`, (read) => ({
      ...read,
      spec: { ...(read['spec'] as object), subscriber: { uri: 'http://localhost:9000/' } },
    }));
    expect(updated['spec']).toMatchObject({ subscriber: { uri: 'http://localhost:9000/' } });
    expect((await api.delete(`${path}/bills`, deleteOptions(MESSAGING), TYPED)).status).toBe(200);
    await laptop.afflux.settled();
    expect((await api.list(path)).items).toEqual([]);
  });
});

describe('kn source', () => {
  test('list-types and list get a list of definitions, empty while there are no sources', async () => {
    const { body } = await api.get<{ items: readonly Seen[] }>(
      '/apis/apiextensions.k8s.io/v1/customresourcedefinitions?labelSelector=duck.knative.dev%2Fsource%3Dtrue',
      DYNAMIC,
    );
    expect(body).toMatchObject({ kind: 'CustomResourceDefinitionList', items: [] });
  });

  test('finds the source kinds that a user defines', async () => {
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: {
        name: 'clocks.sources.shop.example',
        labels: { 'duck.knative.dev/source': 'true' },
      },
      spec: {
        group: 'sources.shop.example',
        scope: 'Namespaced',
        names: { plural: 'clocks', kind: 'Clock' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: 'object' } },
          },
        ],
      },
    };
    const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    expect((await api.post(crds, definition)).status).toBe(201);
    await laptop.afflux.settled();
    const found = await api.list(`${crds}?labelSelector=duck.knative.dev%2Fsource%3Dtrue`);
    expect(found.items.map(({ metadata }) => metadata.name)).toEqual([definition.metadata.name]);
    // kn then lists the objects of each type.
    const objects = await api.list('/apis/sources.shop.example/v1/namespaces/default/clocks');
    expect(objects).toMatchObject({ kind: 'ClockList', items: [] });
    await api.delete(`${crds}/${definition.metadata.name}`);
  });
});

describe('kn eventtype', () => {
  test('create, list, describe and delete in the version that kn speaks', async () => {
    const namespace = await makeNamespace(api, 'kn');
    await api.post(pathOf(EVENTING, namespace, 'brokers'), brokerBody(namespace, 'main'), TYPED);
    const version = 'eventing.knative.dev/v1beta2';
    const path = pathOf(version, namespace, 'eventtypes');
    const eventType = {
      kind: 'EventType',
      apiVersion: version,
      metadata: { name: 'placed', namespace },
      spec: {
        type: 'order.created',
        reference: { kind: 'Broker', name: 'main', apiVersion: EVENTING },
      },
      status: {},
    };
    const created = await api.post(path, eventType, TYPED);
    expect(created.status, created.text).toBe(201);
    expect(created.body.apiVersion).toBe(version);
    await laptop.afflux.settled();
    const { items } = await api.list(path);
    expect(items.map((item) => [item.metadata.name, readiness(item)])).toEqual([
      ['placed', 'True'],
    ]);
    const described = await api.get(`${path}/placed`, TYPED);
    expect(described.body['spec']).toMatchObject({ type: 'order.created' });
    expect((await api.delete(`${path}/placed`, deleteOptions(version), TYPED)).status).toBe(200);
    expect((await api.get(`${path}/placed`, TYPED)).status).toBe(404);
  });
});

test('kn version reads which groups there are', async () => {
  const { body } = await api.get<{ groups: { name: string }[] }>('/apis', DYNAMIC);
  expect(body.groups.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['eventing.knative.dev', 'messaging.knative.dev']),
  );
});
