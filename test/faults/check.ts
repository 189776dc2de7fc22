/**
 * The checker: reads the history of a run and says which promises it breaks. It shares no code with the product
 * and knows nothing of how the harness made the history.
 *
 *     node test/dist/faults/check.js history.jsonl
 */
import { pathToFileURL } from 'node:url';
import { readHistory, type HistoryRecord } from './history.ts';
import { Ledger } from './ledger.ts';
import { RULES, type Rule } from './rules.ts';

export interface Verdict {
  readonly violations: readonly { readonly rule: string; readonly text: string }[];
  readonly counts: Readonly<Record<string, number>>;
}

export class Checker {
  readonly #ledger = new Ledger();
  readonly #violations: { rule: string; text: string }[] = [];
  readonly #rules: readonly Rule[] = RULES.map((make) =>
    make(this.#ledger, (rule, text) => this.#violations.push({ rule, text })),
  );

  see(record: HistoryRecord): void {
    this.#ledger.take(record);
    for (const rule of this.#rules) rule.see?.(record);
  }

  end(): Verdict {
    for (const rule of this.#rules) rule.end?.();
    return { violations: this.#violations, counts: countsOf(this.#ledger) };
  }
}

function countsOf(ledger: Ledger): Record<string, number> {
  const fates = [...ledger.subscribers.keys()].flatMap((name) => [
    ...ledger.fatesOf(name).values(),
  ]);
  const sum = (of: (fate: (typeof fates)[number]) => number): number =>
    fates.reduce((total, fate) => total + of(fate), 0);
  const events = [...ledger.events.values()];
  const offered = events.filter(({ cause }) => cause === undefined);
  return {
    offered: offered.length,
    acknowledged: offered.filter(({ acknowledgedAt }) => acknowledgedAt !== undefined).length,
    replies: events.length - offered.length,
    deliveries: sum(({ arrivals }) => arrivals),
    repeated: sum(({ successes }) => Math.max(0, successes - 1)),
    deadLetters: sum(({ deadLetters }) => deadLetters),
  };
}

export function checkRecords(records: Iterable<HistoryRecord>): Verdict {
  const checker = new Checker();
  for (const record of records) checker.see(record);
  return checker.end();
}

export async function checkFile(path: string): Promise<Verdict> {
  const checker = new Checker();
  for await (const record of readHistory(path)) checker.see(record);
  return checker.end();
}

/** What a person reads: the counts, then the first violations of each rule. */
export function verdictText({ violations, counts }: Verdict): string {
  const lines = [
    Object.entries(counts)
      .map(([name, count]) => `${String(count)} ${name}`)
      .join(', '),
  ];
  for (const rule of new Set(violations.map((violation) => violation.rule))) {
    const broken = violations.filter((violation) => violation.rule === rule);
    lines.push(`✗ ${rule}: ${String(broken.length)}`);
    for (const { text } of broken.slice(0, SHOWN_MAX)) lines.push(`    ${text}`);
  }
  return lines.join('\n');
}

const SHOWN_MAX = 5;

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [path] = process.argv.slice(2);
  if (path === undefined) {
    process.stderr.write('usage: node check.js history.jsonl\n');
    process.exit(2);
  }
  const verdict = await checkFile(path);
  process.stdout.write(`${verdictText(verdict)}\n`);
  process.exitCode = verdict.violations.length === 0 ? 0 : 1;
}
