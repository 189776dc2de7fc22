import { ConditionSet, type KnativeStatus } from '@afflux/resources';
import { settle } from '@afflux/kernel/testing';
import { describe, expect, it } from 'vitest';
import { PermanentError, RequeueAfter, SkipKey, StoreError } from '../errors.ts';
import { makeControllerWorld, untilAborted } from '../testkit/controller-world.ts';
import { RecordingEvents } from '../testkit/events.ts';
import { GADGET, type KitObject } from '../testkit/kinds.ts';
import type { WriteFailure } from '../testkit/recording-store.ts';
import type { Reconciler } from './reconciler.ts';

const CONDITIONS = new ConditionSet('Ready', ['Up']);
const REFUSED = new StoreError('AFFLUX_STORE_QUOTA_EXCEEDED', 'no more');
const CONFLICT = new StoreError('AFFLUX_STORE_CONFLICT', 'somebody was faster');

function makeWorld(reconciler: Partial<Reconciler<KitObject>> = {}, failures: WriteFailure[] = []) {
  const events = new RecordingEvents();
  const world = makeControllerWorld(reconciler, { events, failures });
  /** Creates an object, lets the controller run, and says what was recorded. */
  const run = async (metadata: object = {}): Promise<string[]> => {
    await world.create('a', metadata);
    await world.start();
    await settle();
    await settle();
    return events.take();
  };
  return { ...world, events, run };
}

/** Sets the condition `Up`. */
function up(object: KitObject, isUp: boolean, message = 'it is down'): void {
  const status = object.status as KnativeStatus;
  const mark = { type: 'Up', now: '2026-01-01T00:00:00Z' };
  status.conditions = isUp
    ? CONDITIONS.markTrue(status, mark)
    : CONDITIONS.markFalse(status, { ...mark, reason: 'Down', message });
}

describe('events of a run', () => {
  it('tell of the finalizer that is put on, once', async () => {
    const { run, controller, events } = makeWorld({
      finalizer: 'gadgets.kit',
      finalize: () => Promise.resolve(),
    });
    expect(await run()).toEqual(['Normal FinalizerUpdate: Updated "a" finalizers']);
    controller.enqueue('ns/a');
    await controller.idle();
    expect(events.take()).toEqual([]);
  });

  it('tell of the finalizer that is taken off', async () => {
    const { run, memory, controller, events } = makeWorld({
      finalizer: 'gadgets.kit',
      finalize: () => Promise.resolve(),
    });
    await run();
    await memory.delete(GADGET, { namespace: 'ns', name: 'a' });
    await controller.idle();
    expect(events.take()).toEqual(['Normal FinalizerUpdate: Updated "a" finalizers']);
  });

  it('tell of a finalizer that cannot be put on, and of nothing else', async () => {
    const { run } = makeWorld({ finalizer: 'gadgets.kit', finalize: () => Promise.resolve() }, [
      { verb: 'patch', kind: 'Gadget', error: REFUSED },
    ]);
    expect(await run()).toEqual([
      'Warning FinalizerUpdateFailed: Failed to update finalizers for "a": no more',
    ]);
  });

  it('do not tell of a conflict over the finalizer', async () => {
    const { run } = makeWorld({ finalizer: 'gadgets.kit', finalize: () => Promise.resolve() }, [
      { verb: 'patch', kind: 'Gadget', error: CONFLICT },
    ]);
    expect(await run()).toEqual([]);
  });

  it('tell of a finalizer that fails', async () => {
    const { run, memory, controller, events } = makeWorld({
      finalizer: 'gadgets.kit',
      finalize: () => Promise.reject(new Error('cannot undo')),
    });
    await run();
    await memory.delete(GADGET, { namespace: 'ns', name: 'a' });
    await controller.idle();
    expect(events.take()).toEqual(['Warning InternalError: cannot undo']);
  });

  it('tell of a status that cannot be written', async () => {
    const reconcile = (object: KitObject): Promise<void> => {
      object.status = { phase: 'Done' };
      return Promise.resolve();
    };
    const failure = { verb: 'updateStatus', kind: 'Gadget', error: REFUSED } as const;
    const { run } = makeWorld({ reconcile }, [failure]);
    expect(await run()).toEqual(['Warning UpdateFailed: Failed to update status for "a": no more']);
  });

  it.each([
    ['a plain error', new Error('broken'), ['Warning InternalError: broken']],
    ['a permanent error', new PermanentError('never'), ['Warning InternalError: never']],
    ['what is no error', 'text', ['Warning InternalError: text']],
    ['a key to skip', new SkipKey(), []],
    ['a key to run later', new RequeueAfter(1_000_000), []],
    ['a conflict', CONFLICT, []],
  ])('tell of %s as far as it is a failure', async (_, thrown, expected) => {
    const { run } = makeWorld({
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- the point of one row
      reconcile: () => Promise.reject(thrown),
    });
    expect(await run()).toEqual(expected);
  });

  it('tell that a run was too slow, in words of its deadline', async () => {
    const { run, clock, events } = makeWorld({
      reconcile: (_, { signal }) => untilAborted(signal),
    });
    await run();
    await clock.advance(30_000);
    expect(events.take()).toEqual([
      'Warning InternalError: the run for ns/a exceeded its 30000 ms',
    ]);
  });

  it('do not tell of a run that ends because the controller closes', async () => {
    const { run, controller, events } = makeWorld({
      reconcile: (_, { signal }) => untilAborted(signal),
    });
    await run();
    await controller.close();
    await settle();
    expect(events.take()).toEqual([]);
  });

  it('tell of a condition that stays False for a second, once', async () => {
    const { run, controller, events, clock } = makeWorld({
      conditions: CONDITIONS,
      reconcile: (object) => {
        up(object, false);
        return Promise.resolve();
      },
    });
    expect(await run()).toEqual([]);
    await clock.advance(1_000);
    expect(events.take()).toEqual(['Warning Down: it is down']);
    controller.enqueue('ns/a');
    await controller.idle();
    await clock.advance(10_000);
    expect(events.take()).toEqual([]);
  });

  it('do not tell of a condition that is False for a moment', async () => {
    let isUp = false;
    const { run, controller, events, clock } = makeWorld({
      conditions: CONDITIONS,
      reconcile: (object) => {
        up(object, isUp);
        return Promise.resolve();
      },
    });
    await run();
    await clock.advance(999);
    isUp = true;
    controller.enqueue('ns/a');
    await controller.idle();
    await clock.advance(10_000);
    expect(events.take()).toEqual(['Normal GadgetReady: Gadget is ready']);
  });

  it('tell of what is wrong now, when that changed meanwhile', async () => {
    let message = 'first';
    const { run, controller, events, clock } = makeWorld({
      conditions: CONDITIONS,
      reconcile: (object) => {
        up(object, false, message);
        return Promise.resolve();
      },
    });
    await run();
    await clock.advance(500);
    message = 'second';
    controller.enqueue('ns/a');
    await controller.idle();
    await clock.advance(999);
    expect(events.take()).toEqual([]);
    await clock.advance(1);
    expect(events.take()).toEqual(['Warning Down: second']);
  });

  it.each([
    ['the object is gone', true],
    ['the controller closed', false],
  ])('do not tell of a condition when %s', async (_, isRemoved) => {
    const { run, controller, events, clock, memory } = makeWorld({
      conditions: CONDITIONS,
      reconcile: (object) => {
        up(object, false);
        return Promise.resolve();
      },
    });
    await run();
    if (isRemoved) await memory.delete(GADGET, { namespace: 'ns', name: 'a' });
    else await controller.close();
    await settle();
    await clock.advance(10_000);
    expect(events.take()).toEqual([]);
  });

  it('tell that the object became ready', async () => {
    let isUp = false;
    const { run, controller, events } = makeWorld({
      conditions: CONDITIONS,
      reconcile: (object) => {
        up(object, isUp);
        return Promise.resolve();
      },
    });
    await run();
    isUp = true;
    controller.enqueue('ns/a');
    await controller.idle();
    expect(events.take()).toEqual(['Normal GadgetReady: Gadget is ready']);
  });

  it('say that it became ready in the words of the reconciler', async () => {
    const { run } = makeWorld({
      conditions: CONDITIONS,
      readyEvent: ({ metadata }) => ({ reason: 'Synced', message: `${metadata.name} is in` }),
      reconcile: (object) => {
        up(object, true);
        return Promise.resolve();
      },
    });
    expect(await run()).toEqual(['Normal Synced: a is in']);
  });

  it('tell of conditions only when they are stored', async () => {
    const failure = { verb: 'updateStatus', kind: 'Gadget', error: REFUSED } as const;
    const { run } = makeWorld(
      {
        conditions: CONDITIONS,
        reconcile: (object) => {
          up(object, false);
          return Promise.resolve();
        },
      },
      [failure],
    );
    expect(await run()).toEqual(['Warning UpdateFailed: Failed to update status for "a": no more']);
  });

  it('tell of the conditions when the run fails as well', async () => {
    const { run, events, clock } = makeWorld({
      conditions: CONDITIONS,
      reconcile: (object) => {
        up(object, false);
        return Promise.reject(new Error('broken'));
      },
    });
    // The status that was written makes the controller run once more.
    expect(await run()).toContain('Warning InternalError: broken');
    await clock.advance(1_000);
    expect(events.take()).toContain('Warning Down: it is down');
  });

  it('name the object and the controller of its kind', async () => {
    const { run, events } = makeWorld({ reconcile: () => Promise.reject(new Error('broken')) });
    const seen: unknown[] = [];
    events.record = (event) => seen.push(event);
    await run();
    expect(seen).toMatchObject([
      { component: 'gadget-controller', object: { kind: 'Gadget', metadata: { name: 'a' } } },
    ]);
  });

  it('cannot fail the run', async () => {
    const { run, read, events, logged } = makeWorld({
      conditions: CONDITIONS,
      reconcile: (object) => {
        up(object, true);
        return Promise.resolve();
      },
    });
    events.record = () => {
      throw new Error('recorder is broken');
    };
    await run();
    expect((await read('a')).status).toMatchObject({ conditions: [{ status: 'True' }, {}] });
    expect(logged('warn')).toEqual([]);
  });
});
