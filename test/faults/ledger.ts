/**
 * What a history says about each event and each subscriber, kept up to date record by record. The rules of the
 * checker read it; they are told of a record after the ledger has taken it in.
 */
import type { HistoryRecord, OfferedEvent, RunRecord, SubscriberRecord } from './history.ts';

/** Answers after which nothing of the request was taken. 503 may also mean that nobody knows. */
const REFUSALS = new Set([0, 400, 401, 403, 404, 405, 413, 415, 429]);

export interface KnownEvent extends OfferedEvent {
  readonly firstOfferedAt: number;
  /** Events of the same request. */
  readonly unit: readonly string[];
  /** When a producer was first told that it is safe. */
  acknowledgedAt: number | undefined;
  /** Requests for it that may have been taken. */
  copies: number;
  /** For a reply: the event that was replied to, and by whom. */
  readonly cause?: { readonly id: string; readonly subscriber: string };
}

/** What one subscriber saw of one event. */
export interface Fate {
  readonly id: string;
  arrivals: number;
  firstArrivalAt: number;
  lastArrivalAt: number;
  successes: number;
  /** When it was first taken, or given up. */
  finishedAt: number | undefined;
  deadLetters: number;
}

export class Ledger {
  run: RunRecord | undefined;
  readonly subscribers = new Map<string, SubscriberRecord>();
  readonly events = new Map<string, KnownEvent>();
  /** When a fault began or ended. */
  readonly disruptions: number[] = [];
  clockAheadMs = 0;
  readonly #fates = new Map<string, Map<string, Fate>>();
  /** Requests under way per event: how many answers are still to come. */
  readonly #open = new Map<string, number>();

  take(record: HistoryRecord): void {
    switch (record.kind) {
      case 'run':
        this.run = record;
        return;
      case 'subscriber':
        this.subscribers.set(record.name, record);
        this.#fates.set(record.name, new Map());
        return;
      case 'offer':
        this.#offered(record.events, record.at);
        return;
      case 'answer':
        this.#answered(record.ids, record.status, record.at);
        return;
      case 'reply':
        this.#replied(record);
        return;
      case 'arrival':
        this.#arrived(this.fate(record.subscriber, record.id, record.at), record.at);
        return;
      case 'outcome':
        this.#finished(this.fate(record.subscriber, record.id, record.at), record);
        return;
      case 'deadLetter': {
        const fate = this.fate(record.subscriber, record.id, record.at);
        fate.deadLetters += 1;
        fate.finishedAt ??= record.at;
        return;
      }
      case 'fault':
        this.disruptions.push(record.at);
        return;
      case 'up':
        this.clockAheadMs = Math.max(this.clockAheadMs, record.clockAheadMs);
        return;
      case 'memory':
      case 'quiet':
        return;
    }
  }

  fatesOf(subscriber: string): ReadonlyMap<string, Fate> {
    return this.#fates.get(subscriber) ?? new Map<string, Fate>();
  }

  fate(subscriber: string, id: string, at: number): Fate {
    const fates = this.#fates.get(subscriber) ?? new Map<string, Fate>();
    this.#fates.set(subscriber, fates);
    const fate = fates.get(id) ?? {
      id,
      arrivals: 0,
      firstArrivalAt: at,
      lastArrivalAt: at,
      successes: 0,
      finishedAt: undefined,
      deadLetters: 0,
    };
    fates.set(id, fate);
    return fate;
  }

  /** Subscribers that asked for the event. */
  wanting(event: OfferedEvent): SubscriberRecord[] {
    return [...this.subscribers.values()].filter(({ types }) => types.includes(event.type));
  }

  /** Faults that can have repeated deliveries between two times. */
  disruptionsBetween(from: number, to: number): number {
    const graceMs = this.run?.graceMs ?? 0;
    return this.disruptions.filter((at) => at >= from - graceMs && at <= to).length;
  }

  #offered(events: readonly OfferedEvent[], at: number): void {
    const unit = events.map(({ id }) => id);
    for (const event of events) {
      const known = this.events.get(event.id) ?? {
        ...event,
        firstOfferedAt: at,
        unit,
        acknowledgedAt: undefined,
        copies: 0,
      };
      known.copies += 1;
      this.events.set(event.id, known);
      this.#open.set(event.id, (this.#open.get(event.id) ?? 0) + 1);
    }
  }

  #answered(ids: readonly string[], status: number | null, at: number): void {
    for (const id of ids) {
      const event = this.events.get(id);
      const open = this.#open.get(id) ?? 0;
      if (event === undefined || open === 0) continue;
      this.#open.set(id, open - 1);
      if (status === 202) event.acknowledgedAt ??= at;
      if (status !== null && REFUSALS.has(status)) event.copies -= 1;
    }
  }

  /** Who replies was handed the cause, so the product owes the reply as if it had acknowledged it. */
  #replied(record: Extract<HistoryRecord, { kind: 'reply' }>): void {
    const { event, cause, subscriber, at } = record;
    const known = this.events.get(event.id) ?? {
      ...event,
      firstOfferedAt: at,
      unit: [event.id],
      acknowledgedAt: at,
      copies: 0,
      cause: { id: cause, subscriber },
    };
    known.copies += 1;
    this.events.set(event.id, known);
  }

  #arrived(fate: Fate, at: number): void {
    if (fate.arrivals === 0) fate.firstArrivalAt = at;
    fate.arrivals += 1;
    fate.lastArrivalAt = at;
  }

  #finished(fate: Fate, { at, status }: { readonly at: number; readonly status: number }): void {
    if (status < 200 || status > 299) return;
    fate.successes += 1;
    fate.finishedAt ??= at;
  }
}
