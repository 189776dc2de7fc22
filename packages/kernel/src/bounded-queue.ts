/**
 * First in, first out, never longer than its bound. A ring in an array that doubles up to the bound, so that
 * an idle queue costs nothing and a full one never shifts its items.
 */
import { strict as assert } from 'node:assert';

/** Slots kept when the queue runs empty; a longer ring is given back. */
const SLOTS_KEPT = 1024;
const SLOTS_MIN = 16;

/** A queue that refuses instead of growing beyond its bound. Every operation takes constant (amortised) time. */
export class BoundedQueue<T> {
  readonly lengthMax: number;
  #slots: (T | undefined)[];
  #head = 0;
  #length = 0;

  /** `lengthMax` is a positive integer. */
  constructor(lengthMax: number) {
    assert(Number.isInteger(lengthMax) && lengthMax > 0, 'lengthMax must be a positive integer');
    this.lengthMax = lengthMax;
    this.#slots = new Array<T | undefined>(Math.min(SLOTS_MIN, lengthMax));
  }

  get length(): number {
    return this.#length;
  }

  get isFull(): boolean {
    return this.#length === this.lengthMax;
  }

  /** Adds at the end; false, and nothing changes, when full. */
  push(item: T): boolean {
    if (this.#length === this.lengthMax) return false;
    if (this.#length === this.#slots.length) this.#grow();
    this.#slots[(this.#head + this.#length) % this.#slots.length] = item;
    this.#length += 1;
    return true;
  }

  /** Takes from the front; undefined when empty (an item that is itself undefined looks the same). */
  shift(): T | undefined {
    if (this.#length === 0) return undefined;
    const item = this.#slots[this.#head];
    this.#slots[this.#head] = undefined;
    this.#head = (this.#head + 1) % this.#slots.length;
    this.#length -= 1;
    if (this.#length === 0 && this.#slots.length > SLOTS_KEPT) this.clear();
    return item;
  }

  /** The front item without taking it. */
  peek(): T | undefined {
    return this.#length === 0 ? undefined : this.#slots[this.#head];
  }

  /** Forgets every item. */
  clear(): void {
    this.#slots = new Array<T | undefined>(Math.min(SLOTS_MIN, this.lengthMax));
    this.#head = 0;
    this.#length = 0;
  }

  #grow(): void {
    const grown = new Array<T | undefined>(Math.min(this.#slots.length * 2, this.lengthMax));
    for (let index = 0; index < this.#length; index += 1) {
      grown[index] = this.#slots[(this.#head + index) % this.#slots.length];
    }
    this.#slots = grown;
    this.#head = 0;
  }
}
