import { describe, expect, it } from 'vitest';
import { GADGET, gadget, SERVICE, service, servicePort, type KitObject } from '../kinds.ts';
import type { StoreBench } from './bench.ts';

const FINALIZER = 'gadgets.kit.afflux.dev';

/** Deleting and finalizers. */
export function deleteCases(bench: StoreBench): void {
  describe('delete', () => {
    it('removes the object and answers with nothing', async () => {
      const namespace = await bench.namespace();
      const key = { namespace, name: 'a' };
      await bench.create(gadget(key));
      expect(await bench.store.delete(GADGET, key)).toBeUndefined();
      await expect(bench.store.get(GADGET, key)).rejects.toMatchObject({ reason: 'NotFound' });
      await expect(bench.store.delete(GADGET, key)).rejects.toMatchObject({ reason: 'NotFound' });
    });

    it('answers with nothing for built-in kinds, too', async () => {
      const namespace = await bench.namespace();
      const { metadata } = await bench.create(
        service({ namespace, name: 'a' }, [servicePort('web', 80)]),
      );
      expect(await bench.store.delete(SERVICE, metadata)).toBeUndefined();
      await expect(bench.store.get(SERVICE, metadata)).rejects.toMatchObject({
        reason: 'NotFound',
      });
    });

    it('gives an object made anew under the name another uid', async () => {
      const namespace = await bench.namespace();
      const key = { namespace, name: 'a' };
      const first = await bench.create(gadget(key));
      await bench.store.delete(GADGET, key);
      const second = await bench.create(gadget(key));
      expect(second.metadata.uid).not.toBe(first.metadata.uid);
      expect(second.metadata.generation).toBe(1);
    });

    it('refuses with Conflict when the uid is another', async () => {
      const namespace = await bench.namespace();
      const key = { namespace, name: 'a' };
      const { metadata } = await bench.create(gadget(key));
      await expect(
        bench.store.delete(GADGET, key, { preconditions: { uid: 'another' } }),
      ).rejects.toMatchObject({ reason: 'Conflict', status: 409 });
      const { uid } = metadata;
      expect(await bench.store.delete(GADGET, key, { preconditions: { uid } })).toBeUndefined();
    });

    it('refuses with Conflict when the version is another', async () => {
      const namespace = await bench.namespace();
      const key = { namespace, name: 'a' };
      const object = await bench.create(gadget(key));
      const { resourceVersion } = object.metadata;
      await bench.store.update({ ...object, spec: { size: 2 } });
      await expect(
        bench.store.delete(GADGET, key, { preconditions: { resourceVersion } }),
      ).rejects.toMatchObject({ reason: 'Conflict' });
    });
  });

  describe('finalizers', () => {
    it('hold a deleted object, marked with the time of its deletion and a new generation', async () => {
      const namespace = await bench.namespace();
      const key = { namespace, name: 'a' };
      await bench.create(gadget({ ...key, finalizers: [FINALIZER] }));
      const held = await bench.store.delete(GADGET, key);
      expect(held?.metadata.deletionTimestamp).toMatch(/^\d{4}-/);
      expect(held?.metadata).toMatchObject({ generation: 2, deletionGracePeriodSeconds: 0 });
      expect(await bench.store.get(GADGET, key)).toEqual(held);
    });

    it('let the object go when the last one is taken off', async () => {
      const namespace = await bench.namespace();
      const key = { namespace, name: 'a' };
      await bench.create(gadget({ ...key, finalizers: [FINALIZER, 'x.kit.afflux.dev'] }));
      await bench.store.delete(GADGET, key);
      const watch = await bench.follow(GADGET, { namespace });
      const setFinalizers = (finalizers: string[]) =>
        bench.store.patch(GADGET, key, { type: 'merge', body: { metadata: { finalizers } } });
      await setFinalizers(['x.kit.afflux.dev']);
      expect((await bench.store.get(GADGET, key)).metadata.finalizers).toEqual([
        'x.kit.afflux.dev',
      ]);
      await setFinalizers([]);
      await watch.seen('DELETED', 'a');
      await expect(bench.store.get(GADGET, key)).rejects.toMatchObject({ reason: 'NotFound' });
    });

    it('cannot be added to an object that is being deleted', async () => {
      const namespace = await bench.namespace();
      const key = { namespace, name: 'a' };
      await bench.create(gadget({ ...key, finalizers: [FINALIZER] }));
      await bench.store.delete(GADGET, key);
      const body = { metadata: { finalizers: [FINALIZER, 'late.kit.afflux.dev'] } };
      await expect(bench.store.patch(GADGET, key, { type: 'merge', body })).rejects.toMatchObject({
        reason: 'Invalid',
        status: 422,
      });
    });

    it('do not keep a deletion from being asked for again', async () => {
      const namespace = await bench.namespace();
      const key = { namespace, name: 'a' };
      await bench.create(gadget({ ...key, finalizers: [FINALIZER] }));
      const first = await bench.store.delete(GADGET, key);
      const second = await bench.store.delete(GADGET, key);
      expect(second?.metadata).toMatchObject({
        deletionTimestamp: first?.metadata.deletionTimestamp,
        generation: 2,
      });
    });

    it('leave status and spec writable while the object waits', async () => {
      const namespace = await bench.namespace();
      const key = { namespace, name: 'a' };
      await bench.create(gadget({ ...key, finalizers: [FINALIZER] }));
      await bench.store.delete(GADGET, key);
      const held = await bench.read(gadget(key));
      const updated = await bench.store.updateStatus({ ...held, status: { phase: 'Going' } });
      expect(updated.status).toEqual({ phase: 'Going' });
      // A caller cannot take the deletion back.
      const { deletionTimestamp, ...metadata } = updated.metadata;
      const revived: KitObject = await bench.store.update({
        ...updated,
        metadata,
        spec: { size: 7 },
      });
      expect(revived.metadata.deletionTimestamp).toBe(deletionTimestamp);
    });

    it('are taken off without effect while the object is not being deleted', async () => {
      const namespace = await bench.namespace();
      const key = { namespace, name: 'a' };
      await bench.create(gadget({ ...key, finalizers: [FINALIZER] }));
      const body = { metadata: { finalizers: null } };
      await bench.store.patch(GADGET, key, { type: 'merge', body });
      expect(await bench.store.delete(GADGET, key)).toBeUndefined();
    });
  });
}
