/** The data of an event follows from its id, so that whoever gets it can tell whether it is whole. */
import { hashOf } from './chance.ts';

const SIZES = [0, 200, 1_000, 1_000, 2_000, 40_000];

export function dataOf(id: string): string {
  const bytes = SIZES[hashOf(`size of ${id}`) % SIZES.length] ?? 0;
  return JSON.stringify({ id, text: id.repeat(Math.ceil(bytes / id.length)) });
}

export function replyIdOf(cause: string): string {
  return `reply-to-${cause}`;
}
