/**
 * A channel's counters and what all its parts share. The counters are changed by works while they write, and
 * written at the end of the same transaction; a work that fails takes its changes back.
 */
import type { ChannelTelemetry } from '@afflux/channels/driver';
import type { Participant } from '@afflux/data-directory';
import type { Clock, Logger, OnStep, Random } from '@afflux/kernel';
import type { DurableConfig } from './config.ts';
import type { ChannelDirectory } from './channel-directory.ts';
import { channelCountersKey } from './keys.ts';
import { type ChannelCounters, encodeCounters } from './records.ts';
import type { Tables } from './tables.ts';

export interface ChannelStateOptions {
  readonly name: string;
  readonly number: number;
  readonly directory: ChannelDirectory;
  readonly counters: ChannelCounters;
  readonly config: DurableConfig;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly telemetry: ChannelTelemetry;
  readonly onStep: OnStep | undefined;
}

/** A clock that was put back by more than this is believed; by less, times go on from the last one given. */
const BACKWARDS_MS_MAX = 24 * 3_600_000;

export class ChannelState implements Participant {
  readonly name: string;
  readonly number: number;
  readonly directory: ChannelDirectory;
  readonly counters: ChannelCounters;
  config: DurableConfig;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly telemetry: ChannelTelemetry;
  readonly onStep: OnStep | undefined;
  /** What was not written by then is done again by the next channel of this name. */
  isClosed = false;

  constructor(options: ChannelStateOptions) {
    this.name = options.name;
    this.number = options.number;
    this.directory = options.directory;
    this.counters = options.counters;
    this.config = options.config;
    this.clock = options.clock;
    this.random = options.random;
    this.logger = options.logger;
    this.telemetry = options.telemetry;
    this.onStep = options.onStep;
  }

  get tables(): Tables {
    return this.directory.tables;
  }

  /** The time given to an event accepted now: it never goes back with the positions, so that both can be searched. */
  acceptTime(): number {
    const { counters } = this;
    const nowMs = this.clock.now();
    const lastMs = counters.lastAcceptedMs;
    counters.lastAcceptedMs = lastMs - nowMs < BACKWARDS_MS_MAX ? Math.max(lastMs, nowMs) : nowMs;
    return counters.lastAcceptedMs;
  }

  writeCounters(): void {
    if (this.isClosed) return;
    void this.tables.meta.put(channelCountersKey(this.number), encodeCounters(this.counters));
  }
}
