/** A reader's claim on a backlog: what `subscribe` returns, and what closing it ends. */
import type {
  ChannelSubscription,
  Delivery,
  SubscriptionClosed,
  SubscriptionDescription,
} from '@afflux/channels';
import type { Backlog } from './backlog.ts';

export interface ClaimHost {
  detach(backlog: Backlog, drop: boolean): void;
}

export class Claim<P> implements ChannelSubscription<P> {
  readonly id: string;
  readonly ready: Promise<void>;
  readonly #backlog: Backlog;
  readonly #host: ClaimHost;
  #isOpen = true;

  constructor(backlog: Backlog, ready: Promise<void>, host: ClaimHost) {
    this.id = backlog.id;
    this.ready = ready;
    this.#backlog = backlog;
    this.#host = host;
  }

  take(): Delivery<P> | undefined {
    return this.#isOpen ? this.#backlog.take<P>() : undefined;
  }

  onReadable(callback: () => void): void {
    if (this.#isOpen) this.#backlog.onReadable = callback;
  }

  close(options?: { readonly drop?: boolean }): SubscriptionClosed {
    if (!this.#isOpen) return { kept: 0, dropped: 0 };
    this.#isOpen = false;
    const { depth } = this.#backlog;
    const drop = options?.drop === true;
    this.#host.detach(this.#backlog, drop);
    return drop ? { kept: 0, dropped: depth } : { kept: depth, dropped: 0 };
  }

  describe(): SubscriptionDescription {
    return this.#backlog.describe();
  }
}
