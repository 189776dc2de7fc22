/**
 * `npm run faults -- --backend memory|durable|kafka|rabbitmq [--rounds N] [--seed S] [--only FAULT]
 * [--group-rounds N] [--group G] [--keep] [--json FILE]`, or `--short`, or `check HISTORY`
 *
 * Prints a line per group of rounds, and how to repeat a group that broke a promise. Ends with 1 when one did.
 */
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BACKENDS, type Backend } from './backends.ts';
import { checkFile, verdictText } from './check.ts';
import type { Fault } from './fault.ts';
import { FAULTS } from './faults.ts';
import { runGroup, type GroupResult } from './rounds.ts';

/** Rounds of one back-end, with all faults or one. */
interface Plan {
  readonly backend: string;
  readonly only?: string | undefined;
  readonly rounds: number;
  readonly groupRounds: number;
  readonly seed: string;
  /** Only this group of them. */
  readonly group?: number;
}

/** What CI has time for: every back-end, every kind of fault that its servers allow. */
const SHORT: readonly (Omit<Plan, 'seed' | 'groupRounds'> & { readonly only?: string })[] = [
  { backend: 'durable', rounds: 40 },
  { backend: 'durable', rounds: 4, only: 'disk-full' },
  { backend: 'kafka', rounds: 5 },
  { backend: 'kafka', rounds: 1, only: 'server-restart' },
  { backend: 'rabbitmq', rounds: 12 },
  { backend: 'rabbitmq', rounds: 1, only: 'server-restart' },
  { backend: 'rabbitmq', rounds: 1, only: 'alarm' },
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    backend: { type: 'string', default: 'durable' },
    rounds: { type: 'string', default: '50' },
    'group-rounds': { type: 'string', default: '50' },
    group: { type: 'string' },
    seed: { type: 'string', default: String(Date.now()) },
    only: { type: 'string' },
    short: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    json: { type: 'string' },
  },
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

const totals = { passed: 0, failed: 0 };
if (positionals[0] === 'check') await check(positionals[1] ?? '');
else await Promise.all(lanesOf(plans()).map(carryOutAll));
if (values.json !== undefined) await writeFile(values.json, JSON.stringify(totals));
print(`${String(totals.passed)} passed, ${String(totals.failed)} failed`);
process.exit(totals.failed === 0 ? 0 : 1);

async function check(path: string): Promise<void> {
  const verdict = await checkFile(path);
  print(verdictText(verdict));
  totals[verdict.violations.length === 0 ? 'passed' : 'failed'] += 1;
}

function plans(): readonly Plan[] {
  const { seed, only, backend, group } = values;
  const groupRounds = whole('group-rounds');
  if (values.short) return SHORT.map((plan) => ({ ...plan, seed, groupRounds }));
  const chosen = group === undefined ? {} : { group: whole('group') };
  return [{ backend, only, rounds: whole('rounds'), groupRounds, seed, ...chosen }];
}

/** On Kafka most of the time is spent waiting for sessions to end: that may go on beside the rest. */
function lanesOf(all: readonly Plan[]): readonly (readonly Plan[])[] {
  const isKafka = ({ backend }: Plan): boolean => backend === 'kafka';
  return [all.filter((plan) => !isKafka(plan)), all.filter(isKafka)];
}

async function carryOutAll(lane: readonly Plan[]): Promise<void> {
  for (const plan of lane) await carryOut(plan);
}

async function carryOut(plan: Plan): Promise<void> {
  const backend = named(plan.backend);
  const faults = faultsFor(backend, plan);
  if (faults.length === 0) return;
  const struck: Record<string, number> = {};
  const what = `${backend.name}${plan.only === undefined ? '' : `, ${plan.only}`}`;
  print(`${what}: seed ${plan.seed}, ${String(plan.rounds)} rounds`);
  for (let group = 0; group * plan.groupRounds < plan.rounds; group += 1) {
    if (plan.group !== undefined && plan.group !== group) continue;
    const rounds = Math.min(plan.groupRounds, plan.rounds - group * plan.groupRounds);
    const startedMs = performance.now();
    const result = await runGroup({
      backend,
      faults,
      rounds,
      seed: `${plan.seed}/${String(group)}`,
      directory: join(
        tmpdir(),
        `afflux-faults-${String(process.pid)}-${what.replace(', ', '-')}-${String(group)}`,
      ),
      keep: values.keep,
    });
    const seconds = (performance.now() - startedMs) / 1000;
    report({ ...plan, group, rounds }, result, seconds);
    for (const [name, count] of Object.entries(result.struck)) {
      struck[name] = (struck[name] ?? 0) + count;
    }
  }
  print(`${what}: ${countsText(struck)}`);
}

function report(
  plan: Plan & { readonly group: number },
  { verdict, directory, missed }: GroupResult,
  seconds: number,
): void {
  const isGood = verdict.violations.length === 0;
  if (isGood) totals.passed += plan.rounds;
  else totals.failed += 1;
  const time = `${String(plan.rounds)} rounds, ${seconds.toFixed(1)} s`;
  print(`${isGood ? '✓' : '✗'} ${plan.backend}, group ${String(plan.group)}: ${time}`);
  print(`  ${verdictText(verdict).replaceAll('\n', '\n  ')}`);
  if (missed.length > 0) print(`  not reached in time: ${missed.join(', ')}`);
  if (directory !== undefined) print(`  kept in ${directory}`);
  if (!isGood) print(`  again: ${commandFor(plan)}`);
}

function commandFor(plan: Plan & { readonly group: number }): string {
  const whole = (plan.group + 1) * plan.groupRounds;
  return [
    `npm run faults -- --backend ${plan.backend} --seed ${plan.seed} --group ${String(plan.group)}`,
    `--rounds ${String(Math.min(whole, plan.group * plan.groupRounds + plan.rounds))}`,
    `--group-rounds ${String(plan.groupRounds)}`,
    ...(plan.only === undefined ? [] : [`--only ${plan.only}`]),
  ].join(' ');
}

function named(name: string): Backend {
  const backend = BACKENDS.find((one) => one.name === name);
  if (backend !== undefined) return backend;
  return refuse(`no back-end is called ${name}: ${BACKENDS.map((one) => one.name).join(', ')}`);
}

/** The faults that can strike this back-end here; says why others cannot. */
function faultsFor(backend: Backend, { only }: Plan): readonly Fault[] {
  const { variable } = backend;
  if (variable !== undefined && (process.env[variable] ?? '') === '') {
    print(`skipped: ${backend.name}: ${variable} is not set`);
    return [];
  }
  const wanted = FAULTS.filter(({ name, weight }) =>
    only === undefined ? weight > 0 : name === only || name.startsWith(`${only}:`),
  );
  if (wanted.length === 0) {
    return refuse(`no fault is called ${only ?? ''}: ${FAULTS.map(({ name }) => name).join(', ')}`);
  }
  return wanted
    .filter((fault) => {
      const reason = fault.unavailable(backend);
      if (reason !== undefined) print(`skipped: ${fault.name} on ${backend.name}: ${reason}`);
      return reason === undefined;
    })
    .map((fault) => ({ ...fault, weight: Math.max(1, fault.weight) }));
}

function countsText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, count]) => `${name} ${String(count)}`)
    .join(', ');
}

function whole(name: 'rounds' | 'group-rounds' | 'group'): number {
  const value = Number(values[name]);
  return Number.isInteger(value) && value >= 0 ? value : refuse(`--${name} wants a whole number`);
}

function refuse(text: string): never {
  process.stderr.write(`${text}\n`);
  process.exit(2);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
