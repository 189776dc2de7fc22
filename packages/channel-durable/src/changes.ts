/**
 * What is to be written about the entries of one backlog, gathered until the next transaction takes it: the last
 * word about a position counts. A transaction that fails gives back what it took, under what came since.
 */
import type { Table } from '@afflux/data-directory';
import { positionKey } from './keys.ts';

/** The new value of an entry; undefined: it is removed. */
type Change = Buffer | undefined;

export class EntryChanges {
  #next = new Map<number, Change>();
  #writing = new Map<number, Change>();

  /** Not durable yet. */
  get size(): number {
    return this.#next.size + this.#writing.size;
  }

  set(position: number, value: Buffer): void {
    this.#next.set(position, value);
  }

  remove(position: number): void {
    this.#next.set(position, undefined);
  }

  /** Nothing is left to be said of the entry: another work removes it. */
  forget(position: number): void {
    this.#next.delete(position);
  }

  /** Whether the entry is gone as soon as what was said of it is written. */
  isRemoved(position: number): boolean {
    for (const changes of [this.#next, this.#writing]) {
      if (changes.has(position)) return changes.get(position) === undefined;
    }
    return false;
  }

  write(entries: Table, subscription: number): void {
    this.#writing = this.#next;
    this.#next = new Map();
    for (const [position, value] of this.#writing) {
      const key = positionKey(subscription, position);
      if (value === undefined) void entries.remove(key);
      else void entries.put(key, value);
    }
  }

  committed(): void {
    this.#writing.clear();
  }

  failed(): void {
    for (const [position, value] of this.#writing) {
      if (!this.#next.has(position)) this.#next.set(position, value);
    }
    this.#writing = new Map();
  }

  clear(): void {
    this.#next.clear();
  }
}
