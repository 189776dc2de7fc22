/** `afflux get`: objects as kubectl shows them. */
import type { Command } from 'commander';
import type { CommandIo } from '../io.ts';
import { KubernetesCommand, targeting } from '../kubernetes/command.ts';
import type { GetFlags } from '../kubernetes/get-tables.ts';

export function getCommand(io: CommandIo): Command {
  return targeting(
    new KubernetesCommand('get').description('Show objects: brokers, triggers, channels, all.'),
  )
    .argument('[type or type/name...]', 'e.g. brokers, trigger payments, all')
    .option('-A, --all-namespaces', 'of every namespace', false)
    .option('-l, --selector <labels>', 'e.g. app=shop,tier!=test')
    .option('--field-selector <fields>', 'e.g. metadata.name=main')
    .option(
      '-o, --output <form>',
      'wide, yaml, json, name, jsonpath=TEMPLATE or custom-columns=TITLE:PATH,...',
    )
    .option('-w, --watch', 'then show changes until Ctrl-C', false)
    .option('-L, --label-columns <names>', 'labels as columns', commaSeparated, [])
    .option('--show-labels', 'all labels as the last column', false)
    .option('--show-managed-fields', 'who wrote which field, too', false)
    .option('--no-headers', 'without the first line')
    .option('--ignore-not-found', 'what is not there is no failure', false)
    .addHelpText(
      'after',
      `
Examples:
  $ afflux get all
  $ afflux get brokers,triggers -A
  $ afflux get trigger payments -o yaml
  $ afflux get triggers -w --context my-cluster`,
    )
    .action(async (args: string[], flags: GetFlags) => {
      const { get } = await import('../kubernetes/get.ts');
      await get(io, { args, flags });
    });
}

function commaSeparated(value: string, earlier: readonly string[]): string[] {
  return [...earlier, ...value.split(',')];
}
