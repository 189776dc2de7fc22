/**
 * Where a store may keep its objects, so that they survive the process: text by key, written in groups.
 *
 * The store changes its memory first and answers a write when the journal has it. When the journal refuses, what
 * was not kept is taken back: every object of the refused group, and of what came after it, gets the state that
 * was kept last, as a change like any other, and each write among them is refused. So nothing that was answered is
 * ever lost, and what was shown in between is corrected.
 *
 * Versions are not written one by one: a block of them is reserved, and a store that comes back begins above the
 * block. A version that somebody saw and that was lost with a crash is therefore never given to something else.
 */
import type { ApiObject } from '@afflux/resources';
import { cannotBeKept } from '../store/refusals.ts';

/** One pair that is to be written; `undefined` removes it. */
export interface JournalEntry {
  readonly key: string;
  readonly value: string | undefined;
}

/** Keeps text by key. Whatever was resolved survives a crash. */
export interface ObjectJournal {
  /** Every pair, in order of keys. What cannot be read is reported and left out. */
  entries(onDamaged: (key: string, why: string) => void): Iterable<readonly [string, string]>;
  /** All or none; rejects when nothing of it was written. */
  write(entries: readonly JournalEntry[]): Promise<void>;
}

/** Versions reserved at a time. A write that would leave the block before the next is reserved is refused. */
const VERSION_BLOCK = 1_000_000;

/** Text that is handed to a journal at once. */
const PIECE_LENGTH_MAX = 8 * 1024 * 1024;

const OBJECT_PREFIX = 'object/';
const VERSION_KEY = 'version';

/** Key of an object in a journal; sorts by kind, namespace, name. */
export function journalKey(kindId: string, namespace: string | undefined, name: string): string {
  return `${OBJECT_PREFIX}${kindId}//${namespace ?? ''}/${name}`;
}

/** What a journal held when it was opened. */
export interface Restored {
  /** Above every version that was ever given out. */
  readonly version: number;
  readonly objects: readonly ApiObject[];
}

/** Reads everything. What is damaged, or no object, is reported and left out. */
export function readJournal(
  journal: ObjectJournal,
  onDamaged: (key: string, why: string) => void,
): Restored {
  const objects: ApiObject[] = [];
  let version = 0;
  for (const [key, value] of journal.entries(onDamaged)) {
    if (key === VERSION_KEY) version = Number(value);
    else if (key.startsWith(OBJECT_PREFIX)) {
      try {
        objects.push(JSON.parse(value) as ApiObject);
      } catch (error) {
        onDamaged(key, error instanceof Error ? error.message : String(error));
      }
    }
  }
  return { version, objects };
}

/** An object that was changed and is not kept yet, with the state that is. */
interface Unkept {
  readonly kept: ApiObject | undefined;
  next: ApiObject | undefined;
}

interface Group {
  readonly changes: Map<string, Unkept>;
  readonly done: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

function newGroup(): Group {
  let resolve: () => void = () => undefined;
  let reject: (error: unknown) => void = () => undefined;
  const done = new Promise<void>((onKept, onRefused) => {
    resolve = onKept;
    reject = onRefused;
  });
  // A write by the store itself waits for nothing.
  done.catch(() => undefined);
  return { changes: new Map(), done, resolve, reject };
}

/** The state that an object is to have again. */
export interface TakenBack {
  readonly kept: ApiObject | undefined;
  readonly shown: ApiObject | undefined;
}

export class JournalWriter {
  readonly #journal: ObjectJournal;
  readonly #takeBack: (changes: readonly TakenBack[]) => void;
  #gathering: Group | undefined;
  #inFlight: Group | undefined;
  /** Durable: no version at or above it was ever given out. */
  #reserved: number;
  #version: number;
  #isTakingBack = false;

  constructor(
    journal: ObjectJournal,
    version: number,
    takeBack: (changes: readonly TakenBack[]) => void,
  ) {
    this.#journal = journal;
    this.#reserved = version;
    this.#version = version;
    this.#takeBack = takeBack;
  }

  /** Whether another version may be given out now. */
  get hasVersions(): boolean {
    return this.#version + 1 < this.#reserved;
  }

  /** Reserves the first block. Before the first change. */
  async start(): Promise<void> {
    await this.#reserve(this.#version + VERSION_BLOCK);
  }

  async #reserve(limit: number): Promise<void> {
    await this.#journal.write([{ key: VERSION_KEY, value: String(limit) }]);
    this.#reserved = limit;
  }

  /** Takes a change over that has just been made in memory. */
  record(
    key: string,
    next: ApiObject | undefined,
    previous: ApiObject | undefined,
    version: number,
  ): void {
    this.#version = version;
    if (this.#isTakingBack) return;
    const isFirst = this.#gathering === undefined;
    this.#gathering ??= newGroup();
    const { changes } = this.#gathering;
    const earlier = changes.get(key);
    if (earlier === undefined) changes.set(key, { kept: previous, next });
    else earlier.next = next;
    if (isFirst && this.#inFlight === undefined) {
      // Whoever writes in this turn takes part. `#run` handles its failures.
      queueMicrotask(() => void this.#run());
    }
  }

  /** Resolves when every change recorded so far is kept; rejects when it was taken back. */
  kept(): Promise<void> {
    return this.#gathering?.done ?? this.#inFlight?.done ?? Promise.resolve();
  }

  /** Resolves when nothing is on its way. */
  async close(): Promise<void> {
    while (this.#gathering !== undefined || this.#inFlight !== undefined) {
      await this.kept().catch(() => undefined);
    }
  }

  async #run(): Promise<void> {
    for (let group = this.#gathering; group !== undefined; group = this.#gathering) {
      this.#gathering = undefined;
      this.#inFlight = group;
      try {
        await this.#write(group);
        this.#inFlight = undefined;
        group.resolve();
      } catch (error) {
        this.#inFlight = undefined;
        this.#refuse(group, error);
      }
    }
  }

  /** In pieces that a journal takes; what is written of a group that fails later counts as kept. */
  async #write({ changes }: Group): Promise<void> {
    const isRunningOut = this.#version > this.#reserved - VERSION_BLOCK / 2;
    if (isRunningOut) await this.#reserve(this.#reserved + VERSION_BLOCK);
    let entries: JournalEntry[] = [];
    let size = 0;
    for (const [key, { next }] of changes) {
      const value = next === undefined ? undefined : JSON.stringify(next);
      entries.push({ key, value });
      size += value?.length ?? 0;
      if (size < PIECE_LENGTH_MAX) continue;
      await this.#writePiece(changes, entries);
      entries = [];
      size = 0;
    }
    if (entries.length > 0) await this.#writePiece(changes, entries);
  }

  async #writePiece(changes: Group['changes'], entries: readonly JournalEntry[]): Promise<void> {
    await this.#journal.write(entries);
    for (const { key } of entries) changes.delete(key);
  }

  /** What gathered meanwhile stands on what is refused, so it goes with it. */
  #refuse(group: Group, cause: unknown): void {
    const later = this.#gathering;
    this.#gathering = undefined;
    const lost = new Map(group.changes);
    for (const [key, { kept, next }] of later?.changes ?? []) {
      const earlier = lost.get(key);
      lost.set(key, { kept: earlier === undefined ? kept : earlier.kept, next });
    }
    this.#isTakingBack = true;
    try {
      this.#takeBack([...lost.values()].map(({ kept, next }) => ({ kept, shown: next })));
    } finally {
      this.#isTakingBack = false;
    }
    const error = cannotBeKept(cause);
    group.reject(error);
    later?.reject(error);
  }
}
