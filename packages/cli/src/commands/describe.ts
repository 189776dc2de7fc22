/** `afflux describe`: everything about objects, and the events about them. */
import type { Command } from 'commander';
import type { CommandIo } from '../io.ts';
import { KubernetesCommand, targeting } from '../kubernetes/command.ts';
import type { DescribeFlags } from '../kubernetes/describe.ts';

export function describeCommand(io: CommandIo): Command {
  return targeting(
    new KubernetesCommand('describe').description('Show all fields of objects and their events.'),
  )
    .argument('[type or type/name...]', 'e.g. broker main; a name may be its beginning')
    .option('-A, --all-namespaces', 'of every namespace', false)
    .option('-l, --selector <labels>', 'e.g. app=shop,tier!=test')
    .option('--no-show-events', 'without events')
    .addHelpText(
      'after',
      `
Examples:
  $ afflux describe broker main
  $ afflux describe trigger/payments
  $ afflux describe triggers -l app=shop`,
    )
    .action(async (args: string[], flags: DescribeFlags) => {
      const { describe } = await import('../kubernetes/describe.ts');
      await describe(io, { args, flags });
    });
}
