/**
 * Which events were accepted lately, by source and id. Asked and told by works while they write, which is one after
 * the other in the order of acceptance: so the answer is exact, also for two events of one batch and for batches of
 * one transaction, which the table does not show yet.
 */
import { keys } from '@afflux/data-directory';
import type { CloudEvent } from '@afflux/events';
import { createHash } from 'node:crypto';
import { forgottenRange, hashOfSeenUntil, seenKey, seenUntilKey } from './keys.ts';
import type { Tables } from './tables.ts';

const TIME_BYTES = 6;
const HASH_BYTES = 16;

export class Seen {
  readonly #channel: number;
  /** Told in the transaction that is being written. */
  readonly #unwritten = new Map<string, number>();

  constructor(channel: number) {
    this.#channel = channel;
  }

  /** True when it was accepted within the window before `nowMs`; otherwise it counts as accepted now. */
  isRepeated(tables: Tables, event: CloudEvent, nowMs: number, windowMs: number): boolean {
    const hash = hashOf(event);
    const text = hash.toString('latin1');
    const key = seenKey(this.#channel, hash);
    const beforeMs = this.#unwritten.get(text) ?? tables.seen.get(key)?.readUIntBE(0, TIME_BYTES);
    // A clock that was put back makes it a repetition as well.
    if (beforeMs !== undefined && nowMs - beforeMs < windowMs) return true;
    const untilMs = nowMs + windowMs;
    this.#unwritten.set(text, nowMs);
    void tables.seen.put(key, times(nowMs, untilMs));
    void tables.seen.put(seenUntilKey(this.#channel, untilMs, hash), Buffer.of(1));
    return false;
  }

  /** The transaction is over, one way or the other. */
  settle(): void {
    this.#unwritten.clear();
  }

  /** Removes what is forgotten by now, at most `limit`; returns how many. For a work that writes. */
  expire(tables: Tables, nowMs: number, limit: number): number {
    const expired = keys(tables.seen, forgottenRange(this.#channel, nowMs), limit);
    for (const key of expired) {
      void tables.seen.remove(key);
      const byHash = seenKey(this.#channel, hashOfSeenUntil(key));
      const untilMs = tables.seen.get(byHash)?.readUIntBE(TIME_BYTES, TIME_BYTES);
      // An event accepted again after its window has a later time.
      if (untilMs !== undefined && untilMs < nowMs) void tables.seen.remove(byHash);
    }
    return expired.length;
  }

  hasExpired(tables: Tables, nowMs: number): boolean {
    return keys(tables.seen, forgottenRange(this.#channel, nowMs), 1).length > 0;
  }
}

function hashOf({ source, id }: CloudEvent): Buffer {
  const digest = createHash('sha256').update(source).update('\0').update(id).digest();
  return digest.subarray(0, HASH_BYTES);
}

function times(nowMs: number, untilMs: number): Buffer {
  const record = Buffer.allocUnsafe(2 * TIME_BYTES);
  record.writeUIntBE(nowMs, 0, TIME_BYTES);
  record.writeUIntBE(untilMs, TIME_BYTES, TIME_BYTES);
  return record;
}
