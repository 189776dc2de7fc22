/** Takes a damaged event out of the channel and keeps its bytes aside, for whoever looks into what happened. */
import type { Batch, Work } from '@afflux/data-directory';
import type { ChannelState } from './channel-state.ts';
import { positionKey } from './keys.ts';

export class Quarantine implements Work {
  readonly bytes = 0;
  readonly isKept = true;
  readonly #state: ChannelState;
  readonly #position: number;
  readonly #record: Buffer;
  #isWritten = false;

  constructor(state: ChannelState, position: number, record: Buffer | undefined, cause: unknown) {
    this.#state = state;
    this.#position = position;
    this.#record = record ?? Buffer.alloc(0);
    state.logger.error(
      { err: cause, channel: state.name, position },
      'damaged event taken out of a channel',
    );
  }

  write(batch: Batch): void {
    if (this.#state.isClosed) return;
    const { events, damaged } = this.#state.tables;
    const key = positionKey(this.#state.number, this.#position);
    // Several subscriptions may have met it.
    if (events.get(key) === undefined) return;
    this.#isWritten = true;
    void damaged.put(key, this.#record);
    void events.remove(key);
    this.#count(1);
    batch.touch(this.#state);
  }

  committed(): void {
    this.#isWritten = false;
  }

  failed(): void {
    if (this.#isWritten) this.#count(-1);
    this.#isWritten = false;
  }

  #count(sign: 1 | -1): void {
    const { counters } = this.#state;
    counters.damaged += sign;
    counters.events -= sign;
    counters.bytes -= sign * this.#record.length;
  }
}
