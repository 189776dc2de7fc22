/** `afflux wait`: until objects are as somebody wants them. */
import type { Command } from 'commander';
import type { CommandIo } from '../io.ts';
import { KubernetesCommand, naming, targeting } from '../kubernetes/command.ts';
import type { WaitFlags } from '../kubernetes/wait.ts';
import { goDuration } from '../options.ts';

const TIMEOUT_MS = 30_000;

export function waitCommand(io: CommandIo): Command {
  const command = new KubernetesCommand('wait').description(
    'Wait until objects are ready, changed or gone.',
  );
  return naming(targeting(command))
    .option(
      '--for <what>',
      'condition=TYPE[=STATUS], jsonpath={PATH}[=VALUE], create or delete',
      '',
    )
    .option('--timeout <duration>', 'e.g. 30s; 0 looks once', goDuration, TIMEOUT_MS)
    .addHelpText(
      'after',
      `
Examples:
  $ afflux wait broker/main --for=condition=Ready
  $ afflux wait -f deploy/ --for=condition=Ready --timeout=1m
  $ afflux wait trigger/payments --for=delete
  $ afflux wait broker/main --for=jsonpath='{.status.address.url}'`,
    )
    .action(async (args: string[], flags: WaitFlags) => {
      const { wait } = await import('../kubernetes/wait.ts');
      await wait(io, { args, flags });
    });
}
