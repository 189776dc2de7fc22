/**
 * What the channel still keeps, delivered or not: where a point in time or a position is in it, and reading it in
 * bounded batches beside the live traffic. No snapshot is held between two batches.
 */
import { type KeptEvent, positionInvalid, type ReadOptions, type StartAt } from '@afflux/channels';
import { nextTurn, type Pair, pairs } from '@afflux/data-directory';
import { abortedError } from '@afflux/kernel';
import type { ChannelState } from './channel-state.ts';
import { DURABLE_TYPE } from './config.ts';
import { POSITION_END, positionOf, positionRange } from './keys.ts';
import { Quarantine } from './quarantine.ts';
import { decodeEvent, eventHead } from './records.ts';

const BATCH_EVENTS_MAX = 64;

export class History {
  readonly #state: ChannelState;

  constructor(state: ChannelState) {
    this.#state = state;
  }

  /** The first position that is wanted. Throws `AFFLUX_CHANNEL_POSITION_INVALID`. */
  positionOf(from: Exclude<StartAt, 'latest'>): number {
    const { firstPosition } = this.#state.counters;
    if (from === 'earliest') return firstPosition;
    if ('timeMs' in from) return this.#firstAt(from.timeMs);
    return Math.max(firstPosition, parsePosition(from.position));
  }

  /** Times never go back with the positions: so the first one that is late enough is found by halving. */
  #firstAt(timeMs: number): number {
    let { firstPosition: low, nextPosition: high } = this.#state.counters;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const [found] = this.#from(middle, 1, high);
      if (found === undefined) high = middle;
      else if (eventHead(found.value).acceptedMs >= timeMs) high = middle;
      else low = positionOf(found.key) + 1;
    }
    return low;
  }

  #from(position: number, limit: number, end = POSITION_END): Pair[] {
    return pairs(
      this.#state.tables.events,
      positionRange(this.#state.number, position, end),
      limit,
    );
  }

  async *read({ from, to, signal }: ReadOptions, closed: AbortSignal): AsyncGenerator<KeptEvent> {
    let position = this.positionOf(from);
    const end = to === undefined ? this.#state.counters.nextPosition : this.positionOf(to);
    while (position < end) {
      if (signal?.aborted === true) throw abortedError(signal);
      if (closed.aborted) return;
      const found = this.#from(position, BATCH_EVENTS_MAX, end);
      for (const pair of found) {
        position = positionOf(pair.key) + 1;
        const kept = this.#kept(pair);
        if (kept !== undefined) yield kept;
      }
      if (found.length < BATCH_EVENTS_MAX) return;
      await nextTurn();
    }
  }

  #kept({ key, value }: Pair): KeptEvent | undefined {
    const position = positionOf(key);
    try {
      const { isAddressed, acceptedMs } = eventHead(value);
      return isAddressed ? undefined : { event: decodeEvent(value), position, acceptedMs };
    } catch (error) {
      this.#state.directory.writer.submit(new Quarantine(this.#state, position, value, error));
      return undefined;
    }
  }
}

function parsePosition(position: string | number): number {
  const parsed = typeof position === 'number' ? position : Number(position.trim() || Number.NaN);
  if (Number.isSafeInteger(parsed) && parsed >= 0 && parsed < POSITION_END) return parsed;
  throw positionInvalid(
    DURABLE_TYPE,
    position,
    'a whole number, as a delivery or a kept event has one',
  );
}
