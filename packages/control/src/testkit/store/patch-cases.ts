import { describe, expect, it } from 'vitest';
import { StoreError } from '../../errors.ts';
import { GADGET, gadget } from '../kinds.ts';
import type { StoreBench } from './bench.ts';

/** Patching. What the two patch formats do to a document is tested where they live. */
export function patchCases(bench: StoreBench): void {
  describe('patch', () => {
    it('merges fields, removes with null and replaces lists', async () => {
      const namespace = await bench.namespace();
      await bench.create(
        gadget({ namespace, name: 'a' }, { a: { x: 1, y: 2 }, list: [1, 2], z: 0 }),
      );
      const body = { spec: { a: { x: null, w: 3 }, list: [9] } };
      const patched = await bench.store.patch(
        GADGET,
        { namespace, name: 'a' },
        { type: 'merge', body },
      );
      expect(patched.spec).toEqual({ a: { y: 2, w: 3 }, list: [9], z: 0 });
      expect(patched.metadata.generation).toBe(2);
    });

    it('applies JSON patch operations in order, all or none', async () => {
      const namespace = await bench.namespace();
      const object = await bench.create(gadget({ namespace, name: 'a' }, { size: 1 }));
      const key = { namespace, name: 'a' };
      const body = [
        { op: 'test', path: '/spec/size', value: 1 },
        { op: 'replace', path: '/spec/size', value: 2 },
        { op: 'add', path: '/spec/list', value: [1] },
        { op: 'add', path: '/spec/list/-', value: 2 },
      ];
      const patched = await bench.store.patch(GADGET, key, { type: 'json', body });
      expect(patched.spec).toEqual({ size: 2, list: [1, 2] });
      await expect(bench.store.patch(GADGET, key, { type: 'json', body })).rejects.toMatchObject({
        reason: 'Invalid',
        status: 422,
      });
      expect(await bench.read(object)).toEqual(patched);
    });

    it('replaces a field that is not there by adding it, and no item of a list so', async () => {
      const namespace = await bench.namespace();
      const key = { namespace, name: 'a' };
      await bench.create(gadget(key, { list: [1] }));
      const replace = (path: string) =>
        bench.store.patch(GADGET, key, { type: 'json', body: [{ op: 'replace', path, value: 2 }] });
      expect((await replace('/spec/size')).spec).toEqual({ list: [1], size: 2 });
      await expect(replace('/spec/list/1')).rejects.toMatchObject({ reason: 'Invalid' });
      await expect(replace('/spec/none/size')).rejects.toMatchObject({ reason: 'Invalid' });
    });

    it('refuses a JSON patch that is no list with BadRequest', async () => {
      const namespace = await bench.namespace();
      await bench.create(gadget({ namespace, name: 'a' }));
      await expect(
        bench.store.patch(GADGET, { namespace, name: 'a' }, { type: 'json', body: { spec: {} } }),
      ).rejects.toMatchObject({ reason: 'BadRequest', status: 400 });
    });

    it('is unconditional without a version and conditional with one', async () => {
      const namespace = await bench.namespace();
      const key = { namespace, name: 'a' };
      const stale = await bench.create(gadget({ namespace, name: 'a' }));
      await bench.store.patch(GADGET, key, { type: 'merge', body: { spec: { size: 2 } } });
      const { resourceVersion } = stale.metadata;
      const body = { metadata: { resourceVersion }, spec: { size: 3 } };
      await expect(bench.store.patch(GADGET, key, { type: 'merge', body })).rejects.toMatchObject({
        reason: 'Conflict',
      });
    });

    it('touches only status through the subresource, and everything but status without it', async () => {
      const namespace = await bench.namespace();
      const key = { namespace, name: 'a' };
      await bench.create(gadget(key, { size: 1 }));
      const body = { spec: { size: 2 }, status: { phase: 'Ready' } };
      const status = await bench.store.patch(
        GADGET,
        key,
        { type: 'merge', body },
        { subresource: 'status' },
      );
      expect(status).toMatchObject({ spec: { size: 1 }, status: { phase: 'Ready' } });
      const other = { spec: { size: 3 }, status: { phase: 'Broken' } };
      const main = await bench.store.patch(GADGET, key, { type: 'merge', body: other });
      expect(main).toMatchObject({ spec: { size: 3 }, status: { phase: 'Ready' } });
    });

    it('keeps the version when nothing changes', async () => {
      const namespace = await bench.namespace();
      const object = await bench.create(gadget({ namespace, name: 'a' }, { size: 1 }));
      const body = { spec: { size: 1, none: null } };
      const patched = await bench.store.patch(
        GADGET,
        { namespace, name: 'a' },
        { type: 'merge', body },
      );
      expect(patched.metadata.resourceVersion).toBe(object.metadata.resourceVersion);
    });

    it('leaves no empty lists and maps in the metadata', async () => {
      const namespace = await bench.namespace();
      const key = { namespace, name: 'a' };
      await bench.create(gadget({ ...key, labels: { a: 'b' }, annotations: {}, finalizers: [] }));
      const body = { metadata: { labels: { a: null } } };
      const { metadata } = await bench.store.patch(GADGET, key, { type: 'merge', body });
      const { labels, annotations, finalizers } = metadata;
      expect({ labels, annotations, finalizers }).toEqual({});
    });

    it('cannot rename an object or change its kind', async () => {
      const namespace = await bench.namespace();
      const key = { namespace, name: 'a' };
      await bench.create(gadget(key));
      for (const body of [{ metadata: { name: 'b' } }, { kind: 'Note' }]) {
        // Kubernetes says either, depending on the field.
        const refused = (error: unknown): boolean =>
          error instanceof StoreError && ['BadRequest', 'Invalid'].includes(error.reason);
        const patched = bench.store.patch(GADGET, key, { type: 'merge', body });
        await expect(patched).rejects.toSatisfy(refused);
      }
    });

    it('refuses an object that is not there with NotFound', async () => {
      const namespace = await bench.namespace();
      await expect(
        bench.store.patch(GADGET, { namespace, name: 'none' }, { type: 'merge', body: {} }),
      ).rejects.toMatchObject({ reason: 'NotFound' });
    });
  });
}
