/** `afflux delete`: objects by manifest, name or selection. */
import { Option, type Command } from 'commander';
import type { CommandIo } from '../io.ts';
import { KubernetesCommand, targeting } from '../kubernetes/command.ts';
import type { DeleteFlags } from '../kubernetes/delete.ts';
import { collect, goDuration } from '../options.ts';

export function deleteCommand(io: CommandIo): Command {
  return targeting(new KubernetesCommand('delete').description('Delete objects and wait for it.'))
    .argument('[type or type/name...]', 'e.g. trigger payments')
    .option('-f, --filename <path>', 'what these manifests name; repeatable', collect, [])
    .option('-R, --recursive', 'directories with all below them', false)
    .option('-l, --selector <labels>', 'e.g. app=shop,tier!=test')
    .option('--field-selector <fields>', 'e.g. metadata.name=main')
    .option('--all', 'all of the type in the namespace', false)
    .option('-A, --all-namespaces', 'of every namespace, with --all or a selection', false)
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
