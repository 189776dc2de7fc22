import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KernelError } from './errors.ts';
import { Semaphore } from './semaphore.ts';
import { settle } from './testing/index.ts';

test('gives its permits and then makes callers wait', async () => {
  const semaphore = new Semaphore(2);
  await semaphore.acquire();
  expect(semaphore.tryAcquire()).toBe(true);
  expect(semaphore.tryAcquire()).toBe(false);
  let taken = false;
  const third = semaphore.acquire().then(() => (taken = true));
  await settle();
  expect([taken, semaphore.waiting, semaphore.free]).toEqual([false, 1, 0]);
  semaphore.release();
  await third;
  expect([taken, semaphore.waiting, semaphore.free]).toEqual([true, 0, 0]);
});

test('serves those who wait in order of arrival, and nobody who comes later goes first', async () => {
  const semaphore = new Semaphore(1);
  await semaphore.acquire();
  const order: string[] = [];
  const waits = ['a', 'b', 'c'].map((name) => semaphore.acquire().then(() => order.push(name)));
  semaphore.release();
  expect(semaphore.tryAcquire()).toBe(false);
  await settle();
  semaphore.release();
  await settle();
  semaphore.release();
  await Promise.all(waits);
  expect(order).toEqual(['a', 'b', 'c']);
});

test('one who aborts leaves the line, with the reason as cause, and takes no permit along', async () => {
  const semaphore = new Semaphore(1);
  await semaphore.acquire();
  const controller = new AbortController();
  const reason = new Error('gave up');
  const aborted = semaphore.acquire(controller.signal);
  const patient = semaphore.acquire();
  controller.abort(reason);
  await expect(aborted).rejects.toMatchObject({ code: 'AFFLUX_KERNEL_ABORTED', cause: reason });
  expect(semaphore.waiting).toBe(1);
  semaphore.release();
  await patient;
  semaphore.release();
  expect(semaphore.free).toBe(1);
});

test('a signal that aborted before is refused even when a permit is free', async () => {
  const semaphore = new Semaphore(1);
  await expect(semaphore.acquire(AbortSignal.abort())).rejects.toBeInstanceOf(KernelError);
  expect(semaphore.free).toBe(1);
});

test('an abort after the permit was taken changes nothing', async () => {
  const semaphore = new Semaphore(1);
  await semaphore.acquire();
  const controller = new AbortController();
  const granted = semaphore.acquire(controller.signal);
  semaphore.release();
  controller.abort();
  await granted;
  expect([semaphore.free, semaphore.waiting]).toEqual([0, 0]);
});

test('more releases than permits are a programmer error', () => {
  expect(() => {
    new Semaphore(1).release();
  }).toThrow('more permits');
  expect(() => new Semaphore(0)).toThrow('positive integer');
  expect(() => new Semaphore(1.5)).toThrow('positive integer');
});

test('never has more holders than permits, and loses none, whatever the order of calls', async () => {
  const action = fc.constantFrom('acquire', 'try', 'release', 'abort');
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(action), async (permits, actions) => {
      const semaphore = new Semaphore(permits);
      const waiting = new Set<AbortController>();
      let held = 0;
      for (const next of actions) {
        if (next === 'acquire') {
          const controller = new AbortController();
          waiting.add(controller);
          semaphore.acquire(controller.signal).then(
            () => {
              held += 1;
              waiting.delete(controller);
            },
            () => undefined,
          );
        } else if (next === 'try') {
          if (semaphore.tryAcquire()) held += 1;
        } else if (next === 'release' && held > 0) {
          held -= 1;
          semaphore.release();
        } else if (next === 'abort') {
          const [first] = waiting;
          if (first !== undefined) waiting.delete(first);
          first?.abort();
        }
        await Promise.resolve();
        await Promise.resolve();
        await Promise.resolve();
        expect(held).toBeLessThanOrEqual(permits);
        expect(semaphore.free).toBe(permits - held);
        expect(semaphore.waiting).toBe(waiting.size);
        expect(semaphore.waiting === 0 || semaphore.free === 0).toBe(true);
      }
    }),
  );
});
