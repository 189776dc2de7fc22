/**
 * What the commands that kubectl has, too, share on the command line. Loaded at every start, so it is light.
 *
 * kubectl's spelling works: `--wait=false`, `--dry-run=server`, `-o=json`. Commander knows switches without a value
 * only, so such arguments are rewritten before it sees them.
 */
import { Command } from 'commander';
import { CONTROL_URL, DATA_DIR_HELP } from '../control-client.ts';
import { collect } from '../options.ts';

/** Flags that say which server is meant. */
export interface TargetFlags {
  readonly control?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly dataDir?: string;
  readonly namespace?: string;
}

/** A command with kubectl's flags. */
export class KubernetesCommand extends Command {
  override parseOptions(argv: string[]): ReturnType<Command['parseOptions']> {
    return super.parseOptions(inOurSpelling(argv));
  }
}

/** `--flag=true|false` as a switch, `--dry-run=server` as `--dry-run`, `-o=x` as `-o x`. */
export function inOurSpelling(argv: readonly string[]): string[] {
  const end = argv.indexOf('--');
  const flags = end === -1 ? argv : argv.slice(0, end);
  const rest = end === -1 ? [] : argv.slice(end);
  return [...flags.flatMap(rewritten), ...rest];
}

/** Switches that are on unless somebody says no. */
const ON_BY_DEFAULT = new Set(['wait']);

/** Switches of the commands; `=true` and `=false` mean something with them only. */
const SWITCHES =
  /^--(all|all-namespaces|wait|ignore-not-found|force-conflicts|server-side|no-headers|show-labels|watch|follow|previous|timestamps|recursive|show-managed-fields)=(true|false)$/;

function rewritten(argument: string): string[] {
  const [, name = '', value] = SWITCHES.exec(argument) ?? [];
  if (value !== undefined) {
    if (value === 'true') return [`--${name}`];
    return ON_BY_DEFAULT.has(name) ? [`--no-${name}`] : [];
  }
  if (argument === '--dry-run=none') return [];
  if (argument === '--dry-run=server') return ['--dry-run'];
  const short = /^(-[a-zA-Z])=(.*)$/s.exec(argument);
  return short === null ? [argument] : [short[1] ?? '', short[2] ?? ''];
}

/** Adds the flags that say which objects are meant, for commands that take files, names and selections. */
export function naming(command: Command): Command {
  return command
    .argument('[type or type/name...]', 'e.g. trigger payments, or trigger/payments')
    .option('-f, --filename <path>', 'what these manifests name; repeatable', collect, [])
    .option('-R, --recursive', 'directories with all below them', false)
    .option('-l, --selector <labels>', 'e.g. app=shop,tier!=test')
    .option('--field-selector <fields>', 'e.g. metadata.name=main')
    .option('--all', 'all of the type in the namespace', false)
    .option('-A, --all-namespaces', 'of every namespace, with --all or a selection', false);
}

/** Adds the flags that say which server and namespace are meant. */
export function targeting(command: Command, { isNamespaced = true } = {}): Command {
  if (isNamespaced) command.option('-n, --namespace <name>', "default: the context's, or default");
  return command
    .option('--control <url>', `control port of a running Afflux (default: ${CONTROL_URL})`)
    .option('--data-dir <directory>', DATA_DIR_HELP)
    .option('--context <name>', 'a context of the kubeconfig instead')
    .option('--kubeconfig <file>', 'a cluster by this file instead');
}
