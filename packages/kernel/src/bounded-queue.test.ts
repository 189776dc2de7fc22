import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BoundedQueue } from './bounded-queue.ts';

/** The obvious queue: an array that refuses to grow. */
class NaiveQueue {
  readonly items: number[] = [];
  readonly lengthMax: number;

  constructor(lengthMax: number) {
    this.lengthMax = lengthMax;
  }

  push(item: number): boolean {
    if (this.items.length >= this.lengthMax) return false;
    this.items.push(item);
    return true;
  }
}

type Step =
  | { readonly do: 'push'; readonly times: number }
  | { readonly do: 'shift'; readonly times: number }
  | { readonly do: 'clear'; readonly times: 1 };

const times = fc.integer({ min: 1, max: 60 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('push' as const), times }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('shift' as const), times }) },
  { weight: 1, arbitrary: fc.constant({ do: 'clear', times: 1 } as const) },
);

function agree(queue: BoundedQueue<number>, naive: NaiveQueue): void {
  expect(queue.length).toBe(naive.items.length);
  expect(queue.peek()).toBe(naive.items[0]);
  expect(queue.isFull).toBe(naive.items.length === naive.lengthMax);
}

test('behaves as an array that refuses to grow beyond its bound', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.array(step), (lengthMax, steps) => {
      const queue = new BoundedQueue<number>(lengthMax);
      const naive = new NaiveQueue(lengthMax);
      let next = 0;
      for (const { do: verb, times: count } of steps) {
        for (let round = 0; round < count; round += 1) {
          next += 1;
          if (verb === 'push') expect(queue.push(next)).toBe(naive.push(next));
          else if (verb === 'shift') expect(queue.shift()).toBe(naive.items.shift());
          else {
            queue.clear();
            naive.items.length = 0;
          }
          agree(queue, naive);
        }
      }
    }),
  );
});

test('a full queue refuses and keeps what it has', () => {
  const queue = new BoundedQueue<string>(2);
  expect([queue.push('a'), queue.push('b'), queue.push('c')]).toEqual([true, true, false]);
  expect([queue.shift(), queue.shift(), queue.shift()]).toEqual(['a', 'b', undefined]);
});

test('a queue that ran empty after a burst takes the next one', () => {
  const queue = new BoundedQueue<number>(5000);
  for (let burst = 0; burst < 2; burst += 1) {
    for (let item = 0; item < 5000; item += 1) expect(queue.push(item)).toBe(true);
    expect(queue.isFull).toBe(true);
    for (let item = 0; item < 5000; item += 1) expect(queue.shift()).toBe(item);
  }
  expect(queue.length).toBe(0);
});

test.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
  'a bound of %d is a programmer error',
  (bound) => {
    expect(() => new BoundedQueue(bound)).toThrow('positive integer');
  },
);
