import type { KindDefinition } from '@afflux/resources';
import { builtinKinds, KindRegistry } from '@afflux/resources';
import { describe, expect, test } from 'vitest';
import type { ExtraResource } from '../extra-resource.ts';
import { readVectors } from '../testing/vectors.ts';
import { discoveryForm } from './accept.ts';
import { Discovery } from './discovery.ts';
import { versionInfo } from './version.ts';

interface Listed {
  readonly name: string;
  readonly verbs: readonly string[];
}

interface ResourceList {
  readonly resources: readonly Listed[];
}

interface AggregatedGroup {
  readonly metadata: { readonly name?: string };
  readonly versions: readonly {
    readonly version: string;
    readonly resources: readonly { readonly resource: string; readonly responseKind: object }[];
  }[];
}

const REAL = readVectors('discovery') as {
  readonly core: readonly Listed[];
  readonly leases: ResourceList;
  readonly crds: ResourceList;
  readonly custom: {
    readonly group: object;
    readonly v1: ResourceList;
    readonly v10: ResourceList;
    readonly aggregated: AggregatedGroup;
  };
  readonly aggregatedCore: AggregatedGroup['versions'][number]['resources'];
};

const GROUP = 'api-part.example.com';

const EXTRA: ExtraResource = {
  group: 'afflux.dev',
  version: 'v1alpha1',
  plural: 'deadletters',
  singular: 'deadletter',
  kind: 'DeadLetter',
  namespaced: true,
  verbs: ['get', 'list'],
  shortNames: ['dl'],
  categories: [],
};

/** The kinds of the CRDs that the vectors were taken with. */
function customKinds(): KindDefinition[] {
  const [model] = builtinKinds().byKind('RabbitmqBrokerConfig');
  if (model === undefined) throw new Error('no kind to start from');
  const kindOf = (change: Partial<KindDefinition> & { version: string }): KindDefinition => ({
    ...model,
    group: GROUP,
    apiVersion: `${GROUP}/${change.version}`,
    shortNames: [],
    categories: [],
    hasStatus: false,
    ...change,
  });
  const gadget = { kind: 'Gadget', plural: 'gadgets', singular: 'gadget', namespaced: false };
  const widget = { kind: 'Widget', plural: 'widgets', singular: 'widget' };
  return [
    ...['v1beta1', 'v2alpha1', 'v10', 'v1beta10', 'foo', 'bar'].map((version) =>
      kindOf({ ...gadget, version }),
    ),
    kindOf({
      ...widget,
      version: 'v1',
      shortNames: ['wd'],
      categories: ['odd'],
      hasStatus: true,
      scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
    }),
  ];
}

/** Order of verbs and of resources in an answer has no meaning. */
function unordered<T extends Listed>(resources: readonly T[]): T[] {
  return [...resources]
    .map((resource) => ({ ...resource, verbs: [...resource.verbs].sort() }))
    .sort((left, right) => left.name.localeCompare(right.name));
}

function aggregatedGroups(discovery: Discovery, root: 'api' | 'apis'): AggregatedGroup[] {
  const { body } = discovery.aggregated(root, 'v2');
  return (JSON.parse(body) as { items: AggregatedGroup[] }).items;
}

function sortedVerbs(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (key, member: unknown) =>
    key === 'verbs' && Array.isArray(member) ? (member as unknown[]).map(String).sort() : member,
  );
}

describe('discovery of a kind of a CRD is what kube-apiserver answers', () => {
  const discovery = new Discovery({ registry: new KindRegistry(customKinds()) });

  test('of the group, its versions in order', () => {
    expect(discovery.group(GROUP)).toEqual(REAL.custom.group);
  });

  test.each(['v1', 'v10'] as const)('of version %s', (version) => {
    const { resources, ...list } = discovery.resources(GROUP, version) as ResourceList;
    const { resources: real, ...realList } = REAL.custom[version];
    expect(list).toEqual(realList);
    expect(unordered(resources)).toEqual(unordered(real));
  });

  test('all at once', () => {
    const group = aggregatedGroups(discovery, 'apis').find(
      ({ metadata }) => metadata.name === GROUP,
    );
    expect(sortedVerbs(group)).toEqual(sortedVerbs(REAL.custom.aggregated));
  });
});

describe('discovery of the kinds of Kubernetes', () => {
  const discovery = new Discovery({ registry: builtinKinds(), extra: [EXTRA] });
  const core = (discovery.resources('', 'v1') as ResourceList).resources;
  const readOnly = /^pods/u;

  test.each(
    REAL.core.filter(({ name }) => !readOnly.test(name)).map((real) => [real.name, real] as const),
  )('says of %s what kube-apiserver says', (name, real) => {
    const ours = core.filter((resource) => resource.name === name);
    expect(unordered(ours)).toEqual(unordered([real]));
  });

  test('lets Pods be read only', () => {
    expect(core.filter(({ name }) => readOnly.test(name))).toEqual([
      expect.objectContaining({ name: 'pods', verbs: ['get', 'list', 'watch'] }),
      expect.objectContaining({ name: 'pods/log', verbs: ['get'] }),
      expect.objectContaining({ name: 'pods/status', verbs: ['get'] }),
    ]);
  });

  test.each([
    ['coordination.k8s.io', REAL.leases],
    ['apiextensions.k8s.io', REAL.crds],
  ])('says of %s what kube-apiserver says', (group, real) => {
    const { resources, ...list } = discovery.resources(group, 'v1') as ResourceList;
    const { resources: realResources, ...realList } = real;
    expect(list).toEqual(realList);
    expect(unordered(resources)).toEqual(unordered(realResources));
  });

  test('names kinds with group and version all at once, too', () => {
    const [group] = aggregatedGroups(discovery, 'api');
    const resources = group?.versions[0]?.resources ?? [];
    for (const name of ['configmaps', 'secrets']) {
      const real = REAL.aggregatedCore.find(({ resource }) => resource === name);
      const ours = resources.find(({ resource }) => resource === name);
      // kube-apiserver leaves group and version empty for its own kinds: clients put in those of the list.
      const responseKind = { ...real?.responseKind, version: 'v1' };
      expect(sortedVerbs(ours)).toEqual(sortedVerbs({ ...real, responseKind }));
    }
  });

  test('has the reviews that kubectl auth asks for', () => {
    expect(discovery.resources('authorization.k8s.io', 'v1')).toMatchObject({
      resources: [
        { name: 'selfsubjectaccessreviews', verbs: ['create'], namespaced: false },
        { name: 'selfsubjectrulesreviews', verbs: ['create'], namespaced: false },
      ],
    });
    expect(discovery.resources('authentication.k8s.io', 'v1')).toMatchObject({
      resources: [{ name: 'selfsubjectreviews', verbs: ['create'] }],
    });
  });

  test('names groups in the order of kube-apiserver: those of Kubernetes first', () => {
    const { groups } = discovery.apis() as { groups: { name: string }[] };
    const names = groups.map(({ name }) => name);
    const own = names.filter((name) => name.endsWith('.k8s.io'));
    expect(own).toEqual([
      'events.k8s.io',
      'authentication.k8s.io',
      'authorization.k8s.io',
      'apiextensions.k8s.io',
      'coordination.k8s.io',
    ]);
    expect(names).toEqual([...own, ...names.slice(own.length).sort()]);
  });

  test('names resources that others serve', () => {
    expect(discovery.resources('afflux.dev', 'v1alpha1')).toMatchObject({
      resources: [
        { name: 'deadletters', kind: 'DeadLetter', verbs: ['get', 'list'], shortNames: ['dl'] },
      ],
    });
  });

  test('knows nothing of what is not there', () => {
    expect(discovery.group('nothing')).toBeUndefined();
    expect(discovery.group('')).toBeUndefined();
    expect(discovery.resources('nothing', 'v1')).toBeUndefined();
    expect(discovery.resources('', 'v2')).toBeUndefined();
  });

  test('names the versions of the core group in the old form', () => {
    expect(discovery.api()).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
  });
});

describe('an answer', () => {
  test('is the same until the kinds change', () => {
    const registry = builtinKinds();
    const discovery = new Discovery({ registry });
    const before = discovery.aggregated('apis', 'v2');
    expect(discovery.aggregated('apis', 'v2')).toBe(before);
    const [widget] = customKinds().slice(-1);
    if (widget === undefined) throw new Error('no kind');
    registry.register(widget);
    const between = discovery.aggregated('apis', 'v2');
    expect(between.etag).not.toBe(before.etag);
    expect(discovery.group(GROUP)).toBeDefined();
    registry.unregister(widget.apiVersion, widget.kind);
    expect(discovery.aggregated('apis', 'v2')).toEqual(before);
    expect(discovery.group(GROUP)).toBeUndefined();
  });

  test('says in which form it is', () => {
    const discovery = new Discovery({ registry: builtinKinds() });
    const { contentType, body, etag } = discovery.aggregated('api', 'v2beta1');
    expect(contentType).toBe(
      'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList',
    );
    expect(JSON.parse(body)).toMatchObject({ apiVersion: 'apidiscovery.k8s.io/v2beta1' });
    expect(etag).toMatch(/^"[0-9A-F]{64}"$/u);
  });
});

test.each([
  [
    'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json',
    'v2',
  ],
  [
    'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json',
    'v2beta1',
  ],
  ['application/json;g=apidiscovery.k8s.io;v=v3;as=APIGroupDiscoveryList,application/json', 'old'],
  ['application/json, */*', 'old'],
  ['application/vnd.kubernetes.protobuf', 'old'],
  [undefined, 'old'],
])('a client that accepts %s is answered in the form %s', (accept, form) => {
  expect(discoveryForm(accept)).toBe(form);
});

test('the version is one that clients can read, and names the product', () => {
  expect(versionInfo({ version: '0.1.0' })).toMatchObject({
    major: '1',
    minor: '33',
    gitVersion: 'v1.33.0+afflux-0.1.0',
  });
});
