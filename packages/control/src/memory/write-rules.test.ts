import { noopLogger, seededRandom } from '@afflux/kernel';
import { FakeClock } from '@afflux/kernel/testing';
import type { ApiObject } from '@afflux/resources';
import { describe, expect, it } from 'vitest';
import type { GroupVersionKind, Patch } from '../store/resource-store.ts';
import { CONFIG_MAP, configMap, GADGET, gadget, KIT_KINDS, TOOLBOX } from '../testkit/kinds.ts';
import { MemoryStore } from './memory-store.ts';

function makeStore(): MemoryStore {
  let count = 0;
  return new MemoryStore({
    clock: new FakeClock(),
    newId: () => `uid-${String((count += 1))}`,
    registry: KIT_KINDS,
    random: seededRandom(1),
    logger: noopLogger,
  });
}

const KEY = { namespace: 'ns', name: 'a' };

/** A value as it comes from outside, where types are a hope. */
const foreign = (value: unknown) => value as ApiObject;

describe('the namespace of an object that has none', () => {
  const { apiVersion, kind } = TOOLBOX;
  const toolbox = (metadata: object = {}) =>
    foreign({ apiVersion, kind, metadata: { name: 'a', namespace: 'ns', ...metadata } });

  it('is dropped at a create and an update', async () => {
    const store = makeStore();
    const { metadata } = await store.create(toolbox());
    expect(metadata.namespace).toBeUndefined();
    const { resourceVersion } = metadata;
    const updated = await store.update(toolbox({ resourceVersion, labels: { a: 'b' } }));
    expect(updated.metadata).toMatchObject({ labels: { a: 'b' } });
    expect(updated.metadata.namespace).toBeUndefined();
  });

  it.each<Patch>([
    { type: 'merge', body: { metadata: { namespace: 'ns', labels: { a: 'b' } } } },
    {
      type: 'json',
      body: [
        { op: 'add', path: '/metadata/namespace', value: 'ns' },
        { op: 'add', path: '/metadata/labels', value: { a: 'b' } },
      ],
    },
    { type: 'apply', body: toolbox({ labels: { a: 'b' } }) },
  ])('is dropped by a patch of type $type', async (patch) => {
    const store = makeStore();
    await store.create(toolbox());
    const patched = await store.patch(TOOLBOX, { name: 'a' }, patch, { fieldManager: 'one' });
    expect(patched.metadata).toMatchObject({ labels: { a: 'b' } });
    expect(patched.metadata.namespace).toBeUndefined();
  });

  it('is dropped when a manifest is applied for the first time', async () => {
    const patch = { type: 'apply', body: toolbox() } as const;
    const key = { namespace: 'ns', name: 'a' };
    const made = await makeStore().patch(TOOLBOX, key, patch, { fieldManager: 'one' });
    expect(made.metadata.namespace).toBeUndefined();
  });
});

describe('null among labels and annotations', () => {
  const nulls = { labels: { a: null }, annotations: { b: null } };
  const texts = { labels: { a: '' }, annotations: { b: '' } };

  it('is the empty text, however it is written', async () => {
    const store = makeStore();
    const made = await store.create(foreign(gadget({ ...KEY, ...nulls } as never)));
    expect(made.metadata).toMatchObject(texts);
    const { resourceVersion } = made.metadata;
    const changed = gadget({ ...KEY, ...nulls, resourceVersion } as never, { size: 2 });
    expect((await store.update(changed)).metadata).toMatchObject(texts);
    const body = [{ op: 'add', path: '/metadata/labels/c', value: null }];
    const patched = await store.patch(GADGET, KEY, { type: 'json', body });
    expect(patched.metadata.labels).toEqual({ a: '', c: '' });
  });

  it('applied twice changes nothing the second time', async () => {
    const store = makeStore();
    const body = gadget({ ...KEY, ...nulls } as never);
    const apply = () => store.patch(GADGET, KEY, { type: 'apply', body }, { fieldManager: 'one' });
    const made = await apply();
    expect(made.metadata).toMatchObject(texts);
    expect(await apply()).toBe(made);
  });

  it('removes in a merge patch', async () => {
    const store = makeStore();
    await store.create(gadget({ ...KEY, labels: { a: 'x' } }));
    const patched = await store.patch(GADGET, KEY, { type: 'merge', body: { metadata: nulls } });
    expect(patched.metadata.labels).toBeUndefined();
  });

  it('in place of them all is nothing', async () => {
    const metadata = { ...KEY, labels: null, annotations: null, finalizers: null };
    const made = await makeStore().create(foreign(gadget(metadata as never)));
    expect(Object.keys(made.metadata)).not.toContain('labels');
    expect(Object.keys(made.metadata)).not.toContain('finalizers');
  });
});

describe('resourceVersion "0"', () => {
  it('is no condition for the kinds that need none', async () => {
    const store = makeStore();
    await store.create(configMap(KEY));
    const updated = await store.update(configMap({ ...KEY, resourceVersion: '0' }, { b: '2' }));
    expect(updated.data).toEqual({ b: '2' });
    expect(updated.metadata.resourceVersion).toBe('2');
    const patch = {
      type: 'merge',
      body: { metadata: { resourceVersion: '0' }, data: { c: '3' } },
    } as const;
    await expect(store.patch(CONFIG_MAP, KEY, patch)).resolves.toMatchObject({
      data: { b: '2', c: '3' },
    });
  });

  it('is none at all for custom resources', async () => {
    const store = makeStore();
    await store.create(gadget(KEY));
    await expect(store.update(gadget({ ...KEY, resourceVersion: '0' }))).rejects.toMatchObject({
      status: 422,
      message: expect.stringContaining('must be specified for an update') as string,
    });
  });

  it('may stand in a new object', async () => {
    const made = await makeStore().create(configMap({ ...KEY, resourceVersion: '0' }));
    expect(made.metadata.resourceVersion).toBe('1');
  });
});

describe('generateName', () => {
  it('that is empty makes no name', async () => {
    const metadata = { namespace: 'ns', name: '', generateName: '' };
    await expect(makeStore().create(gadget(metadata))).rejects.toMatchObject({
      status: 422,
      message: expect.stringContaining('name or generateName is required') as string,
    });
  });

  it.each(['BAD_', 'x.', '-a', 'x'.repeat(300)])('%s is refused', async (generateName) => {
    const metadata = { namespace: 'ns', name: '', generateName };
    await expect(makeStore().create(gadget(metadata))).rejects.toThrow('metadata.generateName');
    const named = makeStore().create(gadget({ ...metadata, name: 'a' }));
    await expect(named).rejects.toThrow('metadata.generateName');
  });

  it.each(['x-', 'x', 'x'.repeat(250)])('%s is taken, and cut', async (generateName) => {
    const { metadata } = await makeStore().create(
      gadget({ namespace: 'ns', name: '', generateName }),
    );
    expect(metadata.name.startsWith(generateName.slice(0, 58))).toBe(true);
    expect(metadata.name.length).toBe(Math.min(generateName.length, 58) + 5);
  });
});

describe('the name of a writer', () => {
  const long = { fieldManager: 'x'.repeat(129) };
  const refusal = (options: string) => ({
    status: 422,
    message: `${options}.meta.k8s.io "" is invalid: fieldManager: Too long: may not be more than 128 bytes`,
  });

  it('is looked at before anything else, at every write', async () => {
    const store = makeStore();
    const broken = gadget({ namespace: 'ns', name: 'NO' });
    await expect(store.create(broken, long)).rejects.toMatchObject(refusal('CreateOptions'));
    await expect(store.update(broken, long)).rejects.toMatchObject(refusal('UpdateOptions'));
    await expect(store.updateStatus(broken, long)).rejects.toMatchObject(refusal('UpdateOptions'));
    for (const type of ['merge', 'json', 'strategic', 'apply'] as const) {
      const patched = store.patch(GADGET, KEY, { type, body: {} }, long);
      await expect(patched).rejects.toMatchObject(refusal('PatchOptions'));
    }
  });

  it('may be absent, but not in an apply', async () => {
    const store = makeStore();
    await store.create(gadget(KEY), { fieldManager: '' });
    await store.patch(GADGET, KEY, { type: 'merge', body: {} });
    await expect(store.patch(GADGET, KEY, { type: 'apply', body: {} })).rejects.toThrow(
      'is required for apply patch',
    );
  });
});

describe('owners', () => {
  const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'a', uid: 'u' };
  const make = (change: object) =>
    makeStore().create(gadget({ ...KEY, ownerReferences: [{ ...owner, ...change }] }));

  it.each([
    [{ apiVersion: 'a/b/c' }, 'metadata.ownerReferences[0].apiVersion: Invalid value: "a/b/c"'],
    [{ apiVersion: 'a/' }, 'metadata.ownerReferences[0].apiVersion: Invalid value: "a/"'],
    [{ kind: 'Event' }, '/v1, Kind=Event is disallowed from being an owner'],
  ])('may not be %j', async (change, words) => {
    await expect(make(change)).rejects.toThrow(words);
  });

  it.each([
    {},
    { apiVersion: 'apps/v1' },
    { apiVersion: '/v1' },
    { apiVersion: 'x/v1', kind: 'Event' },
  ])('may be %j', async (change) => {
    await expect(make(change)).resolves.toBeDefined();
  });
});

describe('finalizers', () => {
  const both = ['orphan', 'foregroundDeletion'];

  it('without a domain are those of Kubernetes, for its own kinds', async () => {
    const make = (finalizer: string) =>
      makeStore().create(configMap({ ...KEY, finalizers: [finalizer] }));
    for (const known of ['kubernetes', ...both, 'x/y']) await make(known);
    await expect(make('x')).rejects.toThrow(
      'metadata.finalizers[0]: Invalid value: "x": name is neither a standard finalizer name nor is it fully qualified',
    );
    await makeStore().create(gadget({ ...KEY, finalizers: ['x'] }));
  });

  it('do not say opposite things', async () => {
    for (const make of [configMap, gadget]) {
      await expect(makeStore().create(make({ ...KEY, finalizers: both }))).rejects.toThrow(
        'finalizer orphan and foregroundDeletion cannot be both set',
      );
    }
  });
});

describe('the fields of a deletion', () => {
  const TIME = '2020-01-01T00:00:00Z';
  const kept: GroupVersionKind = GADGET;
  const merge = (store: MemoryStore, metadata: object) =>
    store.patch(kept, KEY, { type: 'merge', body: { metadata } });
  const apply = (store: MemoryStore, metadata: object) =>
    store.patch(
      kept,
      KEY,
      { type: 'apply', body: foreign(gadget({ ...KEY, ...metadata })) },
      { fieldManager: 'one', dryRun: true },
    );

  it.each([merge, apply])('cannot be set on a live object', async (write) => {
    const store = makeStore();
    const { metadata } = await store.create(gadget(KEY));
    await expect(write(store, { deletionTimestamp: TIME })).rejects.toMatchObject({
      status: 422,
      details: {
        causes: [{ field: 'metadata.deletionTimestamp', reason: 'FieldValueInvalid' }],
      },
    });
    await expect(write(store, { deletionGracePeriodSeconds: 0 })).rejects.toThrow(
      'metadata.deletionGracePeriodSeconds: Invalid value: 0: field is immutable',
    );
    const update = store.update(gadget({ ...metadata, deletionTimestamp: TIME }));
    await expect(update).rejects.toThrow('metadata.deletionTimestamp');
  });

  it.each([merge, apply])('of a deletion stay, and another grace is refused', async (write) => {
    const store = makeStore();
    await store.create(gadget({ ...KEY, finalizers: ['x/y'] }));
    const deleted = await store.delete(kept, KEY);
    const left = await write(store, { deletionTimestamp: TIME });
    expect(left.metadata.deletionTimestamp).toBe(deleted?.metadata.deletionTimestamp);
    await write(store, { deletionTimestamp: null, deletionGracePeriodSeconds: null });
    await expect(write(store, { deletionGracePeriodSeconds: 7 })).rejects.toThrow(
      'field is immutable',
    );
  });

  it('say nothing in a new object and in a write of the status', async () => {
    const store = makeStore();
    const made = await store.create(gadget({ ...KEY, deletionTimestamp: TIME }));
    expect(made.metadata.deletionTimestamp).toBeUndefined();
    await store.updateStatus(gadget({ ...made.metadata, deletionTimestamp: TIME }));
  });
});

it('__proto__ is refused by the name of the field that it is in', async () => {
  const data = JSON.parse('{"__proto__":"x"}') as Record<string, string>;
  await expect(makeStore().create(configMap(KEY, data))).rejects.toThrow(
    'data: the key "__proto__" is not allowed',
  );
});
