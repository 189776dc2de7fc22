/** One publish on its way to the disk: all of its events for all of their subscriptions, or none. */
import { ChannelUnavailable, outcomeUnknown } from '@afflux/channels';
import type { Batch, Trouble, Work } from '@afflux/data-directory';
import type { CloudEvent } from '@afflux/events';
import type { OnStep } from '@afflux/kernel';
import type { Backlog } from './backlog.ts';
import type { ChannelState } from './channel-state.ts';
import { positionKey } from './keys.ts';
import { encodeEvent, NEW_ENTRY, UNASKED_ENTRY } from './records.ts';
import type { Seen } from './seen.ts';

/** Who wants an event, as the selectors said when it was published. */
export interface Target {
  readonly backlog: Backlog;
  /** Nobody read the subscription then: its selector was not asked. */
  readonly isAsked: boolean;
}

export interface PublicationOptions {
  readonly state: ChannelState;
  readonly events: readonly CloudEvent[];
  /** Those of each event. */
  readonly targets: readonly (readonly Target[])[];
  readonly bytes: number;
  /** Published to one subscription: no part of the history. */
  readonly isAddressed?: boolean;
  readonly deduplicate?: { readonly seen: Seen; readonly windowMs: number } | undefined;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

interface Placed {
  readonly position: number;
  readonly event: CloudEvent;
  readonly targets: readonly Target[];
}

/** Room that an entry takes beside its event, and an event beside its bytes: what a transaction is measured by. */
const OVERHEAD_BYTES = 64;

export class Publication implements Work {
  readonly bytes: number;
  readonly isKept = false;
  readonly onStep: OnStep | undefined;
  readonly #options: PublicationOptions;
  #placed: Placed[] = [];
  #storedBytes = 0;
  #duplicates = 0;

  constructor(options: PublicationOptions) {
    this.#options = options;
    this.bytes = options.bytes + OVERHEAD_BYTES * options.events.length;
    this.onStep = options.state.onStep;
  }

  write(batch: Batch): void {
    const { state, events, targets } = this.#options;
    for (let index = 0; index < events.length; index++) {
      this.#place(batch, events[index] as CloudEvent, targets[index] ?? []);
    }
    batch.touch(state);
  }

  #place(batch: Batch, event: CloudEvent, targets: readonly Target[]): void {
    const { state, isAddressed = false, deduplicate } = this.#options;
    const { tables, counters } = state;
    const acceptedMs = state.acceptTime();
    if (deduplicate?.seen.isRepeated(tables, event, state.clock.now(), deduplicate.windowMs)) {
      this.#duplicates += 1;
      return;
    }
    const position = counters.nextPosition;
    counters.nextPosition += 1;
    const record = encodeEvent(event, acceptedMs, isAddressed);
    void tables.events.put(positionKey(state.number, position), record);
    counters.events += 1;
    counters.bytes += record.length;
    this.#storedBytes += record.length;
    const placed = targets.filter(({ backlog }) => !backlog.isDropped);
    for (const { backlog, isAsked } of placed) {
      const lane = isAddressed ? backlog.addressed : backlog.main;
      const key = positionKey(lane.number, position);
      void tables.entries.put(key, isAsked ? NEW_ENTRY : UNASKED_ENTRY);
      backlog.count(1, event.sizeBytes);
      batch.touch(backlog);
    }
    this.#placed.push({ position, event, targets: placed });
  }

  committed(): void {
    const { state, deduplicate, isAddressed = false, resolve } = this.#options;
    deduplicate?.seen.settle();
    for (const { position, event, targets } of this.#placed) {
      for (const { backlog, isAsked } of targets) {
        const lane = isAddressed ? backlog.addressed : backlog.main;
        if (!backlog.isDropped) backlog.offer(lane, position, event, isAsked);
      }
    }
    state.telemetry.accepted.add(this.#placed.length);
    if (this.#duplicates > 0) state.telemetry.duplicates.add(this.#duplicates);
    resolve();
  }

  /** Positions stay used: nothing was ever there. */
  failed(trouble: Trouble): void {
    const { state, deduplicate, reject } = this.#options;
    deduplicate?.seen.settle();
    state.counters.events -= this.#placed.length;
    state.counters.bytes -= this.#storedBytes;
    for (const { event, targets } of this.#placed) {
      for (const { backlog } of targets) backlog.count(-1, -event.sizeBytes);
    }
    this.#placed = [];
    reject(unavailable(trouble));
  }
}

/** What a publish is told while nothing can be written. */
export function unavailable({ message, cause, isOutcomeKnown }: Trouble): Error {
  return isOutcomeKnown
    ? new ChannelUnavailable(message, { cause })
    : outcomeUnknown(message, cause);
}
