/**
 * Which records this process has finished in partitions that it does not own at present. A commit may fail just when a
 * partition is lost, because the server is away; who gets the partition back then need not deliver again what it has
 * delivered. Finished is finished, whoever owned the partition meanwhile.
 */
interface Notes {
  /** Everything below this was read. */
  readonly readTo: number;
  /** And of that, these were not finished. */
  readonly open: ReadonlySet<number>;
}

export class DoneMemory {
  readonly #notes = new Map<string, Notes>();

  /** A partition goes: `open` are the offsets below `readTo` that are not finished. */
  remember(key: string, readTo: number, open: Iterable<number>): void {
    const before = this.#notes.get(key);
    const notFinished = new Set(open);
    if (before === undefined || before.readTo <= readTo) {
      this.#notes.set(key, { readTo, open: notFinished });
      return;
    }
    // It went again before everything that was finished earlier was passed over.
    for (const offset of before.open) if (offset >= readTo) notFinished.add(offset);
    this.#notes.set(key, { readTo: before.readTo, open: notFinished });
  }

  /** For a partition that came back: whether a record was finished here. */
  recall(key: string): (offset: number) => boolean {
    const notes = this.#notes.get(key);
    if (notes === undefined) return () => false;
    return (offset) => offset < notes.readTo && !notes.open.has(offset);
  }

  forget(key: string): void {
    this.#notes.delete(key);
  }
}
