/**
 * The channel contract as plainly as it can be written: one list of entries per subscription, searched from
 * the front each time. The model check holds a driver against it.
 */
import type { CloudEvent } from '@afflux/events';
import type { QueueBounds } from '../channel.ts';

export type LaneName = 'main' | 'overflow';

export interface Entry {
  readonly event: CloudEvent;
  readonly acceptedMs: number;
  readonly lane: LaneName;
  attempt: number;
  progress: string | undefined;
  state: 'due' | 'waiting' | 'in flight';
  dueMs: number;
}

export interface SubscriptionTerms {
  /** Event type; undefined: every event. */
  readonly wants: string | undefined;
  readonly bounds: QueueBounds;
  /** Bound of the overflow lane in events; 0: backpressure. */
  readonly overflowMax: number;
}

export class ModelSubscription {
  terms: SubscriptionTerms;
  isAttached = true;
  entries: Entry[] = [];

  constructor(terms: SubscriptionTerms) {
    this.terms = terms;
  }

  lane(name: LaneName): Entry[] {
    return this.entries.filter(({ lane }) => lane === name);
  }

  /** The lane with room for one more event after `reserved` ones; undefined when neither has any. */
  roomFor(event: CloudEvent, reserved: readonly Reservation[]): LaneName | undefined {
    const { bounds, overflowMax } = this.terms;
    const limits = { main: bounds.eventsMax, overflow: overflowMax };
    return (['main', 'overflow'] as const).find((name) => {
      const held = [...this.lane(name), ...reserved.filter(({ lane }) => lane === name)];
      const bytes = held.reduce((total, { event: { sizeBytes } }) => total + sizeBytes, 0);
      return held.length < limits[name] && bytes + event.sizeBytes <= bounds.bytesMax;
    });
  }

  next(name: LaneName): Entry | undefined {
    return this.lane(name).find(({ state }) => state === 'due');
  }

  get inFlight(): Entry[] {
    return this.entries.filter(({ state }) => state === 'in flight');
  }
}

export interface Reservation {
  readonly subscription: ModelSubscription;
  readonly event: CloudEvent;
  readonly lane: LaneName;
}

export class NaiveModel {
  nowMs = 0;
  readonly subscriptions = new Map<string, ModelSubscription>();

  /** True when accepted, for all; false when refused, and nothing changed. */
  publish(events: readonly CloudEvent[]): boolean {
    const reserved = this.#reserve(events, (subscription) => subscription);
    if (reserved === undefined) return false;
    for (const { subscription, event, lane } of reserved) {
      subscription.entries.push({
        event,
        lane,
        acceptedMs: this.nowMs,
        attempt: 0,
        progress: lane === 'overflow' ? `overflow ${event.id}` : undefined,
        state: 'due',
        dueMs: 0,
      });
    }
    return true;
  }

  /** Whether the event would be accepted were all queues empty. */
  couldTake(event: CloudEvent): boolean {
    return this.#reserve([event], ({ terms }) => new ModelSubscription(terms)) !== undefined;
  }

  #reserve(
    events: readonly CloudEvent[],
    as: (subscription: ModelSubscription) => ModelSubscription,
  ): Reservation[] | undefined {
    const reserved: Reservation[] = [];
    for (const event of events) {
      for (const subscription of this.subscriptions.values()) {
        const { wants } = subscription.terms;
        if (!subscription.isAttached || (wants !== undefined && wants !== event.type)) continue;
        const mine = reserved.filter((reservation) => reservation.subscription === subscription);
        const lane = as(subscription).roomFor(event, mine);
        if (lane === undefined) return undefined;
        reserved.push({ subscription, event, lane });
      }
    }
    return reserved;
  }

  advance(ms: number): void {
    this.nowMs += ms;
    for (const { entries } of this.subscriptions.values()) {
      for (const entry of entries) {
        if (entry.state === 'waiting' && entry.dueMs <= this.nowMs) entry.state = 'due';
      }
    }
  }

  /** What `describe()` must say, but for the name. */
  describe() {
    const all = [...this.subscriptions.values()].flatMap(({ entries }) => entries);
    const once = new Map(all.map(({ event }) => [event.id, event.sizeBytes]));
    return {
      events: once.size,
      bytes: sum(once.values()),
      unsettled: once.size,
      subscriptions: [...this.subscriptions].map(([id, subscription]) => ({
        id,
        label: id,
        attached: subscription.isAttached,
        depth: subscription.lane('main').length,
        overflow: subscription.lane('overflow').length,
        bytes: sum(subscription.entries.map(({ event }) => event.sizeBytes)),
        oldestMs:
          this.nowMs - Math.min(this.nowMs, ...subscription.entries.map((e) => e.acceptedMs)),
        inFlight: subscription.inFlight.length,
      })),
    };
  }
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
