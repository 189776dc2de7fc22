import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { Heap } from './heap.ts';

test.prop([fc.array(fc.option(fc.integer(), { nil: undefined }))])(
  'pop always gives the smallest of what was pushed (undefined = pop)',
  (steps) => {
    const heap = new Heap<number>((left, right) => left < right);
    let model: number[] = [];
    for (const step of steps) {
      if (step === undefined) {
        expect(heap.peek()).toBe(model[0]);
        expect(heap.pop()).toBe(model.shift());
      } else {
        heap.push(step);
        model = [...model, step].sort((left, right) => left - right);
      }
      expect(heap.size).toBe(model.length);
    }
    expect(heap.drain()).toEqual(model);
  },
);
