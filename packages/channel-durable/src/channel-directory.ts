/**
 * What all durable channels of a data directory have in common, whatever driver made them: their tables, the numbers
 * given to channels and subscriptions, and which channels are open or forgotten.
 */
import type { DataDirectory, TroubleListener, Writer } from '@afflux/data-directory';
import { NEXT_NUMBER_KEY } from './keys.ts';
import { decodeCounters, encodeCounters } from './records.ts';
import { openTables, type Tables } from './tables.ts';

export class ChannelDirectory {
  readonly tables: Tables;
  readonly writer: Writer;
  readonly #directory: DataDirectory;
  readonly #numbers: { next: number };
  /** Numbers of channels that somebody has open. */
  readonly #open = new Set<number>();
  /** Numbers of channels that are being forgotten, or are. */
  readonly #forgotten = new Set<number>();
  #lookedMs = -Infinity;

  /** By {@link channelDirectory}. */
  constructor(directory: DataDirectory) {
    this.#directory = directory;
    this.writer = directory.writer;
    this.tables = openTables(directory);
    this.#numbers = decodeCounters(this.tables.meta.get(NEXT_NUMBER_KEY), { next: 1 });
  }

  /** The first of two numbers that nothing ever had. To be written with {@link writeNumbers}. */
  newNumber(): number {
    const number = this.#numbers.next;
    this.#numbers.next += 2;
    return number;
  }

  /** In the transaction that writes something under a new number. */
  writeNumbers(): void {
    void this.tables.meta.put(NEXT_NUMBER_KEY, encodeCounters(this.#numbers));
  }

  /** For what goes on in the background: the directory can be written, and nobody is closing it. */
  get isUsable(): boolean {
    return this.#directory.isUsable;
  }

  /** One of the open channels looks after all others: true once in so long, for whoever asks first. */
  isLookDue(monotonicMs: number, everyMs: number): boolean {
    if (monotonicMs - this.#lookedMs < everyMs) return false;
    this.#lookedMs = monotonicMs;
    return true;
  }

  /** Channels that are open are neither swept nor given up. */
  isOpen(channel: number): boolean {
    return this.#open.has(channel);
  }

  setOpen(channel: number, isOpen: boolean): void {
    if (isOpen) this.#open.add(channel);
    else this.#open.delete(channel);
  }

  /** Whoever opens a channel under the name of a forgotten one gets a number of its own. */
  isForgotten(channel: number): boolean {
    return this.#forgotten.has(channel);
  }

  setForgotten(channel: number, isForgotten: boolean): void {
    if (isForgotten) this.#forgotten.add(channel);
    else this.#forgotten.delete(channel);
  }

  listen(listener: TroubleListener): void {
    this.#directory.listen(listener);
  }

  unlisten(listener: TroubleListener): void {
    this.#directory.unlisten(listener);
  }
}

/** One for each directory: two would give the same numbers. */
export function channelDirectory(directory: DataDirectory): ChannelDirectory {
  return directory.shared(make);
}

function make(directory: DataDirectory): ChannelDirectory {
  return new ChannelDirectory(directory);
}
