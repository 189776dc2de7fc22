/** `afflux dev`: everything in one process, from manifests. */
import { Command } from 'commander';
import { readConfigFile } from '../config-file.ts';
import type { CommandIo } from '../io.ts';
import { collect, integer, oneOf, PORT_MAX } from '../options.ts';

/** Ports of a laptop; `createAfflux` itself takes free ones. */
const EVENT_PORT = 8080;
const CONTROL_PORT = 8081;

interface DevFlags {
  readonly file: readonly string[];
  readonly port?: number;
  readonly controlPort?: number;
  readonly host?: string;
  readonly dataDir?: string;
  readonly config?: string;
  readonly log?: 'pretty' | 'json';
  readonly watch: boolean;
}

export function devCommand(io: CommandIo): Command {
  return new Command('dev')
    .description('Run brokers, channels and flows from Knative manifests in one process.')
    .option('-f, --file <path>', 'manifest file or directory; repeatable', collect, [])
    .option(
      '--port <port>',
      `port that takes events (default: ${String(EVENT_PORT)})`,
      integer(0, PORT_MAX),
    )
    .option(
      '--control-port <port>',
      `port of health and metrics (default: ${String(CONTROL_PORT)})`,
      integer(0, PORT_MAX),
    )
    .option('--host <address>', 'address of both ports (default: 127.0.0.1)')
    .option('--data-dir <dir>', 'directory for data that must survive the process')
    .option('--config <file>', 'project file (default: afflux.yaml, if there is one)')
    .option('--log <format>', 'log format: pretty or json', oneOf('pretty', 'json'))
    .option('--no-watch', 'do not apply changed files')
    .addHelpText(
      'after',
      `
Examples:
  $ afflux dev -f broker.yaml -f triggers/        run, and apply changes to the files
  $ afflux dev -f deploy --port 8088              another port
  $ afflux dev --config afflux.yaml --log json    settings and services from a project file`,
    )
    .action(async (flags: DevFlags) => {
      const { runDev } = await import('../run-dev.ts');
      if (flags.dataDir !== undefined) {
        io.err(
          'warning: --data-dir has no effect yet: no durable channel is available in this version, events are held in memory\n',
        );
      }
      const file = await readConfigFile(flags.config);
      await runDev(io, {
        config: {
          ...file,
          port: flags.port ?? file.port ?? EVENT_PORT,
          controlPort: flags.controlPort ?? file.controlPort ?? CONTROL_PORT,
          ...(flags.host === undefined ? {} : { host: flags.host }),
          ...(flags.watch ? {} : { watch: false }),
          manifests: [...(file.manifests ?? []), ...flags.file],
          log: {
            ...file.log,
            format: flags.log ?? file.log?.format ?? (io.isTerminal ? 'pretty' : 'json'),
          },
        },
      });
    });
}
