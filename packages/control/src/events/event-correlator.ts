/**
 * Decides what becomes of an occurrence, so that a thousand failures of one object do not become a thousand
 * Event objects. The rules are client-go's, in this order:
 *
 * 1. Many messages, one story: ten different messages for the same object, type and reason within ten minutes
 *    become one Event, `(combined from similar events): <the latest message>`.
 * 2. The same again: an Event that differs in nothing from an earlier one counts that one up.
 * 3. Spam: for each source and object 25 at once, then one every five minutes; the rest is counted, not written.
 *
 * It remembers the last 4096 of each. Pure but for that memory: the caller says what time it is.
 */
import { LruMap } from './lru-map.ts';
import { eventMessage, type CoreEvent } from './core-event.ts';
import { TokenBucket } from './token-bucket.ts';

const COMBINED_PREFIX = '(combined from similar events): ';

/** Bounds of the rules above; the defaults are client-go's. */
export interface CorrelatorLimits {
  readonly similarMax: number;
  readonly similarWithinMs: number;
  readonly burst: number;
  readonly refillMs: number;
  readonly remembered: number;
}

const CORRELATOR_LIMITS: CorrelatorLimits = {
  similarMax: 10,
  similarWithinMs: 600_000,
  burst: 25,
  refillMs: 300_000,
  remembered: 4_096,
};

/** What to write. With a `count` above 1 the Event of that name is to be counted up, otherwise it is new. */
export interface Correlated {
  readonly event: CoreEvent;
  /** For {@link EventCorrelator.stored}. */
  readonly key: string;
}

/** Messages of the same object and reason. */
interface Similar {
  readonly messages: Set<string>;
  seenMs: number;
}

/** What is remembered of an Event that was written. */
type Written = Pick<CoreEvent, 'count' | 'firstTimestamp'> & { readonly name: string };

export class EventCorrelator {
  readonly #limits: CorrelatorLimits;
  readonly #similar: LruMap<Similar>;
  readonly #written: LruMap<Written>;
  readonly #spam: LruMap<TokenBucket>;

  constructor(limits: Partial<CorrelatorLimits> = {}) {
    this.#limits = { ...CORRELATOR_LIMITS, ...limits };
    const { remembered } = this.#limits;
    this.#similar = new LruMap(remembered);
    this.#written = new LruMap(remembered);
    this.#spam = new LruMap(remembered);
  }

  /** Undefined when it is one too many. `nowMs` is of a clock that never goes back. */
  correlate(occurrence: CoreEvent, nowMs: number): Correlated | undefined {
    const { event, key } = this.#combine(occurrence, nowMs);
    const counted = this.#count(event, key);
    return this.#isSpam(occurrence, nowMs) ? undefined : { event: counted, key };
  }

  /** The Event was stored under this name: what is the same counts that one up. */
  stored(key: string, { metadata, count, firstTimestamp }: CoreEvent): void {
    this.#written.set(key, { name: metadata.name, count, firstTimestamp });
  }

  /** The first rule. */
  #combine(event: CoreEvent, nowMs: number): Correlated {
    const { similarMax, similarWithinMs } = this.#limits;
    const groupKey = keyOf(event, event.type, event.reason);
    let similar = this.#similar.get(groupKey);
    if (similar === undefined || nowMs - similar.seenMs > similarWithinMs) {
      similar = { messages: new Set(), seenMs: nowMs };
      this.#similar.set(groupKey, similar);
    }
    similar.messages.add(event.message);
    similar.seenMs = nowMs;
    if (similar.messages.size < similarMax) {
      return { event, key: keyOf(event, event.type, event.reason, event.message) };
    }
    // One goes, so that the set stays small and the next new message is combined as well.
    for (const oldest of similar.messages) {
      similar.messages.delete(oldest);
      break;
    }
    const message = eventMessage(`${COMBINED_PREFIX}${event.message}`);
    return { event: { ...event, message }, key: groupKey };
  }

  /** The second rule. */
  #count(event: CoreEvent, key: string): CoreEvent {
    const before = this.#written.get(key);
    const counted =
      before === undefined
        ? event
        : {
            ...event,
            metadata: { ...event.metadata, name: before.name },
            count: before.count + 1,
            firstTimestamp: before.firstTimestamp,
          };
    this.stored(key, counted);
    return counted;
  }

  /** The third rule. */
  #isSpam(event: CoreEvent, nowMs: number): boolean {
    const { burst, refillMs } = this.#limits;
    const key = keyOf(event);
    let bucket = this.#spam.get(key);
    if (bucket === undefined) {
      bucket = new TokenBucket({ burst, refillMs }, nowMs);
      this.#spam.set(key, bucket);
    }
    return !bucket.take(nowMs);
  }
}

/** Source and object, and what else counts as the same. The version of the object does not. */
function keyOf(event: CoreEvent, ...parts: readonly string[]): string {
  const { apiVersion, kind, namespace = '', name, uid = '' } = event.involvedObject;
  const { component } = event.source;
  return JSON.stringify([component, apiVersion, kind, namespace, name, uid, ...parts]);
}
