/**
 * The latest changes of one kind, so that a watch can begin in the past. At most `lengthMax` are reachable, and fewer
 * when their objects are large; what is older is forgotten, and asking for it is answered with undefined.
 *
 * Slots of forgotten changes are emptied at once and cut off later, so that appending is cheap on average.
 */
import type { ApiObject } from '@afflux/resources';

/** A change with what was before it. */
export interface RecordedChange {
  readonly version: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: ApiObject;
  readonly previous: ApiObject | undefined;
  /** About how much memory the object takes. */
  readonly bytes: number;
}

export interface HistoryBounds {
  /** Changes. */
  readonly lengthMax: number;
  /** Of all their objects together; the latest change is kept whatever it takes. */
  readonly bytesMax: number;
}

export class ChangeHistory {
  readonly #bounds: HistoryBounds;
  #changes: (RecordedChange | undefined)[] = [];
  /** Index of the oldest change that is still known. */
  #first = 0;
  #bytes = 0;
  #forgottenVersion: number;

  /** Nothing is known of what happened up to `version`. */
  constructor(bounds: HistoryBounds, version = 0) {
    this.#bounds = bounds;
    this.#forgottenVersion = version;
  }

  append(change: RecordedChange): void {
    this.#changes.push(change);
    this.#bytes += change.bytes;
    const { lengthMax, bytesMax } = this.#bounds;
    while (this.#length > lengthMax || (this.#bytes > bytesMax && this.#length > 1)) {
      this.#forgetFirst();
    }
    if (this.#first < lengthMax) return;
    this.#changes = this.#changes.slice(this.#first);
    this.#first = 0;
  }

  /** The version before the oldest change that is still known. */
  get forgottenVersion(): number {
    return this.#forgottenVersion;
  }

  /** Every change after `version`, oldest first; undefined when some of them are forgotten. */
  since(version: number): RecordedChange[] | undefined {
    if (version < this.#forgottenVersion) return undefined;
    const found: RecordedChange[] = [];
    for (let index = this.#changes.length - 1; index >= this.#first; index -= 1) {
      const change = this.#changes[index];
      if (change === undefined || change.version <= version) break;
      found.push(change);
    }
    return found.reverse();
  }

  get #length(): number {
    return this.#changes.length - this.#first;
  }

  #forgetFirst(): void {
    const forgotten = this.#changes[this.#first];
    this.#changes[this.#first] = undefined;
    this.#first += 1;
    this.#bytes -= forgotten?.bytes ?? 0;
    this.#forgottenVersion = forgotten?.version ?? this.#forgottenVersion;
  }
}
