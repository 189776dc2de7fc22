/** What a conformance case works with: channels on a clock it can move, events, and readers that wait. */
import type { CloudEvent } from '@afflux/events';
import { makeEvent } from '@afflux/events';
import { type Clock, newUuid, seededRandom, systemClock } from '@afflux/kernel';
import {
  FakeClock,
  recordingLogger,
  type RecordingLogger,
  RecordingMeter,
  settle,
} from '@afflux/kernel/testing';
import { expect } from 'vitest';
import type {
  Channel,
  ChannelSubscription,
  Delivery,
  Selector,
  SubscribeOptions,
} from '../channel.ts';
import type { Capabilities, ChannelDriver, DriverContext } from '../driver.ts';
import type { ChannelUnderTest } from './case.ts';
import { configFor, KIND, NAMESPACE, textCodec, WIDE } from './terms.ts';

export { KIND, NAMESPACE, textCodec, WIDE } from './terms.ts';

/**
 * How long a case waits for what must come, by the clock on the wall: from this machine, and from a back-end that
 * may first have to notice that a consumer is gone.
 */
const DEADLINE_MS = 15_000;
const FAR_DEADLINE_MS = 50_000;
/** How long a case waits to see that nothing comes: from another process, and from a file or a worker. */
const SILENCE_MS = 1_000;
const SHORT_SILENCE_MS = 30;
const POLL_MS = 5;

export interface EventOptions {
  readonly type?: string;
  /** Bytes of data. */
  readonly dataBytes?: number;
  /** Its `partitionkey`. */
  readonly key?: string;
  readonly id?: string;
}

/** Selects by event type: `wants` maps a subscription id to the type it wants. Counts how often it is asked. */
export class TypeSelector implements Selector {
  readonly wants: Readonly<Record<string, string>>;
  asked = 0;

  constructor(wants: Readonly<Record<string, string>>) {
    this.wants = wants;
  }

  select(event: CloudEvent, out: string[]): void {
    this.asked += 1;
    for (const [id, type] of Object.entries(this.wants)) if (event.type === type) out.push(id);
  }
}

export class World {
  readonly subject: ChannelUnderTest;
  readonly capabilities: Capabilities;
  /** Unique to the case: see {@link ChannelUnderTest.driver}. */
  readonly place = `kit-${newUuid()}`;
  readonly meter = new RecordingMeter();
  readonly logger: RecordingLogger = recordingLogger();
  readonly #fake: FakeClock | undefined;
  readonly #drivers: ChannelDriver[] = [];
  readonly #channels: Channel[] = [];
  readonly #provided = new Set<string>();
  readonly #configs = new Map<string, unknown>();
  #made = 0;

  constructor(subject: ChannelUnderTest, options: { readonly isRealTime?: boolean } = {}) {
    this.subject = subject;
    this.capabilities = subject.capabilities;
    const isRealTime = options.isRealTime ?? subject.isRealTime ?? false;
    this.#fake = isRealTime ? undefined : new FakeClock();
    this.#drivers.push(subject.driver(this.place));
  }

  /** The driver's newest instance. */
  get driver(): ChannelDriver {
    return this.#drivers.at(-1) as ChannelDriver;
  }

  get isRealTime(): boolean {
    return this.#fake === undefined;
  }

  /** The wall clock that the channels go by. */
  now(): number {
    return this.#clock.now();
  }

  get #clock(): Clock {
    return this.#fake ?? systemClock;
  }

  /** A started channel with a name of its own, closed at the end of the case. */
  async open(name = newName(), config?: unknown): Promise<Channel> {
    if (config !== undefined) this.#configs.set(name, config);
    const provision = this.driver.provision?.(this.#context(name));
    if (provision !== undefined) {
      this.#provided.add(name);
      await provision.ensure();
    }
    const channel = this.create(name);
    await channel.start();
    return channel;
  }

  /** The same, not started, and nothing provided for it. */
  create(name = newName()): Channel {
    const channel = this.driver.create(this.#context(name));
    this.#channels.push(channel);
    return channel;
  }

  /** The channel of this name after a restart: everything was closed, the driver is a new instance. */
  async reopen({ name }: Channel): Promise<Channel> {
    await this.release();
    return this.beside({ name });
  }

  /** The channel of this name through another instance of the driver, as another process would have it. */
  beside({ name }: Pick<Channel, 'name'>): Promise<Channel> {
    this.#drivers.push(this.subject.driver(this.place));
    return this.open(name);
  }

  #context(name: string): DriverContext {
    const config = this.#configs.get(name) ?? this.subject.config ?? {};
    return {
      name,
      namespace: NAMESPACE,
      kind: KIND,
      config: configFor(config, name),
      clock: this.#clock,
      random: seededRandom(1),
      logger: this.logger,
      meter: this.meter,
    };
  }

  event({ type = 'kit.event', dataBytes = 10, key, id }: EventOptions = {}): CloudEvent {
    this.#made += 1;
    return makeEvent({
      id: id ?? `event-${String(this.#made)}`,
      source: '/kit',
      type,
      data: Buffer.alloc(dataBytes, this.#made % 256),
      ...(key === undefined ? {} : { extensions: { partitionkey: key } }),
    });
  }

  events(count: number, options?: EventOptions): CloudEvent[] {
    return Array.from({ length: count }, () => this.event(options));
  }

  /** Subscribes with wide bounds and backpressure unless told otherwise, and waits until it is set up. */
  async subscribe(
    channel: Channel,
    id: string,
    options: Partial<SubscribeOptions<string>> = {},
  ): Promise<ChannelSubscription<string>> {
    const subscription = channel.subscribe({
      id,
      bounds: WIDE,
      overflow: 'backpressure',
      codec: textCodec,
      ...options,
    });
    await subscription.ready;
    return subscription;
  }

  /** Publishes one batch; resolves when the promise is kept, rejects when it was refused. */
  async publish(channel: Channel, ...events: CloudEvent[]): Promise<void> {
    await channel.publish(events);
  }

  /** The next delivery; fails when none comes. */
  async take(
    subscription: ChannelSubscription<string>,
    lane: 'main' | 'overflow' = 'main',
  ): Promise<Delivery<string>> {
    const delivery = await this.soon(() =>
      lane === 'main' ? subscription.take() : subscription.takeOverflow?.(),
    );
    expect(delivery, `a delivery of the ${lane} lane of ${subscription.id}`).toBeDefined();
    return delivery as Delivery<string>;
  }

  /** As many deliveries as told, unsettled. */
  async takeMany(
    subscription: ChannelSubscription<string>,
    count: number,
  ): Promise<Delivery<string>[]> {
    const deliveries: Delivery<string>[] = [];
    while (deliveries.length < count) deliveries.push(await this.take(subscription));
    return deliveries;
  }

  /** Takes and acknowledges until nothing is due; returns the ids. */
  async drainIds(subscription: ChannelSubscription<string>): Promise<string[]> {
    const ids: string[] = [];
    for (;;) {
      const delivery = subscription.take() ?? (await this.#lull(subscription));
      if (delivery === undefined) return ids;
      ids.push(delivery.event.id);
      delivery.ack();
    }
  }

  /** Takes and acknowledges so many, which must come; returns the ids. */
  async ackMany(subscription: ChannelSubscription<string>, count: number): Promise<string[]> {
    const ids: string[] = [];
    while (ids.length < count) {
      const delivery = await this.take(subscription);
      ids.push(delivery.event.id);
      delivery.ack();
    }
    return ids;
  }

  /** Fails when something is due now. */
  async expectNothing(subscription: ChannelSubscription<string>): Promise<void> {
    const delivery = subscription.take() ?? (await this.#lull(subscription));
    expect(delivery?.event.id, `nothing due in ${subscription.id}`).toBeUndefined();
  }

  /** Lets time pass. */
  async advance(ms: number): Promise<void> {
    if (this.#fake === undefined) await systemClock.sleep(ms);
    else await this.#fake.advance(ms);
  }

  /**
   * What `read` returns once it is not undefined; undefined when that takes too long. The time is that on the
   * wall, because a driver may wait for a file; the clock of the channels stands still meanwhile.
   */
  async soon<T>(read: () => T | undefined): Promise<T | undefined> {
    const deadlineMs = systemClock.monotonicMs() + this.#deadlineMs;
    for (;;) {
      const value = read();
      if (value !== undefined) return value;
      if (systemClock.monotonicMs() >= deadlineMs) return undefined;
      await this.#pause();
    }
  }

  /** Repeats a check until it passes; fails as the check does when that takes too long. */
  async eventually(check: () => void | Promise<void>): Promise<void> {
    const deadlineMs = systemClock.monotonicMs() + this.#deadlineMs;
    for (;;) {
      try {
        await check();
        return;
      } catch (error) {
        if (systemClock.monotonicMs() >= deadlineMs) throw error;
      }
      await this.#pause();
    }
  }

  async #pause(): Promise<void> {
    if (this.#fake !== undefined) await settle();
    await systemClock.sleep(POLL_MS);
  }

  /** Gives a promise that waits for the clock the time it needs; rejects as it does. */
  async whileTimePasses<T>(
    promise: Promise<T>,
    { stepMs, maxMs }: { readonly stepMs: number; readonly maxMs: number },
  ): Promise<T> {
    const progress = { isPending: true };
    const end = (): void => {
      progress.isPending = false;
    };
    promise.then(end, end);
    for (let passedMs = 0; progress.isPending && passedMs < maxMs; passedMs += stepMs) {
      await this.advance(stepMs);
    }
    expect(progress.isPending, `pending after ${String(maxMs)} ms`).toBe(false);
    return promise;
  }

  /** Publishes one event again and again while the channel says that it may. */
  async publishStubbornly(channel: Channel, event: CloudEvent): Promise<void> {
    for (;;) {
      try {
        await channel.publish([event]);
        return;
      } catch (error) {
        if ((error as { retryable?: boolean }).retryable !== true) throw error;
        await this.#clock.sleep(POLL_MS);
      }
    }
  }

  /** Closes channels and drivers, so that another process may have the place; `beside` opens them again. */
  async release(): Promise<void> {
    await this.#closeChannels();
    await this.#closeDrivers();
  }

  /** Closes everything, and removes what was provided for the channels. */
  async close(): Promise<void> {
    await this.#closeChannels();
    for (const name of this.#provided) {
      await this.#drivers.at(-1)?.provision?.(this.#context(name)).remove();
    }
    await this.#closeDrivers();
  }

  async #closeChannels(): Promise<void> {
    for (const channel of this.#channels) await channel.close();
  }

  async #closeDrivers(): Promise<void> {
    for (const driver of this.#drivers.splice(0)) await driver.close?.();
  }

  /** Gives a driver that works in the background time to come up with something. */
  async #lull(subscription: ChannelSubscription<string>): Promise<Delivery<string> | undefined> {
    if (this.#fake !== undefined) await settle();
    const silenceMs = this.#silenceMs();
    const deadlineMs = systemClock.monotonicMs() + silenceMs;
    for (;;) {
      const delivery = subscription.take();
      if (delivery !== undefined || systemClock.monotonicMs() >= deadlineMs) return delivery;
      await this.#pause();
    }
  }

  get #deadlineMs(): number {
    return this.subject.isRealTime === true ? FAR_DEADLINE_MS : DEADLINE_MS;
  }

  #silenceMs(): number {
    if (this.subject.isRealTime === true) return SILENCE_MS;
    return this.capabilities.durable ? SHORT_SILENCE_MS : 0;
  }
}

function newName(): string {
  return `kit-${newUuid()}`;
}

/** The error that a publish is refused with. Fails when it is not refused. */
export async function refusal(publishing: () => unknown): Promise<Error & { code: string }> {
  try {
    await publishing();
  } catch (error) {
    return error as Error & { code: string };
  }
  return expect.fail('the publish was accepted');
}

/** What `describe` says about one subscription. */
export function described(channel: Channel, id: string) {
  const found = channel.describe().subscriptions.find((subscription) => subscription.id === id);
  expect(found, `${id} in describe()`).toBeDefined();
  return found as NonNullable<typeof found>;
}

export function ids(items: readonly { readonly event: { readonly id: string } }[]): string[] {
  return items.map(({ event }) => event.id);
}
