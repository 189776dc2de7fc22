import { FakeClock } from '@afflux/kernel/testing';
import { expect, it } from 'vitest';
import { BATCH_MAX, Pace } from './pace.ts';

const never = new AbortController().signal;

it('spreads units over the time their rate gives them', async () => {
  const clock = new FakeClock();
  const pace = new Pace(clock, 10);
  const taken: number[] = [];
  const work = (async () => {
    for (let index = 0; index < 3; index += 1) {
      await pace.take(5, never);
      taken.push(clock.monotonicMs());
    }
  })();
  const startMs = clock.monotonicMs();
  for (let index = 0; index < 10; index += 1) await clock.advance(100);
  await work;
  expect(taken.map((ms) => ms - startMs)).toEqual([0, 500, 1_000]);
});

it.each([
  [undefined, BATCH_MAX],
  [1, 1],
  [0.1, 1],
  [50, 5],
  [1_000_000, BATCH_MAX],
])('at a rate of %s takes batches of %i', (rate, batch) => {
  expect(new Pace(new FakeClock(), rate).batch).toBe(batch);
});

it('ends with its signal', async () => {
  const stop = new AbortController();
  const pace = new Pace(new FakeClock(), 1);
  await pace.take(1, stop.signal);
  const waiting = pace.take(1, stop.signal);
  stop.abort(new Error('stop'));
  await expect(waiting).rejects.toThrow();
  await expect(pace.take(1, stop.signal)).rejects.toThrow('stop');
});
