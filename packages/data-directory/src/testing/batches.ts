/** Changes that the process of `writer-process.ts` makes: known to whoever knows its seed. */
import { seededRandom } from '@afflux/kernel';
import type { KeyValueChange } from '../key-value-table.ts';

/** In every batch, with its number: a table that has it says how far it is. */
export const LAST_KEY = 'last';

const KEYS = 40;
const CHANGES_MAX = 8;

/** Text lengths from one byte to several pages. */
const TEXT_POWER_MAX = 14;

export function batchOf(seed: number, number: number): KeyValueChange[] {
  const random = seededRandom(seed * 1_000_003 + number);
  const count = 1 + Math.floor(random.next() * CHANGES_MAX);
  const changes: KeyValueChange[] = Array.from({ length: count }, () => {
    const key = `key ${String(Math.floor(random.next() * KEYS))}`;
    if (random.next() < 0.25) return { key, value: undefined };
    const length = Math.floor(2 ** (random.next() * TEXT_POWER_MAX));
    return { key, value: `${String(number)} ${'é'.repeat(length)}` };
  });
  return [...changes, { key: LAST_KEY, value: String(number) }];
}

/** What a table holds after so many batches. */
export function tableAfter(seed: number, batches: number): Map<string, string> {
  const table = new Map<string, string>();
  for (let number = 1; number <= batches; number += 1) {
    for (const { key, value } of batchOf(seed, number)) {
      if (value === undefined) table.delete(key);
      else table.set(key, value);
    }
  }
  return table;
}
