/** What a watch says, and when: as kube-apiserver does it. */
import { describe, expect, it } from 'vitest';
import { configMap, configMaps, makeNamespace, startLaptop, type ApiClient } from './api-client.ts';
import { WatchStream } from './watch-stream.ts';

interface Place {
  readonly api: ApiClient;
  readonly path: string;
  readonly watch: (
    query: string,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<WatchStream>;
  readonly create: (name: string, labels?: Readonly<Record<string, string>>) => Promise<void>;
  readonly label: (name: string, labels: Readonly<Record<string, string | null>>) => Promise<void>;
  readonly remove: (name: string) => Promise<void>;
  readonly version: () => Promise<string>;
}

async function place(): Promise<Place> {
  const { api } = await startLaptop();
  const path = configMaps(await makeNamespace(api));
  return {
    api,
    path,
    watch: (query, headers = {}) =>
      WatchStream.open(api.url, `${path}?watch=true&${query}`, { headers }),
    create: async (name, labels = {}) => {
      expect((await api.post(path, configMap(name, {}, { labels }))).status).toBe(201);
    },
    label: async (name, labels) => {
      const body = { metadata: { labels } };
      expect((await api.patch('merge', `${path}/${name}`, body)).status).toBe(200);
    },
    remove: async (name) => {
      expect((await api.delete(`${path}/${name}`)).status).toBe(200);
    },
    version: async () => (await api.list(path)).metadata.resourceVersion,
  };
}

describe('where a watch begins', () => {
  it.each(['', 'resourceVersion=0', 'resourceVersion='])(
    'with the present, for "%s"',
    async (query) => {
      const { watch, create } = await place();
      await create('a');
      await create('b');
      const stream = await watch(query);
      await create('c');
      await stream.until(({ events }) => events.length === 3);
      expect(stream.story).toEqual(['ADDED a', 'ADDED b', 'ADDED c']);
    },
  );

  it.each(['watch', 'watch=', 'watch=1', 'watch=yes'])('%s asks for one', async (query) => {
    const { api, path, create } = await place();
    await create('a');
    const stream = await WatchStream.open(api.url, `${path}?${query}`);
    await stream.until(({ events }) => events.length === 1);
    expect(stream.story).toEqual(['ADDED a']);
  });

  it.each(['watch=0', 'watch=false', 'watch=False'])('%s asks for a list', async (query) => {
    const { api, path } = await place();
    expect((await api.get(`${path}?${query}`)).body.kind).toBe('ConfigMapList');
  });

  it('after the version it names, with every change since', async () => {
    const { watch, create, label, remove, version } = await place();
    await create('a');
    const from = await version();
    await label('a', { x: 'y' });
    await create('b');
    await remove('a');
    const stream = await watch(`resourceVersion=${from}`);
    await stream.until(({ events }) => events.length === 3);
    expect(stream.story).toEqual(['MODIFIED a', 'ADDED b', 'DELETED a']);
    const versions = stream.events.map(({ object }) => Number(object.metadata.resourceVersion));
    expect(versions).toEqual([...versions].sort((left, right) => left - right));
    // The version of a deleted object is that of its deletion, so that a watch can go on from there.
    expect(versions.at(-1)).toBe(Number(await version()));
  });

  it('with 410 within the stream for a version of another life, and a list helps', async () => {
    const { watch, create, version } = await place();
    await create('a');
    const stream = await watch('resourceVersion=1');
    await stream.ended();
    expect(stream.status).toBe(200);
    expect(stream.events).toMatchObject([
      { type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } },
    ]);
    const again = await watch(`resourceVersion=${await version()}`);
    await create('b');
    await again.until(({ events }) => events.length === 1);
    expect(again.story).toEqual(['ADDED b']);
  });

  it('with 400 for what is no version', async () => {
    const { watch } = await place();
    const stream = await watch('resourceVersion=yesterday');
    await stream.ended();
    expect(stream.status).toBe(400);
  });
});

describe('initial events on request', () => {
  it('come first, then a bookmark that says so, then the changes', async () => {
    const { watch, create, version } = await place();
    await create('a');
    await create('b');
    const present = await version();
    const stream = await watch(
      'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true',
    );
    await create('c');
    await stream.until(({ events }) => events.length === 4);
    expect(stream.story).toEqual(['ADDED a', 'ADDED b', 'BOOKMARK', 'ADDED c']);
    expect(stream.events[2]?.object).toEqual({
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: {
        resourceVersion: present,
        annotations: { 'k8s.io/initial-events-end': 'true' },
      },
    });
  });

  it('end with the bookmark where there is nothing', async () => {
    const { watch } = await place();
    const stream = await watch(
      'sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&resourceVersion=0',
    );
    await stream.until(({ events }) => events.length === 1);
    expect(stream.story).toEqual(['BOOKMARK']);
  });

  it.each(['sendInitialEvents=true', 'sendInitialEvents=true&resourceVersionMatch=Exact'])(
    'are refused for "%s"',
    async (query) => {
      const { watch } = await place();
      const { status } = await watch(query);
      expect(status).toBe(422);
    },
  );

  it('are none when they are declined, whatever the version', async () => {
    const { watch, create, version } = await place();
    await create('a');
    const stream = await watch(`resourceVersion=${await version()}&allowWatchBookmarks=true`);
    await create('b');
    await stream.until(({ events }) => events.length === 1);
    expect(stream.story).toEqual(['ADDED b']);
  });
});

describe('the end of a watch', () => {
  it('comes after timeoutSeconds, in good order', async () => {
    const { watch, create } = await place();
    await create('a');
    const began = performance.now();
    const stream = await watch('timeoutSeconds=1');
    await stream.ended();
    expect(performance.now() - began).toBeGreaterThan(950);
    expect(stream.story).toEqual(['ADDED a']);
    expect(stream.wasCut).toBe(false);
  });

  it('comes with its kind: a watch on objects of a definition that is removed', async () => {
    const { api } = await place();
    const group = 'watched.example.com';
    const crd = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `things.${group}` },
      spec: {
        group,
        scope: 'Namespaced',
        names: { plural: 'things', singular: 'thing', kind: 'Thing', listKind: 'ThingList' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: {
              openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            },
          },
        ],
      },
    };
    const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
    expect((await api.post(crds, crd)).status).toBe(201);
    const things = `/apis/${group}/v1/things`;
    await expect.poll(async () => (await api.get(things)).status).toBe(200);
    const stream = await WatchStream.open(api.url, `${things}?watch=true`);
    expect((await api.delete(`${crds}/things.${group}`)).status).toBe(200);
    await stream.ended();
    expect(stream.wasCut).toBe(false);
    expect((await api.get(things)).status).toBe(404);
  });
});

describe('selectors', () => {
  it('show an object that moves in as added, one that moves out as deleted', async () => {
    const { watch, create, label, remove, version } = await place();
    const stream = await watch(`labelSelector=colour%3Dred&resourceVersion=${await version()}`);
    await create('a', { colour: 'blue' });
    await label('a', { colour: 'red' });
    await label('a', { size: 'big' });
    await label('a', { colour: 'green' });
    await label('a', { size: 'small' });
    await label('a', { colour: 'red' });
    await remove('a');
    await create('b', { colour: 'red' });
    await stream.until(({ story }) => story.includes('ADDED b'));
    expect(stream.story).toEqual([
      'ADDED a',
      'MODIFIED a',
      'DELETED a',
      'ADDED a',
      'DELETED a',
      'ADDED b',
    ]);
    // The last thing that a selector shows is the object as it last matched.
    expect(stream.events[2]?.object.metadata.labels).toEqual({ colour: 'red', size: 'big' });
  });

  it('of sets work, and one without a match at the start shows what comes', async () => {
    const { watch, create } = await place();
    await create('a', { tier: 'one' });
    const stream = await watch('labelSelector=tier%20notin%20(one,two),tier');
    await create('b', { tier: 'two' });
    await create('c', { tier: 'three' });
    await stream.until(({ events }) => events.length === 1);
    expect(stream.story).toEqual(['ADDED c']);
  });

  it('of fields show one object by its name', async () => {
    const { watch, create, label } = await place();
    const stream = await watch('fieldSelector=metadata.name%3Db');
    await create('a');
    await create('b');
    await label('a', { x: 'y' });
    await label('b', { x: 'y' });
    await stream.until(({ events }) => events.length === 2);
    expect(stream.story).toEqual(['ADDED b', 'MODIFIED b']);
  });

  it.each(['labelSelector=a%20in', 'labelSelector=-a', 'fieldSelector=spec.secret%3Dx'])(
    'that cannot be understood are refused: %s',
    async (query) => {
      const { watch } = await place();
      expect((await watch(query)).status).toBe(400);
    },
  );
});

describe('one object', () => {
  it('is watched by its path as by a field selector', async () => {
    const { api, path, create, remove } = await place();
    await create('a');
    await create('b');
    const stream = await WatchStream.open(api.url, `${path}/a?watch=true`);
    await remove('b');
    await remove('a');
    await stream.until(({ events }) => events.length === 2);
    expect(stream.story).toEqual(['ADDED a', 'DELETED a']);
  });
});

describe('forms', () => {
  it('a table has its columns at the first event only', async () => {
    const { watch, create } = await place();
    await create('a');
    const stream = await watch('', {
      accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
    });
    await create('b');
    await stream.until(({ events }) => events.length === 2);
    const [first, second] = stream.events.map(
      ({ object }) =>
        object as unknown as {
          readonly kind: string;
          readonly columnDefinitions: readonly { readonly name: string }[] | null;
          readonly rows: readonly { readonly cells: readonly unknown[] }[];
        },
    );
    expect(first?.kind).toBe('Table');
    expect(first?.columnDefinitions?.map(({ name }) => name)).toEqual(['Name', 'Data', 'Age']);
    expect(first?.rows[0]?.cells.slice(0, 2)).toEqual(['a', 0]);
    expect(second?.columnDefinitions ?? []).toEqual([]);
    expect(second?.rows[0]?.cells[0]).toBe('b');
  });

  it('metadata alone', async () => {
    const { api, path, watch } = await place();
    await api.post(path, configMap('a', { secret: 'data' }));
    const stream = await watch('', {
      accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
    });
    await stream.until(({ events }) => events.length === 1);
    expect(stream.events[0]?.object).toMatchObject({
      kind: 'PartialObjectMetadata',
      metadata: { name: 'a' },
    });
    expect(stream.events[0]?.object).not.toHaveProperty('data');
  });
});
