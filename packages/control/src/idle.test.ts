import { newUuid, systemClock, type Clock } from '@afflux/kernel';
import { recordingLogger } from '@afflux/kernel/testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Controller } from './controller/controller.ts';
import { isAlreadyExists } from './errors.ts';
import { nextTurn, TurnBudget } from './event-loop.ts';
import { allIdle } from './idle.ts';
import { InformerSet } from './informer/informer-set.ts';
import { MemoryStore } from './memory/memory-store.ts';
import { GADGET, gadget, KIT_KINDS, NOTE } from './testkit/kinds.ts';

/** Gadgets make Notes, Notes write back to their Gadget: two controllers that keep each other busy. */
function makeWorld(clock: Clock = systemClock) {
  const logger = recordingLogger();
  const store = new MemoryStore({ clock, newId: newUuid, registry: KIT_KINDS });
  const informers = new InformerSet({ store, clock, logger });
  const { apiVersion, kind } = NOTE;
  const gadgets = new Controller({
    name: 'gadgets',
    store,
    informer: informers.get(GADGET),
    clock,
    logger,
    reconciler: {
      kind: GADGET,
      reconcile: async ({ metadata: { namespace = '', name } }) => {
        try {
          await store.create({ apiVersion, kind, metadata: { namespace, name } });
        } catch (error) {
          if (!isAlreadyExists(error)) throw error;
        }
      },
    },
  });
  const notes = new Controller({
    name: 'notes',
    store,
    informer: informers.get(NOTE),
    clock,
    logger,
    reconciler: {
      kind: NOTE,
      reconcile: async ({ metadata: { namespace = '', name } }) => {
        const body = { status: { noted: true } };
        await store.patch(
          GADGET,
          { namespace, name },
          { type: 'merge', body },
          { subresource: 'status' },
        );
      },
    },
  });
  onTestFinished(async () => {
    await gadgets.close();
    await notes.close();
    await informers.close();
  });
  const start = async (): Promise<void> => {
    await informers.start();
    await Promise.all([gadgets.start(), notes.start()]);
  };
  return { store, informers, gadgets, notes, start };
}

describe('allIdle', () => {
  it('waits until controllers that set each other in motion have all come to rest', async () => {
    const { store, informers, gadgets, notes, start } = makeWorld();
    await start();
    for (let index = 0; index < 300; index += 1) {
      await store.create(gadget({ namespace: 'ns', name: `g${String(index)}` }));
    }
    await allIdle([informers, gadgets, notes]);
    const { items } = await store.list(GADGET);
    expect(items).toHaveLength(300);
    expect(items.every(({ status }) => (status as { noted?: boolean } | undefined)?.noted)).toBe(
      true,
    );
  });

  it('T27 lets the event loop turn while a thousand objects are reconciled', async () => {
    // A clock on which every look takes a millisecond: the steps between two turns can be counted.
    let elapsedMs = 0;
    const clock: Clock = { ...systemClock, monotonicMs: () => (elapsedMs += 1) };
    const { store, informers, gadgets, notes, start } = makeWorld(clock);
    await start();
    const state = { isOver: false, turns: 0 };
    const count = async (): Promise<void> => {
      while (!state.isOver) {
        await nextTurn();
        state.turns += 1;
      }
    };
    const names = Array.from({ length: 1_000 }, (_, index) => `g${String(index)}`);
    await Promise.all(names.map((name) => store.create(gadget({ namespace: 'ns', name }))));
    const counting = count();
    await allIdle([informers, gadgets, notes]);
    state.isOver = true;
    await counting;
    expect(state.turns).toBeGreaterThan(500);
  });

  it('ends with an error when its signal aborts', async () => {
    const { gadgets, start } = makeWorld();
    await start();
    await expect(allIdle([gadgets], AbortSignal.abort())).rejects.toMatchObject({
      code: 'AFFLUX_KERNEL_ABORTED',
    });
    const controller = new AbortController();
    const never = { isIdle: false, idle: () => new Promise<void>(() => undefined) };
    const waiting = allIdle([never], controller.signal);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'AFFLUX_KERNEL_ABORTED' });
  });
});

describe('TurnBudget', () => {
  it('asks for a turn when the share of the present one is used up, and then anew', async () => {
    let elapsedMs = 1_000;
    const budget = new TurnBudget({ ...systemClock, monotonicMs: () => elapsedMs });
    expect(budget.spent()).toBeUndefined();
    elapsedMs += 3;
    expect(budget.spent()).toBeUndefined();
    elapsedMs += 1;
    const turn = budget.spent();
    expect(turn).toBeInstanceOf(Promise);
    await turn;
    expect(budget.spent()).toBeUndefined();
  });
});
