/**
 * What writers asked for and what they were told, and whether a server that was killed and started again has kept
 * its word: every acknowledged write is there, or a later one is; nothing is half written; nothing was never asked
 * for.
 *
 * Keys of one writer are written one write at a time, so after a crash there are at most two states to find: before
 * and after the write that was on its way. Shared keys are patched by all writers; which write is the later one is
 * what the versions say.
 */
import { createHash } from 'node:crypto';
import type { Random } from '@afflux/kernel';
import type { Seen, SeenList } from './api-client.ts';

/** Longest filling of an object. */
const FILLING_MAX = 40_000;

/** The state of a key: what it holds and as which object, undefined where there is none. */
export interface State {
  readonly value: string;
  /** Known when the server has said so. */
  readonly uid: string | undefined;
  readonly version: number | undefined;
}

/** Data that says of itself whether it is whole. */
export function dataOf(value: string, random: Random): Record<string, string> {
  // Mostly small, now and then many pages of a disk.
  const length = Math.floor(FILLING_MAX ** random.next());
  const filling = 'x'.repeat(length);
  return { value, filling, sum: sumOf(value, filling) };
}

function sumOf(value: string, filling: string): string {
  return createHash('sha256').update(`${value} ${filling}`).digest('hex');
}

function isWhole({ data = {} }: Seen): boolean {
  const { value = '', filling = '', sum = '' } = data;
  return sum === sumOf(value, filling);
}

function stateOf({ data = {}, metadata }: Seen): State {
  const { value = '' } = data;
  return { value, uid: metadata.uid, version: Number(metadata.resourceVersion) };
}

interface Shared {
  /** The version that each value got; undefined where nobody was told. */
  readonly versions: Map<string, number | undefined>;
  highest: number;
}

export class Ledger {
  /** What may be found at each key of one writer: one state, or two while a write is on its way. */
  readonly #own = new Map<string, readonly (State | undefined)[]>();
  readonly #shared = new Map<string, Shared>();
  /** Every uid that a key of one writer ever had. */
  readonly #uids = new Map<string, Set<string>>();
  /** The highest version that anybody was told. */
  highestVersion = 0;
  acknowledged = 0;
  unanswered = 0;
  deletions = 0;

  /** What a key of one writer holds now; only while no write is on its way. */
  current(key: string): State | undefined {
    return this.#own.get(key)?.[0];
  }

  willWrite(key: string, value: string | undefined): void {
    const now = this.current(key);
    // A creation makes another object, an update does not.
    const next = value === undefined ? undefined : { value, uid: now?.uid, version: undefined };
    this.#own.set(key, [now, next]);
    this.unanswered += 1;
  }

  wasWritten(key: string, answer: Seen | undefined): string[] {
    const [before, asked] = this.#own.get(key) ?? [];
    const state = answer === undefined ? undefined : stateOf(answer);
    this.#own.set(key, [state]);
    this.#acknowledge(state?.version ?? 0);
    if (state === undefined) {
      this.deletions += 1;
      return [];
    }
    const problems: string[] = [];
    if (state.value !== asked?.value) problems.push(`${key}: another value was acknowledged`);
    if (before !== undefined && before.uid !== state.uid) problems.push(`${key}: another uid`);
    const uids = this.#uids.get(key) ?? new Set();
    if (before === undefined && uids.has(state.uid ?? '')) problems.push(`${key}: an old uid`);
    this.#uids.set(key, uids.add(state.uid ?? ''));
    return problems;
  }

  willPatch(key: string, value: string): void {
    const shared = this.#shared.get(key) ?? { versions: new Map(), highest: 0 };
    shared.versions.set(value, undefined);
    this.#shared.set(key, shared);
    this.unanswered += 1;
  }

  wasPatched(key: string, value: string, answer: Seen): string[] {
    const { version = 0, value: found } = stateOf(answer);
    const shared = this.#shared.get(key);
    shared?.versions.set(value, version);
    if (shared !== undefined) shared.highest = Math.max(shared.highest, version);
    this.#acknowledge(version);
    return found === value ? [] : [`${key}: another value was acknowledged`];
  }

  #acknowledge(version: number): void {
    this.highestVersion = Math.max(this.highestVersion, version);
    this.acknowledged += 1;
    this.unanswered -= 1;
  }

  /** Compares with what a server has after a crash, says what is wrong, and goes on from there. */
  check({ items, metadata }: SeenList): string[] {
    const problems: string[] = [];
    const present = Number(metadata.resourceVersion);
    if (present < this.highestVersion) problems.push('the server is behind its own versions');
    const found = new Map(items.map((item) => [item.metadata.name, item]));
    for (const [name, item] of found) {
      if (!isWhole(item)) problems.push(`${name}: is not whole`);
      if (Number(item.metadata.resourceVersion) > present)
        problems.push(`${name}: from the future`);
    }
    for (const [key, possible] of this.#own) {
      const item = found.get(key);
      found.delete(key);
      const state = item === undefined ? undefined : stateOf(item);
      if (!possible.some((one) => isSame(one, state))) {
        problems.push(`${key}: ${shown(state)}, not ${possible.map(shown).join(' or ')}`);
      }
      if (state?.uid !== undefined) {
        this.#uids.set(key, (this.#uids.get(key) ?? new Set()).add(state.uid));
      }
      this.#own.set(key, [state]);
    }
    for (const [key, shared] of this.#shared) {
      const item = found.get(key);
      found.delete(key);
      problems.push(...checkShared(key, shared, item));
    }
    for (const name of found.keys()) problems.push(`${name}: nobody made it`);
    this.highestVersion = Math.max(this.highestVersion, present);
    this.unanswered = 0;
    return problems;
  }
}

/** What is asked for has no version yet; what is found has. */
function isSame(possible: State | undefined, found: State | undefined): boolean {
  if (possible === undefined || found === undefined) return possible === found;
  return (
    possible.value === found.value &&
    (possible.uid === undefined || possible.uid === found.uid) &&
    (possible.version === undefined || possible.version === found.version)
  );
}

function checkShared(key: string, shared: Shared, item: Seen | undefined): string[] {
  if (item === undefined) return shared.highest === 0 ? [] : [`${key}: is gone`];
  const { value, version = 0 } = stateOf(item);
  if (!shared.versions.has(value)) return [`${key}: ${value} was never asked for`];
  const told = shared.versions.get(value);
  const problems: string[] = [];
  if (told !== undefined && told !== version) problems.push(`${key}: another version`);
  if (version < shared.highest) problems.push(`${key}: an acknowledged patch is lost`);
  shared.versions.set(value, version);
  shared.highest = version;
  return problems;
}

function shown(state: State | undefined): string {
  return state === undefined ? 'absent' : `${state.value}@${String(state.version ?? '?')}`;
}
