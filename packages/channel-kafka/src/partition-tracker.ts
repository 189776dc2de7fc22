/**
 * What is known of one partition of one group: where the next fetch begins, and which of the records before that
 * are not done. Everything below the commit point is done, whatever order it was done in:
 *
 *     commitPoint = the lowest record that is held, or nextFetch when none is
 *
 * Offsets that are never handed out (markers of transactions, compacted records) need no care: they lie between
 * held records or below nextFetch.
 */
export class PartitionTracker<T> {
  /** By offset, lowest first: records arrive in that order. */
  readonly #held = new Map<number, T>();
  #nextFetch: number;

  constructor(nextFetch: number) {
    this.#nextFetch = nextFetch;
  }

  get nextFetch(): number {
    return this.#nextFetch;
  }

  get commitPoint(): number {
    for (const offset of this.#held.keys()) return offset;
    return this.#nextFetch;
  }

  get size(): number {
    return this.#held.size;
  }

  /** How far the reading is ahead of the commit point. */
  get window(): number {
    return this.#nextFetch - this.commitPoint;
  }

  /** Whether the record is new here; one that was read before is ignored. */
  isNew(offset: number): boolean {
    return offset >= this.#nextFetch;
  }

  hold(offset: number, item: T): void {
    this.#held.set(offset, item);
    this.#nextFetch = offset + 1;
  }

  /** Everything before this offset has been read. */
  passed(nextFetch: number): void {
    this.#nextFetch = Math.max(this.#nextFetch, nextFetch);
  }

  /** False: it was not held. */
  done(offset: number): boolean {
    return this.#held.delete(offset);
  }

  get(offset: number): T | undefined {
    return this.#held.get(offset);
  }

  /** Of what is held, lowest first. */
  offsets(): IterableIterator<number> {
    return this.#held.keys();
  }

  /** Lowest offset first. */
  items(): IterableIterator<T> {
    return this.#held.values();
  }
}
