/** `afflux delete`: objects by manifest, name or selection. */
import { Option, type Command } from 'commander';
import type { CommandIo } from '../io.ts';
import { KubernetesCommand, naming, targeting } from '../kubernetes/command.ts';
import type { DeleteFlags } from '../kubernetes/delete.ts';
import { goDuration } from '../options.ts';

export function deleteCommand(io: CommandIo): Command {
  const command = new KubernetesCommand('delete').description('Delete objects and wait for it.');
  return naming(targeting(command))
    .addOption(
      new Option('--cascade <how>', 'what becomes of objects that they own')
        .choices(['background', 'foreground', 'orphan'])
        .default('background'),
    )
    .option('--no-wait', 'do not wait until they are gone')
    .addOption(new Option('--wait', 'wait until they are gone').default(true).hideHelp())
    .option('--timeout <duration>', 'wait no longer than this, e.g. 30s', goDuration)
    .option('--ignore-not-found', 'what is not there is no failure', false)
    .option('--dry-run', 'let the server check it, and delete nothing', false)
    .addHelpText(
      'after',
      `
Examples:
  $ afflux delete trigger payments
  $ afflux delete -f deploy/ --ignore-not-found
  $ afflux delete triggers -l app=shop --dry-run
  $ afflux delete broker main --cascade=orphan`,
    )
    .action(async (args: string[], flags: DeleteFlags) => {
      const { deleteObjects } = await import('../kubernetes/delete.ts');
      await deleteObjects(io, { args, flags });
    });
}
