/** Figures of several API servers that took turns, and the rows that come of them. */
import type { Contender, ContenderName } from './api-contender.ts';
import type { BenchRow, MeasureOptions } from './row.ts';
import { median, spread } from './statistics.ts';

/** Whom each of ours is compared with: the one that promises as much, else the one that promises less. */
const LIMITS: readonly (readonly [ContenderName, readonly ContenderName[]])[] = [
  ['memory', ['kube-apiserver']],
  ['--data-dir', ['kube-apiserver, synced', 'kube-apiserver']],
];

/** Figures of one contender, one for each round. */
export type Figures = Map<ContenderName, number[]>;

export function note(figures: Figures, { name }: Contender, value: number): void {
  figures.set(name, [...(figures.get(name) ?? []), value]);
}

export interface Target {
  readonly text: string;
  isMet(ratio: number): boolean;
}

/** What is measured. */
interface Measure {
  readonly name: string;
  readonly unit: string;
  readonly target: Target;
}

export const MORE: Target = { text: '> 1 × kube-apiserver', isMet: (ratio) => ratio > 1 };
export const LESS: Target = { text: '< 1 × kube-apiserver', isMet: (ratio) => ratio < 1 };

/** One row for each of our contenders, compared round by round with a real one where there is one. */
export function rowsOf({ name, unit, target }: Measure, figures: Figures): BenchRow[] {
  return LIMITS.flatMap(([contender, others]) => {
    const values = figures.get(contender);
    if (values === undefined) return [];
    const other = others.find((one) => figures.has(one));
    const limits = other === undefined ? [] : (figures.get(other) ?? []);
    const isCompared = limits.length > 0 && limits.every(Number.isFinite);
    const ratio = isCompared
      ? median(values.map((value, round) => value / (limits[round] ?? Number.NaN)))
      : null;
    return [
      {
        name: contender === 'memory' ? name : `${name}, ${contender}`,
        value: median(values),
        unit,
        limit: isCompared ? median(limits) : null,
        ratio,
        target: target.text,
        ok: ratio === null ? null : target.isMet(ratio),
        spread: spread(values),
      },
    ];
  });
}

/** Several rounds of the same through each contender in turn; the first does not count. */
export async function rounds(
  { rounds: count, profile }: MeasureOptions,
  contenders: readonly Contender[],
  work: (contender: Contender, isCounted: boolean) => Promise<void>,
): Promise<void> {
  const [profiled] = contenders;
  for (let round = -1; round < count; round += 1) {
    if (round === 0 && profile !== undefined) await profiled?.server?.ask('startProfile');
    for (const contender of contenders) await work(contender, round >= 0);
  }
  if (profile !== undefined) await profiled?.server?.ask('stopProfile', profile);
}
