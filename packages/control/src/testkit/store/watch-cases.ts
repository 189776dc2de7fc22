import { describe, expect, it } from 'vitest';
import { isExpired } from '../../errors.ts';
import { GADGET, gadget, NOTE } from '../kinds.ts';
import { isDeepFrozen, type StoreBench } from './bench.ts';

/** Watching. */
export function watchCases(bench: StoreBench): void {
  const { historyMax, watchBacklogMax } = bench.capabilities;

  describe('watch', () => {
    it('shows every change after the version of a list, in order', async () => {
      const namespace = await bench.namespace();
      await bench.create(gadget({ namespace, name: 'before' }));
      const { resourceVersion } = await bench.store.list(GADGET, { namespace });
      const object = await bench.create(gadget({ namespace, name: 'a' }));
      const updated = await bench.store.update({ ...object, spec: { size: 2 } });
      const watch = bench.watch(GADGET, { namespace, resourceVersion });
      await bench.store.updateStatus({ ...updated, status: { phase: 'Ready' } });
      await bench.store.delete(GADGET, object.metadata);
      await watch.seen('DELETED', 'a');
      expect(watch.summary).toEqual(['ADDED a', 'MODIFIED a', 'MODIFIED a', 'DELETED a']);
    });

    it('begins with the present when no version is given', async () => {
      const namespace = await bench.namespace();
      await bench.create(gadget({ namespace, name: 'a' }));
      await bench.create(gadget({ namespace, name: 'b' }));
      const watch = bench.watch(GADGET, { namespace });
      await watch.until((changes) => changes.length === 2);
      await bench.create(gadget({ namespace, name: 'c' }));
      await watch.seen('ADDED', 'c');
      expect(watch.summary.slice(0, 2).sort()).toEqual(['ADDED a', 'ADDED b']);
    });

    it('resumes from the version of any change without a gap or a repetition', async () => {
      const namespace = await bench.namespace();
      const names = ['a', 'b', 'c', 'd'];
      const first = await bench.follow(GADGET, { namespace });
      for (const name of names) await bench.create(gadget({ namespace, name }));
      await first.seen('ADDED', 'd');
      for (const [index, change] of first.changes.entries()) {
        const { resourceVersion = '' } = change.object.metadata;
        const resumed = bench.watch(GADGET, { namespace, resourceVersion });
        const rest = names.slice(index + 1);
        await resumed.until((changes) => changes.length >= rest.length);
        expect(resumed.summary).toEqual(rest.map((name) => `ADDED ${name}`));
      }
    });

    it('shows the objects as they were, frozen, with the version of the change', async () => {
      const namespace = await bench.namespace();
      const watch = await bench.follow(GADGET, { namespace });
      const object = await bench.create(gadget({ namespace, name: 'a' }, { size: 1 }));
      const updated = await bench.store.update({ ...object, spec: { size: 2 } });
      await watch.seen('MODIFIED', 'a');
      expect(watch.changes.map((change) => change.object)).toEqual([object, updated]);
      expect(watch.changes.every((change) => isDeepFrozen(change.object))).toBe(true);
    });

    it('shows a deleted object in its last state with a version of its own', async () => {
      const namespace = await bench.namespace();
      const object = await bench.create(gadget({ namespace, name: 'a' }, { size: 5 }));
      const watch = bench.watch(GADGET, {
        namespace,
        resourceVersion: object.metadata.resourceVersion ?? '',
      });
      await bench.store.delete(GADGET, object.metadata);
      await watch.seen('DELETED', 'a');
      const last = watch.changes[0]?.object;
      expect(last).toMatchObject({ spec: { size: 5 }, metadata: { uid: object.metadata.uid } });
      expect(last?.metadata.resourceVersion).not.toBe(object.metadata.resourceVersion);
    });

    it('shows the mark of a deletion as a modification', async () => {
      const namespace = await bench.namespace();
      const metadata = { namespace, name: 'a', finalizers: ['gadgets.kit.afflux.dev'] };
      await bench.create(gadget(metadata));
      const watch = await bench.follow(GADGET, { namespace });
      await bench.store.delete(GADGET, metadata);
      await watch.seen('MODIFIED', 'a');
      expect(watch.changes.at(-1)?.object.metadata.deletionTimestamp).toMatch(/./);
    });

    it('shows neither other namespaces nor other kinds', async () => {
      const namespace = await bench.namespace();
      const watch = await bench.follow(GADGET, { namespace });
      await bench.create(gadget({ namespace: await bench.namespace(), name: 'elsewhere' }));
      const { apiVersion, kind } = NOTE;
      await bench.create({ apiVersion, kind, metadata: { namespace, name: 'note' } });
      await bench.create(gadget({ namespace, name: 'here' }));
      await watch.seen('ADDED', 'here');
      expect(watch.summary).toEqual(['ADDED here']);
    });

    it('shows objects that move in and out of a label selector as coming and going', async () => {
      const namespace = await bench.namespace();
      const watch = await bench.follow(GADGET, { namespace, labelSelector: { on: 'yes' } });
      const label = (on: string) =>
        bench.store.patch(
          GADGET,
          { namespace, name: 'a' },
          { type: 'merge', body: { metadata: { labels: { on } } } },
        );
      await bench.create(gadget({ namespace, name: 'a', labels: { on: 'no' } }));
      await label('yes');
      await bench.store.patch(
        GADGET,
        { namespace, name: 'a' },
        { type: 'merge', body: { spec: { size: 2 } } },
      );
      await label('no');
      await bench.store.delete(GADGET, { namespace, name: 'a' });
      await bench.create(gadget({ namespace, name: 'end', labels: { on: 'yes' } }));
      await watch.seen('ADDED', 'end');
      expect(watch.summary).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a', 'ADDED end']);
    });

    it('shows every watch the same', async () => {
      const namespace = await bench.namespace();
      const watches = [1, 2, 3].map(() => bench.follow(GADGET, { namespace }));
      await Promise.all(watches);
      for (const name of ['a', 'b', 'c']) await bench.create(gadget({ namespace, name }));
      for (const watch of await Promise.all(watches)) {
        await watch.seen('ADDED', 'c');
        expect(watch.summary).toEqual(['ADDED a', 'ADDED b', 'ADDED c']);
      }
    });

    it('ends without an error when its signal aborts', async () => {
      const namespace = await bench.namespace();
      const watch = await bench.follow(GADGET, { namespace });
      await bench.create(gadget({ namespace, name: 'a' }));
      await watch.seen('ADDED', 'a');
      await watch.close();
      expect(watch.error).toBeUndefined();
    });

    it('ends when its signal had aborted before', async () => {
      const changes = bench.store.watch(GADGET, { signal: AbortSignal.abort() });
      const iterator = changes[Symbol.asyncIterator]();
      expect(await iterator.next()).toMatchObject({ done: true });
    });

    it.skipIf(historyMax === undefined)(
      'answers a version that is too old with Expired',
      async () => {
        const namespace = await bench.namespace();
        let object = await bench.create(gadget({ namespace, name: 'a' }, { size: 0 }));
        const { resourceVersion = '' } = object.metadata;
        for (let size = 1; size <= (historyMax ?? 0) + 1; size += 1) {
          object = await bench.store.update({ ...object, spec: { size } });
        }
        const watch = bench.watch(GADGET, { namespace, resourceVersion });
        await watch.ended;
        expect(watch.error).toMatchObject({ reason: 'Expired', status: 410 });
      },
    );

    it.skipIf(watchBacklogMax === undefined)(
      'ends with Expired when its reader lets too many changes wait',
      async () => {
        const namespace = await bench.namespace();
        const lifetime = new AbortController();
        const changes = bench.store.watch(GADGET, { namespace, signal: lifetime.signal });
        const reader = changes[Symbol.asyncIterator]();
        let object = await bench.create(gadget({ namespace, name: 'a' }, { size: 0 }));
        for (let size = 1; size <= (watchBacklogMax ?? 0) + 1; size += 1) {
          object = await bench.store.update({ ...object, spec: { size } });
        }
        let error: unknown;
        try {
          for (;;) if ((await reader.next()).done === true) break;
        } catch (thrown) {
          error = thrown;
        }
        expect(isExpired(error)).toBe(true);
        lifetime.abort();
      },
    );
  });
}
