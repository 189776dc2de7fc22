/** A reader's handle on a backlog. Once closed it is inert; the backlog lives on under a new handle. */
import type {
  ChannelSubscription,
  Delivery,
  SubscriptionClosed,
  SubscriptionDescription,
} from '@afflux/channels';
import type { Backlog } from './backlog.ts';

const NOTHING: SubscriptionClosed = { kept: 0, dropped: 0 };

/** The channel's part in a subscription. */
export interface SubscriptionHost {
  /** False while the channel drains and once it is closed: nothing is handed out. */
  readonly handsOut: boolean;
  /** The backlog of an id, as soon as the channel is started. */
  backlogOf(id: string): Backlog | undefined;
  detach(id: string, drop: boolean): SubscriptionClosed;
  describeIdle(id: string): SubscriptionDescription;
}

export class DurableSubscription implements ChannelSubscription<unknown> {
  readonly id: string;
  readonly ready: Promise<void>;
  readonly #host: SubscriptionHost;
  #isClosed = false;
  #callback: (() => void) | undefined;

  constructor(id: string, host: SubscriptionHost, ready: Promise<void>) {
    this.id = id;
    this.#host = host;
    this.ready = ready;
  }

  take(): Delivery<unknown> | undefined {
    if (this.#isClosed || !this.#host.handsOut) return undefined;
    return this.#host.backlogOf(this.id)?.take();
  }

  onReadable(callback: () => void): void {
    if (this.#isClosed) return;
    this.#callback = callback;
    this.bind();
  }

  /** @internal Gives the callback to the backlog, once there is one. */
  bind(): void {
    const backlog = this.#host.backlogOf(this.id);
    if (backlog !== undefined && this.#callback !== undefined) {
      backlog.onReadableCallback = this.#callback;
    }
  }

  close(options?: { readonly drop?: boolean }): SubscriptionClosed {
    if (this.#isClosed) return NOTHING;
    this.#isClosed = true;
    return this.#host.detach(this.id, options?.drop ?? false);
  }

  describe(): SubscriptionDescription {
    const backlog = this.#host.backlogOf(this.id);
    return backlog === undefined ? this.#host.describeIdle(this.id) : backlog.describe();
  }
}
