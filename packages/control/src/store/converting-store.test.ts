import { newUuid } from '@afflux/kernel';
import { FakeClock } from '@afflux/kernel/testing';
import type { ApiObject, Conversion } from '@afflux/resources';
import { describe, expect, it, onTestFinished } from 'vitest';
import { MemoryStore } from '../memory/memory-store.ts';
import { CONFIG_MAP, configMap, GADGET, gadget, KIT_KINDS } from '../testkit/kinds.ts';
import { WatchRecorder } from '../testkit/watch-recorder.ts';
import { ConvertingStore } from './converting-store.ts';
import type { Admission, GroupVersionKind, Patch } from './resource-store.ts';

const OLD = { ...GADGET, apiVersion: 'kit.afflux.dev/v1alpha1' };
const key = { namespace: 'ns', name: 'a' };
const old = (spec?: Record<string, unknown>) => ({ ...gadget(key, spec), ...apiVersionOf(OLD) });
const apiVersionOf = ({ apiVersion }: { readonly apiVersion: string }) => ({ apiVersion });

function makeStore() {
  const memory = new MemoryStore({ clock: new FakeClock(), newId: newUuid, registry: KIT_KINDS });
  const store = new ConvertingStore(memory, ({ apiVersion, kind }) =>
    kind === OLD.kind && apiVersion === OLD.apiVersion ? apiVersionOf(GADGET) : undefined,
  );
  return { memory, store };
}

describe('a kind in two versions', () => {
  it('is one set of objects, each shown in the version that was asked for', async () => {
    const { memory, store } = makeStore();
    const created = await store.create(old());
    expect(created).toMatchObject(apiVersionOf(OLD));
    await store.create(gadget({ ...key, name: 'b' }));
    for (const version of [OLD, GADGET]) {
      const { items } = await store.list(version, { namespace: 'ns' });
      expect(items.map(({ metadata, apiVersion }) => [metadata.name, apiVersion])).toEqual([
        ['a', version.apiVersion],
        ['b', version.apiVersion],
      ]);
      expect(await store.get(version, key)).toMatchObject(apiVersionOf(version));
    }
    expect(await memory.get(GADGET, key)).toMatchObject(apiVersionOf(GADGET));
    await expect(store.create(gadget(key))).rejects.toMatchObject({ reason: 'AlreadyExists' });
  });

  it('shows the same object as the same, frozen', async () => {
    const { store } = makeStore();
    await store.create(old());
    const first = await store.get(OLD, key);
    expect(await store.get(OLD, key)).toBe(first);
    expect(Object.isFrozen(first)).toBe(true);
  });

  it('is updated in either, with one version to conflict on', async () => {
    const { store } = makeStore();
    const created = await store.create(old({ size: 1 }));
    const asNew = await store.get(GADGET, key);
    const updated = await store.update({ ...created, spec: { size: 2 } });
    expect(updated).toMatchObject({ ...apiVersionOf(OLD), spec: { size: 2 } });
    const stale = store.update({ ...asNew, spec: { size: 3 } });
    await expect(stale).rejects.toMatchObject({ reason: 'Conflict' });
    const done = await store.updateStatus({ ...updated, status: { phase: 'Ready' } });
    expect(done).toMatchObject({ ...apiVersionOf(OLD), status: { phase: 'Ready' } });
  });

  it.each(['merge', 'apply'] as const)('takes a %s patch that names its version', async (type) => {
    const { store } = makeStore();
    await store.create(old());
    const body = { ...apiVersionOf(OLD), kind: OLD.kind, metadata: key, spec: { size: 9 } };
    const patched = await store.patch(OLD, key, { type, body, force: true }, { fieldManager: 'x' });
    expect(patched).toMatchObject({ ...apiVersionOf(OLD), spec: { size: 9 } });
    const wrong = { ...body, apiVersion: 'kit.afflux.dev/v9' };
    const refused = store.patch(OLD, key, { type, body: wrong }, { fieldManager: 'x' });
    await expect(refused).rejects.toMatchObject({ reason: 'BadRequest' });
  });

  it('tells watches of either of every change', async () => {
    const { store } = makeStore();
    const watch = new WatchRecorder(store, OLD, { namespace: 'ns' });
    onTestFinished(() => watch.close());
    const created = await store.create(gadget(key));
    await store.update({ ...created, spec: { size: 2 } });
    await store.delete(OLD, key);
    await watch.seen('DELETED', 'a');
    expect(watch.summary).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a']);
    expect(watch.changes.map(({ object }) => object.apiVersion)).toEqual([
      OLD.apiVersion,
      OLD.apiVersion,
      OLD.apiVersion,
    ]);
  });
});

describe('a kind whose fields have other names', () => {
  const NEWER = { ...GADGET, apiVersion: 'newer.afflux.dev/v1' };
  const FIELDS = { wish: 'spec', was: 'status' };
  const newer = (wish: object) => ({ ...NEWER, metadata: { ...key }, wish });

  function makeRenaming(admission?: Admission) {
    const memory = new MemoryStore({ clock: new FakeClock(), newId: newUuid, registry: KIT_KINDS });
    const form = { apiVersion: GADGET.apiVersion, fields: FIELDS, selectable: ['wish.color'] };
    const storedAs = ({ apiVersion }: GroupVersionKind) =>
      apiVersion === NEWER.apiVersion ? form : undefined;
    return { memory, store: new ConvertingStore(memory, storedAs, admission) };
  }

  it('is kept under the names of its stored version, and shown under its own', async () => {
    const { memory, store } = makeRenaming();
    expect(await store.create(newer({ size: 1 }))).toMatchObject(newer({ size: 1 }));
    expect(await memory.get(GADGET, key)).toMatchObject({ ...GADGET, spec: { size: 1 } });
    const updated = await store.update({ ...(await store.get(NEWER, key)), wish: { size: 2 } });
    expect(updated).toMatchObject(newer({ size: 2 }));
    expect((await store.list(NEWER)).items).toEqual([updated]);
    expect('spec' in updated).toBe(false);
  });

  it.each([
    ['merge', { wish: { size: 9 } }],
    ['apply', { ...newer({ size: 9 }) }],
    ['json', [{ op: 'replace', path: '/wish/size', value: 9 }]],
  ] as const)('takes a %s patch in its own names', async (type, body) => {
    const { memory, store } = makeRenaming();
    await store.create(newer({ size: 1 }));
    const patch = { type, body, force: true } as Patch;
    const patched = await store.patch(NEWER, key, patch, { fieldManager: 'x' });
    expect(patched).toMatchObject(newer({ size: 9 }));
    expect(await memory.get(GADGET, key)).toMatchObject({ spec: { size: 9 } });
  });

  it('leaves what is no patch for the store to refuse', async () => {
    const { store } = makeRenaming();
    await store.create(newer({ size: 1 }));
    for (const body of [{}, [1], [{ op: 'test', path: 5 }], 'x'] as const) {
      const refused = store.patch(NEWER, key, { type: 'json', body });
      await expect(refused).rejects.toMatchObject({ reason: 'BadRequest' });
    }
  });

  it('is checked as it was written, also what a patch makes of it', async () => {
    const seen: unknown[] = [];
    const { memory, store } = makeRenaming((object, old) => {
      seen.push([object['wish' as keyof typeof object], old?.['wish' as keyof typeof old]]);
      if (JSON.stringify(object).includes('"size":3')) throw new Error('three is refused');
      return object;
    });
    const created = await store.create(newer({ size: 1 }));
    const updated = await store.update({ ...created, wish: { size: 2 } });
    const three = { wish: { size: 3 } };
    await expect(store.update({ ...updated, ...three })).rejects.toThrow('three');
    await expect(store.patch(NEWER, key, { type: 'merge', body: three })).rejects.toThrow('three');
    expect(await memory.get(GADGET, key)).toMatchObject({ spec: { size: 2 } });
    expect(seen).toEqual([
      [{ size: 1 }, undefined],
      [{ size: 2 }, { size: 1 }],
      [{ size: 3 }, { size: 2 }],
      [{ size: 3 }, { size: 2 }],
    ]);
  });
});

describe('a kind that functions convert', () => {
  const LISTED = { ...GADGET, apiVersion: 'listed.afflux.dev/v1' };
  const listed = (...sizes: number[]) => ({ ...LISTED, metadata: { ...key }, spec: { sizes } });
  const conversion: Conversion = {
    keep: ({ spec, ...rest }) => {
      const { sizes } = (spec ?? {}) as { sizes?: number[] };
      return sizes === undefined ? { spec, ...rest } : { ...rest, spec: { size: sizes[0] } };
    },
    show: (object) => {
      const { size } = object.spec as { size: number };
      return { ...object, spec: { sizes: [size] } };
    },
  };

  function makeListing() {
    const memory = new MemoryStore({ clock: new FakeClock(), newId: newUuid, registry: KIT_KINDS });
    const form = { apiVersion: GADGET.apiVersion, conversion };
    const storedAs = ({ apiVersion }: GroupVersionKind) =>
      apiVersion === LISTED.apiVersion ? form : undefined;
    return { memory, store: new ConvertingStore(memory, storedAs) };
  }

  it.each([
    ['merge', { spec: { sizes: [9] } }],
    ['json', [{ op: 'replace', path: '/spec/sizes/0', value: 9 }]],
    ['apply', listed(9)],
  ] as const)('takes a %s patch of what is shown', async (type, body) => {
    const { memory, store } = makeListing();
    expect(await store.create(listed(1))).toMatchObject(listed(1));
    const patch = { type, body, force: true } as Patch;
    const patched = await store.patch(LISTED, key, patch, { fieldManager: 'x' });
    expect(patched).toMatchObject(listed(9));
    expect(await memory.get(GADGET, key)).toMatchObject({ ...GADGET, spec: { size: 9 } });
  });

  it('patches again what somebody else changed meanwhile, unless the patch names a version', async () => {
    const { memory, store } = makeListing();
    const { metadata }: ApiObject = await store.create(listed(1));
    const update = memory.update.bind(memory);
    let isFirst = true;
    memory.update = async (object, options) => {
      if (isFirst) await update({ ...(await memory.get(GADGET, key)), metadata: labelled });
      isFirst = false;
      return update(object, options);
    };
    const labelled = { ...metadata, labels: { by: 'another' } };
    const patched = await store.patch(LISTED, key, { type: 'merge', body: listed(2) });
    expect(patched).toMatchObject({ ...listed(2), metadata: { labels: { by: 'another' } } });
    const { resourceVersion } = metadata;
    const stale = { metadata: { resourceVersion }, spec: { sizes: [3] } };
    const refused = store.patch(LISTED, key, { type: 'merge', body: stale });
    await expect(refused).rejects.toMatchObject({ reason: 'Conflict' });
  });

  it.each([
    [{ kind: 'Other' }, 'apiVersion or kind'],
    [{ metadata: { name: 'other' } }, 'the name'],
    [{ metadata: null }, 'metadata'],
  ])('refuses to become another object: %j', async (body, words) => {
    const { store } = makeListing();
    await store.create(listed(1));
    const refused = store.patch(LISTED, key, { type: 'merge', body });
    await expect(refused).rejects.toThrow(words);
  });
});

it('a kind in one version passes through', async () => {
  const { memory, store } = makeStore();
  const created = await store.create(configMap(key));
  expect(await store.get(CONFIG_MAP, key)).toBe(await memory.get(CONFIG_MAP, key));
  expect(created).toMatchObject(apiVersionOf(CONFIG_MAP));
});
