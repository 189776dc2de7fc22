/** One event in the hands of a reader. Its first settlement counts; what became of the event is the backlog's. */
import type { DeadLetterReason, Delivery, Position, ReleaseOptions } from '@afflux/channels';
import type { CloudEvent } from '@afflux/events';
import type { Backlog } from './backlog.ts';
import type { Held } from './held.ts';

export class RabbitmqDelivery<P> implements Delivery<P> {
  readonly event: CloudEvent;
  readonly position: Position;
  readonly attempt: number;
  readonly progress: P | undefined;
  readonly #backlog: Backlog;
  readonly #held: Held;
  #isSettled = false;

  constructor(backlog: Backlog, held: Held, progress: unknown) {
    this.#backlog = backlog;
    this.#held = held;
    this.event = held.event;
    this.position = held.envelope.key;
    this.attempt = held.attempts;
    this.progress = progress as P | undefined;
  }

  ack(): void {
    if (this.#settle()) this.#backlog.ack(this.#held);
  }

  release({ delayMs, progress }: ReleaseOptions<P>): void {
    if (this.#settle()) this.#backlog.release(this.#held, delayMs, progress);
  }

  deadLetter(reason: DeadLetterReason): void {
    if (this.#settle()) this.#backlog.deadLetter(this.#held, reason);
  }

  #settle(): boolean {
    if (this.#isSettled) return false;
    this.#isSettled = true;
    return true;
  }
}
