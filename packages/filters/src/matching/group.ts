/**
 * All triggers with one and the same filter, as one thing to find and to check.
 *
 * A group that can be found by several keys is offered several times for one event; the stamp of the event
 * makes it answer once.
 */
import type { CloudEvent } from '@afflux/events';
import type { Predicate } from '../predicate.ts';
import type { AccessKey, AccessPlan } from './access-plan.ts';

export interface Entry<T> {
  readonly key: string;
  readonly group: Group<T>;
  value: T;
  /** Place in the group's list. */
  at: number;
}

export class Group<T> {
  /** Of the filter that all members have. */
  readonly filterKey: string;
  /** Undefined: not found by keys, but tested for each event. */
  readonly keys: readonly AccessKey[] | undefined;
  readonly #residual: Predicate | undefined;
  readonly #isOfferedOnce: boolean;
  readonly #entries: Entry<T>[] = [];
  /** The last event that this group was offered. */
  stamp = 0;

  constructor(predicate: Predicate, plan: AccessPlan | undefined) {
    this.filterKey = predicate.key;
    this.keys = plan?.keys;
    this.#residual = plan === undefined ? predicate : plan.residual;
    this.#isOfferedOnce = plan === undefined || plan.keys.length === 1;
  }

  get size(): number {
    return this.#entries.length;
  }

  add(key: string, value: T): Entry<T> {
    const entry: Entry<T> = { key, group: this, value, at: this.#entries.length };
    this.#entries.push(entry);
    return entry;
  }

  /** The last entry takes the place of the one removed. */
  remove(entry: Entry<T>): void {
    const last = this.#entries.pop();
    if (last === undefined || last === entry) return;
    this.#entries[entry.at] = last;
    last.at = entry.at;
  }

  /** The event has met a key of this group: appends the members if the rest of the filter agrees. */
  offer(event: CloudEvent, stamp: number, out: T[]): void {
    if (!this.#isOfferedOnce) {
      if (this.stamp === stamp) return;
      this.stamp = stamp;
    }
    if (this.#residual !== undefined && !this.#residual.test(event)) return;
    const entries = this.#entries;
    for (let at = 0; at < entries.length; at += 1) out.push((entries[at] as Entry<T>).value);
  }
}

/** Groups that one key leads to. */
export type Bucket<T> = Group<T>[];

export function offerAll<T>(bucket: Bucket<T>, event: CloudEvent, stamp: number, out: T[]): void {
  for (let at = 0; at < bucket.length; at += 1) (bucket[at] as Group<T>).offer(event, stamp, out);
}

/** Order in a bucket means nothing, so the last one fills the gap. */
export function removeFromBucket<T>(bucket: Bucket<T>, group: Group<T>): void {
  const at = bucket.indexOf(group);
  if (at < 0) return;
  const last = bucket.pop();
  if (last !== undefined && last !== group) bucket[at] = last;
}
