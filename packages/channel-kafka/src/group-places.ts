/** Where a group stands in the partitions of the events' topic, as far as this process knows. */
import type { OwnedPartition } from './owned-partition.ts';

export class GroupPlaces {
  readonly #places = new Map<number, number>();

  set(partition: number, offset: number): void {
    this.#places.set(partition, offset);
  }

  /**
   * Records that were written up to `ends` and that this member has not read: of the partitions it owns, and of all
   * of them while it has none, as before it has joined.
   */
  unread(owned: readonly OwnedPartition[], ends: ReadonlyMap<number, number>): number {
    let total = 0;
    for (const { partition, endOffset, tracker } of owned) {
      const end = Math.max(endOffset, ends.get(partition) ?? 0);
      total += Math.max(0, end - (tracker?.nextFetch ?? this.#of(partition, end)));
    }
    if (owned.length > 0) return total;
    for (const [partition, end] of ends) total += Math.max(0, end - this.#of(partition, end));
    return total;
  }

  #of(partition: number, otherwise: number): number {
    return this.#places.get(partition) ?? otherwise;
  }
}
