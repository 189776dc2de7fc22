/** All backlogs of a channel that keeps them in memory and writes down what changes: see {@link SimpleBacklog}. */
import { type CloudEvent, decodeHttp, encodeStructured } from '@afflux/events';
import { abortedError, type Clock } from '@afflux/kernel';
import type { ChannelDescription } from './channel.ts';
import { Matcher } from './matcher.ts';
import { type BacklogKeeper, type Held, SimpleBacklog } from './simple-backlog.ts';
import { Waiters } from './waiters.ts';

export class SimpleBacklogs<H extends Held> {
  readonly #clock: Clock;
  readonly #keeper: BacklogKeeper<H>;
  readonly #backlogs = new Map<string, SimpleBacklog<H>>();
  readonly #matcher = new Matcher<SimpleBacklog<H>>(this.#backlogs);
  readonly #settled = new Waiters();

  constructor(clock: Clock, keeper: BacklogKeeper<H>) {
    this.#clock = clock;
    this.#keeper = keeper;
  }

  get(id: string): SimpleBacklog<H> | undefined {
    return this.#backlogs.get(id);
  }

  /** The backlog of this id, made when there is none. */
  ensure(id: string): SimpleBacklog<H> {
    const existing = this.#backlogs.get(id);
    if (existing !== undefined) return existing;
    const backlog = new SimpleBacklog<H>(id, this.#clock, this.#keeper, () => {
      this.#matcher.invalidate();
      this.#settled.resolve(true);
    });
    this.#backlogs.set(id, backlog);
    return backlog;
  }

  delete(id: string): void {
    this.#backlogs.delete(id);
    this.#matcher.invalidate();
  }

  /** Ids of the subscriptions that want the event, and of those without a reader who could say so. */
  match(event: CloudEvent): string[] {
    const wanting: SimpleBacklog<H>[] = [];
    this.#matcher.match(event, wanting);
    for (const backlog of this.#backlogs.values()) if (!backlog.isAttached) wanting.push(backlog);
    return wanting.map(({ id }) => id);
  }

  /** Resolves when nothing is in flight. */
  async quiet(signal: AbortSignal): Promise<void> {
    const isBusy = () => [...this.#backlogs.values()].some(({ inFlight }) => inFlight > 0);
    while (isBusy()) if (!(await this.#settled.wait(signal))) throw abortedError(signal);
  }

  /** For the end of the channel. */
  stop(): void {
    for (const backlog of this.#backlogs.values()) backlog.stop();
  }

  describe(): Pick<ChannelDescription, 'events' | 'bytes' | 'subscriptions'> {
    const backlogs = [...this.#backlogs.values()];
    const held = new Map(backlogs.flatMap((backlog) => [...backlog.held]));
    const bytes = [...held.values()].reduce((total, { event }) => total + event.sizeBytes, 0);
    const subscriptions = backlogs.map((backlog) => backlog.describe());
    return { events: held.size, bytes, subscriptions };
  }
}

const EVENT_HEADERS = ['content-type', 'application/cloudevents+json'];

/** An entry as JSON can have it. */
export interface HeldLine extends Omit<Held, 'event' | 'progress'> {
  readonly event: string;
  readonly progress?: string;
}

export function heldLine({ event, progress, ...facts }: Held): HeldLine {
  const line = { ...facts, event: encodeStructured(event).body.toString() };
  if (progress === undefined) return line;
  return { ...line, progress: Buffer.from(progress).toString('base64') };
}

/** Throws when the line holds no event. */
export function heldOf({ event: text, progress, ...facts }: HeldLine): Held {
  const [event] = decodeHttp(EVENT_HEADERS, Buffer.from(text));
  if (event === undefined) throw new TypeError('a line without an event');
  const bytes = progress === undefined ? undefined : Buffer.from(progress, 'base64');
  return { ...facts, event, progress: bytes };
}
