/**
 * Group commit: everything that is to be written to a data directory goes through here, one transaction after the
 * other. While one is being synced the next gathers, so that the number of works per sync follows the load by
 * itself; under no load a write waits for one sync and nothing else. What nobody waits for (acknowledgements) goes
 * along with the next write, or alone after a moment, so that a write does not find the disk at work for it.
 *
 * Invariants: works are written in the order in which they were submitted, each of them whole in one transaction;
 * `committed` is called after the sync has succeeded, in the same order; a work is never written by two
 * transactions at once. When a transaction fails, all of it is undone: works that are `isKept` wait for the next
 * one, the others are told.
 *
 * What a failure means: out of space is trouble that passes, and a small write now and then finds out when. After
 * any other failure the kernel may have dropped what it could not write, so that a later sync proves nothing:
 * nothing is accepted any more until the directory is opened anew.
 */
import type { Clock, DurabilityStep, Logger, Timer } from '@afflux/kernel';
import { statfsSync } from 'node:fs';
import type { Environment, Table } from './environment.ts';
import { nextTurn } from './turn.ts';

/** One transaction takes at most so much, but always one work. */
const BATCH_BYTES_MAX = 16 * 2 ** 20;
const BATCH_WORKS_MAX = 8_192;

/** What nobody waits for is written after so long at the latest, in milliseconds. */
const PATIENCE_MS = 10;

/** How often writing is tried again while there is no space, in milliseconds. */
const RETRY_MS = 1_000;

/** In the table `meta`. */
const PROBE_KEY = Buffer.from('p');

/** Large enough to need pages of its own. */
const PROBE_BYTES = 16_384;

/** Numbers of the operating system and of LMDB that say: no space, and it may come back. */
const PASSING_CODES: ReadonlySet<number> = new Set([
  12, // ENOMEM
  27, // EFBIG
  28, // ENOSPC
  69, // EDQUOT on macOS
  122, // EDQUOT
  -30_792, // MDB_MAP_FULL
  -30_788, // MDB_TXN_FULL
]);

const EIO = 5;

/** With less than this free, beside some times what was to be written, a disk is full. */
const SPACE_BYTES_MIN = 2 ** 20;

/** Why nothing can be written now. */
export interface Trouble {
  /** For people. */
  readonly message: string;
  /** Only opening the directory anew can help. */
  readonly isFinal: boolean;
  /** Whether the transaction that failed may be there after all. */
  readonly isOutcomeKnown: boolean;
  readonly cause: unknown;
}

/** Whoever has counters to be written with the works of a transaction. */
export interface Participant {
  writeCounters(): void;
}

/** The transaction that a work is written in. */
export interface Batch {
  /** Its counters are written at the end of the transaction. */
  touch(participant: Participant): void;
}

/** Something to be written, whole or not at all. */
export interface Work {
  /** About so many are written. */
  readonly bytes: number;
  /** A failure is no end: it is written with the next transaction. */
  readonly isKept: boolean;
  /** Nobody waits for it: asked when it is submitted. */
  readonly isPatient?: boolean;
  readonly onStep?: ((step: DurabilityStep) => void) | undefined;
  /** Puts and removes. Must not throw; called again for each try of a kept work. */
  write(batch: Batch): void;
  committed(): void;
  /** Undoes what `write` changed in memory. */
  failed(trouble: Trouble): void;
}

export interface WriterOptions {
  readonly path: string;
  readonly environment: Environment;
  readonly meta: Table;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told when trouble begins (with it) and when it is over (undefined). */
  readonly onTrouble: (trouble: Trouble | undefined) => void;
}

/** The one writer of a data directory. */
export class Writer {
  readonly #options: WriterOptions;
  #pending: Work[] = [];
  #pendingBytes = 0;
  /** Of what is pending, somebody waits for something. */
  #isAwaited = false;
  #patience: Timer | undefined;
  #isRunning = false;
  #isClosed = false;
  #trouble: Trouble | undefined;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  get trouble(): Trouble | undefined {
    return this.#trouble;
  }

  /** Bytes of works that are not durable yet. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /**
   * While there is {@link trouble}, or after {@link close}, the work waits without being told: whoever does not want
   * that asks first.
   */
  submit(work: Work): void {
    this.#pending.push(work);
    this.#pendingBytes += work.bytes;
    this.#isAwaited ||= work.isPatient !== true;
    if (!this.#isRunning && this.#trouble === undefined) this.#schedule();
  }

  /** Resolves when what was submitted before is durable, or cannot become so now. */
  async close(): Promise<void> {
    while (this.#isRunning || this.#patience !== undefined) {
      if (!this.#isRunning) void this.#run();
      await nextTurn();
    }
    this.#isClosed = true;
  }

  #schedule(): void {
    if (this.#isClosed) return;
    if (this.#isAwaited) void this.#run();
    else if (this.#pending.length > 0) {
      this.#patience ??= this.#options.clock.setTimer(PATIENCE_MS, () => void this.#run());
    }
  }

  /** Never rejects: failures go to the works. */
  async #run(): Promise<void> {
    this.#isRunning = true;
    this.#patience?.cancel();
    this.#patience = undefined;
    do {
      // Whoever writes in this turn takes part.
      await nextTurn();
      await this.#commit(this.#takeBatch());
    } while (this.#isAwaited && this.#trouble === undefined);
    this.#isRunning = false;
    if (this.#trouble === undefined) this.#schedule();
  }

  #takeBatch(): Work[] {
    const pending = this.#pending;
    let count = 0;
    let bytes = 0;
    while (count < pending.length && count < BATCH_WORKS_MAX) {
      bytes += pending[count]?.bytes ?? 0;
      if (count > 0 && bytes > BATCH_BYTES_MAX) break;
      count += 1;
    }
    if (count === pending.length) {
      this.#pending = [];
      this.#isAwaited = false;
      return pending;
    }
    return pending.splice(0, count);
  }

  async #commit(works: readonly Work[]): Promise<void> {
    const steps = new Set<(step: DurabilityStep) => void>();
    for (const { onStep } of works) if (onStep !== undefined) steps.add(onStep);
    const reach = (step: DurabilityStep): void => {
      for (const onStep of steps) onStep(step);
    };
    reach('before-write');
    const failure = await this.#write(works, reach);
    if (failure !== undefined) {
      this.#fail(works, failure);
      return;
    }
    reach('after-sync');
    for (const work of works) {
      this.#pendingBytes -= work.bytes;
      work.committed();
    }
  }

  async #write(
    works: readonly Work[],
    reach: (step: DurabilityStep) => void,
  ): Promise<Trouble | undefined> {
    const participants = new Set<Participant>();
    const batch: Batch = { touch: (participant) => void participants.add(participant) };
    const middle = works.length >> 1;
    try {
      const committed = this.#options.environment.batch(() => {
        for (const [index, work] of works.entries()) {
          if (index === middle) reach('mid-batch');
          work.write(batch);
        }
        for (const participant of participants) participant.writeCounters();
      });
      reach('after-write');
      await committed;
      return undefined;
    } catch (error) {
      const bytes = works.reduce((total, work) => total + work.bytes, 0);
      return await troubleOf(
        error,
        (free) => free < SPACE_BYTES_MIN + 4 * bytes,
        this.#options.path,
      );
    }
  }

  #fail(works: readonly Work[], trouble: Trouble): void {
    const kept: Work[] = [];
    for (const work of works) {
      if (work.isKept) kept.push(work);
      else this.#pendingBytes -= work.bytes;
      work.failed(trouble);
    }
    this.#enter(trouble);
    // What had gathered meanwhile was promised nothing yet; what must not be lost waits.
    for (const work of this.#pending) {
      if (work.isKept) kept.push(work);
      else {
        this.#pendingBytes -= work.bytes;
        work.failed(trouble);
      }
    }
    this.#pending = kept;
    this.#isAwaited = kept.length > 0;
  }

  #enter(trouble: Trouble): void {
    const isNew = this.#trouble === undefined;
    this.#trouble = trouble;
    if (isNew) {
      this.#options.logger.error({ err: trouble.cause }, 'data directory cannot be written');
      this.#options.onTrouble(trouble);
    }
    if (trouble.isFinal) return;
    this.#options.clock.setTimer(RETRY_MS, () => void this.#probe());
  }

  /** Finds out whether there is space again. */
  async #probe(): Promise<void> {
    if (this.#isClosed || this.#isRunning) return;
    this.#isRunning = true;
    const failure = await this.#write([new Probe(this.#options.meta)], () => undefined);
    this.#isRunning = false;
    if (failure !== undefined) {
      this.#enter(failure);
      return;
    }
    this.#trouble = undefined;
    this.#options.logger.info({}, 'data directory can be written again');
    this.#options.onTrouble(undefined);
    this.#schedule();
  }
}

class Probe implements Work {
  readonly bytes = 0;
  readonly isKept = false;
  readonly #meta: Table;

  constructor(meta: Table) {
    this.#meta = meta;
  }

  write(): void {
    void this.#meta.put(PROBE_KEY, Buffer.alloc(PROBE_BYTES));
  }

  committed(): void {
    // That it was is the answer.
  }

  failed(): void {
    // Likewise.
  }
}

function freeBytes(path: string): number {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  } catch {
    return Infinity;
  }
}

/** LMDB-js rejects with a general error, whose reason comes in a promise of its own. */
async function troubleOf(
  error: unknown,
  isScarce: (freeBytes: number) => boolean,
  path: string,
): Promise<Trouble> {
  const { commitError } = error as { commitError?: Promise<unknown> };
  const cause = await Promise.resolve(commitError).then(
    () => error,
    (reason: unknown) => reason,
  );
  const { code } = cause as { code?: unknown };
  // LMDB reports a write that the disk took only a part of as an error of input or output.
  const isShort = code === EIO && isScarce(freeBytes(path));
  const isPassing = isShort || (typeof code === 'number' && PASSING_CODES.has(code));
  const reason = cause instanceof Error ? cause.message : String(cause);
  return {
    message: isPassing
      ? `the disk has no space (${reason})`
      : `the disk failed, and nothing more is written until the data directory is opened anew: ${reason}`,
    isFinal: !isPassing,
    isOutcomeKnown: isPassing,
    cause,
  };
}
