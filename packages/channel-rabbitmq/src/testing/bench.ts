/** Channels, events and waiting for tests against a real server. */
import type {
  Channel,
  ChannelSubscription,
  Delivery,
  DriverContext,
  SubscribeOptions,
} from '@afflux/channels';
import { type CloudEvent, makeEvent } from '@afflux/events';
import { type Clock, newUuid, seededRandom, systemClock } from '@afflux/kernel';
import { recordingLogger, RecordingMeter } from '@afflux/kernel/testing';
import { rabbitmqDriver } from '../driver.ts';
import { configFor, type RealServer } from './real.ts';

const DEADLINE_MS = 20_000;

/** Time that runs faster than on the wall. */
export function fastClock(factor: number): Clock {
  return {
    now: () => systemClock.now() * factor,
    monotonicMs: () => systemClock.monotonicMs() * factor,
    setTimer: (delayMs, run) => systemClock.setTimer(delayMs / factor, run),
    sleep: (delayMs, signal) => systemClock.sleep(delayMs / factor, signal),
  };
}

export class Bench {
  readonly server: RealServer;
  readonly logger = recordingLogger();
  readonly meter = new RecordingMeter();
  readonly #closing: (() => Promise<unknown>)[] = [];

  constructor(server: RealServer) {
    this.server = server;
  }

  context(config: Record<string, unknown> = {}, clock: Clock = systemClock): DriverContext {
    const name = `own-${newUuid()}`;
    return {
      name,
      namespace: 'own',
      kind: 'Own',
      config: { ...configFor(this.server, name), ...config },
      clock,
      random: seededRandom(1),
      logger: this.logger,
      meter: this.meter,
    };
  }

  /** A started channel, of a driver of its own. */
  async open(context = this.context()): Promise<Channel> {
    const driver = rabbitmqDriver();
    const channel = driver.create(context);
    this.#closing.push(() => channel.close());
    await channel.start();
    return channel;
  }

  async close(): Promise<void> {
    for (const close of this.#closing) await close();
  }
}

let made = 0;

export function event(data = 'x'): CloudEvent {
  made += 1;
  return makeEvent({ id: String(made), source: '/own', type: 'own', data });
}

export const READER: SubscribeOptions<string> = {
  id: 'reader',
  bounds: { eventsMax: 100, bytesMax: 1_000_000 },
  overflow: 'backpressure',
  codec: {
    encode: (progress) => Buffer.from(progress),
    decode: (bytes) => Buffer.from(bytes).toString(),
  },
};

/** Resolves when it is ready. */
export async function subscribe(
  channel: Channel,
  options: Partial<SubscribeOptions<string>> = {},
): Promise<ChannelSubscription<string>> {
  const subscription = channel.subscribe<string>({ ...READER, ...options });
  await subscription.ready;
  return subscription;
}

/** What `read` returns once it is not undefined or false. */
export async function soon<T>(read: () => T | undefined | false | Promise<T | undefined | false>) {
  const endMs = systemClock.monotonicMs() + DEADLINE_MS;
  for (;;) {
    const value = await read();
    if (value !== undefined && value !== false) return value;
    if (systemClock.monotonicMs() > endMs) throw new Error('it did not come in time');
    await systemClock.sleep(5);
  }
}

export function take(subscription: ChannelSubscription<string>): Promise<Delivery<string>> {
  return soon(() => subscription.take());
}

export async function refusal(run: () => unknown): Promise<Error & { code: string }> {
  try {
    await run();
  } catch (error) {
    return error as Error & { code: string };
  }
  throw new Error('it was not refused');
}
