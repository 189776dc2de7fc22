/** `afflux dlq`: look at the dead letters that channels keep, deliver them again, drop them. */
import { Command } from 'commander';
import {
  CONTROL_URL,
  ControlClient,
  DATA_DIR_HELP,
  failed,
  pathOf,
  type ControlFlags,
} from '../control-client.ts';
import { usageError } from '../errors.ts';
import type { CommandIo } from '../io.ts';
import { watchJob, type JobObject } from '../job-watch.ts';
import { COUNT_MAX, integer, oneOf, positive } from '../options.ts';
import { printable, textTable } from '../text-table.ts';

/** Objects in one answer of the server. */
const PAGE = 500;

const LABELS = {
  broker: 'eventing.knative.dev/broker',
  trigger: 'eventing.knative.dev/trigger',
  channel: 'afflux.dev/channel',
  subscription: 'afflux.dev/subscription',
} as const;

interface CommonFlags extends ControlFlags {
  readonly namespace: string;
}

interface SelectionFlags extends CommonFlags {
  readonly broker?: string;
  readonly channel?: string;
  readonly trigger?: string;
  readonly subscription?: string;
  readonly filter?: string;
}

interface ChangeFlags extends SelectionFlags {
  readonly all: boolean;
  readonly dryRun: boolean;
}

/** A DeadLetter, as far as it is shown here. */
interface DeadLetter {
  readonly metadata: {
    readonly name: string;
    readonly creationTimestamp: string;
    readonly labels: Readonly<Record<string, string>>;
  };
  readonly spec: {
    readonly subscription: string;
    readonly dataBytes: number;
    readonly dataTruncated?: boolean;
    readonly event: Readonly<Record<string, unknown>>;
  };
  readonly status: {
    readonly reason: string;
    readonly stage: string;
    readonly destination: string;
    readonly code: number;
    readonly response: string;
    readonly attempts: number;
    readonly lastAttemptTime: string;
  };
}

interface Page {
  readonly metadata: { readonly continue?: string };
  readonly items: readonly DeadLetter[];
}

interface Dropped {
  readonly metadata: { readonly continue?: string };
  readonly details: { readonly dropped: number };
}

export function dlqCommand(io: CommandIo): Command {
  return new Command('dlq')
    .description('Dead letters that channels keep: list, show, redrive, drop.')
    .addHelpText(
      'after',
      `
Examples:
  $ afflux dlq list --broker shop --trigger payments
  $ afflux dlq show payments-1f0c9e7a2b.a3f
  $ afflux dlq redrive --trigger payments --filter "amount > 100" --rate 50
  $ afflux dlq drop --trigger payments --dry-run`,
    )
    .addCommand(listCommand(io))
    .addCommand(showCommand(io))
    .addCommand(redriveCommand(io))
    .addCommand(dropCommand(io));
}

function listCommand(io: CommandIo): Command {
  return selecting(new Command('list').description('List dead letters, oldest first.'))
    .option('--limit <n>', 'at most so many', integer(1, COUNT_MAX), PAGE)
    .option('-o, --output <format>', 'table or json', oneOf('table', 'json'), 'table')
    .action(async (flags: SelectionFlags & { limit: number; output: 'table' | 'json' }) => {
      await withClient(io, flags, (client) => list(io, client, flags));
    });
}

function showCommand(io: CommandIo): Command {
  return connecting(new Command('show').description('Show one dead letter with its event.'))
    .argument('<name>', 'as the list shows it')
    .option('-o, --output <format>', 'text or json', oneOf('text', 'json'), 'text')
    .action(async (name: string, flags: CommonFlags & { output: 'text' | 'json' }) => {
      await withClient(io, flags, async (client) => {
        const path = pathOf(flags.namespace, 'deadletters', name);
        const letter = await client.get<DeadLetter>(path);
        io.out(flags.output === 'json' ? json(letter) : letterText(letter));
      });
    });
}

function redriveCommand(io: CommandIo): Command {
  return changing(
    new Command('redrive').description(
      'Deliver dead letters again, to the subscriber that failed.',
    ),
  )
    .option('--rate <perSecond>', 'events per second (default: no limit)', positive)
    .action(async (names: string[], flags: ChangeFlags & { rate?: number }) => {
      requireSelection(names, flags);
      await withClient(io, flags, (client) =>
        names.length > 0
          ? redriveNamed(io, client, { names, flags })
          : redriveSelected(io, client, flags),
      );
    });
}

function dropCommand(io: CommandIo): Command {
  return changing(
    new Command('drop').description('Forget dead letters; there is no way back.'),
  ).action(async (names: string[], flags: ChangeFlags) => {
    requireSelection(names, flags);
    await withClient(io, flags, (client) =>
      names.length > 0 ? dropNamed(io, client, { names, flags }) : dropSelected(io, client, flags),
    );
  });
}

/** Options that every subcommand has. */
function connecting(command: Command): Command {
  return command
    .option('-n, --namespace <namespace>', 'namespace', 'default')
    .option('--control <url>', 'control port of the running Afflux', CONTROL_URL)
    .option('--data-dir <directory>', DATA_DIR_HELP);
}

function selecting(command: Command): Command {
  return connecting(command)
    .option('--broker <name>', 'those of a broker')
    .option('--channel <name>', 'those of a channel')
    .option('--trigger <name>', 'those of a trigger')
    .option('--subscription <name>', 'those of a subscription')
    .option('--filter <cesql>', 'those whose event passes a CloudEvents SQL expression');
}

function changing(command: Command): Command {
  return selecting(command.argument('[names...]', 'as the list shows them'))
    .option('--all', 'all of the namespace', false)
    .option('--dry-run', 'only say how many it would be', false);
}

/** Nothing named must not mean everything. */
function requireSelection(names: readonly string[], flags: ChangeFlags): void {
  const { broker, channel, trigger, subscription, filter, all } = flags;
  const hasSelection =
    all || [broker, channel, trigger, subscription, filter].some((value) => value !== undefined);
  if (names.length > 0 && hasSelection) {
    throw usageError('give names, or select by --broker, --trigger and so on; not both');
  }
  if (names.length === 0 && !hasSelection) {
    throw usageError('say which: names, --broker, --channel, --trigger, --filter, or --all');
  }
}

async function withClient(
  io: CommandIo,
  flags: CommonFlags,
  work: (client: ControlClient) => Promise<void>,
): Promise<void> {
  const client = await ControlClient.open(io, flags);
  try {
    await work(client);
  } finally {
    await client.close();
  }
}

async function list(
  io: CommandIo,
  client: ControlClient,
  flags: SelectionFlags & { readonly limit: number; readonly output: 'table' | 'json' },
): Promise<void> {
  const items: DeadLetter[] = [];
  let next: string | undefined;
  do {
    const limit = String(Math.min(PAGE, flags.limit - items.length));
    const page: Page = await client.get(pathOf(flags.namespace, 'deadletters'), {
      ...selection(flags),
      limit,
      continue: next,
    });
    items.push(...page.items);
    next = page.metadata.continue;
  } while (next !== undefined && items.length < flags.limit && !io.interrupted.aborted);
  if (flags.output === 'json') {
    io.out(json({ apiVersion: 'afflux.dev/v1alpha1', kind: 'DeadLetterList', items }));
    return;
  }
  if (items.length === 0) io.err('no dead letters\n');
  else io.out(textTable(['NAME', 'TYPE', 'ID', 'REASON', 'ATTEMPTS', 'TIME'], items.map(rowOf)));
  if (next !== undefined) io.err('there may be more: raise --limit, or narrow the selection\n');
}

function rowOf({ metadata, spec, status }: DeadLetter): string[] {
  return [
    metadata.name,
    shown(spec.event['type']),
    shown(spec.event['id']),
    reasonOf(status),
    String(status.attempts),
    metadata.creationTimestamp,
  ];
}

function reasonOf({ reason, code, stage }: DeadLetter['status']): string {
  const where = stage === 'subscriber' ? '' : ` of ${stage}`;
  return printable(reason === 'status' ? `status ${String(code)}${where}` : `${reason}${where}`);
}

function letterText({ metadata, spec, status }: DeadLetter): string {
  const { data, data_base64: base64, ...attributes } = spec.event;
  const fields: [string, string][] = [
    ['name', metadata.name],
    ...Object.entries(metadata.labels).map(([label, value]): [string, string] => [
      label.slice(label.indexOf('/') + 1),
      value,
    ]),
    ['reason', reasonOf(status)],
    ['address', status.destination],
    ['attempts', `${String(status.attempts)}, the last at ${status.lastAttemptTime}`],
    ['response', Buffer.from(status.response, 'base64').toString('utf8')],
    ['stored', metadata.creationTimestamp],
    ...Object.entries(attributes).map(([name, value]): [string, string] => [
      `ce ${name}`,
      shown(value),
    ]),
  ];
  const lines = fields
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${`${name}:`.padEnd(16)} ${printable(value)}\n`);
  const cut = spec.dataTruncated === true ? `, only its start is shown` : '';
  const size = `${'data:'.padEnd(16)} ${String(spec.dataBytes)} bytes${cut}\n`;
  return `${lines.join('')}${size}${dataText(data, base64)}`;
}

function dataText(data: unknown, base64: unknown): string {
  if (typeof base64 === 'string') return `  (base64) ${base64}\n`;
  if (data === undefined) return '';
  return `  ${typeof data === 'string' ? printable(data) : JSON.stringify(data)}\n`;
}

async function redriveNamed(
  io: CommandIo,
  client: ControlClient,
  { names, flags }: { readonly names: readonly string[]; readonly flags: ChangeFlags },
): Promise<void> {
  await eachNamed(names, async (name) => {
    const path = pathOf(flags.namespace, 'deadletters', name);
    if (flags.dryRun) await client.get(path);
    else await client.post(`${path}/redrive`);
    io.out(`${flags.dryRun ? 'would redrive' : 'redriven'} ${name}\n`);
  });
}

async function redriveSelected(
  io: CommandIo,
  client: ControlClient,
  flags: ChangeFlags & { readonly rate?: number },
): Promise<void> {
  const { broker, channel, trigger, subscription, filter, rate, dryRun } = flags;
  const job = await client.post<JobObject>(pathOf(flags.namespace, 'redrives'), {
    apiVersion: 'afflux.dev/v1alpha1',
    kind: 'Redrive',
    spec: { broker, channel, trigger, subscription, filter, rate, dryRun },
  });
  const progress = ({ scanned, matched, redriven = 0 }: JobObject['status']): string =>
    `${String(redriven)} of ${String(matched)} redriven, ${String(scanned)} looked at`;
  const status = await watchJob(io, { client, resource: 'redrives', job, progress });
  io.out(
    dryRun
      ? `would redrive ${String(status.matched)} of ${String(status.scanned)} dead letter(s)\n`
      : `redriven ${String(status.redriven ?? 0)} of ${String(status.scanned)} dead letter(s)\n`,
  );
}

async function dropNamed(
  io: CommandIo,
  client: ControlClient,
  { names, flags }: { readonly names: readonly string[]; readonly flags: ChangeFlags },
): Promise<void> {
  await eachNamed(names, async (name) => {
    const path = pathOf(flags.namespace, 'deadletters', name);
    if (flags.dryRun) await client.get(path);
    else await client.delete(path);
    io.out(`${flags.dryRun ? 'would drop' : 'dropped'} ${name}\n`);
  });
}

async function dropSelected(
  io: CommandIo,
  client: ControlClient,
  flags: ChangeFlags,
): Promise<void> {
  let dropped = 0;
  let next: string | undefined;
  do {
    const answer: Dropped = await client.delete(pathOf(flags.namespace, 'deadletters'), {
      ...selection(flags),
      continue: next,
      ...(flags.dryRun ? { dryRun: 'All' } : {}),
    });
    dropped += answer.details.dropped;
    next = answer.metadata.continue;
    if (io.interrupted.aborted) throw failed(`stopped; until then: ${String(dropped)} dropped`);
  } while (next !== undefined);
  io.out(`${flags.dryRun ? 'would drop' : 'dropped'} ${String(dropped)} dead letter(s)\n`);
}

/** One that fails does not keep the others from their turn. */
async function eachNamed(
  names: readonly string[],
  work: (name: string) => Promise<void>,
): Promise<void> {
  const problems: string[] = [];
  for (const name of names) {
    try {
      await work(name);
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
  }
  if (problems.length > 0) throw failed(problems.join('\n').replaceAll(/^error: /gm, ''));
}

function selection(flags: SelectionFlags): Record<string, string | undefined> {
  const terms = Object.entries(LABELS).flatMap(([flag, label]) => {
    const value = flags[flag as keyof typeof LABELS];
    return value === undefined ? [] : [`${label}=${value}`];
  });
  return { labelSelector: terms.length === 0 ? undefined : terms.join(','), filter: flags.filter };
}

function shown(value: unknown): string {
  return printable(typeof value === 'string' ? value : JSON.stringify(value));
}

function json(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
