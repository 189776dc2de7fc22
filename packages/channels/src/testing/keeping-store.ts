/**
 * The whole channel contract as plainly as it can be written, for tests: what a channel that keeps events would
 * have on disk, in memory. A store outlives the channels over it, so that a test can restart them, and several
 * may use one store at once. Everything is searched from the front each time.
 */
import type { CloudEvent } from '@afflux/events';
import type { DeadLetter, DeadLetterReason, KeptEvent, Selector, StartAt } from '../channel.ts';
import { subscriptionUnknown } from '../errors.ts';
import { isWanted } from '../matcher.ts';

export interface Kept extends KeptEvent {
  readonly position: number;
}

/** One event in the backlog of one subscription. */
export interface Entry {
  readonly kept: Kept;
  /** Published to this subscription alone. */
  readonly isOwn: boolean;
  attempt: number;
  progress: Uint8Array | undefined;
  dueMs: number;
  /** The subscription handle that has it in flight. */
  holder: object | undefined;
}

export class StoredSubscription {
  selector: Selector | undefined;
  label: string;
  attached = 0;
  entries: Entry[] = [];
  lost = 0;
  lastWasOwn = false;

  constructor(selector: Selector | undefined, label: string) {
    this.selector = selector;
    this.label = label;
  }

  /** The oldest entry due; own and live ones take turns. */
  next(nowMs: number): Entry | undefined {
    const due = this.entries.filter(({ holder, dueMs }) => holder === undefined && dueMs <= nowMs);
    return due.find(({ isOwn }) => isOwn !== this.lastWasOwn) ?? due[0];
  }

  remove(entry: Entry): boolean {
    const size = this.entries.length;
    this.entries = this.entries.filter((other) => other !== entry);
    return this.entries.length < size;
  }
}

export class KeepingStore {
  readonly name: string;
  readonly subscriptions = new Map<string, StoredSubscription>();
  readonly changed = new Set<() => void>();
  kept: Kept[] = [];
  letters: DeadLetter[] = [];
  /** No answer leaves the store: what is published is stored, and nobody is told. */
  isCut = false;
  #position = 0;
  #letter = 0;

  constructor(name: string) {
    this.name = name;
  }

  announce(): void {
    for (const tell of [...this.changed]) tell();
  }

  subscription(id: string): StoredSubscription {
    const subscription = this.subscriptions.get(id);
    if (subscription === undefined) throw subscriptionUnknown(this.name, id);
    return subscription;
  }

  subscribe(
    id: string,
    selector: Selector | undefined,
    label: string,
    from: StartAt,
  ): StoredSubscription {
    const existing = this.subscriptions.get(id);
    if (existing !== undefined) {
      existing.selector = selector;
      existing.label = label;
      return existing;
    }
    const subscription = new StoredSubscription(selector, label);
    this.subscriptions.set(id, subscription);
    if (from !== 'latest') {
      const wanted = this.since(from).filter(({ event }) => isWanted(id, selector, event));
      subscription.entries = wanted.map((kept) => entryOf(kept, false));
    }
    return subscription;
  }

  /** Returns how many were duplicates. */
  publish(events: readonly CloudEvent[], nowMs: number, deduplicateMs: number | undefined): number {
    let duplicates = 0;
    for (const event of events) {
      if (deduplicateMs !== undefined && this.#isKnown(event, nowMs - deduplicateMs)) {
        duplicates += 1;
        continue;
      }
      const kept = this.#keep(event, nowMs);
      for (const [id, subscription] of this.subscriptions) {
        if (!isWanted(id, subscription.selector, event)) continue;
        subscription.entries.push(entryOf(kept, false));
      }
    }
    this.announce();
    return duplicates;
  }

  publishTo(id: string, events: readonly CloudEvent[], nowMs: number): void {
    const { entries } = this.subscription(id);
    for (const event of events) {
      this.#position += 1;
      entries.push(entryOf({ event, position: this.#position, acceptedMs: nowMs }, true));
    }
    this.announce();
  }

  #keep(event: CloudEvent, nowMs: number): Kept {
    this.#position += 1;
    const kept = { event, position: this.#position, acceptedMs: nowMs };
    this.kept.push(kept);
    return kept;
  }

  #isKnown({ source, id }: CloudEvent, sinceMs: number): boolean {
    return this.kept.some(
      ({ event, acceptedMs }) => acceptedMs > sinceMs && event.id === id && event.source === source,
    );
  }

  since(from: Exclude<StartAt, 'latest'>): Kept[] {
    return this.kept.filter((kept) => isFrom(kept, from));
  }

  bury(id: string, event: CloudEvent, reason: DeadLetterReason, nowMs: number): void {
    this.#letter += 1;
    const letter = String(this.#letter);
    this.letters.push({ id: letter, subscription: id, event, reason, storedMs: nowMs });
  }

  takeLetters(subscription: string, ids: readonly string[]): DeadLetter[] {
    const isMeant = (letter: DeadLetter): boolean =>
      letter.subscription === subscription && ids.includes(letter.id);
    const taken = this.letters.filter(isMeant);
    this.letters = this.letters.filter((letter) => !isMeant(letter));
    return taken;
  }

  /** Forgets the oldest events while `isDue`; returns how many each subscription lost. */
  forget(isDue: (oldest: Kept, bytes: number) => boolean): Map<StoredSubscription, number> {
    const lost = new Map<StoredSubscription, number>();
    let bytes = this.kept.reduce((total, { event }) => total + event.sizeBytes, 0);
    for (let oldest = this.kept[0]; oldest !== undefined; oldest = this.kept[0]) {
      const gone = oldest;
      if (!isDue(gone, bytes)) break;
      this.kept.shift();
      bytes -= gone.event.sizeBytes;
      for (const subscription of this.subscriptions.values()) {
        const entry = subscription.entries.find(({ kept }) => kept === gone);
        if (entry === undefined || !subscription.remove(entry)) continue;
        subscription.lost += 1;
        lost.set(subscription, (lost.get(subscription) ?? 0) + 1);
      }
    }
    return lost;
  }
}

function entryOf(kept: Kept, isOwn: boolean): Entry {
  return { kept, isOwn, attempt: 0, progress: undefined, dueMs: 0, holder: undefined };
}

function isFrom(kept: Kept, from: Exclude<StartAt, 'latest'>): boolean {
  if (from === 'earliest') return true;
  return 'timeMs' in from ? kept.acceptedMs >= from.timeMs : kept.position >= Number(from.position);
}
