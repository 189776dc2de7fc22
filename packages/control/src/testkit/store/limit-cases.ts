import { describe, expect, it } from 'vitest';
import { configMap, gadget } from '../kinds.ts';
import type { StoreBench } from './bench.ts';

/** Bounds. */
export function limitCases(bench: StoreBench): void {
  const { objectBytesRefused, objectsPerNamespaceMax } = bench.capabilities;

  describe('limits', () => {
    it('T27 refuse an object that is too large, on create and on update', async () => {
      const namespace = await bench.namespace();
      const text = 'x'.repeat(objectBytesRefused);
      await expect(
        bench.store.create(gadget({ namespace, name: 'a' }, { text })),
      ).rejects.toMatchObject({ reason: 'RequestEntityTooLarge', status: 413 });
      const small = await bench.create(gadget({ namespace, name: 'a' }));
      await expect(bench.store.update({ ...small, spec: { text } })).rejects.toMatchObject({
        reason: 'RequestEntityTooLarge',
      });
      expect(await bench.read(small)).toEqual(small);
    });

    it.skipIf(objectsPerNamespaceMax === undefined)(
      'T27 refuse one object more than a namespace may hold, and no other namespace',
      async () => {
        const namespace = await bench.namespace();
        const max = objectsPerNamespaceMax ?? 0;
        for (let index = 0; index < max; index += 1) {
          const metadata = { namespace, name: `o${String(index)}` };
          await bench.store.create(index % 2 === 0 ? gadget(metadata) : configMap(metadata));
        }
        const late = gadget({ namespace, name: 'late' });
        await expect(bench.store.create(late)).rejects.toMatchObject({
          reason: 'Forbidden',
          status: 403,
        });
        const elsewhere = gadget({ namespace: await bench.namespace(), name: 'late' });
        await bench.store.create(elsewhere);
        await bench.store.delete(gadget({ namespace, name: 'o0' }), { namespace, name: 'o0' });
        await bench.store.create(late);
      },
    );
  });
}
