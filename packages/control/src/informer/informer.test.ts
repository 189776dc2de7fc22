import { AffluxError, newUuid, seededRandom } from '@afflux/kernel';
import { FakeClock, RecordingMeter, recordingLogger, settle } from '@afflux/kernel/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { StoreError } from '../errors.ts';
import { MemoryStore } from '../memory/memory-store.ts';
import type { MemoryStoreLimits } from '../memory/limits.ts';
import { kindId } from '../store/keys.ts';
import { GADGET, gadget, KIT_KINDS, type KitObject } from '../testkit/kinds.ts';
import { FaultyStore, scripted, silent } from '../testkit/faulty-store.ts';
import { Informer } from './informer.ts';
import { byLabel, byOwnerUid } from './object-cache.ts';

function makeWorld(limits: Partial<MemoryStoreLimits> = {}) {
  const clock = new FakeClock();
  const logger = recordingLogger();
  const meter = new RecordingMeter();
  const store = new FaultyStore(
    new MemoryStore({ clock, newId: newUuid, registry: KIT_KINDS, limits }),
  );
  const informer = new Informer<KitObject>({
    store,
    gvk: GADGET,
    clock,
    logger,
    meter,
    random: seededRandom(1),
  });
  onTestFinished(() => informer.close());
  const changes: string[] = [];
  informer.onChange(({ old, new: next }) => {
    const verb = old === undefined ? 'add' : next === undefined ? 'delete' : 'modify';
    changes.push(`${verb} ${(next ?? old)?.metadata.name ?? ''}`);
  });
  const create = (name: string, spec = { size: 1 }, labels = {}) =>
    store.create(gadget({ namespace: 'ns', name, labels }, spec));
  const endings = (ending: string) =>
    meter.sum('afflux_informer_watch_ends_total', kindId(GADGET), ending);
  return { clock, logger, meter, store, informer, changes, create, endings };
}

const BROKEN = new Error('broken');
const UNAVAILABLE = new StoreError('AFFLUX_STORE_UNAVAILABLE', 'away');
const EXPIRED = new StoreError('AFFLUX_STORE_EXPIRED', 'too old');

describe('Informer', () => {
  it('is in sync after its start, and follows', async () => {
    const { informer, create, store, changes } = makeWorld();
    const object = await create('a');
    expect(informer.hasSynced).toBe(false);
    await informer.start();
    expect(informer.hasSynced).toBe(true);
    expect(informer.get('ns', 'a')).toBe(object);
    const updated = await store.update({ ...object, spec: { size: 2 } });
    await settle();
    expect(informer.get('ns', 'a')).toBe(updated);
    await store.delete(GADGET, object.metadata);
    await settle();
    expect(informer.get('ns', 'a')).toBeUndefined();
    expect(changes).toEqual(['add a', 'modify a', 'delete a']);
  });

  it('lists all objects, or those of one namespace', async () => {
    const { informer, create, store } = makeWorld();
    await create('a');
    await store.create(gadget({ namespace: 'other', name: 'b' }));
    await informer.start();
    expect(informer.list()).toHaveLength(2);
    expect(informer.size).toBe(2);
    expect(informer.list('other').map(({ metadata }) => metadata.name)).toEqual(['b']);
  });

  it('tells a late handler about what is there', async () => {
    const { informer, create } = makeWorld();
    await create('a');
    await informer.start();
    const seen: unknown[] = [];
    const stop = informer.onChange((change) => seen.push(change));
    expect(seen).toEqual([{ new: informer.get('ns', 'a') }]);
    stop();
    await create('b');
    await settle();
    expect(seen).toHaveLength(1);
  });

  it('has changed its cache before it calls a handler', async () => {
    const { informer, create, store } = makeWorld();
    const sizes: unknown[] = [];
    informer.onChange(({ new: next }) => {
      sizes.push([next?.spec, informer.get('ns', 'a')?.spec]);
    });
    await informer.start();
    const object = await create('a');
    await store.update({ ...object, spec: { size: 2 } });
    await store.delete(GADGET, object.metadata);
    await settle();
    expect(sizes).toEqual([
      [{ size: 1 }, { size: 1 }],
      [{ size: 2 }, { size: 2 }],
      [undefined, undefined],
    ]);
  });

  it('logs a handler that throws, and the others hear of the change', async () => {
    const { informer, create, logger, changes } = makeWorld();
    informer.onChange(() => {
      throw BROKEN;
    });
    const later: unknown[] = [];
    informer.onChange((change) => later.push(change));
    await informer.start();
    await create('a');
    await settle();
    expect(changes).toEqual(['add a']);
    expect(later).toHaveLength(1);
    expect(logger.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
  });

  it('finds objects by label, by owner and by a function, also after changes', async () => {
    const { informer, create, store } = makeWorld();
    const owner = await create('owner');
    const { apiVersion, kind, metadata } = owner;
    const reference = { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '' };
    const child = await store.create(
      gadget({ namespace: 'ns', name: 'child', labels: { x: '1' }, ownerReferences: [reference] }),
    );
    informer.addIndex('x', byLabel('x'));
    await informer.start();
    informer.addIndex('owner', byOwnerUid);
    informer.addIndex('size', (object) => [String(object.spec?.['size'])]);
    informer.addIndex('size', () => []);
    const names = (index: string, value: string) =>
      informer.byIndex(index, value).map((object) => object.metadata.name);
    expect(names('x', '1')).toEqual(['child']);
    expect(names('owner', reference.uid)).toEqual(['child']);
    expect(names('size', '1').sort()).toEqual(['child', 'owner']);
    await store.update({
      ...child,
      metadata: { ...child.metadata, labels: { x: '2' } },
      spec: { size: 5 },
    });
    await settle();
    expect([names('x', '1'), names('x', '2'), names('size', '5')]).toEqual([
      [],
      ['child'],
      ['child'],
    ]);
    await store.delete(GADGET, child.metadata);
    await settle();
    expect([names('x', '2'), names('owner', reference.uid)]).toEqual([[], []]);
    expect(() => informer.byIndex('none', 'x')).toThrow('there is no index none');
  });

  it('waits for a kind that is not served yet, and is not in sync until then', async () => {
    const { informer, store, clock, create } = makeWorld();
    const unknown = new StoreError('AFFLUX_STORE_KIND_UNKNOWN', 'not yet');
    store.listFaults = [unknown, unknown];
    await create('a');
    const started = informer.start();
    await clock.advance(1_600);
    expect(informer.hasSynced).toBe(false);
    await clock.advance(3_200);
    await started;
    expect(informer.list()).toHaveLength(1);
  });

  it('waits 0.8 s doubling to 30 s, stretched by up to twice', async () => {
    const { informer, store, clock } = makeWorld();
    store.listFaults = Array.from({ length: 9 }, () => BROKEN);
    const started = informer.start();
    const waits: number[] = [];
    await settle();
    while (!informer.hasSynced) {
      const waitMs = clock.nextDueInMs ?? 0;
      waits.push(waitMs);
      await clock.advance(waitMs);
    }
    await started;
    expect(waits).toHaveLength(9);
    for (const [index, waitMs] of waits.entries()) {
      const baseMs = Math.min(800 * 2 ** index, 30_000);
      expect(waitMs).toBeGreaterThanOrEqual(baseMs);
      expect(waitMs).toBeLessThanOrEqual(2 * baseMs);
    }
  });

  it('F08 resumes from the last version when a watch ends, without a list', async () => {
    const { informer, store, changes, create, endings } = makeWorld();
    await informer.start();
    await create('a');
    await settle();
    store.detachWatches();
    await create('b');
    store.cutWatches();
    await settle();
    expect(changes).toEqual(['add a', 'add b']);
    expect(store.calls).toEqual(['list', 'watch 0', 'watch 1']);
    expect(endings('ended')).toBe(1);
  });

  it('F08 waits before it watches again when a watch was short and empty', async () => {
    const { informer, store, clock } = makeWorld();
    store.watchFaults = [() => scripted([]), () => scripted([])];
    await informer.start();
    await settle();
    expect(store.calls).toEqual(['list', 'watch 0']);
    await clock.advance(6_000);
    expect(store.calls).toEqual(['list', 'watch 0', 'watch 0', 'watch 0']);
  });

  it('F08 lists again at once when the watch has expired, and finds what it missed', async () => {
    const { informer, store, changes, create, endings } = makeWorld();
    const gone = await create('gone');
    const stays = await create('stays');
    await informer.start();
    const recreated = await create('recreated');
    await settle();
    store.detachWatches();
    await store.delete(GADGET, gone.metadata);
    await store.delete(GADGET, recreated.metadata);
    await create('recreated', { size: 9 });
    await store.update({ ...stays, spec: { size: 2 } });
    await create('new');
    store.cutWatches(EXPIRED);
    await settle();
    expect(changes.slice(3)).toEqual([
      'delete gone',
      'add new',
      'delete recreated',
      'add recreated',
      'modify stays',
    ]);
    expect(endings('expired')).toBe(1);
    expect(informer.get('ns', 'recreated')?.spec).toEqual({ size: 9 });
  });

  it('F08 does not list in a tight circle when every watch expires at once', async () => {
    const { informer, store, clock } = makeWorld();
    store.watchFaults = Array.from({ length: 4 }, () => () => scripted([], EXPIRED));
    await informer.start();
    await settle();
    expect(store.calls).toEqual(['list', 'watch 0']);
    await clock.advance(60_000);
    expect(store.listCount).toBe(5);
  });

  it('F08 watches again without a list when the store is away for a while', async () => {
    const { informer, store, create, clock, changes, endings } = makeWorld();
    store.watchFaults = [() => scripted([], UNAVAILABLE), () => scripted([], UNAVAILABLE)];
    await informer.start();
    await create('a');
    await clock.advance(5_000);
    expect(store.listCount).toBe(1);
    expect(changes).toEqual(['add a']);
    expect(endings('unavailable')).toBe(2);
  });

  it('F08 lists again after any other error', async () => {
    const { informer, store, create, clock, changes, logger } = makeWorld();
    store.watchFaults = [() => scripted([], BROKEN)];
    await informer.start();
    await create('a');
    await clock.advance(2_000);
    expect(store.listCount).toBe(2);
    expect(changes).toEqual(['add a']);
    expect(logger.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });

  it('F08 gives up a watch that fell silent without ending', async () => {
    const { informer, store, create, clock, changes } = makeWorld();
    store.watchFaults = [silent];
    await informer.start();
    await create('a');
    await clock.advance(149_000);
    expect(changes).toEqual([]);
    await clock.advance(1_001);
    expect(changes).toEqual(['add a']);
    expect(store.listCount).toBe(1);
  });

  it('keeps a quiet watch as long as bookmarks come', async () => {
    const { informer, store, clock } = makeWorld();
    await informer.start();
    await clock.advance(600_000);
    expect(store.calls).toEqual(['list', 'watch 0']);
  });

  it('F08 ignores repetitions and deletions of an earlier object of the name', async () => {
    const { informer, store, create, changes } = makeWorld();
    const first = await create('a');
    await store.delete(GADGET, first.metadata);
    const second = await create('a', { size: 2 });
    store.watchFaults = [
      (options) =>
        silent(options, [
          { type: 'ADDED', object: second },
          { type: 'MODIFIED', object: second },
          { type: 'DELETED', object: first },
          { type: 'DELETED', object: gadget({ namespace: 'ns', name: 'unknown', uid: 'x' }) },
        ]),
    ];
    await informer.start();
    await settle();
    expect(changes).toEqual(['add a']);
    expect(informer.get('ns', 'a')).toBe(second);
  });

  it('survives a burst that its watch could not hold', async () => {
    const { informer, create, changes } = makeWorld({ watchBacklogMax: 10, historyMax: 10 });
    await informer.start();
    await settle();
    const names = Array.from({ length: 50 }, (_, index) => `g${String(index)}`);
    await Promise.all(names.map((name) => create(name)));
    await settle();
    await settle();
    expect(informer.size).toBe(50);
    expect(new Set(changes).size).toBe(50);
  });

  it('can be closed while it waits, and then starts no more', async () => {
    const { informer, store, clock } = makeWorld();
    store.listFaults = [BROKEN];
    const started = informer.start();
    await settle();
    await informer.close();
    await expect(started).rejects.toBeInstanceOf(AffluxError);
    await clock.advance(60_000);
    expect(store.calls).toEqual(['list']);
    expect(clock.pending).toBe(0);
  });

  it('stops starting when its signal aborts', async () => {
    const { informer, store } = makeWorld();
    store.listFaults = [BROKEN];
    const controller = new AbortController();
    const started = informer.start(controller.signal);
    await settle();
    controller.abort();
    await expect(started).rejects.toMatchObject({ code: 'AFFLUX_KERNEL_ABORTED' });
    expect(informer.state).toBe('closed');
  });

  it('hears nothing after it is closed, and leaves nothing behind', async () => {
    const { informer, create, changes, clock, meter } = makeWorld();
    await informer.start();
    await informer.close();
    await create('a');
    await settle();
    expect(changes).toEqual([]);
    expect(meter.observations('afflux_informer_objects')).toEqual([]);
    await clock.advance(60_000);
    expect(clock.pending).toBe(0);
  });
});
