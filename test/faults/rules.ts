/**
 * What must be true of every history, one rule each. A rule looks at records as they come, or at the ledger when
 * all have been read, and reports each violation with what a person needs to find it in the file.
 */
import type { HistoryRecord, SubscriberRecord } from './history.ts';
import type { Fate, KnownEvent, Ledger } from './ledger.ts';

export type Report = (rule: string, text: string) => void;

export interface Rule {
  see?(record: HistoryRecord): void;
  end?(): void;
}

export type MakeRule = (ledger: Ledger, report: Report) => Rule;

/** Acknowledged ⊆ delivered ∪ dead-lettered ∪ still held, for every subscriber that wants the event. */
export const nothingLost: MakeRule = (ledger, report) => ({
  end: () => {
    for (const event of ledger.events.values()) {
      const owed = reasonOwed(ledger, event);
      if (owed === undefined) continue;
      for (const { name } of ledger.wanting(event)) {
        if (ledger.fatesOf(name).get(event.id)?.finishedAt !== undefined) continue;
        report('lost', `${event.id} never reached ${name}, though ${owed}`);
      }
    }
  },
});

/** Why the product owes an event to all who want it; undefined when it does not. */
function reasonOwed(ledger: Ledger, event: KnownEvent): string | undefined {
  const { cause } = event;
  if (cause !== undefined) {
    // A reply that nobody takes in the end makes a dead letter of the event that was replied to.
    const fate = ledger.fatesOf(cause.subscriber).get(cause.id);
    return (fate?.deadLetters ?? 0) > 0 ? undefined : `${cause.subscriber} replied with it`;
  }
  if (event.acknowledgedAt !== undefined) {
    return `it was acknowledged at ${String(event.acknowledgedAt)}`;
  }
  if (ledger.run?.allOrNone !== true) return undefined;
  const shown = event.unit.find((id) => hasArrived(ledger, id));
  if (shown === undefined) return undefined;
  return shown === event.id ? 'others got it' : `${shown} of the same request arrived`;
}

function hasArrived(ledger: Ledger, id: string): boolean {
  for (const name of ledger.subscribers.keys()) {
    if ((ledger.fatesOf(name).get(id)?.arrivals ?? 0) > 0) return true;
  }
  return false;
}

/** Nothing arrives that was not offered, that was refused, that is damaged, or that was not asked for. */
const nothingInvented: MakeRule = (ledger, report) => ({
  see: (record) => {
    if (record.kind !== 'arrival' && record.kind !== 'deadLetter') return;
    const { subscriber, id, at } = record;
    const event = ledger.events.get(id);
    const when = `${subscriber} at ${String(at)}`;
    if (event === undefined) {
      report('invented', `${id} reached ${when}, but nobody offered it`);
      return;
    }
    if (ledger.subscribers.get(subscriber)?.types.includes(event.type) === false) {
      report('misrouted', `${id} of type ${event.type} reached ${when}`);
    }
    if (record.kind === 'arrival' && !record.intact) {
      report('damaged', `${id} reached ${when} with other data than was offered`);
    }
  },
  end: () => {
    for (const event of ledger.events.values()) {
      if (event.copies === 0 && event.acknowledgedAt === undefined && hasArrived(ledger, event.id))
        report('invented', `${event.id} arrived, but every offer of it was refused`);
    }
  },
});

/** An event with `notbefore` stays where it is until then, by the product's clock. */
const nothingEarly: MakeRule = (ledger, report) => ({
  see: (record) => {
    if (record.kind !== 'arrival') return;
    const notBeforeMs = ledger.events.get(record.id)?.notBeforeMs;
    if (notBeforeMs === undefined) return;
    const earlyMs = notBeforeMs - ledger.clockAheadMs - record.at;
    if (earlyMs <= CLOCK_TOLERANCE_MS) return;
    report('early', `${record.id} reached ${record.subscriber} ${earlyMs.toFixed(0)} ms too early`);
  },
});

/** Two processes read one clock with different rounding. */
const CLOCK_TOLERANCE_MS = 5;

/**
 * To a subscriber with order no event is handed while one is unfinished that was acknowledged before this one was
 * offered: for the same key, or for all. Repetition is allowed, overtaking is not.
 */
const inOrder: MakeRule = (ledger, report) => {
  /** Per subscriber and key: acknowledged and unfinished, oldest acknowledgement first. */
  const unfinished = new Map<string, Map<string, number>>();
  const lane = (subscriber: SubscriberRecord, event: KnownEvent): string | undefined => {
    if (event.notBeforeMs !== undefined || event.cause !== undefined) return undefined;
    if (subscriber.order === 'total') return subscriber.name;
    return subscriber.order === 'key' && event.key !== undefined
      ? `${subscriber.name}/${event.key}`
      : undefined;
  };
  const acknowledged = (id: string, at: number): void => {
    const event = ledger.events.get(id);
    if (event?.acknowledgedAt !== at) return;
    for (const subscriber of ledger.wanting(event)) {
      const name = lane(subscriber, event);
      if (name === undefined || isFinished(ledger, subscriber.name, id)) continue;
      const waiting = unfinished.get(name) ?? new Map<string, number>();
      unfinished.set(name, waiting.set(id, at));
    }
  };
  const arrived = (name: string, id: string): void => {
    const [subscriber, event] = [ledger.subscribers.get(name), ledger.events.get(id)];
    if (subscriber === undefined || event === undefined) return;
    const waiting = unfinished.get(lane(subscriber, event) ?? '');
    for (const [earlier, acknowledgedAt] of waiting ?? []) {
      if (earlier === id) continue;
      if (acknowledgedAt < event.firstOfferedAt) {
        report('order', `${name} got ${id} while ${earlier} was unfinished`);
      }
      return;
    }
  };
  const settled = (name: string, id: string): void => {
    const [subscriber, event] = [ledger.subscribers.get(name), ledger.events.get(id)];
    if (subscriber === undefined || event === undefined || !isFinished(ledger, name, id)) return;
    unfinished.get(lane(subscriber, event) ?? '')?.delete(id);
  };
  let isPromised = true;
  return {
    see: (record) => {
      if (record.kind === 'fault' && record.fault === 'join') {
        isPromised &&= ledger.run?.orderAlone !== true;
      }
      if (!isPromised) return;
      if (record.kind === 'answer') for (const id of record.ids) acknowledged(id, record.at);
      else if (record.kind === 'arrival') arrived(record.subscriber, record.id);
      else if (record.kind === 'outcome' || record.kind === 'deadLetter')
        settled(record.subscriber, record.id);
    },
  };
};

function isFinished(ledger: Ledger, subscriber: string, id: string): boolean {
  return ledger.fatesOf(subscriber).get(id)?.finishedAt !== undefined;
}

/**
 * An event is taken once for each time that it was offered, and each of these once more for each fault in between;
 * and no subscriber is asked more often than its settings allow, for each of these.
 */
const duplicatesBounded: MakeRule = (ledger, report) => {
  const check = ({ name, attemptsMax }: SubscriberRecord, fate: Fate): void => {
    const event = ledger.events.get(fate.id);
    const faults = ledger.disruptionsBetween(fate.firstArrivalAt, fate.lastArrivalAt);
    // A reply that is stored, and not yet noted as such, is stored again after a crash, without asking for it.
    const replies =
      event?.cause === undefined
        ? 1
        : 1 + ledger.disruptionsBetween(event.firstOfferedAt, fate.lastArrivalAt);
    const copies = Math.max(1, event?.copies ?? 1) * replies;
    const allowed = copies * (1 + faults);
    const because = `${String(copies)} offer(s) and ${String(faults)} fault(s)`;
    if (fate.successes > allowed) {
      report('duplicates', `${name} took ${fate.id} ${String(fate.successes)} times: ${because}`);
    }
    if (fate.arrivals > allowed * attemptsMax) {
      const attempts = `${String(fate.arrivals)} times, ${String(attemptsMax)} attempts each`;
      report('duplicates', `${name} was asked to take ${fate.id} ${attempts}: ${because}`);
    }
  };
  return {
    end: () => {
      for (const subscriber of ledger.subscribers.values()) {
        for (const fate of ledger.fatesOf(subscriber.name).values()) check(subscriber, fate);
      }
    },
  };
};

/**
 * A subscriber that has work is given some within a time in which the product works. Faults stop that time, so it
 * adds up over many short lives of the product.
 */
const nobodyStarved: MakeRule = (ledger, report) => {
  let working = false;
  let workedMs = 0;
  let lastAt: number | undefined;
  const waits = new Map<string, { readonly ids: Set<string>; since: number; told: boolean }>();
  const waitOf = (name: string): { readonly ids: Set<string>; since: number; told: boolean } => {
    const wait = waits.get(name) ?? { ids: new Set(), since: workedMs, told: false };
    waits.set(name, wait);
    return wait;
  };
  const acknowledged = (id: string): void => {
    const event = ledger.events.get(id);
    if (event?.acknowledgedAt === undefined || event.notBeforeMs !== undefined) return;
    for (const { name, deadLetters, stuck = false } of ledger.wanting(event)) {
      const hasBeenTried = deadLetters === 'store' && ledger.fatesOf(name).has(id);
      if (stuck || hasBeenTried || isFinished(ledger, name, id)) continue;
      const wait = waitOf(name);
      if (wait.ids.size === 0) wait.since = workedMs;
      wait.ids.add(id);
    }
  };
  const arrived = (name: string, id: string): void => {
    const wait = waitOf(name);
    wait.since = workedMs;
    // Dead letters in a store are looked at when the run ends: until then an attempt is all there is to see.
    if (ledger.subscribers.get(name)?.deadLetters === 'store') wait.ids.delete(id);
  };
  const look = (): void => {
    const starvedMs = ledger.run?.starvedMs ?? Infinity;
    for (const [name, wait] of waits) {
      const forMs = workedMs - wait.since;
      if (wait.told || wait.ids.size === 0 || forMs <= starvedMs) continue;
      wait.told = true;
      const { size } = wait.ids;
      report('starved', `${name} got nothing for ${forMs.toFixed(0)} ms, ${String(size)} waiting`);
    }
  };
  return {
    see: (record) => {
      if (!('at' in record)) return;
      if (working && lastAt !== undefined) workedMs += record.at - lastAt;
      lastAt = record.at;
      look();
      if (record.kind === 'up') working = true;
      else if (record.kind === 'fault') working = false;
      else if (record.kind === 'answer' && record.status === 202) record.ids.forEach(acknowledged);
      else if (record.kind === 'arrival') arrived(record.subscriber, record.id);
      else if (record.kind === 'outcome' || record.kind === 'deadLetter') {
        if (isFinished(ledger, record.subscriber, record.id))
          waitOf(record.subscriber).ids.delete(record.id);
      }
    },
  };
};

/** Only who refuses events for good has dead letters, where they belong, and each says why. */
const deadLettersExplained: MakeRule = (ledger, report) => ({
  see: (record) => {
    if (record.kind !== 'deadLetter') return;
    const { subscriber, id, where, destination, code } = record;
    const expected = ledger.subscribers.get(subscriber)?.deadLetters;
    if (expected !== where) {
      report(
        'dead letter',
        `${id} of ${subscriber} is in the ${where}: expected ${expected ?? 'none'}`,
      );
    }
    if (destination === '' || code === '') {
      report('dead letter', `${id} of ${subscriber} does not say why: ${JSON.stringify(record)}`);
    }
  },
});

/** Whatever is in the backlog, the process stays below its bound. */
const memoryBounded: MakeRule = (ledger, report) => ({
  see: (record) => {
    if (record.kind !== 'memory' || ledger.run === undefined) return;
    if (record.rssBytes <= ledger.run.rssBytesMax) return;
    report('memory', `${megabytes(record.rssBytes)} at ${String(record.at)}`);
  },
});

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}

/** A history in which nothing happened proves nothing. */
const somethingHappened: MakeRule = (ledger, report) => {
  let isQuiet = false;
  return {
    see: ({ kind }) => {
      if (kind === 'quiet') isQuiet = true;
    },
    end: () => {
      const events = [...ledger.events.values()];
      if (ledger.run === undefined || ledger.subscribers.size === 0) {
        report('history', 'it does not begin with what was promised');
      } else if (!events.some(({ acknowledgedAt }) => acknowledgedAt !== undefined)) {
        report('history', 'no event was acknowledged: it proves nothing');
      }
      if (!isQuiet) report('history', 'it ends before the run did');
    },
  };
};

export const RULES: readonly MakeRule[] = [
  nothingLost,
  nothingInvented,
  nothingEarly,
  inOrder,
  duplicatesBounded,
  nobodyStarved,
  deadLettersExplained,
  memoryBounded,
  somethingHappened,
];
