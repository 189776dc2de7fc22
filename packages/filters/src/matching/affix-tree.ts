/**
 * All prefixes (or suffixes) wanted of one attribute, as a radix tree.
 *
 * An edge carries a piece of text; the way from the root to a node spells a prefix. Walking down along an
 * event's value meets every prefix of it in turn and stops at the first character nobody asked for, so the
 * cost follows the depth of the match and not the number of prefixes. Suffixes are the same from the other
 * end: pieces are kept as they are read, and compared at the end of what is left.
 *
 * Nothing is cut off or copied on the way. Positions are UTF-16 units, as in `startsWith`.
 */
import type { CloudEvent } from '@afflux/events';
import type { Bucket, Group } from './group.ts';
import { offerAll, removeFromBucket } from './group.ts';

interface TreeNode<T> {
  /** From the parent to here; never empty except in the root. */
  label: string;
  readonly bucket: Bucket<T>;
  /** By the unit of the label that is compared first. */
  readonly children: Map<number, TreeNode<T>>;
}

export type AffixSide = 'prefix' | 'suffix';

export class AffixTree<T> {
  readonly #side: AffixSide;
  #root: TreeNode<T>;

  constructor(side: AffixSide) {
    this.#side = side;
    this.#root = makeNode('');
  }

  get isEmpty(): boolean {
    return this.#root.children.size === 0 && this.#root.bucket.length === 0;
  }

  /** How many groups hang on exactly this affix. */
  sizeAt(affix: string): number {
    const way = this.#wayTo(affix);
    return way?.at(-1)?.bucket.length ?? 0;
  }

  add(affix: string, group: Group<T>): void {
    let node = this.#root;
    let rest = affix;
    while (rest !== '') {
      const first = this.#firstUnit(rest);
      const child = node.children.get(first);
      if (child === undefined) {
        const leaf = makeNode<T>(rest);
        node.children.set(first, leaf);
        node = leaf;
        break;
      }
      const shared = this.#sharedLength(child.label, rest);
      node = shared === child.label.length ? child : this.#split(node, child, shared);
      rest = this.#dropStart(rest, shared);
    }
    node.bucket.push(group);
  }

  remove(affix: string, group: Group<T>): void {
    const way = this.#wayTo(affix);
    const node = way?.at(-1);
    if (way === undefined || node === undefined) return;
    removeFromBucket(node.bucket, group);
    this.#prune(way);
  }

  /** Offers the event to every group whose affix the text has. */
  offer(text: string, event: CloudEvent, stamp: number, out: T[]): void {
    const isPrefix = this.#side === 'prefix';
    let node = this.#root;
    let matched = 0;
    for (;;) {
      if (node.bucket.length > 0) offerAll(node.bucket, event, stamp, out);
      if (matched === text.length || node.children.size === 0) return;
      const unit = text.charCodeAt(isPrefix ? matched : text.length - 1 - matched);
      const child = node.children.get(unit);
      if (child === undefined) return;
      const fits = isPrefix
        ? text.startsWith(child.label, matched)
        : text.endsWith(child.label, text.length - matched);
      if (!fits) return;
      matched += child.label.length;
      node = child;
    }
  }

  /** The nodes from the root to the one that spells the affix; undefined when there is none. */
  #wayTo(affix: string): TreeNode<T>[] | undefined {
    const way = [this.#root];
    let node = this.#root;
    let rest = affix;
    while (rest !== '') {
      const child = node.children.get(this.#firstUnit(rest));
      if (child === undefined) return undefined;
      if (this.#sharedLength(child.label, rest) < child.label.length) return undefined;
      rest = this.#dropStart(rest, child.label.length);
      way.push(child);
      node = child;
    }
    return way;
  }

  /** Puts a node in the middle of an edge, and returns it. */
  #split(parent: TreeNode<T>, child: TreeNode<T>, at: number): TreeNode<T> {
    const middle = makeNode<T>(this.#takeStart(child.label, at));
    child.label = this.#dropStart(child.label, at);
    middle.children.set(this.#firstUnit(child.label), child);
    parent.children.set(this.#firstUnit(middle.label), middle);
    return middle;
  }

  /** From the end of the way up: nodes that serve nothing go, and those that only connect are joined. */
  #prune(way: readonly TreeNode<T>[]): void {
    for (let at = way.length - 1; at > 0; at -= 1) {
      const node = way[at] as TreeNode<T>;
      const parent = way[at - 1] as TreeNode<T>;
      if (node.bucket.length > 0 || node.children.size > 1) return;
      const [only] = node.children.values();
      const first = this.#firstUnit(node.label);
      if (only === undefined) {
        parent.children.delete(first);
      } else {
        only.label = this.#side === 'prefix' ? node.label + only.label : only.label + node.label;
        parent.children.set(first, only);
        return;
      }
    }
  }

  #firstUnit(label: string): number {
    return label.charCodeAt(this.#side === 'prefix' ? 0 : label.length - 1);
  }

  #takeStart(label: string, length: number): string {
    return this.#side === 'prefix' ? label.slice(0, length) : label.slice(label.length - length);
  }

  #dropStart(label: string, length: number): string {
    return this.#side === 'prefix' ? label.slice(length) : label.slice(0, label.length - length);
  }

  #sharedLength(a: string, b: string): number {
    const max = Math.min(a.length, b.length);
    const isPrefix = this.#side === 'prefix';
    let length = 0;
    while (length < max) {
      const atA = isPrefix ? length : a.length - 1 - length;
      const atB = isPrefix ? length : b.length - 1 - length;
      if (a.charCodeAt(atA) !== b.charCodeAt(atB)) break;
      length += 1;
    }
    return length;
  }
}

function makeNode<T>(label: string): TreeNode<T> {
  return { label, bucket: [], children: new Map() };
}
