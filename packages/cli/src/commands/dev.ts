/** `afflux dev`: everything in one process, from manifests. */
import { CHANNEL_TYPES, type ChannelType, type ConfigInput } from '@afflux/server';
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
  readonly channel?: ChannelType;
  readonly kafka?: string;
  readonly rabbitmq?: string;
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
      `port of the Kubernetes API, health and metrics (default: ${String(CONTROL_PORT)})`,
      integer(0, PORT_MAX),
    )
    .option('--host <address>', 'address of both ports (default: 127.0.0.1)')
    .option('--data-dir <dir>', 'directory for objects and events that must survive the process')
    .option(
      '--channel <type>',
      `default channel: ${CHANNEL_TYPES.join(', ')} (default: durable with --data-dir, else memory)`,
      oneOf(...CHANNEL_TYPES),
    )
    .option('--kafka <servers>', 'Kafka, as host:port,… (AFFLUX_KAFKA_BOOTSTRAP_SERVERS)')
    .option('--rabbitmq <url>', 'RabbitMQ, as amqp://… (AFFLUX_RABBITMQ_URL)')
    .option('--config <file>', 'project file (default: afflux.yaml, if there is one)')
    .option('--log <format>', 'log format: pretty or json', oneOf('pretty', 'json'))
    .option('--no-watch', 'do not apply changed files')
    .addHelpText(
      'after',
      `
Examples:
  $ afflux dev -f broker.yaml -f triggers/        run, and apply changes to the files
  $ afflux dev -f deploy --port 8088              another port
  $ afflux dev -f deploy --data-dir data          events survive a crash and a restart
  $ afflux dev -f deploy --channel kafka --kafka localhost:9092
  $ afflux dev --config afflux.yaml --log json    settings and services from a project file`,
    )
    .action(async (flags: DevFlags) => {
      const { runDev } = await import('../run-dev.ts');
      const file = await readConfigFile(flags.config);
      await runDev(io, {
        config: {
          ...file,
          port: flags.port ?? file.port ?? EVENT_PORT,
          controlPort: flags.controlPort ?? file.controlPort ?? CONTROL_PORT,
          ...(flags.host === undefined ? {} : { host: flags.host }),
          ...(flags.watch ? {} : { watch: false }),
          ...(flags.dataDir === undefined ? {} : { dataDir: flags.dataDir }),
          ...controlToken(file, io.env),
          channel: channelConfig(flags, file.channel, io.env),
          manifests: [...(file.manifests ?? []), ...flags.file],
          log: {
            ...file.log,
            format: flags.log ?? file.log?.format ?? (io.isTerminal ? 'pretty' : 'json'),
          },
        },
      });
    });
}

/** The project file wins over the environment. */
function controlToken(
  { controlToken: token }: ConfigInput,
  env: CommandIo['env'],
): Pick<ConfigInput, 'controlToken'> {
  const given = token ?? env['AFFLUX_TOKEN'];
  return given === undefined || given === '' ? {} : { controlToken: given };
}

/** Flags win over the project file, the project file over the environment. */
function channelConfig(
  { channel, kafka, rabbitmq }: DevFlags,
  file: ConfigInput['channel'] = {},
  env: CommandIo['env'],
): NonNullable<ConfigInput['channel']> {
  const type = channel ?? file.type;
  const servers = kafka ?? file.kafka?.bootstrapServers ?? env['AFFLUX_KAFKA_BOOTSTRAP_SERVERS'];
  const url = rabbitmq ?? file.rabbitmq?.url ?? env['AFFLUX_RABBITMQ_URL'];
  return {
    ...(type === undefined ? {} : { type }),
    kafka: { ...file.kafka, ...(servers === undefined ? {} : { bootstrapServers: servers }) },
    rabbitmq: { ...(url === undefined ? {} : { url }) },
  };
}
