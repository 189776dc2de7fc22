/** Everything random in a run comes from its seed, so that a run can be made again. */
import { createHash } from 'node:crypto';
import { seededRandom } from '@afflux/kernel';

export interface Chance {
  /** A whole number, both ends included. */
  between(least: number, most: number): number;
  /** True once in so many times. */
  oneIn(times: number): boolean;
  /** One of them, by weight. */
  pick<T extends { readonly weight: number }>(choices: readonly T[]): T;
  /** A chance of its own, so that what one part draws does not change what another draws. */
  fork(name: string): Chance;
}

export function chanceOf(seed: string): Chance {
  const source = seededRandom(hashOf(seed));
  const random = (): number => source.next();
  return {
    between: (least, most) => least + Math.floor(random() * (most - least + 1)),
    oneIn: (times) => random() * times < 1,
    pick: (choices) => {
      let rest = random() * choices.reduce((sum, { weight }) => sum + weight, 0);
      const chosen = choices.find(({ weight }) => (rest -= weight) < 0) ?? choices.at(-1);
      if (chosen === undefined) throw new Error('nothing to choose from');
      return chosen;
    },
    fork: (name) => chanceOf(`${seed}/${name}`),
  };
}

/** A number that is always the same for a text. */
export function hashOf(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE(0);
}
