/**
 * One event per key at a time. A key is busy from the moment its first job is admitted until that job has
 * ended for good, its retries included; later jobs of the key stand in line meanwhile.
 */
import { BoundedQueue } from '@afflux/kernel';
import type { Job } from './job.ts';

interface Busy<P> {
  owner: Job<P>;
  /** Made when the first one has to wait: most keys never see that. */
  line: BoundedQueue<Job<P>> | undefined;
}

export class KeyOrder<P> {
  readonly #parkedMax: number;
  readonly #busy = new Map<string, Busy<P>>();
  #parked = 0;

  constructor(parkedMax: number) {
    this.#parkedMax = parkedMax;
  }

  /** Jobs that stand in line. */
  get parked(): number {
    return this.#parked;
  }

  /** True: the job has the key and may go. False: it stands in line. Only while `parked` is below its bound. */
  admit(key: string, job: Job<P>): boolean {
    const busy = this.#busy.get(key);
    if (busy === undefined) {
      this.#busy.set(key, { owner: job, line: undefined });
      return true;
    }
    busy.line ??= new BoundedQueue(this.#parkedMax);
    busy.line.push(job);
    this.#parked += 1;
    return false;
  }

  /** The job has ended: returns the next one of its key, which has the key now. */
  finish(key: string, job: Job<P>): Job<P> | undefined {
    const busy = this.#busy.get(key);
    // After a change of settings a key may have a new owner while the old one is still in flight.
    if (busy?.owner !== job) return undefined;
    const next = busy.line?.shift();
    if (next === undefined) {
      this.#busy.delete(key);
      return undefined;
    }
    this.#parked -= 1;
    busy.owner = next;
    return next;
  }

  /** Forgets all keys and returns what stood in line. */
  clear(): Job<P>[] {
    const jobs: Job<P>[] = [];
    for (const { line } of this.#busy.values()) {
      for (let job = line?.shift(); job !== undefined; job = line?.shift()) jobs.push(job);
    }
    this.#busy.clear();
    this.#parked = 0;
    return jobs;
  }
}
