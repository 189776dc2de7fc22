/** `afflux validate`: what `dev` would say about manifests, without running them. */
import { Command } from 'commander';
import { CliError, usageError } from '../errors.ts';
import type { CommandIo } from '../io.ts';
import { collect } from '../options.ts';

export function validateCommand(io: CommandIo): Command {
  return new Command('validate')
    .description('Check manifests: schema, defaults and rules, as dev would.')
    .option('-f, --file <path>', 'manifest file or directory; repeatable', collect, [])
    .addHelpText(
      'after',
      `
Examples:
  $ afflux validate -f broker.yaml
  $ afflux validate -f deploy/ -f more/triggers.yaml`,
    )
    .action(async (flags: { readonly file: readonly string[] }) => {
      if (flags.file.length === 0) throw usageError('name what to check: -f FILE or -f DIRECTORY');
      const { issueText, validateManifests } = await import('@afflux/server');
      const report = await validateManifests(flags.file);
      for (const { kind, namespace, name } of report.applied) {
        io.out(`valid ${kind} ${namespace}/${name}\n`);
      }
      for (const issue of report.issues) io.err(`error: ${issueText(issue, process.cwd())}\n`);
      if (report.issues.length > 0) {
        throw new CliError(`${String(report.issues.length)} problem(s) found`, {
          code: 'AFFLUX_CLI_FAILED',
        });
      }
    });
}
