import { describe, expect, it } from 'vitest';
import { CONFIG_MAP, configMap, GADGET, gadget, TOOLBOX } from '../kinds.ts';
import { ownerReference, type StoreBench } from './bench.ts';

/** Garbage collection. Everything here happens in the background, so the cases wait for it on a watch. */
export function ownerCases(bench: StoreBench): void {
  const { garbageCollection } = bench.capabilities;

  describe.skipIf(!garbageCollection)('owners', () => {
    it('take what they own with them, down to the last descendant', async () => {
      const namespace = await bench.namespace();
      const watch = await bench.follow(CONFIG_MAP, { namespace });
      const owner = await bench.create(gadget({ namespace, name: 'owner' }));
      const child = await bench.create(
        configMap({ namespace, name: 'child', ownerReferences: [ownerReference(owner)] }),
      );
      await bench.create(
        configMap({ namespace, name: 'grandchild', ownerReferences: [ownerReference(child)] }),
      );
      await bench.create(configMap({ namespace, name: 'other' }));
      await bench.store.delete(GADGET, owner.metadata);
      await watch.seen('DELETED', 'child');
      await watch.seen('DELETED', 'grandchild');
      expect((await bench.store.list(CONFIG_MAP, { namespace })).items).toHaveLength(1);
    });

    it('leave a child that another owner still has, without the reference to the one that is gone', async () => {
      const namespace = await bench.namespace();
      const [first, second] = [
        await bench.create(gadget({ namespace, name: 'first' })),
        await bench.create(gadget({ namespace, name: 'second' })),
      ];
      const ownerReferences = [ownerReference(first), ownerReference(second)];
      await bench.create(configMap({ namespace, name: 'child', ownerReferences }));
      const watch = await bench.follow(CONFIG_MAP, { namespace });
      await bench.store.delete(GADGET, first.metadata);
      await watch.seen('MODIFIED', 'child');
      const child = await bench.read(configMap({ namespace, name: 'child' }));
      expect(child.metadata.ownerReferences).toEqual([ownerReference(second)]);
      await bench.store.delete(GADGET, second.metadata);
      await watch.seen('DELETED', 'child');
    });

    it('that vanished before the child was made take it all the same', async () => {
      const namespace = await bench.namespace();
      const owner = await bench.create(gadget({ namespace, name: 'owner' }));
      await bench.store.delete(GADGET, owner.metadata);
      const watch = await bench.follow(CONFIG_MAP, { namespace });
      await bench.create(
        configMap({ namespace, name: 'child', ownerReferences: [ownerReference(owner)] }),
      );
      await watch.seen('DELETED', 'child');
    });

    it('are told apart by uid, not by name', async () => {
      const namespace = await bench.namespace();
      const former = await bench.create(gadget({ namespace, name: 'owner' }));
      await bench.store.delete(GADGET, former.metadata);
      await bench.create(gadget({ namespace, name: 'owner' }));
      const watch = await bench.follow(CONFIG_MAP, { namespace });
      await bench.create(
        configMap({ namespace, name: 'child', ownerReferences: [ownerReference(former)] }),
      );
      await watch.seen('DELETED', 'child');
    });

    it('in another namespace count as absent', async () => {
      const namespace = await bench.namespace();
      const stranger = await bench.create(
        gadget({ namespace: await bench.namespace(), name: 'o' }),
      );
      const watch = await bench.follow(CONFIG_MAP, { namespace });
      await bench.create(
        configMap({ namespace, name: 'child', ownerReferences: [ownerReference(stranger)] }),
      );
      await watch.seen('DELETED', 'child');
    });

    it('may be cluster-scoped', async () => {
      const namespace = await bench.namespace();
      const { apiVersion, kind } = TOOLBOX;
      const owner = await bench.create({
        apiVersion,
        kind,
        metadata: { name: bench.unique('box') },
      });
      const watch = await bench.follow(CONFIG_MAP, { namespace });
      await bench.create(
        configMap({ namespace, name: 'child', ownerReferences: [ownerReference(owner)] }),
      );
      await bench.create(
        configMap({
          namespace,
          name: 'doomed',
          ownerReferences: [{ ...ownerReference(owner), uid: 'nobody' }],
        }),
      );
      await watch.seen('DELETED', 'doomed');
      expect(await bench.store.get(CONFIG_MAP, { namespace, name: 'child' })).toBeDefined();
      await bench.store.delete(TOOLBOX, owner.metadata);
      await watch.seen('DELETED', 'child');
    });

    it('held by a finalizer keep their children until they are gone', async () => {
      const namespace = await bench.namespace();
      const finalizers = ['gadgets.kit.afflux.dev'];
      const owner = await bench.create(gadget({ namespace, name: 'owner', finalizers }));
      const ownerReferences = [ownerReference(owner)];
      await bench.create(configMap({ namespace, name: 'child', ownerReferences }));
      await bench.store.delete(GADGET, owner.metadata);
      const watch = await bench.follow(CONFIG_MAP, { namespace });
      // A child that is certain to go marks the moment at which the collector has looked around.
      await bench.create(
        configMap({
          namespace,
          name: 'doomed',
          ownerReferences: [{ ...ownerReference(owner), uid: 'nobody' }],
        }),
      );
      await watch.seen('DELETED', 'doomed');
      expect(await bench.store.get(CONFIG_MAP, { namespace, name: 'child' })).toBeDefined();
      const body = { metadata: { finalizers: null } };
      await bench.store.patch(GADGET, owner.metadata, { type: 'merge', body });
      await watch.seen('DELETED', 'child');
    });

    it('deleted in the foreground go after the children that block them', async () => {
      const namespace = await bench.namespace();
      const owner = await bench.create(gadget({ namespace, name: 'owner' }));
      const ownerReferences = [ownerReference(owner, { blockOwnerDeletion: true })];
      const finalizers = ['hold.kit.afflux.dev'];
      await bench.create(gadget({ namespace, name: 'child', ownerReferences, finalizers }));
      const watch = await bench.follow(GADGET, { namespace });
      const held = await bench.store.delete(GADGET, owner.metadata, { propagation: 'Foreground' });
      expect(held?.metadata.finalizers).toEqual(['foregroundDeletion']);
      await watch.until((changes) =>
        changes.some(
          ({ object }) =>
            object.metadata.name === 'child' && object.metadata.deletionTimestamp !== undefined,
        ),
      );
      expect(await bench.store.get(GADGET, owner.metadata)).toBeDefined();
      const body = { metadata: { finalizers: null } };
      await bench.store.patch(GADGET, { namespace, name: 'child' }, { type: 'merge', body });
      await watch.seen('DELETED', 'owner');
      const order = watch.summary.filter((line) => line.startsWith('DELETED'));
      expect(order).toEqual(['DELETED child', 'DELETED owner']);
    });

    it('deleted as Orphan leave their children, without the reference', async () => {
      const namespace = await bench.namespace();
      const owner = await bench.create(gadget({ namespace, name: 'owner' }));
      await bench.create(
        configMap({ namespace, name: 'child', ownerReferences: [ownerReference(owner)] }),
      );
      const watch = await bench.follow(GADGET, { namespace });
      await bench.store.delete(GADGET, owner.metadata, { propagation: 'Orphan' });
      await watch.seen('DELETED', 'owner');
      const child = await bench.read(configMap({ namespace, name: 'child' }));
      expect(child.metadata.ownerReferences ?? []).toEqual([]);
    });
  });
}
