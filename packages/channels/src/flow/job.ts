/** A delivery in the hands of a flow. */
import type { Delivery } from '../channel.ts';

export class Job<P> {
  readonly delivery: Delivery<P>;
  /** It came from the overflow lane. */
  readonly isOverflow: boolean;
  /** What it must follow in order; undefined when order does not matter. */
  readonly key: string | undefined;
  /** Newest progress; the delivery has the one it began with. */
  progress: P | undefined;
  /** Faults of the handler in a row. */
  faults = 0;
  /** Monotonic time at which a job that is held for its retry is due. */
  dueMs = 0;
  startedMs = 0;
  /** Reading of the stall watch at the start. */
  stalledMs = 0;
  isProbe = false;
  next: Job<P> | undefined = undefined;

  constructor(delivery: Delivery<P>, key: string | undefined, isOverflow: boolean) {
    this.delivery = delivery;
    this.key = key;
    this.isOverflow = isOverflow;
    this.progress = delivery.progress;
  }

  /** Back to the channel with what is known. */
  release(delayMs: number): void {
    const { progress } = this;
    this.delivery.release(progress === undefined ? { delayMs } : { delayMs, progress });
  }
}

export function isDueBefore(left: { dueMs: number }, right: { dueMs: number }): boolean {
  return left.dueMs < right.dueMs;
}
