/**
 * Opens channels by reference: what carries each (driver and configuration) is worked out from the objects in
 * the store at the moment it is opened, and again whenever an object changes that it may depend on. A changed
 * configuration (credentials, retention) is handed to the open channel, which takes it over without losing
 * anything in flight; nothing is restarted.
 *
 * Another driver for a channel that is open cannot be taken over: its events are elsewhere. That is logged, and
 * the channel stays what it is until its object is made anew.
 */
import type {
  Channel,
  ChannelBacking,
  ChannelHub,
  ChannelLease,
  ChannelRef,
  DriverContext,
  Provision,
} from '@afflux/channels';
import { sameJson } from '@afflux/control';
import { BaseComponent, type Logger } from '@afflux/kernel';
import { channelKey } from '../backlogs/directory.ts';
import type { Drivers } from './drivers.ts';
import { LazyProvision } from './lazy-provision.ts';

export interface OpenChannelsOptions {
  readonly hub: ChannelHub;
  readonly drivers: Pick<Drivers, 'get' | 'provision'>;
  /** What carries a channel, by the objects of this moment. Throws when they do not say. */
  readonly backingOf: (ref: ChannelRef) => ChannelBacking;
  /** Calls back after each change of an object that backings are made of; returns how to stop it. */
  readonly follow: (onChange: () => void) => () => void;
  /** What every channel of the process is made with. */
  readonly context: Omit<DriverContext, 'name' | 'namespace' | 'kind' | 'config'>;
  readonly logger: Logger;
}

interface Opened {
  readonly ref: ChannelRef;
  readonly channel: Channel;
  backing: ChannelBacking;
  /** What was last found wrong, so that it is logged once. */
  trouble: string | undefined;
}

export class OpenChannels extends BaseComponent {
  readonly name = 'open channels';
  readonly #options: OpenChannelsOptions;
  readonly #opened = new Map<string, Opened>();
  #isScheduled = false;
  #unfollow = (): void => undefined;

  constructor(options: OpenChannelsOptions) {
    super();
    this.#options = options;
  }

  /**
   * The channel of a reference, shared with whoever else holds it. Throws when its objects do not say what
   * carries it, or the driver refuses the configuration.
   */
  open = (ref: ChannelRef): ChannelLease => {
    const { hub, drivers } = this.#options;
    const backing = this.#backingInUse(ref) ?? this.#options.backingOf(ref);
    const driver = drivers.get(backing.type);
    const make = (): Channel => {
      const channel = driver.create(this.#contextOf(ref, backing));
      this.#opened.set(channelKey(ref), { ref, channel, backing, trouble: undefined });
      return channel;
    };
    return hub.acquire(ref, make, driver.capabilities);
  };

  /**
   * Administration of what is behind a channel; undefined where a channel needs nothing but itself. While its
   * objects do not say what carries it, every call rejects with what is missing.
   */
  provision = (ref: ChannelRef): Provision | undefined => {
    let backing: ChannelBacking;
    try {
      backing = this.#options.backingOf(ref);
    } catch {
      // Looked up again with each call: that says what is missing, or no longer.
      return new LazyProvision(() => Promise.resolve().then(() => this.#provisionNow(ref)));
    }
    return this.provisionOf(backing, ref);
  };

  /** By the objects of this moment. Throws when they do not say what carries the channel. */
  #provisionNow(ref: ChannelRef): Provision | undefined {
    return this.provisionOf(this.#options.backingOf(ref), ref);
  }

  /** The same for what somebody has found out already. Throws where there is no such driver. */
  provisionOf = (backing: ChannelBacking, ref: ChannelRef): Provision | undefined =>
    this.#options.drivers.provision(backing.type, this.#contextOf(ref, backing));

  protected override onStart(): Promise<void> {
    this.#unfollow = this.#options.follow(() => {
      this.#schedule();
    });
    return Promise.resolve();
  }

  protected override onClose(): Promise<void> {
    this.#unfollow();
    this.#opened.clear();
    return Promise.resolve();
  }

  /** Of a channel that somebody holds, whatever its objects say by now. */
  #backingInUse(ref: ChannelRef): ChannelBacking | undefined {
    const opened = this.#opened.get(channelKey(ref));
    const isHeld = opened !== undefined && this.#options.hub.get(ref) === opened.channel;
    return isHeld ? opened.backing : undefined;
  }

  #contextOf(ref: ChannelRef, { config }: ChannelBacking): DriverContext {
    return { ...this.#options.context, ...ref, config };
  }

  /** Once for all changes of a turn. */
  #schedule(): void {
    if (this.#isScheduled || this.#opened.size === 0) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (this.state === 'running') this.#refresh();
    });
  }

  #refresh(): void {
    for (const [key, opened] of this.#opened) {
      if (this.#options.hub.get(opened.ref) !== opened.channel) {
        this.#opened.delete(key);
        continue;
      }
      const trouble = this.#takeOver(opened);
      if (trouble !== undefined && trouble !== opened.trouble) {
        this.#options.logger.warn(
          { ...opened.ref, reason: trouble },
          'changed configuration of a channel is not in use',
        );
      }
      opened.trouble = trouble;
    }
  }

  /** Why the channel goes on with what it had; undefined when it has what its objects say. */
  #takeOver(opened: Opened): string | undefined {
    const { ref, channel } = opened;
    let backing: ChannelBacking;
    try {
      backing = this.#options.backingOf(ref);
    } catch (error) {
      return messageOf(error);
    }
    if (sameBacking(backing, opened.backing)) return undefined;
    if (backing.type !== opened.backing.type) {
      return `its events are with ${opened.backing.type}: make the object anew to move to ${backing.type}`;
    }
    if (channel.reconfigure === undefined) return 'this channel cannot change while it is open';
    try {
      channel.reconfigure(backing.config);
    } catch (error) {
      return messageOf(error);
    }
    opened.backing = backing;
    this.#options.logger.info({ ...ref }, 'channel took over a changed configuration');
    return undefined;
  }
}

function sameBacking(left: ChannelBacking, right: ChannelBacking): boolean {
  return left.type === right.type && sameJson(left.config, right.config);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
