/** Kubernetes Events in tests: the kinds of the kit with Events among them, and a target that remembers. */
import type { EventToRecord } from '../events/core-event.ts';
import type { KindSource, StoredKind } from '../store/resource-store.ts';
import { KIT_KINDS } from './kinds.ts';

const EVENT_KIND: StoredKind = { group: '', plural: 'events', namespaced: true, hasStatus: false };

/** The kinds of the kit, and core v1 Event. */
export const EVENT_KINDS: KindSource = {
  get: (apiVersion, kind) =>
    apiVersion === 'v1' && kind === 'Event' ? EVENT_KIND : KIT_KINDS.get(apiVersion, kind),
};

/** Remembers what it was told, as `<type> <reason>: <message>`. */
export class RecordingEvents {
  readonly recorded: EventToRecord[] = [];

  record(event: EventToRecord): void {
    this.recorded.push(event);
  }

  /** What was told since the last call. */
  take(): string[] {
    return this.recorded
      .splice(0)
      .map(({ type, reason, message }) => `${type} ${reason}: ${message}`);
  }
}
