/** `afflux data`: look into the data directory of an Afflux that is stopped, check it, make it smaller. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type * as Durable from '@afflux/channel-durable';
import type * as Directory from '@afflux/data-directory';
import { Command } from 'commander';
import { failed } from '../control-client.ts';
import { CliError, usageError } from '../errors.ts';
import type { CommandIo } from '../io.ts';
import { oneOf } from '../options.ts';
import { printable, textTable } from '../text-table.ts';

type DataTools = Pick<typeof Durable, 'checkData' | 'dataStats'> &
  Pick<typeof Directory, 'compactData'>;

interface DataFlags {
  readonly output: 'text' | 'json';
}

/** Problems that are printed; all of them are counted. */
const SHOWN_PROBLEMS_MAX = 100;

export function dataCommand(io: CommandIo): Command {
  return new Command('data')
    .description('The data directory of a stopped Afflux: check, stats, compact.')
    .addHelpText(
      'after',
      `
Examples:
  $ afflux data stats data
  $ afflux data check data
  $ afflux data compact data`,
    )
    .addCommand(
      reading(new Command('check').description('Read everything, and say what is damaged.')).action(
        (directory: string, flags: DataFlags) => check(io, directory, flags),
      ),
    )
    .addCommand(
      reading(
        new Command('stats').description(
          'What is stored: by channel and subscription, and objects.',
        ),
      ).action((directory: string, flags: DataFlags) => stats(io, directory, flags)),
    )
    .addCommand(
      reading(new Command('compact').description('Give free space back to the disk.')).action(
        (directory: string, flags: DataFlags) => compact(io, directory, flags),
      ),
    );
}

function reading(command: Command): Command {
  return command
    .argument('<directory>', 'the directory of --data-dir')
    .option('-o, --output <format>', 'text or json', oneOf('text', 'json'), 'text');
}

async function check(io: CommandIo, directory: string, flags: DataFlags): Promise<void> {
  const { checkData } = await tools(directory);
  const { checked, tables, problems } = await checkData(directory);
  if (flags.output === 'json') io.out(json({ directory, checked, tables, problems }));
  else {
    for (const { place, problem } of problems.slice(0, SHOWN_PROBLEMS_MAX)) {
      io.out(printable(`${place}: ${problem}`) + '\n');
    }
    io.out(tablesText(tables));
    io.out(`${String(checked)} records checked, ${String(problems.length)} problem(s) found\n`);
  }
  if (problems.length > 0) throw new CliError('', { code: 'AFFLUX_CLI_FAILED' });
}

async function stats(io: CommandIo, directory: string, flags: DataFlags): Promise<void> {
  const { dataStats } = await tools(directory);
  const { fileBytes, channels, tables } = await dataStats(directory);
  if (flags.output === 'json') {
    io.out(json({ directory, fileBytes, channels, tables }));
    return;
  }
  const rows = channels.flatMap(({ kind, namespace, name, subscriptions, ...channel }) => [
    [
      `${kind} ${namespace}/${name}`,
      String(channel.events),
      bytesText(channel.bytes),
      String(channel.deadLetters),
      '',
    ],
    ...subscriptions.map(({ label, depth, bytes, deadLetters, lost }) => [
      `  ${printable(label)}`,
      String(depth),
      bytesText(bytes),
      String(deadLetters),
      String(lost),
    ]),
  ]);
  io.out(textTable(['CHANNEL', 'EVENTS', 'BYTES', 'DEAD LETTERS', 'LOST'], rows));
  io.out(tablesText(tables));
  io.out(`${bytesText(fileBytes)} on disk\n`);
}

async function compact(io: CommandIo, directory: string, flags: DataFlags): Promise<void> {
  const { compactData } = await tools(directory);
  const { bytesBefore, bytesAfter, tables } = await compactData(directory);
  io.out(
    flags.output === 'json'
      ? json({ directory, bytesBefore, bytesAfter, tables })
      : `${tablesText(tables)}${bytesText(bytesBefore)} before, ${bytesText(bytesAfter)} now\n`,
  );
}

/** Only for what is there: opening a directory would make one. */
async function tools(directory: string): Promise<DataTools> {
  const found = await stat(directory).catch(() => undefined);
  if (found === undefined) throw usageError(`there is no directory ${directory}`);
  const data = await stat(join(directory, 'data.mdb')).catch(() => undefined);
  if (data === undefined) throw failed(`${directory} is no data directory of Afflux`);
  const [{ checkData, dataStats }, { compactData }] = await Promise.all([
    import('@afflux/channel-durable'),
    import('@afflux/data-directory'),
  ]);
  return { checkData, compactData, dataStats };
}

/** What is kept beside the channels, a line for each kind of it. */
function tablesText(tables: readonly Directory.TableStats[]): string {
  return tables
    .map(({ name, records, bytes }) => `${name}: ${String(records)}, ${bytesText(bytes)}\n`)
    .join('');
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? String(value) : value.toFixed(1)} ${UNITS[unit] ?? ''}`;
}

function json(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
