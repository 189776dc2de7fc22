/** A binary heap: the smallest item first, by a comparison given once. Push and pop cost O(log n). */

export class Heap<T> {
  readonly #isBefore: (left: T, right: T) => boolean;
  readonly #items: T[] = [];

  constructor(isBefore: (left: T, right: T) => boolean) {
    this.#isBefore = isBefore;
  }

  get size(): number {
    return this.#items.length;
  }

  /** The smallest item without taking it. */
  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    this.#items.push(item);
    this.#rise(item, this.#items.length - 1);
  }

  /** Takes the smallest item. */
  pop(): T | undefined {
    const top = this.#items[0];
    const last = this.#items.pop();
    if (last !== undefined && this.#items.length > 0) this.#sink(last);
    return top;
  }

  /** Takes every item, smallest first. */
  drain(): T[] {
    const items: T[] = [];
    for (let item = this.pop(); item !== undefined; item = this.pop()) items.push(item);
    return items;
  }

  clear(): void {
    this.#items.length = 0;
  }

  #rise(item: T, from: number): void {
    const items = this.#items;
    let hole = from;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      const above = items[parent] as T;
      if (!this.#isBefore(item, above)) break;
      items[hole] = above;
      hole = parent;
    }
    items[hole] = item;
  }

  /** Puts the item at the top, which is free, and lets it sink to its place. */
  #sink(item: T): void {
    const items = this.#items;
    const size = items.length;
    let hole = 0;
    for (let child = 1; child < size; child = 2 * hole + 1) {
      const sibling = child + 1;
      if (sibling < size && this.#isBefore(items[sibling] as T, items[child] as T)) child = sibling;
      const below = items[child] as T;
      if (!this.#isBefore(below, item)) break;
      items[hole] = below;
      hole = child;
    }
    items[hole] = item;
  }
}
