/**
 * What happens to a channel's part of the data directory when the channel itself is deleted. There is nothing to make:
 * a channel and its subscriptions come into being when they are first opened.
 */
import { ChannelUnavailable, type DriverContext, type Provision } from '@afflux/channels';
import type { ChannelDirectory } from './channel-directory.ts';
import { channelKeyOf } from './open-channel.ts';
import { forgetChannel, sweepRemoved } from './removed-channels.ts';

export class DurableProvision implements Provision {
  readonly #context: DriverContext;
  readonly #openDirectory: () => ChannelDirectory;

  constructor(context: DriverContext, openDirectory: () => ChannelDirectory) {
    this.#context = context;
    this.#openDirectory = openDirectory;
  }

  ensure(): Promise<Readonly<Record<string, string>>> {
    return Promise.resolve({});
  }

  ensureSubscription(): Promise<void> {
    return Promise.resolve();
  }

  /** Whoever has the channel open drops it; of a channel that is removed everything goes. */
  removeSubscription(): Promise<void> {
    return Promise.resolve();
  }

  /** Resolves when the channel is forgotten; what it held goes in the background. */
  async remove(): Promise<void> {
    const directory = this.#openDirectory();
    const { trouble } = directory.writer;
    if (trouble !== undefined) throw new ChannelUnavailable(trouble.message);
    if (!(await forgetChannel(directory, channelKeyOf(this.#context)))) {
      throw new ChannelUnavailable('the data directory cannot be written');
    }
    const { logger } = this.#context;
    void sweepRemoved(directory, () => directory.isUsable).catch((error: unknown) => {
      logger.error({ err: error }, 'what a removed channel held is still there');
    });
  }
}
