import { noopLogger, seededRandom } from '@afflux/kernel';
import { FakeClock, settle } from '@afflux/kernel/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { StoreError } from '../errors.ts';
import type { Admission } from '../store/resource-store.ts';
import { CONFIG_MAP, configMap, GADGET, gadget, KIT_KINDS, TOOLBOX } from '../testkit/kinds.ts';
import { ownerReference } from '../testkit/store/bench.ts';
import { WatchRecorder } from '../testkit/watch-recorder.ts';
import type { MemoryStoreLimits } from './limits.ts';
import { MemoryStore } from './memory-store.ts';

function makeStore(
  options: { admission?: Admission; limits?: Partial<MemoryStoreLimits>; clock?: FakeClock } = {},
): MemoryStore {
  let count = 0;
  return new MemoryStore({
    clock: new FakeClock(),
    newId: () => `uid-${String((count += 1))}`,
    registry: KIT_KINDS,
    random: seededRandom(1),
    logger: noopLogger,
    ...options,
  });
}

function record(
  store: MemoryStore,
  options?: ConstructorParameters<typeof WatchRecorder>[2],
): WatchRecorder {
  const recorder = new WatchRecorder(store, GADGET, options);
  onTestFinished(() => recorder.close());
  return recorder;
}

describe('MemoryStore admission', () => {
  it('sees a private copy with system fields and the stored object, and decides what is stored', async () => {
    const calls: unknown[] = [];
    const store = makeStore({
      admission: (object, old, request) => {
        calls.push([old?.spec, request]);
        object.spec = { defaulted: true, ...(object.spec as object) };
        return object;
      },
    });
    const given = gadget({ namespace: 'ns', name: 'a' }, { size: 1 });
    const created = await store.create(given, { fieldManager: 'controller' });
    expect(created.spec).toEqual({ defaulted: true, size: 1 });
    expect(given.spec).toEqual({ size: 1 });
    await store.patch(GADGET, given.metadata, { type: 'merge', body: { spec: { size: 2 } } });
    expect(calls).toEqual([
      [undefined, { operation: 'create', fieldManager: 'controller' }],
      [
        { defaulted: true, size: 1 },
        { operation: 'update', fieldManager: undefined },
      ],
    ]);
  });

  it('refuses by throwing, and nothing is stored', async () => {
    const refusal = new StoreError('AFFLUX_STORE_INVALID', 'no');
    const store = makeStore({
      admission: () => {
        throw refusal;
      },
    });
    await expect(store.create(gadget({ namespace: 'ns', name: 'a' }))).rejects.toBe(refusal);
    expect((await store.list(GADGET)).items).toEqual([]);
  });

  it('is not asked about status', async () => {
    let count = 0;
    const store = makeStore({
      admission: (object) => {
        count += 1;
        return object;
      },
    });
    const object = await store.create(gadget({ namespace: 'ns', name: 'a' }));
    await store.updateStatus({ ...object, status: { phase: 'Ready' } });
    expect(count).toBe(1);
  });

  it('may fill in the namespace', async () => {
    const store = makeStore({
      admission: (object) => {
        object.metadata.namespace ??= 'default';
        return object;
      },
    });
    await store.create(gadget({ name: 'a' }));
    expect(await store.get(GADGET, { namespace: 'default', name: 'a' })).toBeDefined();
  });

  it('cannot make the object something that cannot be stored', async () => {
    const store = makeStore({ admission: (object) => ({ ...object, spec: new Date(0) }) });
    await expect(store.create(gadget({ namespace: 'ns', name: 'a' }))).rejects.toMatchObject({
      reason: 'BadRequest',
    });
  });
});

describe('MemoryStore refuses', () => {
  it.each([
    ['no metadata', { apiVersion: 'v1', kind: 'ConfigMap' }],
    ['no kind', { apiVersion: 'v1', metadata: { name: 'a' } }],
    ['a name that is no text', { ...CONFIG_MAP, metadata: { name: 1 } }],
    ['labels that are no texts', { ...CONFIG_MAP, metadata: { name: 'a', labels: { x: 1 } } }],
    ['finalizers that are no list', { ...CONFIG_MAP, metadata: { name: 'a', finalizers: 'x' } }],
    ['text', 'object'],
    ['null', null],
    ['a list', []],
  ])('%s with BadRequest', async (_, object) => {
    await expect(makeStore().create(object as never)).rejects.toMatchObject({
      reason: 'BadRequest',
      status: 400,
    });
  });

  it('a namespaced object without a namespace', async () => {
    const store = makeStore();
    await expect(store.create(gadget({ name: 'a' }))).rejects.toMatchObject({ reason: 'Invalid' });
  });

  it('annotations beyond 256 KiB', async () => {
    const annotations = { a: 'x'.repeat(262_144) };
    await expect(
      makeStore().create(gadget({ namespace: 'ns', name: 'a', annotations })),
    ).rejects.toThrow('metadata.annotations');
  });

  it('every problem of the metadata at once', async () => {
    const metadata = { namespace: 'NS', name: 'A', labels: { x: '!' }, finalizers: ['no good'] };
    await expect(makeStore().create(gadget(metadata))).rejects.toMatchObject({
      details: {
        causes: [
          { field: 'metadata.name' },
          { field: 'metadata.namespace' },
          { field: 'metadata.labels' },
          { field: 'metadata.finalizers' },
        ],
      },
    });
  });

  it('T12 hostile JSON, and stays as it was', async () => {
    const store = makeStore();
    const hostile: unknown = JSON.parse('{"__proto__":{"polluted":true}}');
    await expect(
      store.create(gadget({ namespace: 'ns', name: 'a' }, { hostile })),
    ).rejects.toMatchObject({ reason: 'BadRequest' });
    expect((await store.list(GADGET)).items).toEqual([]);
  });

  it('more watches than it may serve, until one ends', async () => {
    const store = makeStore({ limits: { watchesMax: 2 } });
    const [first] = [record(store), record(store)];
    const third = record(store);
    await third.ended;
    expect(third.error).toMatchObject({ reason: 'TooManyRequests', status: 429, retryable: true });
    await first.close();
    const fourth = record(store);
    await store.create(gadget({ namespace: 'ns', name: 'a' }));
    await fourth.seen('ADDED', 'a');
  });

  it('versions that are none, and those of another life', async () => {
    const store = makeStore();
    const nonsense = record(store, { resourceVersion: 'abc' });
    await nonsense.ended;
    expect(nonsense.error).toMatchObject({ reason: 'BadRequest' });
    const future = record(store, { resourceVersion: '999' });
    await future.ended;
    expect(future.error).toMatchObject({ reason: 'Expired' });
  });
});

describe('MemoryStore watches', () => {
  it('get a bookmark every minute, from which a quiet kind can be resumed', async () => {
    const clock = new FakeClock();
    const store = makeStore({ clock, limits: { historyMax: 5 } });
    const watch = record(store);
    for (let index = 0; index < 20; index += 1) {
      await store.create(configMap({ namespace: 'ns', name: `c${String(index)}` }));
    }
    await clock.advance(60_000);
    expect(watch.bookmarks).toEqual(['20']);
    const resumed = record(store, { resourceVersion: '20' });
    await store.create(gadget({ namespace: 'ns', name: 'a' }));
    await resumed.seen('ADDED', 'a');
    await clock.advance(60_000);
    expect(watch.bookmarks).toEqual(['20', '21']);
  });

  it('leave no timer behind when they are gone', async () => {
    const clock = new FakeClock();
    const watch = record(makeStore({ clock }));
    await watch.close();
    await clock.advance(60_000);
    expect(clock.pending).toBe(0);
  });

  it('do not expire by changes of other kinds', async () => {
    const store = makeStore({ limits: { historyMax: 3 } });
    const { metadata } = await store.create(gadget({ namespace: 'ns', name: 'a' }));
    for (let index = 0; index < 10; index += 1) {
      await store.create(configMap({ namespace: 'ns', name: `c${String(index)}` }));
    }
    const watch = record(store, { resourceVersion: metadata.resourceVersion ?? '' });
    await store.create(gadget({ namespace: 'ns', name: 'b' }));
    await watch.seen('ADDED', 'b');
    expect(watch.summary).toEqual(['ADDED b']);
  });

  it('begin with more objects than their backlog holds', async () => {
    const store = makeStore({ limits: { watchBacklogMax: 3 } });
    for (const name of ['a', 'b', 'c', 'd', 'e'])
      await store.create(gadget({ namespace: 'ns', name }));
    const watch = record(store);
    await watch.seen('ADDED', 'e');
    expect(watch.summary).toHaveLength(5);
  });

  it('expire when what waits for their reader takes too much memory, and the past with it', async () => {
    const store = makeStore({ limits: { watchBacklogBytesMax: 10_000, historyBytesMax: 10_000 } });
    const { signal } = new AbortController();
    const lazy = store.watch(CONFIG_MAP, { signal })[Symbol.asyncIterator]();
    const { metadata } = await store.create(gadget({ namespace: 'ns', name: 'a' }));
    for (const name of ['a', 'b', 'c']) {
      const data = { filling: 'x'.repeat(5_000) };
      await store.create({ ...configMap({ namespace: 'ns', name }), data });
    }
    await expect(lazy.next()).rejects.toMatchObject({ reason: 'Expired' });
    const { resourceVersion } = metadata;
    const late = store.watch(CONFIG_MAP, { signal, resourceVersion })[Symbol.asyncIterator]();
    await expect(late.next()).rejects.toMatchObject({ reason: 'Expired' });
  });

  it('end when the reader stops reading', async () => {
    const store = makeStore({ limits: { watchesMax: 1 } });
    const { signal } = new AbortController();
    await store.create(gadget({ namespace: 'ns', name: 'a' }));
    for await (const change of store.watch(GADGET, { signal })) {
      expect(change.type).toBe('ADDED');
      break;
    }
    await record(store).seen('ADDED', 'a');
  });
});

describe('MemoryStore garbage collection', () => {
  it('ends when ownership runs in a circle', async () => {
    const store = makeStore();
    const create = (name: string) => store.create(gadget({ namespace: 'ns', name }));
    const [a, b] = [await create('a'), await create('b')];
    const own = (name: string, owner: typeof a) =>
      store.patch(
        GADGET,
        { namespace: 'ns', name },
        {
          type: 'merge',
          body: {
            metadata: { ownerReferences: [ownerReference(owner, { blockOwnerDeletion: true })] },
          },
        },
      );
    await own('a', b);
    await own('b', a);
    await store.delete(GADGET, a.metadata, { propagation: 'Foreground' });
    await settle();
    expect((await store.list(GADGET)).items).toEqual([]);
  });

  it('does not delete inside the call that caused it', async () => {
    const store = makeStore();
    const owner = await store.create(gadget({ namespace: 'ns', name: 'owner' }));
    const metadata = { namespace: 'ns', name: 'child', ownerReferences: [ownerReference(owner)] };
    await store.create(configMap(metadata));
    const deletion = store.delete(GADGET, owner.metadata);
    await expect(store.get(CONFIG_MAP, metadata)).resolves.toBeDefined();
    await deletion;
    await settle();
    await expect(store.get(CONFIG_MAP, metadata)).rejects.toMatchObject({ reason: 'NotFound' });
  });

  it('leaves a cluster-scoped child of a namespaced owner alone', async () => {
    const store = makeStore();
    const owner = await store.create(gadget({ namespace: 'ns', name: 'owner' }));
    const { apiVersion, kind } = TOOLBOX;
    const ownerReferences = [ownerReference(owner)];
    await store.create({ apiVersion, kind, metadata: { name: 'box', ownerReferences } });
    await settle();
    expect((await store.list(TOOLBOX)).items).toHaveLength(1);
  });

  it('waits for the foreground all the way down', async () => {
    const store = makeStore();
    const watch = record(store);
    let owner = await store.create(gadget({ namespace: 'ns', name: 'g0' }));
    for (const name of ['g1', 'g2']) {
      const ownerReferences = [ownerReference(owner, { blockOwnerDeletion: true })];
      owner = await store.create(gadget({ namespace: 'ns', name, ownerReferences }));
    }
    await store.delete(GADGET, { namespace: 'ns', name: 'g0' }, { propagation: 'Foreground' });
    await watch.seen('DELETED', 'g0');
    expect(watch.summary.filter((line) => line.startsWith('DELETED'))).toEqual([
      'DELETED g2',
      'DELETED g1',
      'DELETED g0',
    ]);
  });
});
