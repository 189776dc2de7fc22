/** A redrive or replay as an object of the API. */
import type { Job } from '../jobs/job-table.ts';
import { API_VERSION, timestamp } from './dead-letter-object.ts';

/** What `done` is called in the status of a kind. */
const DONE_FIELD: Readonly<Record<string, string>> = { Redrive: 'redriven', Replay: 'replayed' };

export function jobObject(job: Job): object {
  const { kind, namespace, name, spec, phase, progress, startedMs, endedMs, message } = job;
  return {
    apiVersion: API_VERSION,
    kind,
    metadata: { name, namespace, creationTimestamp: timestamp(startedMs) },
    spec,
    status: {
      phase,
      scanned: progress.scanned,
      matched: progress.matched,
      [DONE_FIELD[kind] ?? 'done']: progress.done,
      ...(progress.failed === undefined ? {} : { failed: progress.failed }),
      ...(progress.position === undefined ? {} : { position: String(progress.position) }),
      startTime: timestamp(startedMs),
      ...(endedMs === undefined ? {} : { completionTime: timestamp(endedMs) }),
      ...(message === undefined ? {} : { message }),
    },
  };
}

export function jobList(kind: string, jobs: readonly Job[]): object {
  return {
    kind: `${kind}List`,
    apiVersion: API_VERSION,
    metadata: { resourceVersion: '' },
    items: jobs.map(jobObject),
  };
}
