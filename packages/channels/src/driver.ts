/**
 * Drivers as data: a type, a schema for its configuration, what it can do, and how to make a channel. They
 * are registered explicitly by whoever composes the process; importing a driver registers nothing.
 */
import { strict as assert } from 'node:assert';
import type { Clock, Logger, Meter, Random } from '@afflux/kernel';
import type { z } from 'zod';
import type { Channel } from './channel.ts';
import { configInvalid, driverUnknown } from './errors.ts';

/** What a driver promises beyond the rules that hold for all. Ask these, never for the driver's type. */
export interface Capabilities {
  /** What was accepted survives the process. */
  readonly durable: boolean;
  /**
   * `take` hands out due events in the order in which they were accepted: one total order per channel, or
   * per key where the back-end has only that.
   */
  readonly ordered: boolean;
  /** Subscriptions may begin before now (`from`). */
  readonly replayable: boolean;
  /** Several processes may subscribe with the same id and share its events. */
  readonly competingConsumers: boolean;
  /**
   * An event that waits for its retry holds nothing up, however long. Without it the wait is honoured, but
   * may hold up what the back-end keeps behind it.
   */
  readonly delayed: boolean;
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
}

export interface ChannelDriver {
  /** Lower case, unique in a registry: `memory`. */
  readonly type: string;
  readonly configSchema: z.ZodType;
  readonly capabilities: Capabilities;
  /** Does no I/O. Throws `AFFLUX_CHANNEL_CONFIG_INVALID` with every problem at its path. */
  create(context: DriverContext): Channel;
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
