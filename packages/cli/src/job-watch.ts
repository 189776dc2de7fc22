/**
 * Follows a job of the control port until it is over, with a line that says how far it is. A signal stops the job
 * in the server, too: what was done until then stays done.
 */
import type { ControlClient } from './control-client.ts';
import { failed, pathOf } from './control-client.ts';
import type { CommandIo } from './io.ts';

const POLL_MS = 250;

/** A Redrive or Replay, as far as it is read here. */
export interface JobObject {
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly status: {
    readonly phase: 'Running' | 'Succeeded' | 'Failed' | 'Stopped';
    readonly scanned: number;
    readonly matched: number;
    readonly redriven?: number;
    readonly replayed?: number;
    readonly message?: string;
  };
}

export interface JobWatchOptions {
  readonly client: ControlClient;
  /** `redrives` or `replays`. */
  readonly resource: string;
  readonly job: JobObject;
  readonly progress: (status: JobObject['status']) => string;
}

/** Resolves with the last status; throws when the job failed, or was stopped. */
export async function watchJob(
  io: CommandIo,
  { client, resource, job, progress }: JobWatchOptions,
): Promise<JobObject['status']> {
  const { namespace, name } = job.metadata;
  const path = pathOf(namespace, resource, name);
  let { status } = job;
  const line = progressLine(io);
  while (status.phase === 'Running') {
    line.show(progress(status));
    await io.clock.sleep(POLL_MS, io.interrupted).catch(() => undefined);
    if (io.interrupted.aborted) {
      await client.delete(path);
      line.end();
      throw failed(`stopped; until then: ${progress(status)}`);
    }
    ({ status } = await client.get<JobObject>(path));
  }
  line.end();
  if (status.phase === 'Succeeded') return status;
  throw failed(`${status.message ?? 'the job was stopped'}; until then: ${progress(status)}`);
}

/** A line of its own on a terminal, written over; elsewhere nothing, so that output stays readable. */
function progressLine(io: CommandIo): { show(text: string): void; end(): void } {
  let width = 0;
  return {
    show(text) {
      if (!io.isTerminal) return;
      io.err(`\r${text.padEnd(width)}`);
      width = text.length;
    },
    end() {
      if (width > 0) io.err(`\r${' '.repeat(width)}\r`);
      width = 0;
    },
  };
}
