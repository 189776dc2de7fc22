import { settle } from '@afflux/kernel/testing';
import { describe, expect, it } from 'vitest';
import { PermanentError, RequeueAfter, SkipKey } from '../errors.ts';
import { makeControllerWorld, untilAborted } from '../testkit/controller-world.ts';

describe('Controller outcomes', () => {
  it('retries a failure after 5 ms, 10 ms, 20 ms, and starts anew after a success', async () => {
    let failures = 3;
    const { start, create, clock, runs, controller } = makeControllerWorld({
      reconcile: () => {
        failures -= 1;
        return failures >= 0 ? Promise.reject(new Error('no')) : Promise.resolve();
      },
    });
    await create('a');
    await start();
    await settle();
    const counts: number[] = [];
    for (const ms of [4, 1, 9, 1, 19, 1]) {
      await clock.advance(ms);
      counts.push(runs.length);
    }
    expect(counts).toEqual([1, 2, 2, 3, 3, 4]);
    failures = 1;
    controller.enqueue('ns/a');
    await settle();
    await clock.advance(5);
    expect(runs).toHaveLength(6);
  });

  it('treats a synchronous throw like a rejection', async () => {
    const { start, create, logged, clock, runs } = makeControllerWorld({
      reconcile: () => {
        throw new Error('no');
      },
    });
    await create('a');
    await start();
    await clock.advance(5);
    expect(runs).toHaveLength(2);
    expect(logged('warn')[0]?.message).toBe('reconcile failed, retrying');
  });

  it('does not retry a permanent error until something changes', async () => {
    const { start, create, clock, runs, meter, memory, controller } = makeControllerWorld({
      reconcile: () => Promise.reject(new PermanentError('never')),
    });
    const object = await create('a');
    await start();
    await clock.advance(10_000_000);
    expect(runs).toHaveLength(1);
    expect(meter.sum('controller_runtime_terminal_reconcile_errors_total', 'gadgets')).toBe(1);
    await memory.update({ ...object, spec: { size: 2 } });
    await controller.idle();
    expect(runs).toHaveLength(2);
  });

  it('comes back after the time that was asked for', async () => {
    const { start, create, clock, runs, logged, meter } = makeControllerWorld({
      reconcile: () => Promise.reject(new RequeueAfter(1_000)),
    });
    await create('a');
    await start();
    await clock.advance(999);
    expect(runs).toHaveLength(1);
    await clock.advance(1);
    expect(runs).toHaveLength(2);
    expect(logged('warn')).toEqual([]);
    expect(meter.sum('controller_runtime_reconcile_total', 'gadgets', 'requeue_after')).toBe(2);
  });

  it('comes back when the context was asked to, also after a success', async () => {
    const { start, create, clock, runs } = makeControllerWorld({
      reconcile: (_, context) => {
        context.enqueueAfter(500);
        return Promise.resolve();
      },
    });
    await create('a');
    await start();
    await clock.advance(1_000);
    expect(runs).toHaveLength(3);
  });

  it('skips quietly', async () => {
    const { start, create, clock, runs, logged } = makeControllerWorld({
      reconcile: () => Promise.reject(new SkipKey()),
    });
    await create('a');
    await start();
    await clock.advance(10_000);
    expect(runs).toHaveLength(1);
    expect([...logged('warn'), ...logged('error')]).toEqual([]);
  });

  it('T05 tells a run that it is over after 30 s, and retries it', async () => {
    const { start, create, clock, runs, logged } = makeControllerWorld({
      reconcile: (_, { signal }) => untilAborted(signal),
    });
    await create('a');
    await start();
    await clock.advance(29_999);
    expect(runs).toHaveLength(1);
    await clock.advance(10);
    expect(runs).toHaveLength(2);
    expect(logged('warn')[0]?.fields['err']).toMatchObject({
      code: 'AFFLUX_CONTROL_DEADLINE',
      retryable: true,
    });
  });

  it('writes the status of a run that missed its deadline', async () => {
    const { start, create, clock, read } = makeControllerWorld({
      reconcile: (object, { signal }) => {
        object.status = { phase: 'Waiting' };
        return untilAborted(signal);
      },
    });
    await create('a');
    await start();
    await clock.advance(30_000);
    expect((await read('a')).status).toMatchObject({ phase: 'Waiting' });
  });
});
