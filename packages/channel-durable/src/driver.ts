/** The durable channel as a driver: one data directory for all the channels it makes. */
import type { ChannelDriver, DriverContext } from '@afflux/channels';
import { parseConfig } from '@afflux/channels/driver';
import { type DataDirectory, openDataDirectory } from '@afflux/data-directory';
import type { Clock, Logger } from '@afflux/kernel';
import { type ChannelDirectory, channelDirectory } from './channel-directory.ts';
import { DURABLE_TYPE, durableConfigSchema } from './config.ts';
import { DurableProvision } from './provision.ts';
import { DurableChannel, EVENT_BYTES_MAX } from './durable-channel.ts';

export interface DurableDriverOptions {
  /**
   * The data directory: its path, and it is opened (made, when it is not there) when the first channel starts; or one
   * that is open, which stays so when the driver is closed.
   */
  readonly directory: string | DataDirectory;
  /** Default: the clock of the first channel. */
  readonly clock?: Clock;
  /** Default: the logger of the first channel. */
  readonly logger?: Logger;
}

/**
 * A driver for channels in one data directory. After `close()`, when all of its channels are closed, it may be used
 * again.
 */
export function durableDriver(options: DurableDriverOptions): ChannelDriver {
  /** One that this driver opened. */
  let opened: DataDirectory | undefined;
  const open = (context: DriverContext): ChannelDirectory => {
    const { directory, clock = context.clock, logger = context.logger } = options;
    if (typeof directory !== 'string') return channelDirectory(directory);
    opened ??= openDataDirectory(directory, { clock, logger });
    return channelDirectory(opened);
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
      const closing = opened;
      opened = undefined;
      await closing?.close();
    },
  };
}
