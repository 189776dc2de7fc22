/**
 * `npm run bench -- [--only NAME] [--json FILE] [--rounds N] [--profile FILE]`
 *
 * Every figure is a ratio within one run: broker and raw relay take turns on the same machine, with the same
 * load and the same subscriber, and the median over the rounds is compared. CPU time is user + system of the
 * process in question, per event (or per delivery where several triggers match).
 */
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import type { BenchRow } from './row.ts';
import { rows } from './rows.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    json: { type: 'string' },
    profile: { type: 'string' },
    rounds: { type: 'string', default: '5' },
  },
});

const selected = rows.filter((row) => values.only === undefined || row.name.includes(values.only));
if (selected.length === 0) {
  process.stderr.write(
    `no row is called ${values.only ?? ''}: ${rows.map((row) => row.name).join(', ')}\n`,
  );
  process.exit(2);
}
const results: BenchRow[] = [];
try {
  for (const row of selected) {
    process.stderr.write(`${row.name} …\n`);
    for (const result of await row.measure({
      rounds: Number(values.rounds),
      profile: values.profile,
    })) {
      results.push(result);
      process.stdout.write(`${format(result)}\n`);
    }
  }
} finally {
  for (const row of selected) await row.close?.();
}
if (values.json !== undefined)
  await writeFile(values.json, `${JSON.stringify(results, null, 2)}\n`);
process.exit(0);

function format(row: BenchRow): string {
  const number = (value: number | null): string =>
    value === null ? '–' : value >= 100 ? value.toFixed(0) : value.toFixed(2);
  return [
    row.ok === null ? ' ' : row.ok ? '✓' : '✗',
    row.name.padEnd(56),
    `${number(row.value)} ${row.unit}`.padEnd(18),
    `limit ${number(row.limit)}`.padEnd(14),
    `ratio ${number(row.ratio)}`.padEnd(14),
    row.target === null ? '' : `target ${row.target}`,
    row.spread === undefined ? '' : `± ${(row.spread * 100).toFixed(0)} %`,
  ].join(' ');
}
