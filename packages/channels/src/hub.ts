/**
 * Named channels of a process, counted by their users. Features that never call each other meet here: the
 * reconciler that makes a channel, the ingress that publishes to it and the dispatcher that subscribes all
 * acquire it by reference, and the last one to let go closes it.
 */
import { strict as assert } from 'node:assert';
import { BaseComponent } from '@afflux/kernel';
import type { Channel, ChannelDescription } from './channel.ts';
import type { Capabilities } from './driver.ts';

export interface ChannelRef {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

export interface ChannelLease {
  readonly channel: Channel;
  /** What the channel can do. */
  readonly capabilities: Capabilities;
  /**
   * Resolves when the channel is started; rejects when it cannot be, after which this lease is of no use and
   * the next `acquire` makes a new channel. A rejection that nobody looks at is not an unhandled one.
   */
  readonly ready: Promise<void>;
  /** Idempotent. Resolves when the channel is closed, if this was the last lease, else at once. */
  release(): Promise<void>;
}

interface Entry {
  readonly ref: ChannelRef;
  readonly channel: Channel;
  readonly capabilities: Capabilities;
  readonly ready: Promise<void>;
  leases: number;
}

export class ChannelHub extends BaseComponent {
  readonly name = 'channels';
  readonly #entries = new Map<string, Entry>();
  /** Channels that are still closing, so that a successor does not open the same storage beside them. */
  readonly #closing = new Map<string, Promise<void>>();

  /**
   * The channel of this reference, made and started by the first caller. Whether it was made by this call or
   * is shared does not show. `capabilities` are those of the driver that makes it. After `close` it is a
   * programmer error.
   */
  acquire(ref: ChannelRef, make: () => Channel, capabilities: Capabilities): ChannelLease {
    assert(this.state !== 'closed', 'acquire on a closed hub');
    const key = keyOf(ref);
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = this.#make(key, { ref, channel: make(), capabilities });
      this.#entries.set(key, entry);
    }
    entry.leases += 1;
    return this.#lease(key, entry);
  }

  /** The channel of this reference while somebody holds a lease of it. */
  get(ref: ChannelRef): Channel | undefined {
    return this.#entries.get(keyOf(ref))?.channel;
  }

  describe(): readonly (ChannelDescription & { readonly ref: ChannelRef })[] {
    return [...this.#entries.values()].map(({ ref, channel }) => ({ ...channel.describe(), ref }));
  }

  /** True once nothing is left in any channel that closing would lose; false when the signal aborts first. */
  async settled(options?: { readonly signal?: AbortSignal }): Promise<boolean> {
    for (;;) {
      await Promise.all(this.#open().map((channel) => channel.settled(options)));
      if (options?.signal?.aborted === true) return false;
      // What left one channel may have entered another that had settled already.
      if (this.#open().every((channel) => channel.describe().unsettled === 0)) return true;
    }
  }

  /**
   * Resolves when the channels that outlive the process have written down what they were told until now, new
   * subscriptions included. Channels in trouble are not waited for.
   */
  async recorded(options?: { readonly signal?: AbortSignal }): Promise<void> {
    const durable = [...this.#entries.values()]
      .filter(({ capabilities, channel }) => {
        const isRunning = channel.state === 'running' && channel.describe().trouble === undefined;
        return capabilities.durable && isRunning;
      })
      .map(({ channel }) => channel);
    await Promise.all(durable.map((channel) => channel.settled(options)));
  }

  #open(): readonly Channel[] {
    const channels = [...this.#entries.values()].map(({ channel }) => channel);
    return channels.filter(({ state }) => state !== 'closed');
  }

  #make(key: string, made: Pick<Entry, 'ref' | 'channel' | 'capabilities'>): Entry {
    const start = (): Promise<void> => made.channel.start();
    const predecessor = this.#closing.get(key);
    const ready = predecessor === undefined ? start() : predecessor.then(start, start);
    const entry: Entry = { ...made, ready, leases: 0 };
    ready.catch(() => {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
    });
    return entry;
  }

  #lease(key: string, entry: Entry): ChannelLease {
    let released: Promise<void> | undefined;
    return {
      channel: entry.channel,
      capabilities: entry.capabilities,
      ready: entry.ready,
      release: () => (released ??= this.#release(key, entry)),
    };
  }

  #release(key: string, entry: Entry): Promise<void> {
    entry.leases -= 1;
    if (entry.leases > 0) return Promise.resolve();
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
    const closing = this.#close(entry.channel, this.#closing.get(key)).finally(() => {
      if (this.#closing.get(key) === closing) this.#closing.delete(key);
    });
    this.#closing.set(key, closing);
    return closing;
  }

  /** Closed when its predecessor is too: whoever comes next waits for both. */
  async #close(channel: Channel, predecessor: Promise<void> | undefined): Promise<void> {
    await Promise.all([predecessor, channel.close()]);
  }

  protected override async onDrain(signal: AbortSignal): Promise<void> {
    await Promise.all([...this.#entries.values()].map(({ channel }) => channel.drain(signal)));
  }

  protected override async onClose(): Promise<void> {
    const channels = [...this.#entries.values()].map(({ channel }) => channel.close());
    await Promise.all([...channels, ...this.#closing.values()]);
  }
}

function keyOf({ kind, namespace, name }: ChannelRef): string {
  return `${kind}/${namespace}/${name}`;
}
