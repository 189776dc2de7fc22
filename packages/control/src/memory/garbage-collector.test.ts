import { newUuid } from '@afflux/kernel';
import { FakeClock, settle } from '@afflux/kernel/testing';
import type { OwnerReference } from '@afflux/resources';
import { describe, expect, it } from 'vitest';
import { isNotFound } from '../errors.ts';
import { CONFIG_MAP, configMap, GADGET, gadget, type KitKind } from '../testkit/kinds.ts';
import { MemoryStore } from './memory-store.ts';

const CHILD = { namespace: 'ns', name: 'child' };

/** A store whose kinds change, as they do where users define some. */
function makeStore() {
  let kinds: readonly KitKind[] = [CONFIG_MAP];
  let generation = 0;
  const registry = {
    get: (apiVersion: string, kind: string) =>
      kinds.find((one) => one.apiVersion === apiVersion && one.kind === kind),
    byKind: (kind: string) => kinds.filter((one) => one.kind === kind),
    get generation() {
      return generation;
    },
  };
  const store = new MemoryStore({ clock: new FakeClock(), newId: newUuid, registry });
  return {
    store,
    setKinds: (...next: readonly KitKind[]) => {
      kinds = next;
      generation += 1;
    },
    createChild: (...ownerReferences: OwnerReference[]) =>
      store.create(configMap({ ...CHILD, ownerReferences })),
    /** Names of the owners that the child has; undefined when it is gone. */
    ownersLeft: async () => {
      await settle();
      try {
        const { metadata } = await store.get(CONFIG_MAP, CHILD);
        return metadata.ownerReferences?.map(({ name }) => name) ?? [];
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },
  };
}

function owner(of: Partial<OwnerReference> = {}): OwnerReference {
  const { apiVersion, kind } = GADGET;
  return { apiVersion, kind, name: 'owner', uid: 'nobody', ...of };
}

const DEPLOYMENT = owner({ apiVersion: 'apps/v1', kind: 'Deployment', name: 'deployment' });

describe('an owner of a kind that is not served', () => {
  it('keeps its child', async () => {
    const { createChild, ownersLeft } = makeStore();
    await createChild(DEPLOYMENT);
    expect(await ownersLeft()).toEqual(['deployment']);
  });

  it('keeps it when the other owners are absent', async () => {
    const { createChild, ownersLeft } = makeStore();
    await createChild(owner({ ...CONFIG_MAP, name: 'absent' }), DEPLOYMENT);
    expect(await ownersLeft()).toEqual(['deployment']);
  });

  it('is absent when its kind comes and it does not', async () => {
    const { store, setKinds, createChild, ownersLeft } = makeStore();
    await createChild(owner());
    expect(await ownersLeft()).toEqual(['owner']);
    setKinds(CONFIG_MAP, GADGET);
    // Whatever happens next in the store.
    await store.list(CONFIG_MAP);
    expect(await ownersLeft()).toBeUndefined();
  });

  it('is unknown still when other kinds come', async () => {
    const { store, setKinds, createChild, ownersLeft } = makeStore();
    await createChild(DEPLOYMENT);
    setKinds(CONFIG_MAP, GADGET);
    await store.list(CONFIG_MAP);
    expect(await ownersLeft()).toEqual(['deployment']);
  });

  it('is known in every version of its kind, and in no other group', async () => {
    const { setKinds, createChild, ownersLeft } = makeStore();
    setKinds(CONFIG_MAP, GADGET);
    await createChild(owner({ apiVersion: 'other.example/v1' }));
    expect(await ownersLeft()).toEqual(['owner']);
    const another = makeStore();
    another.setKinds(CONFIG_MAP, GADGET);
    await another.createChild(owner({ apiVersion: `${GADGET.group}/v7` }));
    expect(await another.ownersLeft()).toBeUndefined();
  });

  it('is absent when it was seen to go, before its kind went', async () => {
    const { store, setKinds, createChild, ownersLeft } = makeStore();
    setKinds(CONFIG_MAP, GADGET);
    const gone = await store.create(gadget({ namespace: 'ns', name: 'owner' }));
    const { uid = '' } = gone.metadata;
    await createChild(owner({ uid }));
    expect(await ownersLeft()).toEqual(['owner']);
    // The collector has had no time to look when the kind is gone.
    const deleted = store.delete(GADGET, gone.metadata);
    setKinds(CONFIG_MAP);
    await deleted;
    expect(await ownersLeft()).toBeUndefined();
  });
});
