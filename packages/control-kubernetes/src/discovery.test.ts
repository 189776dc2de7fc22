import { FakeClock } from '@afflux/kernel/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Discovery, resourcesOf } from './discovery.ts';
import { RestClient } from './rest-client.ts';
import { openClient, skipReason } from './testing/real-cluster.ts';
import { json, scriptedServer, status, type Answerer } from './testing/scripted-server.ts';

const VERBS = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];

function aggregated(group: string, ...versions: readonly (readonly [string, object[]])[]) {
  return {
    metadata: { name: group },
    versions: versions.map(([version, resources]) => ({ version, resources })),
  };
}

function resource(
  kind: string,
  plural: string,
  singular: string,
  fields: Readonly<Record<string, unknown>> = {},
) {
  return {
    resource: plural,
    singularResource: singular,
    responseKind: { group: '', version: '', kind },
    scope: 'Namespaced',
    verbs: VERBS,
    ...fields,
  };
}

const list = (...items: unknown[]) => ({ kind: 'APIGroupDiscoveryList', items });

const CORE = list(
  aggregated('', [
    'v1',
    [
      resource('Service', 'services', 'service', { shortNames: ['svc'], categories: ['all'] }),
      resource('Event', 'events', 'event', { shortNames: ['ev'] }),
      resource('Namespace', 'namespaces', 'namespace', { scope: 'Cluster' }),
    ],
  ]),
);

const GROUPS = list(
  aggregated(
    'eventing.knative.dev',
    [
      'v1',
      [
        resource('Trigger', 'triggers', 'trigger', {
          categories: ['all', 'knative'],
          subresources: [{ subresource: 'status', verbs: ['get', 'update'] }],
        }),
      ],
    ],
    ['v1beta1', [resource('Trigger', 'triggers', 'trigger', { categories: ['all'] })]],
  ),
  aggregated('messaging.knative.dev', [
    'v1',
    [
      resource('InMemoryChannel', 'inmemorychannels', 'inmemorychannel', { shortNames: ['imc'] }),
      { resource: 'carriers', verbs: [], subresources: [{ subresource: 'x' }] },
    ],
  ]),
  aggregated('serving.knative.dev', [
    'v1',
    [resource('Service', 'services', 'service', { shortNames: ['ksvc'], categories: ['all'] })],
  ]),
);

/** Answers by path; anything else is not there. */
function byPath(documents: Readonly<Record<string, Answerer>>): Answerer {
  return (response, seen) => {
    (documents[seen.url] ?? status(404))(response, seen);
  };
}

async function open(answer: Answerer, ...more: readonly Answerer[]) {
  const server = await scriptedServer(answer, ...more);
  const clock = new FakeClock();
  const client = new RestClient(server.access, { clock });
  onTestFinished(() => client.close());
  return { server, clock, client, discovery: new Discovery(client, { clock }) };
}

const NEW_FORM = byPath({ '/api': json(CORE), '/apis': json(GROUPS) });

describe('resources', () => {
  it('are read from the aggregated form, two requests for all', async () => {
    const { server, client } = await open(NEW_FORM);
    const resources = await resourcesOf(client);
    expect(server.requests).toHaveLength(2);
    expect(server.requests[0]?.headers.accept).toContain('as=APIGroupDiscoveryList');
    expect(resources.map(({ plural, apiVersion }) => `${plural} ${apiVersion}`)).toEqual([
      'services v1',
      'events v1',
      'namespaces v1',
      'triggers eventing.knative.dev/v1',
      'triggers eventing.knative.dev/v1beta1',
      'inmemorychannels messaging.knative.dev/v1',
      'services serving.knative.dev/v1',
    ]);
    expect(resources[3]).toEqual({
      group: 'eventing.knative.dev',
      version: 'v1',
      apiVersion: 'eventing.knative.dev/v1',
      kind: 'Trigger',
      plural: 'triggers',
      singular: 'trigger',
      shortNames: [],
      categories: ['all', 'knative'],
      namespaced: true,
      verbs: VERBS,
      subresources: ['status'],
      hasStatus: true,
    });
    expect(resources[2]).toMatchObject({ namespaced: false, hasStatus: false });
  });

  it('are read from the old form where there is no other, preferred versions first', async () => {
    const listed = (name: string, kind: string) => ({ name, kind, namespaced: true, verbs: VERBS });
    const { client } = await open(
      byPath({
        '/api': json({ kind: 'APIVersions', versions: ['v1'] }),
        '/apis': json({
          kind: 'APIGroupList',
          groups: [
            {
              name: 'x.dev',
              versions: [{ version: 'v1beta1' }, { version: 'v1' }],
              preferredVersion: { version: 'v1' },
            },
            { name: 'away.dev', versions: [{ version: 'v1' }] },
          ],
        }),
        '/api/v1': json({ resources: [{ ...listed('pods', 'Pod'), shortNames: ['po'] }] }),
        '/apis/x.dev/v1': json({
          resources: [listed('things', 'Thing'), listed('things/status', 'Thing')],
        }),
        '/apis/x.dev/v1beta1': json({ resources: [listed('things', 'Thing')] }),
        '/apis/away.dev/v1': status(503),
      }),
    );
    const resources = await resourcesOf(client);
    expect(resources.map(({ plural, apiVersion }) => `${plural} ${apiVersion}`)).toEqual([
      'pods v1',
      'things x.dev/v1',
      'things x.dev/v1beta1',
    ]);
    expect(resources[0]).toMatchObject({ group: '', shortNames: ['po'], hasStatus: false });
    expect(resources[1]).toMatchObject({ subresources: ['status'], hasStatus: true });
  });
});

describe('resolve', () => {
  it.each([
    ['trigger', 'triggers.eventing.knative.dev'],
    ['Triggers', 'triggers.eventing.knative.dev'],
    ['Trigger', 'triggers.eventing.knative.dev'],
    ['triggers.eventing.knative.dev', 'triggers.eventing.knative.dev'],
    ['triggers.eventing', 'triggers.eventing.knative.dev'],
    ['imc', 'inmemorychannels.messaging.knative.dev'],
    ['svc', 'services.'],
    ['service', 'services.'],
    ['services.v1', 'services.'],
    ['ksvc', 'services.serving.knative.dev'],
    ['service.serving.knative.dev', 'services.serving.knative.dev'],
    ['service.v1.serving.knative.dev', 'services.serving.knative.dev'],
  ])('%s is %s', async (name, expected) => {
    const { discovery } = await open(NEW_FORM);
    const found = await discovery.resolve(name);
    expect(found.map(({ plural, group }) => `${plural}.${group}`)).toEqual([expected]);
    expect(found[0]?.version).toBe('v1');
  });

  it('takes the version that is named', async () => {
    const { discovery } = await open(NEW_FORM);
    const [found] = await discovery.resolve('triggers.v1beta1.eventing.knative.dev');
    expect(found?.version).toBe('v1beta1');
  });

  it('of a category is all of it, each in its preferred version', async () => {
    const { discovery } = await open(NEW_FORM);
    const found = await discovery.resolve('all');
    expect(found.map(({ plural, apiVersion }) => `${plural} ${apiVersion}`)).toEqual([
      'services v1',
      'triggers eventing.knative.dev/v1',
      'services serving.knative.dev/v1',
    ]);
  });

  it.each(['nothing', 'triggers.nowhere', 'carriers', ''])('of %j is refused', async (name) => {
    const { discovery } = await open(NEW_FORM);
    await expect(discovery.resolve(name)).rejects.toMatchObject({
      code: 'AFFLUX_KUBERNETES_RESOURCE_UNKNOWN',
    });
  });
});

describe('a discovery', () => {
  it('asks once, however many want to know', async () => {
    const { server, discovery } = await open(NEW_FORM);
    await Promise.all([discovery.resources(), discovery.resolve('svc')]);
    await discovery.get('v1', 'Service');
    expect(server.requests).toHaveLength(2);
  });

  it('looks again for what is missing, once a second at most', async () => {
    let groups: unknown = list();
    const { server, clock, discovery } = await open((response, seen) => {
      json(seen.url === '/api' ? CORE : groups)(response);
    });
    expect(await discovery.get('eventing.knative.dev/v1', 'Trigger')).toBeUndefined();
    expect(server.requests).toHaveLength(2);
    groups = GROUPS;
    await clock.advance(1_000);
    expect(await discovery.get('eventing.knative.dev/v1', 'Trigger')).toMatchObject({
      plural: 'triggers',
      hasStatus: true,
    });
    expect(server.requests).toHaveLength(4);
  });

  it('forgets a failure', async () => {
    const { discovery } = await open(status(403, { reason: 'Forbidden' }), status(403), NEW_FORM);
    await expect(discovery.resources()).rejects.toMatchObject({ status: 403 });
    expect(await discovery.resources()).toHaveLength(7);
  });
});

const reason = skipReason(process.env);

describe.skipIf(reason !== undefined)(`on a cluster ${reason ?? ''}`, () => {
  it('finds what kubectl finds', async () => {
    const client = await openClient(process.env);
    onTestFinished(() => client.close());
    const discovery = new Discovery(client, { clock: new FakeClock() });
    expect(await discovery.resolve('deploy')).toMatchObject([
      { apiVersion: 'apps/v1', kind: 'Deployment', namespaced: true, hasStatus: true },
    ]);
    expect(await discovery.resolve('ev')).toMatchObject([{ apiVersion: 'v1', kind: 'Event' }]);
    const all = await discovery.resolve('all');
    expect(all.map(({ plural }) => plural)).toContain('daemonsets');
  });

  it('finds the same in both forms', async () => {
    const client = await openClient(process.env);
    onTestFinished(() => client.close());
    const names = (resources: Awaited<ReturnType<typeof resourcesOf>>) =>
      resources
        .filter(({ group }) => group !== 'kit.afflux.dev')
        .map(({ plural, apiVersion, hasStatus }) => `${plural} ${apiVersion} ${String(hasStatus)}`)
        .sort();
    const request = client.request.bind(client);
    const inNewForm = await resourcesOf(client);
    client.request = ({ headers: _headers, ...rest }) => request(rest);
    expect(names(await resourcesOf(client))).toEqual(names(inNewForm));
  });
});
