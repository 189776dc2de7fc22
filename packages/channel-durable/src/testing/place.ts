/** What the tests of the durable channel work with: a directory of their own, channels in it, a clock to move. */
import type { Channel, ChannelDriver, DriverContext, SubscribeOptions } from '@afflux/channels';
import { type CloudEvent, makeEvent } from '@afflux/events';
import { type OnStep, seededRandom } from '@afflux/kernel';
import { FakeClock, recordingLogger, RecordingMeter, settle } from '@afflux/kernel/testing';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { durableDriver } from '../driver.ts';

const BOUNDS = { eventsMax: 1_000, bytesMax: 2 ** 25 };

const textCodec = {
  encode: (progress: string) => Buffer.from(progress),
  decode: (bytes: Uint8Array) => Buffer.from(bytes).toString(),
};

export interface PlaceOptions {
  readonly directory?: string;
  readonly config?: unknown;
  readonly onStep?: OnStep;
}

export class Place {
  readonly directory: string;
  readonly clock = new FakeClock();
  readonly logger = recordingLogger();
  readonly meter = new RecordingMeter();
  readonly #options: PlaceOptions;
  #driver: ChannelDriver;
  #channels: Channel[] = [];
  #made = 0;

  constructor(options: PlaceOptions = {}) {
    this.#options = options;
    this.directory = options.directory ?? mkdtempSync(join(tmpdir(), 'afflux-durable-'));
    this.#driver = durableDriver({ directory: this.directory });
  }

  async open(name = 'orders'): Promise<Channel> {
    const channel = this.#driver.create(this.#contextOf(name));
    this.#channels.push(channel);
    await channel.start();
    return channel;
  }

  /** As when the object that stands for the channel was deleted. */
  async remove(name = 'orders'): Promise<void> {
    await this.#driver.provision?.(this.#contextOf(name)).remove();
  }

  #contextOf(name: string): DriverContext {
    return {
      name,
      config: this.#options.config ?? {},
      clock: this.clock,
      random: seededRandom(1),
      logger: this.logger,
      meter: this.meter,
      ...(this.#options.onStep === undefined ? {} : { onStep: this.#options.onStep }),
    };
  }

  /** Closes everything and opens the channel again, as a new process would. */
  async restart(name = 'orders'): Promise<Channel> {
    await this.close();
    return await this.open(name);
  }

  /** The directory stays. */
  async close(): Promise<void> {
    for (const channel of this.#channels) await channel.close();
    this.#channels = [];
    await this.#driver.close?.();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  event(data: string | Buffer = 'data', id = `e${String((this.#made += 1))}`): CloudEvent {
    return makeEvent({ id, source: '/place', type: 'place', data });
  }

  async subscribe(channel: Channel, id: string, options: Partial<SubscribeOptions<string>> = {}) {
    const subscription = channel.subscribe({
      id,
      bounds: BOUNDS,
      overflow: 'backpressure',
      codec: textCodec,
      ...options,
    });
    await subscription.ready;
    return subscription;
  }

  /** Waits, in real time, until it is true. */
  async until(isTrue: () => boolean): Promise<void> {
    for (let turn = 0; turn < 200_000; turn += 1) {
      if (isTrue()) return;
      await settle();
    }
    throw new Error('it did not become true');
  }

  /** Takes and acknowledges what is due, until there are so many; their ids. */
  async drain(
    subscription: Awaited<ReturnType<Place['subscribe']>>,
    count: number,
  ): Promise<string[]> {
    const ids: string[] = [];
    await this.until(() => {
      for (let next = subscription.take(); next !== undefined; next = subscription.take()) {
        ids.push(next.event.id);
        next.ack();
      }
      return ids.length >= count;
    });
    return ids;
  }
}
