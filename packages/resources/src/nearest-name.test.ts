import { expect, test } from 'vitest';
import { nearestName } from './nearest-name.ts';

const FIELDS = ['broker', 'brokerRef', 'delivery', 'filter', 'filters', 'subscriber'];

test.each([
  ['subscribers', 'subscriber'],
  ['Subscriber', 'subscriber'],
  ['subcsriber', 'subscriber'],
  ['fliters', 'filters'],
  ['filterz', 'filter'],
  ['delivry', 'delivery'],
  ['borker', 'broker'],
])('%s probably means %s', (typed, meant) => {
  expect(nearestName(typed, FIELDS)).toBe(meant);
});

test.each(['sink', 'x', '', 'completelyDifferent'])('%j means nothing known', (typed) => {
  expect(nearestName(typed, FIELDS)).toBeUndefined();
});

test('very long names are not compared', () => {
  const name = 'y'.repeat(1000);
  expect(nearestName(name, [name])).toBeUndefined();
});
