/**
 * Drivers as data: a type, a schema for its configuration, what it can do, and how to make a channel. They
 * are registered explicitly by whoever composes the process; importing a driver registers nothing.
 */
import { strict as assert } from 'node:assert';
import type { Clock, Logger, Meter, OnStep, Random } from '@afflux/kernel';
import type { z } from 'zod';
import type { Channel, SubscribeOptions } from './channel.ts';
import { configInvalid, driverUnknown } from './errors.ts';

/** What a driver promises beyond the rules that hold for all. Ask these, never for the driver's type. */
export interface Capabilities {
  /** What was accepted survives the process. */
  readonly durable: boolean;
  /**
   * `take` hands out due events in the order in which they were accepted: `total` in the channel, or only among
   * those with one `partitionkey` (`key`).
   */
  readonly order: 'total' | 'key' | 'none';
  /** Subscriptions may begin before now (`from`), and `read` tells what the channel keeps. */
  readonly replayable: boolean;
  /** Several processes may subscribe with the same id and share its events. */
  readonly competingConsumers: boolean;
  /**
   * An event that waits for its retry holds nothing up, however long. Without it the wait is honoured, but
   * may hold up what the back-end keeps behind it.
   */
  readonly delayed: boolean;
  /** Keeps dead letters: `Delivery.deadLetter` and `Channel.deadLetters` are there. */
  readonly deadLetters: boolean;
  /** `PublishOptions.deduplicateMs` holds exactly, also over restarts and for all processes. */
  readonly deduplicates: boolean;
  /** Bound on `sizeBytes` of one event, where the back-end has one. */
  readonly maxEventBytes?: number;
}

export interface DriverContext {
  /** Unique in its kind and namespace; label and log field `name`. */
  readonly name: string;
  /** Whose memory and disk it counts for; label and log field `namespace`. Default: none. */
  readonly namespace?: string;
  /** What the channel belongs to, `Broker` or a kind of channel; label and log field. Default `Channel`. */
  readonly kind?: string;
  /** Not yet validated; {@link parseConfig} does that within `create`. */
  readonly config: unknown;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly meter: Meter;
  /** Told when a step of durability is reached. For tests that stop the process there. */
  readonly onStep?: OnStep;
}

/**
 * What must exist in a back-end (topics, exchanges, queues, positions) before a channel can be used, as one
 * channel's administration. Used by control planes, possibly in another process than the channel. Every call is
 * idempotent and bounded in time, and rejects with
 *
 * - `AFFLUX_CHANNEL_UNAVAILABLE`: the back-end cannot be reached now,
 * - `AFFLUX_CHANNEL_BACKEND_REFUSED`: wrong credentials, no permission, vhost missing, …: a person must act,
 * - `AFFLUX_CHANNEL_TOPOLOGY_INVALID`: what is there does not fit (too few partitions, other arguments).
 */
export interface Provision {
  /** Makes what is missing and checks what is there. Resolves with facts for the status (`topic`, …). */
  ensure(options?: { readonly signal?: AbortSignal }): Promise<Readonly<Record<string, string>>>;
  /** From when this resolves, nothing that is published misses the subscription. */
  ensureSubscription(
    subscription: Pick<SubscribeOptions<unknown>, 'id' | 'from' | 'storageName'>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<void>;
  /** Removes the subscription with its backlog. */
  removeSubscription(
    subscription: Pick<SubscribeOptions<unknown>, 'id' | 'storageName'>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<void>;
  /** Removes what `ensure` made, with everything in it; what others made stays. */
  remove(options?: { readonly signal?: AbortSignal }): Promise<void>;
}

export interface ChannelDriver {
  /** Lower case, unique in a registry: `memory`. */
  readonly type: string;
  readonly configSchema: z.ZodType;
  readonly capabilities: Capabilities;
  /** Does no I/O. Throws `AFFLUX_CHANNEL_CONFIG_INVALID` with every problem at its path. */
  create(context: DriverContext): Channel;
  /** Absent: a channel needs nothing but itself. Does no I/O. Throws like `create`. */
  provision?(context: DriverContext): Provision;
  /** Ends what all channels of the driver share (connections, files), after the last of them is closed. */
  close?(): Promise<void>;
}

/** What carries a channel: a driver by its type, and its configuration. */
export interface ChannelBacking {
  readonly type: string;
  /** As the driver's schema wants it; may hold secrets, so it never goes into a status or a log. */
  readonly config: unknown;
}

/** The drivers of a process by type. */
export class DriverRegistry {
  readonly #drivers = new Map<string, ChannelDriver>();

  constructor(drivers: readonly ChannelDriver[] = []) {
    for (const driver of drivers) this.register(driver);
  }

  /** Two drivers of one type are a programmer error. */
  register(driver: ChannelDriver): void {
    assert(!this.#drivers.has(driver.type), `driver ${driver.type} is registered twice`);
    this.#drivers.set(driver.type, driver);
  }

  /** Throws `AFFLUX_CHANNEL_DRIVER_UNKNOWN`, which names the types there are. */
  get(type: string): ChannelDriver {
    const driver = this.#drivers.get(type);
    if (driver === undefined) throw driverUnknown(type, this.types());
    return driver;
  }

  has(type: string): boolean {
    return this.#drivers.has(type);
  }

  /** In alphabetical order. */
  types(): readonly string[] {
    return [...this.#drivers.keys()].sort();
  }
}

/** Validates a driver's configuration. Throws `AFFLUX_CHANNEL_CONFIG_INVALID` listing every problem. */
export function parseConfig<S extends z.ZodType>(
  type: string,
  schema: S,
  config: unknown,
): z.output<S> {
  const result = schema.safeParse(config ?? {});
  if (result.success) return result.data;
  throw configInvalid(
    type,
    result.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message })),
  );
}
