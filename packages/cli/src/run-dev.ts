/** What `dev` and `quickstart` share: run the process until it is told to stop, and say what happens. */
import { resolve } from 'node:path';
import {
  createAfflux,
  issueText,
  type Afflux,
  type ChannelType,
  type ConfigInput,
  type LeftBehind,
  type SyncReport,
} from '@afflux/server';
import type { CommandIo } from './io.ts';
import { kubectlLines } from './kubectl-lines.ts';
import { objectTable } from './object-table.ts';

export interface DevOptions {
  readonly config: ConfigInput;
  /** Printed once, below the line that says `ready`. */
  readonly afterReady?: (afflux: Afflux) => string;
}

export async function runDev(io: CommandIo, options: DevOptions): Promise<void> {
  let hadIssues = false;
  const afflux = createAfflux({
    ...options.config,
    onSync: (report, running) => {
      showSync(io, report, running);
      // Taking a mistake back changes no object: without a word it would look as if nothing had happened.
      if (hadIssues && report.issues.length === 0) io.out('no mistakes left in the manifests\n');
      hadIssues = report.issues.length > 0;
    },
  });
  try {
    await afflux.start(io.interrupted);
  } catch (error) {
    await afflux.close();
    // A signal during the start is a wish, not a failure.
    if (io.interrupted.aborted) return;
    throw error;
  }
  const objects = afflux.objects();
  if (objects.length > 0) io.out(objectTable(objects));
  io.out(channelLine(options.config));
  io.out(`ready  events ${afflux.url}  control ${afflux.controlUrl}\n`);
  io.out(await kubectlLines(io, afflux, options.config));
  if (options.afterReady !== undefined) io.out(options.afterReady(afflux));
  await interrupted(io);
  await stop(io, afflux);
}

/** What 202 means here, where it is more than "in memory". */
function channelLine({ dataDir, channel }: ConfigInput): string {
  const type = channel?.type ?? (dataDir === undefined ? 'memory' : 'durable');
  const where: Readonly<Record<ChannelType, string>> = {
    memory: '',
    durable: `brokers and channels are durable: events are kept in ${resolve(dataDir ?? '')}`,
    kafka: `brokers and channels stand on Kafka at ${channel?.kafka?.bootstrapServers ?? ''}`,
    rabbitmq: 'brokers and channels stand on RabbitMQ',
  };
  return type === 'memory' ? '' : `${where[type]}, unless they say otherwise\n`;
}

function interrupted(io: CommandIo): Promise<void> {
  return new Promise((done) => {
    if (io.interrupted.aborted) done();
    io.interrupted.addEventListener('abort', () => {
      done();
    });
  });
}

/** What would be lost is delivered within the grace period, or it is said what is left. */
async function stop(io: CommandIo, afflux: Afflux): Promise<void> {
  io.err('stopping: delivering what was accepted (once more to stop at once)\n');
  const { left, kept } = await afflux.close();
  if (kept.length > 0) {
    io.err(`kept for the next start: ${String(total(kept))} event(s)\n${each(kept)}`);
  }
  if (left.length > 0) {
    io.err(
      `stopped: ${String(total(left))} event(s) were accepted and could not be delivered:\n${each(left)}`,
    );
  } else {
    io.err(
      kept.length > 0
        ? 'stopped: nothing is lost\n'
        : 'stopped: everything accepted was delivered\n',
    );
  }
}

function total(entries: readonly LeftBehind[]): number {
  return entries.reduce((sum, { events }) => sum + events, 0);
}

function each(entries: readonly LeftBehind[]): string {
  return entries
    .map(({ subscription, events }) => `  ${subscription}: ${String(events)}\n`)
    .join('');
}

function showSync(io: CommandIo, report: SyncReport, running: Afflux): void {
  for (const issue of report.issues) io.err(`error: ${issueText(issue, process.cwd())}\n`);
  if (running.state !== 'running') return;
  const changed = new Set(
    report.applied.map((object) => `${object.kind}/${object.namespace}/${object.name}`),
  );
  const shown = running
    .objects()
    .filter((object) => changed.has(`${object.kind}/${object.namespace}/${object.name}`));
  if (shown.length > 0) io.out(`applied\n${objectTable(shown)}`);
  for (const object of report.removed) {
    io.out(`removed ${object.kind} ${object.namespace}/${object.name}\n`);
  }
}
