/**
 * The `afflux` command. Each subcommand is a module of its own, loaded only when it is called, so that
 * `afflux send` does not pay for the server.
 *
 * Exit codes: 0 done, 1 failed, 2 usage. Errors go to stderr; what a program may want to read goes to stdout.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AffluxError } from '@afflux/kernel';
import { Command, CommanderError } from 'commander';
import { CliError } from './errors.ts';
import type { CommandIo } from './io.ts';
import { processIo } from './io.ts';
import { PACKAGE_ROOT } from './package-root.ts';

const EXIT = { done: 0, failed: 1, usage: 2 } as const;

/** Runs the command line and resolves with the exit code; never rejects. */
export async function main(args: readonly string[], io: CommandIo = processIo()): Promise<number> {
  const program = await buildProgram(io);
  try {
    await program.parseAsync([...args], { from: 'user' });
    return EXIT.done;
  } catch (error) {
    return exitCodeOf(error, io);
  }
}

async function buildProgram(io: CommandIo): Promise<Command> {
  const program = new Command('afflux')
    .description('CloudEvents brokers, channels and flows from Knative YAML, in one process.')
    .version(packageVersion())
    .enablePositionalOptions()
    .showHelpAfterError('(see afflux --help)');
  const commands = await Promise.all([
    import('./commands/dev.ts').then((module) => module.devCommand(io)),
    import('./commands/quickstart.ts').then((module) => module.quickstartCommand(io)),
    import('./commands/send.ts').then((module) => module.sendCommand(io)),
    import('./commands/sink.ts').then((module) => module.sinkCommand(io)),
    import('./commands/cesql.ts').then((module) => module.cesqlCommand(io)),
    import('./commands/validate.ts').then((module) => module.validateCommand(io)),
    import('./commands/dlq.ts').then((module) => module.dlqCommand(io)),
    import('./commands/data.ts').then((module) => module.dataCommand(io)),
    import('./commands/replay.ts').then((module) => module.replayCommand(io)),
    import('./commands/get.ts').then((module) => module.getCommand(io)),
    import('./commands/describe.ts').then((module) => module.describeCommand(io)),
    import('./commands/kubeconfig.ts').then((module) => module.kubeconfigCommand(io)),
    import('./commands/wait.ts').then((module) => module.waitCommand(io)),
    import('./commands/logs.ts').then((module) => module.logsCommand(io)),
    import('./commands/delete.ts').then((module) => module.deleteCommand(io)),
    import('./commands/apply.ts').then((module) => module.applyCommand(io)),
  ]);
  for (const command of [program, ...commands, ...commands.flatMap((one) => one.commands)]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => {
        io.out(text);
      },
      writeErr: (text) => {
        io.err(text);
      },
    });
  }
  for (const command of commands) program.addCommand(command);
  return program;
}

function exitCodeOf(error: unknown, io: CommandIo): number {
  // Commander has printed its own message; help and version end with code 0.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (error instanceof CliError && error.code === 'AFFLUX_CLI_FAILED') {
    if (error.message !== '') io.err(`${error.message}\n`);
    return EXIT.failed;
  }
  if (error instanceof AffluxError) {
    io.err(`error: ${error.message}\n`);
    const isUsage =
      error instanceof CliError || (error.code as string) === 'AFFLUX_SERVER_CONFIG_INVALID';
    return isUsage ? EXIT.usage : EXIT.failed;
  }
  io.err(`error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return EXIT.failed;
}

function packageVersion(): string {
  const text = readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
