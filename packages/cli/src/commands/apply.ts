/** `afflux apply`: manifests to a running Afflux or a cluster, by server-side apply. */
import { Option, type Command } from 'commander';
import { usageError } from '../errors.ts';
import type { CommandIo } from '../io.ts';
import type { ApplyFlags } from '../kubernetes/apply.ts';
import { KubernetesCommand, targeting } from '../kubernetes/command.ts';
import { collect } from '../options.ts';

export function applyCommand(io: CommandIo): Command {
  return targeting(
    new KubernetesCommand('apply').description('Create and change objects from manifests.'),
  )
    .option('-f, --filename <path>', 'manifest file, directory, or - ; repeatable', collect, [])
    .option('-R, --recursive', 'directories with all below them', false)
    .option('--dry-run', 'let the server check and default it all, and keep nothing', false)
    .option('--field-manager <name>', 'who owns the fields', 'kubectl')
    .option('--force-conflicts', 'take over fields that others manage', false)
    .addOption(
      new Option('--validate <how>', 'what to do with unknown fields')
        .choices(['strict', 'warn', 'ignore'])
        .default('strict'),
    )
    .addOption(new Option('--server-side', 'always so').hideHelp())
    .addHelpText(
      'after',
      `
Examples:
  $ afflux apply -f broker.yaml
  $ afflux apply -f deploy/ --dry-run
  $ cat triggers.yaml | afflux apply -f - -n shop

The fields belong to the manager "kubectl" unless you say otherwise, so that the same manifests can be applied by
kubectl apply --server-side and by this command in turn.`,
    )
    .action(async (flags: ApplyFlags) => {
      if (flags.filename.length === 0) {
        throw usageError('name what to apply: -f FILE, -f DIRECTORY or -f -');
      }
      const { apply } = await import('../kubernetes/apply.ts');
      await apply(io, flags);
    });
}
