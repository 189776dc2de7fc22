/** `afflux logs`: what pods wrote. */
import type { Command } from 'commander';
import type { CommandIo } from '../io.ts';
import { KubernetesCommand, targeting } from '../kubernetes/command.ts';
import type { LogsFlags } from '../kubernetes/logs.ts';
import { COUNT_MAX, integer } from '../options.ts';

export function logsCommand(io: CommandIo): Command {
  return targeting(
    new KubernetesCommand('logs').description('Show what the container of a pod wrote.'),
  )
    .argument('<pod>', 'name of the pod, or pod/NAME')
    .option('-c, --container <name>', 'needed where the pod has several')
    .option('-f, --follow', 'go on until Ctrl-C', false)
    .option('-p, --previous', 'of the run before this one', false)
    .option('--tail <lines>', 'only the last so many; -1 for all', integer(-1, COUNT_MAX))
    .option('--since <duration>', 'only of so long, e.g. 10m')
    .option('--timestamps', 'with the time before each line', false)
    .addHelpText(
      'after',
      `
Examples:
  $ afflux logs orders-00001-5d9f
  $ afflux logs orders-00001-5d9f -f --tail=20
  $ afflux logs orders-00001-5d9f -c user-container --since=10m`,
    )
    .action(async (pod: string, flags: LogsFlags) => {
      const { logs } = await import('../kubernetes/logs.ts');
      const { tail, ...rest } = flags;
      await logs(io, { pod, flags: tail === undefined || tail < 0 ? rest : { ...rest, tail } });
    });
}
