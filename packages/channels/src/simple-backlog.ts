/**
 * The backlog of one subscription in memory, for drivers that keep all of it there and only write down what
 * changes: who is due, what is in flight, settling once, telling the reader, and what `describe` says. It is
 * searched from its oldest entry, which is fast enough where few events wait at the head.
 *
 * It outlives its readers: a new one inherits what the last one left, deliveries in flight included.
 */
import type { CloudEvent } from '@afflux/events';
import type { Clock, ComponentState } from '@afflux/kernel';
import { Alarm } from './alarm.ts';
import type {
  ChannelSubscription,
  Delivery,
  Selector,
  SubscribeOptions,
  SubscriptionClosed,
  SubscriptionDescription,
} from './channel.ts';
import type { MatchTarget } from './matcher.ts';

/** One event of a backlog. */
export interface Held {
  readonly position: number;
  readonly event: CloudEvent;
  /** Wall clock. */
  readonly acceptedMs: number;
  /** Deliveries so far. */
  attempt: number;
  /** Wall clock; 0: at once. */
  dueMs: number;
  /** As the codec of the reader wrote it. */
  progress: Uint8Array | undefined;
}

/** The channel's part: writing down what became of an event, and saying what may be done now. */
export interface BacklogKeeper<H extends Held> {
  /** Nothing is handed out while it drains; once it is closed nothing is settled either. */
  readonly state: ComponentState;
  /** The subscription has done with it, or was dropped. */
  onDone(held: H): void;
  /** `attempt`, `dueMs` or `progress` are other ones. */
  onChanged(held: H): void;
  /** The backlog was dropped and is not to be used any more. */
  onDropped(id: string): void;
}

interface Reader {
  options: SubscribeOptions<unknown>;
  readonly handle: ChannelSubscription<unknown>;
  tell: (() => void) | undefined;
  isAwaiting: boolean;
}

export class SimpleBacklog<H extends Held> implements MatchTarget {
  readonly id: string;
  readonly held = new Map<number, H>();
  lastMatch = 0;
  readonly #inFlight = new Set<number>();
  readonly #clock: Clock;
  readonly #keeper: BacklogKeeper<H>;
  readonly #onSettled: () => void;
  readonly #alarm: Alarm;
  #reader: Reader | undefined;
  #isGone = false;

  /** `onSettled` is told when fewer deliveries are in flight, or the reader has changed. */
  constructor(id: string, clock: Clock, keeper: BacklogKeeper<H>, onSettled: () => void) {
    this.id = id;
    this.#clock = clock;
    this.#keeper = keeper;
    this.#onSettled = onSettled;
    this.#alarm = new Alarm(clock, () => {
      this.wake();
    });
  }

  get selector(): Selector | undefined {
    return this.#reader?.options.selector;
  }

  get isAttached(): boolean {
    return this.#reader !== undefined;
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  get #handsOut(): boolean {
    const { state } = this.#keeper;
    return state !== 'draining' && state !== 'closed';
  }

  /** Behind all that is there; the reader is told by {@link wake}. */
  add(held: H): void {
    this.held.set(held.position, held);
  }

  /** The open handle with these options, or a new one. */
  attach<P>(options: SubscribeOptions<P>): ChannelSubscription<P> {
    const own = options as unknown as SubscribeOptions<unknown>;
    if (this.#reader === undefined) {
      const handle = this.#handle();
      this.#reader = { options: own, handle, tell: undefined, isAwaiting: false };
    } else this.#reader.options = own;
    this.#onSettled();
    return this.#reader.handle as unknown as ChannelSubscription<P>;
  }

  #handle(): ChannelSubscription<unknown> {
    const { id } = this;
    const handle: ChannelSubscription<unknown> = {
      id,
      take: () => (this.#reader?.handle === handle ? this.#take(this.#reader) : undefined),
      onReadable: (tell) => {
        if (this.#reader?.handle === handle) this.#reader.tell = tell;
      },
      close: (options) => {
        if (this.#reader?.handle !== handle) return { kept: 0, dropped: 0 };
        return this.#detach(options?.drop ?? false);
      },
      describe: () => this.describe(),
    };
    return handle;
  }

  #detach(drop: boolean): SubscriptionClosed {
    this.#reader = undefined;
    this.#alarm.cancel();
    this.#isGone = drop;
    const size = this.held.size;
    if (drop) this.#drop();
    this.#onSettled();
    return drop ? { kept: 0, dropped: size } : { kept: size, dropped: 0 };
  }

  #drop(): void {
    for (const held of this.held.values()) this.#keeper.onDone(held);
    this.held.clear();
    this.#inFlight.clear();
    this.#keeper.onDropped(this.id);
  }

  #take(reader: Reader): Delivery<unknown> | undefined {
    const next = this.#handsOut ? this.#next() : undefined;
    if (next === undefined) {
      reader.isAwaiting = true;
      return undefined;
    }
    this.#inFlight.add(next.position);
    next.attempt += 1;
    return this.#delivery(next, reader.options);
  }

  /** The oldest one that is due; when there is none, the alarm is set for the next. */
  #next(): H | undefined {
    const nowMs = this.#clock.now();
    let dueMs = Infinity;
    for (const held of this.held.values()) {
      if (this.#inFlight.has(held.position)) continue;
      if (held.dueMs <= nowMs) return held;
      dueMs = Math.min(dueMs, held.dueMs);
    }
    if (dueMs < Infinity) this.#alarm.set(this.#clock.monotonicMs() + dueMs - nowMs);
    return undefined;
  }

  /** To be called when something was added: tells a reader that waits, once, if something is due. */
  wake(): void {
    const reader = this.#reader;
    if (reader?.isAwaiting !== true || !this.#handsOut) return;
    if (this.#next() === undefined) return;
    reader.isAwaiting = false;
    reader.tell?.();
  }

  #delivery(held: H, { codec }: SubscribeOptions<unknown>): Delivery<unknown> {
    let isOpen = true;
    const settle = (how: () => void): void => {
      if (!isOpen || this.#isGone || this.#keeper.state === 'closed') return;
      isOpen = false;
      this.#inFlight.delete(held.position);
      how();
      this.#onSettled();
    };
    return {
      event: held.event,
      position: held.position,
      attempt: held.attempt,
      progress: held.progress === undefined ? undefined : codec?.decode(held.progress),
      ack: () => {
        settle(() => {
          this.held.delete(held.position);
          this.#keeper.onDone(held);
        });
      },
      release: ({ delayMs, progress }) => {
        settle(() => {
          if (progress !== undefined) held.progress = codec?.encode(progress);
          held.dueMs = delayMs > 0 ? this.#clock.now() + delayMs : 0;
          this.#keeper.onChanged(held);
          this.wake();
        });
      },
    };
  }

  /** For the end of the channel. */
  stop(): void {
    this.#alarm.cancel();
  }

  describe(): SubscriptionDescription {
    const nowMs = this.#clock.now();
    let [bytes, oldestMs] = [0, 0];
    for (const { event, acceptedMs } of this.held.values()) {
      bytes += event.sizeBytes;
      oldestMs = Math.max(oldestMs, nowMs - acceptedMs);
    }
    return {
      id: this.id,
      label: this.#reader?.options.label ?? this.id,
      attached: this.isAttached,
      depth: this.held.size,
      overflow: 0,
      bytes,
      oldestMs,
      inFlight: this.inFlight,
    };
  }
}
