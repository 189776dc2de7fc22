/**
 * `npm run faults -- --backend durable|kafka|rabbitmq [--rounds N] [--seed S] [--group G] [--only FAULT]
 * [--group-rounds N] [--keep] [--json FILE]`, or `--short`
 *
 * Prints one line per group of rounds, and how to repeat a group that broke a promise. Ends with 1 when one did.
 */
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BACKENDS, type Backend } from './backends.ts';
import { verdictText } from './check.ts';
import { FAULTS, type Fault } from './faults.ts';
import { runGroup, type GroupResult } from './rounds.ts';

const { values } = parseArgs({
  options: {
    backend: { type: 'string', default: 'durable' },
    rounds: { type: 'string', default: '50' },
    'group-rounds': { type: 'string', default: '50' },
    group: { type: 'string' },
    seed: { type: 'string', default: String(Date.now()) },
    only: { type: 'string' },
    keep: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});

const totals = { passed: 0, failed: 0 };
await runBackend(named(values.backend));
if (values.json !== undefined) await writeFile(values.json, JSON.stringify(totals));
print(`${String(totals.passed)} passed, ${String(totals.failed)} failed`);
process.exit(totals.failed === 0 ? 0 : 1);

async function runBackend(backend: Backend): Promise<void> {
  const faults = faultsFor(backend);
  const groupRounds = Number(values['group-rounds']);
  const groups = Math.ceil(Number(values.rounds) / groupRounds);
  const chosen = values.group === undefined ? undefined : Number(values.group);
  const struck: Record<string, number> = {};
  print(`${backend.name}: seed ${values.seed}, ${values.rounds} rounds`);
  for (let group = 0; group < groups; group += 1) {
    if (chosen !== undefined && chosen !== group) continue;
    const rounds = Math.min(groupRounds, Number(values.rounds) - group * groupRounds);
    const startedMs = performance.now();
    const result = await runGroup({
      backend,
      faults,
      rounds,
      seed: `${values.seed}/${String(group)}`,
      directory: join(tmpdir(), `afflux-faults-${String(process.pid)}-${String(group)}`),
      keep: values.keep,
    });
    report(backend, { group, rounds, seconds: (performance.now() - startedMs) / 1000 }, result);
    for (const [name, count] of Object.entries(result.struck)) {
      struck[name] = (struck[name] ?? 0) + count;
    }
  }
  print(`${backend.name}: ${countsText(struck)}`);
}

function report(
  backend: Backend,
  { group, rounds, seconds }: { readonly group: number; readonly rounds: number; seconds: number },
  { verdict, directory }: GroupResult,
): void {
  const isGood = verdict.violations.length === 0;
  if (isGood) totals.passed += rounds;
  else totals.failed += 1;
  const time = `${seconds.toFixed(1)} s`;
  print(`${isGood ? '✓' : '✗'} group ${String(group)}, ${String(rounds)} rounds, ${time}`);
  print(`  ${verdictText(verdict).replaceAll('\n', '\n  ')}`);
  if (directory !== undefined) print(`  kept in ${directory}`);
  if (isGood) return;
  const only = values.only === undefined ? '' : ` --only ${values.only}`;
  print(
    `  again: npm run faults -- --backend ${backend.name} --seed ${values.seed} --rounds ${values.rounds} --group-rounds ${values['group-rounds']} --group ${String(group)}${only}`,
  );
}

function named(name: string): Backend {
  const backend = BACKENDS.find((one) => one.name === name);
  if (backend === undefined) {
    process.stderr.write(
      `no back-end is called ${name}: ${BACKENDS.map((one) => one.name).join(', ')}\n`,
    );
    process.exit(2);
  }
  return backend;
}

/** The faults that can strike this back-end here; says why others cannot. */
function faultsFor(backend: Backend): readonly Fault[] {
  const wanted = FAULTS.filter(
    ({ name, weight }) => values.only === name || (values.only === undefined && weight > 0),
  );
  const faults = wanted.filter((fault) => {
    const reason = fault.unavailable(backend);
    if (reason !== undefined) print(`skipped: ${fault.name} on ${backend.name}: ${reason}`);
    return reason === undefined;
  });
  if (faults.length > 0) return faults;
  process.stderr.write(`no fault is left: ${FAULTS.map(({ name }) => name).join(', ')}\n`);
  process.exit(2);
}

function countsText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, count]) => `${name} ${String(count)}`)
    .join(', ');
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
