import { expect, test } from 'vitest';
import { DoneMemory } from './done-memory.ts';

function doneBelow(memory: DoneMemory, end: number): number[] {
  const isDone = memory.recall('topic/0');
  return Array.from({ length: end }, (_, offset) => offset).filter(isDone);
}

test('what was read and is not open is done', () => {
  const memory = new DoneMemory();
  memory.remember('topic/0', 6, [2, 4]);
  expect(doneBelow(memory, 8)).toEqual([0, 1, 3, 5]);
});

test('of an unknown partition nothing is done', () => {
  const memory = new DoneMemory();
  memory.remember('topic/1', 6, []);
  expect(doneBelow(memory, 8)).toEqual([]);
});

test('a partition that goes again before it was read as far keeps what was done then', () => {
  const memory = new DoneMemory();
  memory.remember('topic/0', 6, [2, 4]);
  // Owned again: 2 was finished, reading came to 3.
  memory.remember('topic/0', 3, []);
  expect(doneBelow(memory, 8)).toEqual([0, 1, 2, 3, 5]);
});

test('a partition that goes again after more was read has the newer state', () => {
  const memory = new DoneMemory();
  memory.remember('topic/0', 6, [2, 4]);
  memory.remember('topic/0', 8, [7]);
  expect(doneBelow(memory, 9)).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

test('a topic that was made anew begins with nothing', () => {
  const memory = new DoneMemory();
  memory.remember('topic/0', 6, []);
  memory.forget('topic/0');
  expect(doneBelow(memory, 8)).toEqual([]);
});
