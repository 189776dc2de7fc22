/** `afflux quickstart`: the manifests of deploy/quickstart and a subscriber, in one terminal. */
import { join } from 'node:path';
import { Command } from 'commander';
import { CliError } from '../errors.ts';
import type { CommandIo } from '../io.ts';
import { integer, PORT_MAX } from '../options.ts';
import { PACKAGE_ROOT } from '../package-root.ts';
import { startSink } from '../sink-server.ts';

/** In the repository; a published package has none. */
const MANIFESTS = join(PACKAGE_ROOT, '../../deploy/quickstart');
/** The path that the quickstart's second trigger delivers to. */
const FAILING_PATH = '/always-fails';

interface QuickstartFlags {
  readonly port: number;
  readonly controlPort: number;
  readonly sinkPort: number;
}

export function quickstartCommand(io: CommandIo): Command {
  return new Command('quickstart')
    .description('Run a broker, two triggers and a subscriber, and say what to try.')
    .option('--port <port>', 'port that takes events', integer(0, PORT_MAX), 8080)
    .option('--control-port <port>', 'port of health and metrics', integer(0, PORT_MAX), 8081)
    .option('--sink-port <port>', 'port of the subscriber', integer(0, PORT_MAX), 9000)
    .addHelpText(
      'after',
      `
Examples:
  $ afflux quickstart
  $ afflux quickstart --port 8090 --control-port 8091 --sink-port 9090`,
    )
    .action(async (flags: QuickstartFlags) => {
      const { runDev } = await import('../run-dev.ts');
      const sink = await startSink(
        { port: flags.sinkPort, host: '127.0.0.1', delayMs: 0, failingPath: FAILING_PATH },
        io.clock,
        (received) => {
          io.out(`subscriber: ${received.text}`);
        },
      ).catch((error: unknown) => {
        throw new CliError(
          `port ${String(flags.sinkPort)} for the subscriber cannot be had: choose another with --sink-port`,
          { code: 'AFFLUX_CLI_FAILED', cause: error },
        );
      });
      try {
        await runDev(io, {
          config: {
            port: flags.port,
            controlPort: flags.controlPort,
            manifests: [MANIFESTS],
            services: { 'default/subscriber': sink.url },
            log: { format: 'pretty', level: 'warn' },
          },
          afterReady: (afflux) => whatToTry(afflux.brokerUrl('default', 'main'), afflux.controlUrl),
        });
      } finally {
        await sink.close();
      }
    });
}

function whatToTry(url: string, controlUrl: string): string {
  const curl = (type: string, id: string): string =>
    `  curl -i ${url} -H 'ce-specversion: 1.0' -H 'ce-type: ${type}' -H 'ce-source: /shop' -H 'ce-id: ${id}' -H 'content-type: application/json' -d '{"total": 9}'\n`;
  return `
Try, in another terminal, and watch the subscriber here:

  delivered:
${curl('order.created', '1')}
  retried three times, then sent to the dead letter sink:
${curl('order.rejected', '2')}
  the same with the tools of Kubernetes:
  kubectl --server ${controlUrl} get brokers,triggers
  kubectl --server ${controlUrl} describe trigger orders

The manifests are in deploy/quickstart: change them and see the change applied.
`;
}
