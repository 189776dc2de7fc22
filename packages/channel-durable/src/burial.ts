/** A delivery becomes a dead letter: the entry goes and the letter comes in one transaction. */
import type { DeadLetterReason } from '@afflux/channels';
import type { Batch, Work } from '@afflux/data-directory';
import type { Backlog } from './backlog.ts';
import { BURYING, type DurableDelivery } from './delivery.ts';
import { letterKey, positionKey } from './keys.ts';
import { encodeLetter } from './records.ts';

export class Burial implements Work {
  readonly bytes: number;
  readonly isKept = true;
  readonly #backlog: Backlog;
  readonly #delivery: DurableDelivery;
  readonly #reason: DeadLetterReason;
  #letterBytes = 0;
  /** Not when retention or a drop was quicker. */
  #isEntryTaken = false;

  constructor(backlog: Backlog, delivery: DurableDelivery, reason: DeadLetterReason) {
    this.#backlog = backlog;
    this.#delivery = delivery;
    this.#reason = reason;
    this.bytes = delivery.sizeBytes;
  }

  write(batch: Batch): void {
    const { channelState: state } = this.#backlog.owner;
    if (state.isClosed) return;
    const { lane, position, event, sizeBytes } = this.#delivery;
    const record = encodeLetter({ event, reason: this.#reason, storedMs: state.clock.now() });
    this.#letterBytes = record.length;
    const key = letterKey(state.number, this.#backlog.id, state.counters.nextLetter);
    state.counters.nextLetter += 1;
    state.counters.letters += 1;
    state.counters.letterBytes += record.length;
    void state.tables.letters.put(key, record);
    batch.touch(state);
    this.#isEntryTaken = !this.#backlog.isDropped && this.#delivery.state === BURYING;
    if (!this.#isEntryTaken) return;
    // What was released or saved before must not come after.
    lane.changes.forget(position);
    void state.tables.entries.remove(positionKey(lane.number, position));
    this.#backlog.counters.letters += 1;
    this.#backlog.unsyncedLetters += 1;
    this.#backlog.count(-1, -sizeBytes, position);
    batch.touch(this.#backlog);
  }

  committed(): void {
    if (this.#isEntryTaken) this.#backlog.unsyncedLetters -= 1;
    this.#backlog.buried(this.#delivery);
  }

  failed(): void {
    const { channelState: state } = this.#backlog.owner;
    state.counters.letters -= 1;
    state.counters.letterBytes -= this.#letterBytes;
    if (!this.#isEntryTaken) return;
    this.#backlog.counters.letters -= 1;
    this.#backlog.unsyncedLetters -= 1;
    this.#backlog.count(1, this.#delivery.sizeBytes);
  }
}
