import { FakeClock, RecordingMeter } from '@afflux/kernel/testing';
import { fc } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { DelayedKeys } from './delayed-keys.ts';
import { Fifo } from './fifo.ts';
import { RateLimiter } from './rate-limiter.ts';
import { WorkQueue } from './work-queue.ts';

function makeQueue() {
  const clock = new FakeClock();
  const meter = new RecordingMeter();
  return { clock, meter, queue: new WorkQueue({ name: 'q', clock, meter }) };
}

/** Takes everything that can be taken now. */
async function takeAll(queue: WorkQueue): Promise<string[]> {
  const keys: string[] = [];
  while (queue.length > 0) {
    const key = await queue.take();
    if (key === undefined) break;
    keys.push(key);
    queue.done(key);
  }
  return keys;
}

describe('WorkQueue', () => {
  it('gives keys in the order of their arrival, each once however often it was added', async () => {
    const { queue } = makeQueue();
    for (const key of ['a', 'b', 'a', 'c', 'b']) queue.add(key);
    expect(queue.length).toBe(3);
    expect(await takeAll(queue)).toEqual(['a', 'b', 'c']);
  });

  it('gives a key to somebody who waits', async () => {
    const { queue } = makeQueue();
    const [first, second] = [queue.take(), queue.take()];
    queue.add('a');
    queue.add('b');
    expect([await first, await second]).toEqual(['a', 'b']);
  });

  it('never gives a key that is in processing, and gives it once more when it was added meanwhile', async () => {
    const { queue } = makeQueue();
    queue.add('a');
    expect(await queue.take()).toBe('a');
    queue.add('a');
    queue.add('a');
    queue.add('b');
    expect(await queue.take()).toBe('b');
    const third = queue.take();
    queue.done('a');
    expect(await third).toBe('a');
    queue.done('a');
    queue.done('b');
    expect(queue.isIdle).toBe(true);
  });

  it('ignores the end of a processing that never began', () => {
    const { queue } = makeQueue();
    queue.done('a');
    expect(queue.isIdle).toBe(true);
  });

  it('prefers the fast lane, but lets the slow one have a turn', async () => {
    const { queue } = makeQueue();
    for (let index = 0; index < 40; index += 1) queue.add(`slow${String(index)}`, 'slow');
    for (let index = 0; index < 40; index += 1) queue.add(`fast${String(index)}`);
    const order = await takeAll(queue);
    expect(order.slice(0, 16).every((key) => key.startsWith('fast'))).toBe(true);
    expect(order[16]).toBe('slow0');
    expect(order[17]).toBe('fast16');
    expect(order).toHaveLength(80);
  });

  it('moves a key from the slow lane to the fast one, not back, and gives it once', async () => {
    const { queue } = makeQueue();
    queue.add('a', 'slow');
    queue.add('b', 'slow');
    queue.add('b');
    queue.add('b', 'slow');
    expect(await takeAll(queue)).toEqual(['b', 'a']);
  });

  it('never gives a key that is in processing by way of the lane that it left', async () => {
    const { queue } = makeQueue();
    queue.add('a', 'slow');
    queue.add('a');
    expect(await queue.take()).toBe('a');
    queue.add('a', 'slow');
    queue.add('b', 'slow');
    expect(await queue.take()).toBe('b');
    queue.done('a');
    expect(await queue.take()).toBe('a');
  });

  it('adds later, at the earliest of several times', async () => {
    const { queue, clock } = makeQueue();
    queue.addAfter('a', 1_000);
    queue.addAfter('a', 500);
    queue.addAfter('a', 2_000);
    queue.addAfter('b', 0);
    expect(await takeAll(queue)).toEqual(['b']);
    await clock.advance(499);
    expect(queue.length).toBe(0);
    await clock.advance(1);
    expect(await takeAll(queue)).toEqual(['a']);
    await clock.advance(5_000);
    expect(queue.length).toBe(0);
    expect(clock.pending).toBe(0);
  });

  it('doubles the wait of a key that fails, from 5 ms to 1000 s, until it is forgotten', () => {
    const { queue } = makeQueue();
    const waits = Array.from({ length: 20 }, () => queue.addRateLimited('a'));
    expect(waits.slice(0, 4)).toEqual([5, 10, 20, 40]);
    expect(waits.at(-1)).toBe(1_000_000);
    expect(queue.addRateLimited('b')).toBe(5);
    queue.forget('a');
    expect(queue.addRateLimited('a')).toBe(5);
    expect(queue.failures('a')).toBe(1);
  });

  it('F04 keeps its waits when the wall clock jumps', async () => {
    const { queue, clock } = makeQueue();
    queue.addAfter('early', 1_000);
    clock.jumpWallClock(-3_600_000);
    queue.addAfter('late', 2_000);
    clock.jumpWallClock(7_200_000);
    await clock.advance(999);
    expect(queue.length).toBe(0);
    await clock.advance(1);
    expect(await takeAll(queue)).toEqual(['early']);
    await clock.advance(1_000);
    expect(await takeAll(queue)).toEqual(['late']);
  });

  it('tells when it is idle: nothing waits and nothing is in processing', async () => {
    const { queue } = makeQueue();
    await queue.idle();
    queue.add('a');
    queue.addAfter('later', 10_000);
    let isIdle = false;
    const idle = queue.idle().then(() => {
      isIdle = true;
    });
    const key = await queue.take();
    expect(isIdle).toBe(false);
    queue.done(key ?? '');
    await idle;
    expect(queue.delayedCount).toBe(1);
  });

  it('is not idle while it owes a key, unlike one that waits for the outside', async () => {
    const { queue, clock } = makeQueue();
    queue.addRateLimited('outside');
    expect(queue.isIdle).toBe(true);
    queue.oweRateLimited('owed');
    let isIdle = false;
    const idle = queue.idle().then(() => {
      isIdle = true;
    });
    await clock.advance(4);
    expect(isIdle).toBe(false);
    await clock.advance(1);
    await takeAll(queue);
    await idle;
  });

  it('does not owe a key for ever', async () => {
    const { queue, clock } = makeQueue();
    for (let failures = 0; failures < 8; failures += 1) {
      queue.oweRateLimited('a');
      expect(queue.isIdle).toBe(false);
      await clock.advance(1_000);
      await takeAll(queue);
    }
    queue.oweRateLimited('a');
    expect(queue.isIdle).toBe(true);
  });

  it('owes nothing after the shutdown', async () => {
    const { queue } = makeQueue();
    queue.oweRateLimited('owed');
    const idle = queue.idle();
    queue.shutDown();
    await idle;
    queue.oweRateLimited('later');
    expect(queue.isIdle).toBe(true);
  });

  it('shuts down: what waits can still be taken, nothing is added, nobody is left waiting', async () => {
    const { queue, clock } = makeQueue();
    queue.add('a');
    queue.addAfter('later', 10);
    queue.shutDown();
    queue.add('b');
    queue.addAfter('c', 10);
    expect(queue.isShutDown).toBe(true);
    expect(await queue.take()).toBe('a');
    const waiting = queue.take();
    expect(await waiting).toBeUndefined();
    await clock.advance(100);
    expect(queue.length).toBe(0);
  });

  it('wakes those who wait when it shuts down', async () => {
    const { queue } = makeQueue();
    const waiting = queue.take();
    queue.shutDown();
    expect(await waiting).toBeUndefined();
  });

  it('drops what waits when it closes', async () => {
    const { queue, meter } = makeQueue();
    queue.add('a');
    const idle = queue.idle();
    queue.close();
    await idle;
    expect(await queue.take()).toBeUndefined();
    expect(meter.observations('workqueue_depth')).toEqual([]);
  });

  it('measures itself under the names of client-go', async () => {
    const { queue, clock, meter } = makeQueue();
    queue.add('a');
    queue.add('b');
    queue.addRateLimited('c');
    expect(meter.observations('workqueue_depth')).toEqual([{ value: 2, labels: ['q'] }]);
    await clock.advance(2);
    await queue.take();
    await clock.advance(1_000);
    await queue.take();
    await clock.advance(2_000);
    expect(meter.observations('workqueue_unfinished_work_seconds')[0]?.value).toBe(5);
    expect(meter.observations('workqueue_longest_running_processor_seconds')[0]?.value).toBe(3);
    queue.done('a');
    expect(meter.values('workqueue_queue_duration_seconds', 'q')).toEqual([0.002, 1.002]);
    expect(meter.values('workqueue_work_duration_seconds', 'q')).toEqual([3]);
    expect(meter.sum('workqueue_adds_total', 'q')).toBe(3);
    expect(meter.sum('workqueue_retries_total', 'q')).toBe(1);
  });

  it('in every interleaving runs no key twice at a time and loses none', async () => {
    const step = fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd'),
      action: fc.constantFrom('add', 'slow', 'later', 'take', 'take', 'done'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 120 }), async (steps) => {
        const { queue, clock } = makeQueue();
        const running = new Set<string>();
        /** Keys that were added after their last processing began. */
        const owed = new Set<string>();
        const take = async (): Promise<void> => {
          const key = await queue.take();
          if (key === undefined) return;
          expect(running.has(key)).toBe(false);
          expect(owed.delete(key)).toBe(true);
          running.add(key);
        };
        for (const { key, action } of steps) {
          if (action === 'add' || action === 'slow' || action === 'later') owed.add(key);
          if (action === 'add') queue.add(key);
          else if (action === 'slow') queue.add(key, 'slow');
          else if (action === 'later') queue.addAfter(key, 5);
          else if (action === 'take') {
            const isAvailable = queue.length > [...running].filter((k) => owed.has(k)).length;
            if (isAvailable && queue.delayedCount === 0) await take();
          } else if (running.delete(key)) queue.done(key);
        }
        await clock.advance(10);
        for (const key of running) queue.done(key);
        running.clear();
        while (queue.length > 0) {
          await take();
          for (const key of running) queue.done(key);
          running.clear();
        }
        expect([...owed]).toEqual([]);
        expect(queue.isIdle).toBe(true);
      }),
    );
  });
});

describe('DelayedKeys', () => {
  it('releases every key at its earliest deadline, in order', async () => {
    const delays = fc.array(fc.tuple(fc.nat(30).map(String), fc.integer({ min: 1, max: 1_000 })));
    await fc.assert(
      fc.asyncProperty(delays, async (entries) => {
        const clock = new FakeClock();
        const released: [string, number][] = [];
        const delayed = new DelayedKeys(clock, (key) => {
          released.push([key, clock.monotonicMs()]);
        });
        const expected = new Map<string, number>();
        for (const [key, delayMs] of entries) {
          delayed.add(key, delayMs);
          expected.set(key, Math.min(delayMs, expected.get(key) ?? Infinity));
        }
        expect(clock.pending).toBe(expected.size === 0 ? 0 : 1);
        await clock.advance(1_000);
        expect(new Map(released)).toEqual(expected);
        expect(released).toHaveLength(expected.size);
        const times = released.map(([, ms]) => ms);
        expect(times).toEqual([...times].sort((left, right) => left - right));
        expect(delayed.size).toBe(0);
        expect(clock.pending).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  it('releases nothing after it is cleared', async () => {
    const clock = new FakeClock();
    const released: string[] = [];
    const delayed = new DelayedKeys(clock, (key) => released.push(key));
    delayed.add('a', 10);
    delayed.clear();
    delayed.add('b', 20);
    await clock.advance(100);
    expect(released).toEqual(['b']);
  });
});

describe('RateLimiter', () => {
  it('stays at its bound however often a key fails', () => {
    const limiter = new RateLimiter();
    let last = 0;
    for (let failure = 0; failure < 2_000; failure += 1) last = limiter.when('a');
    expect(last).toBe(1_000_000);
  });
});

describe('Fifo', () => {
  it('is a list whose front is taken', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.nat(9), { nil: undefined })), (steps) => {
        const fifo = new Fifo<number>();
        const model: number[] = [];
        for (const step of steps) {
          if (step === undefined) expect(fifo.shift()).toBe(model.shift());
          else {
            fifo.push(step);
            model.push(step);
          }
          expect(fifo.length).toBe(model.length);
        }
      }),
    );
  });
});
