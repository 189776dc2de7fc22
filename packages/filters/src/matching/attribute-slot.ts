/** Everything the index wants to know of one attribute: exact values, prefixes, suffixes, presence. */
import type { CloudEvent } from '@afflux/events';
import type { AttributeReader } from '../attribute.ts';
import type { AccessKey } from './access-plan.ts';
import { AffixTree } from './affix-tree.ts';
import type { Bucket, Group } from './group.ts';
import { offerAll, removeFromBucket } from './group.ts';

export class AttributeSlot<T> {
  readonly reader: AttributeReader;
  readonly #exact = new Map<string, Bucket<T>>();
  readonly #prefixes = new AffixTree<T>('prefix');
  readonly #suffixes = new AffixTree<T>('suffix');
  readonly #present: Bucket<T> = [];

  constructor(reader: AttributeReader) {
    this.reader = reader;
  }

  get isEmpty(): boolean {
    return (
      this.#exact.size === 0 &&
      this.#present.length === 0 &&
      this.#prefixes.isEmpty &&
      this.#suffixes.isEmpty
    );
  }

  /** How many groups the key leads to. */
  sizeAt(key: AccessKey): number {
    switch (key.kind) {
      case 'exact':
        return this.#exact.get(key.value)?.length ?? 0;
      case 'prefix':
        return this.#prefixes.sizeAt(key.value);
      case 'suffix':
        return this.#suffixes.sizeAt(key.value);
      case 'present':
        return this.#present.length;
    }
  }

  add(key: AccessKey, group: Group<T>): void {
    switch (key.kind) {
      case 'exact': {
        const bucket = this.#exact.get(key.value);
        if (bucket === undefined) this.#exact.set(key.value, [group]);
        else bucket.push(group);
        return;
      }
      case 'prefix':
        this.#prefixes.add(key.value, group);
        return;
      case 'suffix':
        this.#suffixes.add(key.value, group);
        return;
      case 'present':
        this.#present.push(group);
        return;
    }
  }

  remove(key: AccessKey, group: Group<T>): void {
    switch (key.kind) {
      case 'exact': {
        const bucket = this.#exact.get(key.value) ?? [];
        removeFromBucket(bucket, group);
        if (bucket.length === 0) this.#exact.delete(key.value);
        return;
      }
      case 'prefix':
        this.#prefixes.remove(key.value, group);
        return;
      case 'suffix':
        this.#suffixes.remove(key.value, group);
        return;
      case 'present':
        removeFromBucket(this.#present, group);
        return;
    }
  }

  /** Offers the event to every group with a key that the attribute's text meets. */
  offer(event: CloudEvent, stamp: number, out: T[]): void {
    const text = this.reader.text(event);
    if (text === undefined) return;
    const bucket = this.#exact.get(text);
    if (bucket !== undefined) offerAll(bucket, event, stamp, out);
    if (this.#present.length > 0) offerAll(this.#present, event, stamp, out);
    if (!this.#prefixes.isEmpty) this.#prefixes.offer(text, event, stamp, out);
    if (!this.#suffixes.isEmpty) this.#suffixes.offer(text, event, stamp, out);
  }
}
