/** Chance as a parameter, so that a test can say what the dice show. */
import { randomUUID } from 'node:crypto';

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
}

/** Makes an identifier that no other call returns. */
export type NewId = () => string;

export const systemRandom: Random = { next: () => Math.random() };

/** UUID version 4. */
export const newUuid: NewId = () => randomUUID();

/** A small repeatable generator (mulberry32) for tests and for schedules that must be replayable from a seed. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return {
    next() {
      state = (state + 0x6d2b79f5) >>> 0;
      let mixed = Math.imul(state ^ (state >>> 15), state | 1);
      mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
    },
  };
}
