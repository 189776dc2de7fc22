/** The durable channel as a driver: one data directory for all the channels it makes. */
import type { ChannelDriver, DriverContext } from '@afflux/channels';
import { parseConfig } from '@afflux/channels/driver';
import type { Clock, Logger } from '@afflux/kernel';
import { DURABLE_TYPE, durableConfigSchema } from './config.ts';
import { type DataDirectory, openDataDirectory } from './directory.ts';
import { DurableProvision } from './provision.ts';
import { DurableChannel, EVENT_BYTES_MAX } from './durable-channel.ts';

export interface DurableDriverOptions {
  /** Path of the data directory. It is made when the first channel starts, unless it is open already. */
  readonly directory: string | DataDirectory;
  /** Default: the clock of the first channel. */
  readonly clock?: Clock;
  /** Default: the logger of the first channel. */
  readonly logger?: Logger;
}

/**
 * A driver for channels in one data directory. The directory is opened when the first of them starts, and closed by
 * `close()`, after which the driver may be used again.
 */
export function durableDriver(options: DurableDriverOptions): ChannelDriver {
  let directory: DataDirectory | undefined;
  const open = (context: DriverContext): DataDirectory => {
    const { clock = context.clock, logger = context.logger } = options;
    directory ??=
      typeof options.directory === 'string'
        ? openDataDirectory(options.directory, { clock, logger })
        : options.directory;
    return directory;
  };
  return {
    type: DURABLE_TYPE,
    configSchema: durableConfigSchema,
    capabilities: {
      durable: true,
      order: 'total',
      replayable: true,
      competingConsumers: false,
      delayed: true,
      deadLetters: true,
      deduplicates: true,
      maxEventBytes: EVENT_BYTES_MAX,
    },
    create: (context) =>
      new DurableChannel({
        context,
        config: parseConfig(DURABLE_TYPE, durableConfigSchema, context.config),
        openDirectory: () => open(context),
      }),
    provision: (context) => new DurableProvision(context, () => open(context)),
    close: async () => {
      const closing = directory;
      directory = undefined;
      await closing?.close();
    },
  };
}
