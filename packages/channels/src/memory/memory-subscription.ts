/** A reader's handle on a backlog. Once closed it is inert; the backlog may live on under a new handle. */
import type {
  ChannelSubscription,
  Delivery,
  SubscriptionClosed,
  SubscriptionDescription,
} from '../channel.ts';
import type { Backlog } from './backlog.ts';

const NOTHING: SubscriptionClosed = { kept: 0, dropped: 0 };

/** The channel's part in closing a subscription. */
export interface SubscriptionHost {
  /** False while the channel drains and once it is closed: nothing is handed out. */
  readonly handsOut: boolean;
  detach(backlog: Backlog, drop: boolean): SubscriptionClosed;
}

export class MemorySubscription implements ChannelSubscription<unknown> {
  readonly id: string;
  readonly backlog: Backlog;
  readonly #host: SubscriptionHost;
  #isClosed = false;

  constructor(backlog: Backlog, host: SubscriptionHost) {
    this.id = backlog.id;
    this.backlog = backlog;
    this.#host = host;
  }

  take(): Delivery<unknown> | undefined {
    return this.#isClosed || !this.#host.handsOut ? undefined : this.backlog.main.take();
  }

  takeOverflow(): Delivery<unknown> | undefined {
    return this.#isClosed || !this.#host.handsOut ? undefined : this.backlog.overflow.take();
  }

  onReadable(callback: () => void): void {
    if (!this.#isClosed) this.backlog.onReadableCallback = callback;
  }

  close(options?: { readonly drop?: boolean }): SubscriptionClosed {
    if (this.#isClosed) return NOTHING;
    this.#isClosed = true;
    return this.#host.detach(this.backlog, options?.drop ?? false);
  }

  describe(): SubscriptionDescription {
    return this.backlog.describe();
  }
}
