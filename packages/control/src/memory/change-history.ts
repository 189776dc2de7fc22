/**
 * The latest changes of one kind, so that a watch can begin in the past. At most `lengthMax` are reachable;
 * what is older is forgotten, and asking for it is answered with undefined.
 *
 * The array may grow to twice its bound before the front is cut off, so that appending is cheap on average.
 */
import type { ApiObject } from '@afflux/resources';

/** A change with what was before it. */
export interface RecordedChange {
  readonly version: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: ApiObject;
  readonly previous: ApiObject | undefined;
}

export class ChangeHistory {
  readonly #lengthMax: number;
  #changes: RecordedChange[] = [];
  #forgottenVersion: number;

  /** Nothing is known of what happened up to `version`. */
  constructor(lengthMax: number, version = 0) {
    this.#lengthMax = lengthMax;
    this.#forgottenVersion = version;
  }

  append(change: RecordedChange): void {
    this.#changes.push(change);
    if (this.#changes.length <= this.#lengthMax) return;
    const forgotten = this.#changes.at(-this.#lengthMax - 1);
    this.#forgottenVersion = forgotten?.version ?? this.#forgottenVersion;
    if (this.#changes.length >= this.#lengthMax * 2) {
      this.#changes = this.#changes.slice(-this.#lengthMax);
    }
  }

  /** The version before the oldest change that is still known. */
  get forgottenVersion(): number {
    return this.#forgottenVersion;
  }

  /** Every change after `version`, oldest first; undefined when some of them are forgotten. */
  since(version: number): RecordedChange[] | undefined {
    if (version < this.#forgottenVersion) return undefined;
    let first = this.#changes.length;
    while ((this.#changes[first - 1]?.version ?? 0) > version) first -= 1;
    return this.#changes.slice(first);
  }
}
