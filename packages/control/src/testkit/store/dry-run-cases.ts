import { describe, expect, it } from 'vitest';
import { FORM, form, GADGET, gadget } from '../kinds.ts';
import type { StoreBench } from './bench.ts';

const dryRun = { dryRun: true } as const;

/** Asking what a write would do. */
export function dryRunCases(bench: StoreBench): void {
  describe('dry run', () => {
    it('of a create answers with the object and stores nothing', async () => {
      const namespace = await bench.namespace();
      const key = { namespace, name: 'a' };
      const answer = await bench.store.create(gadget(key, { size: 3 }), dryRun);
      expect(answer).toMatchObject({ metadata: { ...key, generation: 1 }, spec: { size: 3 } });
      expect(answer.metadata.uid).toMatch(/./);
      await expect(bench.store.get(GADGET, key)).rejects.toMatchObject({ reason: 'NotFound' });
    });

    it('of a create refuses what the create would refuse', async () => {
      const namespace = await bench.namespace();
      await bench.create(gadget({ namespace, name: 'a' }));
      await expect(
        bench.store.create(gadget({ namespace, name: 'a' }), dryRun),
      ).rejects.toMatchObject({ reason: 'AlreadyExists' });
      await expect(
        bench.store.create(gadget({ namespace, name: 'No Name' }), dryRun),
      ).rejects.toMatchObject({ reason: 'Invalid' });
    });

    it('of an update answers with the object and changes nothing', async () => {
      const namespace = await bench.namespace();
      const object = await bench.create(gadget({ namespace, name: 'a' }, { size: 1 }));
      const answer = await bench.store.update({ ...object, spec: { size: 2 } }, dryRun);
      expect(answer).toMatchObject({ metadata: { generation: 2 }, spec: { size: 2 } });
      expect(await bench.read(object)).toEqual(object);
      await bench.store.update({ ...object, spec: { size: 3 } });
      await expect(
        bench.store.update({ ...object, spec: { size: 4 } }, dryRun),
      ).rejects.toMatchObject({ reason: 'Conflict' });
    });

    it('of a status answers with the object and changes nothing', async () => {
      const namespace = await bench.namespace();
      const object = await bench.create(gadget({ namespace, name: 'a' }));
      const status = { phase: 'Ready' };
      const answer = await bench.store.updateStatus({ ...object, status }, dryRun);
      expect(answer.status).toEqual(status);
      expect(await bench.read(object)).toEqual(object);
    });

    it('of a patch answers with the object and changes nothing', async () => {
      const namespace = await bench.namespace();
      const key = { namespace, name: 'a' };
      const object = await bench.create(gadget(key, { size: 1 }));
      const body = { spec: { size: 2 } };
      const answer = await bench.store.patch(GADGET, key, { type: 'merge', body }, dryRun);
      expect(answer.spec).toEqual({ size: 2 });
      expect(await bench.read(object)).toEqual(object);
      await expect(
        bench.store.patch(GADGET, { namespace, name: 'b' }, { type: 'merge', body }, dryRun),
      ).rejects.toMatchObject({ reason: 'NotFound' });
    });

    it('of an apply creates nothing, and says what it conflicts with', async () => {
      const namespace = await bench.namespace();
      const key = { namespace, name: 'a' };
      const apply = (fieldManager: string, size: number, options: { readonly dryRun?: boolean }) =>
        bench.store.patch(
          FORM,
          key,
          { type: 'apply', body: form(key, { size }) },
          { fieldManager, ...options },
        );
      expect((await apply('alice', 1, dryRun)).spec).toEqual({ size: 1 });
      await expect(bench.store.get(FORM, key)).rejects.toMatchObject({ reason: 'NotFound' });
      await apply('alice', 1, {});
      await expect(apply('bob', 2, dryRun)).rejects.toMatchObject({ reason: 'Conflict' });
      expect((await apply('alice', 2, dryRun)).spec).toEqual({ size: 2 });
      expect((await bench.store.get(FORM, key)).spec).toEqual({ size: 1 });
    });

    it('of a deletion deletes nothing', async () => {
      const namespace = await bench.namespace();
      const key = { namespace, name: 'a' };
      const object = await bench.create(gadget(key));
      expect(await bench.store.delete(GADGET, key, dryRun)).toBeUndefined();
      expect(await bench.read(object)).toEqual(object);
      const preconditions = { uid: 'another' };
      await expect(
        bench.store.delete(GADGET, key, { preconditions, ...dryRun }),
      ).rejects.toMatchObject({ reason: 'Conflict' });
      await expect(
        bench.store.delete(GADGET, { namespace, name: 'b' }, dryRun),
      ).rejects.toMatchObject({ reason: 'NotFound' });
    });

    it('of a deletion that finalizers hold marks nothing', async () => {
      const namespace = await bench.namespace();
      const key = { namespace, name: 'a' };
      const finalizers = ['gadgets.kit.afflux.dev'];
      const object = await bench.create(gadget({ ...key, finalizers }));
      const answer = await bench.store.delete(GADGET, key, dryRun);
      expect(answer?.metadata.deletionTimestamp).toMatch(/./);
      expect(await bench.read(object)).toEqual(object);
    });

    it('tells no watch', async () => {
      const namespace = await bench.namespace();
      const object = await bench.create(gadget({ namespace, name: 'a' }));
      const watch = await bench.follow(GADGET, { namespace });
      await bench.store.create(gadget({ namespace, name: 'b' }), dryRun);
      await bench.store.update({ ...object, spec: { size: 2 } }, dryRun);
      await bench.store.delete(GADGET, object.metadata, dryRun);
      await bench.create(gadget({ namespace, name: 'end' }));
      await watch.seen('ADDED', 'end');
      expect(watch.summary).toEqual(['ADDED end']);
    });
  });
}
