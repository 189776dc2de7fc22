import { settle } from '@afflux/kernel/testing';
import { ConditionSet } from '@afflux/resources';
import { describe, expect, it, onTestFinished } from 'vitest';
import { PermanentError, StoreError } from '../errors.ts';
import { makeControllerWorld } from '../testkit/controller-world.ts';
import { GADGET, NOTE } from '../testkit/kinds.ts';
import type { WriteFailure } from '../testkit/recording-store.ts';
import { Controller } from './controller.ts';

const FINALIZER = 'gadgets.kit.afflux.dev';
const CONDITIONS = new ConditionSet('Ready', ['Wired']);

const key = { namespace: 'ns', name: 'a' };

describe('Controller', () => {
  it('runs for what exists at its start and for every change after it', async () => {
    const { start, create, memory, controller, runs } = makeControllerWorld();
    const object = await create('a');
    await start();
    await controller.idle();
    expect(runs).toEqual(['a']);
    await memory.update({ ...object, spec: { size: 2 } });
    await controller.idle();
    await create('b');
    await controller.idle();
    expect(runs).toEqual(['a', 'a', 'b']);
  });

  it('starts the informer if nobody else did', async () => {
    const { controller, create, runs } = makeControllerWorld();
    await create('a');
    await controller.start();
    await controller.idle();
    expect(runs).toEqual(['a']);
  });

  it('hands out a copy: changing it changes nothing but status', async () => {
    const { start, create, controller, read } = makeControllerWorld({
      reconcile: (object) => {
        object.spec = { broken: true };
        object.metadata.labels = { broken: 'true' };
        object.status = { phase: 'Ready' };
        return Promise.resolve();
      },
    });
    await create('a');
    await start();
    await controller.idle();
    expect(await read('a')).toMatchObject({ spec: { size: 1 } });
    // Without a set of conditions a kind need not know of observedGeneration.
    expect((await read('a')).status).toEqual({ phase: 'Ready' });
    expect((await read('a')).metadata.labels).toBeUndefined();
  });

  it('writes the status once and then rests', async () => {
    const { start, create, controller, store, clock, runs } = makeControllerWorld({
      conditions: CONDITIONS,
      reconcile: (object, { now }) => {
        const status = object.status ?? {};
        status['conditions'] = CONDITIONS.markTrue(status, { type: 'Wired', now: now() });
        return Promise.resolve();
      },
    });
    await create('a');
    await start();
    await controller.idle();
    await clock.advance(5_000);
    await controller.idle();
    expect(store.takeWrites().map(({ verb }) => verb)).toEqual(['updateStatus']);
    expect(runs).toEqual(['a', 'a']);
  });

  it('keeps the time of a condition that ended as it was, and gives one time to those that changed', async () => {
    const conditions = new ConditionSet('Ready', ['Wired', 'Fed']);
    const { start, create, controller, read, clock, memory } = makeControllerWorld({
      conditions,
      reconcile: (object, { now }) => {
        const status = object.status ?? {};
        const isFed = object.spec?.['size'] === 2;
        status['conditions'] = conditions.markTrue(status, { type: 'Wired', now: now() });
        status['conditions'] = conditions[isFed ? 'markTrue' : 'markFalse'](status, {
          type: 'Fed',
          now: now(),
        });
        return Promise.resolve();
      },
    });
    await create('a');
    await start();
    await controller.idle();
    const times = async () => {
      const list = (await read('a')).status?.['conditions'] as {
        type: string;
        lastTransitionTime: string;
      }[];
      return Object.fromEntries(list.map((item) => [item.type, item.lastTransitionTime]));
    };
    const before = '2026-01-01T00:00:00Z';
    expect(await times()).toEqual({ Ready: before, Wired: before, Fed: before });
    await clock.advance(10_000);
    await memory.update({ ...(await read('a')), spec: { size: 2 } });
    await controller.idle();
    const after = '2026-01-01T00:00:10Z';
    expect(await times()).toEqual({ Ready: after, Wired: before, Fed: after });
  });

  it('keeps the time of the happy condition through a new generation that ends as the one before', async () => {
    const { start, create, controller, read, clock, memory } = makeControllerWorld({
      conditions: CONDITIONS,
      reconcile: (object, { now }) => {
        const status = object.status ?? {};
        status['conditions'] = CONDITIONS.markTrue(status, { type: 'Wired', now: now() });
        return Promise.resolve();
      },
    });
    await create('a');
    await start();
    await controller.idle();
    const { conditions } = (await read('a')).status ?? {};
    await clock.advance(10_000);
    await memory.update({ ...(await read('a')), spec: { size: 2 } });
    await controller.idle();
    expect((await read('a')).status).toEqual({ observedGeneration: 2, conditions });
  });

  it('admits that a new generation has not been observed when the reconciler does not get to it', async () => {
    const { start, create, controller, read, logged } = makeControllerWorld({
      conditions: CONDITIONS,
      reconcile: () => Promise.reject(new PermanentError('no')),
    });
    await create('a');
    await start();
    await controller.idle();
    const { status } = await read('a');
    expect(status).toMatchObject({ observedGeneration: 1 });
    expect(CONDITIONS.happyCondition(status)).toMatchObject({
      status: 'Unknown',
      reason: 'NewObservedGenFailure',
      message: 'unsuccessfully observed a new generation',
    });
    expect(logged('error')[0]?.message).toBe('reconcile failed, not retried');
  });

  it('warns about a reconciler that succeeds without a word on readiness', async () => {
    const { start, create, controller, logged } = makeControllerWorld({ conditions: CONDITIONS });
    await create('a');
    await start();
    await controller.idle();
    expect(logged('warn')[0]?.message).toBe('the reconciler left the happy condition as it was');
  });

  it('leaves objects of another class alone', async () => {
    const { start, create, controller, runs, store } = makeControllerWorld({
      finalizer: FINALIZER,
      finalize: () => Promise.resolve(),
      accepts: (object) => object.metadata.annotations?.['class'] === 'mine',
    });
    await create('a', { annotations: { class: 'theirs' } });
    await create('b', { annotations: { class: 'mine' } });
    await start();
    await controller.idle();
    expect(new Set(runs)).toEqual(new Set(['b']));
    expect(store.takeWrites().every((write) => write.key === 'ns/b')).toBe(true);
  });

  it('spares objects that leave nothing behind its finalizer', async () => {
    const { start, create, controller, read } = makeControllerWorld({
      finalizer: FINALIZER,
      finalize: () => Promise.resolve(),
      needsFinalizer: (object) => object.metadata.annotations?.['leaves'] === 'something',
    });
    await create('a', { annotations: { leaves: 'nothing' } });
    await create('b', { annotations: { leaves: 'something' } });
    await start();
    await controller.idle();
    expect((await read('a')).metadata.finalizers ?? []).toEqual([]);
    expect((await read('b')).metadata.finalizers).toEqual([FINALIZER]);
  });

  it('fills in defaults in memory only', async () => {
    const seen: unknown[] = [];
    const { start, create, controller, read } = makeControllerWorld({
      prepare: (object) => {
        object.spec = { color: 'red', ...object.spec };
      },
      reconcile: (object) => {
        seen.push(object.spec);
        return Promise.resolve();
      },
    });
    await create('a');
    await start();
    await controller.idle();
    expect(seen).toEqual([{ color: 'red', size: 1 }]);
    expect((await read('a')).spec).toEqual({ size: 1 });
  });

  it('retries a status that somebody else overtook, on the state of the moment', async () => {
    let isFirst = true;
    const world = makeControllerWorld({
      reconcile: async (object) => {
        object.status = { phase: 'Ready' };
        if (!isFirst) return;
        isFirst = false;
        await world.memory.update({ ...(await world.read('a')), spec: { size: 2 } });
      },
    });
    await world.create('a');
    await world.start();
    await settle();
    expect((await world.read('a')).status).toBeUndefined();
    await world.clock.advance(11);
    expect(await world.read('a')).toMatchObject({ spec: { size: 2 }, status: { phase: 'Ready' } });
    await world.controller.idle();
    expect(world.logged('warn')).toEqual([]);
  });

  it('gives up a status after five conflicts and comes back later', async () => {
    const error = new StoreError('AFFLUX_STORE_CONFLICT', 'busy');
    const failures: WriteFailure[] = [{ verb: 'updateStatus', kind: 'Gadget', error }];
    const world = makeControllerWorld(
      {
        reconcile: (object) => {
          object.status = { phase: 'Ready' };
          return Promise.resolve();
        },
      },
      { failures },
    );
    await world.create('a');
    await world.start();
    await world.clock.advance(45);
    expect(world.store.takeWrites()).toHaveLength(5);
    // Nothing outside is waited for: whoever waits until all is done waits for this, too.
    expect(world.controller.isIdle).toBe(false);
    expect(world.logged('warn')).toEqual([]);
    expect(world.meter.sum('controller_runtime_reconcile_total', 'gadgets', 'requeue')).toBe(1);
    failures.length = 0;
    await world.clock.advance(10);
    expect((await world.read('a')).status).toMatchObject({ phase: 'Ready' });
    await world.controller.idle();
  });

  it('reports a status that cannot be written, and retries', async () => {
    const failures: WriteFailure[] = [
      {
        verb: 'updateStatus',
        kind: 'Gadget',
        error: new StoreError('AFFLUX_STORE_UNAVAILABLE', 'x'),
      },
    ];
    const world = makeControllerWorld(
      {
        reconcile: (object) => {
          object.status = { phase: 'Ready' };
          return Promise.resolve();
        },
      },
      { failures },
    );
    await world.create('a');
    await world.start();
    await settle();
    expect(world.logged('warn')[0]?.fields['err']).toMatchObject({
      code: 'AFFLUX_CONTROL_STATUS_UPDATE_FAILED',
      message: 'failed to update status for "a"',
    });
    failures.length = 0;
    await world.clock.advance(5);
    expect((await world.read('a')).status).toMatchObject({ phase: 'Ready' });
  });

  it('takes an object that went meanwhile as settled', async () => {
    const world = makeControllerWorld({
      reconcile: async (object) => {
        object.status = { phase: 'Ready' };
        await world.memory.delete(GADGET, key);
      },
    });
    await world.create('a');
    await world.start();
    // The write conflicts, and a moment later there is nothing to write to.
    await world.clock.advance(20);
    await world.controller.idle();
    expect([...world.logged('warn'), ...world.logged('error')]).toEqual([]);
  });

  it('reports a status on a kind that has none', async () => {
    const world = makeControllerWorld();
    const controller = new Controller({
      name: 'notes',
      store: world.store,
      informer: world.informers.get(NOTE),
      clock: world.clock,
      logger: world.logger,
      reconciler: {
        kind: NOTE,
        reconcile: (object) => {
          object.status = { phase: 'Ready' };
          return Promise.resolve();
        },
      },
    });
    onTestFinished(() => controller.close());
    const { apiVersion, kind } = NOTE;
    await world.memory.create({ apiVersion, kind, metadata: key });
    await controller.start();
    await controller.idle();
    expect(world.logged('warn')[0]?.fields['err']).toMatchObject({
      cause: { message: 'notes.kit.afflux.dev have no status subresource' },
    });
  });

  it('is not idle before it has started', async () => {
    const world = makeControllerWorld();
    await world.create('a');
    const started = world.controller.start();
    expect(world.controller.isIdle).toBe(false);
    await world.controller.idle();
    expect(world.runs).toEqual(['a']);
    await started;
  });
});
