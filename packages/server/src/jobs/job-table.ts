/**
 * Work that outlasts a request: redrives and replays. Each is an object of the API: created with a spec, runs at
 * once, shows its progress in the status, stays to be read when it is over and is stopped by deleting it.
 *
 * Bounds: so many jobs run at once, so many are remembered; the oldest that are over make room. Jobs live as long
 * as the process. One that a restart ends is simply begun again: what it had done is done.
 */
import { BaseComponent, type Clock, type Logger } from '@afflux/kernel';
import { apiRefused } from '../errors.ts';

export const JOBS_RUNNING_MAX = 10;
export const JOBS_KEPT_MAX = 100;

export type JobPhase = 'Running' | 'Succeeded' | 'Failed' | 'Stopped';

/** Counts of a job; every kind of job has the same ones. */
export interface JobProgress {
  /** Dead letters or events looked at. */
  scanned: number;
  /** Of these, what selector and filter want. */
  matched: number;
  /** Of these, what was handed over. */
  done: number;
  /** Of these, what could not be: the subscription is gone, or somebody else was faster. */
  failed?: number;
  /** Up to where a replay has come. */
  position?: string | number;
}

export interface JobSpec {
  readonly kind: string;
  readonly namespace: string;
  /** Empty: one is made from the kind. */
  readonly name: string;
  /** Shown as it was given. */
  readonly spec: object;
  /** Rejects when it cannot go on; ends early when the signal aborts. Updates the progress as it goes. */
  readonly run: (progress: JobProgress, signal: AbortSignal) => Promise<void>;
}

/** What can be read of a job. */
export interface Job {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly spec: object;
  readonly phase: JobPhase;
  readonly progress: Readonly<JobProgress>;
  readonly startedMs: number;
  readonly endedMs: number | undefined;
  /** Why it failed. */
  readonly message: string | undefined;
}

interface Entry extends Job {
  phase: JobPhase;
  readonly progress: JobProgress;
  endedMs: number | undefined;
  message: string | undefined;
  readonly stop: AbortController;
  running: Promise<void>;
}

export interface JobTableOptions {
  readonly clock: Clock;
  readonly logger: Logger;
}

export class JobTable extends BaseComponent {
  readonly name = 'jobs';
  readonly #options: JobTableOptions;
  /** In order of creation. */
  readonly #jobs = new Map<string, Entry>();
  #created = 0;

  constructor(options: JobTableOptions) {
    super();
    this.#options = options;
  }

  /** Starts a job. Throws a refusal when the name is taken, or too many jobs run. */
  create({ kind, namespace, name: wanted, spec, run }: JobSpec): Job {
    if (this.state !== 'running') throw apiRefused('ServiceUnavailable', 'shutting down');
    const name = wanted === '' ? this.#newName(kind, namespace) : wanted;
    const key = keyOf(kind, namespace, name);
    if (this.#jobs.has(key)) {
      const shown = `${resourceOf(kind)}.afflux.dev ${JSON.stringify(name)}`;
      throw apiRefused('AlreadyExists', `${shown} already exists`);
    }
    this.#makeRoom();
    const entry: Entry = {
      kind,
      namespace,
      name,
      spec,
      phase: 'Running',
      progress: { scanned: 0, matched: 0, done: 0 },
      startedMs: this.#options.clock.now(),
      endedMs: undefined,
      message: undefined,
      stop: new AbortController(),
      running: Promise.resolve(),
    };
    this.#jobs.set(key, entry);
    entry.running = this.#run(entry, run);
    return entry;
  }

  get(kind: string, namespace: string, name: string): Job {
    return this.#find(kind, namespace, name);
  }

  /** In order of creation. */
  list(kind: string, namespace: string): readonly Job[] {
    return [...this.#jobs.values()].filter(
      (job) => job.kind === kind && job.namespace === namespace,
    );
  }

  /** Stops it and resolves when it has stopped, with what it had done; it is forgotten. */
  async remove(kind: string, namespace: string, name: string): Promise<Job> {
    const entry = this.#find(kind, namespace, name);
    entry.stop.abort();
    await entry.running;
    this.#jobs.delete(keyOf(kind, namespace, name));
    return entry;
  }

  protected override async onClose(): Promise<void> {
    const entries = [...this.#jobs.values()];
    for (const { stop } of entries) stop.abort();
    await Promise.all(entries.map(({ running }) => running));
  }

  /** Never rejects. */
  async #run(entry: Entry, run: JobSpec['run']): Promise<void> {
    const { kind, namespace, name, progress, stop } = entry;
    const { clock, logger } = this.#options;
    try {
      await run(progress, stop.signal);
      entry.phase = stop.signal.aborted ? 'Stopped' : 'Succeeded';
    } catch (error) {
      entry.phase = stop.signal.aborted ? 'Stopped' : 'Failed';
      if (entry.phase === 'Failed') {
        entry.message = error instanceof Error ? error.message : String(error);
      }
    }
    entry.endedMs = clock.now();
    const fields = { kind, namespace, name, ...progress };
    if (entry.phase === 'Failed') logger.warn({ ...fields, reason: entry.message }, 'job failed');
    else logger.info({ ...fields, phase: entry.phase }, 'job ended');
  }

  #find(kind: string, namespace: string, name: string): Entry {
    const entry = this.#jobs.get(keyOf(kind, namespace, name));
    if (entry !== undefined) return entry;
    throw apiRefused(
      'NotFound',
      `${resourceOf(kind)}.afflux.dev ${JSON.stringify(name)} not found`,
    );
  }

  #makeRoom(): void {
    const entries = [...this.#jobs];
    const running = entries.filter(([, { phase }]) => phase === 'Running').length;
    if (running >= JOBS_RUNNING_MAX) {
      throw apiRefused(
        'TooManyRequests',
        `${String(running)} jobs are running already: wait for one to end, or delete one`,
      );
    }
    if (entries.length < JOBS_KEPT_MAX) return;
    const oldest = entries.find(([, { phase }]) => phase !== 'Running');
    if (oldest !== undefined) this.#jobs.delete(oldest[0]);
  }

  #newName(kind: string, namespace: string): string {
    let name: string;
    do {
      this.#created += 1;
      name = `${kind.toLowerCase()}-${String(this.#created)}`;
    } while (this.#jobs.has(keyOf(kind, namespace, name)));
    return name;
  }
}

/** Plural, as in paths. */
function resourceOf(kind: string): string {
  return `${kind.toLowerCase()}s`;
}

function keyOf(kind: string, namespace: string, name: string): string {
  return `${kind}/${namespace}/${name}`;
}
