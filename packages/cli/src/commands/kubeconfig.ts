/** `afflux kubeconfig`: lets kubectl and others find a running Afflux. */
import { Command } from 'commander';
import { CONTROL_URL, DATA_DIR_HELP } from '../control-client.ts';
import type { CommandIo } from '../io.ts';
import type { KubeconfigFlags } from '../kubernetes/kubeconfig.ts';

export function kubeconfigCommand(io: CommandIo): Command {
  return new Command('kubeconfig')
    .description('Print, or add to yours, a kubeconfig for a running Afflux.')
    .option('--write', 'add it to the first file of $KUBECONFIG, or to ~/.kube/config', false)
    .option('--use', 'with --write: make it what kubectl talks to when nothing is said', false)
    .option('--file <path>', 'add it to this file instead')
    .option('--control <url>', `control port of the Afflux (default: ${CONTROL_URL})`)
    .option('--data-dir <directory>', DATA_DIR_HELP)
    .option('-n, --namespace <name>', 'namespace of the context')
    .addHelpText(
      'after',
      `
Examples:
  $ afflux kubeconfig --write && kubectl --context afflux get brokers
  $ afflux kubeconfig > afflux.config
  $ AFFLUX_TOKEN=... afflux kubeconfig --write --control https://10.0.0.7:8081`,
    )
    .action(async (flags: KubeconfigFlags) => {
      const { kubeconfig } = await import('../kubernetes/kubeconfig.ts');
      await kubeconfig(io, { ...flags, write: flags.write || flags.file !== undefined });
    });
}
