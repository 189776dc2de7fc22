/** Records of one group that wait for the time of their next attempt: one timer for all of them. */
import { Alarm } from '@afflux/channels/driver';
import type { Clock } from '@afflux/kernel';
import type { HeldRecord } from './owned-partition.ts';

export class WaitingRecords {
  readonly #clock: Clock;
  readonly #onDue: (records: readonly HeldRecord[]) => void;
  /** By the monotonic time at which each is due. */
  readonly #dueAt = new Map<HeldRecord, number>();
  readonly #alarm: Alarm;

  constructor(clock: Clock, onDue: (records: readonly HeldRecord[]) => void) {
    this.#clock = clock;
    this.#onDue = onDue;
    this.#alarm = new Alarm(clock, () => {
      this.#wake();
    });
  }

  add(record: HeldRecord, delayMs: number): void {
    const atMs = this.#clock.monotonicMs() + delayMs;
    record.state = 'waiting';
    this.#dueAt.set(record, atMs);
    this.#alarm.set(atMs);
  }

  delete(record: HeldRecord): void {
    this.#dueAt.delete(record);
  }

  stop(): void {
    this.#alarm.cancel();
  }

  #wake(): void {
    const nowMs = this.#clock.monotonicMs();
    let nextMs = Infinity;
    const due: HeldRecord[] = [];
    for (const [record, atMs] of this.#dueAt) {
      if (atMs > nowMs) {
        nextMs = Math.min(nextMs, atMs);
        continue;
      }
      this.#dueAt.delete(record);
      due.push(record);
    }
    if (nextMs < Infinity) this.#alarm.set(nextMs);
    if (due.length > 0) this.#onDue(due);
  }
}
