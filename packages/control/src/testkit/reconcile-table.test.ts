import { describe, expect, it } from 'vitest';
import type { ReconcileContext, Reconciler } from '../controller/reconciler.ts';
import { isNotFound, RequeueAfter, SkipKey, StoreError } from '../errors.ts';
import { formatKey } from '../store/keys.ts';
import { observerOf } from '../tracker.ts';
import { CONFIG_MAP, configMap, GADGET, gadget, KIT_KINDS, type KitObject } from './kinds.ts';
import { reconcileTable, runRow, type ReconcileRow, type TableWorld } from './reconcile-table.ts';

const FINALIZER = 'gadgets.kit.afflux.dev';

/** Keeps one ConfigMap beside each Gadget. */
class GadgetReconciler implements Reconciler<KitObject> {
  readonly kind = GADGET;
  readonly finalizer = FINALIZER;
  readonly #world: TableWorld;

  constructor(world: TableWorld) {
    this.#world = world;
  }

  async reconcile(object: KitObject, _context: ReconcileContext): Promise<void> {
    if (object.spec?.['skip'] === true) throw new SkipKey();
    const { namespace, name } = object.metadata;
    const key = { namespace, name };
    const { apiVersion, kind } = CONFIG_MAP;
    this.#world.tracker.track({ apiVersion, kind, ...key }, observerOf(GADGET, key));
    try {
      await this.#world.store.get(CONFIG_MAP, key);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      await this.#world.store.create(configMap({ namespace: namespace ?? '', name }));
    }
    if (object.spec?.['wait'] === true) throw new RequeueAfter(1_000);
    object.status = { phase: 'Ready' };
  }

  async finalize(object: KitObject): Promise<void> {
    try {
      await this.#world.store.delete(CONFIG_MAP, object.metadata);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

const metadata = { namespace: 'ns', name: 'a', finalizers: [FINALIZER] };
const created = { verb: 'create' as const, kind: 'ConfigMap', key: 'ns/a' };

const options = {
  kind: GADGET,
  registry: KIT_KINDS,
  make: (world: TableWorld): Reconciler<KitObject> => new GadgetReconciler(world),
};

describe('reconcileTable', () => {
  reconcileTable({
    ...options,
    rows: [
      { name: 'there is nothing to do for an object that is gone', key: 'ns/a' },
      {
        name: 'a new object gets a finalizer, its child and a status',
        world: [gadget({ namespace: 'ns', name: 'a' })],
        key: 'ns/a',
        writes: [
          { verb: 'patch', patch: { body: { metadata: { finalizers: [FINALIZER] } } } },
          created,
          { verb: 'updateStatus', object: { status: { phase: 'Ready' } } },
        ],
        status: { phase: 'Ready' },
        tracked: ['v1/ConfigMap ns/a'],
      },
      {
        name: 'an object that is as it should be is left alone',
        world: [
          { ...gadget(metadata), status: { phase: 'Ready' } },
          configMap({ namespace: 'ns', name: 'a' }),
        ],
        key: 'ns/a',
      },
      {
        name: 'an outcome other than success is looked at',
        world: [gadget(metadata, { wait: true })],
        key: 'ns/a',
        writes: [created],
        outcome: { requeueAfterMs: 1_000 },
      },
      {
        name: 'a skip is an outcome',
        world: [gadget(metadata, { skip: true })],
        key: 'ns/a',
        outcome: 'skipped',
      },
      {
        name: 'a deleted object takes its child along',
        world: [
          gadget({ ...metadata, deletionTimestamp: '2026-01-01T00:00:00Z' }),
          configMap({ namespace: 'ns', name: 'a' }),
        ],
        key: 'ns/a',
        writes: [
          { verb: 'delete', kind: 'ConfigMap', key: 'ns/a' },
          { verb: 'patch', kind: 'Gadget', patch: { body: { metadata: { finalizers: [] } } } },
        ],
      },
    ],
  });

  it('takes over uids, so that owners can be referred to', async () => {
    const uid = 'owner-uid';
    const ownerReferences = [{ apiVersion: GADGET.apiVersion, kind: 'Gadget', name: 'a', uid }];
    const seen: string[] = [];
    await runRow(
      {
        ...options,
        make: (world) => ({
          kind: GADGET,
          reconcile: async (object) => {
            const { items } = await world.store.list(CONFIG_MAP);
            seen.push(object.metadata.uid ?? '', ...items.map((item) => formatKey(item.metadata)));
          },
        }),
      },
      {
        name: 'row',
        world: [
          gadget({ namespace: 'ns', name: 'a', uid }),
          configMap({ namespace: 'ns', name: 'child', ownerReferences }),
        ],
        key: 'ns/a',
      },
    );
    expect(seen.slice(0, 2)).toEqual([uid, 'ns/child']);
  });

  const world = [gadget(metadata)];
  const error = new StoreError('AFFLUX_STORE_UNAVAILABLE', 'away');

  it.each<[string, ReconcileRow]>([
    ['a write that was not expected', { name: '', world, key: 'ns/a' }],
    [
      'another status',
      {
        name: '',
        world,
        key: 'ns/a',
        writes: [created, { verb: 'updateStatus' }],
        status: { phase: 'Broken' },
      },
    ],
    [
      'another outcome',
      {
        name: '',
        world,
        key: 'ns/a',
        writes: [created, { verb: 'updateStatus' }],
        outcome: 'skipped',
      },
    ],
    [
      'another reference',
      { name: '', world, key: 'ns/a', writes: [created, { verb: 'updateStatus' }], tracked: [] },
    ],
  ])('fails on %s', async (_, row) => {
    await expect(runRow(options, row)).rejects.toThrow();
  });

  it('fails on a reconciler that writes again', async () => {
    const make = (tableWorld: TableWorld): Reconciler<KitObject> => ({
      kind: GADGET,
      reconcile: async ({ metadata: { namespace = '' } }) => {
        await tableWorld.store.create(configMap({ namespace, name: '', generateName: 'x-' }));
      },
    });
    const row = { name: '', world, key: 'ns/a', writes: [{ verb: 'create' as const }] };
    await expect(runRow({ ...options, make }, row)).rejects.toThrow('writes of a second run');
  });

  it('can make writes fail, and then asks only that the reconciler recovers', async () => {
    const failures = [{ verb: 'create' as const, kind: 'ConfigMap', error }];
    const outcome = { error: 'away' };
    const row = { name: '', world, key: 'ns/a', failures, writes: [created], outcome };
    await runRow(options, row);
  });
});
