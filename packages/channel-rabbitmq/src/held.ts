/** A message that this process holds unacknowledged, and what is known of it. */
import type { DeadLetterReason } from '@afflux/channels';
import type { CloudEvent } from '@afflux/events';
import type { Timer } from '@afflux/kernel';
import type { Channel, ConsumeMessage } from 'amqplib';
import type { Envelope } from './envelope.ts';
import type { Origin } from './intake.ts';

export interface Held {
  readonly event: CloudEvent;
  readonly envelope: Envelope;
  readonly origin: Origin;
  /** Order of arrival in this process. */
  readonly order: number;
  /** The one to acknowledge; changes when the message comes again after its AMQP channel was lost. */
  message: ConsumeMessage;
  channel: Channel;
  state: 'due' | 'waiting' | 'in-flight' | 'settling' | 'gone';
  /** Times it was handed out. */
  attempts: number;
  progress: Uint8Array | undefined;
  timer: Timer | undefined;
  /** It was given up, for this: from now on it is written among the dead letters, and handed out to nobody. */
  givenUp: DeadLetterReason | undefined;
  /** While it is settling: the copy that takes its place is on its way, and counts instead. */
  isCopied: boolean;
}

/** Nobody hands it out, or waits for it, any more. */
export function end(held: Held): void {
  held.state = 'gone';
  held.timer?.cancel();
}

function isBefore(left: Held, right: Held): boolean {
  const byTime = left.envelope.acceptedMs - right.envelope.acceptedMs;
  return byTime === 0 ? left.order < right.order : byTime < 0;
}

/**
 * Due events: those tried before in the order in which they were accepted, then the others as they came. What came
 * to this subscription alone takes turns with what came to all.
 */
export class DueLine {
  readonly #tried: Held[] = [];
  readonly #fresh: Held[] = [];
  readonly #direct: Held[] = [];
  #isDirectNext = false;

  get size(): number {
    return this.#tried.length + this.#fresh.length + this.#direct.length;
  }

  add(held: Held): void {
    const isTried = held.attempts > held.envelope.attempts;
    if (!isTried && (held.origin === 'main' || held.origin === 'direct')) {
      (held.origin === 'main' ? this.#fresh : this.#direct).push(held);
      return;
    }
    let at = this.#tried.length;
    for (; at > 0; at -= 1) {
      const before = this.#tried[at - 1];
      if (before === undefined || isBefore(before, held)) break;
    }
    this.#tried.splice(at, 0, held);
  }

  next(): Held | undefined {
    const tried = this.#tried.shift();
    if (tried !== undefined) return tried;
    this.#isDirectNext = !this.#isDirectNext;
    const [first, second] = this.#isDirectNext
      ? [this.#direct, this.#fresh]
      : [this.#fresh, this.#direct];
    return first.shift() ?? second.shift();
  }

  /** Takes out what the predicate names. */
  remove(isGone: (held: Held) => boolean): void {
    for (const line of [this.#tried, this.#fresh, this.#direct]) {
      const kept = line.filter((held) => !isGone(held));
      line.splice(0, line.length, ...kept);
    }
  }

  [Symbol.iterator](): Iterator<Held> {
    return [...this.#tried, ...this.#fresh, ...this.#direct][Symbol.iterator]();
  }
}
