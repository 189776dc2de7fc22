import { settle } from '@afflux/kernel/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeControllerWorld, untilAborted } from '../testkit/controller-world.ts';
import { GADGET, NOTE, type KitObject } from '../testkit/kinds.ts';
import { observerOf, Tracker } from '../tracker.ts';
import { Controller } from './controller.ts';

const key = { namespace: 'ns', name: 'a' };

describe('Controller queue', () => {
  it('tells the reconciler of objects that are gone', async () => {
    const gone: unknown[] = [];
    const { start, create, controller, memory } = makeControllerWorld({
      observeDeletion: (deleted) => gone.push(deleted),
    });
    await create('a');
    await start();
    await controller.idle();
    await memory.delete(GADGET, key);
    await controller.idle();
    expect(gone).toEqual([key]);
  });

  it('never runs one key twice at a time, and two keys at once', async () => {
    const running = new Map<string, number>();
    let most = 0;
    const world = makeControllerWorld({
      reconcile: async (object) => {
        const { name } = object.metadata;
        running.set(name, (running.get(name) ?? 0) + 1);
        most = Math.max(most, [...running.values()].filter((count) => count > 0).length);
        expect(running.get(name)).toBe(1);
        await world.clock.sleep(10);
        running.set(name, 0);
      },
    });
    for (const name of ['a', 'b', 'c']) await world.create(name);
    await world.start();
    world.controller.enqueue('ns/a');
    for (let round = 0; round < 10; round += 1) {
      await world.clock.advance(5);
      for (const name of ['a', 'b', 'c']) world.controller.enqueue(`ns/${name}`);
    }
    await world.clock.advance(1_000);
    expect(most).toBe(2);
    expect(new Set(world.runs)).toEqual(new Set(['a', 'b', 'c']));
  });

  it('enqueues what keysFor says', async () => {
    const { start, create, controller, runs } = makeControllerWorld(
      {},
      { keysFor: ({ new: next }) => [`ns/${next?.metadata.labels?.['for'] ?? ''}`] },
    );
    await create('a');
    await create('b', { labels: { for: 'a' } });
    await start();
    await controller.idle();
    expect(runs).toEqual(['a']);
  });

  it('runs everything again on a resync, later than what has happened', async () => {
    const { start, create, controller, runs } = makeControllerWorld({}, { workers: 1 });
    for (const name of ['a', 'b', 'c']) await create(name);
    await start();
    await controller.idle();
    runs.length = 0;
    controller.resync();
    controller.enqueue('ns/c');
    await controller.idle();
    // The idle worker takes the first key at once.
    expect(runs).toEqual(['a', 'c', 'b']);
  });

  it('runs later when asked to', async () => {
    const { start, create, controller, runs, clock } = makeControllerWorld();
    await create('a');
    await start();
    await controller.idle();
    controller.enqueueAfter('ns/a', 100);
    await clock.advance(100);
    expect(runs).toEqual(['a', 'a']);
  });

  it('runs again when what it tracked changes, and drops what it no longer tracks', async () => {
    const world = makeControllerWorld();
    const tracker = new Tracker({ informers: world.informers });
    let wanted = 'first';
    const runs: string[] = [];
    const controller = new Controller<KitObject>({
      name: 'tracking',
      store: world.store,
      informer: world.informers.get<KitObject>(GADGET),
      clock: world.clock,
      logger: world.logger,
      tracker,
      reconciler: {
        kind: GADGET,
        reconcile: (object) => {
          runs.push(object.metadata.name);
          const note = {
            apiVersion: NOTE.apiVersion,
            kind: NOTE.kind,
            namespace: 'ns',
            name: wanted,
          };
          tracker.track(note, observerOf(GADGET, object.metadata));
          return Promise.resolve();
        },
      },
    });
    onTestFinished(() => controller.close());
    const touch = async (name: string): Promise<void> => {
      const { apiVersion, kind } = NOTE;
      await world.memory.create({ apiVersion, kind, metadata: { namespace: 'ns', name } });
      await settle();
      await controller.idle();
    };
    await world.informers.start();
    await world.create('a');
    await controller.start();
    await controller.idle();
    wanted = 'second';
    await touch('first');
    expect(runs).toHaveLength(2);
    await touch('second');
    expect(runs).toHaveLength(3);
    await world.memory.delete(NOTE, { namespace: 'ns', name: 'first' });
    await settle();
    await controller.idle();
    expect(runs).toHaveLength(3);
    await world.memory.delete(GADGET, key);
    await controller.idle();
    expect(tracker.size).toBe(0);
  });

  it('leaves alone what another controller of its kind tracks for an object that it does not accept', async () => {
    const world = makeControllerWorld();
    const tracker = new Tracker({ informers: world.informers });
    const note = { apiVersion: NOTE.apiVersion, kind: NOTE.kind, namespace: 'ns', name: 'note' };
    const runs: string[] = [];
    const start = async (name: string, isAccepting: boolean): Promise<Controller<KitObject>> => {
      const controller = new Controller<KitObject>({
        name,
        store: world.store,
        informer: world.informers.get<KitObject>(GADGET),
        clock: world.clock,
        logger: world.logger,
        tracker,
        reconciler: {
          kind: GADGET,
          accepts: () => isAccepting,
          reconcile: (object) => {
            runs.push(name);
            tracker.track(note, observerOf(GADGET, object.metadata));
            return Promise.resolve();
          },
        },
      });
      onTestFinished(() => controller.close());
      await controller.start();
      await controller.idle();
      return controller;
    };
    await world.informers.start();
    await world.create('a');
    const ours = await start('ours', true);
    const others = await start('others', false);
    others.enqueue('ns/a');
    await others.idle();
    await world.memory.create({
      apiVersion: NOTE.apiVersion,
      kind: NOTE.kind,
      metadata: { namespace: 'ns', name: 'note' },
    });
    await settle();
    await ours.idle();
    expect(runs).toEqual(['ours', 'ours']);
  });

  it('drains what waits and lets runs finish, and takes nothing new', async () => {
    const world = makeControllerWorld({ reconcile: () => world.clock.sleep(100) }, { workers: 1 });
    for (const name of ['a', 'b']) await world.create(name);
    await world.start();
    await settle();
    const drained = world.controller.drain();
    await world.create('late');
    await world.clock.advance(200);
    await drained;
    expect(world.runs).toEqual(['a', 'b']);
  });

  it('aborts what runs and drops what waits when it closes, without a word', async () => {
    const signals: AbortSignal[] = [];
    const { start, create, controller, runs, clock, logged } = makeControllerWorld(
      {
        reconcile: (_, { signal }) => {
          signals.push(signal);
          return untilAborted(signal);
        },
      },
      { workers: 1 },
    );
    for (const name of ['a', 'b']) await create(name);
    await start();
    await settle();
    await controller.close();
    await clock.advance(10_000);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(runs).toEqual(['a']);
    expect([...logged('warn'), ...logged('error')]).toEqual([]);
  });

  it('measures its runs under the names of controller-runtime', async () => {
    const world = makeControllerWorld({ reconcile: () => world.clock.sleep(1_000) });
    await world.create('a');
    await world.start();
    await settle();
    const active = () => world.meter.observations('controller_runtime_active_workers')[0]?.value;
    expect(active()).toBe(1);
    await world.clock.advance(1_000);
    await world.controller.idle();
    expect(active()).toBe(0);
    expect(world.meter.values('controller_runtime_reconcile_time_seconds', 'gadgets')).toEqual([1]);
    expect(world.meter.sum('controller_runtime_reconcile_total', 'gadgets', 'success')).toBe(1);
    expect(world.meter.sum('workqueue_adds_total', 'gadgets')).toBe(1);
  });
});
