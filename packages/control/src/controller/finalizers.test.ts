import { settle } from '@afflux/kernel/testing';
import { describe, expect, it } from 'vitest';
import { StoreError } from '../errors.ts';
import { makeControllerWorld } from '../testkit/controller-world.ts';
import { GADGET, type KitObject } from '../testkit/kinds.ts';
import type { WriteFailure } from '../testkit/recording-store.ts';
import type { Reconciler } from './reconciler.ts';

const FINALIZER = 'gadgets.kit.afflux.dev';

const key = { namespace: 'ns', name: 'a' };

describe('Controller finalizers', () => {
  function withFinalizer(finalize: Reconciler<KitObject>['finalize']) {
    return makeControllerWorld({
      finalizer: FINALIZER,
      finalize: finalize ?? (() => Promise.resolve()),
    });
  }

  it('puts its finalizer on before the first run, and undoes its work when the object is deleted', async () => {
    const finalized: string[] = [];
    const { start, create, controller, read, memory } = withFinalizer((object) => {
      finalized.push(object.metadata.name);
      return Promise.resolve();
    });
    await create('a', { finalizers: ['other.kit.afflux.dev'] });
    await start();
    await controller.idle();
    expect((await read('a')).metadata.finalizers).toEqual(['other.kit.afflux.dev', FINALIZER]);
    expect(finalized).toEqual([]);
    await memory.delete(GADGET, key);
    await controller.idle();
    expect(finalized).toEqual(['a']);
    expect((await read('a')).metadata.finalizers).toEqual(['other.kit.afflux.dev']);
  });

  it('keeps the object until it could undo its work', async () => {
    let isStuck = true;
    const { start, create, controller, memory, clock, read } = withFinalizer((object) => {
      object.status = { phase: 'Stuck' };
      return isStuck ? Promise.reject(new Error('not yet')) : Promise.resolve();
    });
    await create('a');
    await start();
    await controller.idle();
    await memory.delete(GADGET, key);
    await controller.idle();
    expect((await read('a')).status).toEqual({ phase: 'Stuck' });
    isStuck = false;
    await clock.advance(5);
    await controller.idle();
    await expect(read('a')).rejects.toMatchObject({ reason: 'NotFound' });
  });

  it('does nothing for a deleted object that does not carry its finalizer', async () => {
    const { start, create, controller, memory, store, runs } = withFinalizer(() =>
      Promise.reject(new Error('must not run')),
    );
    await create('a', { finalizers: ['other.kit.afflux.dev'] });
    await memory.delete(GADGET, key);
    await start();
    await controller.idle();
    expect(runs).toEqual([]);
    expect(store.takeWrites()).toEqual([]);
  });

  it('comes back when its finalizer met another writer', async () => {
    const error = new StoreError('AFFLUX_STORE_CONFLICT', 'busy');
    const failures: WriteFailure[] = [{ verb: 'patch', kind: 'Gadget', error }];
    const { start, create, clock, runs, logged } = makeControllerWorld(
      { finalizer: FINALIZER, finalize: () => Promise.resolve() },
      { failures },
    );
    await create('a');
    await start();
    await settle();
    expect(runs).toEqual([]);
    expect(logged('warn')).toEqual([]);
    failures.length = 0;
    await clock.advance(5);
    expect(runs).toContain('a');
  });

  it('takes an object that is gone as finalized', async () => {
    const { start, create, controller, memory, logged } = withFinalizer(async () => {
      const body = { metadata: { finalizers: null } };
      await memory.patch(GADGET, key, { type: 'merge', body });
    });
    await create('a');
    await start();
    await controller.idle();
    await memory.delete(GADGET, key);
    await controller.idle();
    expect([...logged('warn'), ...logged('error')]).toEqual([]);
  });

  it('refuses a reconciler that could never be told apart from others', () => {
    expect(() => makeControllerWorld({ finalize: () => Promise.resolve() })).toThrow(
      'finalize needs a finalizer',
    );
  });
});
