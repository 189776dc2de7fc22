/**
 * Whose turn it is. Flows that have work say so and are visited one after the other: namespaces take turns,
 * and within a namespace its flows do, a few starts per visit. So a thousand busy flows of one tenant delay
 * the single flow of another by one visit, not by a thousand.
 *
 * Visits run in microtasks, for latency; after {@link STARTS_PER_TURN} starts the rest waits for the next turn
 * of the event loop, so that sockets and timers are served however large the backlog.
 */
// Not time but a turn of the event loop: there is nothing for a test to move, so it is not the clock's.
// eslint-disable-next-line no-restricted-imports
import { setImmediate } from 'node:timers';
import type { Clock } from '@afflux/kernel';
import { Line } from './line.ts';
import { StallWatch } from './stall-watch.ts';

/** Deliveries started before the event loop gets a turn. */
const STARTS_PER_TURN = 64;

/** Deliveries that one flow starts per visit. */
const STARTS_PER_VISIT = 16;

/** Starts at most `startsMax` deliveries; returns how many it started. */
export type Visit = (startsMax: number) => number;

/** A namespace's flows that wait for a visit. */
class Group {
  readonly name: string;
  readonly waiting = new Line<Seat>();
  next: Group | undefined = undefined;
  isWaiting = false;
  seats = 0;

  constructor(name: string) {
    this.name = name;
  }
}

/** A flow's place in its group. */
export class Seat {
  /** @internal */
  readonly group: Group;
  /** @internal */
  readonly visit: Visit;
  /** @internal */
  next: Seat | undefined = undefined;
  /** @internal */
  isWaiting = false;
  readonly #scheduler: FlowScheduler;
  #isLeft = false;

  constructor(scheduler: FlowScheduler, group: Group, visit: Visit) {
    this.#scheduler = scheduler;
    this.group = group;
    this.visit = visit;
  }

  /** Asks for a visit; asking again before it happens changes nothing. */
  wake(): void {
    if (!this.isWaiting && !this.#isLeft) this.#scheduler.enqueue(this);
  }

  /** Gives the seat back: no further visits are asked for. Idempotent. */
  leave(): void {
    if (this.#isLeft) return;
    this.#isLeft = true;
    this.#scheduler.vacate(this.group);
  }
}

/** Shared by the flows of a process. */
export class FlowScheduler {
  /** Shared as well: one beat for all flows. */
  readonly stalls: StallWatch;
  readonly #groups = new Map<string, Group>();
  readonly #waiting = new Line<Group>();
  readonly #run: () => void;
  readonly #beginTurn: () => void;
  #isScheduled = false;
  #isTurnEnding = false;
  #startsLeft = STARTS_PER_TURN;

  constructor({ clock }: { readonly clock: Clock }) {
    this.stalls = new StallWatch(clock);
    this.#run = () => {
      this.#visitAll();
    };
    this.#beginTurn = () => {
      this.#isTurnEnding = false;
      this.#startsLeft = STARTS_PER_TURN;
      this.#visitAll();
    };
  }

  /** A seat in the group of this name. */
  join(groupName: string, visit: Visit): Seat {
    let group = this.#groups.get(groupName);
    if (group === undefined) this.#groups.set(groupName, (group = new Group(groupName)));
    group.seats += 1;
    return new Seat(this, group, visit);
  }

  /** @internal Seats call it: a group without seats is forgotten. */
  vacate(group: Group): void {
    group.seats -= 1;
    if (group.seats === 0) this.#groups.delete(group.name);
  }

  /** @internal Seats call it. */
  enqueue(seat: Seat): void {
    seat.isWaiting = true;
    const { group } = seat;
    group.waiting.push(seat);
    if (!group.isWaiting) {
      group.isWaiting = true;
      this.#waiting.push(group);
    }
    this.#schedule();
  }

  #schedule(): void {
    // With nothing left in this turn, the next one visits whoever waits.
    if (this.#isScheduled || this.#startsLeft <= 0) return;
    this.#isScheduled = true;
    queueMicrotask(this.#run);
  }

  #visitAll(): void {
    this.#isScheduled = true;
    try {
      while (this.#startsLeft > 0) {
        const seat = this.#nextSeat();
        if (seat === undefined) break;
        this.#visit(seat);
      }
    } finally {
      this.#isScheduled = false;
      if (this.#waiting.length > 0) this.#schedule();
    }
  }

  #visit(seat: Seat): void {
    if (!this.#isTurnEnding) {
      this.#isTurnEnding = true;
      setImmediate(this.#beginTurn);
    }
    const startsMax = Math.min(STARTS_PER_VISIT, this.#startsLeft);
    const started = seat.visit(startsMax);
    // A visit that started nothing took time as well.
    this.#startsLeft -= Math.max(1, started);
    if (started === startsMax) seat.wake();
  }

  #nextSeat(): Seat | undefined {
    const group = this.#waiting.shift();
    const seat = group?.waiting.shift();
    if (group === undefined || seat === undefined) return undefined;
    seat.isWaiting = false;
    if (group.waiting.length === 0) group.isWaiting = false;
    else this.#waiting.push(group);
    return seat;
  }
}
