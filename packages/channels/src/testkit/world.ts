/** What a conformance case works with: channels on a clock it can move, events, and readers that wait. */
import type { CloudEvent } from '@afflux/events';
import { makeEvent } from '@afflux/events';
import { newUuid, seededRandom, systemClock } from '@afflux/kernel';
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
  ProgressCodec,
  Selector,
  SubscribeOptions,
} from '../channel.ts';
import type { Capabilities, ChannelDriver } from '../driver.ts';
import type { ChannelUnderTest } from './case.ts';

/** How long a case waits, in real time, for what must come. */
const DEADLINE_MS = 15_000;
/** How long a case waits, in real time, to see that nothing comes. */
const SILENCE_MS = 300;
const POLL_MS = 10;

/** Labels of the channels of the kit. */
export const NAMESPACE = 'kit';
export const KIND = 'Kit';

/** Bounds that no case reaches by accident. */
export const WIDE = { eventsMax: 1_000, bytesMax: 10_000_000 };

/** Progress in the kit is text. */
export const textCodec: ProgressCodec<string> = {
  encode: (progress) => new TextEncoder().encode(progress),
  decode: (bytes) => new TextDecoder().decode(bytes),
};

export interface EventOptions {
  readonly type?: string;
  /** Bytes of data. */
  readonly dataBytes?: number;
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
  readonly driver: ChannelDriver;
  readonly capabilities: Capabilities;
  readonly meter = new RecordingMeter();
  readonly logger: RecordingLogger = recordingLogger();
  readonly #fake: FakeClock | undefined;
  readonly #config: unknown;
  readonly #channels: Channel[] = [];
  #made = 0;

  constructor(subject: ChannelUnderTest) {
    this.driver = subject.driver();
    this.capabilities = subject.capabilities;
    this.#config = subject.config ?? {};
    this.#fake = subject.isRealTime === true ? undefined : new FakeClock();
  }

  /** A started channel with a name of its own, closed at the end of the case. */
  async open(name = `kit-${newUuid()}`): Promise<Channel> {
    const channel = this.create(name);
    await channel.start();
    return channel;
  }

  /** The same, not started. */
  create(name = `kit-${newUuid()}`): Channel {
    const channel = this.driver.create({
      name,
      namespace: NAMESPACE,
      kind: KIND,
      config: this.#config,
      clock: this.#fake ?? systemClock,
      random: seededRandom(1),
      logger: this.logger,
      meter: this.meter,
    });
    this.#channels.push(channel);
    return channel;
  }

  event({ type = 'kit.event', dataBytes = 10 }: EventOptions = {}): CloudEvent {
    this.#made += 1;
    return makeEvent({
      id: `event-${String(this.#made)}`,
      source: '/kit',
      type,
      data: Buffer.alloc(dataBytes, this.#made % 256),
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

  /** What `read` returns once it is not undefined; undefined when that takes too long. */
  async soon<T>(read: () => T | undefined): Promise<T | undefined> {
    const deadlineMs = systemClock.monotonicMs() + (this.#fake === undefined ? DEADLINE_MS : 0);
    for (;;) {
      const value = read();
      if (value !== undefined) return value;
      if (systemClock.monotonicMs() >= deadlineMs) return undefined;
      await systemClock.sleep(POLL_MS);
    }
  }

  async close(): Promise<void> {
    for (const channel of this.#channels) await channel.close();
  }

  /** Gives a driver that works in the background time to come up with something. */
  async #lull(subscription: ChannelSubscription<string>): Promise<Delivery<string> | undefined> {
    if (this.#fake === undefined) await systemClock.sleep(SILENCE_MS);
    else await settle();
    return subscription.take();
  }
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
