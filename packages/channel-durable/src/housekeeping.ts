/**
 * What a channel does beside its traffic, now and then and in small steps: retention of events and dead letters,
 * forgetting duplicates, removing what dropped subscriptions left, and dropping subscriptions that nobody reads for
 * too long. One round at a time; how far it has come is on the disk, so that a restart goes on from there.
 */
import { type Batch, keys, pairs } from '@afflux/data-directory';
import type { Timer } from '@afflux/kernel';
import type { Backlog } from './backlog.ts';
import type { ChannelState } from './channel-state.ts';
import { written } from './fence.ts';
import {
  afterLetters,
  DROPPED,
  droppedKey,
  letterOf,
  letterRange,
  numberOf,
  positionRange,
} from './keys.ts';
import { letterStoredMs } from './records.ts';
import { forgetAbandoned, sweepRemoved } from './removed-channels.ts';
import { Retention } from './retention.ts';
import type { Seen } from './seen.ts';

/** Time between two rounds, in milliseconds. */
const ROUND_MS = 10_000;

const STEP_MAX = 512;

export interface HousekeepingHost {
  readonly backlogs: ReadonlyMap<string, Backlog>;
  readonly seen: Seen;
  /** Forgets a subscription; returns the events that it had. */
  drop(id: string): number;
}

export class Housekeeping {
  readonly #state: ChannelState;
  readonly #host: HousekeepingHost;
  readonly #retention: Retention;
  #timer: Timer | undefined;
  #isStopped = false;
  #isRunning = false;

  constructor(state: ChannelState, host: HousekeepingHost) {
    this.#state = state;
    this.#host = host;
    this.#retention = new Retention(state, host.backlogs);
  }

  start(): void {
    this.#timer = this.#state.clock.setTimer(ROUND_MS, () => {
      void this.#round();
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  /** Something may be due before the next round. Cheap: for every publish. */
  look(): void {
    const { counters, config } = this.#state;
    if (counters.bytes > config.retentionBytes) void this.#round();
  }

  /** Never rejects. */
  async #round(): Promise<void> {
    if (this.#isRunning || !this.#mayGoOn()) return;
    this.#isRunning = true;
    this.#timer?.cancel();
    try {
      do {
        await this.#retention.run(() => this.#mayGoOn());
        await this.#each(() => this.#expireSeen());
        await this.#expireLetters();
        await this.#removeDropped();
        await this.#removeChannels();
        if (this.#mayGoOn()) this.#dropAbandoned();
        // Time went on meanwhile.
      } while (this.#mayGoOn() && this.#retention.isDue);
    } catch (error) {
      const { logger, name } = this.#state;
      logger.error({ err: error, channel: name }, 'housekeeping of a channel failed');
    }
    this.#isRunning = false;
    if (!this.#isStopped) this.start();
  }

  #mayGoOn(): boolean {
    return !this.#isStopped && this.#state.directory.isUsable;
  }

  /** Steps, each in a transaction of its own, until one has nothing left to do. */
  async #each(step: (batch: Batch) => number): Promise<void> {
    let done = STEP_MAX;
    while (done >= STEP_MAX && this.#mayGoOn()) {
      done = await written(this.#state.directory.writer, (batch) =>
        this.#state.isClosed ? 0 : step(batch),
      );
    }
  }

  #expireSeen(): number {
    const { tables, clock } = this.#state;
    return this.#host.seen.expire(tables, clock.now(), STEP_MAX);
  }

  /** Subscription by subscription: within one, letters are in order of time. */
  async #expireLetters(): Promise<void> {
    const { tables, number, counters } = this.#state;
    if (counters.letters === 0 || !this.#mayGoOn()) return;
    let { start } = letterRange(number);
    const { end } = letterRange(number);
    for (;;) {
      const [first] = keys(tables.letters, { start, end }, 1);
      if (first === undefined) return;
      const { subscription } = letterOf(first);
      await this.#each((batch) => this.#expireLettersOf(batch, subscription));
      if (!this.#mayGoOn()) return;
      start = afterLetters(number, subscription);
    }
  }

  #expireLettersOf(batch: Batch, subscription: string): number {
    const { clock, config, number, counters, tables } = this.#state;
    const beforeMs = clock.now() - config.deadLetterRetentionMs;
    const backlog = this.#host.backlogs.get(subscription);
    let count = 0;
    for (const { key, value } of pairs(
      tables.letters,
      letterRange(number, subscription),
      STEP_MAX,
    )) {
      if (letterStoredMs(value) >= beforeMs) break;
      void tables.letters.remove(key);
      count += 1;
      counters.letters -= 1;
      counters.letterBytes -= value.length;
    }
    if (count === 0) return 0;
    batch.touch(this.#state);
    if (backlog !== undefined) {
      backlog.counters.letters -= count;
      batch.touch(backlog);
    }
    this.#state.logger.info(
      { channel: this.#state.name, subscription, events: count },
      'dead letters removed by their retention',
    );
    return count;
  }

  /** Entries of subscriptions that were dropped; of any channel of the directory. */
  async #removeDropped(): Promise<void> {
    if (!this.#mayGoOn()) return;
    const { meta, entries } = this.#state.tables;
    for (const dropped of keys(meta, DROPPED, STEP_MAX)) {
      const number = numberOf(dropped);
      await this.#each(() => {
        const found = keys(entries, positionRange(number, 0), STEP_MAX);
        for (const key of found) void entries.remove(key);
        if (found.length < STEP_MAX) void meta.remove(droppedKey(number));
        return found.length;
      });
    }
  }

  /** Those of the directory that were removed, or that nobody opens. */
  async #removeChannels(): Promise<void> {
    const { directory, clock, logger } = this.#state;
    if (!directory.isLookDue(clock.monotonicMs(), ROUND_MS)) return;
    const mayGoOn = (): boolean => this.#mayGoOn();
    await forgetAbandoned(directory, clock.now(), logger, mayGoOn);
    await sweepRemoved(directory, mayGoOn);
  }

  #dropAbandoned(): void {
    const { clock, config, logger, name } = this.#state;
    const nowMs = clock.now();
    for (const backlog of this.#host.backlogs.values()) {
      if (backlog.hasReader) continue;
      const { detachedMs } = backlog.record;
      // A process that was killed could not say since when nobody reads it.
      if (detachedMs === undefined) backlog.setRecord({ ...backlog.record, detachedMs: nowMs });
      else if (nowMs - detachedMs > config.detachedMsMax) {
        const { id } = backlog;
        const events = this.#host.drop(id);
        backlog.telemetry.lost.add(events);
        logger.warn(
          { channel: name, subscription: id, events },
          'subscription that nobody reads was removed',
        );
      }
    }
  }
}
