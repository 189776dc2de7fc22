/**
 * The world as a watch tells it. Replays every change over what it knows, says at once what cannot be (a change of
 * what is not there, versions that go back), and at the end whether it is the world that a list shows.
 */
import type { Seen, SeenList } from './api-client.ts';
import type { WatchEvent } from './watch-stream.ts';

const PROBLEMS_MAX = 20;

function keyOf({ metadata }: Seen): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}

function contentOf(object: Seen): string {
  return JSON.stringify(object);
}

export class Replay {
  readonly #objects = new Map<string, Seen>();
  readonly problems: string[] = [];
  events = 0;
  /** Version up to which everything is known. */
  version = 0;

  /** Begins anew with a list. */
  reset({ items, metadata }: SeenList): void {
    this.#objects.clear();
    for (const item of items) this.#objects.set(keyOf(item), item);
    this.version = Number(metadata.resourceVersion);
  }

  /** Takes the next event of a watch; an ERROR is the caller's to handle. */
  take({ type, object }: WatchEvent): void {
    if (type === 'ERROR') return;
    this.events += 1;
    const version = Number(object.metadata.resourceVersion);
    // A bookmark may repeat the version of the change before it.
    const isNext = type === 'BOOKMARK' ? version >= this.version : version > this.version;
    if (!isNext) this.#complain(`${type} ${String(version)} after ${String(this.version)}`);
    this.version = version;
    if (type === 'BOOKMARK') return;
    const key = keyOf(object);
    const known = this.#objects.get(key);
    if (type === 'ADDED') {
      if (known !== undefined) this.#complain(`${key} was added twice`);
    } else if (known === undefined) this.#complain(`${type} ${key}, which is not there`);
    else if (known.metadata.uid !== object.metadata.uid) this.#complain(`${key} has another uid`);
    if (type === 'DELETED') this.#objects.delete(key);
    else this.#objects.set(key, object);
  }

  #complain(problem: string): void {
    if (this.problems.length < PROBLEMS_MAX) this.problems.push(problem);
  }

  /** What is wrong with this world, when a list shows the real one. */
  differences({ items }: Pick<SeenList, 'items'>): string[] {
    const differences: string[] = [];
    const left = new Map(this.#objects);
    for (const item of items) {
      const key = keyOf(item);
      const known = left.get(key);
      left.delete(key);
      if (known === undefined) differences.push(`${key} is missing`);
      else if (contentOf(known) !== contentOf(item)) differences.push(`${key} is old`);
    }
    for (const key of left.keys()) differences.push(`${key} is no more`);
    return differences.slice(0, PROBLEMS_MAX);
  }
}
