/** For tests of the flow: a memory channel, and a handler whose attempts the test settles by hand. */
import { type CloudEvent, makeEvent } from '@afflux/events';
import { type Clock, type OnStep, seededRandom } from '@afflux/kernel';
import { FakeClock, recordingLogger, RecordingMeter, settle } from '@afflux/kernel/testing';
import type { Channel, ChannelSubscription, SubscribeOptions } from '../channel.ts';
import type { ChannelDriver } from '../driver.ts';
import { memoryDriver } from '../memory/driver.ts';
import { textCodec } from '../testkit/terms.ts';
import type { FlowScheduler } from './scheduler.ts';
import type { FlowSettings } from './settings.ts';
import type { Settlement } from './settlement.ts';
import { type Handle, SubscriptionFlow } from './subscription-flow.ts';

export const LABELS = { namespace: 'ns', kind: 'Kit', name: 'ch', subscription: 'reader' };

/** One call of the handler. */
export interface Attempt {
  readonly id: string;
  readonly key: string | undefined;
  readonly progress: string | undefined;
  readonly signal: AbortSignal;
  settle(settlement: Settlement<string>): Promise<void>;
  fail(error: Error): Promise<void>;
}

export const DELIVERED: Settlement<string> = { kind: 'done', outcome: 'delivered' };

export function retry(delayMs: number, healthy = true, progress = 'tried'): Settlement<string> {
  return { kind: 'retry', delayMs, progress, healthy };
}

interface Options {
  readonly clock?: Clock;
  readonly handle?: Handle<string>;
  readonly scheduler?: FlowScheduler;
  readonly subscribe?: Partial<SubscribeOptions<string>>;
  /** Default: the memory driver. */
  readonly driver?: ChannelDriver;
  readonly notBefore?: (event: CloudEvent) => number;
  readonly onStep?: OnStep;
}

export class FlowWorld {
  readonly clock = new FakeClock();
  readonly meter = new RecordingMeter();
  readonly logger = recordingLogger();
  readonly channel: Channel;
  /** Attempts that are not settled, in the order started. */
  readonly open: Attempt[] = [];
  /** Ids in the order of their attempts. */
  readonly started: string[] = [];
  readonly #options: Options;
  readonly #clock: Clock;
  #made = 0;

  constructor(options: Options = {}) {
    this.#options = options;
    this.#clock = options.clock ?? this.clock;
    const driver = options.driver ?? memoryDriver();
    this.channel = driver.create({ name: 'ch', config: {}, ...this.#tools() });
  }

  #tools() {
    const { logger, meter } = this;
    return { clock: this.#clock, random: seededRandom(7), logger, meter };
  }

  subscribe(id = 'reader'): ChannelSubscription<string> {
    return this.channel.subscribe({
      id,
      bounds: { eventsMax: 20_000, bytesMax: 1e9 },
      overflow: 'backpressure',
      codec: textCodec,
      ...this.#options.subscribe,
    });
  }

  /** A started flow on a started channel. */
  async flow(settings: Partial<FlowSettings>, labels = LABELS): Promise<SubscriptionFlow<string>> {
    await this.channel.start();
    const { scheduler, handle, notBefore, onStep } = this.#options;
    const flow = new SubscriptionFlow<string>({
      subscription: this.subscribe(labels.subscription),
      handle: handle ?? this.#handle,
      settings: { maxInFlight: 10, order: 'unordered', ...settings },
      labels,
      ...this.#tools(),
      ...(scheduler === undefined ? {} : { scheduler }),
      ...(notBefore === undefined ? {} : { notBefore }),
      onStep,
    });
    await flow.start();
    return flow;
  }

  /** Publishes one event per key (undefined: none) and lets the flow react. Returns their ids. */
  async publish(...keys: (string | undefined)[]): Promise<string[]> {
    const events = keys.map((key) => this.event(key));
    await this.channel.publish(events);
    await settle();
    return events.map(({ id }) => id);
  }

  publishMany(count: number): Promise<string[]> {
    return this.publish(...Array.from({ length: count }, () => undefined));
  }

  event(key?: string): CloudEvent {
    this.#made += 1;
    return makeEvent({
      id: String(this.#made),
      source: '/flow',
      type: 'flow.event',
      extensions: { partitionkey: key },
    });
  }

  /** The open attempt of an event. */
  attempt(id: string): Attempt {
    const attempt = this.open.find((candidate) => candidate.id === id);
    if (attempt === undefined) throw new Error(`event ${id} is not in flight`);
    return attempt;
  }

  get openIds(): string[] {
    return this.open.map(({ id }) => id);
  }

  /** Settles all that is in flight now, before anything else is started. */
  async settleOpen(settlement: Settlement<string>): Promise<void> {
    await Promise.all([...this.open].map((attempt) => attempt.settle(settlement)));
  }

  /** Settles whatever is in flight, again and again, until nothing is. */
  async settleAll(settlement: Settlement<string>): Promise<void> {
    while (this.open.length > 0) await this.settleOpen(settlement);
  }

  readonly #handle: Handle<string> = (event, progress, signal) =>
    new Promise((resolve, reject) => {
      this.started.push(event.id);
      const close = (): void => {
        this.open.splice(this.open.indexOf(attempt), 1);
      };
      const attempt: Attempt = {
        id: event.id,
        key: event.getText('partitionkey'),
        progress,
        signal,
        settle: (settlement) => {
          close();
          resolve(settlement);
          return settle();
        },
        fail: (error) => {
          close();
          reject(error);
          return settle();
        },
      };
      this.open.push(attempt);
    });
}
