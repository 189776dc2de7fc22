/** `afflux replay`: hand events that a channel still keeps to one trigger or subscription again. */
import { Command } from 'commander';
import {
  CONTROL_URL,
  ControlClient,
  DATA_DIR_HELP,
  pathOf,
  type ControlFlags,
} from '../control-client.ts';
import { usageError } from '../errors.ts';
import type { CommandIo } from '../io.ts';
import { watchJob, type JobObject } from '../job-watch.ts';
import { positive } from '../options.ts';

interface ReplayFlags extends ControlFlags {
  readonly trigger?: string;
  readonly subscription?: string;
  readonly from: string;
  readonly to?: string;
  readonly filter?: string;
  readonly rate?: number;
  readonly namespace: string;
}

export function replayCommand(io: CommandIo): Command {
  return new Command('replay')
    .description('Deliver events again that a broker or channel still keeps, to one subscriber.')
    .argument('<name>', 'the broker (with --trigger), or the channel (with --subscription)')
    .option('--trigger <name>', 'the trigger of the broker that gets them')
    .option('--subscription <name>', 'the subscription of the channel that gets them')
    .requiredOption('--from <when>', 'a time such as 2026-11-01T10:00:00Z, a position, or earliest')
    .option('--to <when>', 'a time or position, not included (default: what is there now)')
    .option('--filter <cesql>', 'only events that pass a CloudEvents SQL expression')
    .option('--rate <perSecond>', 'events per second (default: no limit)', positive)
    .option('-n, --namespace <namespace>', 'namespace', 'default')
    .option('--control <url>', 'control port of the running Afflux', CONTROL_URL)
    .option('--data-dir <directory>', DATA_DIR_HELP)
    .addHelpText(
      'after',
      `
Examples:
  $ afflux replay shop --trigger payments --from 2026-11-01T10:00:00Z
  $ afflux replay shop --trigger payments --from earliest --filter "type = 'order.created'" --rate 100
  $ afflux replay orders --subscription audit --from earliest`,
    )
    .action(async (name: string, flags: ReplayFlags) => {
      if ((flags.trigger === undefined) === (flags.subscription === undefined)) {
        throw usageError(
          'say who gets the events: --trigger of a broker, or --subscription of a channel',
        );
      }
      const client = await ControlClient.open(io, flags);
      try {
        await replay(io, client, { name, flags });
      } finally {
        await client.close();
      }
    });
}

async function replay(
  io: CommandIo,
  client: ControlClient,
  { name, flags }: { readonly name: string; readonly flags: ReplayFlags },
): Promise<void> {
  const { trigger, subscription, from, to, filter, rate, namespace } = flags;
  const place = trigger === undefined ? { channel: name } : { broker: name };
  const job = await client.post<JobObject>(pathOf(namespace, 'replays'), {
    apiVersion: 'afflux.dev/v1alpha1',
    kind: 'Replay',
    spec: { ...place, trigger, subscription, from, to, filter, rate },
  });
  const progress = ({ scanned, replayed = 0 }: JobObject['status']): string =>
    `${String(replayed)} replayed, ${String(scanned)} looked at`;
  const status = await watchJob(io, { client, resource: 'replays', job, progress });
  io.out(`replayed ${String(status.replayed ?? 0)} of ${String(status.scanned)} events\n`);
}
