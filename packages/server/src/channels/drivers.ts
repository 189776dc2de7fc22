/**
 * The drivers of a process. The memory channel is always there; every other driver, with the client library behind
 * it, is loaded when it is first needed, because loading all of them would take longer than all the rest of a
 * start (see the ADR).
 *
 * - *durable* is loaded with the start of the process when there is a data directory.
 * - Others are loaded by whoever makes something in their back-end (`provision`), which is before anybody may open
 *   a channel there. Opening one too early says so, and is tried again as every failure to open is.
 */
import {
  backendRefused,
  type ChannelDriver,
  ChannelUnavailable,
  type DriverContext,
  MemoryBudget,
  memoryDriver,
  type Provision,
} from '@afflux/channels';
import type { DataDirectory } from '@afflux/data-directory';
import { BaseComponent, type Clock, type Logger } from '@afflux/kernel';
import type { Config } from '../config.ts';
import { LazyProvision } from './lazy-provision.ts';

/** How soon a channel may be opened whose driver is being loaded. */
const LOADING_MS = 100;

export interface DriversOptions {
  readonly config: Pick<Config, 'channel' | 'memory'>;
  /** The data directory, open; undefined where there is none. Asked at the start. */
  readonly directory: () => DataDirectory | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

type Load = () => Promise<ChannelDriver>;

/** Drivers with a back-end to be administered. */
const BACK_END_DRIVERS: Readonly<Record<string, Load>> = {
  kafka: async () => (await import('@afflux/channel-kafka')).kafkaDriver(),
  rabbitmq: async () => (await import('@afflux/channel-rabbitmq')).rabbitmqDriver(),
};

export class Drivers extends BaseComponent {
  readonly name = 'channel drivers';
  readonly #options: DriversOptions;
  readonly #loaded = new Map<string, ChannelDriver>();
  readonly #loading = new Map<string, Promise<ChannelDriver>>();

  constructor(options: DriversOptions) {
    super();
    this.#options = options;
    const { budget } = options.config.memory;
    const memory = memoryDriver({ budget: new MemoryBudget({ bytesMax: budget }) });
    this.#loaded.set(memory.type, memory);
  }

  /**
   * The driver of a type. Throws `AFFLUX_CHANNEL_UNAVAILABLE` while it is being loaded, which this call begins, and
   * `AFFLUX_CHANNEL_BACKEND_REFUSED` where this process can have no such driver.
   */
  get(type: string): ChannelDriver {
    const driver = this.#loaded.get(type);
    if (driver !== undefined) return driver;
    // Whoever tries again meets the failure to load, too.
    this.#load(type).catch(() => undefined);
    throw new ChannelUnavailable(`the driver for ${type} is being loaded`, {
      retryAfterMs: LOADING_MS,
    });
  }

  /** Administration of a channel's back-end; undefined where its driver has none. Throws like {@link get}. */
  provision(type: string, context: DriverContext): Provision | undefined {
    const loaded = this.#loaded.get(type);
    if (loaded !== undefined) return loaded.provision?.(context);
    const loading = this.#load(type);
    loading.catch(() => undefined);
    return new LazyProvision(async () => (await loading).provision?.(context));
  }

  protected override async onStart(): Promise<void> {
    const { config, clock, logger } = this.#options;
    // What most channels will want need not wait for the first of them.
    const { type } = config.channel;
    if (type !== undefined && Object.hasOwn(BACK_END_DRIVERS, type)) await this.#load(type);
    const directory = this.#options.directory();
    if (directory === undefined) return;
    const { durableDriver } = await import('@afflux/channel-durable');
    const driver = durableDriver({ directory, clock, logger });
    this.#loaded.set(driver.type, driver);
  }

  protected override async onClose(): Promise<void> {
    await Promise.allSettled(this.#loading.values());
    await Promise.all(
      [...this.#loaded.values()].map(async (driver) => {
        await driver.close?.();
      }),
    );
  }

  #load(type: string): Promise<ChannelDriver> {
    const load = Object.hasOwn(BACK_END_DRIVERS, type) ? BACK_END_DRIVERS[type] : undefined;
    if (load === undefined) throw refusal(type);
    let loading = this.#loading.get(type);
    if (loading === undefined) {
      loading = this.#loadOnce(type, load);
      this.#loading.set(type, loading);
    }
    return loading;
  }

  async #loadOnce(type: string, load: Load): Promise<ChannelDriver> {
    try {
      const driver = await load();
      this.#loaded.set(type, driver);
      return driver;
    } catch (error) {
      this.#loading.delete(type);
      const [reason] = (error instanceof Error ? error.message : String(error)).split('\n');
      throw backendRefused(`the driver for ${type} cannot be loaded: ${reason ?? ''}`, error);
    }
  }
}

function refusal(type: string): Error {
  return backendRefused(
    type === 'durable'
      ? 'durable channels need a data directory: start Afflux with --data-dir DIR (dataDir in afflux.yaml)'
      : `this process has no driver for ${type}`,
  );
}
