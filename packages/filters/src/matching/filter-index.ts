/**
 * All filters of a broker as one structure, so that the cost of an event follows the number of triggers it
 * matches and not the number there are.
 *
 * Filters are turned around: instead of asking each filter about the event, the event's attributes are looked
 * up in what the filters want (attribute → value → groups, see `access-plan.ts`). What is found is a
 * candidate, and only the part of its filter that the look-up did not answer is tested. Triggers with equal
 * filters are one group, found and tested once. Filters that cannot be looked up are tested for each event.
 *
 * `set` and `delete` change the index in place and cost about as much as the filter is large. `match` allocates
 * nothing of its own.
 */
import type { CloudEvent } from '@afflux/events';
import type { AttributeReader } from '../attribute.ts';
import type { CompiledFilter } from '../compile.ts';
import type { Predicate } from '../predicate.ts';
import type { AccessKey } from './access-plan.ts';
import { planAccess } from './access-plan.ts';
import { AttributeSlot } from './attribute-slot.ts';
import type { Bucket, Entry } from './group.ts';
import { Group, offerAll, removeFromBucket } from './group.ts';

/** With more attributes than this in use, those of the event are looked up instead of the other way round. */
const SLOTS_ASKED_MAX = 16;

/** Stamps stay small integers, which engines keep unboxed. */
const STAMP_MAX = 2 ** 30 - 1;

/** How many candidates a look-up of this kind brings, compared to one of an exact value. */
const KIND_WEIGHTS: Readonly<Record<AccessKey['kind'], number>> = {
  exact: 1,
  prefix: 4,
  suffix: 4,
  present: 50,
};

/** Attributes of which few values are in use, so that to look one up narrows little. Others weigh 1. */
const ATTRIBUTE_WEIGHTS: ReadonlyMap<string, number> = new Map([
  ['specversion', 1000],
  ['datacontenttype', 100],
  ['datamediatype', 100],
]);

/** What the index consists of, for operators and tests. */
export interface FilterIndexDescription {
  /** Different filters among the triggers. */
  readonly filters: number;
  /** Filters among these that are tested for each event. */
  readonly scanned: number;
  /** Attributes that are looked up. */
  readonly attributes: readonly string[];
}

/** Finds the values whose filters an event passes. */
export class FilterIndex<T> {
  readonly #entries = new Map<string, Entry<T>>();
  readonly #groups = new Map<string, Group<T>>();
  readonly #slots = new Map<string, AttributeSlot<T>>();
  /** The values of `#slots`, and those of them that are not found by an attribute's name. */
  readonly #slotList: AttributeSlot<T>[] = [];
  readonly #aliasList: AttributeSlot<T>[] = [];
  readonly #scanned: Bucket<T> = [];
  #stamp = 0;

  /** Triggers in the index. */
  get size(): number {
    return this.#entries.size;
  }

  /** Adds a trigger, or replaces the one with this key. */
  set(key: string, filter: CompiledFilter, value: T): void {
    const { predicate } = filter;
    const existing = this.#entries.get(key);
    if (existing?.group.filterKey === predicate.key) {
      existing.value = value;
      return;
    }
    this.delete(key);
    const group = this.#groups.get(predicate.key) ?? this.#addGroup(predicate);
    this.#entries.set(key, group.add(key, value));
  }

  /** False when there was no such key. */
  delete(key: string): boolean {
    const entry = this.#entries.get(key);
    if (entry === undefined) return false;
    this.#entries.delete(key);
    entry.group.remove(entry);
    if (entry.group.size === 0) this.#removeGroup(entry.group);
    return true;
  }

  /** Appends the value of each trigger whose filter the event passes: each once, in no order. */
  match(event: CloudEvent, out: T[]): void {
    const stamp = this.#nextStamp();
    offerAll(this.#scanned, event, stamp, out);
    if (this.#slotList.length <= SLOTS_ASKED_MAX) {
      for (const slot of this.#slotList) slot.offer(event, stamp, out);
      return;
    }
    for (const slot of this.#aliasList) slot.offer(event, stamp, out);
    for (const name of event.names()) this.#slots.get(name)?.offer(event, stamp, out);
  }

  describe(): FilterIndexDescription {
    return {
      filters: this.#groups.size,
      scanned: this.#scanned.length,
      attributes: this.#slotList.map(({ reader }) => reader.name),
    };
  }

  #addGroup(predicate: Predicate): Group<T> {
    const plan = planAccess(predicate, (key) => this.#costOf(key));
    const group = new Group<T>(predicate, plan);
    this.#groups.set(predicate.key, group);
    if (group.keys === undefined) this.#scanned.push(group);
    else for (const key of group.keys) this.#slotFor(key.reader).add(key, group);
    return group;
  }

  #removeGroup(group: Group<T>): void {
    this.#groups.delete(group.filterKey);
    if (group.keys === undefined) removeFromBucket(this.#scanned, group);
    else for (const key of group.keys) this.#removeKey(key, group);
  }

  #removeKey(key: AccessKey, group: Group<T>): void {
    const slot = this.#slotFor(key.reader);
    slot.remove(key, group);
    if (!slot.isEmpty) return;
    this.#slots.delete(key.reader.id);
    this.#slotList.splice(this.#slotList.indexOf(slot), 1);
    if (!key.reader.isPlain) this.#aliasList.splice(this.#aliasList.indexOf(slot), 1);
  }

  #slotFor(reader: AttributeReader): AttributeSlot<T> {
    const existing = this.#slots.get(reader.id);
    if (existing !== undefined) return existing;
    const slot = new AttributeSlot<T>(reader);
    this.#slots.set(reader.id, slot);
    this.#slotList.push(slot);
    if (!reader.isPlain) this.#aliasList.push(slot);
    return slot;
  }

  /** Adapts to what is there: a value that many filters share is a poor way to find one of them. */
  #costOf(key: AccessKey): number {
    const { id, name } = key.reader;
    const crowd = this.#slots.get(id)?.sizeAt(key) ?? 0;
    return (crowd + 1) * KIND_WEIGHTS[key.kind] * (ATTRIBUTE_WEIGHTS.get(name) ?? 1);
  }

  #nextStamp(): number {
    this.#stamp += 1;
    if (this.#stamp > STAMP_MAX) {
      for (const group of this.#groups.values()) group.stamp = 0;
      this.#stamp = 1;
    }
    return this.#stamp;
  }
}
