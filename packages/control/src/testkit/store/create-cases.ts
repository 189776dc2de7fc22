import { describe, expect, it } from 'vitest';
import { CONFIG_MAP, configMap, GADGET, gadget, NOTE, TOOLBOX } from '../kinds.ts';
import { isDeepFrozen, type StoreBench } from './bench.ts';

/** Creating, reading and listing. */
export function createCases(bench: StoreBench): void {
  describe('create', () => {
    it('fills in uid, version, generation and time, and keeps what was given', async () => {
      const namespace = await bench.namespace();
      const given = gadget(
        { namespace, name: 'a', labels: { tier: 'x' }, annotations: { 'afflux.dev/n': '1' } },
        { size: 3, parts: [{ name: 'p' }] },
      );
      const created = await bench.store.create(given);
      expect(created).toMatchObject(given);
      expect(created.metadata.uid).toMatch(/./);
      expect(created.metadata.resourceVersion).toMatch(/./);
      expect(created.metadata.generation).toBe(1);
      expect(created.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    });

    it('returns what get then returns, frozen to the leaves', async () => {
      const namespace = await bench.namespace();
      const created = await bench.store.create(gadget({ namespace, name: 'a' }, { parts: [{}] }));
      const read = await bench.store.get(GADGET, { namespace, name: 'a' });
      expect(read).toEqual(created);
      expect(isDeepFrozen(created)).toBe(true);
      expect(isDeepFrozen(read)).toBe(true);
    });

    it('keeps nothing of the object it was given', async () => {
      const namespace = await bench.namespace();
      const given = gadget({ namespace, name: 'a' }, { parts: [1] });
      await bench.store.create(given);
      given.spec = { parts: [2] };
      expect(await bench.read(given)).toMatchObject({ spec: { parts: [1] } });
      expect(Object.isFrozen(given.metadata)).toBe(false);
    });

    it('ignores system fields that the caller made up', async () => {
      const namespace = await bench.namespace();
      const created = await bench.store.create(
        gadget({
          namespace,
          name: 'a',
          uid: 'made-up',
          generation: 7,
          creationTimestamp: '2001-01-01T00:00:00Z',
          deletionTimestamp: '2001-01-01T00:00:00Z',
        }),
      );
      expect(created.metadata.uid).not.toBe('made-up');
      expect(created.metadata.generation).toBe(1);
      expect(created.metadata.creationTimestamp).not.toMatch(/^2001/);
      expect(created.metadata.deletionTimestamp).toBeUndefined();
    });

    it('drops the status of a kind whose status is a subresource', async () => {
      const namespace = await bench.namespace();
      const given = { ...gadget({ namespace, name: 'a' }), status: { phase: 'Ready' } };
      expect((await bench.store.create(given)).status).toBeUndefined();
    });

    it('keeps the status of a kind where it is an ordinary field', async () => {
      const namespace = await bench.namespace();
      const { apiVersion, kind } = NOTE;
      const given = { apiVersion, kind, metadata: { namespace, name: 'a' }, status: { x: 1 } };
      expect((await bench.store.create(given)).status).toEqual({ x: 1 });
    });

    it('gives built-in kinds no generation', async () => {
      const namespace = await bench.namespace();
      const created = await bench.store.create(configMap({ namespace, name: 'a' }));
      expect(created.metadata.generation).toBeUndefined();
    });

    it('refuses a second object of the same name with AlreadyExists', async () => {
      const namespace = await bench.namespace();
      const name = bench.unique('g');
      await bench.store.create(gadget({ namespace, name }));
      await expect(bench.store.create(gadget({ namespace, name }))).rejects.toMatchObject({
        reason: 'AlreadyExists',
        status: 409,
        message: `gadgets.kit.afflux.dev "${name}" already exists`,
      });
    });

    it('lets exactly one of many concurrent creates of one name win', async () => {
      const namespace = await bench.namespace();
      const results = await Promise.allSettled(
        Array.from({ length: 10 }, () => bench.store.create(gadget({ namespace, name: 'a' }))),
      );
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    });

    it('keeps equal names apart in different namespaces and kinds', async () => {
      const [first, second] = [await bench.namespace(), await bench.namespace()];
      await bench.store.create(gadget({ namespace: first, name: 'a' }, { size: 1 }));
      await bench.store.create(gadget({ namespace: second, name: 'a' }, { size: 2 }));
      await bench.store.create(configMap({ namespace: first, name: 'a' }));
      expect(await bench.read(gadget({ namespace: second, name: 'a' }))).toMatchObject({
        spec: { size: 2 },
      });
    });

    it('makes a name from generateName: the base and five characters, never the same twice', async () => {
      const namespace = await bench.namespace();
      const names = new Set<string>();
      for (let count = 0; count < 20; count += 1) {
        const { metadata } = await bench.store.create(
          gadget({ namespace, name: '', generateName: 'made-' }),
        );
        expect(metadata.name).toMatch(/^made-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
        names.add(metadata.name);
      }
      expect(names.size).toBe(20);
    });

    it('cuts a long generateName so that the name fits 63 characters', async () => {
      const namespace = await bench.namespace();
      const { metadata } = await bench.store.create(
        gadget({ namespace, name: '', generateName: 'a'.repeat(80) }),
      );
      expect(metadata.name).toHaveLength(63);
    });

    it('refuses a version on a new object', async () => {
      const namespace = await bench.namespace();
      const given = gadget({ namespace, name: 'a', resourceVersion: '1' });
      // With a status of 500 on a cluster, so only the words are compared.
      await expect(bench.store.create(given)).rejects.toThrow(
        'resourceVersion should not be set on objects to be created',
      );
    });

    it.each(['Upper', 'under_score', '-dash', 'dash-', 'a..b', 'sp ace', 'a'.repeat(254)])(
      'refuses the name %j with Invalid',
      async (name) => {
        const namespace = await bench.namespace();
        await expect(bench.store.create(gadget({ namespace, name }))).rejects.toMatchObject({
          reason: 'Invalid',
          status: 422,
        });
      },
    );

    it.each(['a', '0', 'a.b-c.9', 'a'.repeat(253)])('takes the name %j', async (name) => {
      const namespace = await bench.namespace();
      expect((await bench.store.create(gadget({ namespace, name }))).metadata.name).toBe(name);
    });

    it('refuses labels that are none with Invalid', async () => {
      const namespace = await bench.namespace();
      for (const labels of [{ 'bad key': 'x' }, { key: 'bad value!' }, { key: 'x'.repeat(64) }]) {
        await expect(
          bench.store.create(gadget({ namespace, name: 'a', labels })),
        ).rejects.toMatchObject({ reason: 'Invalid' });
      }
    });

    it('refuses two controllers with Invalid', async () => {
      const namespace = await bench.namespace();
      const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'o', controller: true };
      const ownerReferences = [
        { ...owner, uid: 'u1' },
        { ...owner, uid: 'u2' },
      ];
      await expect(
        bench.store.create(gadget({ namespace, name: 'a', ownerReferences })),
      ).rejects.toMatchObject({ reason: 'Invalid' });
    });

    it('refuses a kind that it does not serve with NotFound', async () => {
      const namespace = await bench.namespace();
      const unknown = { apiVersion: GADGET.apiVersion, kind: 'Nothing' };
      await expect(
        bench.store.create({ ...unknown, metadata: { namespace, name: 'a' } }),
      ).rejects.toMatchObject({ reason: 'NotFound', status: 404 });
      await expect(bench.store.list(unknown)).rejects.toMatchObject({ reason: 'NotFound' });
    });

    it('stores cluster-scoped objects without a namespace', async () => {
      const name = bench.unique('box');
      const { apiVersion, kind } = TOOLBOX;
      const created = await bench.create({ apiVersion, kind, metadata: { name } });
      expect(created.metadata.namespace).toBeUndefined();
      expect(await bench.store.get(TOOLBOX, { name })).toEqual(created);
      await bench.store.delete(TOOLBOX, { name });
    });
  });

  describe('get', () => {
    it('answers a missing object with NotFound that names it', async () => {
      const namespace = await bench.namespace();
      await expect(bench.store.get(GADGET, { namespace, name: 'none' })).rejects.toMatchObject({
        reason: 'NotFound',
        status: 404,
        message: 'gadgets.kit.afflux.dev "none" not found',
      });
      await expect(bench.store.get(CONFIG_MAP, { namespace, name: 'none' })).rejects.toMatchObject({
        message: 'configmaps "none" not found',
      });
    });
  });

  describe('list', () => {
    it('shows the objects of a namespace by name, frozen, with a version to watch from', async () => {
      const namespace = await bench.namespace();
      for (const name of ['b', 'c', 'a']) await bench.store.create(gadget({ namespace, name }));
      await bench.store.create(gadget({ namespace: await bench.namespace(), name: 'd' }));
      const { items, resourceVersion } = await bench.store.list(GADGET, { namespace });
      expect(items.map(({ metadata }) => metadata.name)).toEqual(['a', 'b', 'c']);
      expect(items[0]).toMatchObject({ apiVersion: GADGET.apiVersion, kind: GADGET.kind });
      expect(items.every(isDeepFrozen)).toBe(true);
      expect(resourceVersion).toMatch(/./);
    });

    it('shows all namespaces together', async () => {
      const labels = { run: bench.unique('run') };
      const namespaces = [await bench.namespace(), await bench.namespace()];
      for (const namespace of namespaces) {
        await bench.store.create(gadget({ namespace, name: 'a', labels }));
      }
      const { items } = await bench.store.list(GADGET, { labelSelector: labels });
      expect(items.map(({ metadata }) => metadata.namespace).sort()).toEqual(namespaces.sort());
    });

    it('selects by every label of the selector', async () => {
      const namespace = await bench.namespace();
      await bench.store.create(gadget({ namespace, name: 'a', labels: { x: '1', y: '1' } }));
      await bench.store.create(gadget({ namespace, name: 'b', labels: { x: '1', y: '2' } }));
      await bench.store.create(gadget({ namespace, name: 'c' }));
      const names = async (labelSelector: Record<string, string>): Promise<string[]> => {
        const { items } = await bench.store.list(GADGET, { namespace, labelSelector });
        return items.map(({ metadata }) => metadata.name);
      };
      expect(await names({ x: '1' })).toEqual(['a', 'b']);
      expect(await names({ x: '1', y: '2' })).toEqual(['b']);
      expect(await names({ z: '1' })).toEqual([]);
      expect(await names({})).toEqual(['a', 'b', 'c']);
    });
  });
}
