import { describe, expect, it } from 'vitest';
import { configMap, gadget, NOTE, type KitObject } from '../kinds.ts';
import { isDeepFrozen, type StoreBench } from './bench.ts';

/** Replacing objects and their status. */
export function updateCases(bench: StoreBench): void {
  describe('update', () => {
    it('replaces the object, gives it a new version and keeps its identity', async () => {
      const namespace = await bench.namespace();
      const object = await bench.create(gadget({ namespace, name: 'a', labels: { x: '1' } }));
      const { uid, creationTimestamp, resourceVersion } = object.metadata;
      delete object.metadata.labels;
      object.spec = { other: true };
      const updated = await bench.store.update(object);
      expect(updated.spec).toEqual({ other: true });
      expect(updated.metadata.labels).toBeUndefined();
      expect(updated.metadata).toMatchObject({ uid, creationTimestamp });
      expect(updated.metadata.resourceVersion).not.toBe(resourceVersion);
      expect(isDeepFrozen(updated)).toBe(true);
      expect(await bench.read(object)).toEqual(updated);
    });

    it('refuses a stale version with Conflict and changes nothing', async () => {
      const namespace = await bench.namespace();
      const name = bench.unique('g');
      const stale = await bench.create(gadget({ namespace, name }));
      const updated = await bench.store.update({ ...stale, spec: { size: 2 } });
      await expect(bench.store.update({ ...stale, spec: { size: 3 } })).rejects.toMatchObject({
        reason: 'Conflict',
        status: 409,
        message: `Operation cannot be fulfilled on gadgets.kit.afflux.dev "${name}": the object has been modified; please apply your changes to the latest version and try again`,
      });
      expect(await bench.read(stale)).toEqual(updated);
    });

    it('lets exactly one of many concurrent updates of one version win', async () => {
      const namespace = await bench.namespace();
      const object = await bench.create(gadget({ namespace, name: 'a' }));
      const results = await Promise.allSettled(
        [10, 11, 12, 13].map((size) => bench.store.update({ ...object, spec: { size } })),
      );
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    });

    it('refuses the uid of another object with Conflict', async () => {
      const namespace = await bench.namespace();
      const object = await bench.create(gadget({ namespace, name: 'a' }));
      object.metadata.uid = 'another';
      await expect(bench.store.update(object)).rejects.toMatchObject({ reason: 'Conflict' });
    });

    it('refuses an object that is not there with NotFound, or Conflict when it names a uid', async () => {
      const namespace = await bench.namespace();
      const object = await bench.create(gadget({ namespace, name: 'a' }));
      await bench.store.delete(object, object.metadata);
      const { uid, ...metadata } = object.metadata;
      await expect(bench.store.update({ ...object, metadata })).rejects.toMatchObject({
        reason: 'NotFound',
      });
      // With the uid of what was read it is no longer that object, so it conflicts.
      expect(uid).toMatch(/./);
      await expect(bench.store.update(object)).rejects.toMatchObject({ reason: 'Conflict' });
    });

    it('requires a version for custom kinds, not for built-in ones', async () => {
      const namespace = await bench.namespace();
      const blindGadget = gadget({ namespace, name: 'a' }, { size: 2 });
      await bench.store.create(gadget({ namespace, name: 'a' }));
      await expect(bench.store.update(blindGadget)).rejects.toMatchObject({ reason: 'Invalid' });
      const blindMap = configMap({ namespace, name: 'a' }, { key: 'other' });
      await bench.store.create(configMap({ namespace, name: 'a' }));
      expect((await bench.store.update(blindMap)).data).toEqual({ key: 'other' });
    });

    it('keeps the version and tells nobody when nothing changed', async () => {
      const namespace = await bench.namespace();
      const object = await bench.create(gadget({ namespace, name: 'a' }, { a: 1, b: [{ c: 2 }] }));
      const { resourceVersion = '' } = object.metadata;
      const watch = bench.watch(object, { namespace, resourceVersion });
      // The order of fields does not matter.
      const same = await bench.store.update({ ...object, spec: { b: [{ c: 2 }], a: 1 } });
      expect(same.metadata.resourceVersion).toBe(resourceVersion);
      await bench.store.create(gadget({ namespace, name: 'after' }));
      await watch.seen('ADDED', 'after');
      expect(watch.summary).toEqual(['ADDED after']);
    });

    it('counts the generation for what is wanted, not for metadata and status', async () => {
      const namespace = await bench.namespace();
      let object: KitObject = await bench.create(gadget({ namespace, name: 'a' }));
      object = await bench.store.update({ ...object, spec: { size: 2 } });
      expect(object.metadata.generation).toBe(2);
      const metadata = { ...object.metadata, labels: { x: '1' }, annotations: { y: '2' } };
      object = await bench.store.update({ ...object, metadata });
      expect(object.metadata.generation).toBe(2);
      object = await bench.store.updateStatus({ ...object, status: { phase: 'Ready' } });
      expect(object.metadata.generation).toBe(2);
      object = await bench.store.update({ ...object, spec: { size: 3 } });
      expect(object.metadata.generation).toBe(3);
    });

    it('counts every field but metadata where status is no subresource', async () => {
      const namespace = await bench.namespace();
      const { apiVersion, kind } = NOTE;
      const object = await bench.create({ apiVersion, kind, metadata: { namespace, name: 'a' } });
      const updated = await bench.store.update({ ...object, status: { phase: 'Ready' } });
      expect(updated.status).toEqual({ phase: 'Ready' });
      expect(updated.metadata.generation).toBe(2);
    });

    it('leaves the status alone where it is a subresource', async () => {
      const namespace = await bench.namespace();
      const created = await bench.create(gadget({ namespace, name: 'a' }));
      const object = await bench.store.updateStatus({ ...created, status: { phase: 'Ready' } });
      const updated = await bench.store.update({
        ...object,
        spec: { size: 9 },
        status: { phase: 'Broken' },
      });
      expect(updated).toMatchObject({ spec: { size: 9 }, status: { phase: 'Ready' } });
    });

    it('ignores made-up system fields', async () => {
      const namespace = await bench.namespace();
      const object = await bench.create(gadget({ namespace, name: 'a' }));
      const { creationTimestamp } = object.metadata;
      const metadata = { ...object.metadata, generation: 99, labels: { x: '1' } };
      const updated = await bench.store.update({ ...object, metadata });
      expect(updated.metadata).toMatchObject({ generation: 1, creationTimestamp });
    });
  });

  describe('updateStatus', () => {
    it('changes status and nothing else', async () => {
      const namespace = await bench.namespace();
      const object = await bench.create(gadget({ namespace, name: 'a' }, { size: 1 }));
      const updated = await bench.store.updateStatus({
        ...object,
        metadata: { ...object.metadata, labels: { x: '1' } },
        spec: { size: 2 },
        status: { phase: 'Ready' },
      });
      expect(updated).toMatchObject({ spec: { size: 1 }, status: { phase: 'Ready' } });
      expect(updated.metadata.labels).toBeUndefined();
      expect(updated.metadata.resourceVersion).not.toBe(object.metadata.resourceVersion);
    });

    it('refuses a stale version with Conflict', async () => {
      const namespace = await bench.namespace();
      const stale = await bench.create(gadget({ namespace, name: 'a' }));
      await bench.store.update({ ...stale, spec: { size: 2 } });
      await expect(
        bench.store.updateStatus({ ...stale, status: { phase: 'Ready' } }),
      ).rejects.toMatchObject({ reason: 'Conflict' });
    });

    it('keeps the version when nothing changed', async () => {
      const namespace = await bench.namespace();
      const created = await bench.create(gadget({ namespace, name: 'a' }));
      const status = { conditions: [{ type: 'Ready', status: 'True' }] };
      const first = await bench.store.updateStatus({ ...created, status });
      const second = await bench.store.updateStatus({ ...first, status: { ...status } });
      expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    });

    it('is refused with NotFound for a kind without the subresource', async () => {
      const namespace = await bench.namespace();
      const { apiVersion, kind } = NOTE;
      const object = await bench.create({ apiVersion, kind, metadata: { namespace, name: 'a' } });
      await expect(bench.store.updateStatus({ ...object, status: { x: 1 } })).rejects.toMatchObject(
        { reason: 'NotFound', status: 404 },
      );
    });
  });
}
